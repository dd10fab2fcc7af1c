import type { Objects } from './objects.ts';
import { placesOf, segmentsOf } from './segments.ts';

/**
 * True when one content begins with all of another. Of contents that are kept as segments only the names are compared,
 * and the bytes of the last segment; trees that are the same are not read.
 */
export function startsWith(objects: Objects, whole: string, part: string): boolean {
  if (whole === part) return true;
  const [isLog, wasLog] = [whole, part].map(name => objects.read(name).type === 'tree');
  if (wasLog) return isLog === true && treeStartsWith(objects, whole, part);
  const { content } = objects.read(part);
  const pieces = isLog ? [...segmentsOf(whole, tree => objects.readTree(tree))].map(({ oid }) => oid) : [whole];
  return Buffer.compare(firstBytes(objects, pieces, content.length), content) === 0;
}

/** The shape of a tree follows from the length alone: what is as high and begins the same has the same entries. */
function treeStartsWith(objects: Objects, whole: string, part: string): boolean {
  let long = whole;
  for (let more = heightOf(objects, whole) - heightOf(objects, part); more !== 0; more--) {
    if (more < 0) return false;
    long = placesOf(objects.readTree(long))[0]!.oid;
  }
  for (let short = part; ; ) {
    const [all, some] = [long, short].map(tree => placesOf(objects.readTree(tree))) as [Entries, Entries];
    if (some.length > all.length) return false;
    const last = some.length - 1;
    if (some.slice(0, -1).some(({ oid }, i) => oid !== all[i]!.oid)) return false;
    if (all[last]!.oid === some[last]!.oid) return true;
    // Only what was last may have grown since.
    [long, short] = [all[last]!.oid, some[last]!.oid];
    if (some[last]!.mode === '40000') continue;
    const { content } = objects.read(short);
    return Buffer.compare(firstBytes(objects, [long], content.length), content) === 0;
  }
}

type Entries = ReturnType<typeof placesOf>;

function heightOf(objects: Objects, tree: string): number {
  let height = 1;
  for (let at = tree; ; height++) {
    const { mode, oid } = placesOf(objects.readTree(at))[0]!;
    if (mode !== '40000') return height;
    at = oid;
  }
}

/** So many bytes, if there are so many: a small log stands in one blob, and then in segments. */
function firstBytes(objects: Objects, pieces: readonly string[], length: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0, bytes = 0; i < pieces.length && bytes < length; i++) {
    const { content } = objects.read(pieces[i]!);
    parts.push(content);
    bytes += content.length;
  }
  return Buffer.concat(parts).subarray(0, length);
}
