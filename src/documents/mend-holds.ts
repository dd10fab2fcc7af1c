/** Whether a merged JSON or TOML document says what it should: the check before a member is put in for good. */
import type { Unit } from '../model.ts';
import { countsOf } from './compare.ts';
import { type Document, readText } from './document.ts';

/** The same file with another text. */
export function reread(document: Document, text: string): Document {
  return readText(document.path, document.bytes, text, document.encoding, document.bom, document.format);
}

/**
 * True when nothing came but `added` and nothing went but `gone`. `isEmpty`: a unit that stands for a container without members;
 * it goes when its first member comes.
 */
export function holds(
  before: Document,
  after: Document,
  added: readonly Unit[],
  gone: readonly Unit[],
  isEmpty: (unit: Unit) => boolean,
): boolean {
  if (after.broken !== null) return false;
  const expected = countsOf([...before.units, ...added]);
  for (const { fingerprint } of gone) expected.set(fingerprint, (expected.get(fingerprint) ?? 0) - 1);
  const found = countsOf(after.units);
  const empty = new Set(before.units.filter(isEmpty).map(({ fingerprint }) => fingerprint));
  for (const [fingerprint, count] of expected) {
    const now = found.get(fingerprint) ?? 0;
    if (now !== count && !(empty.has(fingerprint) && now < count)) return false;
  }
  return [...found.keys()].every(fingerprint => (expected.get(fingerprint) ?? 0) > 0);
}
