/** Whether an incident is still open: text that is back is resolved, whoever put it there. */
import type { Incident, PathHistory, Time, Version } from '../model.ts';
import { clock } from '../rule.ts';
import type { Counts } from './counts.ts';
import type { LedgerState } from './ledger.ts';
import type { Reader } from './reader.ts';

export interface Closing {
  readonly state: Incident['state'];
  readonly closed: string | null;
}

/** Of a long history the first versions after the cause are read, and the newest: restores come soon, or are still there. */
const SOONEST = 100;
const NEWEST = 5;

/** A restore that left lost text away, because the present file says something else in its place. */
export interface Decided {
  readonly at: Time;
  /** What the person chose; null where nothing had to be asked. */
  readonly choice: string | null;
  /** Of so many lost units … */
  readonly of: number;
  /** … so many do not stand there. */
  readonly left: number;
  /** Null while it stands. */
  readonly undoneAt: Time | null;
}

const open: Closing = { state: 'open', closed: null };

/**
 * `accepted` when the ledger says so; `resolved` when a restore after the cause decided it; open when it is seen in the present state
 * (`isThere`); what the later versions say (`back`); else `resolved` when the ledger says so and that was after the cause, and after a
 * decision that was taken back.
 */
export function closingOf(
  entry: LedgerState | undefined,
  causedAt: Time | null,
  back: Closing | null,
  isThere: boolean,
  decided?: Decided,
): Closing {
  if (entry?.accepted != null) return { state: 'accepted', closed: entry.accepted };
  if (decided?.undoneAt === null && decided.at > (causedAt ?? 0)) return { state: 'resolved', closed: whyOf(decided) };
  if (isThere) return open;
  if (back) return back;
  const booked = entry?.resolved;
  return booked && booked.at > Math.max(causedAt ?? 0, decided?.undoneAt ?? 0)
    ? { state: 'resolved', closed: booked.reason }
    : open;
}

/**
 * Resolved when a version after the cause has everything that was lost; open again when a restore was undone. Null when
 * no later version says anything.
 */
export async function cameBack(
  fingerprints: readonly string[],
  causedAt: Time | null,
  file: PathHistory,
  reader: Reader,
): Promise<Closing | null> {
  if (fingerprints.length === 0) return null;
  let closing: Closing | null = null;
  const wanted = new Map<string, number>();
  for (const fingerprint of fingerprints) wanted.set(fingerprint, (wanted.get(fingerprint) ?? 0) + 1);
  const later = file.versions.filter(
    ({ seenAt, settled, kind, how }) =>
      seenAt > (causedAt ?? 0) && settled && (kind === 'file' || (kind === 'gone' && how === 'restore')),
  );
  const looked = later.length <= SOONEST + NEWEST ? later : [...later.slice(0, SOONEST), ...later.slice(-NEWEST)];
  for (const version of looked) {
    const isThere = holds(await reader.counts(version), wanted);
    if (isThere && closing?.state !== 'resolved') closing = { state: 'resolved', closed: whoPutItBack(version) };
    if (!isThere && closing && version.how === 'restore') closing = open;
  }
  return closing;
}

function whyOf({ at, choice, of, left }: Decided): string {
  if (choice !== null) return `decided by --${choice} at ${clock(at)}`;
  if (left === of) return `restored at ${clock(at)}; its text stands there in a newer wording`;
  return `restored at ${clock(at)}, ${of - left} of ${of} units; what is left stands there in a newer wording`;
}

function whoPutItBack(version: Version): string {
  if (version.how === 'restore') return `restored at ${clock(version.at)}`;
  return `the text is back since the write of ${clock(version.at)}`;
}

function holds(counts: Counts, wanted: Counts): boolean {
  for (const [fingerprint, n] of wanted) if ((counts.get(fingerprint) ?? 0) < n) return false;
  return true;
}
