/** Folders that killed watchers have left in the system's folder for temporary files. */
import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Identity, mayLive, userId } from '../store/lock.ts';
import { cookieFolder, ownerFile } from '../watch/cookies.ts';

/** Removes those of this user whose process is certainly gone. What cannot be read or removed stays. */
export function removeDeadCookies(within: string): void {
  for (const name of namesIn(within)) {
    const folder = join(within, name);
    try {
      const stats = lstatSync(folder);
      if (!stats.isDirectory() || (userId() !== null && stats.uid !== userId())) continue;
      const owner = JSON.parse(readFileSync(join(folder, ownerFile), 'utf8')) as Partial<Identity>;
      const { pid, start, host } = owner;
      if (typeof pid !== 'number' || typeof start !== 'string' || typeof host !== 'string') continue;
      if (!mayLive({ pid, start, host })) rmSync(folder, { recursive: true, force: true });
    } catch {
      // It has no owner yet, or went meanwhile.
    }
  }
}

function namesIn(within: string): readonly string[] {
  try {
    return readdirSync(within).filter(name => name.startsWith(cookieFolder));
  } catch {
    return [];
  }
}
