/** Findings about one overwrite → one incident with a lasting id. */
import { createHash } from 'node:crypto';
import type { Certainty, Finding, Incident, Severity, Time, Unit, Version, VersionAt, Writer } from '../model.ts';
import type { Stroke } from '../rule.ts';

/** What a rule saw, with what it needs to stand alone. */
export interface Sighting {
  readonly root: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly finding: Finding;
  /** In which its text went; left out where the stroke has no name. */
  readonly stroke?: Stroke;
}

/** An incident with what the ledger needs to follow it. */
export interface Case {
  readonly incident: Incident;
  /** When it was caused; null where nobody knows. */
  readonly causedAt: Time | null;
  readonly cause: Version | null;
  /** Other paths it speaks about. */
  readonly related: readonly string[];
}

export interface IncidentDeps {
  /** The lost units as a person counts them, in the document that had them. */
  gathered(lost: Version, units: readonly Unit[], id: string): Promise<readonly Unit[]>;
  writer?(version: Version): Promise<Writer | null>;
}

const certainties: readonly Certainty[] = ['proven', 'likely', 'possible'];
const severities: readonly Severity[] = ['high', 'medium', 'low'];

/** Worst first: certainty, then severity, then the newest. */
export function byUrgency(a: Incident, b: Incident): number {
  return (
    certainties.indexOf(a.certainty) - certainties.indexOf(b.certainty) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    (b.cause?.at ?? 0) - (a.cause?.at ?? 0) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Findings of one cause with units in common are one incident. The same overwrite done twice is the later one. */
export async function casesOf(sightings: readonly Sighting[], deps: IncidentDeps): Promise<readonly Case[]> {
  const cases = new Map<string, Case>();
  for (const group of groupsOf(sightings)) {
    const made = await caseOf(group, deps);
    const same = cases.get(made.incident.id);
    if (!same || (same.causedAt ?? 0) <= (made.causedAt ?? 0)) cases.set(made.incident.id, made);
  }
  return [...cases.values()];
}

/**
 * Six characters out of facts that no rule, machine or run changes: where it happened, the content that took the text
 * away, and the fingerprints of what went (or what is wrong, where nothing went).
 */
export function incidentId(root: string, path: string, causeBlob: string | null, what: readonly string[]): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  const facts = JSON.stringify([root, path, causeBlob, [...new Set(what)].sort()]);
  const bytes = createHash('sha256').update(facts).digest();
  return [...bytes.subarray(0, 6)].map(byte => alphabet[byte % alphabet.length]).join('');
}

function groupsOf(sightings: readonly Sighting[]): readonly (readonly Sighting[])[] {
  const groups: Sighting[][] = [];
  const byCause = new Map<string, Sighting[][]>();
  for (const sighting of sightings) {
    const { path, cause, lost } = sighting.finding;
    const key = [sighting.root, path, lost === null ? 'state' : 'loss', cause?.id].join('\0');
    const rivals = byCause.get(key) ?? [];
    byCause.set(key, rivals);
    const near = rivals.filter(group => group.some(other => overlap(other, sighting)));
    const [first = []] = near;
    first.push(sighting);
    if (near.length === 0) {
      rivals.push(first);
      groups.push(first);
    }
    for (const group of near.slice(1)) first.push(...group.splice(0));
  }
  return groups.filter(group => group.length > 0);
}

function overlap(a: Sighting, b: Sighting): boolean {
  const lost = new Set(a.finding.units.map(unit => unit.fingerprint));
  return b.finding.units.some(unit => lost.has(unit.fingerprint));
}

async function caseOf(group: readonly Sighting[], deps: IncidentDeps): Promise<Case> {
  const sorted = [...group].sort(byWeight);
  const { root, finding } = sorted[0]!;
  const { path, cause, lost } = finding;
  const smallest = uniqueUnits(sorted);
  const fingerprints = lost === null ? [] : smallest.map(unit => unit.fingerprint);
  const id = incidentId(root, path, cause?.blob ?? null, lost === null ? wrongOf(sorted, smallest) : fingerprints);
  const units = lost === null ? smallest : await deps.gathered(lost, smallest, id);
  const at = async (version: Version | null): Promise<VersionAt | null> =>
    version && {
      version: version.id,
      at: version.at,
      writer: (await deps.writer?.(version)) ?? null,
      blob: version.blob,
    };
  const base = await at(finding.base?.version ?? null);
  const advice = sorted.map(({ finding }) => finding.advice).find(Boolean);
  const stroke = sorted.map(sighting => sighting.stroke).find(Boolean);
  const proposed = [...new Set(sorted.flatMap(({ finding }) => finding.proposed ?? []))];
  const incident: Incident = {
    id,
    state: 'open',
    severity: sorted.map(severityOf).sort((a, b) => severities.indexOf(a) - severities.indexOf(b))[0]!,
    // A line that went while its file stayed speaks against a clean-up: the surest of them counts.
    certainty: sorted
      .map(({ finding }) => finding.certainty)
      .sort((a, b) => certainties.indexOf(a) - certainties.indexOf(b))[0]!,
    root,
    path,
    message: finding.message,
    lost: await at(lost),
    cause: await at(cause),
    base: base && { ...base, how: finding.base!.how },
    units,
    fingerprints,
    findings: sorted.map(({ rule, finding: { message, evidence } }) => ({ rule, message, evidence })),
    restore: lost === null && proposed.length === 0 ? null : `undertext restore ${id}`,
    closed: null,
    ...(advice === undefined ? {} : { advice }),
    ...(stroke === undefined ? {} : { stroke: inShort(stroke) }),
    ...(proposed.length === 0 ? {} : { proposed }),
    ...(sorted.every(({ finding }) => finding.standing) ? { standing: true } : {}),
  };
  const related = [...new Set(sorted.flatMap(({ finding }) => finding.related ?? []))];
  return { incident, cause, causedAt: cause?.seenAt ?? null, related };
}

function inShort({ id, kind, from, to, files, backTo }: Stroke): NonNullable<Incident['stroke']> {
  return { id, kind, from, to, files, backTo };
}

/**
 * What is wrong where nothing was lost: the paths it is about, else the units. A line that names nothing stays the same
 * wrong when its words change, and a file without a line is another wrong than a line without a file.
 */
function wrongOf(group: readonly Sighting[], units: readonly Unit[]): readonly string[] {
  const related = group.flatMap(({ finding }) => finding.related ?? []);
  if (related.length === 0) return units.map(unit => unit.fingerprint);
  const isAboutFiles = units.every(unit => unit.kind === 'file');
  return related.map(path => `${isAboutFiles ? 'file' : 'line'} ${path}`);
}

/** The surest finding speaks for the incident; among equals the gravest, then the one with a base, then the first. */
function byWeight(a: Sighting, b: Sighting): number {
  return (
    Number(a.finding.base === null) - Number(b.finding.base === null) ||
    certainties.indexOf(a.finding.certainty) - certainties.indexOf(b.finding.certainty) ||
    severities.indexOf(severityOf(a)) - severities.indexOf(severityOf(b))
  );
}

function severityOf({ finding, severity }: Sighting): Severity {
  return finding.severity ?? severity;
}

/** Every lost unit once for each time it was lost, in the order of the finding that lists most. */
function uniqueUnits(group: readonly Sighting[]): readonly Unit[] {
  const [most, ...others] = [...group].sort((a, b) => b.finding.units.length - a.finding.units.length);
  const units = [...most!.finding.units];
  const known = new Set(units.map(unit => unit.fingerprint));
  for (const unit of others.flatMap(({ finding }) => finding.units)) {
    if (!known.has(unit.fingerprint)) units.push(unit);
    known.add(unit.fingerprint);
  }
  return units;
}
