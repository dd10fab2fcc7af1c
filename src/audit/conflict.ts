/** One unit, changed by two hands: the second made his of the one before, and the first one's is gone. */
import { similarity } from '../documents/compare.ts';
import type { PathHistory, Unit, Version } from '../model.ts';
import type { RemovedUnit } from '../rule.ts';
import { beyond } from './counts.ts';
import { isMadeOf } from './origin.ts';
import type { Reader } from './reader.ts';
import { indexOf } from './since.ts';

/** From this similarity on, a text may be made of another one. */
const SAME = 0.6;
/** More units than this that came or went make no conflict about one of them. */
const FEW = 20;

/**
 * The version before one of the removed units came, where a text that the write added is made of what stood there then rather
 * than of anything that stood there last. Null: what was changed was the newest.
 */
export async function versionBeforeConflict(
  removed: readonly RemovedUnit[],
  added: readonly Unit[],
  before: Version,
  file: PathHistory,
  reader: Reader,
): Promise<Version | null> {
  const gone = removed.filter(({ fate }) => fate === 'lost' || fate === 'edited');
  if (added.length === 0 || added.length > FEW || gone.length > FEW) return null;
  for (const since of new Set(gone.map(entry => entry.since))) {
    const older = file.versions[indexOf(file, since) - 1];
    if (older?.kind !== 'file' || !older.settled) continue;
    const replaced = beyond(await reader.units(older), await reader.counts(since));
    if (replaced.length === 0 || replaced.length > FEW) continue;
    const newest = await reader.units(before);
    const isOrigin = (old: Unit) =>
      added.some(
        unit => unit.kind === old.kind && similarity(old.text, unit.text) >= SAME && isMadeOf(old, unit, newest),
      );
    if (replaced.some(isOrigin)) return older;
  }
  return null;
}
