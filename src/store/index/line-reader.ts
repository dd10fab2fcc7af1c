import { crc32 } from 'node:zlib';
import { OutOfDate } from './out-of-date.ts';
import type { SharedFile } from './shared-file.ts';
import type { LinePlace } from './table-layout.ts';

/** A line out of `history`, and the commit of its block. */
export interface PlacedLine {
  readonly line: string;
  readonly commit: string;
}

const nameLength = 40;
/** A line this near to the start of its block is read together with it. */
const nearBytes = 1 << 16;

/** Reads single lines out of `history`, each compared with its checksum. */
export class LineReader {
  readonly #file: SharedFile;
  /** At least this much is read at once. */
  readonly #ahead: number;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  #blockAt = -1;
  #commit = '';
  #commitSum = 0;

  constructor(file: SharedFile, ahead: number) {
    this.#file = file;
    this.#ahead = ahead;
  }

  /** @throws OutOfDate when the line is not what it was */
  read({ at, back, length, sum }: LinePlace): PlacedLine {
    if (at - back !== this.#blockAt) {
      const near = back + length < nearBytes ? back + length : 0;
      const name = this.#bytes(at - back + 1, nameLength, near);
      this.#commit = name.toString('latin1');
      this.#commitSum = crc32(name);
      this.#blockAt = at - back;
    }
    const bytes = this.#bytes(at, length, length);
    if (bytes.length < length || crc32(bytes, this.#commitSum) !== sum) {
      this.#blockAt = -1;
      throw new OutOfDate('a line of `history` does not have its checksum');
    }
    return { line: bytes.toString('utf8'), commit: this.#commit };
  }

  /** What stands there; `wish` says how much will be asked for next. */
  #bytes(at: number, length: number, wish: number): Buffer {
    if (at < this.#windowAt || at + length > this.#windowAt + this.#window.length) {
      this.#window = this.#file.read(at, Math.max(length, wish, this.#ahead));
      this.#windowAt = at;
    }
    return this.#window.subarray(at - this.#windowAt, at - this.#windowAt + length);
  }
}
