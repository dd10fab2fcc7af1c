import { closeSync, fstatSync, readSync } from 'node:fs';
import { errno } from '../../errors.ts';
import { openNow } from '../read-now.ts';

/** A file that several readers hold open; it is closed when the last of them lets go. */
export class SharedFile {
  /** Tells the file from one that takes its name later; it cannot come again while the file is open. */
  readonly inode: number;
  readonly #fd: number;
  #holders = 1;

  private constructor(fd: number) {
    this.#fd = fd;
    this.inode = fstatSync(fd).ino;
  }

  /** Null when there is none. */
  static open(path: string): SharedFile | null {
    try {
      return new SharedFile(openNow(path));
    } catch (error) {
      if (errno(error) === 'ENOENT') return null;
      throw error;
    }
  }

  get size(): number {
    return fstatSync(this.#fd).size;
  }

  /** As many bytes as the file has there. */
  read(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const got = readSync(this.#fd, bytes, filled, length - filled, at + filled);
      if (got === 0) break;
      filled += got;
    }
    return bytes.subarray(0, filled);
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders === 0) closeSync(this.#fd);
  }
}
