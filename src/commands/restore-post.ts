/** Restoring and dropping versions exclude each other: both hold the store's post `restore`. */
import { setTimeout as pause } from 'node:timers/promises';
import { UndertextError } from '../errors.ts';
import { announce } from '../store/beside-restores.ts';
import { type Intent, isHolder } from '../store/store.ts';
import type { Setup } from './setup.ts';

/** Tells other processes what is about to be written. */
export type Announce = (intent: Intent) => Promise<void>;

/** A restore takes moments, dropping versions of many months takes some seconds. */
const patience = 30_000;

/** Does the work when nobody else restores or drops; waits for it a while. @throws UndertextError `busy` */
export async function whileNothingIsDropped<T>(setup: Setup, work: (announce: Announce) => Promise<T>): Promise<T> {
  const until = performance.now() + patience;
  for (;;) {
    const done = await ifNobodyRestores(setup, work);
    if (done !== null) return done.value;
    if (performance.now() > until) {
      throw new UndertextError(
        'busy',
        'another process restores from this store, or prunes it',
        'try again in a moment; nothing was written',
      );
    }
    await pause(50);
  }
}

/** Does the work unless somebody restores or drops now; then null. */
export async function ifNobodyRestores<T>(
  setup: Setup,
  work: (announce: Announce) => Promise<T>,
): Promise<{ value: T } | null> {
  const lease = await setup.store.claim('restore', null);
  if (isHolder(lease)) return null;
  try {
    return { value: await work(intent => announce(lease, intent)) };
  } finally {
    await lease.release();
  }
}
