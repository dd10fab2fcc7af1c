/** `restore FOLDER --at TIME`: the plan for each file, or what became of it. */
import type { Time, Version } from '../model.ts';
import { jsonText } from './json-text.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { clock, iso } from './times.ts';
import { visible } from './visible.ts';

export interface FolderStep {
  readonly path: string;
  /** `new` was not there then, and stays; `not kept`: a secret, a link, or forgotten; `failed`: the reason was printed. */
  readonly state: 'same' | 'changed' | 'deleted' | 'new' | 'not kept' | 'restored' | 'failed';
  /** What stood there then; null for what is new. */
  readonly held: Version | null;
  /** The id of the restore; null until it is carried out. */
  readonly restore: string | null;
}

export interface FolderReport {
  readonly root: string;
  /** '' for the root itself. */
  readonly path: string;
  readonly at: Time;
  readonly steps: readonly FolderStep[];
  /** The command that a dry run stands for; null when it was carried out. */
  readonly command: string | null;
  /** Takes all of it back; null when nothing was written. */
  readonly undo: string | null;
}

const mostRows = 200;

const inWords: Readonly<Record<FolderStep['state'], string>> = {
  same: 'unchanged',
  changed: 'changed since: would be put back',
  deleted: 'deleted since: would be put back',
  new: 'created since: stays',
  'not kept': 'no text of it is kept: stays as it is',
  restored: 'put back',
  failed: 'not restored: see above',
};

export function folderText({ root, path, at, steps, command, undo }: FolderReport, style: Style, now: Time): string {
  const told = steps.filter(({ state }) => state !== 'same');
  const same = steps.length - told.length;
  const rows = told
    .slice(0, mostRows)
    .map(({ path: file, state, held }) => [
      visible(path === '' ? file : file.slice(path.length + 1)),
      held === null ? '' : clock(held.at, now),
      held === null ? '' : { text: held.id, paint: style.command },
      { text: inWords[state], paint: state === 'failed' ? style.bad : state === 'new' ? style.dim : style.good },
    ]);
  const more = told.length - mostRows;
  const isAny = told.some(({ state }) => state !== 'new' && state !== 'not kept');
  const parts = [
    `${style.bold(visible(style.place({ root, path })))}${style.dim(`, as it was ${clock(at, now)}`)}`,
    ...(isAny ? [] : ['nothing to do: no file was changed or deleted since']),
    ...(rows.length === 0 ? [] : [table(['path', 'written', 'version', 'what'], rows, style)]),
    ...(more > 0 ? [style.dim(`… ${more} more: --json lists all of them`)] : []),
    ...(same > 0 && rows.length > 0 ? [style.dim(`${count(same, 'file')} unchanged`)] : []),
    ...(command === null
      ? []
      : [!isAny ? 'nothing was written' : `nothing was written\nto do it: ${style.command(command)}`]),
    ...(undo === null ? [] : [`${style.dim('to take it all back:')} ${style.command(undo)}`]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** @see schemas/restore-folder.schema.json */
export function folderJson({ root, path, at, steps, undo }: FolderReport): string {
  const files = steps.map(step => ({
    path: step.path,
    state: step.state,
    version: step.held?.id ?? null,
    restore: step.restore,
  }));
  return `${jsonText({ format: 1, root, path, at: iso(at), files, undo }, 2)}\n`;
}
