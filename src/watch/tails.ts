/**
 * Which logs grew: of a log that was read before and only got longer, just the tail is read again.
 *
 * A log is taken for grown when it is the same file (device and inode), longer, and the edges of its last whole segment
 * stand as they were. Somebody who changes the middle of a log in place and makes it longer is found when it is read
 * as a whole, once a day.
 */
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Time } from '../model.ts';
import { type Beginning, segmentBytes } from '../store/store.ts';

interface Tail {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly blob: string;
  /** The first and the last bytes of its last whole segment. */
  readonly edges: Buffer;
  /** When all of it was read. */
  readonly readAt: Time;
}

const edgeBytes = 64;
const readWholeEvery = 24 * 60 * 60_000;

export class Tails {
  readonly #tails = new Map<string, Tail>();

  /** What can be taken over from what was kept before; null when the file must be read as a whole. */
  async beginning(key: string, file: FileHandle, stats: Stats, now: Time): Promise<Beginning | null> {
    const tail = this.#tails.get(key);
    if (!tail || tail.dev !== stats.dev || tail.ino !== stats.ino || stats.size < tail.size) return null;
    if (now - tail.readAt > readWholeEvery || now < tail.readAt) return null;
    const bytes = wholeSegments(tail.size);
    const edges = bytes > 0 ? await readEdges(file, bytes) : null;
    return edges?.equals(tail.edges) ? { blob: tail.blob, bytes } : null;
  }

  /** The file was kept as `blob`; `beginning` says what of it was taken over. */
  async remember(
    key: string,
    file: FileHandle,
    stats: Stats,
    blob: string,
    beginning: Beginning | null,
    now: Time,
  ): Promise<void> {
    const edges = await readEdges(file, wholeSegments(stats.size));
    const before = beginning ? this.#tails.get(key) : undefined;
    const { dev, ino, size } = stats;
    this.#tails.set(key, { dev, ino, size, blob, edges, readAt: before?.readAt ?? now });
  }

  forget(key: string): void {
    this.#tails.delete(key);
  }
}

/** Bytes of the segments that can no longer change when more is appended. */
function wholeSegments(size: number): number {
  return Math.floor(size / segmentBytes) * segmentBytes;
}

async function readEdges(file: FileHandle, end: number): Promise<Buffer> {
  const edges = Buffer.alloc(2 * edgeBytes);
  await file.read(edges, 0, edgeBytes, end - segmentBytes);
  await file.read(edges, edgeBytes, edgeBytes, end - edgeBytes);
  return edges;
}
