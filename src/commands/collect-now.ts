/** Brings the evidence up to date with the transcripts, and the versions with what they tell of the past. */
import { readFileSync } from 'node:fs';
import { isForgottenAt } from '../history/forgotten.ts';
import { diskPath } from '../names.ts';
import { type Collected, collect } from '../sessions/collect.ts';
import { observe } from '../watch/read.ts';
import { progressLine } from './progress.ts';
import type { Setup } from './setup.ts';
import { evidenceOf } from './testimony.ts';

export interface CollectOptions {
  /** Nothing is kept; what would be is counted. */
  readonly isDryRun?: boolean;
  /** Nothing is shown while it works: a watcher has its own lines. */
  readonly isSilent?: boolean;
}

export async function collectNow(setup: Setup, options: CollectOptions = {}): Promise<Collected> {
  const { store, roots, world, classify } = setup;
  const progress = progressLine(world.err);
  try {
    return await collect({
      roots,
      store,
      evidence: evidenceOf(setup),
      now: world.now,
      classify,
      isForgotten: isForgottenAt(store.notes('forgotten')),
      look: (root, path) => orNull(() => observe(root, path, 'scan', { class: classify(root, path), now: world.now })),
      read: (root, path) => orNull(() => readFileSync(diskPath(root, path))),
      ...(options.isSilent ? {} : { onProgress: (done: number) => progress.show(`reading ${done} transcripts`) }),
      signal: world.signal,
      isDryRun: options.isDryRun ?? false,
    });
  } finally {
    progress.clear();
  }
}

/** What cannot be read now tells nothing; the scan has said so. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
