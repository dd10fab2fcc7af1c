import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflate, deflateSync, type ZlibOptions } from 'node:zlib';
import type { Observation } from '../model.ts';
import { blobName } from './blob-name.ts';

export interface Deflated {
  /** Bytes of content. */
  readonly size: number;
  readonly bytes: Uint8Array;
}

interface Known {
  isKept(blob: string): boolean;
  isStored(blob: string): boolean;
  read(blob: string): Promise<Uint8Array>;
}

/** Below this, a hop to another thread costs more than deflating here. */
const deflateHere = 64 * 1024;
/** So many at a time are deflated elsewhere: more wait for threads and hold memory. */
const mostElsewhere = 3;
/** How long a big group may hold the loop before others get their turn. */
const sliceMs = 8;

const deflateElsewhere = promisify<Uint8Array, ZlibOptions, Buffer>(deflate);

/** Level 1 costs an eighth more space than 6 and a quarter of its time; one chunk is made, as big as it may get. */
function zlibOptions(size: number): ZlibOptions {
  return { level: 1, chunkSize: Math.min(size + (size >> 10) + 256, 1 << 20) };
}

/** Names the content of each observation, and deflates what is not kept yet. */
export async function deflateNew(observations: readonly Observation[], known: Known) {
  const deflated = new Map<string, Deflated>();
  const blobs: (string | null)[] = [];
  const elsewhere = new Set<Promise<void>>();
  let sliceEnd = performance.now() + sliceMs;
  for (const { content } of observations) {
    if (content === null) {
      blobs.push(null);
      continue;
    }
    const isHere = content instanceof Uint8Array;
    const name = isHere ? blobName(content) : content.blob;
    blobs.push(name);
    if (deflated.has(name) || (isHere ? known.isKept(name) : known.isKept(name) || known.isStored(name))) continue;
    // Another process's journal may have it; it is copied, so that our commit does not wait for theirs.
    const bytes = isHere ? content : await known.read(name);
    if (bytes.length < deflateHere)
      deflated.set(name, { size: bytes.length, bytes: deflateSync(bytes, zlibOptions(bytes.length)) });
    else {
      deflated.set(name, { size: bytes.length, bytes: new Uint8Array(0) });
      const work: Promise<void> = deflateElsewhere(bytes, zlibOptions(bytes.length)).then(result => {
        deflated.set(name, { size: bytes.length, bytes: result });
        elsewhere.delete(work);
      });
      elsewhere.add(work);
      if (elsewhere.size >= mostElsewhere) await Promise.race(elsewhere);
    }
    if (performance.now() > sliceEnd) {
      await nextTurn();
      sliceEnd = performance.now() + sliceMs;
    }
  }
  await Promise.all(elsewhere);
  return { blobs, deflated };
}
