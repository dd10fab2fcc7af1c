/** Smallest units → units as a person counts them. */
import type { Unit } from '../model.ts';
import { countsOf } from './compare.ts';
import type { Document } from './document.ts';
import { fingerprint } from './fingerprint.ts';

/** A section whose heading and all that stands under it is lost is one unit with its whole text, subsections included. */
export function gather(lost: readonly Unit[], document: Document): readonly Unit[] {
  const { units, spots } = document;
  const left = countsOf(lost);
  const isLost = units.map(unit => {
    const count = left.get(unit.fingerprint) ?? 0;
    if (count > 0) left.set(unit.fingerprint, count - 1);
    return count > 0;
  });
  const gathered: Unit[] = [];
  for (let index = 0; index < units.length; index++) {
    if (!isLost[index]) continue;
    const unit = units[index]!;
    const end = unit.kind === 'section' ? sectionEnd(document, index) : index + 1;
    if (end === index + 1 || spots[index] === undefined || isLost.slice(index, end).includes(false)) {
      gathered.push(unit);
      continue;
    }
    gathered.push(wholeSection(document, index, end));
    index = end - 1;
  }
  // What the document does not hold (a caller's own unit) is not swallowed.
  const strangers = lost.filter(unit => (left.get(unit.fingerprint) ?? 0) > 0);
  return [...gathered, ...strangers];
}

/** Index after the last unit that stands under the heading at `index`. */
export function sectionEnd(document: Document, index: number): number {
  const rank = document.spots[index]!.level;
  let end = index + 1;
  while (end < document.units.length) {
    if (document.units[end]!.kind === 'section' && document.spots[end]!.level <= rank) break;
    end++;
  }
  return end;
}

function wholeSection(document: Document, index: number, end: number): Unit {
  const heading = document.units[index]!;
  const members = document.units.slice(index, end);
  const last = members[members.length - 1]!;
  return {
    ...heading,
    text: document.text.slice(heading.start, last.end),
    fingerprint: fingerprint('section', members.map(unit => unit.fingerprint).join(' ')),
    end: last.end,
  };
}
