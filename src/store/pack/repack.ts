/**
 * Packing: many small packs become few, and what was sealed apart becomes deltas of each other.
 *
 * The commits in the packs say which contents and folders followed each other; they are written in that order
 * (pack-plan.ts). The new pack stands before the old ones go, so a kill leaves at most the same object twice.
 */
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeCommit, type SnapshotCommit } from '../commit.ts';
import type { Disk } from '../disk.ts';
import { foldersOf } from '../names.ts';
import type { Objects } from '../objects.ts';
import { pauses } from '../pauses.ts';
import { decodeTree } from '../tree.ts';
import { isNoteLine, readVersion } from '../version-line.ts';
import { addOthers, type Chain, PackPlan, type Stock, type Written } from './pack-plan.ts';
import type { Pack } from './pack-read.ts';
import { writePack } from './pack-write.ts';
import { packStock } from './stock.ts';

export interface RepackDeps {
  readonly disk: Disk;
  readonly folder: string;
  readonly objects: Objects;
  /** A name for temporary files that nobody else uses. */
  newToken(): string;
  /** False when somebody took the lock for dead and took it away. */
  holdsLock(): boolean;
}

/** More than `count` packs below `bytes` are packed together: few files, and each byte is written again a few times. */
const levels = [
  { bytes: 100 << 10, count: 4 },
  { bytes: 1500 << 10, count: 4 },
  { bytes: 16 << 20, count: 4 },
  { bytes: 64 << 20, count: 4 },
] as const;
/** Other readers take a whole pack into memory. */
const biggestPack = 128 << 20;
/** Contents that wait for a successor to become a delta of them. */
const chainBytes = 32 << 20;
const sumBytes = 20;
const chunkBytes = 1 << 20;

/** Packs one group of small packs, at most `most` bytes of them. The caller holds the store's lock. */
export async function packSmall(deps: RepackDeps, most: number): Promise<void> {
  let floor = 0;
  for (const { bytes, count } of levels) {
    const isOfLevel = ({ path, size }: Pack) => size >= floor && size < bytes && !existsSync(`${path}.keep`);
    const small = deps.objects.packs.filter(isOfLevel);
    floor = bytes;
    if (small.length <= count) continue;
    const group = takeUpTo(Math.min(most, biggestPack), small);
    if (group.length > count / 2 && (await repack(deps, group, () => true))) return;
  }
}

function takeUpTo(most: number, packs: readonly Pack[]): readonly Pack[] {
  let bytes = 0;
  const taken: Pack[] = [];
  for (const pack of [...packs].sort((a, b) => a.size - b.size)) {
    bytes += pack.size;
    if (bytes > most) break;
    taken.push(pack);
  }
  return taken;
}

/**
 * Writes the wanted objects of some packs anew, as one pack, and removes those packs. False when a pack among them is
 * not whole: then all stays as it is, and `verify` says what is wrong with it.
 */
export async function repack(
  deps: RepackDeps,
  packs: readonly Pack[],
  isWanted: (name: string) => boolean,
): Promise<boolean> {
  for (const pack of packs) if (!(await hasItsSum(pack))) return false;
  const { disk, folder, objects } = deps;
  const path = await packAnew(deps, packs, packStock(packs, objects, isWanted));
  // Packed again as they were: nothing is gained, and nothing may be removed.
  if (packs.some(pack => pack.path === path)) return true;
  if (!deps.holdsLock()) throw new Error('the lock of the store was taken away');
  for (const { path } of packs) rmSync(`${path}.idx`, { force: true });
  // An index without its pack looks like damage; a pack without its index is none (clean-up.ts).
  await disk.syncFolder(folder);
  for (const { path } of packs) rmSync(`${path}.pack`, { force: true });
  objects.loadPacks();
  return true;
}

/** Writes what the stock has of some packs as one pack; gives its path, or null when there is nothing. */
export async function packAnew(
  { disk, folder, objects, newToken }: Omit<RepackDeps, 'holdsLock'>,
  packs: readonly Pack[],
  stock: Stock,
): Promise<string | null> {
  const plan = new PackPlan({ stock, objects, isElsewhere: () => false });
  await addSnapshots(plan, stock, await commitsOf(packs, stock));
  await addOthers(plan, stock.names());
  return plan.list.length === 0 ? null : await writePack(disk, folder, newToken(), plan.list);
}

interface Snapshot extends SnapshotCommit {
  readonly content: Buffer;
}

/** The commits in some packs, each behind its parent; lines that do not belong together by age. */
async function commitsOf(packs: readonly Pack[], stock: Stock): Promise<readonly Snapshot[]> {
  const found = new Map<string, Snapshot>();
  const pause = pauses();
  for (const { index, typeAt } of packs) {
    for (let i = 0; i < index.count; i++) {
      await pause();
      if (typeAt(index.offset(i)) !== 'commit') continue;
      const name = index.name(i);
      const content = stock.find(name)?.content();
      if (content) found.set(name, { ...decodeCommit(content), content });
    }
  }
  const after = new Map<string, string[]>();
  const starts: string[] = [];
  for (const [name, { parent }] of found) {
    if (parent === null || !found.has(parent)) starts.push(name);
    else after.set(parent, [...(after.get(parent) ?? []), name]);
  }
  starts.sort((a, b) => ageOf(found.get(a)!) - ageOf(found.get(b)!));
  const ordered: Snapshot[] = [];
  for (const start of starts) {
    for (let next = [start]; next.length > 0; next = next.flatMap(name => after.get(name) ?? [])) {
      for (const name of next) ordered.push(found.get(name)!);
    }
  }
  return ordered;
}

function ageOf({ content }: Snapshot): number {
  return Number(/^committer .* (\d+) /m.exec(content.toString('latin1'))?.[1] ?? 0);
}

async function addSnapshots(plan: PackPlan, stock: Stock, snapshots: readonly Snapshot[]): Promise<void> {
  const chains = new Recent<Chain>(({ tail, trees }) => {
    return (tail?.written.content.length ?? 0) + trees.reduce((sum, tree) => sum + (tree?.content.length ?? 0), 0);
  });
  const folders = new Recent<Written>(({ content }) => content.length);
  const pause = pauses();
  for (const { tree, lines, content } of snapshots) {
    const touched = new Set<string>();
    for (const line of lines) {
      const version = isNoteLine(line) ? null : readVersion(line, null);
      if (!version) continue;
      const { root, path, blob } = version;
      const key = `${root}\0${path}`;
      const chain = chains.get(key) ?? { tail: null, trees: [] };
      if (blob !== null) plan.addContent(blob, chain, true);
      chains.set(key, chain);
      for (const folder of foldersOf(root, path)) touched.add(folder);
      await pause();
    }
    addFolders(plan, stock, folders, tree, touched);
    plan.add('commit', content, null);
    await pause();
  }
}

/** The folders of a snapshot that were touched, each as a delta of what it was before. */
function addFolders(
  plan: PackPlan,
  stock: Stock,
  folders: Recent<Written>,
  root: string,
  touched: ReadonlySet<string>,
): void {
  const visit = (oid: string, path: string): void => {
    if (plan.has(oid)) return;
    const content = stock.find(oid)?.content();
    if (!content) return;
    folders.set(path, plan.add('tree', content, folders.get(path) ?? null));
    for (const [name, { mode, oid: below }] of decodeTree(content)) {
      const inner = `${path}/${name}`;
      if (mode === '40000' && touched.has(inner)) visit(below, inner);
    }
  };
  visit(root, '');
}

/** What was used last, as much of it as may be held in memory. */
class Recent<T> {
  readonly #items = new Map<string, { readonly item: T; readonly bytes: number }>();
  readonly #bytesOf: (item: T) => number;
  #bytes = 0;

  constructor(bytesOf: (item: T) => number) {
    this.#bytesOf = bytesOf;
  }

  get(key: string): T | undefined {
    return this.#items.get(key)?.item;
  }

  set(key: string, item: T): void {
    this.#remove(key);
    const bytes = this.#bytesOf(item);
    this.#items.set(key, { item, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#items.keys()) {
      if (this.#bytes <= chainBytes || oldest === key) break;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    this.#bytes -= this.#items.get(key)?.bytes ?? 0;
    this.#items.delete(key);
  }
}

async function hasItsSum(pack: Pack): Promise<boolean> {
  const hash = createHash('sha1');
  const end = pack.size - sumBytes;
  for (let at = 0; at < end; at += chunkBytes) {
    hash.update(pack.bytes(at, Math.min(chunkBytes, end - at)));
    await nextTurn();
  }
  return hash.digest().equals(pack.bytes(end, sumBytes));
}
