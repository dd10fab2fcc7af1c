/** The time without a watcher: a gap that opens when one stops, or when a snapshot finds none, and closes when one begins. */
import type { Gap, Note, Time } from '../model.ts';
import { gapsOf, type Store } from '../store/store.ts';

const why = 'no watcher';

/** The note that opens the gap; null when it is open. `from` is asked only where it is not: it may go through all paths. */
export function nobodyWatches(store: Store, from: () => Time, now: Time): Note | null {
  return openGap(store) ? null : noteOf({ from: from(), to: null, why, root: null, paths: [] }, now);
}

/** The gap that ends when a watcher begins; null for an empty store. A watcher that was killed opened none: then it began with the newest version. */
export function watcherBegins(store: Store, now: Time): Gap | null {
  const open = openGap(store);
  if (open) return { ...open, to: now };
  const from = newestKnown(store);
  return from === null ? null : { from, to: now, why, root: null, paths: [] };
}

/** The last moment of which the store knows anything; null for an empty store. */
export function newestKnown(store: Store): Time | null {
  let newest: Time | null = null;
  for (const version of store.paths()) newest = Math.max(newest ?? 0, version.seenAt);
  return newest;
}

function openGap(store: Store): Gap | undefined {
  return gapsOf(store.notes('gap')).find(gap => gap.why === why && gap.to === null);
}

function noteOf(gap: Gap, at: Time): Note {
  return { kind: 'gap', at, data: gap };
}
