/** `status`: who watches what, what was not watched, how big the store is, what is open. */
import type { Gap, IncidentState, Time } from '../model.ts';
import { plainGap } from './audit-json.ts';
import { jsonText } from './json-text.ts';
import { plainRoom, type RoomReport, roomInWords, roomWarnings } from './room-text.ts';
import { bytes, count } from './sizes.ts';
import type { Style } from './style.ts';
import { clock, duration, iso } from './times.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';

export interface StatusReport {
  readonly watcher: {
    readonly pid: number;
    readonly since: Time;
    readonly source: string;
    readonly roots: readonly string[];
  } | null;
  readonly store: {
    readonly path: string;
    readonly bytes: number;
    readonly versions: number;
    readonly since: Time | null;
    readonly sealed: number;
  };
  readonly room: RoomReport;
  /** The last time versions were dropped; null when none ever were. */
  readonly pruned: {
    readonly at: Time;
    readonly versions: number;
    readonly bytes: number;
    readonly isForced: boolean;
    readonly lastTexts: number;
  } | null;
  readonly roots: readonly { readonly name: string; readonly path: string }[];
  readonly gaps: readonly Gap[];
  /** `weak`: of the open ones, those that may have been meant. */
  readonly incidents: Readonly<Record<IncidentState | 'weak', number>>;
  readonly evidence: {
    /** Transcripts in which something was read or written that is watched. */
    readonly transcripts: number;
    /** Files that they tell of. */
    readonly files: number;
    /** Damaged lines of the evidence: what stood in them is read again out of the transcripts. */
    readonly damaged: number;
  };
  /** What the store mended when it was opened, or had to leave. */
  readonly repairs: readonly string[];
}

/** So many gaps are listed; the others are counted. */
const mostGaps = 5;
const indent = 11;

type Row = readonly [name: string, text: string, paint?: (text: string) => string];

export function statusText(report: StatusReport, style: Style, now: Time): string {
  const { watcher, store, gaps, incidents, room, pruned } = report;
  const rows: readonly Row[] = [
    ...roomWarnings(room).flatMap(({ message, hint }): readonly Row[] => [
      ['warning', message, style.bad],
      ['', hint],
    ]),
    watcher === null
      ? ['watcher', style.sentence('none is running; `undertext watch` starts one'), style.warn]
      : ['watcher', watching(watcher, now)],
    ...report.roots.map(({ name, path }): Row => ['root', `${visible(name)}  ${visible(path)}`]),
    ['store', visible(store.path)],
    ['', kept(store, now)],
    ['', roomInWords(room)],
    ...evidenceRows(report.evidence, style),
    ...(pruned === null ? [] : [['pruned', lastPruning(pruned, now)] as const]),
    ...report.repairs.map((repair, at): Row => [at === 0 ? 'noticed' : '', visible(repair)]),
    ...gapRows(gaps, style, now),
    ['incidents', inNumbers(incidents), incidents.open > incidents.weak ? style.bad : style.good],
  ];
  const lines = rows.flatMap(([name, text, paint = (line: string) => line]) =>
    wrap(text, style.width - indent).map((line, at) => `${(at === 0 ? name : '').padEnd(indent)}${paint(line)}`),
  );
  const hint = incidents.open > incidents.weak ? ['', style.command('undertext audit')] : [];
  return `${[...lines, ...hint].join('\n')}\n`;
}

function kept({ versions, since }: StatusReport['store'], now: Time): string {
  return `${count(versions, 'version')}${since === null ? '' : ` since ${clock(since, now)}`}`;
}

function evidenceRows({ transcripts, files, damaged }: StatusReport['evidence'], style: Style): readonly Row[] {
  const told = `${count(transcripts, 'transcript')} that ${transcripts === 1 ? 'tells' : 'tell'} of ${count(files, 'file')}`;
  const lost = `${count(damaged, 'damaged line')}: the next audit reads the transcripts again`;
  return [
    ['evidence', transcripts === 0 ? 'none yet: no transcript that was read tells of a file' : told],
    ...(damaged > 0 ? [['', lost, style.warn] as const] : []),
  ];
}

function lastPruning(pruned: NonNullable<StatusReport['pruned']>, now: Time): string {
  const { at, versions, bytes: size, isForced, lastTexts } = pruned;
  const why = isForced ? ', as the store was at its cap' : '';
  const texts = lastTexts === 0 ? '' : `; ${lastTexts} of them the last to hold a text`;
  return `${clock(at, now)}: ${count(versions, 'version')}, about ${bytes(size)}${why}${texts}`;
}

function watching({ pid, since, source, roots }: NonNullable<StatusReport['watcher']>, now: Time): string {
  const where = roots.length > 0 ? `, ${roots.map(visible).join(', ')}` : '';
  return `process ${pid} since ${clock(since, now)} (${duration(Math.max(0, now - since))}), ${visible(source)}${where}`;
}

function gapRows(gaps: readonly Gap[], style: Style, now: Time): readonly Row[] {
  if (gaps.length === 0) return [['gaps', 'none']];
  const newest = gaps.toSorted((a, b) => b.from - a.from).slice(0, mostGaps);
  const more =
    gaps.length > mostGaps ? [`${gaps.length - mostGaps} more: ${style.sentence('undertext status --json')}`] : [];
  return [...newest.map(gap => gapInWords(gap, now)), ...more].map((text, at): Row => [at === 0 ? 'gaps' : '', text]);
}

export function gapInWords({ from, to, why, root, paths }: Gap, now: Time): string {
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
  const places = paths.length > 0 ? `${paths.slice(0, 3).map(visible).join(', ')}${more}` : visible(root ?? '');
  const where = places === '' ? '' : ` (${places})`;
  return `${clock(from, now)} to ${to === null ? 'now' : clock(to, now)}: ${visible(why)}${where}`;
}

function inNumbers({ open, weak, accepted, resolved }: StatusReport['incidents']): string {
  const meant = weak === 0 ? '' : ` (${weak === open ? '' : `${weak} of them `}may have been meant)`;
  return `${open === 0 ? 'none' : open} open${meant}, ${accepted} accepted, ${resolved} resolved`;
}

export function statusJson(whole: StatusReport): string {
  const { watcher, store, roots, gaps, incidents, evidence, repairs, room, pruned } = whole;
  const { path, versions, since, sealed } = store;
  const report = {
    format: 1,
    watcher: watcher && { pid: watcher.pid, since: iso(watcher.since), source: watcher.source, roots: watcher.roots },
    store: { path, versions, since: since === null ? null : iso(since), sealed, ...plainRoom(room) },
    pruned: pruned && {
      at: iso(pruned.at),
      versions: pruned.versions,
      bytes: pruned.bytes,
      forced: pruned.isForced,
      lastTexts: pruned.lastTexts,
    },
    warnings: roomWarnings(room),
    roots: roots.map(({ name, path }) => ({ name, path })),
    gaps: gaps.map(plainGap),
    incidents,
    evidence,
    repairs,
  };
  return `${jsonText(report, 2)}\n`;
}
