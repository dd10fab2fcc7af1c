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
  openSync,
  readSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { errno } from '../errors.ts';
import { baseName, folderOf, onDisk } from '../names.ts';

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

/** The owner is kept where the system lets us. */
export function keepOwner(handle: number, old: Stats, written: Stats): void {
  if (written.uid === old.uid && written.gid === old.gid) return;
  try {
    fchownSync(handle, old.uid, old.gid);
    fchmodSync(handle, old.mode & 0o7777); // chown clears the set-id bits
  } catch (error) {
    if (errno(error) !== 'EPERM') throw error;
  }
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
    if (!['EPERM', 'EISDIR', 'EINVAL', 'EACCES'].includes(errno(error))) throw error; // Windows cannot
  }
}

export function same(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}

export function temporaryName(target: string): string {
  return `${folderOf(target)}/.${baseName(target).slice(0, 60)}.undertext-${randomBytes(4).toString('hex')}.tmp`;
}

export function forget(temporary: string): void {
  try {
    unlinkSync(onDisk(temporary));
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'EROFS', 'EACCES', 'EPERM'].includes(errno(error))) throw error;
  }
}
