/**
 * The way to a file: the folders that lead to it, as they were when a restore was planned. A link, or another folder,
 * that takes the place of one of them meanwhile must not lead a write somewhere else.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { errno, UndertextError } from '../errors.ts';
import { baseName, folderOf, onDisk } from '../names.ts';
import { syncFolder } from './files.ts';

const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0 } = constants;

interface Step {
  readonly folder: string;
  /** Which entry it is, whether a folder or a link to one; device and inode. */
  readonly entry: string;
  /** Which folder it is, behind the link. */
  readonly place: string;
}

/** Outermost first; it ends before the first folder that is not there. */
export type Way = readonly Step[];

/** The way to an absolute path, as it is now. */
export function wayTo(target: string): Way {
  const way: Step[] = [];
  for (const folder of foldersOf(target)) {
    const step = stepOf(folder);
    if (step === null) break;
    way.push(step);
  }
  return way;
}

export function isSameWay(a: Way, b: Way): boolean {
  return a.length === b.length && a.every((step, i) => step.entry === b[i]!.entry && step.place === b[i]!.place);
}

/** True when no folder on the way is a link. */
export function isStraight(way: Way): boolean {
  return way.every(({ entry, place }) => entry === place);
}

/**
 * The folder of a target, held open: on Linux every name in it is asked for through the handle, so that it is this very
 * folder whatever takes its place; elsewhere by its path, which is compared before and after.
 */
export class Folder {
  readonly #target: string;
  readonly #handles: number[] = [];
  readonly #made: { readonly path: string; readonly place: string }[] = [];
  #way: Way;
  /** What stands before a name in this folder. */
  path: string;

  /** Makes the folders that are missing, when it may. @throws UndertextError `moved` when the way is another one */
  constructor(target: string, way: Way, mayMake: boolean) {
    this.#target = target;
    this.#way = way;
    this.path = way.at(-1)?.folder ?? folderOf(target);
    try {
      this.#enter(way.at(-1)?.place);
      if (!this.isUnmoved()) throw moved(target);
      const missing = foldersOf(target).slice(way.length);
      if (mayMake) for (const folder of missing) this.#make(folder);
      else if (missing.length > 0) this.path = folderOf(target);
    } catch (error) {
      this.takeBack();
      this.close();
      throw error;
    }
  }

  at(name: string): string {
    return this.path.endsWith('/') ? this.path + name : `${this.path}/${name}`;
  }

  /** True while every folder on the way is the one that it was. */
  isUnmoved(): boolean {
    return isSameWay(wayTo(this.#target), this.#way);
  }

  /** Takes back the folders that were made, as far as they are empty. */
  takeBack(): void {
    try {
      for (const { path, place } of this.#made.splice(0).reverse()) {
        if (identity(lstatSync(onDisk(path), { bigint: true })) === place) rmdirSync(onDisk(path));
      }
    } catch {
      // somebody uses it already, and it is his now
    }
  }

  close(): void {
    for (const handle of this.#handles.splice(0)) closeSync(handle);
  }

  /** Holds the folder at `path`, which must be this one, and asks for it through the handle from now on. */
  #enter(expected: string | undefined, flags = 0): void {
    const handle = openFolder(this.path, flags);
    if (handle === null) return;
    this.#handles.push(handle);
    if (identity(fstatSync(handle, { bigint: true })) !== expected) throw moved(this.#target);
    this.path = throughHandle(handle, expected) ?? this.path;
  }

  #make(folder: string): void {
    const place = this.at(baseName(folder));
    try {
      mkdirSync(onDisk(place));
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw error;
      readdirSync(onDisk(place)); // a file in place of a folder is an error of its own
      throw moved(this.#target);
    }
    const made = identity(lstatSync(onDisk(place), { bigint: true }));
    this.#made.push({ path: place, place: made });
    syncFolder(this.path);
    this.path = place;
    this.#enter(made, O_NOFOLLOW);
    this.#way = [...this.#way, { folder, entry: made, place: made }];
  }
}

/** Every folder above an absolute path, outermost first. */
function foldersOf(target: string): readonly string[] {
  const folders: string[] = [];
  for (let at = target; at !== folderOf(at) && at.includes('/'); ) {
    at = folderOf(at);
    folders.unshift(at);
  }
  return folders;
}

/** Null when there is no folder. */
function stepOf(folder: string): Step | null {
  try {
    const place = statSync(onDisk(folder), { bigint: true });
    if (!place.isDirectory()) return null;
    return { folder, entry: identity(lstatSync(onDisk(folder), { bigint: true })), place: identity(place) };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errno(error))) return null;
    throw error;
  }
}

/** Null where folders cannot be opened (Windows), or this one may not be listed. */
function openFolder(folder: string, flags: number): number | null {
  try {
    return openSync(onDisk(folder), O_RDONLY | O_DIRECTORY | flags);
  } catch (error) {
    if (['EISDIR', 'EPERM', 'EACCES'].includes(errno(error))) return null;
    throw error;
  }
}

/** A path that leads to this very folder for as long as it is held (proc(5), `/proc/pid/fd`); null where there is none. */
function throughHandle(handle: number, place: string): string | null {
  const path = `/proc/self/fd/${handle}`;
  try {
    return identity(statSync(path, { bigint: true })) === place ? path : null;
  } catch {
    return null;
  }
}

function identity({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

export function moved(target: string): UndertextError {
  return new UndertextError(
    'moved',
    `${target} changed while it was being restored`,
    'run the command again when the writer is done',
  );
}
