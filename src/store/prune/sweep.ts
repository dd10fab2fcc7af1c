/**
 * Sweeping: objects that nothing leads to any more go, when the trash is emptied and when something is forgotten.
 *
 * What counts: all heads, the refs in the trash, and every content that a journal names, also of living processes. A
 * process that records meanwhile may lean on an object that is about to go: so `swept` is written first, before the
 * journals are read, and whoever records looks at it before and after (git-store.ts).
 */
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCommit } from '../commit.ts';
import type { Disk } from '../disk.ts';
import { loosePath } from '../loose.ts';
import type { Objects } from '../objects.ts';
import type { Pack } from '../pack/pack-read.ts';
import { type RepackDeps, repack } from '../pack/repack.ts';
import { pauses } from '../pauses.ts';
import { type Layout, writeWhole } from '../repository.ts';
import { decodeTree } from '../tree.ts';

/** A pack is written anew when it can lose at least this share, or so many bytes. */
const worthShare = 0.05;
const worthBytes = 1 << 20;
/** Folders name the same files again and again; so many names are remembered. */
const mostSeen = 200_000;

/** Tells everybody that objects are about to go. */
export async function announceSweep(layout: Layout, disk: Disk, token: string): Promise<void> {
  await writeWhole(disk, layout.root, 'swept', `${token}\n`);
}

/** Changes with every sweep. */
export function sweepMark(layout: Layout): string {
  const stats = statSync(join(layout.root, 'swept'), { throwIfNoEntry: false });
  return stats ? `${stats.ino}:${stats.mtimeMs}` : '';
}

export interface SweepOptions {
  /** Commits and contents that everything that stays can be reached from. */
  readonly roots: Iterable<string>;
  /** Objects that go although something leads to them; every pack that has one is written anew. */
  readonly forgotten?: ReadonlySet<string>;
  onProgress?(done: number, of: number): void;
}

/**
 * Removes what cannot be reached; gives the packs that could not be read and were left as they are. The caller holds
 * the store's lock and has announced it.
 * @throws UndertextError `damaged` when something that is reached cannot be read: then nothing was removed
 */
export async function sweep(deps: RepackDeps, layout: Layout, options: SweepOptions): Promise<readonly string[]> {
  const { objects } = deps;
  const forgotten = options.forgotten ?? new Set<string>();
  const marks = await markFrom(options.roots, objects, forgotten);
  const left: string[] = [];
  const packs = objects.packs.filter(({ path }) => !existsSync(`${path}.keep`));
  for (const [i, pack] of packs.entries()) {
    options.onProgress?.(i, packs.length);
    if (!isWorthIt(pack, marks.of(pack), forgotten)) continue;
    const isWanted = (name: string): boolean => marks.has(name) && !forgotten.has(name);
    if (!(await repack(deps, [pack], isWanted))) left.push(pack.path);
  }
  for (const name of objects.listLoose()) {
    if (!marks.has(name) || forgotten.has(name)) rmSync(loosePath(layout.objects, name), { force: true });
  }
  return left;
}

function isWorthIt(pack: Pack, marked: Uint8Array, forgotten: ReadonlySet<string>): boolean {
  let garbage = 0;
  for (let i = 0; i < marked.length; i++) if (!marked[i]) garbage += pack.lengthOf(i);
  if (garbage > worthBytes || garbage > pack.size * worthShare) return true;
  if (forgotten.size === 0) return false;
  return [...forgotten].some(name => pack.index.find(Buffer.from(name, 'hex')) >= 0);
}

interface Marks {
  has(name: string): boolean;
  /** One byte for each object of the pack, 1 when it is reached. */
  of(pack: Pack): Uint8Array;
}

/** Walks everything once; a byte an object is all it holds of it. */
async function markFrom(roots: Iterable<string>, objects: Objects, forgotten: ReadonlySet<string>): Promise<Marks> {
  const marks = new Map(objects.packs.map(pack => [pack, new Uint8Array(pack.index.count)]));
  const loose = new Set<string>();
  const pause = pauses();
  /** False when it was marked before, or stands in no pack. */
  const mark = (name: string): boolean => {
    const key = Buffer.from(name, 'hex');
    let isNew = false;
    for (const [pack, bytes] of marks) {
      const at = pack.index.position(key);
      if (at < 0 || bytes[at]) continue;
      bytes[at] = 1;
      isNew = true;
    }
    if (isNew || loose.has(name) || !objects.hasLoose(name)) return isNew;
    loose.add(name);
    return true;
  };
  const seen = new Set<string>();
  const isSeen = (name: string): boolean => {
    if (seen.has(name)) return true;
    if (seen.size >= mostSeen) seen.clear();
    seen.add(name);
    return false;
  };
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    await pause();
    if (!mark(name) || forgotten.has(name)) continue;
    const { type, content } = objects.readStored(name);
    if (type === 'commit') {
      const { tree, parent } = decodeCommit(content);
      waiting.push(tree);
      if (parent !== null) waiting.push(parent);
    } else if (type === 'tree') {
      for (const { mode, oid } of decodeTree(content).values()) {
        if (mode === '40000') waiting.push(oid);
        else if (!isSeen(oid)) mark(oid);
      }
    }
  }
  return {
    has: name => {
      const key = Buffer.from(name, 'hex');
      for (const [pack, bytes] of marks) if (bytes[pack.index.position(key)]) return true;
      return loose.has(name);
    },
    of: pack => marks.get(pack) ?? new Uint8Array(pack.index.count).fill(1),
  };
}
