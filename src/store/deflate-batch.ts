import type { ZlibOptions } from 'node:zlib';

/** Several pieces of bytes that lie end to end. */
export interface Batch {
  readonly lengths: readonly number[];
  readonly bytes: Uint8Array;
}

/** Level 1 costs an eighth more space than 6 and a quarter of its time; one chunk is made, as big as it may get. */
export function zlibOptions(size: number): ZlibOptions {
  return { level: 1, chunkSize: Math.min(size + (size >> 10) + 256, 1 << 20) };
}
