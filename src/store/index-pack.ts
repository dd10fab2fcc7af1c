/** Makes the index of a pack anew out of the pack (what `git index-pack` does): an index that is lost costs nothing else. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { crc32, inflateSync, type Zlib } from 'node:zlib';
import { objectName } from './blob-name.ts';
import { applyDelta } from './delta.ts';
import { encodePackIndex, type IndexEntry } from './pack-index.ts';
import { entryTypes, type RawObject } from './pack-read.ts';

/** Ours stay far below; a bigger one is left to `git index-pack`. */
const biggest = 1 << 30;
/** Contents are held as bases of what follows; what was let go is inflated again. */
const mostHeld = 64 << 20;
const headBytes = 12;
const sumBytes = 20;

/** Null when the pack is not whole, or leans on objects of other packs. */
export function indexPack(path: string): Buffer | null {
  if (statSync(path).size > biggest) return null;
  const pack = readFileSync(path);
  const sum = pack.subarray(-sumBytes);
  const body = pack.subarray(0, -sumBytes);
  if (body.length < headBytes || !createHash('sha1').update(body).digest().equals(sum)) return null;
  try {
    return encodePackIndex(entriesOf(body), sum);
  } catch {
    return null;
  }
}

function entriesOf(body: Buffer): readonly IndexEntry[] {
  const held = new Map<number, RawObject>();
  let heldBytes = 0;
  const hold = (offset: number, object: RawObject): RawObject => {
    if (!held.has(offset)) heldBytes += object.content.length;
    held.set(offset, object);
    for (const [old, { content }] of held) {
      if (heldBytes <= mostHeld || old === offset) break;
      held.delete(old);
      heldBytes -= content.length;
    }
    return object;
  };
  const objectAt = (offset: number): RawObject => held.get(offset) ?? hold(offset, read(body, offset, objectAt).object);

  const entries: IndexEntry[] = [];
  let offset = headBytes;
  for (let left = body.readUInt32BE(8); left > 0; left--) {
    const { object, end } = read(body, offset, objectAt);
    const { type, content } = hold(offset, object);
    entries.push({
      name: Buffer.from(objectName(type, content), 'hex'),
      offset,
      crc: crc32(body.subarray(offset, end)),
    });
    offset = end;
  }
  return entries;
}

/** The object of the entry at `offset`, and where the entry ends. @throws Error when it is none we can read alone */
function read(
  body: Buffer,
  offset: number,
  objectAt: (offset: number) => RawObject,
): { object: RawObject; end: number } {
  let at = offset;
  let byte = body[at++]!;
  const number = (byte >> 4) & 7;
  while (byte & 0x80) byte = body[at++]!;
  let base: number | null = null;
  if (number === 6) {
    byte = body[at++]!;
    let back = byte & 0x7f;
    while (byte & 0x80) {
      byte = body[at++]!;
      back = (back + 1) * 128 + (byte & 0x7f);
    }
    base = offset - back;
  }
  const { bytes, length } = inflate(body.subarray(at));
  const end = at + length;
  if (base !== null && base >= headBytes && base < offset) {
    const { type, content } = objectAt(base);
    return { object: { type, content: applyDelta(content, bytes) }, end };
  }
  const type = entryTypes[number];
  if (!type) throw new Error(`an entry of type ${number}`);
  return { object: { type, content: bytes }, end };
}

/** How long the stream is, only zlib can tell. */
function inflate(stream: Buffer): { bytes: Buffer; length: number } {
  const { buffer, engine } = inflateSync(stream, { info: true }) as unknown as { buffer: Buffer; engine: Zlib };
  return { bytes: buffer, length: engine.bytesWritten };
}
