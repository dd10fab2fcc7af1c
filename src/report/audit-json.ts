/** The report of an audit as data, and as the JSON that programs read. Fields are added, never renamed. */
import type { Gap, Incident, Severity, Time, TimelineStep, Unit, VersionAt } from '../model.ts';
import type { OldDrift } from './first-look.ts';
import { jsonText } from './json-text.ts';
import { plainRoom, type RoomReport, roomWarnings } from './room-text.ts';
import { iso } from './times.ts';
import { isWeak } from './weight.ts';

/** A place that was not looked at, and why. */
export interface Unseen {
  readonly root: string;
  readonly path: string;
  readonly why: string;
}

/** What was asked of the transcripts, and what they gave. */
export interface EvidenceReport {
  /** Transcripts that are there. */
  readonly transcripts: number;
  /** Of these: new, or longer than the last time. */
  readonly read: number;
  /** Lines in them that could not be read. */
  readonly damaged: number;
  /** Versions of the client that are newer than any this was tested with. */
  readonly newer: readonly string[];
  readonly skipped: readonly Unseen[];
  readonly unreadable: readonly Unseen[];
  /** Versions that were rebuilt in this run, out of transcripts and copies that the client made. */
  readonly imported: { readonly versions: number; readonly files: number; readonly since: Time | null };
}

export interface Suppressed {
  readonly root: string;
  readonly path: string;
  readonly rule: string;
  readonly how: 'config' | 'marker';
  readonly reason: string | null;
  readonly findings: number;
}

/** A file that was deleted a moment ago. */
export interface Waiting {
  readonly root: string;
  readonly path: string;
  /** From then on an audit judges it. */
  readonly until: Time;
}

export interface AuditReport {
  /** `undertext 0.1.0` */
  readonly tool: string;
  readonly at: Time;
  readonly roots: readonly { readonly name: string; readonly path: string }[];
  readonly coverage: {
    readonly versions: number;
    readonly since: Time | null;
    readonly gaps: readonly Gap[];
    readonly skipped: readonly Unseen[];
    readonly unreadable: readonly Unseen[];
    /** Looked at, but compared in a cheaper way than its format would allow. */
    readonly limited: readonly Unseen[];
    /** Looked at, and not told, because the configuration or a file itself says so. */
    readonly suppressed: readonly Suppressed[];
    readonly evidence: EvidenceReport;
    /** Deletions that are too young to be judged. Left out: there are none. */
    readonly waiting?: readonly Waiting[];
  };
  readonly room: RoomReport;
  readonly incidents: readonly Incident[];
  /** What a person is shown of them: closed ones and every one by itself (`all`), those that may have been meant (`weak`). */
  readonly shows: { readonly all: boolean; readonly weak: boolean };
  /** What was wrong already at the first look, and is not among the incidents. */
  readonly baseline: readonly OldDrift[];
  readonly rules: readonly { readonly id: string; readonly summary: string; readonly severity: Severity }[];
  /** How many open incidents the caller's filters left out. */
  readonly elsewhere?: number;
  readonly failedRules: readonly { readonly rule: string; readonly path: string; readonly message: string }[];
}

/** `audit --json` */
export function auditJson(report: AuditReport): string {
  return `${jsonText({ format: 1, ...frame(report), incidents: report.incidents.map(plainIncident), baseline: report.baseline, failedRules: report.failedRules }, 2)}\n`;
}

/** `show --json`: one incident as it stands in the audit. */
export function incidentJson(incident: Incident): string {
  return `${jsonText({ format: 1, incident: plainIncident(incident) }, 2)}\n`;
}

export function frame({ tool, at, roots, coverage, room }: AuditReport) {
  return {
    tool,
    at: iso(at),
    roots: roots.map(({ name, path }) => ({ name, path })),
    coverage: {
      versions: coverage.versions,
      since: coverage.since === null ? null : iso(coverage.since),
      gaps: coverage.gaps.map(plainGap),
      skipped: coverage.skipped,
      unreadable: coverage.unreadable,
      limited: coverage.limited,
      suppressed: coverage.suppressed,
      evidence: plainEvidence(coverage.evidence),
      waiting: (coverage.waiting ?? []).map(({ root, path, until }) => ({ root, path, until: iso(until) })),
    },
    store: plainRoom(room),
    warnings: roomWarnings(room),
  };
}

function plainEvidence({ imported, ...evidence }: EvidenceReport) {
  const since = imported.since === null ? null : iso(imported.since);
  return { ...evidence, imported: { ...imported, since } };
}

export function plainGap({ from, to, why, root, paths }: Gap) {
  return { from: iso(from), to: to === null ? null : iso(to), why, root, paths };
}

export function plainUnit({ kind, name, text, place }: Unit) {
  return { kind, name, text, place };
}

export function plainIncident(incident: Incident) {
  const { id, state, severity, certainty, root, path, message, lost, cause, base, units, findings, restore, closed } =
    incident;
  const { forgotten, timeline, advice, proposed, standing, baseline, stroke } = incident;
  return {
    id,
    state,
    severity,
    certainty,
    root,
    path,
    message,
    lost: lost && plainVersionAt(lost),
    cause: cause && plainVersionAt(cause),
    base: base && { ...plainVersionAt(base), how: base.how },
    units: units.map(plainUnit),
    findings: findings.map(({ rule, message, evidence }) => ({ rule, message, evidence })),
    restore,
    closed,
    ...(advice === undefined ? {} : { advice }),
    ...(proposed === undefined ? {} : { proposed }),
    ...(stroke === undefined ? {} : { stroke: plainStroke(stroke) }),
    ...(standing === undefined ? {} : { standing }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(isWeak(incident) ? { weak: true } : {}),
    ...(forgotten === undefined ? {} : { forgotten: iso(forgotten) }),
    ...(timeline === undefined ? {} : { timeline: timeline.map(plainStep) }),
  };
}

function plainStroke({ id, kind, from, to, files, backTo }: NonNullable<Incident['stroke']>) {
  return { id, kind, from: iso(from), to: iso(to), files, backTo: backTo === null ? null : iso(backTo) };
}

function plainStep({ at, who, did, version, of, from, holdsLost, plus, minus }: TimelineStep) {
  return {
    at: iso(at),
    who,
    did,
    version,
    of: of === null ? null : iso(of),
    ...(from === undefined ? {} : { from: iso(from) }),
    ...(holdsLost ? { holdsLost } : {}),
    plus,
    minus,
  };
}

function plainVersionAt({ version, at, writer, blob }: VersionAt) {
  return { version, at: iso(at), writer, blob };
}
