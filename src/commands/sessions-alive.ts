/** How many sessions are alive now, for a line that is rewritten each second. */
import { join } from 'node:path';
import { liveSessions } from '../sessions/live.ts';
import { processes } from './processes.ts';
import type { Setup } from './setup.ts';

/** So often at most the folder is read (milliseconds). */
const pause = 5_000;

export function sessionsAlive({ roots, world }: Setup): () => Promise<number> {
  let askedAt = Number.NEGATIVE_INFINITY;
  let alive = 0;
  return async () => {
    if (!world.out.isTerminal || performance.now() - askedAt < pause) return alive;
    askedAt = performance.now();
    const readings = await Promise.all(
      roots.map(root => liveSessions(join(root.path, 'sessions'), processes(world.platform))),
    );
    alive = readings.reduce((sum, { coverage }) => sum + coverage.alive, 0);
    return alive;
  };
}
