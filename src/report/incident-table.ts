/** What `audit` prints for a person: the incidents, worst first, the way back, and what could not be seen. */
import type { Incident, Time, Writer } from '../model.ts';
import { type Alike, alikeInWords, namesOf, placeOf } from './alike.ts';
import { type AuditReport, plainIncident } from './audit-json.ts';
import { oldDriftLines } from './first-look.ts';
import { jsonText } from './json-text.ts';
import { listed, weakInWords } from './listed.ts';
import { lossInWords } from './loss.ts';
import { purposeful } from './purposeful.ts';
import { roomWarnings } from './room-text.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { clock } from './times.ts';
import { unseenText } from './unseen-text.ts';
import { visible } from './visible.ts';
import { waysText } from './ways.ts';
import { wrap } from './width.ts';
import { isSameWriter, writerInWords } from './writers.ts';

/** Nobody reads more in a terminal; JSON has them all. */
const mostRows = 500;

export function auditText(report: AuditReport, style: Style, now: Time): string {
  const { groups, weak } = listed(report);
  const parts = [
    warnings(report, style),
    groups.length === 0 ? '' : incidentTable(groups.slice(0, mostRows), style, now),
    groups.length <= mostRows
      ? ''
      : style.dim(`… ${groups.length - mostRows} more: ${style.sentence('undertext audit --json')}`),
    summary(groups.flat(), weak, report, style, now),
    oldDrift(report, style),
    unseenText(report, style, now),
    waysText(groups, style),
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

/** `restore` without an argument: what is open, and the commands that bring it back. */
/** @see schemas/restore-list.schema.json */
export function openJson(open: readonly Incident[]): string {
  return `${jsonText({ format: 1, incidents: open.map(plainIncident) }, 2)}\n`;
}

export function openText(open: readonly Incident[], style: Style, now: Time): string {
  const { groups, weak } = listed({ incidents: open, shows: { all: false, weak: false } });
  const more = weak === 0 ? '' : `${weakInWords(weak, groups.length)}: ${style.sentence('undertext audit --all')}`;
  const any = purposeful('to put back a file as it was', 'undertext restore PATH --at TIME', style).join('\n');
  const parts = [
    groups.length === 0 ? 'no open incidents' : incidentTable(groups.slice(0, mostRows), style, now),
    more,
    waysText(groups, style),
    any,
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

function incidentTable(groups: readonly Alike[], style: Style, now: Time): string {
  const writers = groups.flat().map(({ cause }) => cause?.writer ?? null);
  const withState = groups.some(([incident]) => incident.state !== 'open');
  const rows = groups.map(group => {
    const [{ id, state, certainty, cause }, ...others] = group;
    return [
      { text: others.length === 0 ? id : `${id}\n+ ${others.length} alike`, paint: style.command },
      ...(withState ? [state] : []),
      { text: certainty, paint: certainty === 'possible' ? style.dim : style.warn },
      cause === null ? 'unknown' : clock(cause.at, now),
      visible(placeOf(group, style.place)),
      what(group, writers),
    ];
  });
  return table(['id', ...(withState ? ['state'] : []), 'certainty', 'when', 'path', 'what'], rows, style);
}

/** What is wrong, or what is gone and on a line of its own by whom, where that is known. */
function what(group: Alike, among: readonly (Writer | null)[]): string {
  const [{ lost, message, cause, path, state, closed }, ...others] = group;
  const writer = cause?.writer ?? null;
  const isKnown = writer !== null && writer.kind !== 'unknown' && group.every(each => isBy(writer, each));
  const by = isKnown && lost !== null ? `\nby ${writerInWords(writer, among)}` : '';
  const reason = state !== 'open' && closed !== null ? `\n${state}: ${visible(closed)}` : '';
  if (others.length > 0) return [alikeInWords(group), namesOf(group)].filter(Boolean).join(': ') + by + reason;
  return (lost === null ? withoutFolder(message, path) : `${lossInWords(group[0])}${by}`) + reason;
}

/** The folder stands in the column beside it. */
function withoutFolder(message: string, path: string): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return visible(folder === '' ? message : message.replaceAll(folder, ''));
}

function isBy(writer: Writer, { cause }: Incident): boolean {
  const other = cause?.writer ?? null;
  return other !== null && isSameWriter(other, writer) && other.certainty === writer.certainty;
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

/** `2 open incidents (1 likely, 1 possible)`, and below it how many more may have been meant. */
function summary(told: readonly Incident[], weak: number, report: AuditReport, style: Style, now: Time): string {
  const { coverage, elsewhere = 0 } = report;
  const open = told.filter(incident => incident.state === 'open');
  const kinds = (['proven', 'likely', 'possible'] as const)
    .map(certainty => [open.filter(incident => incident.certainty === certainty).length, certainty] as const)
    .filter(([number]) => number > 0)
    .map(([number, certainty]) => `${number} ${certainty}`);
  const left = elsewhere > 0 ? `; ${elsewhere} more left out by --path, --rule or --since` : '';
  const looked = `${count(coverage.versions, 'version')} looked at${left}`;
  const none = elsewhere > 0 ? 'no open incidents here' : 'no open incidents';
  const first =
    open.length === 0
      ? starting(none, `; ${looked}`, style.good, style)
      : starting(count(open.length, 'open incident'), ` (${kinds.join(', ')}); ${looked}`, style.bold, style);
  const more = [
    ...(weak === 0 ? [] : [`${weakInWords(weak, open.length)}: ${style.sentence('undertext audit --all')}`]),
    ...notJudgedYet(coverage.waiting ?? [], now).map(style.sentence),
  ];
  return [first, ...more.flatMap(line => wrap(line, style.width))].join('\n');
}

/** `3 deletions not judged yet: run undertext audit again after 14:03:20` */
function notJudgedYet(waiting: NonNullable<AuditReport['coverage']['waiting']>, now: Time): readonly string[] {
  if (waiting.length === 0) return [];
  const until = clock(Math.max(...waiting.map(each => each.until)), now);
  return [`${count(waiting.length, 'deletion')} not judged yet: run undertext audit again after ${until}`];
}

function oldDrift({ baseline, shows }: AuditReport, style: Style): string {
  if (baseline.length === 0 || shows.all) return '';
  const lines = oldDriftLines(baseline).flatMap(line => wrap(line, style.width - 2).map(part => `  ${part}`));
  const head = wrap(
    style.sentence('as it was when undertext first looked (`undertext audit --all` lists it):'),
    style.width,
  );
  return [...head, ...lines].map(style.dim).join('\n');
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
