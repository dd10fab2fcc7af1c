/**
 * Who is alive: `sessions/<pid>.json` of a root, one small file that every running client keeps of itself and removes
 * when it ends. A killed one leaves it behind, and its pid may belong to somebody else by then.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Time } from '../model.ts';

export interface LiveSession {
  readonly pid: number;
  /** The session's id, as the client spells it. */
  readonly session: string;
  readonly cwd: string | null;
  /** What a person or another session calls it; null for a name that the client made up. */
  readonly name: string | null;
  /** `interactive`, `bg` … as the client says. */
  readonly kind: string | null;
  readonly version: string | null;
  readonly since: Time | null;
  /** False when nobody can say whether it lives: it runs on another machine, or in another container. */
  readonly isSure: boolean;
}

export interface LiveReading {
  /** The living, and those who may be; the youngest first. */
  readonly sessions: readonly LiveSession[];
  readonly coverage: LiveCoverage;
}

/** What became of the files, each counted once. */
export interface LiveCoverage {
  readonly files: number;
  readonly alive: number;
  /** Nobody can say. */
  readonly elsewhere: number;
  readonly dead: number;
  /** Dead, and its pid belongs to another process. */
  readonly taken: number;
  /** Cut short, not readable, or no such record. */
  readonly broken: number;
  /** Not looked at, because there are too many. */
  readonly left: number;
}

/** What the system says of a process. */
export interface ProcessFacts {
  /** When it started, as the client spells it: clock ticks since the boot (field 22 of `/proc/<pid>/stat`), or what `ps -o lstart=` says. */
  readonly start: string | null;
  readonly since: Time | null;
}

export interface Processes {
  /** Null when there is none. */
  of(pid: number): ProcessFacts | null;
  /** Where our pids count, as the client spells it (`linux:<machine>:pid:[<namespace>]`); null when that is not known. */
  readonly domain: string | null;
}

/** A client writes less than 1 KB and reads no more than this. */
const longestFile = 256 * 1024;
const mostFiles = 4_096;
/** A process that began so much later than the record says is another one: clocks are set, and a record is written late. */
const slack = 60_000;

/** Reads the folder `sessions` of a root. Never throws: without the folder nobody is alive, and what is no record is counted. */
export async function liveSessions(folder: string, processes: Processes): Promise<LiveReading> {
  const names = (await namesIn(folder)).filter(name => /^[1-9]\d*\.json$/.test(name));
  const counts = { files: names.length, alive: 0, elsewhere: 0, dead: 0, taken: 0, broken: 0, left: 0 };
  counts.left = Math.max(0, names.length - mostFiles);
  const sessions: LiveSession[] = [];
  for (const name of names.slice(0, mostFiles)) {
    const record = recordOf(await textOf(join(folder, name)), Number.parseInt(name, 10));
    const state = record === null ? 'broken' : stateOf(record, processes);
    counts[state]++;
    if (record === null || (state !== 'alive' && state !== 'elsewhere')) continue;
    const { start: _, domain: __, ...about } = record;
    sessions.push({ ...about, isSure: state === 'alive' });
  }
  return { sessions: sessions.sort((a, b) => (b.since ?? 0) - (a.since ?? 0)), coverage: counts };
}

interface ClientRecord extends Omit<LiveSession, 'isSure'> {
  readonly start: string | null;
  readonly domain: string | null;
}

function stateOf(
  { pid, start, since, domain }: ClientRecord,
  processes: Processes,
): 'alive' | 'elsewhere' | 'dead' | 'taken' {
  if (domain !== null && processes.domain !== null && domain !== processes.domain) return 'elsewhere';
  const facts = processes.of(pid);
  if (facts === null) return 'dead';
  if (start !== null && facts.start !== null) return isSameStart(start, facts.start) ? 'alive' : 'taken';
  return since !== null && facts.since !== null && facts.since > since + slack ? 'taken' : 'alive';
}

/** Two spellings of which only one is a number cannot be compared: then nothing speaks against it. */
function isSameStart(theirs: string, ours: string): boolean {
  const [a, b] = [theirs, ours].map(text => text.trim().replace(/\s+/g, ' '));
  return a === b || /^\d+$/.test(a!) !== /^\d+$/.test(b!);
}

/** Of its folder, of the first prompt, or to tell two of one name apart. Without a source a person gave it (`claude -n`). */
const madeUp: ReadonlySet<string> = new Set(['derived', 'auto', 'collision']);

function recordOf(text: string | null, pid: number): ClientRecord | null {
  const data = parsed(text);
  const session = data === null ? null : textIn(data.sessionId);
  if (data === null || session === null || !Number.isSafeInteger(pid)) return null;
  if (data.pid !== undefined && data.pid !== pid) return null;
  const since = data.startedAt;
  return {
    pid,
    session,
    cwd: textIn(data.cwd),
    name: madeUp.has(textIn(data.nameSource) ?? '') ? null : textIn(data.name),
    kind: textIn(data.kind),
    version: textIn(data.version),
    since: typeof since === 'number' && Number.isFinite(since) && since > 0 ? since : null,
    start: textIn(data.procStart),
    domain: textIn(data.pidDomain),
  };
}

function parsed(text: string | null): { readonly [key: string]: unknown } | null {
  if (text === null) return null;
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? { ...data } : null;
  } catch {
    return null;
  }
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

/** Null for what is gone meanwhile, no plain file, or too long. A FIFO is not waited for, and no link is followed. */
async function textOf(file: string): Promise<string | null> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
    const { size } = await handle.stat().then(stat => (stat.isFile() ? stat : { size: longestFile + 1 }));
    if (size > longestFile) return null;
    const bytes = Buffer.alloc(longestFile + 1);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytesRead > longestFile ? null : bytes.toString('utf8', 0, bytesRead);
  } catch {
    return null;
  } finally {
    await handle?.close().catch(() => {});
  }
}
