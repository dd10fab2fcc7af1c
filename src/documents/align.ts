/** Which units of the lost version stand in the present one, and what became of those that do not. */
import type { Unit } from '../model.ts';
import { compareUnits, counterpart, grewInto, sameEntry } from './compare.ts';
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

/** What the units of `lost` were edited from; no two come from one. */
export function formersOf(base: Document | null, lost: Document): ReadonlyMap<Unit, Unit> {
  const formers = new Map<Unit, Unit>();
  if (base === null) return formers;
  const [inLost, inBase] = [fingerprintsOf(lost), fingerprintsOf(base)];
  const replaced = compareUnits(base.units, lost.units).removed.filter(unit => !inLost.has(unit.fingerprint));
  const left = new Set(replaced.slice(0, mostCompared));
  for (const unit of lost.units) {
    if (left.size === 0) break;
    const former = inBase.has(unit.fingerprint)
      ? null
      : kinOf(unit, [...left], other => neighbours(lost, unit) === neighbours(base, other));
    if (!former) continue;
    formers.set(unit, former);
    left.delete(former);
  }
  return formers;
}

/**
 * A unit that the lost write had edited replaces what it was edited from; where something third stands in its place, a person must
 * choose; everything else is put back beside what stands there.
 */
export function judge(
  base: Document | null,
  lost: Document,
  formers: ReadonlyMap<Unit, Unit>,
  present: Document,
): (index: number) => Step {
  const inLost = fingerprintsOf(lost);
  const inBase = base ? fingerprintsOf(base) : new Set<string>();
  const strangers = present.units.filter(unit => !inLost.has(unit.fingerprint));
  const news = strangers.filter(unit => !inBase.has(unit.fingerprint)).slice(0, mostCompared);
  const steps = new Map<number, Step>();
  const decide = (unit: Unit): Step => {
    const former = formers.get(unit);
    if (former) {
      const still = strangers.find(other => other.fingerprint === former.fingerprint);
      if (still) return { do: 'replace', present: present.units.indexOf(still) };
      const third = kinOf(former, news);
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

/**
 * The unit that one of two texts was made into or from. At the same spot one word in common is enough. The places of the present file say
 * nothing: they change while headings are put back.
 */
function kinOf(unit: Unit, among: readonly Unit[], isSpot?: (other: Unit) => boolean): Unit | null {
  const isExtended = (other: Unit): boolean => {
    const fewestWords = isSpot?.(other) ? 1 : 2;
    const mayBe = !isSpot || unit.place === other.place;
    return mayBe && (grewInto(other, unit, fewestWords) || grewInto(unit, other, fewestWords));
  };
  return counterpart(unit, among) ?? among.find(isExtended) ?? null;
}

/** What stands right above and below a unit. */
function neighbours({ units }: Document, unit: Unit): string {
  const index = units.indexOf(unit);
  return `${units[index - 1]?.fingerprint} ${units[index + 1]?.fingerprint}`;
}

/** More units than this are not compared by their words. */
const mostCompared = 300;

function fingerprintsOf(document: Document): ReadonlySet<string> {
  return new Set(document.units.map(unit => unit.fingerprint));
}
