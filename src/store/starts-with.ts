import type { Objects } from './objects.ts';
import { segmentsOf } from './segments.ts';

/**
 * True when one content begins with all of another. Of contents that are kept as segments only the names are compared,
 * and the bytes of the last segment.
 */
export function startsWith(objects: Objects, whole: string, part: string): boolean {
  if (whole === part) return true;
  const long = piecesOf(objects, whole);
  const short = piecesOf(objects, part);
  if (short.length > long.length) return false;
  for (const [i, name] of short.entries()) {
    if (long[i] === name) continue;
    // Only what was last may have grown since.
    if (i < short.length - 1) return false;
    const { content } = objects.read(name);
    const grown = bytesFrom(objects, long, i, content.length);
    return Buffer.compare(grown.subarray(0, content.length), content) === 0;
  }
  return true;
}

/** A blob, or the segments. */
function piecesOf(objects: Objects, name: string): readonly string[] {
  if (objects.read(name).type !== 'tree') return [name];
  return [...segmentsOf(name, tree => objects.readTree(tree))].map(({ oid }) => oid);
}

/** At least so many bytes from a piece on, if there are so many: a small log stands in one blob, and then in segments. */
function bytesFrom(objects: Objects, pieces: readonly string[], from: number, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = from, bytes = 0; i < pieces.length && bytes < length; i++) {
    const { content } = objects.read(pieces[i]!);
    parts.push(content);
    bytes += content.length;
  }
  return Buffer.concat(parts);
}
