/** Puts the way to its loss into an incident: out of the evidence who and when, out of the versions what came and went. */
import { unitReader } from '../audit/reader.ts';
import { compareUnits } from '../documents/compare.ts';
import { gather } from '../documents/gather.ts';
import { isNoiseUnit } from '../home/noise-units.ts';
import type { Incident, TimelineStep, Unit } from '../model.ts';
import { count } from '../report/sizes.ts';
import { timelineOf } from '../sessions/timeline.ts';
import { pathKey } from './audit-now.ts';
import type { Setup } from './setup.ts';
import { evidenceOf, testimonyOf } from './testimony.ts';

/** Larger versions are not compared. */
const largest = 4_000_000;
const nothing = { plus: [], minus: [] } as const;

/** Each as it came where no record tells of it, and where its text was forgotten. */
export async function withTimelines(setup: Setup, incidents: readonly Incident[]): Promise<readonly Incident[]> {
  const [evidence, testimony] = [evidenceOf(setup), testimonyOf(setup)];
  const reader = unitReader(
    blob => setup.store.read(blob),
    () => false,
  );
  const changeOf = async (edit: NonNullable<Awaited<ReturnType<typeof timelineOf>>[number]['edit']>) => {
    const { before, after } = edit;
    if (Math.max(before?.size ?? 0, after.size) > largest) return nothing;
    try {
      const young = await reader.document(after);
      if (before === null) return { plus: inShort(gather(young.units, young), after.path), minus: [] };
      const old = await reader.document(before);
      const { added, removed } = compareUnits(old.units, young.units);
      return { plus: inShort(gather(added, young), after.path), minus: inShort(gather(removed, old), after.path) };
    } catch {
      return nothing;
    }
  };
  const changes = new Map<string, ReturnType<typeof changeOf>>();
  /** Losses of one file have steps in common. */
  const changeOnce = (edit: Parameters<typeof changeOf>[0]) => {
    const key = `${edit.before?.id} ${edit.after.id}`;
    const change = changes.get(key) ?? changeOf(edit);
    changes.set(key, change);
    return change;
  };
  const told = new Map<Incident, Incident>();
  // Path by path: what is read of one is then still at hand.
  for (const incident of incidents.toSorted((a, b) => (pathKey(a) < pathKey(b) ? -1 : 1))) {
    const steps = incident.forgotten === undefined ? await timelineOf(incident, { evidence, testimony }) : [];
    const timeline: TimelineStep[] = [];
    for (const { edit, ...step } of steps) timeline.push({ ...step, ...(edit ? await changeOnce(edit) : nothing) });
    if (timeline.length > 0) told.set(incident, { ...incident, timeline });
  }
  return incidents.map(incident => told.get(incident) ?? incident);
}

/** `1 section`, `2 list items`: stamps and counters are not told. */
function inShort(units: readonly Unit[], path: string): readonly string[] {
  const counts = new Map<string, number>();
  for (const unit of units) {
    if (!isNoiseUnit(path, unit)) counts.set(unit.kind, (counts.get(unit.kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, number]) => count(number, kind.replace('-', ' ')));
}
