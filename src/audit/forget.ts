/** Takes out of the ledger what it tells of contents that are forgotten: the incident stays, its words go. */
import type { Incident, Note, Time, Unit } from '../model.ts';
import { clock, inWords, isOrAre } from '../rule.ts';
import type { LedgerEntry } from './ledger.ts';

/** What is forgotten, as the ledger must know it. */
export interface Forgetting {
  readonly at: Time;
  /** Ids of the versions that lose their content. */
  readonly versions: ReadonlySet<string>;
  /** True for the path of one of them. */
  isPath(place: { readonly root: string; readonly path: string }): boolean;
  /** True for a version whose content stays. */
  isKept(version: string): boolean;
}

/** The same note without what it tells of forgotten contents; the very same object when it tells nothing of them. */
export function withoutForgotten(note: Note, forgetting: Forgetting): Note {
  if (note.kind !== 'incident') return note;
  const entry = note.data as LedgerEntry;
  const incident = redone(entry.incident, forgetting);
  return incident === entry.incident ? note : { ...note, data: { ...entry, incident } };
}

/** True when the text that the incident shows goes, not only what was said of it. */
export function losesText(incident: Incident, { versions, isPath, isKept }: Forgetting): boolean {
  if (incident.forgotten !== undefined) return false;
  const { lost } = incident;
  if (lost !== null && versions.has(lost.version)) return true;
  // What a version said that is no longer kept may be what is forgotten.
  return isPath(incident) && !(lost !== null && isKept(lost.version));
}

function redone(incident: Incident, forgetting: Forgetting): Incident {
  const isText = losesText(incident, forgetting);
  const lost = withoutBlob(incident.lost, forgetting);
  const cause = withoutBlob(incident.cause, forgetting);
  const base = withoutBlob(incident.base, forgetting);
  if (!isText && lost === incident.lost && cause === incident.cause && base === incident.base) return incident;
  const message = neutral(incident);
  // A rule may quote what it saw.
  const findings = incident.findings.map(({ rule }) => ({ rule, message, evidence: [] }));
  const told = { ...incident, message, findings, lost, cause, base };
  if (!isText) return told;
  // Fingerprints are hashes of short texts: who has one can guess the text.
  const units = incident.units.map(blank);
  return { ...told, units, fingerprints: [], restore: null, forgotten: forgetting.at };
}

/** The name of a content can be guessed as well. */
function withoutBlob<At extends Incident['lost'] | Incident['base']>(at: At, { versions }: Forgetting): At {
  return at !== null && at.blob !== null && versions.has(at.version) ? { ...at, blob: null } : at;
}

/** What is sure without quoting anything. */
function neutral({ units, lost, cause }: Incident): string {
  const since = cause === null ? '' : ` since the write of ${clock(cause.at)}`;
  const what = lost === null ? `something is wrong` : `${inWords(units)} ${isOrAre(units)} missing`;
  return `${what}${since}; what more was said of it is forgotten`;
}

function blank({ kind }: Unit): Unit {
  return { kind, name: '(forgotten)', text: '(forgotten)', place: '', fingerprint: '', start: 0, end: 0 };
}
