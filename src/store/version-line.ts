/**
 * One version, or one note, as one line of text: the same bytes in a journal, in the history index and in a commit.
 *
 * A version: `id root path kind blob size mode mtime at seenAt how settled previous`, parted by tabs; `-` where there
 * is nothing. `previous` is the commit that changed the path before; it stands only in what is sealed.
 * A note: `!id kind at json`.
 */
import type { How, Note, Version, VersionKind } from '../model.ts';

/** A note with the id that tells it from another one that says the same. */
export interface KeptNote {
  readonly id: string;
  readonly note: Note;
}

const plain = /^[\x20-\x5b\x5d-\x7e\xa0-\ud7ff\ue000-\uffff]*$/;
const needsEscape = /[\x00-\x1f\\\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A backslash, control characters and lone surrogates as `\uXXXX`, so that a field is one field of valid UTF-8. */
export function escapeField(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(needsEscape, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function unescapeField(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\u([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The root and path inside a version's line, without parsing the rest. */
export function placeOfLine(line: string): { readonly root: string; readonly path: string } {
  const start = line.indexOf('\t') + 1;
  const middle = line.indexOf('\t', start);
  const end = line.indexOf('\t', middle + 1);
  return { root: unescapeField(line.slice(start, middle)), path: unescapeField(line.slice(middle + 1, end)) };
}

export function isNoteLine(line: string): boolean {
  return line.startsWith('!');
}

/** True for the line of a version; a line of a kind that only a later undertext knows is none. */
export function isVersionLine(line: string): boolean {
  return versionLine.test(line) && (line.length < longestPath || readVersion(line, null) !== null);
}

export function formatVersion(version: Version): string {
  return [
    version.id,
    escapeField(version.root),
    escapeField(version.path),
    version.kind,
    version.blob ?? '-',
    version.size,
    version.mode.toString(8),
    version.mtime ?? '-',
    version.at,
    version.seenAt,
    version.how,
    version.settled ? '1' : '0',
  ].join('\t');
}

const number = String.raw`-?\d+(?:\.\d+)?(?:e[+-]?\d{1,2})?`;
const versionLine = new RegExp(
  [
    '^[0-9a-z]{10}',
    '[^\t]*',
    '[^\t]*',
    '(?:file|link|withheld|gone)',
    '(?:[0-9a-f]{40}|-)',
    number,
    '[0-7]+',
    `(?:${number}|-)`,
    number,
    number,
    '(?:event|scan|restore|import)',
    '[01](?:\t|$)',
  ].join('\t'),
);

const words = new Map<string, string>();

/** One string for all that say the same; there are few roots, kinds and ways, and each line has its own copy. */
function shared(word: string): string {
  const known = words.get(word);
  if (known !== undefined) return known;
  if (words.size < 1_000) words.set(word, word);
  return word;
}

const kinds = new Set<string | undefined>(['file', 'link', 'withheld', 'gone'] satisfies VersionKind[]);
const ways = new Set<string | undefined>(['event', 'scan', 'restore', 'import'] satisfies How[]);
const blobOrNone = /^(?:[0-9a-f]{40}|-)$/;
/** No file system has longer paths (UTF-16 units; Windows, `\\\\?\\`). */
const longestPath = 32_767;

/**
 * What stands behind the last field is for the reader of commits.
 * @throws Error when a field is none that we write: only somebody else's store has such lines
 */
export function parseVersion(line: string, snapshot: string | null): Version {
  const [id, root, path, kind, blob, size, mode, mtime, at, seenAt, how, settled] = line.split('\t');
  if (settled === undefined || !kinds.has(kind) || !ways.has(how) || !blobOrNone.test(blob!)) throw noVersion(line);
  const version: Version = {
    id: id!,
    root: shared(unescapeField(root!)),
    path: unescapeField(path!),
    kind: shared(kind!) as VersionKind,
    at: Number(at),
    seenAt: Number(seenAt),
    blob: blob === '-' ? null : blob!,
    size: Number(size),
    mode: Number.parseInt(mode!, 8),
    mtime: mtime === '-' ? null : Number(mtime),
    how: shared(how!) as How,
    settled: settled === '1',
    snapshot,
  };
  const numbers = version.at + version.seenAt + version.size + version.mode + (version.mtime ?? 0);
  if (!Number.isFinite(numbers) || version.path.length > longestPath) throw noVersion(line);
  return version;
}

/** The version of a line; null when it is none that we write. */
export function readVersion(line: string, snapshot: string | null): Version | null {
  try {
    return parseVersion(line, snapshot);
  } catch {
    return null;
  }
}

function noVersion(line: string): Error {
  return new Error(`no version: ${line.slice(0, 80)}`);
}

export function formatNote({ id, note }: KeptNote): string {
  return `!${id}\t${note.kind}\t${note.at}\t${JSON.stringify(note.data ?? null)}`;
}

/** The note of a line; null when it is none that we write. */
export function readNote(line: string): KeptNote | null {
  try {
    return parseNote(line);
  } catch {
    return null;
  }
}

/** @throws Error when the line is none that we write */
export function parseNote(line: string): KeptNote {
  const [id, kind, at, ...json] = line.slice(1).split('\t');
  if (at === undefined || !Number.isFinite(Number(at))) throw new Error(`no note: ${line.slice(0, 80)}`);
  return { id: id!, note: { kind: kind as Note['kind'], at: Number(at), data: JSON.parse(json.join('\t')) } };
}
