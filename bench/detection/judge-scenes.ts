/** What is told of scenes: events that are told or not, rows that are right or not. */

import { parseDocument } from '../../src/documents/document.ts';
import type { Incident } from '../../src/model.ts';
import type { SceneTruth } from './play.ts';
import type { KindId } from './scenes/kinds.ts';
import type { Kept } from './versions.ts';

/** How one event or row is told. `weak`: only counted. */
export type Loudness = 'likely' | 'shown' | 'weak' | 'not told';

export interface EventVerdict {
  readonly kind: KindId;
  readonly isLoss: boolean;
  /** The loudest row that names some of what was lost; of an event without a loss: any row. */
  readonly told: Loudness;
}

/** One row of the table that `audit` prints. */
export interface RowVerdict {
  readonly loudness: Loudness;
  readonly isRight: boolean;
  /** What was done in the write that it is about. */
  readonly deed: string;
}

const loudest: readonly Loudness[] = ['likely', 'shown', 'weak', 'not told'];

export function loudnessOf({ certainty, severity }: Pick<Incident, 'certainty' | 'severity'>): Loudness {
  if (certainty !== 'possible') return 'likely';
  return severity === 'low' ? 'weak' : 'shown';
}

export interface ScenesVerdict {
  readonly events: readonly EventVerdict[];
  readonly rows: readonly RowVerdict[];
}

export function judgeScenes(incidents: readonly Incident[], kept: Kept): ScenesVerdict {
  const events = new Map<string, { kind: KindId; lost: string[]; told: Loudness }>();
  for (const { scene } of kept.writes.values()) {
    if (!scene || scene.event === null) continue;
    const event = events.get(scene.event) ?? { kind: scene.kind, lost: [], told: 'not told' };
    event.lost.push(...scene.lost);
    events.set(scene.event, event);
  }
  const rows: RowVerdict[] = [];
  for (const incident of incidents) {
    const scene = incident.state === 'accepted' ? undefined : sceneOf(incident, kept);
    if (!scene) continue;
    const loudness = loudnessOf(incident);
    const event = scene.event === null ? undefined : events.get(scene.event)!;
    // That a file has no index line yet is no claim that anything was lost.
    if (!event && incident.lost === null) continue;
    const isLoss = event !== undefined && event.lost.length > 0;
    const isRight = isLoss && namesSome(incident, event.lost, kept);
    rows.push({ loudness, isRight, deed: `${scene.kind}${event ? '' : ' (around it)'}` });
    if (!event || (isLoss && !isRight)) continue;
    if (loudest.indexOf(loudness) < loudest.indexOf(event.told)) event.told = loudness;
  }
  return {
    events: [...events.values()].map(({ kind, lost, told }) => ({ kind, isLoss: lost.length > 0, told })),
    rows,
  };
}

/** The write of a scene that an incident is about. */
function sceneOf({ cause }: Incident, { writes }: Kept): SceneTruth | undefined {
  return cause === null ? undefined : writes.get(cause.version)?.scene;
}

/** True when one of the units is, or holds, a line that was lost; or where the file as a whole is what is wrong. */
function namesSome({ lost, fingerprints, units }: Incident, lines: readonly string[], { writes }: Kept): boolean {
  if (lost === null) return units.some(({ kind }) => kind === 'file');
  const had = writes.get(lost.version)!;
  const named = new Set(fingerprints);
  const texts = parseDocument(had.path, Buffer.from(had.text))
    .units.filter(({ fingerprint }) => named.has(fingerprint))
    .map(({ text }) => text);
  return texts.some(text => lines.some(line => text.includes(line) || line.includes(text.trim())));
}
