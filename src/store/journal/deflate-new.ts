import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflate, deflateSync, type ZlibOptions } from 'node:zlib';
import type { Observation } from '../../model.ts';
import { blobName } from '../blob-name.ts';
import { zlibOptions } from './deflate-batch.ts';
import type { DeflateHelper } from './deflate-helper.ts';
import type { Deflated } from './recorder.ts';

interface Small {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Below this, a hop to zlib's own threads costs more than deflating here. */
const deflateHere = 64 * 1024;
/** So many at a time are deflated there: more wait for threads and hold memory. */
const mostElsewhere = 3;
/** A group with so many bytes in small contents is worth a second thread, and this share of it goes there. */
const worthHelp = 1024 * 1024;
const helpersShare = 0.6;
/** How long a big group may hold the loop before others get their turn: a file may be rewritten every millisecond. */
const sliceMs = 1;

const deflateElsewhere = promisify<Uint8Array, ZlibOptions, Buffer>(deflate);

/** Names the content of each observation, and deflates what comes as bytes and is not kept yet. */
export async function deflateNew(
  observations: readonly Observation[],
  isKept: (blob: string) => boolean,
  helper: DeflateHelper,
) {
  const deflated = new Map<string, Deflated>();
  const blobs: (string | null)[] = [];
  const small: Small[] = [];
  const elsewhere = new Set<Promise<void>>();
  const rest = pauses();
  for (const { content } of observations) {
    if (content === null) {
      blobs.push(null);
      continue;
    }
    if (!(content instanceof Uint8Array)) {
      blobs.push(content.blob);
      continue;
    }
    const name = blobName(content);
    blobs.push(name);
    if (deflated.has(name) || isKept(name)) continue;
    const size = content.length;
    deflated.set(name, { type: 'blob', size, bytes: content });
    if (size < deflateHere) small.push({ name, bytes: content });
    else {
      const work: Promise<void> = deflateElsewhere(content, zlibOptions(size)).then(bytes => {
        deflated.set(name, { type: 'blob', size, bytes });
        elsewhere.delete(work);
      });
      elsewhere.add(work);
      if (elsewhere.size >= mostElsewhere) await Promise.race(elsewhere);
    }
    if (rest.isDue()) await nextTurn();
  }
  await Promise.all([deflateSmall(small, deflated, helper), ...elsewhere]);
  return { blobs, deflated };
}

async function deflateSmall(small: readonly Small[], deflated: Map<string, Deflated>, helper: DeflateHelper) {
  const bytes = small.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const share = helper.isThere && bytes >= worthHelp ? Math.floor(small.length * helpersShare) : 0;
  const theirs = small.slice(0, share);
  const help = share > 0 ? helper.deflate(theirs.map(({ bytes }) => bytes)) : Promise.resolve([]);
  const rest = pauses();
  for (const { name, bytes } of small.slice(share)) {
    deflated.set(name, { type: 'blob', size: bytes.length, bytes: deflateSync(bytes, zlibOptions(bytes.length)) });
    if (rest.isDue()) await nextTurn();
  }
  for (const [i, bytes] of (await help).entries()) {
    const { name, bytes: content } = theirs[i]!;
    deflated.set(name, { type: 'blob', size: content.length, bytes });
  }
}

function pauses(): { isDue(): boolean } {
  let end = performance.now() + sliceMs;
  return {
    isDue: () => {
      if (performance.now() < end) return false;
      end = performance.now() + sliceMs;
      return true;
    },
  };
}
