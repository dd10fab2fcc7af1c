/** What stands on the disk at a path now, kept in the store before anybody plans to replace it. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { sep } from 'node:path';
import { errno, UndertextError } from '../errors.ts';
import type { How, Observation, Root, Time, Version } from '../model.ts';
import { baseName, decodeName, folderOf, onDisk, placeOf } from '../names.ts';
import type { Intent, Store } from '../store/store.ts';
import type { Opened } from './attributes.ts';
import { isStraight, moved, type Way, wayTo } from './way.ts';

export interface RestoreDeps {
  readonly store: Store;
  /** Reads a path without following it; null when there is nothing to keep. */
  observe(root: Root, path: string, how: How): Promise<Observation | null>;
  readonly now: () => Time;
  /** Runs right before the last look at the disk. Tests move the file here. */
  readonly beforeRename?: () => void | Promise<void>;
  /** Waits before another try; real time unless a test says otherwise. */
  readonly pause?: (milliseconds: number) => Promise<void>;
  /** As in `Change`. */
  readonly keepAttributes?: (from: Opened, to: Opened) => readonly string[];
  readonly random?: (below: number) => number;
  /** Says what is about to be written, so that who sees it leaves the record to us. */
  announce?(intent: Intent): Promise<void>;
  /** As in `RestoreRecord`: names what several restores of one command have in common. */
  readonly batch?: string;
}

/** One path on the disk, at a moment after which everything it held is in the store. */
export interface Disk {
  readonly root: Root;
  /** The path whose bytes these are: where a link inside the root leads, else the path asked for. */
  readonly path: string;
  /** Absolute; where it is written: behind the link, when the path is one. */
  readonly target: string;
  /** The folders that lead there, from before anything else was looked at. */
  readonly way: Way;
  /** The version that holds `bytes`; null when nothing is there. */
  readonly version: Version | null;
  readonly bytes: Uint8Array | null;
  readonly mode: number;
  readonly mtime: Time | null;
  /** False while somebody is writing to it. */
  readonly settled: boolean;
}

/** Looks at a path and records what is there when the store does not have it yet. */
export async function lookAt(root: Root, path: string, deps: RestoreDeps): Promise<Disk> {
  checkName(root, path);
  const file = placeOf(root, path);
  const way = wayTo(file);
  checkPlace(root, path);
  await deps.store.refresh();
  const seen = await deps.observe(root, path, 'scan').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (seen === null || seen.kind === 'gone') return nothingThere(root, path, { file, way }, seen, deps);
  if (seen.kind === 'withheld') {
    throw new UndertextError(
      'refused',
      `${path} is a secret; its content was never kept`,
      'restore it from where you keep your secrets',
    );
  }
  if (seen.kind === 'link') return behindLink(root, path, file, deps);
  const version = await known(seen, deps);
  return {
    root,
    path,
    target: file,
    way,
    version,
    bytes: await deps.store.read(version.blob!),
    mode: seen.mode,
    mtime: seen.mtime,
    settled: seen.settled,
  };
}

/** The name of a file of this root. A store that somebody else made may say anything. */
function checkName(root: Root, path: string): void {
  if (!isOdd(path, sep) || root.beside.includes(path)) return;
  throw new UndertextError('refused', `${path} is not a file of ${root.path}`, 'name a path inside a root');
}

/** True for a path that leads out of its root, or that no file can have; `separator` is the system's. */
export function isOdd(path: string, separator: string): boolean {
  if (path === '' || path.includes('\0')) return true;
  // A colon names a drive or a second stream there.
  if (separator === '\\' && /[\\:]/.test(path)) return true;
  return path.split('/').some(part => part === '' || part === '.' || part === '..');
}

/** And not one that leads out of it through a link that became a folder's name. */
function checkPlace(root: Root, path: string): void {
  if (root.beside.includes(path)) return;
  const real = realRoot(root);
  for (let folder = folderOf(placeOf(root, path)); ; folder = folderOf(folder)) {
    const there = realPath(folder);
    if (there === null && folder !== folderOf(folder)) continue;
    if (there === null || there === real || there.startsWith(`${real === '/' ? '' : real}/`)) return;
    throw new UndertextError(
      'refused',
      `${path} lies behind a link that leads out of ${root.path}`,
      `write it somewhere else with --to, or restore it where it lies: ${there}`,
    );
  }
}

function realRoot(root: Root): string {
  const real = realPath(root.path);
  if (real !== null) return real;
  throw new UndertextError('disk', `${root.path} is not there`, 'mount it or make it, then try again');
}

function realPath(file: string): string | null {
  try {
    return decodeName(realpathSync.native(onDisk(file), { encoding: 'buffer' }))
      .split(sep)
      .join('/');
  } catch {
    return null;
  }
}

async function nothingThere(
  root: Root,
  path: string,
  { file, way }: { readonly file: string; readonly way: Way },
  seen: Observation | null,
  deps: RestoreDeps,
): Promise<Disk> {
  if (seen === null && exists(file)) {
    throw new UndertextError(
      'refused',
      `${path} is no ordinary file now`,
      'move it away, or write elsewhere with --to',
    );
  }
  const latest = deps.store.latest({ root: root.name, path });
  if (latest !== undefined && latest.kind !== 'gone') {
    const now = deps.now();
    const gone = { kind: 'gone', content: null, size: 0, mode: 0, mtime: null, settled: true } as const;
    await deps.store.record([{ root: root.name, path, at: now, seenAt: now, how: 'scan', ...gone }]);
  }
  return { root, path, target: file, way, version: null, bytes: null, mode: 0, mtime: null, settled: true };
}

/** One link is honoured: to a file of the root, or to a file elsewhere that its owner linked on purpose. */
async function behindLink(root: Root, path: string, file: string, deps: RestoreDeps): Promise<Disk> {
  const target = realPath(file);
  if (target === null) {
    throw new UndertextError(
      'refused',
      `${path} is a link that leads nowhere: ${readlinkSync(onDisk(file))}`,
      'mend or remove the link, or write elsewhere with --to',
    );
  }
  const real = realRoot(root);
  if (target.startsWith(`${real}/`)) return lookAt(root, target.slice(real.length + 1), deps);
  const way = wayTo(target);
  if (!isStraight(way)) throw moved(target);
  const { bytes, mode, mtime } = readBehind(target, path);
  const now = deps.now();
  const seen: Observation = {
    root: root.name,
    path,
    kind: 'file',
    at: mtime,
    seenAt: now,
    content: bytes,
    size: bytes.length,
    mode,
    mtime,
    how: 'scan',
    settled: true,
  };
  return { root, path, target, way, version: await known(seen, deps), bytes, mode, mtime, settled: true };
}

/** Reads a regular file, and never one that waits for a writer. */
function readBehind(target: string, path: string): { bytes: Uint8Array; mode: number; mtime: Time } {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const handle = openSync(onDisk(target), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) {
      throw new UndertextError(
        'refused',
        `${path} is a link to something that is no file`,
        'write elsewhere with --to',
      );
    }
    return { bytes: readFileSync(handle), mode: stat.mode & 0o7777, mtime: stat.mtimeMs };
  } finally {
    closeSync(handle);
  }
}

/** The version of what was seen: the newest one when it says the same, else a new one. */
async function known(seen: Observation, deps: RestoreDeps): Promise<Version> {
  const latest = deps.store.latest({ root: seen.root, path: seen.path });
  const blob = seen.content instanceof Uint8Array ? blobOf(seen.content) : seen.content?.blob;
  if (latest?.kind === seen.kind && latest.blob === blob && latest.settled) return latest;
  const [version] = await deps.store.record([seen]);
  return version!;
}

/** Git's name for these bytes. */
export function blobOf(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

function exists(file: string): boolean {
  try {
    lstatSync(onDisk(file));
    return true;
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return false;
    throw unreadable(baseName(file), error);
  }
}

function unreadable(path: string, error: unknown): unknown {
  if (error instanceof UndertextError || errno(error) === '') return error;
  return new UndertextError(
    'disk',
    `${path} cannot be read: ${errno(error)}`,
    'look at its permissions; nothing was written',
    error,
  );
}
