import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** The whole file. A FIFO in its place, which would be waited for, is an empty file. */
export function readNow(path: string): Buffer {
  const fd = openNow(path);
  try {
    return fstatSync(fd).isFile() ? readFileSync(fd) : Buffer.alloc(0);
  } finally {
    closeSync(fd);
  }
}

/** For reading, without waiting for anybody. */
export function openNow(path: string): number {
  return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
}
