/** The book of incidents: notes that are only added. What was announced once never vanishes. */
import type { Incident, Note, Time } from '../model.ts';

/** What a note of kind `incident` says. `incident` is the whole of it as it stood then. */
export interface LedgerEntry {
  readonly type: 'opened' | 'resolved' | 'accepted' | 'reopened';
  readonly id: string;
  readonly incident: Incident;
  /** Why it was accepted, or who put the text back. */
  readonly reason: string | null;
}

/** What the ledger knows of one incident. */
export interface LedgerState {
  readonly incident: Incident;
  readonly opened: Time;
  readonly accepted: string | null;
  /** Null again when it opened anew after it had been resolved. */
  readonly resolved: { readonly at: Time; readonly reason: string } | null;
}

export function acceptNote(incident: Incident, reason: string, at: Time): Note {
  return entryNote('accepted', { ...incident, state: 'accepted', closed: reason }, at, reason);
}

/** Takes an acceptance back. */
export function reopenNote(incident: Incident, at: Time): Note {
  return entryNote('reopened', { ...incident, state: 'open', closed: null }, at, null);
}

export function openNote(incident: Incident, at: Time): Note {
  return entryNote('opened', incident, at, null);
}

export function resolveNote(incident: Incident, at: Time): Note {
  return entryNote('resolved', incident, at, incident.closed);
}

export function ledgerOf(notes: readonly Note[]): Map<string, LedgerState> {
  const ledger = new Map<string, LedgerState>();
  for (const note of notes) {
    if (note.kind !== 'incident') continue;
    const entry = note.data as LedgerEntry;
    // A store that somebody else made may say anything.
    if (typeof entry?.id !== 'string' || typeof entry.incident?.path !== 'string') continue;
    const known = ledger.get(entry.id) ?? { opened: note.at, accepted: null, resolved: null };
    const base = { ...known, incident: entry.incident };
    if (entry.type === 'accepted') ledger.set(entry.id, { ...base, accepted: entry.reason ?? '' });
    else if (entry.type === 'reopened') ledger.set(entry.id, { ...base, accepted: null });
    else if (entry.type === 'resolved') {
      ledger.set(entry.id, { ...base, resolved: { at: note.at, reason: entry.reason ?? '' } });
    } else ledger.set(entry.id, { ...base, resolved: null });
  }
  return ledger;
}

function entryNote(type: LedgerEntry['type'], incident: Incident, at: Time, reason: string | null): Note {
  const data: LedgerEntry = { type, id: incident.id, incident, reason };
  return { kind: 'incident', at, data };
}
