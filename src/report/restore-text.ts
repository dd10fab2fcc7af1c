/** `restore` and `undo`: what would be written, and what was. */
import type { Unit, Version } from '../model.ts';
import { plainUnit } from './audit-json.ts';
import { coloredDiff } from './diff-text.ts';
import type { Style } from './style.ts';
import { inWords } from './units.ts';
import { visible, visibleBlock } from './visible.ts';
import { wrap } from './width.ts';

/** The part of a plan that is shown. */
export interface ShownPlan {
  readonly root: { readonly name: string };
  readonly path: string;
  readonly target: string;
  /** True when another file than the path's own is written. */
  readonly elsewhere: boolean;
  readonly present: Uint8Array | null;
  /** Null: the file goes away. */
  readonly bytes: Uint8Array | null;
  readonly expect: Version | null;
  readonly restored: readonly Unit[];
  readonly removed: readonly Unit[];
  readonly conflicts: readonly { readonly lost: Unit; readonly present: Unit }[];
  readonly diff: string;
}

/** The part of a finished restore that is shown. */
export interface ShownRestore {
  readonly id: string | null;
  readonly restored: readonly Unit[];
  readonly removed: readonly Unit[];
  readonly before: Version | null;
  readonly after: Version | null;
  readonly undo: string | null;
}

export interface Look {
  readonly json: boolean;
  readonly style: Style;
}

/** `--dry-run`: the plan and the diff. */
export function restorePlan(plan: ShownPlan, { json, style }: Look): string {
  if (json) {
    return jsonOf(plan, { ...plan, id: null, before: plan.expect, after: null, undo: null }, { diff: plan.diff });
  }
  if (isDone(plan)) return nothingToDo(plan);
  const lines = [
    ...wrap(headline(plan, 'would'), style.width),
    ...newerText(plan, style, 'would take away'),
    ...plan.conflicts.flatMap(({ lost, present }) => bothTexts(lost, present, style)),
    '',
    ...(plan.diff === '' ? [] : [coloredDiff(plan.diff.trimEnd(), style), '']),
    'nothing was written',
  ];
  return `${lines.join('\n')}\n`;
}

/** What was written, and the command that takes it back. */
export function restoreText(plan: ShownPlan, done: ShownRestore, { json, style }: Look): string {
  if (json) return jsonOf(plan, done, {});
  if (done.id === null && !plan.elsewhere) return nothingToDo(plan);
  const lines = [
    ...wrap(headline(plan, 'did'), style.width),
    ...newerText(plan, style, 'took away'),
    ...(done.undo === null ? [] : ['', style.dim('to take it back:'), style.command(done.undo)]),
  ];
  return `${lines.join('\n')}\n`;
}

function isDone({ conflicts, elsewhere, present, bytes }: ShownPlan): boolean {
  if (conflicts.length > 0 || elsewhere) return false;
  return present === null || bytes === null ? present === bytes : Buffer.compare(present, bytes) === 0;
}

function nothingToDo({ path }: ShownPlan): string {
  return `nothing to do: ${visible(path)} has it already\n`;
}

function headline({ bytes, restored, elsewhere, path, target }: ShownPlan, tense: 'would' | 'did'): string {
  const place = visible(elsewhere ? target : path);
  if (bytes === null) return `${tense === 'would' ? 'would remove' : 'removed'} ${place}`;
  if (elsewhere || restored.length === 0) return `${tense === 'would' ? 'would write' : 'wrote'} ${place}`;
  return `${tense === 'would' ? 'would restore' : 'restored'} ${inWords(restored)} in ${place}`;
}

/** Newer text that goes is always shown, line by line. */
function newerText({ removed, elsewhere }: ShownPlan, style: Style, verb: string): readonly string[] {
  if (removed.length === 0 || elsewhere) return [];
  return [
    ...wrap(`${verb} ${inWords(removed)}:`, style.width).map(style.warn),
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
  return visibleBlock(text)
    .split('\n')
    .map(line => `${mark} ${line}`.trimEnd());
}

function jsonOf(plan: ShownPlan, done: ShownRestore, more: object): string {
  const report = {
    format: 1,
    id: done.id,
    root: plan.root.name,
    path: plan.path,
    to: plan.elsewhere ? plan.target : null,
    restored: done.restored.map(plainUnit),
    removed: done.removed.map(plainUnit),
    conflicts: plan.conflicts.map(({ lost, present }) => ({ lost: plainUnit(lost), present: plainUnit(present) })),
    before: done.before?.id ?? null,
    after: done.after?.id ?? null,
    undo: done.undo,
    ...more,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
