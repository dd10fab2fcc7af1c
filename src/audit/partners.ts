/** Which of the units that came may stand in the place of one that went. */
import type { Unit } from '../model.ts';

/** Units times characters to compare; more take seconds. It is 180 paragraphs that went times 180 that came. */
const mostWork = 20_000_000;
/** What is compared of a unit at most. */
const longest = 24_000;

export interface Partners {
  /** Those left that it is to be compared with. */
  of(unit: Unit): readonly Unit[];
  /** Two that went are not both edited into the same one. */
  take(partner: Unit): void;
  /** Set when there are too many to compare each with each. */
  readonly limited: string | null;
}

/**
 * All of them while that is affordable. Else those of the same name and place, and those about as far down in the file: where a write changed
 * nearly everything, what was edited still stands in its order.
 */
export function partnersOf(gone: readonly Unit[], added: readonly Unit[]): Partners {
  const left = new Set(added);
  const take = (partner: Unit): void => void left.delete(partner);
  const work = gone.length * lengthOf(added) + added.length * lengthOf(gone);
  if (work <= mostWork) return { of: () => [...left], take, limited: null };

  const reach = Math.max(2, Math.floor((added.length * mostWork) / work / 2));
  const ranks = new Map(gone.map((unit, rank) => [unit, rank]));
  const named = new Map<string, Unit[]>();
  for (const unit of added) {
    const key = nameOf(unit);
    named.set(key, [...(named.get(key) ?? []).slice(0, reach), unit]);
  }
  return {
    of: unit => {
      const middle = Math.round(((ranks.get(unit) ?? 0) * added.length) / gone.length);
      const near = added.slice(Math.max(0, middle - reach), middle + reach);
      return [...new Set([...(named.get(nameOf(unit)) ?? []), ...near])].filter(other => left.has(other));
    },
    take,
    limited: `${gone.length.toLocaleString('en')} units went and ${added.length.toLocaleString('en')} came in one write: each was compared with the nearest ${2 * reach}`,
  };
}

function lengthOf(units: readonly Unit[]): number {
  return units.reduce((sum, { text }) => sum + Math.min(text.length, longest) + 10, 0);
}

function nameOf({ kind, place, name }: Unit): string {
  return `${kind}\0${place}\0${name}`;
}
