/** What transcripts and the client's copies tell, brought into the evidence and among the versions. */
import { readFileSync } from 'node:fs';
import { forgottenBefore } from '../history/forgotten.ts';
import type { Observation, Root, Time } from '../model.ts';
import { diskPath } from '../names.ts';
import { count } from '../report/sizes.ts';
import { type Collected, collect } from '../sessions/collect.ts';
import type { Place } from '../sessions/evidence.ts';
import type { Added } from '../sessions/past/importer.ts';
import { roomAsker, withReserve } from '../store/reserve.ts';
import type { Store } from '../store/store.ts';
import { observe } from '../watch/read.ts';
import { pathKey } from './audit-now.ts';
import { progressLine } from './progress.ts';
import type { Setup } from './setup.ts';
import { evidenceOf } from './testimony.ts';

export interface CollectOptions {
  /** Nothing is kept; what would be is counted. */
  readonly isDryRun?: boolean;
  /** Transcripts that are known to have grown: no others are looked at. */
  readonly only?: readonly Place[];
  /** Nothing is shown while it works: a watcher has its own lines. */
  readonly isSilent?: boolean;
  /** Goes on though the program was told to stop. */
  readonly isToTheEnd?: boolean;
}

/** Reads what is new in them; with read access, and on a dry run, nothing is kept. Never throws for what it reads. */
export async function collectNow(setup: Setup, options: CollectOptions = {}): Promise<Collected> {
  const { roots, world, classify, access } = setup;
  const store = reserved(setup);
  const progress = progressLine(world.err);
  try {
    return await collect({
      roots,
      store,
      evidence: evidenceOf(setup),
      now: world.now,
      classify,
      isForgotten: forgottenNow(store),
      look: lookNow(setup),
      read: (root, path) => orNull(() => readFileSync(diskPath(root, path))),
      ...(options.isSilent
        ? {}
        : { onProgress: (done: number) => progress.show(`reading ${count(done, 'transcript')}`) }),
      ...(options.isToTheEnd ? {} : { signal: world.signal }),
      isDryRun: options.isDryRun === true || access !== 'write',
      ...(options.only ? { only: options.only } : {}),
    });
  } finally {
    progress.clear();
  }
}

/** How many versions of before an import added, of how many files, and since when. */
export function rebuiltIn(added: readonly Added[]) {
  const since = added.reduce<Time | null>((oldest, { at }) => Math.min(oldest ?? at, at), null);
  return { versions: added.length, files: new Set(added.map(pathKey)).size, since };
}

/** What is forgotten by now, also by another process: asked anew whenever somebody else had a turn. */
export function forgottenNow(store: Pick<Store, 'notes'>): ReturnType<typeof forgottenBefore> {
  let known: ReturnType<typeof forgottenBefore> | null = null;
  return (place, at) => {
    if (known === null) {
      known = forgottenBefore(store.notes('forgotten'));
      queueMicrotask(() => {
        known = null;
      });
    }
    return known(place, at);
  };
}

/** The store, which records nothing while its disk is nearly full. */
export function reserved({ store, config }: Setup): Store {
  return withReserve(store, roomAsker(store), config.keep.minFree);
}

/** What stands there; null for a folder, a device, and for what cannot be read. */
export function lookNow({ classify, world }: Setup): (root: Root, path: string) => Observation | null {
  return (root, path) => orNull(() => observe(root, path, 'scan', { class: classify(root, path), now: world.now }));
}

/** What cannot be read now tells nothing; the scan has said so. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
