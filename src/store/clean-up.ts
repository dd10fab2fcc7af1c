import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errno } from '../errors.ts';
import type { Time } from '../model.ts';
import { mayLive, self } from './lock.ts';
import type { Layout } from './repository.ts';

/** A temporary file of a host we cannot ask is left alone for this long. */
const strayAgeMs = 24 * 60 * 60_000;
/** Small files get their names at once. */
const smallAgeMs = 60_000;

/** Removes what kills have left behind. The caller holds the store's lock, so nobody is writing a pack. */
export function cleanUp(layout: Layout, now: Time): void {
  const packs = listOr(layout.packs);
  for (const name of packs) {
    const isHalfPack = name.endsWith('.pack') && !packs.includes(`${name.slice(0, -5)}.idx`);
    if (name.startsWith('tmp_') || isHalfPack) remove(join(layout.packs, name));
  }
  for (const name of listOr(layout.objects)) {
    const pid = Number(/^tmp_obj_(\d+)_/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid)) continue;
    const isDead = !mayLive({ ...self(), pid, start: '' });
    if (isDead || ageOf(join(layout.objects, name), now) > strayAgeMs) remove(join(layout.objects, name));
  }
  for (const name of listOr(layout.root)) {
    const isStray = name.startsWith('tmp_') || name.endsWith('.tmp') || name.endsWith('.stale');
    if (isStray && ageOf(join(layout.root, name), now) > smallAgeMs) remove(join(layout.root, name));
  }
  for (const name of listOr(layout.journals)) {
    const path = join(layout.journals, name);
    if (name.endsWith('.new') && ageOf(path, now) > smallAgeMs) remove(path);
  }
}

function remove(path: string): void {
  rmSync(path, { force: true });
}

function listOr(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  }
}

function ageOf(path: string, now: Time): number {
  return now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now);
}
