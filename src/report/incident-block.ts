/** One incident: what `watch` prints at the moment of a loss, and what `show` prints in full. */
import type { Incident, Time, VersionAt, Writer } from '../model.ts';
import { coloredDiff } from './diff-text.ts';
import { isDeletion } from './loss.ts';
import { purposeful } from './purposeful.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { timelineText } from './timeline.ts';
import { clockFor } from './times.ts';
import { inWords } from './units.ts';
import { visible, visibleBlock } from './visible.ts';
import { columns, wrap } from './width.ts';
import { writerInWords } from './writers.ts';

/** As many lines of lost text as one reads at a glance; `show` has the rest. */
const glance = 8;

/** What was lost, where, by whom and when, the text, the command that brings it back, and then why we think so. */
export function incidentBlock(incident: Incident, style: Style, now: Time): string {
  return [
    ...headline(incident, style),
    ...circumstances(incident, style, now),
    '',
    ...lostText(incident, style, glance),
    ...whatToDo(incident, style, glance),
    ...wayBack(incident, style),
    '',
    ...reasons(incident, style, 2),
    '',
  ].join('\n');
}

/** Everything: also the versions, all evidence, the whole diff. `copy`: the path of the copy that has the text. */
export function incidentDetails(
  incident: Incident,
  diff: string,
  style: Style,
  now: Time,
  home = '',
  copy: string | null = null,
): string {
  const title = copy === null ? 'what that write changed' : `what is different in ${visible(copy)}`;
  return [
    ...headline(incident, style),
    ...circumstances(incident, style, now),
    '',
    ...lostText(incident, style, Number.POSITIVE_INFINITY),
    ...whatToDo(incident, style, Number.POSITIVE_INFINITY),
    ...wayBack(incident, style),
    '',
    ...reasons(incident, style, Number.POSITIVE_INFINITY),
    '',
    ...versions(incident, style, now),
    ...timelineText(incident.timeline ?? [], style, now, home),
    ...(diff === '' ? [] : [style.dim(title), '', coloredDiff(diff.trimEnd(), style), '']),
  ].join('\n');
}

function headline(incident: Incident, style: Style): readonly string[] {
  const { lost, units, message } = incident;
  const path = visible(style.place(incident));
  const mark = lost === null ? 'wrong' : isDeletion(incident) ? 'deleted' : 'lost';
  const loss = isDeletion(incident) ? `deleted: ${path}, with ${inWords(units)}` : `lost: ${inWords(units)} in ${path}`;
  const text = lost === null ? `wrong in ${path}: ${visible(message)}` : loss;
  const [first = '', ...more] = wrap(text, style.width);
  return [style.bad(style.bold(mark)) + style.bold(first.slice(mark.length)), ...more.map(style.bold)];
}

/** Who did it and when, whose text it was, and how sure that is: each on lines of its own. */
function circumstances(incident: Incident, style: Style, now: Time): readonly string[] {
  const { cause, certainty, severity, lost, state, closed, baseline } = incident;
  const clock = clockOf(incident, now);
  const among = [cause?.writer ?? null, lost?.writer ?? null];
  const verb = isDeletion(incident) ? 'deleted' : lost === null ? 'written' : 'overwritten';
  const by =
    cause === null
      ? 'no write of it was seen'
      : `${verb} ${clock(cause.at)} by ${personInWords(cause.writer, among)}${grewFrom(incident, clock)}`;
  const theirs = lost !== null && isKnown(lost.writer) ? lost.writer : null;
  const text = theirs && lost ? [`the text was written ${clock(lost.at)} by ${writerInWords(theirs, among)}`] : [];
  const sure = `certainty: ${certainty} · severity: ${severity} · state: ${state}`;
  const why = closed === null ? [] : [`reason: ${visible(closed)}`];
  return [
    ...[by, ...text].flatMap(line => wrap(line, style.width)).map(style.dim),
    ...[sure, ...why]
      .flatMap(line => wrap(line, style.width))
      .map(state === 'open' && baseline !== true ? style.dim : style.good),
  ];
}

function personInWords(writer: Writer | null, among: readonly (Writer | null)[]): string {
  return isKnown(writer) ? writerInWords(writer, among) : 'an unknown writer';
}

/** From what its writer started; nothing when that was the newest version. */
function grewFrom(incident: Incident, clock: (at: Time) => string): string {
  const { base, lost } = incident;
  const copy = copyOf(incident);
  if (copy !== null) return `, working from its copy of ${clock(copy)}`;
  if (base === null || base.version === lost?.version) return '';
  return `, ${base.how === 'known' ? '' : 'probably '}working from an old copy (${clock(base.at)})`;
}

/** When the writer of the cause took the copy that it wrote from, where there is evidence; null when it is not known. */
export function copyOf({ timeline = [], cause }: Incident): Time | null {
  return timeline.find(step => step.of !== null && step.version === cause?.version)?.of ?? null;
}

/** The lost text, each line behind a minus, as in a diff. */
function lostText(incident: Incident, style: Style, most: number): readonly string[] {
  const [mark, paint] = incident.lost === null ? (['?', style.warn] as const) : (['-', style.bad] as const);
  const text = incident.units.map(unit => visibleBlock(unit.text.replace(/[\r\n]+$/, ''))).join('\n');
  if (incident.units.length === 0) return [];
  const lines = text.split('\n').flatMap(line => marked(mark, line.replaceAll('\t', '    '), style.width));
  const shown = lines.slice(0, lines.length > most ? most - 1 : most);
  const left = lines.length - shown.length;
  const rest =
    left > 0 ? [style.dim(`  … ${count(left, 'line')} more: ${style.sentence(`undertext show ${incident.id}`)}`)] : [];
  return [...shown.map(paint), ...rest, ''];
}

function marked(mark: string, line: string, width: number): readonly string[] {
  return wrap(line, width - 2).map((part, at) => `${at === 0 ? mark : ' '} ${part}`.trimEnd());
}

/** What each rule saw, and how it knows. The message of an incident without a loss is in its headline already. */
function reasons(incident: Incident, style: Style, most: number): readonly string[] {
  const { findings, message, lost, id } = incident;
  const isSaid = lost === null || findings.some(finding => finding.message === message);
  const lines = findings.flatMap(finding => {
    const own = lost === null && finding.message === message ? [] : wrap(visible(finding.message), style.width - 2);
    const evidence = finding.evidence.slice(0, most).flatMap(line => bullet(visible(line), style.width));
    const more = finding.evidence.length - most;
    const rest =
      more > 0 ? [style.dim(`  · ${count(more, 'reason')} more: ${style.sentence(`undertext show ${id}`)}`)] : [];
    return [style.dim(`why (${visible(finding.rule)})`), ...own.map(line => `  ${line}`), ...evidence, ...rest];
  });
  return [...(isSaid ? [] : wrap(visible(message), style.width)), ...lines];
}

function bullet(text: string, width: number): readonly string[] {
  return wrap(text, width - 4).map((line, at) => `${at === 0 ? '  · ' : '    '}${line}`);
}

function versions(incident: Incident, style: Style, now: Time): readonly string[] {
  const { base, lost, cause } = incident;
  const clock = clockOf(incident, now);
  const among = [base, lost, cause].map(each => each?.writer ?? null);
  const steps: readonly (readonly [string, VersionAt | null, string])[] = [
    ['base', base, base?.how === 'known' ? 'known' : 'inferred'],
    ['lost', lost, 'last version with the text'],
    ['cause', cause, incident.lost === null ? 'wrong since this version' : 'removed here'],
  ];
  const lines = steps.flatMap(([name, at, note]) => {
    if (at === null) return [];
    const start = `${name.padEnd(5)}  ${clock(at.at).padEnd(16)}  ${at.version}`;
    return wrapAfter(start, [note, writerInWords(at.writer, among)].join(' · '), style.width);
  });
  return lines.length === 0 ? [] : [...lines, ''];
}

function isKnown(writer: Writer | null): boolean {
  return writer !== null && writer.kind !== 'unknown';
}

/** The versions of an incident may be moments apart. */
function clockOf(incident: Incident, now: Time) {
  const { base, lost, cause } = incident;
  const copy = copyOf(incident);
  const moments = [base, lost, cause].filter(each => each !== null).map(each => each.at);
  return clockFor(copy === null ? moments : [...new Set([...moments, copy])], now);
}

function wrapAfter(start: string, text: string, width: number): readonly string[] {
  const room = width - columns(start) - 2;
  if (room < 16) return [start, ...wrap(text, width - 7).map(line => `       ${line}`)];
  return wrap(text, room).map((line, at) => `${at === 0 ? start : ' '.repeat(columns(start))}  ${line}`);
}

/**
 * The lines that a restore would add, and what a person can do besides; nothing once it is closed by somebody: what was so at the first look
 * nobody decided.
 */
function whatToDo({ proposed = [], advice, state, baseline }: Incident, style: Style, most: number): readonly string[] {
  if (state !== 'open' && baseline !== true) return [];
  const shown = proposed.slice(0, proposed.length > most ? most - 1 : most);
  const left = proposed.length - shown.length;
  const added = shown.flatMap(line => marked('+', visible(line), style.width)).map(style.good);
  const rest = left > 0 ? [style.dim(`  … ${count(left, 'line')} more`)] : [];
  return [
    ...(added.length > 0 ? [style.dim('what restore would add'), ...added, ...rest, ''] : []),
    ...(advice === undefined ? [] : [...wrap(`what to do: ${visible(advice)}`, style.width), '']),
  ];
}

/** The command, and what to type when nothing was lost at all. */
function wayBack({ id, state, restore, baseline, lost }: Incident, style: Style): readonly string[] {
  const purpose = lost === null ? 'to put it in order' : 'to bring it back';
  const back = restore === null ? [] : purposeful(purpose, restore, style);
  if (state === 'accepted') return [...back, ...purposeful('to list it again', `undertext reopen ${id}`, style)];
  if (state !== 'open') return baseline === true ? back : [];
  return [
    ...(back.length > 0 ? back : purposeful('to see all of it', `undertext show ${id}`, style)),
    ...purposeful('if it was meant', `undertext accept ${id} --reason "…"`, style),
  ];
}
