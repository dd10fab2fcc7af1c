/** `undertext ls [PATH] [--at TIME]`: what stood in a folder, now or at a time. */
import { UndertextError } from '../errors.ts';
import { writtenAt } from '../history/history.ts';
import { parseTime } from '../history/times.ts';
import type { Root, Time, Version } from '../model.ts';
import { type Entry, type Listing, listingJson, listingText } from '../report/ls-table.ts';
import { clock } from '../rule.ts';
import type { Command } from './command.ts';
import { withPresent } from './freshen.ts';
import { folderOrFile } from './kept-paths.ts';
import type { Setup } from './setup.ts';

export const ls: Command = {
  name: 'ls',
  summary: 'lists what a folder holds, or held at a time, and what was deleted in it',
  usage: ['ls [PATH] [--at TIME]'],
  arguments: 1,
  options: { at: { type: 'string', value: 'TIME', help: 'as it was then: 2h, 18:00, yesterday 18:00, 2026-11-20' } },
  examples: [
    { line: 'undertext ls', does: 'the watched folders' },
    { line: 'undertext ls memory', does: 'the one folder of that name, and what was deleted in it' },
    { line: 'undertext ls skills --at "yesterday 18:00"', does: 'as it was then, and what became of each file since' },
  ],
  exits: { 0: 'listed' },
  run: async call => {
    const asked = call.text('at');
    return await withPresent(call, async setup => {
      const now = setup.world.now();
      const at = asked === undefined ? null : parseTime(asked, now);
      if (asked !== undefined && at === null) {
        throw new UndertextError(
          'usage',
          `"${asked}" is not a time`,
          'write 2h, 18:00, yesterday 18:00 or 2026-11-20T18:00',
        );
      }
      const [typed] = call.arguments;
      const places = typed === undefined ? setup.roots.map(root => ({ root, path: '' })) : [placeOf(setup, typed)];
      const listings = places.map(place => listingOf(setup, place, at));
      mustBeKnown(listings, setup, at);
      await setup.print(setup.json ? listingJson(listings, at, now) : listingText(listings, at, setup.style, now));
      return 0;
    });
  },
};

interface Place {
  readonly root: Root;
  readonly path: string;
}

function placeOf(setup: Setup, typed: string): Place {
  const found = folderOrFile(setup, typed);
  return found.kind === 'folder' ? found : found.file;
}

/** The entries of one folder, or the one file that was named; `at` null: now. */
export function listingOf({ store }: Pick<Setup, 'store'>, place: Place, at: Time | null): Listing {
  const { root, path: folder } = place;
  const start = folder === '' ? '' : `${folder}/`;
  const files: Entry[] = [];
  const inner = new Map<string, Entry[]>();
  for (const versions of store.byPath()) {
    const [first] = versions;
    if (first === undefined || first.root !== root.name) continue;
    const isItself = first.path === folder;
    if (!isItself && !(first.path.startsWith(start) && (folder === '' || first.path.length > start.length))) continue;
    const rest = isItself ? first.path : first.path.slice(start.length);
    const name = isBeside(rest) ? rest : (rest.split('/')[0] ?? rest);
    const entry = entryOf(versions, isItself ? rest : name, at);
    if (entry === null) continue;
    if (isItself || name === rest) files.push(entry);
    else inner.set(name, [...(inner.get(name) ?? []), entry]);
  }
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  const folders = [...inner].map(([name, entries]) => ({
    name,
    files: entries.filter(({ state }) => state !== 'deleted' || at !== null).length,
    deleted: entries.filter(({ state }) => state === 'deleted').length,
    changed: Math.max(...entries.map(entry => entry.at)),
  }));
  return { root: root.name, place: root.path, path: folder, folders: folders.sort(byName), files: files.sort(byName) };
}

function isBeside(path: string): boolean {
  return path.startsWith('../');
}

/** As it stood then, and what became of it since; null for what was not there then, or is deleted for longer than known. */
function entryOf(versions: readonly Version[], name: string, at: Time | null): Entry | null {
  const settled = versions.filter((version, index) => version.settled || index === versions.length - 1);
  const newest = settled.at(-1);
  if (newest === undefined) return null;
  const index = at === null ? settled.length - 1 : settled.findLastIndex((_, i) => writtenAt(settled, i) <= at);
  const version = settled[index];
  if (version === undefined) return null;
  const isGone = version.kind === 'gone';
  if (isGone && at !== null) return null;
  const held = isGone ? (settled.findLast(each => each.kind !== 'gone') ?? version) : version;
  const state = newest.kind === 'gone' ? 'deleted' : isSame(version, newest) ? 'same' : 'changed';
  const changedAt = state === 'deleted' && at === null ? newest.at : writtenAt(settled, index);
  return { name, kind: held.kind, size: held.size, version: held.id, at: changedAt, state };
}

function isSame(one: Version, other: Version): boolean {
  return one.kind === other.kind && one.blob === other.blob;
}

/** A time before anything was kept is not a time at which nothing was there. */
function mustBeKnown(listings: readonly Listing[], { store, world }: Setup, at: Time | null): void {
  if (at === null || listings.some(({ files, folders }) => files.length + folders.length > 0)) return;
  let first = Number.POSITIVE_INFINITY;
  for (const [version] of store.byPath()) if (version) first = Math.min(first, version.at);
  const hint =
    first > at && Number.isFinite(first)
      ? `the first version that is kept is of ${clock(first, world.now())}`
      : '`undertext ls` without --at lists what is there now';
  throw new UndertextError('not-found', `nothing is known of ${clock(at, world.now())} there`, hint);
}
