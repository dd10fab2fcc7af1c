/** Entries that a write worded anew: the same name at the same place, before and after. */
import { entryName, placeName } from '../documents/entry-name.ts';
import type { Unit } from '../model.ts';

/** More units than this are not asked for their names: half a second. */
const MOST = 20_000;

/**
 * For each unit that went, the unit that came in its place under its name. A name that two entries of one version bear names
 * neither of them. What leads somewhere is known wherever in the file it stands; all other names belong to their place.
 */
export function namesakesOf(
  gone: readonly Unit[],
  added: readonly Unit[],
  before: readonly Unit[],
  after: readonly Unit[],
): ReadonlyMap<Unit, Unit> {
  const found = new Map<Unit, Unit>();
  if (gone.length === 0 || added.length === 0 || before.length + after.length > MOST) return found;
  const came = byName(added);
  const wanted = gone.filter(unit => came.has(keyOf(unit) ?? ''));
  if (wanted.length === 0) return found;
  const [old, young] = [byName(before), byName(after)];
  for (const unit of wanted) {
    const key = keyOf(unit)!;
    if (old.get(key)!.length === 1 && young.get(key)?.length === 1) found.set(unit, came.get(key)![0]!);
  }
  return found;
}

function byName(units: readonly Unit[]): ReadonlyMap<string, readonly Unit[]> {
  const names = new Map<string, Unit[]>();
  for (const unit of units) {
    const key = keyOf(unit);
    if (key === null) continue;
    const same = names.get(key);
    if (same) same.push(unit);
    else names.set(key, [unit]);
  }
  return names;
}

function keyOf(unit: Unit): string | null {
  const name = entryName(unit);
  if (name === null) return null;
  return name.startsWith('link ') ? name : `${name}\0${placeName(unit.place)}`;
}
