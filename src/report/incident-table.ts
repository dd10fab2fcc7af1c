/** What `audit` prints for a person: the incidents, worst first, the way back, and what could not be seen. */
import type { Incident, Time, Writer } from '../model.ts';
import type { AuditReport } from './audit-json.ts';
import { evidenceLines } from './evidence-text.ts';
import { roomWarnings } from './room-text.ts';
import { count } from './sizes.ts';
import { gapInWords } from './status-text.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { clock } from './times.ts';
import { inWords } from './units.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';
import { writerInWords } from './writers.ts';

/** Up to so many commands are written out; beyond that the first one stands for all. */
const mostCommands = 10;
const mostPlaces = 3;
/** Nobody reads more in a terminal; JSON has them all. */
const mostRows = 500;

export function auditText(report: AuditReport, style: Style, now: Time): string {
  const { incidents } = report;
  const sorted = incidents.toSorted(worstFirst);
  const parts = [
    warnings(report, style),
    incidents.length === 0 ? '' : incidentTable(sorted.slice(0, mostRows), style, now),
    incidents.length <= mostRows ? '' : style.dim(`… ${incidents.length - mostRows} more: undertext audit --json`),
    summary(incidents, report, style),
    unseen(report, style, now),
    commands(sorted, style),
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

export function incidentTable(incidents: readonly Incident[], style: Style, now: Time): string {
  const writers = incidents.map(({ cause }) => cause?.writer ?? null);
  const withState = incidents.some(incident => incident.state !== 'open');
  const rows = incidents.map(incident => [
    { text: incident.id, paint: style.command },
    ...(withState ? [incident.state] : []),
    { text: incident.certainty, paint: incident.certainty === 'possible' ? style.dim : style.warn },
    incident.cause === null ? 'unknown' : clock(incident.cause.at, now),
    visible(incident.path),
    what(incident, writers),
  ]);
  return table(['id', ...(withState ? ['state'] : []), 'certainty', 'when', 'path', 'what'], rows, style);
}

/** What is wrong, or what is gone and on a line of its own by whom, where that is known. */
function what({ lost, message, units, cause }: Incident, among: readonly (Writer | null)[]): string {
  if (lost === null) return visible(message);
  const writer = cause?.writer ?? null;
  const isKnown = writer !== null && writer.kind !== 'unknown';
  return `lost: ${inWords(units)}${isKnown ? `\nby ${writerInWords(writer, among)}` : ''}`;
}

/** What must be known before anything else is read. */
function warnings({ room }: AuditReport, style: Style): string {
  return roomWarnings(room)
    .flatMap(({ message, hint }) => [
      ...wrap(`warning: ${message}`, style.width).map(style.bad),
      ...wrap(`hint: ${hint}`, style.width),
    ])
    .join('\n');
}

/** `2 open incidents (1 likely, 1 possible)` */
function summary(incidents: readonly Incident[], { coverage, elsewhere = 0 }: AuditReport, style: Style): string {
  const open = incidents.filter(incident => incident.state === 'open');
  const kinds = (['proven', 'likely', 'possible'] as const)
    .map(certainty => [open.filter(incident => incident.certainty === certainty).length, certainty] as const)
    .filter(([number]) => number > 0)
    .map(([number, certainty]) => `${number} ${certainty}`);
  const left = elsewhere > 0 ? `; ${elsewhere} more left out by --path, --rule or --since` : '';
  const looked = `${count(coverage.versions, 'version')} looked at${left}`;
  const none = elsewhere > 0 ? 'no open incidents here' : 'no open incidents';
  if (open.length === 0) return starting(none, `; ${looked}`, style.good, style);
  return starting(count(open.length, 'open incident'), ` (${kinds.join(', ')}); ${looked}`, style.bold, style);
}

/** Wrapped text whose first words have a colour. */
function starting(words: string, rest: string, paint: (text: string) => string, style: Style): string {
  return (
    paint(words) +
    wrap(words + rest, style.width)
      .join('\n')
      .slice(words.length)
  );
}

/** Whatever could not be looked at: an empty list of incidents means nothing without it. */
function unseen({ coverage, failedRules }: AuditReport, style: Style, now: Time): string {
  const { gaps, skipped, unreadable, limited } = coverage;
  const records = evidenceLines(coverage.evidence, now);
  const places = unreadable.slice(0, mostPlaces).map(({ path, why }) => `${visible(path)} (${visible(why)})`);
  const parts = limited.slice(0, mostPlaces).map(({ path, why }) => `${visible(path)} (${visible(why)})`);
  const failed = failedRules.map(
    ({ rule, path, message }) => `rule ${visible(rule)} failed on ${visible(path)}: ${visible(message)}`,
  );
  const unread = unreadable.length === 0 ? [] : [`could not be read: ${places.join(', ')}${andMore(unreadable)}`];
  const partly = limited.length === 0 ? [] : [`limited: ${parts.join(', ')}${andMore(limited)}`];
  const unwatched = newestGaps(gaps).map(gap => `not watched: ${gapInWords(gap, now)}`);
  const earlier = gaps.length > mostPlaces ? [`not watched: ${count(gaps.length - mostPlaces, 'earlier gap')}`] : [];
  const unkept = skipped.length === 0 ? [] : [`not kept: ${reasons(skipped.map(({ why }) => why))}`];
  const lines = (texts: readonly string[]) => texts.flatMap(text => wrap(text, style.width));
  return [
    ...lines([...failed, ...unread, ...records.warnings]).map(style.bad),
    ...lines([...records.gave, ...partly, ...unwatched, ...earlier, ...unkept]).map(style.dim),
  ].join('\n');
}

function newestGaps<Gap extends { readonly from: Time }>(gaps: readonly Gap[]): readonly Gap[] {
  return gaps.toSorted((a, b) => b.from - a.from).slice(0, mostPlaces);
}

/** `1 secret, 12 links` — how often each reason was given. */
function reasons(whys: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const why of whys) counts.set(why, (counts.get(why) ?? 0) + 1);
  const all = [...counts].map(([why, number]) => `${number} × ${visible(why)}`);
  return `${all.slice(0, mostPlaces).join(', ')}${andMore(all)}`;
}

function andMore(places: readonly unknown[]): string {
  return places.length > mostPlaces ? ` and ${places.length - mostPlaces} more` : '';
}

function commands(incidents: readonly Incident[], style: Style): string {
  const open = incidents.filter(incident => incident.state === 'open');
  const back = open.flatMap(incident => (incident.restore === null ? [] : [incident.restore]));
  const first = open[0];
  if (first === undefined) return '';
  const why = `${style.dim('why:')} ${style.command(`undertext show ${first.id}`)}`;
  if (back.length === 0) return why;
  if (back.length > mostCommands) return `${why}\n\n${style.dim('to bring one back:')}\n${style.command(back[0]!)}`;
  return `${why}\n\n${style.dim('to bring the text back:')}\n${back.map(style.command).join('\n')}`;
}

const ranks = {
  proven: 0,
  likely: 1,
  possible: 2,
  high: 0,
  medium: 1,
  low: 2,
  open: 0,
  accepted: 1,
  resolved: 1,
} as const;

/** Open before closed; then by certainty, severity, age (newest first). */
function worstFirst(a: Incident, b: Incident): number {
  return (
    ranks[a.state] - ranks[b.state] ||
    ranks[a.certainty] - ranks[b.certainty] ||
    ranks[a.severity] - ranks[b.severity] ||
    (b.cause?.at ?? 0) - (a.cause?.at ?? 0)
  );
}
