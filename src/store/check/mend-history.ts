/**
 * Heads, commits and trees made anew. A commit that cannot be read is known from the history index, line by line, and a
 * tree is what the lines say: so what was whole before comes back under the name it had.
 */
import type { Time, Version } from '../../model.ts';
import type { DatedCommit } from '../commit.ts';
import { knownBlocks } from '../index/known-blocks.ts';
import { pauses } from '../pauses.ts';
import { type Chained, type Month, type RewriteDeps, writeMonths } from '../prune/rewrite.ts';
import { listTrash } from '../prune/trash.ts';
import { harmedHeads, listHeads, monthOf, removeRefs } from '../refs.ts';
import { isNoteLine, parseVersion } from '../version-line.ts';
import { lostHeads, readCommit, readStray, type Stray, TreeCheck, tryOr } from './check-history.ts';

export interface MendDeps extends RewriteDeps {
  /** True for a blob that has a whole copy in a pack or a loose file. */
  isBlob(name: string): boolean;
  /** True for the id of a version that is in the index or in a journal. */
  knows(id: string): boolean;
}

/** A commit as the history index knows it, with the one before it on the same head. */
interface KnownCommit {
  readonly lines: readonly string[];
  readonly before: string | null;
}

/** Gives what was made anew, in words. The caller holds the store's lock, and makes the history index anew. */
export async function mendHistory(deps: MendDeps): Promise<readonly string[]> {
  const said: string[] = [];
  const trees = new TreeCheck(deps.objects, { isBlob: deps.isBlob, report: () => {} });
  const chains = await new Chains(deps).read();
  const months = chains.map((chain): Month => {
    const { ref, commit, commits } = chain;
    let isHarmed = chain.isHarmed;
    for (const { name, tree } of commits) if (!trees.check(ref, name, tree)) isHarmed = true;
    return { ref, commit, isHarmed, commits: () => commits };
  });
  const harmed = months.filter(({ isHarmed }) => isHarmed);
  for (const { ref } of harmed) said.push(`snapshots of ${ref.slice('refs/heads/'.length)}`);
  if (harmed.length > 0) await writeMonths(deps, months, line => line, null);
  const trash = brokenTrash(deps, trees);
  if (trash.size > 0) {
    await removeRefs(deps.layout, deps.disk, trash);
    said.push(`the trash, without ${trash.size} months that cannot be read any more`);
  }
  return said;
}

/** What the trash holds was dropped, and is not made anew. */
function brokenTrash({ layout, objects }: MendDeps, trees: TreeCheck): ReadonlySet<string> {
  const broken = new Set<string>();
  for (const { ref, commit: tip } of listTrash(layout)) {
    for (let name: string | null = tip; name !== null; ) {
      const commit: DatedCommit | null = readCommit(objects, name, () => {});
      if (!commit || !trees.check(ref, name, commit.tree)) broken.add(ref);
      name = commit?.parent ?? null;
    }
  }
  return broken;
}

interface Chain {
  readonly ref: string;
  readonly commit: string | null;
  readonly commits: readonly Chained[];
  readonly isHarmed: boolean;
}

/** What every head leads to, and what it led to before it was damaged. */
class Chains {
  readonly #deps: MendDeps;
  readonly #known = new Map<string, KnownCommit>();
  /** The last commit of each head that the history index has. */
  readonly #tips = new Map<string, string>();
  readonly #used = new Set<string>();
  readonly #continued = new Set<string>();
  #strays: ReadonlyMap<string, Stray> = new Map();

  constructor(deps: MendDeps) {
    this.#deps = deps;
    for (const { commit, ref, lines } of knownBlocks(deps.layout)) {
      this.#known.set(commit, { lines, before: this.#tips.get(ref) ?? null });
      this.#tips.set(ref, commit);
    }
  }

  async read(): Promise<readonly Chain[]> {
    const { layout } = this.#deps;
    const heads = new Map(listHeads(layout).map(({ ref, commit }) => [ref, commit]));
    const harmed = new Set(harmedHeads(layout));
    const refs = new Set([...heads.keys(), ...harmed, ...this.#tips.keys()]);
    this.#strays = await this.#findStrays();
    const lost = lostHeads(this.#strays, refs, this.#continued, this.#deps.knows);
    for (const [ref, commit] of lost) {
      refs.add(ref);
      this.#tips.set(ref, commit);
    }
    const chains: Chain[] = [];
    for (const ref of [...refs].sort()) {
      const isHarmed = harmed.has(ref) || !heads.has(ref);
      const commit = heads.get(ref) ?? null;
      const start = isHarmed ? (this.#tips.get(ref) ?? this.#newestStray(ref)) : commit;
      const chain = await this.#walk(ref, start);
      // Nothing is known of it: stock git would refuse the store as long as it stands there.
      if (chain.commits.length === 0) {
        if (harmed.has(ref)) await removeRefs(layout, this.#deps.disk, new Set([ref]));
        continue;
      }
      chains.push({ ref, commit, commits: chain.commits, isHarmed: isHarmed || chain.isCut });
    }
    return chains;
  }

  /** Oldest first. A commit that cannot be read is bridged by what the index, or another commit, knows. */
  async #walk(ref: string, start: string | null): Promise<{ commits: readonly Chained[]; isCut: boolean }> {
    const { objects } = this.#deps;
    const commits: (Chained | (Omit<Chained, 'at'> & { at: null }))[] = [];
    const pause = pauses();
    let isCut = false;
    for (let name = start; name !== null && !this.#used.has(name); ) {
      this.#used.add(name);
      await pause();
      const commit: DatedCommit | null = readCommit(objects, name, () => {});
      if (commit) {
        commits.push({ ...commit, name });
        name = commit.parent;
        continue;
      }
      isCut = true;
      const known = this.#known.get(name);
      if (known)
        commits.push({
          name,
          tree: '',
          parent: known.before,
          continues: null,
          was: null,
          lines: known.lines,
          at: null,
        });
      name = known ? known.before : this.#newestStray(ref);
    }
    let at: Time = 0;
    const dated = commits.reverse().map((commit): Chained => {
      at = commit.at ?? lastTime(commit.lines) ?? at;
      return { ...commit, at };
    });
    return { commits: dated, isCut };
  }

  /** The newest commit of that month that no head leads to, and nothing has taken the place of. */
  #newestStray(ref: string): string | null {
    const [, , machine, month] = ref.split('/');
    let newest: { readonly name: string; readonly at: Time } | null = null;
    for (const [name, stray] of this.#strays) {
      if (this.#used.has(name) || stray.machine !== machine || monthOf(stray.at) !== month) continue;
      if (newest === null || stray.at >= newest.at) newest = { name, at: stray.at };
    }
    return newest?.name ?? null;
  }

  /** Commits that no head and nothing in the trash leads to, the last of each line of them. */
  async #findStrays(): Promise<ReadonlyMap<string, Stray>> {
    const { objects, layout } = this.#deps;
    const strays = new Map<string, Stray>();
    const pause = pauses();
    for (const { index, typeAt } of objects.packs) {
      for (let i = 0; i < index.count; i++) {
        await pause();
        const name = index.name(i);
        const stray = tryOr(() => (typeAt(index.offset(i)) === 'commit' ? readStray(objects, name) : null));
        if (stray) strays.set(name, stray);
      }
    }
    for (const { was } of [...strays.values()]) if (was !== null) strays.delete(was);
    for (const { continues } of strays.values()) if (continues !== null) this.#continued.add(continues);
    const reached = [...listHeads(layout), ...listTrash(layout)].map(({ commit }) => commit);
    for (let name = reached.pop(); name !== undefined; name = reached.pop()) {
      const stray = strays.get(name);
      if (!stray) continue;
      strays.delete(name);
      if (stray.parent !== null) reached.push(stray.parent);
    }
    for (const { parent } of [...strays.values()]) if (parent !== null) strays.delete(parent);
    return strays;
  }
}

/** A snapshot has the time of its last version. */
function lastTime(lines: readonly string[]): Time | null {
  const versions = lines.filter(line => !isNoteLine(line)).map((line): Version => parseVersion(line, null));
  const last = versions.at(-1);
  return last ? Math.floor(last.seenAt / 1000) * 1000 : null;
}
