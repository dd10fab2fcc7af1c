/**
 * Mending what a write broke: cut short, padded with NUL, marked with a byte order mark, no longer JSON. The file comes back to the lost
 * version, and what only the broken one has stays; a half line or half member at the break does not.
 */
import type { Unit, UnitKind } from '../model.ts';
import { compareUnits, counterpart } from './compare.ts';
import { type Document, parseDocument } from './document.ts';
import { fingerprint } from './fingerprint.ts';
import { isKeptFrom, mendWreck } from './mend-wreck.ts';
import type { Mended, Mending } from './mended-text.ts';

/** Null when nothing is broken, or when it is not what the lost version and its cause speak of. */
export function mendBroken(mending: Mending, mendSound: (mending: Mending) => Mended): Mended | null {
  const { path, lost, present, cause = null } = mending;
  if (present.length === 0 || Buffer.compare(lost, present) === 0) return null;
  const whole = parseDocument(path, lost);
  const cleaned = clean(mending, whole);
  const sound = { ...mending, present: cleaned?.bytes ?? present };
  const removed = cleaned?.removed ?? [];
  if (cleaned && mending.fingerprints.length === 0) {
    return { bytes: cleaned.bytes, restored: [], removed, already: [], conflicts: [] };
  }
  const wanted = new Set(mending.fingerprints);
  const asked = whole.units.filter(unit => wanted.has(unit.fingerprint));
  if (asked.length === 0) return null;
  if (cleaned && startsWith(lost, sound.present)) {
    const missing = compareUnits(whole.units, parseDocument(path, sound.present).units).removed;
    // A half member is no unit yet: then every unit of the lost version is missing, and asked for or there.
    if (missing.every(unit => wanted.has(unit.fingerprint)))
      return { bytes: lost, restored: missing, removed, already: [], conflicts: [] };
  }
  const there = parseDocument(path, sound.present);
  const wreck =
    there.format === 'json' && there.broken !== null && there.limited === null ? mendWreck(sound, whole, there) : null;
  if (wreck) return { ...wreck, removed: [...removed, ...wreck.removed] };
  const kept = there.broken !== null || cause === null ? [] : newerThan(cause, whole, there, asked);
  if (cleaned && kept.length > 0 && there.format !== 'json') {
    const mended = withNews(sound, whole, there, wanted, mendSound);
    if (mended) return { ...mended, removed };
  }
  if (!cleaned && kept.length === 0) return null;
  const settled = new Set(kept.map(unit => unit.fingerprint));
  const mended = mendSound({ ...sound, fingerprints: mending.fingerprints.filter(print => !settled.has(print)) });
  if (mended.conflicts.length > 0) return { ...mended, bytes: present };
  return { ...mended, removed: [...removed, ...mended.removed], already: [...kept, ...mended.already] };
}

/**
 * The lost version, and into it what only the other has: where a neighbour was edited, what was torn away still has it there. Null when more would come back than was
 * asked for.
 */
function withNews(
  { path, lost, present }: Mending,
  whole: Document,
  there: Document,
  wanted: ReadonlySet<string>,
  mendSound: (mending: Mending) => Mended,
): Mended | null {
  const missing = compareUnits(whole.units, there.units).removed;
  if (!missing.every(unit => wanted.has(unit.fingerprint))) return null;
  const fingerprints = compareUnits(there.units, whole.units).removed.map(unit => unit.fingerprint);
  const mended = mendSound({ path, base: lost, lost: present, present: lost, fingerprints });
  const isAll = compareUnits(there.units, parseDocument(path, mended.bytes).units).removed.length === 0;
  if (mended.conflicts.length > 0 || !isAll) return null;
  const restored = compareUnits(missing, mended.removed).removed;
  return { bytes: mended.bytes, restored, removed: [], already: mended.removed, conflicts: [] };
}

/** Asked units in whose place newer text stands: what the breaking write had made of them stays. */
function newerThan(cause: Uint8Array, whole: Document, there: Document, asked: readonly Unit[]): readonly Unit[] {
  if (whole.format === 'json') return isKeptFrom(cause, whole, there, asked);
  if (!isPadded(cause, whole.bytes) && tailOf(Buffer.from(cause), whole.bytes) === null) return [];
  const news = compareUnits(there.units, whole.units).removed;
  return compareUnits(asked, there.units).removed.filter(unit => counterpart(unit, news) !== null);
}

interface Cleaned {
  readonly bytes: Buffer;
  readonly removed: readonly Unit[];
}

/** The present file without what the cause broke into it; null when there is nothing of that. */
function clean(mending: Mending, whole: Document): Cleaned | null {
  const { lost, present, path } = mending;
  const cause = mending.cause ?? null;
  if (cause === null || whole.format === 'binary') return null;
  const removed: Unit[] = [];
  let bytes: Buffer = Buffer.from(present.buffer, present.byteOffset, present.byteLength);
  let broken: Buffer = Buffer.from(cause.buffer, cause.byteOffset, cause.byteLength);
  if (hasMark(cause) && hasMark(present) && !hasMark(lost)) {
    const isAll = compareUnits(whole.units, parseDocument(path, cause).units).removed.length === 0;
    if (isAll) {
      bytes = bytes.subarray(3);
      broken = broken.subarray(3);
      removed.push(piece('block', 'byte order mark', 'a byte order mark (EF BB BF)'));
    }
  }
  if (isPadded(cause, lost) && isPadded(present, lost)) {
    const isJson = whole.format === 'json';
    const filled = withoutNul(bytes, lost, isJson);
    bytes = filled.bytes;
    broken = withoutNul(broken, lost, isJson).bytes;
    removed.push(...filled.removed);
  }
  // A line of JSON may be the whole file: what is torn there is told member by member.
  const torn = whole.format === 'json' ? null : tailOf(broken, lost);
  if (torn !== null) {
    const rest = withoutTail(bytes, broken, torn, lost);
    if (rest === null) return removed.length > 0 ? { bytes, removed } : null;
    bytes = rest;
    if (torn.length > 0) removed.push(piece('line', 'half a line', torn.toString('utf8').trim()));
    return { bytes, removed };
  }
  return removed.length > 0 ? { bytes, removed } : null;
}

/** The half line at the end of a write that is a beginning of the lost version; null when it is none, or ends with a whole line. */
function tailOf(cause: Buffer, lost: Uint8Array): Buffer | null {
  if (cause.length === 0 || cause.length >= lost.length || !startsWith(lost, cause)) return null;
  const next = lost[cause.length]!;
  const isWhole = cause.at(-1) === lineFeed || next === lineFeed || next === carriageReturn;
  return isWhole ? null : cause.subarray(cause.lastIndexOf(lineFeed) + 1);
}

/** Without the half line: at the end, where something was appended to it, or as a line of its own. Null when it is nowhere. */
function withoutTail(present: Buffer, cause: Buffer, torn: Buffer, lost: Uint8Array): Buffer | null {
  if (Buffer.compare(present, cause) === 0) return present.subarray(0, present.length - torn.length);
  if (startsWith(present, cause)) {
    let rest = present.subarray(cause.length);
    // Of a line that was made whole by hand nothing is torn.
    if (startsWith(lost, present.subarray(0, endOfLine(present, cause.length)))) return null;
    if (rest[0] === carriageReturn) rest = rest.subarray(1);
    if (rest[0] === lineFeed) rest = rest.subarray(1);
    return Buffer.concat([cause.subarray(0, cause.length - torn.length), rest]);
  }
  for (let at = present.indexOf(torn); at >= 0 && torn.length > 0; at = present.indexOf(torn, at + 1)) {
    const end = endOfLine(present, at);
    const isLine = (at === 0 || present[at - 1] === lineFeed) && end === at + torn.length;
    if (isLine) return Buffer.concat([present.subarray(0, at), present.subarray(Math.min(present.length, end + 1))]);
  }
  return null;
}

function endOfLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(lineFeed, from);
  return end < 0 ? bytes.length : end;
}

/** Without runs of NUL, and without the half lines of the lost version beside them. In JSON a sign that no reader takes stays in their place. */
function withoutNul(bytes: Buffer, lost: Uint8Array, isJson: boolean): Cleaned {
  const text = bytes.toString('latin1');
  const runs = [...text.matchAll(/\0+/g)];
  if (runs.length === 0) return { bytes, removed: [] };
  const count = runs.reduce((sum, run) => sum + run[0].length, 0);
  const removed = [piece('block', 'NUL bytes', `${count.toLocaleString('en')} NUL ${count === 1 ? 'byte' : 'bytes'}`)];
  if (isJson) return { bytes: Buffer.from(text.replace(/\0+$/, '').replace(/\0+/g, '\u0001'), 'latin1'), removed };
  const lines = new Set(Buffer.from(lost).toString('latin1').split(/\r?\n/));
  const isHalf = (half: string, fits: (line: string) => boolean): boolean =>
    half.trim() !== '' && !lines.has(half) && [...lines].some(fits);
  let kept = '';
  for (const part of text.split(/\0+/)) {
    let next = part;
    if (kept !== '' || text.startsWith('\0')) {
      const head = /^[^\r\n]*/.exec(next)![0];
      if (isHalf(head, line => line.endsWith(head))) {
        removed.push(piece('line', 'half a line', Buffer.from(head, 'latin1').toString('utf8')));
        next = next.slice(head.length).replace(/^\r?\n/, '');
      }
    }
    if (kept !== '' && !kept.endsWith('\n')) {
      const tail = kept.slice(kept.lastIndexOf('\n') + 1);
      if (isHalf(tail, line => line.startsWith(tail))) {
        removed.push(piece('line', 'half a line', Buffer.from(tail, 'latin1').toString('utf8')));
        kept = kept.slice(0, kept.length - tail.length);
      } else if (next !== '') kept += kept.includes('\r\n') ? '\r\n' : '\n';
    }
    kept += next;
  }
  return { bytes: Buffer.from(kept, 'latin1'), removed };
}

/** A piece of a file that is no unit of it. */
function piece(kind: UnitKind, name: string, text: string): Unit {
  return { kind, name, text, place: '', fingerprint: fingerprint(kind, text), start: 0, end: 0 };
}

const [lineFeed, carriageReturn] = [10, 13];

function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** Has NUL bytes that the lost version had none of, and is no UTF-16. */
function isPadded(bytes: Uint8Array, lost: Uint8Array): boolean {
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return bytes.includes(0) && !lost.includes(0) && !isWide;
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && Buffer.compare(bytes.subarray(0, start.length), start) === 0;
}
