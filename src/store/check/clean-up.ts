import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errno } from '../../errors.ts';
import { type Disk, discard } from '../disk.ts';
import { mayLive, self } from '../lock.ts';
import type { Objects } from '../objects.ts';
import { indexPack } from '../pack/index-pack.ts';
import type { Layout } from '../repository.ts';
import { setAside } from './quarantine.ts';

/** A temporary file of a host we cannot ask is left alone for this long. */
const strayAgeMs = 24 * 60 * 60_000;
/** Small files get their names at once. */
const smallAgeMs = 60_000;

/** Removes what kills have left behind. The caller holds the store's lock, so nobody is writing a pack. */
export function cleanUp(layout: Layout): void {
  for (const name of listOr(layout.packs)) if (name.startsWith('tmp_')) discard(join(layout.packs, name));
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
  for (const path of locksBelow(join(layout.root, 'refs'))) if (ageOf(path) > smallAgeMs) discard(path);
  const cache = join(layout.root, 'cache');
  for (const name of listOr(cache)) {
    if (name.endsWith('.tmp') && ageOf(join(cache, name)) > smallAgeMs) discard(join(cache, name));
  }
  for (const name of listOr(layout.journals)) {
    const path = join(layout.journals, name);
    if (name.endsWith('.new') && ageOf(path) > smallAgeMs) discard(path);
  }
}

/** Files that git, and we, write before a ref gets its name. */
function locksBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.lock'))
    .map(name => join(folder, name));
}

/** The packs whose index is gone or cannot be read, without `.pack`. */
export function packsWithoutIndex(layout: Layout, objects: Objects): readonly string[] {
  const open = new Set(objects.packs.map(({ path }) => path));
  return listOr(layout.packs)
    .filter(name => /^pack-.*\.pack$/.test(name))
    .map(name => join(layout.packs, name.slice(0, -5)))
    .filter(path => !open.has(path));
}

/**
 * Gives packs their index again: they got their name when they were whole. One that does not check out is set aside.
 * The caller holds the store's lock. Gives what it did.
 */
export async function indexLonePacks(layout: Layout, disk: Disk, objects: Objects): Promise<readonly string[]> {
  const said: string[] = [];
  objects.loadPacks();
  for (const path of packsWithoutIndex(layout, objects)) {
    const name = `${basename(path)}.pack`;
    if (await indexPack(disk, path, base => objects.readStored(base))) said.push(`made the index of ${name} anew`);
    else said.push(`set ${await setAside(layout, disk, `${path}.pack`)} aside, in quarantine: it is damaged`);
  }
  if (said.length > 0) objects.loadPacks();
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
