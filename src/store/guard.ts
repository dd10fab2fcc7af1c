/**
 * Who else may reach into the store. Whoever can write there can change what a restore puts back, so such a store is
 * not opened; one that others can only read is closed to them, and that is said.
 *
 * On Windows there are no modes to look at, and nothing here does anything.
 */
import { chmodSync, lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { errno, UndertextError } from '../errors.ts';
import { userId } from './lock.ts';
import type { Layout } from './repository.ts';

/** Bits by which a group or everybody may write, and by which they may do anything at all. */
const writable = 0o022;
const open = 0o077;
/** A folder with this bit, as `/tmp`, lets nobody rename what belongs to somebody else. */
const sticky = 0o1000;
const everybodyWrites = 0o002;
const rootUser = 0;
/** So many places are named; the others are counted. */
const mostNamed = 3;

/**
 * Looks at the folders and files that lead to everything else; a few calls, no walk. Gives what is to be said.
 * @throws UndertextError `refused` when others can write to the store, or when it belongs to somebody else
 */
export function guardStore(layout: Layout, how: { readonly isReadOnly: boolean }): readonly string[] {
  const me = userId();
  if (me === null || lookAt(layout, layout.root) === undefined) return [];
  refuseStrangersLink(layout.root, me);
  const loose: string[] = [];
  for (const path of placesOf(layout)) {
    const stat = lookAt(layout, path);
    if (stat === undefined) continue;
    const why = whyUnsafe(stat, me);
    if (why !== null) throw unsafe(layout.root, path, why);
    if ((stat.mode & open) !== 0) loose.push(path);
  }
  return [...closeToOthers(layout, loose, how.isReadOnly), ...whatParentAllows(layout.root, me)];
}

/** Every file and folder of the store that others can write to; and how many they can read, when the store is not closed. */
export function* checkModes(layout: Layout): Iterable<readonly [where: string, what: string]> {
  const me = userId();
  if (me === null) return;
  const isClosed = (statSync(layout.root).mode & open) === 0;
  let readable = 0;
  for (const name of ['.', ...readdirSync(layout.root, { recursive: true, encoding: 'utf8' })]) {
    const path = join(layout.root, name);
    const stat = lookAt(layout, path);
    if (stat === undefined) continue;
    const why = whyUnsafe(stat, me);
    if (why !== null) yield [name, why];
    if ((stat.mode & open) !== 0) readable++;
  }
  if (readable > 0 && !isClosed) yield ['.', `others can read ${readable} of its files and folders`];
}

function placesOf(layout: Layout): readonly string[] {
  const { root, objects, packs, heads, journals, format, head, history, lock } = layout;
  const folders = [root, objects, packs, join(root, 'refs'), heads, journals, join(root, 'cache')];
  const files = [format, head, history, lock, ...['config', 'packed-refs', 'watcher'].map(name => join(root, name))];
  const machines = namesIn(heads);
  return [...folders, ...files, ...namesIn(packs), ...namesIn(journals), ...machines, ...machines.flatMap(namesIn)];
}

/** Why what stands there cannot be trusted; null when only we can write to it. */
function whyUnsafe(stat: Stats, me: number): string | null {
  if (stat.isSymbolicLink()) return 'it is a link, and leads out of the store';
  if (stat.uid !== me && stat.uid !== rootUser) return `it belongs to another user (${stat.uid})`;
  if (!stat.isFile() && !stat.isDirectory()) return 'it is neither a file nor a folder';
  return (stat.mode & writable) === 0 ? null : 'others can write to it';
}

/** A link to a store of one's own is fine; one that another user has put there is a trap. */
function refuseStrangersLink(root: string, me: number): void {
  const stat = lstat(root);
  if (stat?.isSymbolicLink() && stat.uid !== me && stat.uid !== rootUser) {
    throw unsafe(root, root, `it is a link of another user (${stat.uid})`);
  }
}

function closeToOthers(layout: Layout, loose: readonly string[], isReadOnly: boolean): readonly string[] {
  if (loose.length === 0) return [];
  const stillOpen = isReadOnly ? loose : loose.filter(path => !isClosedNow(path));
  const closed = loose.filter(path => !stillOpen.includes(path));
  return [
    ...(closed.length === 0 ? [] : [`others could read ${named(layout, closed)} of the store; now only you can`]),
    ...(stillOpen.length === 0
      ? []
      : [`others can read ${named(layout, stillOpen)} of the store: chmod -R go-rwx ${layout.root}`]),
  ];
}

/** Takes the rights of others away; false on a file system that knows none, or when it is not ours to change. */
function isClosedNow(path: string): boolean {
  try {
    chmodSync(path, statSync(path).mode & 0o7700);
    return (statSync(path).mode & open) === 0;
  } catch (error) {
    // A journal or a pack that was sealed or merged meanwhile.
    if (errno(error) === 'ENOENT') return true;
    if (['EPERM', 'EROFS', 'ENOTSUP'].includes(errno(error))) return false;
    throw error;
  }
}

function whatParentAllows(root: string, me: number): readonly string[] {
  const parent = statSync(dirname(root));
  const isOpen = (parent.mode & everybodyWrites) !== 0 && (parent.mode & sticky) === 0;
  const isForeign = parent.uid !== me && parent.uid !== rootUser;
  if (!isOpen && !isForeign) return [];
  return [`others can put another folder in the place of the store, for they can write to ${dirname(root)}`];
}

function named(layout: Layout, paths: readonly string[]): string {
  const names = paths
    .slice(0, mostNamed)
    .map(path => (path === layout.root ? 'the folder' : relative(layout.root, path)));
  const more = paths.length > mostNamed ? ` and ${paths.length - mostNamed} more` : '';
  return `${names.join(', ')}${more}`;
}

function unsafe(root: string, path: string, why: string): UndertextError {
  const where = path === root ? root : `${basename(root)}/${relative(root, path)}`;
  return new UndertextError(
    'refused',
    `the store ${root} is not safe to use: ${where}: ${why}`,
    `look at it with \`ls -lan ${root}\`; when it is yours, \`chown -R "$(id -u)" ${root}; chmod -R go-rwx ${root}\`, and then \`undertext verify\``,
  );
}

function namesIn(folder: string): readonly string[] {
  if (lstat(folder)?.isDirectory() !== true) return [];
  return readdirSync(folder).map(name => join(folder, name));
}

/** The folder of the store may be a link of ours; nothing in it is. */
function lookAt(layout: Layout, path: string): Stats | undefined {
  return path === layout.root ? statSync(path, { throwIfNoEntry: false }) : lstat(path);
}

function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (errno(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
