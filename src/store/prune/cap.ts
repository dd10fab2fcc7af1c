/**
 * What goes when the store is at its cap, although it would stay otherwise: in this order, and no more than is needed.
 * Never what an incident or a restore needs, never the newest content of a path.
 */
import type { FileClass, Time, Version } from '../../model.ts';
import {
  day,
  dropped,
  isLastOf,
  type KeepDays,
  kept,
  newestOf,
  type PathPlan,
  settled,
  type slotOf,
  type Verdict,
} from './retention.ts';

type Slot = keyof typeof slotOf;

/** One step: of the files of a class, what is older than `days` is thinned to the last of each slot; null: only the newest stays. */
interface Step {
  readonly class: FileClass;
  readonly days: number;
  readonly slot: Slot | null;
  /** Only files that are gone; then nothing of them stays. */
  readonly isGone?: true;
}

/** Nothing younger is ever forced out: people must have a chance to see what was lost since yesterday, or this week. */
const freshStateDays = 1;
const freshAuthoredDays = 7;

function stepsOf({ allDays, logDays }: KeepDays): readonly Step[] {
  const to = (fileClass: FileClass, days: number, ...slots: readonly (Slot | null)[]): readonly Step[] =>
    slots.map(slot => ({ class: fileClass, days, slot }));
  return [
    { class: 'log', days: logDays, slot: null, isGone: true },
    ...to('log', logDays, null),
    ...to('state', allDays, 'day', 'week', 'month'),
    ...to('authored', allDays, 'day', 'week', 'month'),
    ...to('log', freshStateDays, null),
    ...to('state', Math.min(freshStateDays, allDays), 'hour', 'day', null),
    ...to('authored', Math.min(freshAuthoredDays, allDays), 'hour', 'day'),
  ];
}

export interface CapDeps {
  readonly now: Time;
  readonly keep: KeepDays;
  /** How many bytes must go, as `weightOf` counts them. */
  readonly bytes: number;
}

/** The plans with more dropped (`cap`), until as much would be freed as is needed, or nothing more may go. */
export function forcePlans(plans: readonly PathPlan[], { now, keep, bytes }: CapDeps): readonly PathPlan[] {
  const result = [...plans];
  // What was touched last is given up last.
  const order = [...plans.keys()].sort((a, b) => lastTouched(plans[a]!) - lastTouched(plans[b]!));
  let freed = 0;
  for (const plan of plans) freed += freedBy(plan);
  for (const step of stepsOf(keep)) {
    for (const at of order) {
      if (freed >= bytes) return result;
      const before = result[at]!;
      if (classOf(before) !== step.class) continue;
      const after = thinned(before, step, now);
      if (after === before) continue;
      freed += freedBy(after) - freedBy(before);
      result[at] = after;
    }
  }
  return result;
}

/** What a plan frees, as `weightOf` counts. */
export function freedBy(plan: PathPlan): number {
  if (plan.verdicts.every(({ keep }) => keep)) return 0;
  const all = plan.verdicts.map(({ version }) => version);
  const left = plan.verdicts.filter(({ keep }) => keep).map(({ version }) => version);
  return weightOf(plan.class, all) - weightOf(plan.class, left);
}

/**
 * Bytes of content of some versions of a path, before they are packed: each content once, and of a log that grows only
 * what it grew by.
 */
export function weightOf(fileClass: FileClass, versions: readonly Version[]): number {
  const known = new Set<string | null>([null]);
  let sum = 0;
  let before = 0;
  for (const { blob, size } of versions) {
    if (known.has(blob)) continue;
    known.add(blob);
    sum += fileClass === 'log' && size >= before ? size - before : size;
    before = size;
  }
  return sum;
}

/** Caches and secrets of before are worth no more than registries are. */
function classOf({ class: fileClass }: PathPlan): FileClass {
  return fileClass === 'log' || fileClass === 'authored' ? fileClass : 'state';
}

function lastTouched({ verdicts }: PathPlan): Time {
  return verdicts.at(-1)?.version.seenAt ?? 0;
}

function thinned(plan: PathPlan, step: Step, now: Time): PathPlan {
  const { verdicts } = plan;
  const versions = verdicts.map(({ version }) => version);
  const isOld = (version: Version) => now - version.seenAt > step.days * day;
  if (step.isGone) {
    const newest = versions.at(-1);
    if (newest?.kind !== 'gone' || !isOld(newest) || plan.pointedAt !== null) return plan;
    if (verdicts.some(({ keep, why }) => keep && why === 'needed')) return plan;
    return { ...plan, verdicts: verdicts.map(force) };
  }
  const newest = newestOf(versions);
  let isChanged = false;
  const next = verdicts.map((verdict, at): Verdict => {
    const { version } = verdict;
    if (!verdict.keep || verdict.why === 'needed' || newest.has(at) || !isOld(version)) return verdict;
    if (step.slot !== null && isLastOf(step.slot, versions, at)) return kept(version, step.slot);
    isChanged = true;
    return force(verdict);
  });
  return isChanged ? { ...plan, verdicts: settled(next) } : plan;
}

function force(verdict: Verdict): Verdict {
  return verdict.keep ? dropped(verdict.version, 'cap', verdict.why === 'text') : verdict;
}
