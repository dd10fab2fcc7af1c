/** Multisets of fingerprints: what base inference counts with. */
import type { Unit } from '../model.ts';

export type Counts = ReadonlyMap<string, number>;

export function countsOf(units: readonly Unit[]): Counts {
  const counts = new Map<string, number>();
  for (const unit of units) counts.set(unit.fingerprint, (counts.get(unit.fingerprint) ?? 0) + 1);
  return counts;
}

/** Units of `units` beyond those that `counts` has, in their order; of equal ones the last are the extra ones. */
export function beyond(units: readonly Unit[], counts: Counts): readonly Unit[] {
  const left = new Map(counts);
  return units.filter(unit => {
    const n = left.get(unit.fingerprint) ?? 0;
    if (n === 0) return true;
    left.set(unit.fingerprint, n - 1);
    return false;
  });
}
