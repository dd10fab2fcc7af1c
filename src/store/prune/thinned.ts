/** The record of every pruning: what it took is gone, but that it was taken is not. */
import type { Note, Time } from '../../model.ts';
import { bytesFreed, type PrunePlan } from './plan-prune.ts';

export interface PruneRecord {
  readonly at: Time;
  readonly versions: number;
  /** About how many bytes go with the trash. */
  readonly bytes: number;
  /** The cap made it take more than age alone would have. */
  readonly isForced: boolean;
  /** How many of the versions were the last to hold a text. */
  readonly lastTexts: number;
  /** Up to when versions of a path were taken; of every path (null) when they are many. */
  readonly thinned: readonly { readonly root: string; readonly path: string | null; readonly until: Time }[];
}

/** More paths than these are not named one by one: the record is kept for ever. */
const mostPaths = 500;
/** An edit is judged by the versions of the three days before it. */
const reach = 3 * 86_400_000;

export function pruneNote(plan: PrunePlan): Note {
  const thinned = plan.paths.flatMap(({ root, path, verdicts }) => {
    const last = verdicts.findLast(({ keep }) => !keep);
    return last ? [{ root, path, until: last.version.seenAt }] : [];
  });
  const gone = plan.paths.flatMap(({ verdicts }) => verdicts.filter(({ keep }) => !keep));
  const data: PruneRecord = {
    at: plan.at,
    versions: gone.length,
    bytes: plan.paths.reduce((sum, path) => sum + bytesFreed(path, plan), 0),
    isForced: plan.isForced,
    lastTexts: gone.filter(verdict => !verdict.keep && verdict.hadLastText).length,
    thinned: thinned.length <= mostPaths ? thinned : allOf(thinned),
  };
  return { kind: 'prune', at: plan.at, data };
}

export function prunesOf(notes: readonly Note[]): readonly PruneRecord[] {
  return notes.filter(({ kind }) => kind === 'prune').map(({ data }) => data as PruneRecord);
}

/** Tells whether what led to an edit of that time was thinned since. */
export function thinnedIn(
  notes: readonly Note[],
): (place: { readonly root: string; readonly path: string }, at: Time) => boolean {
  const until = new Map<string, Time>();
  const keyOf = (root: string, path: string | null) => `${root}\0${path ?? ''}`;
  for (const { thinned } of prunesOf(notes)) {
    for (const each of thinned) {
      const key = keyOf(each.root, each.path);
      until.set(key, Math.max(until.get(key) ?? 0, each.until));
    }
  }
  return ({ root, path }, at) => {
    const last = Math.max(until.get(keyOf(root, path)) ?? 0, until.get(keyOf(root, null)) ?? 0);
    return last > 0 && at <= last + reach;
  };
}

function allOf(thinned: PruneRecord['thinned']): PruneRecord['thinned'] {
  const until = new Map<string, Time>();
  for (const each of thinned) until.set(each.root, Math.max(until.get(each.root) ?? 0, each.until));
  return [...until].map(([root, last]) => ({ root, path: null, until: last }));
}
