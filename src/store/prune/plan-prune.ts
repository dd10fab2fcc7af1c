/** Retention over a whole store: one path at a time, and the cap over all of them. */
import { UndertextError } from '../../errors.ts';
import type { FileClass, Time, Version } from '../../model.ts';
import type { Room, Store } from '../store.ts';
import { forcePlans, freedBy, weightOf } from './cap.ts';
import { type PathPlan, type PathVersions, planPath, type RetentionDeps } from './retention.ts';

export interface PruneInput extends Omit<RetentionDeps, 'startsWith'> {
  readonly store: Pick<Store, 'paths' | 'versions' | 'startsWith'>;
  /** Null: the file is none of ours, and stays as it is. */
  classOf(newest: Version): FileClass | null;
  readonly room: Room;
  readonly cap: number;
  /** Hears how many paths are done; how many there are is not known without reading all of them at once. */
  onProgress?(done: number): void;
}

export interface PrunePlan {
  readonly at: Time;
  readonly room: Room;
  readonly cap: number;
  /** More goes than by its age alone, as what the store holds is above the cap. */
  readonly isForced: boolean;
  /** Those of which something goes, or stays although it is old. */
  readonly paths: readonly PathPlan[];
  /** Paths whose content cannot be read back; they stay as they are. */
  readonly unreadable: readonly { readonly root: string; readonly path: string; readonly why: string }[];
  /** How much of the disk a byte of content takes in this store; the estimates are made with it. */
  readonly ratio: number;
}

/** What is forced goes down to this share of the cap, or the next version would force again. */
const lowWater = 0.9;

export async function planPrune(input: PruneInput): Promise<PrunePlan> {
  const { store, now, room, cap, keep } = input;
  const held = Math.max(0, room.bytes - room.trash);
  const isForced = held > cap;
  const deps: RetentionDeps = { ...input, startsWith: (whole, part) => store.startsWith(whole, part) };
  const plans: PathPlan[] = [];
  const unreadable: { root: string; path: string; why: string }[] = [];
  let weight = 0;
  let done = 0;
  for (const version of store.paths()) {
    input.onProgress?.(done++);
    const fileClass = input.classOf(version);
    if (fileClass === null) continue;
    const { root, path } = version;
    const file: PathVersions = { root, path, class: fileClass, versions: store.versions(version) };
    weight += weightOf(fileClass, file.versions);
    await input.rest?.();
    if (!isForced && isAllNew(file, deps)) continue;
    try {
      const plan = await planPath(file, deps);
      if (isForced || isTold(plan)) plans.push(plan);
    } catch (error) {
      if (!(error instanceof UndertextError) || !['damaged', 'not-found'].includes(error.code)) throw error;
      unreadable.push({ root, path, why: error.message });
    }
  }
  const ratio = weight === 0 ? 1 : Math.min(1, held / weight);
  const tooMuch = held - cap * lowWater;
  const paths = isForced && tooMuch > 0 && ratio > 0 ? forcePlans(plans, { now, keep, bytes: tooMuch / ratio }) : plans;
  return { at: now, room, cap, isForced, paths: paths.filter(isTold), unreadable, ratio };
}

/** Ids of what goes. */
export function droppedBy(plan: PrunePlan): ReadonlySet<string> {
  return new Set(
    plan.paths.flatMap(({ verdicts }) => verdicts.flatMap(({ keep, version }) => (keep ? [] : version.id))),
  );
}

/** About how many bytes of the disk a plan for one path frees, once the trash is emptied. */
export function bytesFreed(path: PathPlan, { ratio }: PrunePlan): number {
  return Math.round(freedBy(path) * ratio);
}

/** Most paths of a home have one version. */
function isAllNew({ class: fileClass, versions }: PathVersions, { keep, now }: RetentionDeps): boolean {
  const [oldest] = versions;
  if (oldest === undefined) return true;
  if (versions.length === 1 && oldest.kind !== 'gone') return true;
  const days = fileClass === 'log' ? Math.min(keep.logDays, keep.goneLogDays) : keep.allDays;
  return now - oldest.seenAt <= days * 86_400_000;
}

function isTold({ verdicts }: PathPlan): boolean {
  return verdicts.some(({ keep, why }) => !keep || why === 'text' || why === 'needed' || why === 'deletion');
}
