/** The quarantine: damaged files of the store, set aside and never deleted; `forget`, or a person, removes them. */
import { copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errno } from '../../errors.ts';
import type { Disk } from '../disk.ts';
import { type Layout, makeFolder } from '../repository.ts';

export function quarantineOf(layout: Layout): string {
  return join(layout.root, 'quarantine');
}

/** Moves a file there, durably; gives its name in the quarantine. */
export async function setAside(layout: Layout, disk: Disk, path: string, name = basename(path)): Promise<string> {
  const { folder, free } = freePlace(layout, name);
  renameSync(path, join(folder, free));
  await disk.syncFolder(folder);
  return free;
}

/** Keeps a second name, or a copy, of a file there: the first one may be replaced or removed then. */
export async function keepAside(layout: Layout, disk: Disk, path: string): Promise<string> {
  const first = join(quarantineOf(layout), basename(path));
  // A kill came between this and what is to follow.
  if (statSync(first, { throwIfNoEntry: false })?.ino === statSync(path).ino) return basename(path);
  const { folder, free } = freePlace(layout, basename(path));
  const to = join(folder, free);
  try {
    linkSync(path, to);
  } catch (error) {
    if (errno(error) === 'ENOENT') throw error;
    // A file system without hard links.
    const temporary = join(folder, `tmp_${free}`);
    copyFileSync(path, temporary);
    const fd = await disk.open(temporary, 'r+', 0o600);
    await disk.syncData(fd).finally(() => disk.close(fd));
    renameSync(temporary, to);
  }
  await disk.syncFolder(folder);
  return free;
}

/** The same file may be damaged a second time; what was set aside first stays. */
function freePlace(layout: Layout, name: string): { folder: string; free: string } {
  const folder = quarantineOf(layout);
  makeFolder(folder);
  let free = name;
  for (let number = 2; existsSync(join(folder, free)); number++) free = `${number}-${name}`;
  return { folder, free };
}

/** Removes what is left of a pack that was set aside, the index first. */
export function removePack(path: string): void {
  rmSync(`${path}.idx`, { force: true });
  rmSync(`${path}.pack`, { force: true });
}
