/** What of a broken version is no text of its own: the piece that a cut left of a line, a run of NULs, JSON that ends too early. */
import type { Unit, Version } from '../model.ts';
import type { Reader } from './reader.ts';

/** Runs of NULs are what a crash left; what stands around them was there before. */
const nulls = /\0+/g;

/**
 * For an edit that makes a broken file whole again: true for what the whole text still says. Of `before` that is broken, or the
 * beginning of the version it was cut from; else nothing is.
 */
export async function restOfWreck(
  before: Version,
  after: Version,
  base: Version,
  reader: Reader,
): Promise<(unit: Unit) => boolean> {
  if (after.kind !== 'file' || !(await isWreck(before, base, reader))) return () => false;
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

async function isWreck(before: Version, base: Version, reader: Reader): Promise<boolean> {
  if (before.kind !== 'file') return false;
  const { broken, limited, format, bytes } = await reader.document(before);
  // What is only too much to be read as its format is no wreck.
  if (broken !== null) return limited === null;
  if (format === 'binary') return bytes.includes(0);
  if (base.id === before.id || base.size <= before.size) return false;
  return Buffer.compare((await reader.bytes(base)).subarray(0, bytes.length), bytes) === 0;
}
