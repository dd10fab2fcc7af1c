/** A file in pieces of whole lines: forward, once, in little memory. */
import { closeSync, constants, openSync, readSync } from 'node:fs';

/** Fits into the cache of a core: bytes are searched where they were just copied to. */
const chunk = 1 << 17;
/** What is kept for the next file when a long line made the buffer grow. */
const kept = 1 << 20;
/** Longer lines are passed over: the longest that was seen has 7 MB. */
export const longestLine = 24 << 20;
/** After so many bytes others get a turn. */
const turn = 64 << 20;

export interface Piece {
  /** Whole lines, with their ends. Valid until the next piece is asked for. */
  readonly bytes: Buffer;
  /** Where it begins in the file. */
  readonly offset: number;
}

export interface OpenFile {
  /** Fills the buffer from `from` to `to` with what stands at `position`; gives how many bytes there were. */
  fill(buffer: Buffer, from: number, to: number, position: number): number;
  /** At most 4 KB, fewer at the end of the file. Valid until the next call. */
  read(offset: number, bytes: number): Buffer;
  close(): void;
}

const scratch = Buffer.alloc(4096);

/** A pipe that took the place of a file is not waited for. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Null for a file that is not there any more, or cannot be read. */
export function openTranscript(path: string): OpenFile | null {
  let fd: number;
  try {
    fd = openSync(path, flags);
  } catch {
    return null;
  }
  return {
    fill: (buffer, from, to, position) => fill(fd, buffer, from, to, position),
    read(offset, bytes) {
      return scratch.subarray(0, fill(fd, scratch, 0, Math.min(bytes, scratch.length), offset));
    },
    close: () => closeSync(fd),
  };
}

/** What ended the reading. */
export interface Rest {
  /** The bytes behind the last line end; null when they are too many to be a line. */
  readonly bytes: Buffer | null;
  readonly offset: number;
  /** Lines that were too long. */
  readonly skipped: number;
}

/** Kept from one file to the next: a fresh megabyte for each of thousands of files costs more than reading them. */
let spare: Buffer | null = null;

/** Calls `take` for each piece from `offset` to `end`; a file that became shorter meanwhile simply ends earlier. */
export async function readLines(
  file: OpenFile,
  offset: number,
  end: number,
  take: (piece: Piece) => void,
): Promise<Rest> {
  let buffer = spare ?? Buffer.allocUnsafeSlow(chunk * 2);
  spare = null;
  let [base, filled, skipped, sinceTurn] = [offset, 0, 0, 0];
  let isSkipping = false;
  try {
    for (;;) {
      const wanted = Math.min(chunk, buffer.length - filled, end - base - filled);
      const got = wanted > 0 ? file.fill(buffer, filled, filled + wanted, base + filled) : 0;
      if (got === 0) break;
      // What was left over holds no line end.
      const whole = buffer.lastIndexOf(10, filled + got - 1) + 1;
      filled += got;
      sinceTurn += got;
      if (whole > 0) {
        const start = isSkipping ? buffer.indexOf(10) + 1 : 0;
        isSkipping = false;
        if (whole > start) take({ bytes: buffer.subarray(start, whole), offset: base + start });
        buffer.copyWithin(0, whole, filled);
        base += whole;
        filled -= whole;
      } else if (filled === buffer.length) {
        if (isSkipping || filled >= longestLine) {
          if (!isSkipping) skipped++;
          isSkipping = true;
          base += filled;
          filled = 0;
        } else {
          const wider = Buffer.allocUnsafeSlow(Math.min(longestLine, buffer.length * 2));
          buffer.copy(wider, 0, 0, filled);
          buffer = wider;
        }
      }
      if (sinceTurn >= turn) {
        sinceTurn = 0;
        await new Promise(resolve => setImmediate(resolve));
      }
    }
    return { bytes: isSkipping ? null : Buffer.from(buffer.subarray(0, filled)), offset: base, skipped };
  } finally {
    if (buffer.length <= kept) spare = buffer;
  }
}

/** Reads until the buffer is full or nothing more comes; an error on the way is an end. */
function fill(fd: number, buffer: Buffer, from: number, to: number, position: number): number {
  let got = 0;
  while (from + got < to) {
    let bytes: number;
    try {
      bytes = readSync(fd, buffer, from + got, to - from - got, position + got);
    } catch {
      break;
    }
    if (bytes === 0) break;
    got += bytes;
  }
  return got;
}
