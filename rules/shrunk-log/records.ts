/** The lines of a log, and which of them another version of it lacks. */

export interface Missing {
  readonly lines: readonly string[];
  /** True when only its beginning went: it was cut to its last so many lines. */
  readonly isHead: boolean;
  /** True when what is left stood before it all: the end went. */
  readonly isTail: boolean;
}

/** Every line that is not blank, without the blanks at its end. */
export function linesOf(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  return text
    .replaceAll('\0', '')
    .split(/\r?\n/)
    .map(line => line.trimEnd())
    .filter(line => line !== '');
}

/** What the longer one says and the other does not; a record that was written anew under its old `uuid` is not missing. */
export function missingIn(before: readonly string[], after: readonly string[]): Missing {
  const left = new Set(after);
  const gone = before.map(line => !left.has(line));
  const first = gone.indexOf(false);
  const uuids = new Set(gone.includes(true) ? after.map(line => parsed(line)?.uuid).filter(isText) : []);
  const lines = before.filter((line, i) => gone[i] && !isKept(line, i === before.length - 1, uuids));
  return {
    lines,
    isHead: first > 0 && !gone.slice(first).includes(true),
    isTail: first === 0 && !gone.slice(gone.indexOf(true)).includes(false),
  };
}

function isKept(line: string, isLast: boolean, uuids: ReadonlySet<string>): boolean {
  const record = parsed(line);
  // The last line may have been torn, and is mended by who goes on.
  if (record === null) return isLast && line.startsWith('{');
  return isText(record.uuid) && uuids.has(record.uuid);
}

interface Said {
  readonly uuid?: unknown;
  readonly sessionId?: unknown;
  readonly timestamp?: unknown;
  readonly project?: unknown;
}

/** Null for a line that is no record. */
export function parsed(line: string): Said | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Said;
  } catch {
    return null;
  }
}

/** When it was written, as it says itself: ISO, or milliseconds. */
export function timeOf({ timestamp }: Said): number | null {
  const time = typeof timestamp === 'string' ? Date.parse(timestamp) : timestamp;
  return typeof time === 'number' && Number.isFinite(time) ? time : null;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
