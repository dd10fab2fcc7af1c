/**
 * Months written anew: the same snapshots without some of their versions, or with other words for them.
 *
 * Commits keep their order and their time, and name in `Was:` the commit they stand for, so that the chain of a path
 * (each line names the commit that changed that path before) can still be followed. Commits that keep nothing are left
 * out. The old chain stays under a ref in the trash. Order: packs, refs in the trash, heads.
 */
import type { Version } from '../../model.ts';
import { objectName } from '../blob-name.ts';
import { type DatedCommit, decodeCommit, encodeCommit, subjectOf } from '../commit.ts';
import type { Disk } from '../disk.ts';
import type { Objects } from '../objects.ts';
import { PackPlan, type Written } from '../pack/pack-plan.ts';
import { writePack } from '../pack/pack-write.ts';
import { pauses } from '../pauses.ts';
import { listHeads, moveHead, writeRef } from '../refs.ts';
import type { Layout } from '../repository.ts';
import type { TreeEntry } from '../tree.ts';
import { TreeEditor, type WrittenTree } from '../tree-editor.ts';
import { isNoteLine, readVersion } from '../version-line.ts';
import { putVersion } from '../version-tree.ts';

export interface RewriteDeps {
  readonly layout: Layout;
  readonly disk: Disk;
  readonly objects: Objects;
  /** A name for temporary files that nobody else uses. */
  newToken(): string;
  /** False when somebody took the lock for dead and took it away. */
  holdsLock(): boolean;
  onProgress?(done: number, of: number): void;
  /** True for a content that is not whole, and stands in no tree; left out: for one that is not stored. */
  isLost?(blob: string): boolean;
}

/** What becomes of the line of a version or of a note: the same, another one, or null when it goes. */
export type Redo = (line: string) => string | null;

interface Moved {
  readonly ref: string;
  readonly from: string | null;
  readonly to: string;
}

/** A month as it is to be written anew. */
export interface Month {
  readonly ref: string;
  /** What the head names now; null when it names nothing. */
  readonly commit: string | null;
  /** True when it must be written even if no line changes: something in it cannot be read. */
  readonly isHarmed: boolean;
  /** Oldest first. */
  commits(): Promise<readonly Chained[]> | readonly Chained[];
}

/** More entries than these are written as a pack before more are planned: they wait in memory. */
const entriesAtOnce = 30_000;

/**
 * Writes each month anew in which `redo` changes a line, and those after it whose folders change with it. `trash` is the
 * ref below which the old heads stay; null: they are let go. Gives how many months were written. The caller holds the
 * store's lock, has sealed, and makes the history index anew.
 */
export async function rewriteMonths(deps: RewriteDeps, redo: Redo, trash: string | null): Promise<number> {
  const months = listHeads(deps.layout).map(({ ref, commit }): Month => {
    return { ref, commit, isHarmed: false, commits: () => chainOf(commit, deps.objects) };
  });
  return writeMonths(deps, months, redo, trash);
}

/** The same for months that are known another way than by their heads. */
export async function writeMonths(
  deps: RewriteDeps,
  all: readonly Month[],
  redo: Redo,
  trash: string | null,
): Promise<number> {
  const moves: Moved[] = [];
  const source = new Source(deps);
  for (const [i, { machine, months }] of byMachine(all).entries()) {
    moves.push(...(await rewriteMachine(deps, machine, months, redo, source)));
    deps.onProgress?.(i + 1, all.length);
  }
  // Also what stands again as it was, and needs no move.
  await source.flush();
  if (moves.length === 0) return 0;
  // What was written before and is used again may have been left by a kill before its name was durable.
  await deps.disk.syncFolder(deps.layout.packs);
  if (!deps.holdsLock()) throw new Error('the lock of the store was taken away');
  for (const { ref, from, to } of moves) {
    if (trash !== null && from !== null)
      await writeRef(deps.layout, deps.disk, `${trash}/${ref.slice('refs/heads/'.length)}`, from);
    await moveHead(deps.layout, deps.disk, ref, from, to);
  }
  return moves.length;
}

function byMachine(all: readonly Month[]): readonly { machine: string; months: readonly Month[] }[] {
  const machines = new Map<string, Month[]>();
  for (const month of all) {
    const machine = month.ref.split('/')[2]!;
    machines.set(machine, [...(machines.get(machine) ?? []), month]);
  }
  return [...machines].map(([machine, months]) => ({ machine, months }));
}

async function rewriteMachine(
  deps: RewriteDeps,
  machine: string,
  months: readonly Month[],
  redo: Redo,
  source: Source,
): Promise<readonly Moved[]> {
  const moves: Moved[] = [];
  let oldTree: string | null = null;
  let newTree: string | null = null;
  let head: string | null = null;
  for (const month of months) {
    const { ref, commit } = month;
    const commits = await month.commits();
    const first = month.isHarmed ? 0 : commits.findIndex(({ lines }) => lines.some(line => redo(line) !== line));
    if (first === -1 && oldTree === newTree) {
      oldTree = commits.at(-1)!.tree;
      newTree = oldTree;
      head = commit;
      continue;
    }
    // What stands before the first change stays as it is, with all that it stands on.
    const same = moves.length === 0 && first > 0 ? commits[first - 1]! : null;
    const made: { commit: string; tree: string } = await rewriteMonth(
      deps,
      machine,
      same === null ? commits : commits.slice(first),
      redo,
      source,
      { tree: same?.tree ?? newTree, continues: head, parent: same?.name ?? null },
    );
    if (made.commit !== commit) moves.push({ ref, from: commit, to: made.commit });
    oldTree = commits.at(-1)!.tree;
    newTree = made.tree;
    head = made.commit;
  }
  return moves;
}

export interface Chained extends DatedCommit {
  readonly name: string;
}

/** The commits of a month, oldest first. */
async function chainOf(tip: string, objects: Objects): Promise<readonly Chained[]> {
  const chain: Chained[] = [];
  const pause = pauses();
  for (let name: string | null = tip; name !== null; ) {
    const commit: DatedCommit = decodeCommit(objects.readStored(name, 'commit').content);
    chain.push({ ...commit, name });
    name = commit.parent;
    await pause();
  }
  return chain.reverse();
}

async function rewriteMonth(
  { objects, isLost = (blob: string) => !objects.isStored(blob) }: RewriteDeps,
  machine: string,
  commits: readonly Chained[],
  redo: Redo,
  source: Source,
  before: { readonly tree: string | null; readonly continues: string | null; readonly parent: string | null },
): Promise<{ commit: string; tree: string }> {
  const editor = new TreeEditor(source, before.tree);
  const pause = pauses();
  let parent = before.parent;
  let tree = before.tree;
  const add = (commit: Chained, lines: readonly string[], versions: readonly Version[]): void => {
    tree = editor.write();
    const continues = parent === null ? before.continues : null;
    const subject = versions.length === 0 && lines.length === 0 ? 'nothing is kept of this month' : subjectOf(versions);
    const encode = (was: string | null): Buffer =>
      encodeCommit({ tree: tree!, parent, continues, was, lines }, subject, machine, commit.at);
    // A commit that nothing has changed keeps its name.
    const same = encode(commit.was);
    const isSame = objectName('commit', same) === commit.name;
    parent = source.add(isSame ? same : encode(commit.was ?? commit.name)).oid;
  };
  for (const commit of commits) {
    const lines = commit.lines.map(redo).filter(line => line !== null);
    if (lines.length === 0) continue;
    const versions = lines
      .filter(line => !isNoteLine(line))
      .map(line => readVersion(line, null))
      .filter(version => version !== null);
    for (const version of versions) {
      // What was lost to damage stands in no tree.
      if (version.blob !== null && isLost(version.blob)) continue;
      putVersion(editor, version, version.blob !== null && objects.isTreeOf(version.blob, version.size));
    }
    add(commit, lines, versions);
    await source.flushWhenFull();
    await pause();
  }
  // A head names a commit.
  if (parent === null) add(commits.at(-1)!, [], []);
  // The next month begins with the folders of this one.
  await source.flush();
  return { commit: parent!, tree: tree! };
}

/** Writes trees and commits, pack by pack. */
class Source {
  readonly #deps: RewriteDeps;
  #plan: PackPlan;

  constructor(deps: RewriteDeps) {
    this.#deps = deps;
    this.#plan = this.#newPlan();
  }

  load(oid: string): Map<string, TreeEntry> {
    return this.#plan.load(oid);
  }

  write(bytes: Buffer, last: WrittenTree | null): Written {
    return this.#plan.write(bytes, last);
  }

  add(commit: Buffer): Written {
    return this.#plan.add('commit', commit, null);
  }

  async flushWhenFull(): Promise<void> {
    if (this.#plan.list.length >= entriesAtOnce) await this.flush();
  }

  async flush(): Promise<void> {
    const { disk, layout, objects } = this.#deps;
    if (this.#plan.list.length === 0) return;
    await writePack(disk, layout.packs, this.#deps.newToken(), this.#plan.list);
    objects.loadPacks();
    this.#plan = this.#newPlan();
  }

  #newPlan(): PackPlan {
    const { objects } = this.#deps;
    const stock = { find: () => null, names: () => [] };
    return new PackPlan({ stock, objects, isElsewhere: name => objects.isSound(name) });
  }
}
