/** A store that was lost under a watcher: when another one can be made in its place. */
import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Deleting thousands of files takes a while (milliseconds). */
const atMost = 10_000;
const every = 200;

/** Resolves when nobody changes the folder any more: whoever still deletes it would delete a new store, too. */
export async function calmIn(folder: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + atMost;
  for (let before = ''; performance.now() < until && !signal.aborted; ) {
    const now = namesIn(folder);
    if (now === 'nothing' || now === before) return;
    before = now;
    await pause(every);
  }
}

/** Tries for a while: a folder that is being deleted or put in its place is no store until that is done. */
export async function withPatience(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  const until = performance.now() + atMost;
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (performance.now() >= until) throw error;
    }
    await pause(every);
  }
}

function namesIn(folder: string): string {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).join('\n');
  } catch {
    return 'nothing';
  }
}
