/** `blame PATH`: each unit, or each line, with who wrote it, when, and how sure that is. */
import type { Time, Unit, Version, Writer } from '../model.ts';
import { jsonText } from './json-text.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { clock, iso } from './times.ts';
import { visible } from './visible.ts';
import { columns, cut, wrap } from './width.ts';
import { shortId, writerInWords } from './writers.ts';

interface BlameRow {
  readonly version: Version;
  /** True when it may have stood earlier still. */
  readonly orEarlier: boolean;
  readonly writer: Writer | null;
  /** The restore that put it back; null when it was never away. */
  readonly restored: Version | null;
}

export interface UnitRow extends BlameRow {
  readonly unit: Unit;
  readonly depth: number;
}

export interface LineRow extends BlameRow {
  readonly line: number;
  readonly text: string;
}

export interface BlameReport {
  readonly root: string;
  readonly path: string;
  /** The version that is asked about. */
  readonly version: Version;
  /** False when the file on the disk has changed since. */
  readonly isPresent: boolean;
  readonly units: readonly UnitRow[];
  /** Null unless lines were asked for; then there are no units. */
  readonly lines: readonly LineRow[] | null;
  /** What must be known beside it. */
  readonly limits: readonly string[];
}

/** Nobody reads more units in a terminal; lines are for a pager, and JSON has them all. */
const mostRows = 500;
/** So many characters of a version's id: enough to name it among the versions of one path. */
const ofId = 6;

export function blameText(report: BlameReport, style: Style, now: Time): string {
  const { path, version, units, lines, isPresent } = report;
  const head = `${visible(path)}@${version.id}, of ${clock(version.at, now)}`;
  const changed = isPresent
    ? []
    : [style.sentence('the file has changed since; `undertext snapshot` keeps it as it is now')];
  const body = lines === null ? unitLines(units, style, now) : lineLines(lines, style, now);
  const rows = lines ?? units;
  const notes = [
    ...(units.length > mostRows
      ? [`… ${count(units.length - mostRows, 'unit')} more: ${style.sentence('undertext blame')} PATH --json`]
      : []),
    ...(rows.some(({ orEarlier }) => orEarlier)
      ? ['≤: it stood there already in the oldest version that was looked at']
      : []),
    ...(rows.some(({ writer }) => writer?.agent !== undefined) ? ['/: a sub-agent of that session'] : []),
    ...(rows.some(({ restored }) => restored !== null) ? ['↺: it had been lost, and a restore put it back'] : []),
    ...report.limits.map(visible),
  ];
  return `${[
    ...wrap(head, style.width).map(style.bold),
    ...changed.flatMap(text => wrap(text, style.width)).map(style.warn),
    '',
    ...(rows.length === 0 ? ['nothing stands in it'] : body),
    ...(notes.length === 0 ? [] : ['', ...notes.flatMap(text => wrap(text, style.width)).map(style.dim)]),
  ].join('\n')}\n`;
}

/** A unit that is longer than its line is cut: `cat` has it whole. Units under a heading stand below it. */
function unitLines(units: readonly UnitRow[], style: Style, now: Time): readonly string[] {
  const shown = units.slice(0, mostRows);
  const told = shown.map(({ unit, depth }) => `${'  '.repeat(Math.min(depth, 8))}${firstLine(unit.text)}`);
  return aligned(shown, told, style, now);
}

function lineLines(lines: readonly LineRow[], style: Style, now: Time): readonly string[] {
  const width = String(lines.length).length;
  const told = lines.map(({ line, text }) =>
    `${String(line).padStart(width)}  ${visible(text.replaceAll('\t', '    '))}`.trimEnd(),
  );
  return aligned(lines, told, style, now);
}

/** When, which version, who, what; in columns. */
function aligned(rows: readonly BlameRow[], told: readonly string[], style: Style, now: Time): readonly string[] {
  const writers = everyWriter(rows);
  const names = new Map<Writer | null, string>();
  const nameOf = (writer: Writer | null) => {
    const known = names.get(writer) ?? shortly(writer, writers, Math.floor(style.width / 4));
    names.set(writer, known);
    return known;
  };
  const whens = rows.map(({ version, orEarlier }) => `${orEarlier ? '≤' : ' '}${clock(version.at, now)}`);
  const whos = rows.map(({ writer, restored }) => `${restored === null ? '' : '↺ '}${nameOf(writer)}`);
  const [whenWidth, whoWidth] = [widest(whens), widest(whos)];
  return rows.map(({ version, writer }, i) => {
    const start = `${padded(whens[i]!, whenWidth)}  `;
    const who = `${padded(whos[i]!, whoWidth)}  `;
    const room = Math.max(16, style.width - columns(start) - ofId - 2 - columns(who));
    const paint = isKnown(writer) ? (text: string) => text : style.dim;
    return `${start}${style.command(version.id.slice(0, ofId))}  ${paint(who)}${cut(told[i]!, room)}`.trimEnd();
  });
}

/** Sessions are what one expects here: their label alone, and behind it the sub-agent. */
function shortly(writer: Writer | null, among: readonly Writer[], width: number): string {
  if (!isKnown(writer)) return 'unknown';
  const { agent, ...session } = writer;
  const end = agent === undefined ? '' : `/${shortId(agent)}`;
  return cut(writerInWords(session, among).replace(/\bsession (?=")/, ''), width - columns(end)) + end;
}

function isKnown(writer: Writer | null): writer is Writer {
  return writer !== null && writer.kind !== 'unknown';
}

/** One of each, or every row would be compared with every other. */
function everyWriter(rows: readonly BlameRow[]): readonly Writer[] {
  const byId = new Map<string, Writer>();
  for (const { writer } of rows) if (writer !== null) byId.set(`${writer.kind} ${writer.id}`, writer);
  return [...byId.values()];
}

function firstLine(text: string): string {
  const [first = '', ...more] = text.trimStart().split(/\r?\n/);
  return `${visible(first.replaceAll('\t', '    '))}${more.some(line => line.trim() !== '') ? ' …' : ''}`;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, columns(text)), 0);
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)));
}

/** `blame --json`: all rows, with whole texts. */
export function blameJson({ root, path, version, units, lines, isPresent, limits }: BlameReport): string {
  const frame = { format: 1, root, path, version: version.id, at: iso(version.at), present: isPresent, limits };
  const rows =
    lines === null
      ? {
          units: units.map(({ unit: { kind, name, text, place }, depth, ...row }) => {
            return { kind, name, text, place, depth, ...plain(row) };
          }),
        }
      : { lines: lines.map(({ line, text, ...row }) => ({ line, text, ...plain(row) })) };
  return `${jsonText({ ...frame, ...rows }, 2)}\n`;
}

function plain({ version, orEarlier, writer, restored }: BlameRow) {
  return {
    since: { version: version.id, at: iso(version.at), orEarlier },
    writer,
    restored: restored && { version: restored.id, at: iso(restored.at) },
  };
}
