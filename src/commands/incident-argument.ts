/** From the id a person types to the incident. */
import { UndertextError } from '../errors.ts';
import type { Incident } from '../model.ts';
import { nearest } from '../nearest.ts';
import { visible } from '../report/visible.ts';

/** Any unique prefix will do. @throws UndertextError `not-found`, with the nearest id; `usage` when it is not unique */
export function incidentOf(incidents: readonly Incident[], typed: string): Incident {
  const id = typed.toLowerCase();
  const exact = incidents.find(incident => incident.id === id);
  if (exact) return exact;
  const found = id === '' ? [] : incidents.filter(incident => incident.id.startsWith(id));
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    const ids = found.map(incident => incident.id).join(', ');
    throw new UndertextError('usage', `"${visible(id)}" could be ${ids}`, 'type one more letter');
  }
  const near = nearest(
    id,
    incidents.map(incident => incident.id),
  );
  const list = incidents.length === 0 ? 'there are no incidents yet' : '`undertext audit --all` lists the incidents';
  throw new UndertextError(
    'not-found',
    `there is no incident "${visible(typed)}"`,
    near ? `did you mean ${near}?` : list,
  );
}
