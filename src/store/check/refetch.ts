/** Content that is damaged in the store, and may stand on the disk still, where it was read. */

import type { Version } from '../../model.ts';
import { objectName } from '../blob-name.ts';
import { inSegments } from '../journal/keep.ts';
import { SegmentTree } from '../segments.ts';
import { keptWhole, type Refetch, segmentBytes } from '../store.ts';
import type { Finds } from './finds.ts';

/** A blob is held as a whole; what was recorded above this came as segments, but for stores of old. */
const biggestBlob = 64 << 20;

/**
 * Looks whether a file begins with the contents of some versions of its path: a log has grown since. Takes what is not
 * whole in the store, of a log each segment that still stands where it stood.
 */
export async function refetchPath(
  versions: readonly Version[],
  missing: ReadonlySet<string>,
  isWhole: (name: string) => boolean,
  refetch: Refetch,
  finds: Finds,
): Promise<void> {
  const newest = versions.at(-1)!;
  const stream = await refetch(newest);
  if (!stream) return;
  const needed = new Set(missing);
  const trees = new Map<string, Buffer>();
  const ends = await endsOf(stream, versions);
  for (const { version, segments } of ends) {
    const made = new Map<string, Buffer>();
    const tree = new SegmentTree(content => {
      const name = objectName('tree', content);
      made.set(name, content);
      return name;
    });
    for (const [i, segment] of segments.entries()) tree.add(segment, i * segmentBytes);
    const isIt = tree.finish() === version.blob;
    for (const [name, content] of made) if (missing.has(name) || (isIt && !isWhole(name))) trees.set(name, content);
    if (isIt) for (const name of segments) if (!isWhole(name)) needed.add(name);
  }
  const again = await refetch(newest);
  if (!again) return;
  await takeSegments(again, versions, needed, finds);
  for (const [name, content] of trees) await finds.add(name, 'tree', content);
}

interface End {
  readonly version: Version;
  /** The names of its segments, the last one as long as it was then. */
  readonly segments: readonly string[];
}

async function endsOf(stream: AsyncIterable<Uint8Array>, versions: readonly Version[]): Promise<readonly End[]> {
  const names: string[] = [];
  const ends: End[] = [];
  let at = 0;
  for await (const segment of inSegments(stream)) {
    for (const version of versions) {
      if (version.size <= at || version.size > at + segment.length || version.size <= keptWhole) continue;
      if (version.blob === null) continue;
      const last = objectName('blob', segment.subarray(0, version.size - at));
      ends.push({ version, segments: [...names, last] });
    }
    names.push(objectName('blob', segment));
    at += segment.length;
    if (versions.every(({ size }) => size <= at)) break;
  }
  return ends;
}

async function takeSegments(
  stream: AsyncIterable<Uint8Array>,
  versions: readonly Version[],
  needed: ReadonlySet<string>,
  finds: Finds,
): Promise<void> {
  const take = async (content: Uint8Array): Promise<void> => {
    const name = objectName('blob', content);
    if (needed.has(name)) await finds.add(name, 'blob', content);
  };
  const biggest = Math.max(
    ...versions.map(({ blob, size }) => (blob !== null && needed.has(blob) && size <= biggestBlob ? size : 0)),
  );
  const held: Uint8Array[] = [];
  let at = 0;
  for await (const segment of inSegments(stream)) {
    await take(segment);
    if (at < biggest) held.push(segment);
    for (const { size, blob } of versions) {
      if (size <= at || size > at + segment.length) continue;
      await take(segment.subarray(0, size - at));
      if (blob === null || !needed.has(blob) || size > biggest || at === 0) continue;
      await take(Buffer.concat(held).subarray(0, size));
    }
    at += segment.length;
    if (versions.every(({ size }) => size <= at)) break;
  }
}
