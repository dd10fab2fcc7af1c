import type { ZlibOptions } from 'node:zlib';

/** Several pieces of bytes that lie end to end. */
export interface Batch {
  readonly lengths: readonly number[];
  readonly bytes: Uint8Array;
}

/**
 * Level 1 costs an eighth more space than 6 and a quarter of its time. One chunk is made, as big as it may get, and
 * zlib's tables are as big as the content needs: by default it takes 268 KB for thirty bytes.
 */
export function zlibOptions(size: number, level = 1): ZlibOptions {
  const windowBits = Math.min(15, Math.max(9, Math.ceil(Math.log2(size + farthestMatch))));
  const memLevel = Math.min(8, windowBits - 6);
  return { level, windowBits, memLevel, chunkSize: Math.min(size + (size >> 10) + 64, 1 << 20) };
}

/** What zlib keeps of its window for looking ahead (MIN_LOOKAHEAD). */
const farthestMatch = 262;
