import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errno } from '../errors.ts';
import { type Disk, discard } from './disk.ts';
import { indexPack } from './index-pack.ts';
import { mayLive, self } from './lock.ts';
import { type Layout, writeWhole } from './repository.ts';

/** A temporary file of a host we cannot ask is left alone for this long. */
const strayAgeMs = 24 * 60 * 60_000;
/** Small files get their names at once. */
const smallAgeMs = 60_000;

/**
 * Removes what kills have left behind, and says what it mended. The caller holds the store's lock, so nobody is writing
 * a pack. A pack that could not be opened (all are named in `open`) is not removed: its index is made anew.
 */
export async function cleanUp(layout: Layout, disk: Disk, open: ReadonlySet<string>): Promise<readonly string[]> {
  const packs = listOr(layout.packs);
  for (const name of packs) if (name.startsWith('tmp_')) discard(join(layout.packs, name));
  const said: string[] = [];
  for (const name of packs) {
    if (!/^pack-.*\.pack$/.test(name) || open.has(name)) continue;
    const index = indexPack(join(layout.packs, name));
    if (index === null) continue;
    await writeWhole(disk, layout.packs, name.replace(/pack$/, 'idx'), index);
    said.push(`made the index of ${name} anew`);
  }
  for (const name of listOr(layout.objects)) {
    const pid = Number(/^tmp_obj_(\d+)_/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid)) continue;
    const isDead = !mayLive({ ...self(), pid, start: '' });
    if (isDead || ageOf(join(layout.objects, name)) > strayAgeMs) discard(join(layout.objects, name));
  }
  for (const name of listOr(layout.root)) {
    const isStray = name.startsWith('tmp_') || name.endsWith('.tmp') || name.endsWith('.stale');
    if (isStray && ageOf(join(layout.root, name)) > smallAgeMs) discard(join(layout.root, name));
  }
  for (const machine of listOr(layout.heads)) {
    for (const name of listOr(join(layout.heads, machine))) {
      const path = join(layout.heads, machine, name);
      if (name.endsWith('.lock') && ageOf(path) > smallAgeMs) discard(path);
    }
  }
  const cache = join(layout.root, 'cache');
  for (const name of listOr(cache)) {
    if (name.endsWith('.tmp') && ageOf(join(cache, name)) > smallAgeMs) discard(join(cache, name));
  }
  for (const name of listOr(layout.journals)) {
    const path = join(layout.journals, name);
    if (name.endsWith('.new') && ageOf(path) > smallAgeMs) discard(path);
  }
  return said;
}

function listOr(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errno(error))) return [];
    throw error;
  }
}

/** A file of the future was written before the clock went back. */
function ageOf(path: string): number {
  const now = Date.now();
  return Math.abs(now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now));
}
