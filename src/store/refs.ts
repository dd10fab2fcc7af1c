/** Heads: `refs/heads/<machine>/<yyyy-mm>` (git's Documentation/gitrepository-layout). */
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errno, UndertextError } from '../errors.ts';
import type { Time } from '../model.ts';
import type { Disk } from './disk.ts';
import type { Layout } from './repository.ts';
import { makeFolder, writeWhole } from './repository.ts';

export interface Head {
  /** `refs/heads/<machine>/<yyyy-mm>` */
  readonly ref: string;
  readonly commit: string;
}

/** The machine's name as git's `check-ref-format` wants it. */
export function machineName(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/\.{2,}/g, '.');
  return safe.replace(/^[.-]+|\.lock$|[.]+$/g, '') || 'machine';
}

/** UTC month of a moment. */
export function monthOf(time: Time): string {
  return new Date(time).toISOString().slice(0, 7);
}

export function refOf(machine: string, month: string): string {
  return `refs/heads/${machine}/${month}`;
}

/** Every head, those that were packed by somebody's `git pack-refs` too; by name. */
export function listHeads(layout: Layout): readonly Head[] {
  const heads = new Map<string, string>();
  for (const line of readOr(join(layout.root, 'packed-refs')).split('\n')) {
    const match = /^([0-9a-f]{40}) (refs\/heads\/.+)$/.exec(line);
    if (match) heads.set(match[2]!, match[1]!);
  }
  for (const machine of listOr(layout.heads)) {
    for (const month of listOr(join(layout.heads, machine))) {
      if (month.endsWith('.lock')) continue;
      const commit = readOr(join(layout.heads, machine, month)).trim();
      if (/^[0-9a-f]{40}$/.test(commit)) heads.set(refOf(machine, month), commit);
    }
  }
  return [...heads].map(([ref, commit]) => ({ ref, commit })).sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

/** The machine's newest head; null before its first commit. */
export function newestHead(layout: Layout, machine: string): Head | null {
  return listHeads(layout).findLast(({ ref }) => dirname(ref) === `refs/heads/${machine}`) ?? null;
}

/**
 * Moves a head by compare-and-swap, durably: `<ref>.lock` keeps stock git away as it keeps itself away. The caller holds
 * the store's lock, so a `.lock` that stands there was left by a kill.
 * @throws UndertextError `moved` when the head is not what the caller thinks
 */
export async function moveHead(
  layout: Layout,
  disk: Disk,
  ref: string,
  from: string | null,
  to: string,
): Promise<void> {
  const path = join(layout.root, ref);
  makeFolder(dirname(path));
  const lock = `${path}.lock`;
  rmSync(lock, { force: true });
  const fd = await disk.open(lock, 'wx', 0o600);
  try {
    try {
      const now = listHeads(layout).find(head => head.ref === ref)?.commit ?? null;
      if (now !== from) throw new UndertextError('moved', `${ref} is ${now}, not ${from}`, 'it is tried again');
      await disk.write(fd, [Buffer.from(`${to}\n`)], 0);
      await disk.syncData(fd);
    } finally {
      await disk.close(fd);
    }
    renameSync(lock, path);
  } catch (error) {
    rmSync(lock, { force: true });
    throw error;
  }
  await disk.syncFolder(dirname(path));
  if (from === null) {
    await disk.syncFolder(layout.heads);
    await writeWhole(disk, layout.root, 'HEAD', `ref: ${ref}\n`);
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes(errno(error))) return '';
    throw error;
  }
}

function listOr(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errno(error))) return [];
    throw error;
  }
}
