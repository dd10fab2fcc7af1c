/** The history as git sees it: heads, commits, their trees; compared with the index of it. */
import type { Time, Version } from '../../model.ts';
import { type DatedCommit, decodeCommit } from '../commit.ts';
import type { Catalogue } from '../index/catalogue.ts';
import { knownBlocks } from '../index/known-blocks.ts';
import type { Objects } from '../objects.ts';
import { pauses } from '../pauses.ts';
import { listTrash } from '../prune/trash.ts';
import { harmedHeads, listHeads, monthOf, refOf } from '../refs.ts';
import type { Layout } from '../repository.ts';
import { decodeTree } from '../tree.ts';
import { formatVersion, isNoteLine } from '../version-line.ts';

export interface HistoryDeps {
  readonly layout: Layout;
  readonly objects: Objects;
  readonly catalogue: Catalogue;
}

/** A commit that nothing leads to. */
export interface Stray extends DatedCommit {
  readonly machine: string;
}

/** @throws UndertextError `not-found` or `damaged` */
export function readStray(objects: Objects, name: string): Stray {
  const { content } = objects.readStored(name, 'commit');
  const machine = /^committer \S+ <undertext@(.*)> /m.exec(content.toString('utf8'))?.[1] ?? '';
  return { ...decodeCommit(content), machine };
}

/**
 * Heads that have gone without a trace in the index: a stray commit with versions nobody knows, newer than all heads of
 * its machine, or named by the month that followed it. Others were dropped. Gives the last commit of each.
 */
export function lostHeads(
  strays: ReadonlyMap<string, Stray>,
  refs: ReadonlySet<string>,
  continued: ReadonlySet<string>,
  isKnown: (id: string) => boolean,
): ReadonlyMap<string, string> {
  const inner = new Set([...strays.values()].flatMap(({ parent, was }) => [parent, was]));
  const lost = new Map<string, { readonly name: string; readonly at: Time }>();
  for (const [name, { machine, at, lines }] of strays) {
    const ref = refOf(machine, monthOf(at));
    if (inner.has(name) || refs.has(ref) || !/^[A-Za-z0-9_.-]+$/.test(machine)) continue;
    if (lines.every(line => isNoteLine(line) || isKnown(line.slice(0, line.indexOf('\t'))))) continue;
    const isNewest = [...refs].every(other => !other.startsWith(refOf(machine, '')) || other < ref);
    if ((isNewest || continued.has(name)) && at >= (lost.get(ref)?.at ?? 0)) lost.set(ref, { name, at });
  }
  return new Map([...lost].map(([ref, { name }]) => [ref, name]));
}

export interface HistoryOptions {
  /** The commits that can be read, whether something leads to them or not. */
  readonly commits: Iterable<string>;
  /** True for a blob that has a whole copy. */
  isBlob(name: string): boolean;
  /** The trees of a commit are looked through; in a sample, not of every one. */
  isPicked(commit: string): boolean;
  report(where: string, what: string): void;
}

const anyway = 'its versions are known from the index all the same';

/** Walks all heads; what it finds wrong costs no version, for the index has them. */
export async function checkHistory(deps: HistoryDeps, options: HistoryOptions): Promise<void> {
  const { layout, objects, catalogue } = deps;
  const { report } = options;
  const heads = listHeads(layout);
  for (const ref of harmedHeads(layout)) report(ref, `it names no commit: stock git refuses the store; ${anyway}`);
  const there = new Set([...heads.map(({ ref }) => ref), ...harmedHeads(layout)]);
  const known = new Set(knownBlocks(layout).map(({ ref }) => ref));
  for (const ref of known) if (!there.has(ref)) report(ref, `the head is missing; ${anyway}`);

  const inCommits = new Set<string>();
  const seen = new Set<string>();
  const continued = new Set<string>();
  const trees = new TreeCheck(objects, options);
  const pause = pauses();
  for (const { ref, commit: tip } of heads) {
    for (let name: string | null = tip; name !== null && !seen.has(name); ) {
      seen.add(name);
      await pause();
      const commit: DatedCommit | null = readCommit(objects, name, why =>
        report(ref, `commit ${name}: ${why}: stock git cannot show this snapshot nor those before it; ${anyway}`),
      );
      if (!commit) break;
      if (commit.continues !== null) continued.add(commit.continues);
      for (const line of commit.lines) if (!isNoteLine(line)) inCommits.add(`${name} ${withoutPrevious(line)}`);
      if (name === tip || options.isPicked(name)) trees.check(ref, name, commit.tree);
      name = commit.parent;
    }
  }
  for (const { ref, commit: tip } of listTrash(layout)) {
    for (let name: string | null = tip; name !== null && !seen.has(name); ) {
      seen.add(name);
      await pause();
      const commit: DatedCommit | null = readCommit(objects, name, why =>
        report(ref, `commit ${name} in the trash: ${why}`),
      );
      if (!commit) break;
      if (options.isPicked(name)) trees.check(ref, name, commit.tree);
      name = commit.parent;
    }
  }
  const strays = new Map<string, Stray>();
  for (const name of options.commits) {
    if (seen.has(name)) continue;
    await pause();
    const stray = tryOr(() => readStray(objects, name));
    if (stray) strays.set(name, stray);
  }
  const refs = new Set([...there, ...known]);
  for (const ref of lostHeads(strays, refs, continued, id => catalogue.hasVersion(id)).keys()) {
    report(ref, 'the head is missing, and the index does not know its versions: a repair puts it back');
  }
  compare(catalogue, inCommits, report);
}

export function tryOr<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}

/** Every version that has a commit stands in that commit's trailers, and every trailer is a version we know. */
function compare(catalogue: Catalogue, inCommits: ReadonlySet<string>, report: HistoryOptions['report']): void {
  let strays = 0;
  for (const version of catalogue.all()) if (isStray(version, inCommits)) strays++;
  if (strays > 0)
    report('history', `${strays} versions of the index are not in their commits; they are known from the index alone`);
  const unknown = [...inCommits].filter(line => !catalogue.hasVersion(line.slice(41, line.indexOf('\t'))));
  if (unknown.length > 0) report('history', `${unknown.length} versions of the commits are not in the index`);
}

function isStray(version: Version, inCommits: ReadonlySet<string>): boolean {
  return version.snapshot !== null && !inCommits.has(`${version.snapshot} ${formatVersion(version)}`);
}

function withoutPrevious(line: string): string {
  return line.slice(0, line.lastIndexOf('\t'));
}

export function readCommit(objects: Objects, name: string, failed: (why: string) => void): DatedCommit | null {
  try {
    return decodeCommit(objects.readStored(name, 'commit').content);
  } catch (error) {
    failed((error as Error).message);
    return null;
  }
}

/** Looks through trees, each once. */
export class TreeCheck {
  readonly #objects: Objects;
  readonly #options: Pick<HistoryOptions, 'isBlob' | 'report'>;
  readonly #seen = new Set<string>();
  readonly #harmed = new Set<string>();

  constructor(objects: Objects, options: Pick<HistoryOptions, 'isBlob' | 'report'>) {
    this.#objects = objects;
    this.#options = options;
  }

  /** False when the tree, or something in it, is not whole; says so the first time. */
  check(ref: string, commit: string, tree: string): boolean {
    return this.#check(tree, (name, why) =>
      this.#options.report(
        ref,
        `${name} in the tree of commit ${commit}: ${why}: stock git cannot show this snapshot; ${anyway}`,
      ),
    );
  }

  #check(oid: string, report: (name: string, why: string) => void): boolean {
    if (this.#seen.has(oid)) return !this.#harmed.has(oid);
    this.#seen.add(oid);
    let isWhole = true;
    try {
      for (const { mode, oid: below } of decodeTree(this.#objects.readStored(oid, 'tree').content).values()) {
        if (mode === '40000') isWhole = this.#check(below, report) && isWhole;
        else if (!this.#options.isBlob(below) || !this.#objects.isStored(below)) {
          isWhole = false;
          if (!this.#seen.has(below)) report(`object ${below}`, 'it is missing or damaged');
          this.#seen.add(below);
        }
      }
    } catch (error) {
      isWhole = false;
      report(`tree ${oid}`, (error as Error).message);
    }
    if (!isWhole) this.#harmed.add(oid);
    return isWhole;
  }
}
