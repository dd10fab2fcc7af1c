/** The single steps on the disk that a restore is made of. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { errno } from '../errors.ts';
import { baseName, decodeName, folderOf, onDisk } from '../names.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;

export function writeNew(file: string, bytes: Uint8Array, mode: number): Stats {
  const handle = openSync(onDisk(file), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    fchmodSync(handle, mode);
    fsyncSync(handle);
    return fstatSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** From the start, wherever the handle stands. */
export function readAll(handle: number): Uint8Array {
  const { size } = fstatSync(handle);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (;;) {
    const count = at < size ? readSync(handle, bytes, at, size - at, at) : 0;
    if (count === 0) return bytes.subarray(0, at);
    at += count;
  }
}

/** Null on a file system without links. */
export function nameOnceMore(file: string, name: string): string | null {
  try {
    linkSync(onDisk(file), onDisk(name));
    return name;
  } catch (error) {
    if (hasNoLinks(error)) return null;
    throw error;
  }
}

export function hasNoLinks(error: unknown): boolean {
  return ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(errno(error));
}

/** The owner is kept where the system lets us; false where it does not. */
export function keepOwner(handle: number, old: Stats, written: Stats): boolean {
  if (written.uid === old.uid && written.gid === old.gid) return true;
  try {
    fchownSync(handle, old.uid, old.gid);
    fchmodSync(handle, old.mode & 0o7777); // chown clears the set-id bits
    return true;
  } catch (error) {
    if (errno(error) !== 'EPERM') throw error;
    return false;
  }
}

/**
 * What a store says of a mode is no more than a claim: nothing out of it sets an id or lets others write. A file that had
 * no mode, as one that was imported, is an ordinary one.
 */
export function modeFromStore(mode: number): number {
  return mode === 0 ? 0o644 : mode & 0o755;
}

export function syncFolder(folder: string): void {
  try {
    const handle = openSync(onDisk(folder), O_RDONLY);
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EINVAL', 'EACCES', 'ENOENT'].includes(errno(error))) throw error; // Windows cannot
  }
}

export function same(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}

/** The names that lead to a file reach the disk; a run that was killed may have made folders and gone no further. */
export function syncNames(file: string): void {
  for (let at = file; at !== folderOf(at); at = folderOf(at)) syncFolder(folderOf(at));
}

export function temporaryName(target: string): string {
  return `${folderOf(target)}/${temporaryPattern(target).start}${randomBytes(4).toString('hex')}.tmp`;
}

/** A disk that refuses is no reason to fail: `sweep` takes it away later. */
export function forget(temporary: string): void {
  try {
    unlinkSync(onDisk(temporary));
  } catch {}
}

/** Somebody who lives is done with his temporary files long before (milliseconds). */
const strayAge = 60_000;

/**
 * Removes the temporary files that killed restores of this target have left. One may be the very file that was replaced,
 * with text that its writer added last: what `isKept` does not know stays.
 */
export function sweep(target: string, now: number, isKept: (bytes: Uint8Array) => boolean): void {
  const folder = folderOf(target);
  const { start, end } = temporaryPattern(target);
  for (const name of listOf(folder)) {
    if (!name.startsWith(start) || !end.test(name.slice(start.length))) continue;
    const file = `${folder}/${name}`;
    try {
      // Whatever is done to a file or its names moves this time, and nobody can set it.
      const stat = lstatSync(onDisk(file));
      if (stat.isFile() && now - stat.ctimeMs > strayAge && isKept(readFileSync(onDisk(file)))) forget(file);
    } catch {
      // gone meanwhile, or not ours to read
    }
  }
}

/** The names in a folder; none when it cannot be read. */
export function listOf(folder: string): readonly string[] {
  try {
    return readdirSync(onDisk(folder), { encoding: 'buffer' }).map(decodeName);
  } catch {
    return [];
  }
}

function temporaryPattern(target: string): { readonly start: string; readonly end: RegExp } {
  return { start: `.${baseName(target).slice(0, 60)}.undertext-`, end: /^[0-9a-f]{8}\.tmp$/ };
}
