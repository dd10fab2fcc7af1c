/** What incidents point to: versions and paths that must be kept as long as somebody may come back to them. */
import type { Incident, Note, Time } from '../model.ts';
import type { LedgerEntry } from './ledger.ts';

export interface PointedAt {
  /** Version id → `incident k7f3qz`. */
  readonly versions: ReadonlyMap<string, string>;
  /** `${root}\0${path}` → the same. */
  readonly paths: ReadonlyMap<string, string>;
  /** Id of a session that wrote what an incident is about → the same: its transcript is the evidence. */
  readonly sessions: ReadonlyMap<string, string>;
}

/**
 * Open incidents, and those that were closed less than `recent` ago: a restore can be undone, and a reason be wrong.
 * Of one whose closing nobody booked yet, it counts as closed now.
 */
export function pointedAt(
  incidents: readonly Incident[],
  notes: readonly Note[],
  { now, recent }: { readonly now: Time; readonly recent: Time },
): PointedAt {
  const booked = lastBooked(notes);
  const versions = new Map<string, string>();
  const paths = new Map<string, string>();
  const sessions = new Map<string, string>();
  for (const incident of incidents) {
    if (incident.state !== 'open' && now - (booked.get(incident.id) ?? now) > recent) continue;
    const name = `incident ${incident.id}`;
    paths.set(`${incident.root}\0${incident.path}`, name);
    for (const named of [incident.lost, incident.cause, incident.base]) {
      if (named === null) continue;
      versions.set(named.version, name);
      if (named.writer?.kind === 'session' && named.writer.id !== '') sessions.set(named.writer.id, name);
    }
  }
  return { versions, paths, sessions };
}

/** What points to a path: an incident that is about it, or one whose writer's session its name holds. */
export function whatPointsTo({ paths, sessions }: PointedAt, root: string, path: string): string | null {
  const named = paths.get(`${root}\0${path}`);
  if (named !== undefined) return named;
  for (const [session, name] of sessions) if (path.includes(session)) return name;
  return null;
}

function lastBooked(notes: readonly Note[]): ReadonlyMap<string, Time> {
  const booked = new Map<string, Time>();
  for (const note of notes) if (note.kind === 'incident') booked.set((note.data as LedgerEntry).id, note.at);
  return booked;
}
