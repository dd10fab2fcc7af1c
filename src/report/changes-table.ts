/** `log` of all files or of a folder: the last changes, newest first. */
import type { Time } from '../model.ts';
import { jsonText } from './json-text.ts';
import { type LogRow, logVersion, rowTexts } from './log-table.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { visible } from './visible.ts';
import { wrap } from './width.ts';

export interface ChangeRow extends LogRow {
  readonly root: string;
  readonly path: string;
}

export interface ChangesReport {
  /** Null: all roots. `path` is '' for a whole root, `place` is where that root lies. */
  readonly folder: { readonly root: string; readonly path: string; readonly place: string } | null;
  /** Newest first. */
  readonly rows: readonly ChangeRow[];
  /** Older changes that are not among the rows. */
  readonly more: number;
  /** Files that were there when undertext first looked. */
  readonly firstSeen: number;
}

export function changesText({ folder, rows, more, firstSeen }: ChangesReport, style: Style, now: Time): string {
  const title = folder === null ? '' : `${style.bold(visible(folder.path === '' ? folder.place : folder.path))}\n\n`;
  const names = new Set(rows.map(({ root }) => root));
  const cells = rows.map(row => {
    const { id, when, writer, change } = rowTexts(row, now);
    const path = visible(folder?.path ? row.path.slice(folder.path.length + 1) : row.path);
    return [
      when,
      names.size > 1 ? `${visible(row.root)}: ${path}` : path,
      writer,
      change,
      { text: id, paint: style.command },
    ];
  });
  const notes = [
    ...(more > 0
      ? [`… ${count(more, 'older change')}: ${style.sentence('undertext log')} --limit ${rows.length + more}`]
      : []),
    ...(firstSeen > 0 ? [`${count(firstSeen, 'file')} not listed: already there when undertext first looked`] : []),
  ];
  const list = rows.length === 0 ? 'no changes are kept\n' : `${table(head, cells, style)}\n`;
  return `${title}${list}${
    notes.length === 0
      ? ''
      : `\n${notes
          .flatMap(note => wrap(note, style.width))
          .map(style.dim)
          .join('\n')}\n`
  }`;
}

const head = ['when', 'path', 'writer', 'what changed', 'version'];

/** Oldest first, as `log PATH --json`; each version says whose it is. `root` and `path` are null for all roots. */
export function changesJson({ folder, rows }: ChangesReport): string {
  const versions = rows.toReversed().map(logVersion);
  return `${jsonText({ format: 1, root: folder?.root ?? null, path: folder?.path ?? null, versions }, 2)}\n`;
}
