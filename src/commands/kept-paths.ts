/** From a path, a name or the end of a path to what is kept there: a file, or a folder. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { UndertextError } from '../errors.ts';
import { matchName, type NameMatch } from '../history/match-name.ts';
import { locate } from '../home/roots.ts';
import type { Root, Version } from '../model.ts';
import { diskPath } from '../names.ts';
import { ascii } from '../report/ascii.ts';
import { quoted, visible } from '../report/visible.ts';
import { clock } from '../rule.ts';
import type { PathKey } from '../store/store.ts';
import { folderIdentity } from '../watch/scan.ts';
import type { Setup } from './setup.ts';

export interface Kept {
  readonly root: Root;
  readonly path: string;
  /** Oldest first; never empty. */
  readonly versions: readonly Version[];
}

/** At exactly this path. */
export function known(setup: Setup, argument: string): Kept | null {
  const { roots, store, world } = setup;
  const located = locate(expanded(setup, argument), roots, world.cwd);
  const candidates = [
    ...(located ? [located] : []),
    ...roots.map(root => ({ root, path: argument.replace(/^\.\//, '') })),
  ];
  for (const { root, path } of candidates) {
    const versions = store.versions({ root: root.name, path });
    if (versions.length > 0) return { root, path, versions };
  }
  return argument.includes('\\') ? knownAsPrinted(setup, argument) : null;
}

/** A name that no keyboard can type, copied from our output. */
function knownAsPrinted({ roots, store }: Setup, argument: string): Kept | null {
  for (const { root: name, path } of store.paths()) {
    const root = roots.find(each => each.name === name);
    const shown = visible(path);
    if (root && (shown === argument || ascii(shown) === argument))
      return { root, path, versions: store.versions({ root: name, path }) };
  }
  return null;
}

/** By a name, or the end of a path. @throws UndertextError `usage` for a name of several files */
export function named(setup: Setup, word: string): Kept | null {
  const match = matchKept(setup, word, 'file');
  if (match.kind === 'several') throw severalFiles(setup, word, match.among);
  return match.kind === 'none' ? null : keptAt(setup, match.at);
}

/** A folder that is kept, or one file, by path or by a unique name. */
export type FolderOrFile =
  | { readonly kind: 'file'; readonly file: Kept }
  /** `path` is '' for the root itself. */
  | { readonly kind: 'folder'; readonly root: Root; readonly path: string };

/** @throws UndertextError `not-found`, with the nearest paths; `usage` for a name of several */
export function folderOrFile(setup: Setup, argument: string): FolderOrFile {
  const { roots, world } = setup;
  const typed = expanded(setup, argument);
  const whole = argument.endsWith('/') ? null : known(setup, argument);
  if (whole) return { kind: 'file', file: whole };
  const root = roots.find(each => isSameFolder(each.path, resolve(world.cwd, typed)) || each.path === typed);
  if (root) return { kind: 'folder', root, path: '' };
  const located = locate(typed, roots, world.cwd);
  const folders = located ? [located] : [];
  for (const { root: at, path } of folders) {
    if (filesBelow(setup, at, path)) return { kind: 'folder', root: at, path };
  }
  const match = matchKept(setup, argument, 'any');
  if (match.kind === 'several') throw severalFiles(setup, argument, match.among);
  if (match.kind === 'none') throw nothingKept(setup, argument);
  if (match.kind === 'file') return { kind: 'file', file: keptAt(setup, match.at) };
  return { kind: 'folder', root: rootOf(setup, match.at), path: match.at.path };
}

function isSameFolder(one: string, other: string): boolean {
  if (one === other) return true;
  const identity = folderIdentity(one);
  return identity !== null && identity === folderIdentity(other);
}

function filesBelow({ store }: Setup, root: Root, folder: string): boolean {
  for (const version of store.paths()) {
    if (version.root === root.name && version.path.startsWith(`${folder}/`)) return true;
  }
  return false;
}

function matchKept(setup: Setup, word: string, wants: 'file' | 'any'): NameMatch {
  if (isAbsolute(expanded(setup, word))) return { kind: 'none', near: [] };
  return matchName(word, keptPaths(setup), wants);
}

function keptPaths({ roots, store }: Setup): readonly Version[] {
  const names = new Set(roots.map(({ name }) => name));
  return [...store.paths()].filter(({ root }) => names.has(root));
}

function keptAt(setup: Setup, { root, path }: PathKey): Kept {
  return { root: rootOf(setup, { root, path }), path, versions: setup.store.versions({ root, path }) };
}

function rootOf({ roots }: Setup, { root }: PathKey): Root {
  return roots.find(({ name }) => name === root)!;
}

/** More are never told apart by reading: the name must become longer. */
const mostChoices = 12;

function severalFiles(setup: Setup, word: string, among: readonly PathKey[]): UndertextError {
  const { store, world } = setup;
  const latest = among
    .map(key => ({ key, version: store.latest(key) ?? null }))
    .toSorted((a, b) => (b.version?.at ?? 0) - (a.version?.at ?? 0));
  const lines = latest.slice(0, mostChoices).map(({ key, version }) => {
    if (version === null) return `${visible(key.path)}/`;
    const verb = version.kind === 'gone' ? 'deleted' : 'changed';
    return `${visible(key.path)}  (${verb} ${clock(version.at, world.now())})`;
  });
  const more = among.length > mostChoices ? [`… ${among.length - mostChoices} more`] : [];
  const first = latest[0]!.key.path;
  return new UndertextError(
    'usage',
    `"${visible(word)}" could be ${among.length} paths`,
    `type more of the path, as in ${visible(first)}`,
    undefined,
    [...lines, ...more],
  );
}

/** What is so of a path that no version was kept of, and what to do about it. */
export function nothingKept(setup: Setup, argument: string): UndertextError {
  const { roots, world, store } = setup;
  const shown = visible(argument);
  const typed = expanded(setup, argument);
  const located = locate(typed, roots, world.cwd);
  const inFolder = matchKept(setup, argument, 'any');
  if (inFolder.kind === 'folder') return isFolder(inFolder.at.path);
  if (inFolder.kind === 'several') return severalFiles(setup, argument, inFolder.among);
  if (located && existsSync(diskPath(located.root, located.path))) {
    if (setup.classify(located.root, located.path) === 'noise') {
      const hint = 'temporary files, caches and what the configuration ignores are left out';
      return new UndertextError('not-found', `${shown} is not kept by undertext`, hint);
    }
    return new UndertextError('not-found', `no version of ${shown} is kept yet`, '`undertext snapshot` keeps it now');
  }
  if (!located && isAbsolute(typed) && existsSync(typed)) {
    const watched = roots.map(({ path }) => visible(path)).join(', ');
    const hint = `--root DIR names another folder; watched is ${watched}`;
    return new UndertextError('not-found', `${shown} lies outside of the watched folders`, hint);
  }
  const match = matchName(located?.path ?? argument, keptPaths(setup));
  const near = match.kind === 'none' ? match.near : match.kind === 'several' ? match.among.slice(0, 3) : [match.at];
  if (near.length > 0) {
    const what = `no version of "${shown}" is kept`;
    if (near.length === 1) return new UndertextError('not-found', what, `did you mean ${visible(near[0]!.path)}?`);
    return new UndertextError(
      'not-found',
      what,
      'did you mean one of these?',
      undefined,
      near.map(({ path }) => visible(path)),
    );
  }
  const isEmpty = store.paths()[Symbol.iterator]().next().done === true;
  return new UndertextError(
    'not-found',
    `no version of "${shown}" is kept`,
    isEmpty
      ? 'nothing is kept yet; `undertext watch` or `undertext snapshot` begins'
      : '`undertext ls` lists what is kept, `undertext find TEXT` looks for a text',
  );
}

function isFolder(path: string): UndertextError {
  const hint = `\`undertext ls ${quoted(path)}\` lists its files, \`undertext log ${quoted(path)}\` its last changes`;
  return new UndertextError('not-found', `${visible(path)} is a folder`, hint);
}

/** `~/…`, which a shell leaves alone inside quotes. */
function expanded({ world }: Setup, argument: string): string {
  return argument.replace(/^~(?=$|\/)/, () => world.home);
}
