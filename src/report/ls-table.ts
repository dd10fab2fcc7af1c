/** `ls`: the folders and files of a folder, and what became of them since. */
import type { Time, VersionKind } from '../model.ts';
import { jsonText } from './json-text.ts';
import { bytes, count } from './sizes.ts';
import type { Style } from './style.ts';
import { type Cell, table } from './table.ts';
import { clock, iso } from './times.ts';
import { visible } from './visible.ts';

export interface Listing {
  readonly root: string;
  /** Where the root lies on the disk. */
  readonly place: string;
  /** '' for the root itself. */
  readonly path: string;
  readonly folders: readonly Folder[];
  readonly files: readonly Entry[];
}

export interface Folder {
  readonly name: string;
  /** Files in it at any depth: now, or at the time that was asked for. */
  readonly files: number;
  /** Those that are deleted by now. */
  readonly deleted: number;
  readonly changed: Time;
}

export interface Entry {
  readonly name: string;
  readonly kind: VersionKind;
  readonly size: number;
  readonly version: string;
  /** When it was written; when it was deleted, in a listing of now. */
  readonly at: Time;
  /** What became of it: `same` and `changed` are there now. */
  readonly state: 'same' | 'changed' | 'deleted';
}

export function listingText(listings: readonly Listing[], at: Time | null, style: Style, now: Time): string {
  return listings.map(listing => oneText(listing, at, style, now)).join('\n');
}

function oneText({ place, path, folders, files }: Listing, at: Time | null, style: Style, now: Time): string {
  const when = at === null ? '' : `, at ${clock(at, now)}`;
  const title = style.bold(visible(path === '' ? place : path)) + style.dim(when);
  const there = at === null ? files.filter(({ state }) => state !== 'deleted') : files;
  const rows: Cell[][] = [
    ...folders.filter(each => at !== null || each.files > 0).map(each => folderRow(each, at, style, now)),
    ...there.map(each => fileRow(each, at, style, now)),
  ];
  const gone = at === null ? files.filter(({ state }) => state === 'deleted') : [];
  const head =
    at === null ? ['name', 'size', 'changed', 'version'] : ['name', 'size', 'changed', 'version', 'since then'];
  const parts = [
    title,
    rows.length === 0 ? 'empty' : table(head, rows, style),
    ...(gone.length === 0 ? [] : [deletedText(gone, style, now)]),
    ...deletedBelow(folders, at, style),
  ];
  return `${parts.join('\n\n')}\n`;
}

function folderRow({ name, files, changed, deleted }: Folder, at: Time | null, style: Style, now: Time): Cell[] {
  const row = [`${visible(name)}/`, count(files, 'file'), clock(changed, now), ''];
  if (at === null) return row;
  return [...row, deleted === 0 ? '' : { text: `${deleted} deleted`, paint: style.bad }];
}

function fileRow(
  { name, kind, size, version, at: changed, state }: Entry,
  at: Time | null,
  style: Style,
  now: Time,
): Cell[] {
  const amount = kind === 'withheld' ? 'secret' : kind === 'link' ? 'link' : bytes(size);
  const row: Cell[] = [visible(name), amount, clock(changed, now), { text: version, paint: style.command }];
  if (at === null) return row;
  const paint = state === 'deleted' ? style.bad : state === 'changed' ? style.warn : style.dim;
  return [...row, { text: state, paint }];
}

/** The newest first: they are what somebody looks for. */
const mostDeleted = 20;

function deletedText(gone: readonly Entry[], style: Style, now: Time): string {
  const newest = gone.toSorted((a, b) => b.at - a.at);
  const rows = newest
    .slice(0, mostDeleted)
    .map(({ name, size, version, at }) => [
      visible(name),
      bytes(size),
      clock(at, now),
      { text: version, paint: style.command },
    ]);
  const more = newest.length > mostDeleted ? `\n${style.dim(`… ${newest.length - mostDeleted} more`)}` : '';
  return `${table(['deleted', 'size', 'when', 'last version'], rows, style)}${more}`;
}

function deletedBelow(folders: readonly Folder[], at: Time | null, style: Style): readonly string[] {
  if (at !== null) return [];
  const some = folders.filter(({ deleted }) => deleted > 0);
  if (some.length === 0) return [];
  const list = some.slice(0, 5).map(({ name, deleted }) => `${visible(name)}/ (${deleted})`);
  return [style.dim(`deleted in folders: ${list.join(', ')}${some.length > 5 ? ' …' : ''}`)];
}

/** @see schemas/ls.schema.json */
export function listingJson(listings: readonly Listing[], at: Time | null, now: Time): string {
  const plain = listings.map(({ root, path, folders, files }) => ({
    root,
    path,
    folders: folders.map(each => ({ ...each, changed: iso(each.changed) })),
    files: files.map(each => ({ ...each, at: iso(each.at) })),
  }));
  return `${jsonText({ format: 1, at: iso(at ?? now), folders: plain }, 2)}\n`;
}
