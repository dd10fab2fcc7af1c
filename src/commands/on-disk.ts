/** Whether the file on the disk still has the content of a version, without holding either in memory. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { UndertextError } from '../errors.ts';
import type { Root, Version } from '../model.ts';
import { diskPath } from '../names.ts';
import { visible } from '../report/visible.ts';
import type { Store } from '../store/store.ts';
import { isMissing } from './path-arguments.ts';

export interface OnDisk {
  /** True when the file has exactly the content of this version; with `isStart`, also when it begins with it. */
  has(version: Version, isStart: boolean): Promise<boolean>;
  close(): void;
}

/** Opens the file, never one that waits for a writer; a path where nothing can be read has no content. */
export function lookOnDisk(store: Store, root: Root, path: string): OnDisk {
  const file = open(root, path);
  return {
    has: async (version, isStart) => {
      if (file === null || version.blob === null || version.size > file.size) return false;
      if (version.size < file.size && !(isStart && version.kind === 'file')) return false;
      let at = 0;
      for await (const piece of store.pieces(version.blob)) {
        if (Buffer.compare(file.read(at, piece.length), piece) !== 0) return false;
        at += piece.length;
      }
      return true;
    },
    close: () => file?.close(),
  };
}

interface Bytes {
  readonly size: number;
  read(at: number, length: number): Buffer;
  close(): void;
}

function open(root: Root, path: string): Bytes | null {
  const place = diskPath(root, path);
  try {
    const stats = lstatSync(place);
    if (stats.isSymbolicLink()) return inMemory(readlinkSync(place, { encoding: 'buffer' }));
    return stats.isFile() ? opened(place) : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw new UndertextError(
      'disk',
      `${visible(path)} cannot be read, so nobody can say whether it would be kept again at once`,
      'check its permissions, then give the command again; nothing was forgotten',
      error,
    );
  }
}

function inMemory(content: Buffer): Bytes {
  return { size: content.length, read: (at, length) => content.subarray(at, at + length), close: () => {} };
}

function opened(place: string | Buffer): Bytes | null {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = openSync(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const stats = fstatSync(file);
  const close = () => closeSync(file);
  if (!stats.isFile()) {
    close();
    return null;
  }
  const read = (at: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, at));
  };
  return { size: stats.size, read, close };
}
