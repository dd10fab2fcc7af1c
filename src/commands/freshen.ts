/** What is asked of the present needs the present: the disk as it is now, and the transcripts up to their ends. */
import type { Collected } from '../sessions/collect.ts';
import { collectNow } from './collect-now.ts';
import { sayRepairs } from './repairs.ts';
import { scanRoots } from './scan-roots.ts';
import type { Setup } from './setup.ts';

/** Takes a snapshot, unless a watcher keeps everything anyway; then the evidence is brought up to date. */
export async function freshen(setup: Setup): Promise<Collected> {
  await sayRepairs(setup);
  if ((await setup.store.holder('watcher')) === null) await scanRoots(setup);
  else await setup.store.refresh();
  return await collectNow(setup);
}
