/** Whether an incident is still open: text that is back is resolved, whoever put it there. */
import type { Incident, PathHistory, Time, Version } from '../model.ts';
import { clock } from '../rule.ts';
import { countsOf, holdsAll } from './counts.ts';
import type { LedgerState } from './ledger.ts';
import type { Reader } from './reader.ts';

export interface Closing {
  readonly state: Incident['state'];
  readonly closed: string | null;
}

const open: Closing = { state: 'open', closed: null };

/**
 * `accepted` when the ledger says so; `resolved` when a later version has everything that was lost, or when the ledger
 * says so and that was after the cause. A restore that was undone leaves the incident open again.
 */
export async function stateOf(
  incident: Incident,
  causedAt: Time | null,
  file: PathHistory | undefined,
  entry: LedgerState | undefined,
  reader: Reader,
): Promise<Closing> {
  if (entry?.accepted != null) return { state: 'accepted', closed: entry.accepted };
  const seen = incident.fingerprints.length === 0 ? null : await cameBack(incident, causedAt, file, reader);
  if (seen) return seen;
  const isBookedAfter = entry?.resolved && entry.resolved.at > (causedAt ?? 0);
  return isBookedAfter ? { state: 'resolved', closed: entry.resolved!.reason } : open;
}

/** Null when no later version says anything. */
async function cameBack(
  incident: Incident,
  causedAt: Time | null,
  file: PathHistory | undefined,
  reader: Reader,
): Promise<Closing | null> {
  let closing: Closing | null = null;
  for (const version of file?.versions ?? []) {
    if (version.seenAt <= (causedAt ?? 0) || !version.settled || version.kind !== 'file') continue;
    const isThere = holdsAll(countsOf(await reader.units(version)), incident.fingerprints);
    if (isThere && closing?.state !== 'resolved') closing = { state: 'resolved', closed: whoPutItBack(version) };
    if (!isThere && closing && version.how === 'restore') closing = open;
  }
  return closing;
}

function whoPutItBack(version: Version): string {
  if (version.how === 'restore') return `restored at ${clock(version.at)}`;
  return `the text is back since the write of ${clock(version.at)}`;
}
