/** `status`: who watches what, what was not watched, how big the store is, what is open. */
import type { Gap, IncidentState, Time } from '../model.ts';
import { plainGap } from './audit-json.ts';
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
  readonly roots: readonly { readonly name: string; readonly path: string }[];
  readonly gaps: readonly Gap[];
  readonly incidents: Readonly<Record<IncidentState, number>>;
  /** What the store mended when it was opened. */
  readonly repairs: readonly string[];
}

/** So many gaps are listed; the others are counted. */
const mostGaps = 5;

export function statusText(report: StatusReport, style: Style, now: Time): string {
  const { watcher, store, gaps, incidents } = report;
  const rows: (readonly [string, string])[] = [
    [
      'watcher',
      watcher === null ? style.warn('none is running; `undertext watch` starts one') : watching(watcher, now),
    ],
    ...report.roots.map(({ name, path }) => ['root', `${visible(name)}  ${visible(path)}`] as const),
    ['store', visible(store.path)],
    [
      '',
      `${count(store.versions, 'version')}${store.since === null ? '' : ` since ${clock(store.since, now)}`}, ${bytes(store.bytes)}`,
    ],
    ...report.repairs.map((repair, at) => [at === 0 ? 'mended' : '', visible(repair)] as const),
    ...gapRows(gaps, now),
    ['incidents', open(incidents, style)],
  ];
  const lines = rows.flatMap(([name, text]) => {
    const lines = style.color ? [text] : wrap(text, style.width - 11);
    return lines.map((line, at) => `${(at === 0 ? name : '').padEnd(11)}${line}`.trimEnd());
  });
  const hint = incidents.open > 0 ? ['', style.command('undertext audit')] : [];
  return `${[...lines, ...hint].join('\n')}\n`;
}

function watching({ pid, since, source, roots }: NonNullable<StatusReport['watcher']>, now: Time): string {
  const where = roots.length > 0 ? `, ${roots.map(visible).join(', ')}` : '';
  return `process ${pid} since ${clock(since, now)} (${duration(Math.max(0, now - since))}), ${visible(source)}${where}`;
}

function gapRows(gaps: readonly Gap[], now: Time): readonly (readonly [string, string])[] {
  if (gaps.length === 0) return [['gaps', 'none']];
  const newest = gaps.toSorted((a, b) => b.from - a.from);
  const rows = newest.slice(0, mostGaps).map(gap => gapInWords(gap, now));
  const more = gaps.length - mostGaps;
  return [...rows, ...(more > 0 ? [`${more} more: undertext status --json`] : [])].map((text, at) => [
    at === 0 ? 'gaps' : '',
    text,
  ]);
}

export function gapInWords({ from, to, why, root, paths }: Gap, now: Time): string {
  const places = paths.slice(0, 3).map(visible).join(', ');
  const where =
    paths.length > 0
      ? ` (${places}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''})`
      : root === null
        ? ''
        : ` (${visible(root)})`;
  return `${clock(from, now)} to ${to === null ? 'now' : clock(to, now)}: ${visible(why)}${where}`;
}

function open({ open, accepted, resolved }: StatusReport['incidents'], style: Style): string {
  const first = open === 0 ? style.good('none open') : style.bad(`${open} open`);
  return `${first}, ${accepted} accepted, ${resolved} resolved`;
}

export function statusJson({ watcher, store, roots, gaps, incidents, repairs }: StatusReport): string {
  const { path, bytes, versions, since, sealed } = store;
  const report = {
    format: 1,
    watcher: watcher && { pid: watcher.pid, since: iso(watcher.since), source: watcher.source, roots: watcher.roots },
    store: { path, bytes, versions, since: since === null ? null : iso(since), sealed },
    roots: roots.map(({ name, path }) => ({ name, path })),
    gaps: gaps.map(plainGap),
    incidents,
    repairs,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
