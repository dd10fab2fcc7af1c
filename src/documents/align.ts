/** Which units of the lost version stand in the present one, and what became of those that do not. */
import type { Unit } from '../model.ts';
import { counterpart, countsOf, entryOf, grewInto } from './compare.ts';
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
  const take = (mine: number, theirs: number | undefined): void => {
    if (theirs === undefined) return;
    partner[mine] = theirs;
    taken.add(theirs);
  };
  const before = (units: readonly Unit[], index: number) => units[index - 1]?.fingerprint;
  for (const keyOf of [
    ({ units }: Document, index: number) =>
      `${units[index]!.fingerprint} ${before(units, index)} ${units[index]!.place}`,
    ({ units }: Document, index: number) => `${units[index]!.fingerprint} ${units[index]!.place}`,
  ]) {
    const queues = queuesOf(present, index => keyOf(present, index));
    for (const index of lost.units.keys()) {
      if (partner[index] === -1) take(index, queues.get(keyOf(lost, index))?.next(taken));
    }
  }
  const queues = queuesOf(present, index => present.units[index]!.fingerprint);
  for (const [index, unit] of lost.units.entries()) {
    if (partner[index] !== -1) continue;
    const heading = lost.spots[index]!.section;
    const isApart = heading >= 0 && unit.kind !== 'section' && partner[heading] === -1 && willCome(heading);
    const isNearer = (theirs: number): boolean => {
      const other = present.spots[theirs]!.section;
      return other < 0 || taken.has(other);
    };
    take(index, queues.get(unit.fingerprint)?.next(taken, isApart ? isNearer : undefined));
  }
  return partner;
}

/** Units of one kind of sameness in their order; each is given once, so that a thousand equal lines cost a thousand steps. */
interface Queue {
  next(taken: ReadonlySet<number>, isFit?: (index: number) => boolean): number | undefined;
}

function queuesOf({ units }: Document, keyOf: (index: number) => string): ReadonlyMap<string, Queue> {
  const lists = new Map<string, number[]>();
  for (const index of units.keys()) {
    const key = keyOf(index);
    const list = lists.get(key);
    if (list) list.push(index);
    else lists.set(key, [index]);
  }
  return new Map([...lists].map(([key, list]) => [key, queueOf(list)]));
}

function queueOf(list: readonly number[]): Queue {
  let first = 0;
  // None fitted when so many were taken: none will before another one is.
  let takenThen = -1;
  return {
    next: (taken, isFit) => {
      while (first < list.length && taken.has(list[first]!)) first++;
      if (!isFit) return list[first];
      if (takenThen === taken.size) return undefined;
      for (let at = first; at < list.length; at++) {
        const index = list[at]!;
        if (!taken.has(index) && isFit(index)) return index;
      }
      takenThen = taken.size;
      return undefined;
    },
  };
}

/** What is to be done about a unit of `lost` that has no partner. */
export type Step =
  | { readonly do: 'insert' }
  | { readonly do: 'replace'; readonly present: number }
  | { readonly do: 'ask'; readonly present: number };

/** What a unit was edited from. */
export interface Former {
  readonly unit: Unit;
  /** False: one word is all they share, and it stands between others. */
  readonly isSure: boolean;
}

/** What the units of `lost` were edited from; no two come from one. */
export function formersOf(base: Document | null, lost: Document): ReadonlyMap<Unit, Former> {
  const formers = new Map<Unit, Former>();
  if (base === null) return formers;
  const inBase = fingerprintsOf(base);
  // Of several that are alike, the one that has no partner was replaced.
  const partner = align(base, lost);
  const replaced = base.units.filter((_, index) => partner[index] === -1);
  const left = new Set(replaced.slice(0, mostCompared));
  const [mine, theirs] = [keptAround(lost, partnersOf(partner, lost)), keptAround(base, partner)];
  // Something may have been put in on both sides of it, and one side may have been moved.
  const isSpot = (unit: Unit, other: Unit): boolean => {
    const [here, there] = [mine.get(unit)!, theirs.get(other)!];
    return here.before === there.before || here.after === there.after;
  };
  let compared = 0;
  const find = (isSure: boolean, formerOf: (unit: Unit) => Unit | null | undefined): void => {
    for (const unit of lost.units) {
      if (left.size === 0 || compared > mostPairs) break;
      if (inBase.has(unit.fingerprint) || formers.has(unit)) continue;
      compared += left.size;
      const former = formerOf(unit);
      if (!former) continue;
      formers.set(unit, { unit: former, isSure });
      left.delete(former);
    }
  };
  find(true, unit => kinOf(unit, [...left], other => isSpot(unit, other)));
  find(false, unit => [...left].find(other => other.place === unit.place && grewInto(other, unit, 1)));
  return formers;
}

/** Of `lost`: its own index where a unit of the base stands there as it was, else -1. */
function partnersOf(partner: Alignment, lost: Document): Alignment {
  const kept = new Set(partner);
  return lost.units.map((_, index) => (kept.has(index) ? index : -1));
}

/** For each unit the nearest ones on both sides that both texts have, by their index in the lost one; -1 is the edge. */
function keptAround(
  { units }: Document,
  partner: Alignment,
): ReadonlyMap<Unit, { readonly before: number; readonly after: number }> {
  const after = units.map(() => -1);
  for (let index = units.length - 2; index >= 0; index--) {
    after[index] = partner[index + 1] === -1 ? after[index + 1]! : partner[index + 1]!;
  }
  let before = -1;
  return new Map(
    units.map((unit, index) => {
      const around = { before, after: after[index]! };
      if (partner[index] !== -1) before = partner[index]!;
      return [unit, around] as const;
    }),
  );
}

/**
 * A unit that the lost write had edited replaces what it was edited from; where something third stands in its place, or it is not sure
 * that it is the same one, a person must choose; everything else is put back beside what stands there.
 */
export function judge(
  base: Document | null,
  lost: Document,
  formers: ReadonlyMap<Unit, Former>,
  present: Document,
): (index: number) => Step {
  const inLost = fingerprintsOf(lost);
  const inBase = base ? fingerprintsOf(base) : new Set<string>();
  const strangers = present.units.filter(unit => !inLost.has(unit.fingerprint));
  const news = strangers.filter(unit => !inBase.has(unit.fingerprint)).slice(0, mostCompared);
  const places = new Map(present.units.map((unit, index) => [unit, index]));
  const placeOf = (unit: Unit): number => places.get(unit)!;
  const [mine, theirs] = [countsOf(present.units), countsOf(lost.units)];
  let ofBase: ReadonlyMap<Unit, number> | null = null;
  /** Where a unit of the base stands that has others like it: only when there are more of them than there should be. */
  const oneOfMany = (former: Unit): number => {
    if (base === null || (mine.get(former.fingerprint) ?? 0) <= (theirs.get(former.fingerprint) ?? 0)) return -1;
    if (ofBase === null) {
      const partner = align(base, present);
      ofBase = new Map(base.units.map((unit, index) => [unit, partner[index]!]));
    }
    return ofBase.get(former) ?? -1;
  };
  const still = new Map<string, Unit>();
  const entries = new Map<string, Unit[]>();
  for (const unit of strangers) {
    if (!still.has(unit.fingerprint)) still.set(unit.fingerprint, unit);
    const key = entryOf(unit);
    if (key !== null) entries.set(key, [...(entries.get(key) ?? []).slice(0, 1), unit]);
  }
  const steps = new Map<number, Step>();
  const decide = (unit: Unit): Step => {
    const former = formers.get(unit);
    if (former) {
      const step = former.isSure ? 'replace' : 'ask';
      const there = still.get(former.unit.fingerprint);
      if (there) return { do: step, present: placeOf(there) };
      const alike = oneOfMany(former.unit);
      if (alike >= 0) return { do: step, present: alike };
      const third = former.isSure ? kinOf(former.unit, news) : null;
      if (third) return { do: 'ask', present: placeOf(third) };
    }
    const rival = entries.get(entryOf(unit) ?? '')?.find(other => other.fingerprint !== unit.fingerprint);
    return rival ? { do: 'ask', present: placeOf(rival) } : { do: 'insert' };
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

/** More units than this are not compared by their words. */
const mostCompared = 300;
/** Nor more pairs: 300 times 300. What is left is put back beside what stands there. */
const mostPairs = 100_000;

function fingerprintsOf(document: Document): ReadonlySet<string> {
  return new Set(document.units.map(unit => unit.fingerprint));
}
