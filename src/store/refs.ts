/** Heads: `refs/heads/<machine>/<yyyy-mm>` (git's Documentation/gitrepository-layout). */
import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errno, UndertextError } from '../errors.ts';
import type { Time } from '../model.ts';
import { type Disk, discard } from './disk.ts';
import { readNow } from './read-now.ts';
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
  const most = 8.64e15; // what no calendar reaches is the end of it
  return new Date(Math.max(-most, Math.min(most, time))).toISOString().slice(0, 7);
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
      const commit = commitIn(readOr(join(layout.heads, machine, month)));
      if (commit !== null) heads.set(refOf(machine, month), commit);
    }
  }
  return [...heads].map(([ref, commit]) => ({ ref, commit })).sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

/** The commit that a ref's file names; blanks behind it are as git has it. */
function commitIn(text: string): string | null {
  return /^([0-9a-f]{40})[ \t\r\n]*$/.exec(text)?.[1] ?? null;
}

/** Heads whose file is not the name of a commit. */
export function harmedHeads(layout: Layout): readonly string[] {
  return listOr(layout.heads).flatMap(machine =>
    listOr(join(layout.heads, machine))
      .filter(month => !month.endsWith('.lock'))
      .filter(month => commitIn(readOr(join(layout.heads, machine, month))) === null)
      .map(month => refOf(machine, month)),
  );
}

/**
 * The machine's newest head; null before its first commit.
 * @throws UndertextError `damaged` when a head of the machine is none: a snapshot on top of it would begin a second line
 */
export function newestHead(layout: Layout, machine: string): Head | null {
  const harmed = harmedHeads(layout).find(ref => dirname(ref) === `refs/heads/${machine}`);
  if (harmed) throw new UndertextError('damaged', `${harmed} names no commit`, 'run `undertext verify --repair`');
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
  await place(layout, disk, ref, to, () => {
    const now = listHeads(layout).find(head => head.ref === ref)?.commit ?? null;
    if (now !== from) throw new UndertextError('moved', `${ref} is ${now}, not ${from}`, 'it is tried again');
  });
  if (from === null) {
    await disk.syncFolder(layout.heads);
    await writeWhole(disk, layout.root, 'HEAD', `ref: ${ref}\n`);
  }
}

/** Makes a ref that is no head, durably. The caller holds the store's lock. */
export async function writeRef(layout: Layout, disk: Disk, ref: string, commit: string): Promise<void> {
  await place(layout, disk, ref, commit, () => {});
}

async function place(layout: Layout, disk: Disk, ref: string, commit: string, check: () => void): Promise<void> {
  const path = join(layout.root, ref);
  const made = makeFolders(layout.root, dirname(ref));
  const lock = `${path}.lock`;
  rmSync(lock, { force: true });
  const fd = await disk.open(lock, 'wx', 0o600);
  try {
    try {
      check();
      await disk.write(fd, [Buffer.from(`${commit}\n`)], 0);
      await disk.syncData(fd);
    } finally {
      await disk.close(fd);
    }
    renameSync(lock, path);
  } catch (error) {
    discard(lock);
    throw error;
  }
  for (const folder of [dirname(path), ...made]) await disk.syncFolder(folder);
}

/** Makes the folders of a ref; gives those that got a new entry, innermost first. */
function makeFolders(root: string, path: string): readonly string[] {
  const made: string[] = [];
  let folder = root;
  for (const name of path.split('/')) {
    const parent = folder;
    folder = join(folder, name);
    if (existsSync(folder)) continue;
    makeFolder(folder);
    made.unshift(parent);
  }
  return made;
}

/** Every ref below a prefix, `refs/undertext/trash`, those in `packed-refs` too; by name. */
export function listRefs(layout: Layout, prefix: string): readonly Head[] {
  const refs = new Map<string, string>();
  for (const line of readOr(join(layout.root, 'packed-refs')).split('\n')) {
    const [commit = '', ref = ''] = line.split(' ');
    if (/^[0-9a-f]{40}$/.test(commit) && ref.startsWith(`${prefix}/`)) refs.set(ref, commit);
  }
  const visit = (path: string): void => {
    for (const name of listOr(join(layout.root, path))) {
      const commit = readOr(join(layout.root, path, name)).trim();
      if (/^[0-9a-f]{40}$/.test(commit) && !name.endsWith('.lock')) refs.set(`${path}/${name}`, commit);
      else if (commit === '') visit(`${path}/${name}`);
    }
  };
  visit(prefix);
  return [...refs].map(([ref, commit]) => ({ ref, commit })).sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

/** Removes refs, durably, and the folders that are empty then. The caller holds the store's lock. */
export async function removeRefs(layout: Layout, disk: Disk, refs: ReadonlySet<string>): Promise<void> {
  const packed = readOr(join(layout.root, 'packed-refs'));
  const rows = packed.split('\n');
  const isGone = rows.map(row => refs.has(row.slice(41)));
  // A line that begins with ^ belongs to the one before it.
  const kept = rows.filter((row, i) => !(isGone[i] || (row.startsWith('^') && isGone[i - 1])));
  if (kept.length < rows.length) await writeWhole(disk, layout.root, 'packed-refs', kept.join('\n'));
  for (const ref of refs) {
    rmSync(join(layout.root, ref), { force: true });
    await disk.syncFolder(dirname(join(layout.root, ref)));
    removeEmptyFolders(layout.root, dirname(ref));
  }
}

function removeEmptyFolders(root: string, path: string): void {
  try {
    for (let folder = path; folder !== 'refs'; folder = dirname(folder)) rmdirSync(join(root, folder));
  } catch {
    // Something else stands in it.
  }
}

function readOr(path: string): string {
  try {
    return readNow(path).toString('latin1');
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
