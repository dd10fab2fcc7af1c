/** Text that still counts although a version is broken or damaged: around a cut, between NULs, in JSON that ends too early, in other characters. */
import type { DamagedLine, Unit, Version } from '../model.ts';
import type { Fit } from './base.ts';
import type { Reader } from './reader.ts';

/** Runs of NULs are what a crash left; what stands around them was there before. */
const nulls = /\0+/g;

/**
 * True for units of `before` that are no loss of an edit: their characters were damaged and all around them stands (which is damage, and
 * reported as such); or the edit breaks the file, or makes a broken file whole again, and their text stands byte for byte in `after`. A
 * broken version is read in another way (lines for members, one binary file for lines), so that no fingerprint of it is in the other.
 */
export async function restOfWreck(
  before: Version,
  after: Version,
  base: Version,
  reader: Reader,
): Promise<(unit: Unit) => boolean> {
  if (before.kind !== 'file' || after.kind !== 'file') return restOfBroken(before, after, base, reader);
  const { lines, flattened } = await reader.damage(before, after);
  if (flattened > 0) return () => true;
  const isRest = await restOfBroken(before, after, base, reader);
  const isDamaged = holdsOneOf(lines);
  return unit => isRest(unit) || isDamaged(unit);
}

/** True for a unit that holds a part of one of the lines. */
function holdsOneOf(lines: readonly DamagedLine[]): (unit: Unit) => boolean {
  return ({ start, end }) => {
    let [low, high] = [0, lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lines[middle]!.end <= start) low = middle + 1;
      else high = middle;
    }
    return low < lines.length && lines[low]!.start < end;
  };
}

async function restOfBroken(
  before: Version,
  after: Version,
  base: Version,
  reader: Reader,
): Promise<(unit: Unit) => boolean> {
  if (after.kind !== 'file') return () => false;
  if (before.kind === 'file' && (await wasBrokenBy(before, after, reader))) return standingIn(before, after, reader);
  if (!(await isWreck(before, base, reader))) return () => false;
  const { text, broken } = await reader.document(after);
  if (broken !== null) return () => false;
  const wreck = await reader.document(before);
  if (wreck.format === 'binary') {
    const pieces = new TextDecoder().decode(wreck.bytes).split(nulls);
    const isSaid = pieces.every(piece => text.includes(piece.trim()));
    return () => isSaid;
  }
  return unit => text.includes(unit.text.replace(nulls, '').trim());
}

/**
 * How an older version explains a write over a broken one. The broken version is read as lines, so that every member counts as removed by
 * it, and each one that the write lacks too as a change that the write kept: that says nothing about its writer. Nor does an addition
 * of its own speak for a second writer: who repairs a file has read it.
 */
export async function fitOver(before: Version, fit: Fit | null, reader: Reader): Promise<Fit | null> {
  if (fit === null || before.kind !== 'file') return fit;
  const { format, broken, limited } = await reader.document(before);
  return format === 'json' && broken !== null && limited === null ? { ...fit, kept: 0, distance: 0 } : fit;
}

/** JSON that no longer is any, or text with NUL bytes in it. */
async function wasBrokenBy(before: Version, after: Version, reader: Reader): Promise<boolean> {
  const [whole, wreck] = [await reader.document(before), await reader.document(after)];
  if (whole.format === 'binary' || whole.broken !== null) return false;
  if (wreck.format === 'binary') return wreck.bytes.includes(0);
  return wreck.format === 'json' && wreck.broken !== null && wreck.limited === null;
}

/** Each text as often as it stands there: of eight equal members, six of which still stand, two are missing. */
async function standingIn(before: Version, after: Version, reader: Reader): Promise<(unit: Unit) => boolean> {
  const { format, text, bytes } = await reader.document(after);
  const said = format === 'binary' ? new TextDecoder().decode(bytes) : text;
  const { units } = await reader.document(before);
  // A file with so many units would be searched for too long.
  if (units.length * said.length > MOST_SEARCHED) return () => false;
  const from = new Map<string, number>();
  const standing = new Set<Unit>();
  for (const unit of units) {
    const at = said.indexOf(unit.text, from.get(unit.text) ?? 0);
    if (at < 0 || unit.text === '') continue;
    from.set(unit.text, at + unit.text.length);
    standing.add(unit);
  }
  return unit => standing.has(unit);
}

/** Units times characters: half a second. */
const MOST_SEARCHED = 2_000_000_000;

async function isWreck(before: Version, base: Version, reader: Reader): Promise<boolean> {
  if (before.kind !== 'file') return false;
  const { broken, limited, format, bytes } = await reader.document(before);
  // What is only too much to be read as its format is no wreck.
  if (broken !== null) return limited === null;
  if (format === 'binary') return bytes.includes(0);
  if (base.id === before.id || base.size <= before.size) return false;
  return Buffer.compare((await reader.bytes(base)).subarray(0, bytes.length), bytes) === 0;
}
