/** A pruning, planned or done, as the report shows it. */
import type { FileClass } from '../model.ts';
import type {
  Going,
  GoingPath,
  PrunedInShort,
  PruneReport,
  Staying,
  WhyDropped,
  WhyKept,
} from '../report/prune-text.ts';
import { bytesFreed, type PrunePlan } from '../store/prune/plan-prune.ts';
import type { PathPlan } from '../store/prune/retention.ts';
import { prunesOf } from '../store/prune/thinned.ts';
import { trashKeptFor } from '../store/store.ts';
import type { Pruned } from './prune-now.ts';
import type { Setup } from './setup.ts';

/** `done` is null for a dry run. */
export function pruneReport(setup: Setup, plan: PrunePlan, done: Pruned | null): PruneReport {
  const { store, config, world } = setup;
  const paths = plan.paths.flatMap(path => going(path, plan)).sort(mostBytesFirst);
  const room = done?.room ?? plan.room;
  const verdicts = plan.paths.flatMap(path => path.verdicts);
  const trashed = prunesOf(store.notes('prune')).map(({ at }) => at + trashKeptFor);
  const next = Math.min(...trashed.filter(until => until > world.now()));
  return {
    isDry: done === null,
    isForced: plan.isForced,
    versions: done?.versions ?? verdicts.filter(({ keep }) => !keep).length,
    bytes: sum(paths),
    lastTexts: verdicts.filter(verdict => !verdict.keep && verdict.hadLastText).length,
    classes: classesOf(paths),
    paths,
    kept: plan.paths.flatMap(staying).sort((a, b) => b.versions - a.versions),
    room: { ...room, cap: config.keep.cap, minFree: config.keep.minFree },
    trash: {
      bytes: room.trash,
      until: room.trash > 0 && Number.isFinite(next) ? next : null,
      emptied: done?.emptied ?? 0,
    },
  };
}

/** One entry for each reason; the bytes are shared out by the number of versions. */
function going(path: PathPlan, plan: PrunePlan): readonly GoingPath[] {
  const counts = new Map<WhyDropped, number>();
  for (const verdict of path.verdicts) {
    if (!verdict.keep) counts.set(verdict.why, (counts.get(verdict.why) ?? 0) + 1);
  }
  const all = [...counts.values()].reduce((total, number) => total + number, 0);
  if (all === 0) return [];
  const freed = bytesFreed(path, plan);
  return [...counts].map(([why, versions]) => ({
    root: path.root,
    path: path.path,
    class: path.class,
    why,
    versions,
    bytes: Math.round((freed * versions) / all),
  }));
}

function staying({ root, path, verdicts }: PathPlan): readonly Staying[] {
  const found = new Map<string, Staying>();
  for (const verdict of verdicts) {
    if (!verdict.keep || !isReason(verdict.why)) continue;
    const key = `${verdict.why} ${verdict.by}`;
    const versions = (found.get(key)?.versions ?? 0) + 1;
    found.set(key, { root, path, why: verdict.why, by: verdict.by, versions });
  }
  return [...found.values()];
}

function isReason(why: string): why is WhyKept {
  return why === 'needed' || why === 'text' || why === 'deletion';
}

function classesOf(paths: readonly GoingPath[]): readonly Going[] {
  const found = new Map<string, Going>();
  for (const { class: fileClass, why, versions, bytes } of paths) {
    const key = `${fileClass} ${why}`;
    const known = found.get(key) ?? { class: fileClass, why, versions: 0, bytes: 0 };
    found.set(key, { ...known, versions: known.versions + versions, bytes: known.bytes + bytes });
  }
  const order: readonly FileClass[] = ['authored', 'state', 'log'];
  return [...found.values()].sort((a, b) => order.indexOf(a.class) - order.indexOf(b.class) || b.versions - a.versions);
}

function sum(all: readonly { readonly bytes: number }[]): number {
  return all.reduce((total, { bytes }) => total + bytes, 0);
}

function mostBytesFirst(a: GoingPath, b: GoingPath): number {
  return b.bytes - a.bytes || b.versions - a.versions || (a.path < b.path ? -1 : 1);
}

/** The same in a few numbers. */
export function prunedIn({ plan, versions, emptied }: Pruned): PrunedInShort {
  const gone = plan.paths.flatMap(({ verdicts }) => verdicts.filter(({ keep }) => !keep));
  return {
    versions,
    bytes: plan.paths.reduce((total, path) => total + bytesFreed(path, plan), 0),
    emptied,
    forced: plan.isForced,
    lastTexts: gone.filter(verdict => !verdict.keep && verdict.hadLastText).length,
  };
}
