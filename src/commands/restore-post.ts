/** Restoring and dropping versions exclude each other: both hold the store's post `restore`. */
import { setTimeout as pause } from 'node:timers/promises';
import { UndertextError } from '../errors.ts';
import { announce } from '../store/beside-restores.ts';
import { holderInWords } from '../store/lock.ts';
import { type Intent, isHolder } from '../store/store.ts';
import type { Setup } from './setup.ts';

/** A restore calls it before it writes, so that other processes know whose write they see. */
export type Announce = (intent: Intent) => Promise<void>;

/** A restore takes moments, dropping versions of many months takes some seconds. */
const patience = 30_000;
const sayAfter = 2_000;

/** Does the work when nobody else restores or drops; waits for it a while. @throws UndertextError `busy` */
export async function whileNothingIsDropped<T>(setup: Setup, work: (announce: Announce) => Promise<T>): Promise<T> {
  const since = performance.now();
  for (let isSaid = false; ; ) {
    const done = await ifNobodyRestores(setup, work);
    if (done !== null) return done.value;
    const waited = performance.now() - since;
    const holder = await setup.store.holder('restore');
    const who = holder === null ? 'another process' : holderInWords(holder);
    if (waited > patience) {
      throw new UndertextError(
        'busy',
        `${who} restores from this store, or prunes it`,
        'try again in a moment; nothing was written',
      );
    }
    if (!isSaid && waited > sayAfter && !setup.json) {
      isSaid = true;
      await setup.warn(`waiting for ${who}, which restores or prunes`);
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
