/**
 * One look at one path: what stands there now, without ever waiting for it. `lstat` first, then open with
 * `O_NOFOLLOW | O_NONBLOCK` and `fstat`, so that a FIFO, a socket or a device is never opened for reading
 * and a link is never followed, also when one takes a file's place between the two calls. A link that stands for a folder
 * on the way is none of the root's folders: what lies behind it is not there.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { errno, UndertextError } from '../errors.ts';
import type { FileClass, How, Observation, Root, Time } from '../model.ts';
import { diskPath } from '../names.ts';

/** The calls that tests replace to be refused. */
export interface Disk {
  /** Undefined when nothing is there. */
  lstat(path: string | Buffer): Stats | undefined;
  open(path: string | Buffer): number;
  list(path: string | Buffer): Dirent<Buffer>[];
}

const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

export const realDisk: Disk = {
  lstat: path => lstatSync(path, { throwIfNoEntry: false }),
  open: path => openSync(path, flags),
  list: path => readdirSync(path, { withFileTypes: true, encoding: 'buffer' }),
};

/** What can be recorded: something stands there, or nothing does. `blob` is git's name of the content. */
export interface Sight {
  readonly kind: 'seen' | 'gone';
  readonly observation: Observation;
  readonly blob: string | null;
  /** Equal as long as nobody wrote to the file or put another in its place. */
  readonly stamp: string;
}

/** What a look found. */
export type Look =
  | Sight
  | { readonly kind: 'folder' }
  /** A FIFO, a socket, a device: it exists, and that is all we may know. */
  | { readonly kind: 'special'; readonly what: string }
  /** More bytes than `limit`: to be read piece by piece. */
  | { readonly kind: 'big'; readonly size: number; readonly stats: Stats }
  | { readonly kind: 'unreadable'; readonly why: string };

export interface LookDeps {
  readonly class: FileClass;
  readonly now: () => Time;
  readonly disk?: Disk;
  /** Largest file that is read whole; left out: every file. */
  readonly limit?: number;
}

/**
 * What stands at a path now, ready to be recorded; null for a folder and for what is never opened.
 * @throws UndertextError `disk` when it cannot be read
 */
export function observe(root: Root, path: string, how: How, deps: LookDeps): Observation | null {
  const { limit: _, ...whole } = deps;
  const seen = look(root, path, how, whole);
  if (seen.kind === 'unreadable') {
    throw new UndertextError(
      'disk',
      `${path} cannot be read: ${seen.why}`,
      'check the permissions of the file and its folder',
    );
  }
  return seen.kind === 'seen' || seen.kind === 'gone' ? seen.observation : null;
}

export function look(root: Root, path: string, how: How, deps: LookDeps): Look {
  // A file that is replaced by a link between `lstat` and `open` is looked at once more.
  for (let attempt = 0; ; attempt++) {
    try {
      return lookOnce(root, path, how, deps);
    } catch (error) {
      const code = errno(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') {
        return gone(root, path, how, deps.now());
      } else if (attempt > 1 || (code !== 'ELOOP' && code !== 'EINVAL' && code !== 'EISDIR')) {
        return { kind: 'unreadable', why: code || String(error) };
      }
    }
  }
}

/**
 * True when one of the folders above a path is a link. The system follows it without a word, so this is asked before a
 * file is opened and once more when it is open: then the file lies where its path says.
 */
export function isBehindLink(root: Root, path: string, disk: Pick<Disk, 'lstat'> = realDisk): boolean {
  // What lies beside a root is not below it; the root itself may be a link.
  if (path.startsWith('../')) return false;
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    if (disk.lstat(diskPath(root, path.slice(0, slash)))?.isSymbolicLink() === true) return true;
  }
  return false;
}

/** The observation of a path where nothing stands. */
export function gone(root: Root, path: string, how: How, at: Time): Sight {
  const base = {
    root: root.name,
    path,
    kind: 'gone',
    at,
    seenAt: at,
    content: null,
    size: 0,
    mode: 0,
    mtime: null,
  } as const;
  return { kind: 'gone', observation: { ...base, how, settled: true }, blob: null, stamp: '' };
}

/** Git's name of a blob. */
export function blobId(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

export function stampOf(stats: Stats): string {
  return `${stats.ino}:${stats.size}:${stats.mtimeMs}`;
}

function lookOnce(root: Root, path: string, how: How, deps: LookDeps): Look {
  const disk = deps.disk ?? realDisk;
  const place = diskPath(root, path);
  const stats = disk.lstat(place);
  if (stats === undefined || isBehindLink(root, path, disk)) return gone(root, path, how, deps.now());
  if (stats.isDirectory()) return { kind: 'folder' };
  const seenAt = deps.now();
  const base = { root: root.name, path, at: seenAt, seenAt, mode: stats.mode & 0o7777, mtime: stats.mtimeMs, how };
  if (deps.class === 'secret') {
    const size = stats.size === 0 ? 0 : 1;
    const observation: Observation = { ...base, kind: 'withheld', content: null, size, settled: true };
    return { kind: 'seen', observation, blob: null, stamp: stampOf(stats) };
  }
  if (stats.isSymbolicLink()) {
    const content = readlinkSync(place, { encoding: 'buffer' });
    if (isBehindLink(root, path, disk)) return gone(root, path, how, deps.now());
    const observation: Observation = { ...base, kind: 'link', content, size: content.length, settled: true };
    return { kind: 'seen', observation, blob: blobId(content), stamp: stampOf(stats) };
  }
  if (!stats.isFile()) return { kind: 'special', what: nameOf(stats) };
  if (deps.limit !== undefined && stats.size > deps.limit) return { kind: 'big', size: stats.size, stats };
  const file = disk.open(place);
  try {
    const before = fstatSync(file);
    if (isBehindLink(root, path, disk)) return gone(root, path, how, deps.now());
    if (!before.isFile()) return { kind: 'special', what: nameOf(before) };
    if (deps.limit !== undefined && before.size > deps.limit) return { kind: 'big', size: before.size, stats: before };
    const content = readWhole(file, before.size);
    const after = fstatSync(file);
    const settled = stampOf(before) === stampOf(after) && content.length === after.size;
    const observation: Observation = {
      ...base,
      kind: 'file',
      content,
      size: content.length,
      mode: after.mode & 0o7777,
      mtime: after.mtimeMs,
      settled,
    };
    return { kind: 'seen', observation, blob: blobId(content), stamp: stampOf(after) };
  } finally {
    closeSync(file);
  }
}

/** As many bytes as there are, up to the size the file had when it was opened. */
function readWhole(file: number, size: number): Uint8Array {
  // Small ones share a slab; a big one alone can be let go of alone.
  const content = size < Buffer.poolSize / 2 ? Buffer.allocUnsafe(size) : Buffer.allocUnsafeSlow(size);
  let length = 0;
  while (length < size) {
    const count = readSync(file, content, length, size - length, length);
    if (count === 0) break;
    length += count;
  }
  return length === size ? content : content.subarray(0, length);
}

function nameOf(stats: Stats): string {
  if (stats.isFIFO()) return 'FIFO';
  if (stats.isSocket()) return 'socket';
  return stats.isDirectory() ? 'folder' : 'device';
}
