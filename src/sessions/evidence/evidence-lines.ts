/** One thing that is known, as one line: `["<crc32 of the rest>",<kind>,<data>]`. Whole and right, or not there. */
import { crc32 } from 'node:zlib';
import type { Act, SessionFacts } from '../act.ts';

/** How far a transcript was read. */
export interface KeptMark {
  readonly root: string;
  readonly transcript: string;
  /** What the scanner wants to find again; plain JSON. */
  readonly mark: unknown;
}

export interface KeptSession {
  readonly root: string;
  readonly facts: SessionFacts;
}

export type Known =
  | { readonly kind: 'mark'; readonly data: KeptMark }
  | { readonly kind: 'session'; readonly data: KeptSession }
  | { readonly kind: 'act'; readonly data: Act };

export type KnownKind = Known['kind'];

/** `["`, 8 hex, `",` */
const headLength = 12;

export function encodeLine({ kind, data }: Known): string {
  const rest = `"${kind}",${JSON.stringify(data)}]`;
  return `["${crc32(rest).toString(16).padStart(8, '0')}",${rest}\n`;
}

export interface Line {
  readonly kind: KnownKind;
  /** The line's JSON, in UTF-8: most lines are never asked for. */
  readonly bytes: Buffer;
}

export interface Lines {
  readonly lines: readonly Line[];
  /** Bytes up to the end of the last line that has one. */
  readonly end: number;
  /** Lines that are none of ours, or were cut or changed. */
  readonly damaged: number;
}

const kindOf = new Map<number, KnownKind>([
  ['m'.charCodeAt(0), 'mark'],
  ['s'.charCodeAt(0), 'session'],
  ['a'.charCodeAt(0), 'act'],
]);

/** Every whole line; what is behind the last line end may still be on its way. */
export function decodeLines(bytes: Buffer): Lines {
  const lines: Line[] = [];
  let damaged = 0;
  let at = 0;
  for (let end = bytes.indexOf(10); end !== -1; at = end + 1, end = bytes.indexOf(10, at)) {
    if (end === at) continue;
    const kind = kindOf.get(bytes[at + headLength + 1] ?? 0);
    const rest = bytes.subarray(at + headLength, end);
    const sum = Number.parseInt(bytes.toString('latin1', at + 2, at + 10), 16);
    if (kind === undefined || bytes[at] !== 0x5b || sum !== crc32(rest)) damaged++;
    else lines.push({ kind, bytes: bytes.subarray(at, end) });
  }
  return { lines, end: at, damaged };
}

/** What a line says; null for what only somebody else's store can have: its checksum was right, and it is none of ours. */
export function knownOf({ kind, bytes }: Line): Known | null {
  let data: unknown;
  try {
    data = (JSON.parse(bytes.toString('utf8')) as readonly unknown[])[2];
  } catch {
    return null;
  }
  if (kind === 'act') return isAct(data) ? { kind, data } : null;
  if (kind === 'session') return isSession(data) ? { kind, data } : null;
  return isMark(data) ? { kind, data } : null;
}

function isAct(data: unknown): data is Act {
  if (!isObject(data)) return false;
  const { before, after, lines } = data;
  return (
    areTexts(data, ['session', 'id', 'kind', 'tool', 'root', 'path', 'transcript']) &&
    areNumbers(data, ['asked', 'at', 'offset']) &&
    isBelow(data.transcript as string) &&
    (data.agent === null || typeof data.agent === 'string') &&
    [before, after].every(content => content === null || (isObject(content) && areTexts(content, ['blob', 'tier']))) &&
    (lines === undefined || (Array.isArray(lines) && lines.every(line => typeof line === 'string')))
  );
}

function isSession(data: unknown): data is KeptSession {
  if (!isObject(data) || typeof data.root !== 'string' || !isObject(data.facts)) return false;
  const { facts } = data;
  const texts = [facts.agent, facts.label, facts.branch, facts.cwd, facts.version];
  return (
    areTexts(facts, ['session', 'transcript']) &&
    areNumbers(facts, ['first', 'last']) &&
    texts.every(text => text === null || typeof text === 'string')
  );
}

function isMark(data: unknown): data is KeptMark {
  return isObject(data) && areTexts(data, ['root', 'transcript']) && isObject(data.mark);
}

/** True for a path that leads nowhere out of its root. */
function isBelow(path: string): boolean {
  return !/^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(path);
}

function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function areTexts(data: Record<string, unknown>, names: readonly string[]): boolean {
  return names.every(name => typeof data[name] === 'string');
}

function areNumbers(data: Record<string, unknown>, names: readonly string[]): boolean {
  return names.every(name => Number.isFinite(data[name]));
}
