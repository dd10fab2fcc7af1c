/** The book of incidents: notes that are only added. What was announced once never vanishes. */
import type { Incident, Note, Time } from '../model.ts';

/** What a note of kind `incident` says. `incident` is the whole of it as it stood then. */
export interface LedgerEntry {
  readonly type: 'opened' | 'resolved' | 'accepted';
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
    const known = ledger.get(entry.id) ?? { opened: note.at, accepted: null, resolved: null };
    const base = { ...known, incident: entry.incident };
    if (entry.type === 'accepted') ledger.set(entry.id, { ...base, accepted: entry.reason ?? '' });
    else if (entry.type === 'resolved') {
      ledger.set(entry.id, { ...base, resolved: { at: note.at, reason: entry.reason ?? '' } });
    } else ledger.set(entry.id, { ...base, resolved: null });
  }
  return ledger;
}

/** The id that was probably meant: the one fewest keystrokes away, if that is at most half of its letters. */
export function nearestId(id: string, ids: readonly string[]): string | null {
  let best: { id: string; distance: number } | null = null;
  for (const known of ids) {
    const distance = known.startsWith(id) && id !== '' ? 0 : keystrokes(id, known);
    if (distance <= known.length / 2 && (best === null || distance < best.distance)) best = { id: known, distance };
  }
  return best?.id ?? null;
}

function entryNote(type: LedgerEntry['type'], incident: Incident, at: Time, reason: string | null): Note {
  const data: LedgerEntry = { type, id: incident.id, incident, reason };
  return { kind: 'incident', at, data };
}

/** Levenshtein's distance. */
function keystrokes(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
