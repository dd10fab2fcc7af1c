/** Which units of the lost version stand in the present one, and what became of those that do not. */
import type { Unit } from '../model.ts';
import { compareUnits, counterpart, sameEntry } from './compare.ts';
import type { Document } from './document.ts';

/** For every unit of `lost` the index of the unit of `present` that is the same one, or -1. */
export type Alignment = readonly number[];

/**
 * Each unit has at most one partner: first the one at the same place after the same neighbour, then at the same place, then any. But what
 * stands under a heading that will come back (`willCome`) comes with it: "- none" there is not the "- none" below a newer heading.
 */
export function align(
  lost: Document,
  present: Document,
  willCome: (heading: number) => boolean = () => false,
): Alignment {
  const partner = lost.units.map(() => -1);
  const taken = new Set<number>();
  const byFingerprint = new Map<string, number[]>();
  for (const [index, unit] of present.units.entries()) {
    const list = byFingerprint.get(unit.fingerprint);
    if (list) list.push(index);
    else byFingerprint.set(unit.fingerprint, [index]);
  }
  const before = (units: readonly Unit[], index: number) => units[index - 1]?.fingerprint;
  const pass = (isSame: (mine: number, theirs: number) => boolean) => {
    for (const [index, unit] of lost.units.entries()) {
      if (partner[index] !== -1) continue;
      const found = byFingerprint.get(unit.fingerprint)?.find(other => !taken.has(other) && isSame(index, other));
      if (found === undefined) continue;
      partner[index] = found;
      taken.add(found);
    }
  };
  const samePlace = (mine: number, theirs: number) => lost.units[mine]!.place === present.units[theirs]!.place;
  pass((mine, theirs) => samePlace(mine, theirs) && before(lost.units, mine) === before(present.units, theirs));
  pass(samePlace);
  pass((mine, theirs) => {
    const heading = lost.spots[mine]!.section;
    const other = present.spots[theirs]!.section;
    const isHeading = lost.units[mine]!.kind === 'section';
    const areApart = heading >= 0 && other >= 0 && !isHeading && partner[heading] === -1 && !taken.has(other);
    return !(areApart && willCome(heading));
  });
  return partner;
}

/** What is to be done about a unit of `lost` that has no partner. */
export type Step =
  | { readonly do: 'insert' }
  | { readonly do: 'replace'; readonly present: number }
  | { readonly do: 'ask'; readonly present: number };

/**
 * A unit that the lost write had edited replaces what it was edited from; where something third stands in its place, a person must
 * choose; everything else is put back beside what stands there.
 */
export function judge(base: Document | null, lost: Document, present: Document): (index: number) => Step {
  const inLost = fingerprintsOf(lost);
  const inBase = base ? fingerprintsOf(base) : new Set<string>();
  const replaced = base ? compareUnits(base.units, lost.units).removed.slice(0, mostCompared) : [];
  const strangers = present.units.filter(unit => !inLost.has(unit.fingerprint));
  const news = strangers.filter(unit => !inBase.has(unit.fingerprint)).slice(0, mostCompared);
  const steps = new Map<number, Step>();
  const decide = (unit: Unit): Step => {
    const former = inBase.has(unit.fingerprint) ? null : counterpart(unit, replaced);
    if (former && !inLost.has(former.fingerprint)) {
      const still = strangers.find(other => other.fingerprint === former.fingerprint);
      if (still) return { do: 'replace', present: present.units.indexOf(still) };
      const third = counterpart(former, news);
      if (third) return { do: 'ask', present: present.units.indexOf(third) };
    }
    const rival = strangers.find(other => sameEntry(unit, other));
    return rival ? { do: 'ask', present: present.units.indexOf(rival) } : { do: 'insert' };
  };
  return index => {
    const known = steps.get(index) ?? decide(lost.units[index]!);
    steps.set(index, known);
    return known;
  };
}

/** More units than this are not compared by their words. */
const mostCompared = 300;

function fingerprintsOf(document: Document): ReadonlySet<string> {
  return new Set(document.units.map(unit => unit.fingerprint));
}
