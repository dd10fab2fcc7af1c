/**
 * Mending what a write damaged character by character: each damaged line comes back whole, by its bytes, in the place of the damaged one.
 * Lines that are newer, or were edited since, stay as they are; where such a line stands in the place of a damaged one, a person must choose.
 */
import type { Damage, DamagedLine, Unit, UnitKind } from '../model.ts';
import { coarseChanges } from './coarse-diff.ts';
import { compareUnits, dice } from './compare.ts';
import { damageOf } from './damaged.ts';
import { hasMark, lineOf, rawLines, unpaired } from './damaged-lines.ts';
import { type Document, parseDocument } from './document.ts';
import { fingerprint } from './fingerprint.ts';
import { isOnlyFlattened } from './flattened.ts';
import type { Conflict, Mended, Mending } from './mended-text.ts';

/** Null when the write damaged nothing that was asked for. */
export function mendDamaged(mending: Mending, mendSound: (mending: Mending) => Mended): Mended | null {
  const { path, lost, present, cause = null } = mending;
  if (cause === null || present.length === 0) return null;
  const damage = damageOf(path, lost, cause);
  const whole = parseDocument(path, lost);
  const wanted = new Set(mending.fingerprints);
  const asked = whole.units.filter(unit => wanted.has(unit.fingerprint));
  if (damage.flattened > 0) return mendFlattened(mending, whole, asked);
  const isAsked = askedLines(asked);
  const [lines, edited] = [damage.lines.filter(isAsked), damage.edited.filter(isAsked)];
  if (lines.length === 0) return null;
  const mended = mendLines(mending, { ...damage, lines, edited });
  const there = parseDocument(path, mended.bytes);
  // What went with the same write and was not damaged is put back as always.
  const isDamaged = (unit: Unit) => [...lines, ...edited].some(line => unit.start < line.end && line.start < unit.end);
  const missing = compareUnits(asked, there.units).removed.filter(unit => !isDamaged(unit));
  const rest = missing.length === 0 ? [] : takenAway(missing, mending, { ...damage, lines, edited });
  const sound =
    rest.length === 0
      ? null
      : mendSound({ ...mending, present: mended.bytes, fingerprints: rest.map(unit => unit.fingerprint) });
  return {
    ...standing(asked, parseDocument(path, present), sound ? parseDocument(path, sound.bytes) : there),
    bytes: sound?.bytes ?? mended.bytes,
    removed: [...mended.removed, ...(sound?.removed ?? [])],
    conflicts: [...mended.conflicts, ...(sound?.conflicts ?? [])],
  };
}

/** Units that the write lacks even where its damaged lines are whole: a unit may also be hard to find only because its line is damaged. */
function takenAway(missing: readonly Unit[], mending: Mending, damage: Damage): readonly Unit[] {
  const { bytes } = mendLines({ ...mending, present: mending.cause! }, damage);
  return compareUnits(missing, parseDocument(mending.path, bytes).units).removed;
}

/** Of the units that were asked for: which came back, and which stood there already. */
function standing(asked: readonly Unit[], before: Document, after: Document): Pick<Mended, 'restored' | 'already'> {
  const missing = compareUnits(asked, before.units).removed;
  const left = new Set(compareUnits(asked, after.units).removed);
  const wasMissing = new Set(missing);
  return { restored: missing.filter(unit => !left.has(unit)), already: asked.filter(unit => !wasMissing.has(unit)) };
}

/** Units are in the order of the file, and never overlap. */
function askedLines(asked: readonly Unit[]): (line: DamagedLine) => boolean {
  return ({ start, end }) => {
    let [low, high] = [0, asked.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (asked[middle]!.end <= start) low = middle + 1;
      else high = middle;
    }
    return low < asked.length && asked[low]!.start < end;
  };
}

interface Lines {
  readonly bytes: Uint8Array;
  readonly removed: readonly Unit[];
  readonly conflicts: readonly Conflict[];
}

function mendLines({ path, lost, present, cause, choose }: Mending, damage: Damage): Lines {
  const [whole, broken, there] = [rawLines(lost), rawLines(cause!), rawLines(present)];
  const { placeOf, nearest } = placesIn(broken, there);
  // A text that was damaged once more in the same way still shows which line was which.
  const now = new Map(damageOf(path, lost, present).lines.map(({ line, afterLine }) => [line, afterLine]));
  const inPresent = new Set(there.map(raw => raw.replace(/\r$/, '')));
  const instead = new Map<number, string>();
  const inserted = new Map<number, string[]>();
  const removed: Unit[] = [];
  const conflicts: Conflict[] = [];
  const replace = (at: number, raw: string): void => {
    removed.push(piece(there[at]!));
    instead.set(at, endedLike(raw, there[at]!));
  };
  const insert = (at: number, raw: string): void => {
    inserted.set(at, [...(inserted.get(at) ?? []), endedLike(raw, there[at] ?? there[0]!)]);
  };
  const ask = (raw: string, at: number | null, next: number): void => {
    if (choose === 'theirs' && at !== null && !instead.has(at)) replace(at, raw);
    else if (choose === 'theirs' || choose === 'both') insert(at ?? next, raw);
    else if (choose === undefined) conflicts.push({ lost: piece(raw), present: piece(at === null ? '' : there[at]!) });
  };
  for (const { line, afterLine } of damage.lines) {
    const raw = whole[line]!;
    const at = placeOf.get(afterLine) ?? now.get(line);
    if (at !== undefined) replace(at, raw);
    else if (!inPresent.has(raw.replace(/\r$/, ''))) {
      const { at, next } = nearest(afterLine);
      ask(raw, at, next);
    }
  }
  for (const { line, afterLine } of damage.edited) {
    const at = placeOf.get(afterLine);
    if (at !== undefined) ask(whole[line]!, at, at);
  }
  const text = [...there, ''].flatMap((raw, at) => [...(inserted.get(at) ?? []), instead.get(at) ?? raw]);
  text.pop();
  const mark = hasMark(present) ? '\xef\xbb\xbf' : '';
  return { bytes: Buffer.from(mark + text.join('\n'), 'latin1'), removed, conflicts };
}

interface Places {
  /** Where the lines that the write left stand in the present text, by their numbers. */
  readonly placeOf: ReadonlyMap<number, number>;
  /** What stands in the place of a line that is no longer there; `next`: the line that its place is before. */
  nearest(line: number): { readonly at: number | null; readonly next: number };
}

function placesIn(broken: readonly string[], there: readonly string[]): Places {
  const placeOf = new Map<number, number>();
  const changes = coarseChanges(broken, there);
  let [at, to] = [0, 0];
  for (const { start, end, otherStart, otherEnd } of changes) {
    while (at < start) placeOf.set(at++, to++);
    unpaired(broken.slice(start, end), there.slice(otherStart, otherEnd), (i, j) =>
      placeOf.set(start + i, otherStart + j),
    );
    [at, to] = [end, otherEnd];
  }
  while (at < broken.length) placeOf.set(at++, to++);
  const taken = new Set(placeOf.values());
  const nearest = (line: number) => {
    const change = changes.find(({ start, end }) => line >= start && line < end)!;
    let [from, next] = [change.otherStart, change.otherEnd];
    for (let i = line - 1; i >= change.start; i--) {
      const place = placeOf.get(i);
      if (place === undefined) continue;
      from = place + 1;
      break;
    }
    for (let i = line + 1; i < change.end; i++) {
      const place = placeOf.get(i);
      if (place === undefined) continue;
      next = place;
      break;
    }
    const free = Array.from({ length: next - from }, (_, i) => from + i).filter(place => !taken.has(place));
    const words = wordsOf(broken[line]!);
    const likeness = (place: number) => dice(words, wordsOf(there[place]!));
    const isAlone = free.length === 1 && change.end - change.start === change.otherEnd - change.otherStart;
    const rival = free.slice(0, mostRivals).sort((a, b) => likeness(b) - likeness(a))[0];
    return { at: rival !== undefined && (isAlone || likeness(rival) >= alike) ? rival : null, next };
  };
  return { placeOf, nearest };
}

/** A line with half of the words is the same line, edited. */
const alike = 0.5;
/** More lines in one place are another text. */
const mostRivals = 200;

function wordsOf(raw: string): readonly string[] {
  return raw.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

/** With the line end that stands there. */
function endedLike(raw: string, other: string): string {
  const bare = raw.replace(/\r$/, '');
  return other.endsWith('\r') ? `${bare}\r` : bare;
}

/** A text that lost its line ends comes back with them, in the place of what it became; the text around it stays. */
function mendFlattened(
  { path, lost, cause, present, choose }: Mending,
  whole: Document,
  asked: readonly Unit[],
): Mended {
  const nothing = { bytes: present, restored: [], removed: [], already: [], conflicts: [] };
  const now = Buffer.from(present.buffer, present.byteOffset, present.length);
  const flat = trimmed(cause!);
  const at = now.indexOf(flat);
  if (now.indexOf(trimmed(lost)) >= 0) return { ...nothing, already: asked };
  const isSure = at >= 0 && isOnlyFlattened(lost, cause!);
  if (!isSure && choose !== 'theirs') {
    const rival = piece(now.toString('latin1').replace(/\n$/, ''));
    const conflicts =
      choose === undefined ? [{ lost: piece(Buffer.from(lost).toString('latin1'), 'file'), present: rival }] : [];
    return { ...nothing, conflicts };
  }
  const bytes = at < 0 ? lost : Buffer.concat([now.subarray(0, at), trimmed(lost), now.subarray(at + flat.length)]);
  return {
    ...standing(asked, parseDocument(path, present), parseDocument(path, bytes)),
    bytes: at === 0 && flat.length === trimmed(present).length ? whole.bytes : bytes,
    removed: [piece((at < 0 ? now : flat).toString('latin1'))],
    conflicts: [],
  };
}

/** Without the blanks at its end. */
function trimmed(bytes: Uint8Array): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1]! <= 0x20 && bytes[end - 1] !== 0) end--;
  return Buffer.from(bytes.buffer, bytes.byteOffset, end);
}

/** Bytes of a text that are no unit of it. */
function piece(raw: string, kind: UnitKind = 'line'): Unit {
  const { text } = lineOf(raw);
  return {
    kind,
    name: text.trim().slice(0, 60),
    text,
    place: '',
    fingerprint: fingerprint(kind, text),
    start: 0,
    end: 0,
  };
}
