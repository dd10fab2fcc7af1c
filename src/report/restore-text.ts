/** `restore` and `undo`: what would be written, and what was. */
import type { Unit } from '../model.ts';
import { plainUnit } from './audit-json.ts';
import { coloredDiff } from './diff-text.ts';
import { jsonText } from './json-text.ts';
import type { Style } from './style.ts';
import { inWords } from './units.ts';
import { visible, visibleBlock } from './visible.ts';
import { wrap } from './width.ts';

/** How many restored lines are shown: enough to know the text again. */
const glance = 5;

export interface RestoreReport {
  /** Null for a dry run, when nothing was to be done, and for `--to`. */
  readonly id: string | null;
  /** The incident that was asked for; null or left out for a version, a section and an undo. */
  readonly incident?: string | null;
  readonly root: string;
  readonly path: string;
  /** The file that is written; null when it is the path's own. */
  readonly to: string | null;
  readonly restored: readonly Unit[];
  readonly removed: readonly Unit[];
  readonly conflicts: readonly { readonly lost: Unit; readonly present: Unit }[];
  /** Ids of the versions before and after. */
  readonly before: string | null;
  readonly after: string | null;
  readonly undo: string | null;
  /** What could not be kept of the file besides its text: sentences. Left out: nothing. */
  readonly notKept?: readonly string[];
  /** The unified diff of a dry run; null when it was carried out. */
  readonly diff: string | null;
  /** True when the file already is as it would be. */
  readonly isNothingToDo: boolean;
  /** The restore that is taken back, when this is an undo. */
  readonly undoes?: string | null;
  /** The incident that is closed although not all of its text stands there; left out where none is. */
  readonly closes?: string | null;
  /** The incident that is open again, when this undo takes back such a restore. */
  readonly reopens?: string | null;
  /** The command that a dry run stands for; null or left out where it was carried out. */
  readonly command?: string | null;
  /** True when the file goes away. */
  readonly isRemoval: boolean;
  /** What is left for a person to do; null or left out when nothing is. */
  readonly advice?: string | null;
}

export function restoreText(report: RestoreReport, style: Style): string {
  const { diff, conflicts } = report;
  const left = wrap(report.advice ? visible(report.advice) : '', style.width).filter(line => line !== '');
  if (report.isNothingToDo) {
    const there = `nothing to do: ${placeIn(report, style)} ${asItIs(report)}`;
    const after = [
      ...wrap(whatFollows(report), style.width).filter(line => line !== ''),
      ...left,
      ...wayBack(report, style),
    ];
    return `${[...wrap(there, style.width), ...after].join('\n')}\n`;
  }
  const isDry = diff !== null;
  const lines = [
    ...wrap(headline(report, isDry, style), style.width),
    ...(isDry ? [] : textThatIsBack(report, style)),
    ...newerText(report, style, isDry),
    ...(report.notKept ?? []).flatMap(what => wrap(visible(what), style.width)).map(style.warn),
    ...conflicts.flatMap(({ lost, present }) => bothTexts(lost, present, style)),
    ...(isDry && diff !== '' ? ['', coloredDiff(diff.trimEnd(), style)] : []),
    ...(isDry ? ['', ...ending(report, style)] : []),
    ...(report.to === null && whatFollows(report) !== '' ? ['', ...wrap(whatFollows(report), style.width)] : []),
    ...(left.length > 0 ? ['', ...left] : []),
    ...wayBack(report, style),
  ];
  return `${lines.join('\n')}\n`;
}

function asItIs({ closes, undoes, isRemoval }: RestoreReport): string {
  if (closes) return 'stays as it is';
  if (isRemoval) return 'is gone already';
  return undoes ? 'is already as it was before' : 'has that text already';
}

/** What became of an incident whose text does not all stand there. */
function whatFollows({ closes, reopens, diff }: RestoreReport): string {
  if (closes)
    return `${closes} ${diff === null ? 'is closed' : 'would be closed'}: the present text stays in its place`;
  return reopens ? `${reopens} ${diff === null ? 'is' : 'would be'} open again` : '';
}

function wayBack({ undo, undoes }: RestoreReport, style: Style): readonly string[] {
  if (undo === null) return [];
  return ['', style.dim(undoes ? 'to put it back again:' : 'to take it back:'), style.command(undo)];
}

function placeIn({ to, root, path }: RestoreReport, style: Style): string {
  return visible(to ?? style.place({ root, path }));
}

function headline(report: RestoreReport, isDry: boolean, style: Style): string {
  const { restored, isRemoval, conflicts, to, undoes } = report;
  const place = placeIn(report, style);
  if (isDry && conflicts.length > 0) return `could not restore ${place} without a choice`;
  if (undoes) return `${isDry ? 'would take' : 'took'} back ${undoes}: ${place}`;
  if (isRemoval) return `${isDry ? 'would remove' : 'removed'} ${place}`;
  if (to !== null || restored.length === 0) return `${isDry ? 'would write' : 'wrote'} ${place}`;
  return `${isDry ? 'would restore' : 'restored'} ${inWords(restored)} in ${place}`;
}

/** What a restore put back; a dry run shows the whole diff instead. */
function textThatIsBack(
  { restored, removed, to, isRemoval, notKept = [] }: RestoreReport,
  style: Style,
): readonly string[] {
  if (restored.length === 0 || to !== null || isRemoval) return [];
  const lines = restored.flatMap(unit => behind('+', unit.text));
  const more = lines.length - glance;
  const shown = more > 1 ? lines.slice(0, glance) : lines;
  return [
    '',
    ...shown.map(style.good),
    ...(more > 1 ? [style.dim(`  and ${more} lines more`)] : []),
    '',
    ...(removed.length + notKept.length === 0 ? ['nothing else in the file was touched'] : []),
  ];
}

/** Newer text that goes is always shown, line by line. */
function newerText({ removed, to }: RestoreReport, style: Style, isDry: boolean): readonly string[] {
  if (removed.length === 0 || to !== null) return [];
  return [
    ...wrap(`${isDry ? 'would take away' : 'took away'} ${inWords(removed)}:`, style.width).map(style.warn),
    ...removed.flatMap(unit => behind('-', unit.text)).map(style.bad),
  ];
}

function bothTexts(lost: Unit, present: Unit, style: Style): readonly string[] {
  return [
    '',
    style.warn(`changed on both sides: ${inWords([lost])}`),
    'lost (--theirs)',
    ...behind('-', lost.text).map(style.bad),
    'present (--ours)',
    ...behind('+', present.text).map(style.good),
  ];
}

function behind(mark: string, text: string): readonly string[] {
  return visibleBlock(text.replace(/[\r\n]+$/, ''))
    .split('\n')
    .map(line => `${mark} ${line}`.trimEnd());
}

function ending({ conflicts, command }: RestoreReport, style: Style): readonly string[] {
  if (conflicts.length > 0) return ['nothing was written; choose with --theirs (lost), --ours (present) or --both'];
  return ['nothing was written', ...(command ? [`to do it: ${style.command(command)}`] : [])];
}

/** `indent` 0: one line, for one of several. */
export function restoreJson(report: RestoreReport, indent = 2): string {
  const { id, incident = null, root, path, to, restored, removed, conflicts, before, after, undo, diff } = report;
  const { notKept = [] } = report;
  const plain = {
    format: 1,
    id,
    incident,
    root,
    path,
    to,
    restored: restored.map(plainUnit),
    removed: removed.map(plainUnit),
    conflicts: conflicts.map(({ lost, present }) => ({ lost: plainUnit(lost), present: plainUnit(present) })),
    before,
    after,
    undo,
    notKept,
    ...(diff === null ? {} : { diff }),
  };
  return `${jsonText(plain, indent)}\n`;
}
