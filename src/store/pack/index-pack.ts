/**
 * The index of a pack, made by reading the pack (git's Documentation/gitformat-pack): what stands where, under which
 * name. A pack gets its name only when it is whole, so one without its index has lost the index, and nothing else.
 */
import { createHash, randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { objectName } from '../blob-name.ts';
import type { Disk } from '../disk.ts';
import { pauses } from '../pauses.ts';
import { encodeBigPackIndex, encodePackIndex, type IndexEntry, PackIndex } from './pack-index.ts';
import { type FoundEntry, Pack, type RawObject } from './pack-read.ts';

/** What reading a pack from one end to the other has found. */
export interface PackScan {
  /** Every object that can be read back. */
  readonly entries: readonly IndexEntry[];
  /** False when anything at all is not what it should be. */
  readonly isWhole: boolean;
  /** SHA-1 of what the pack holds. */
  readonly sum: Buffer;
}

type ByName = (name: string) => RawObject;

const headBytes = 12;
const sumBytes = 20;
const chunkBytes = 1 << 20;
/** Bytes from the beginning of an entry to its zlib stream: at most ten of its size, and twenty of a name. */
const longestHead = 32;

/** True when the pack ends with the checksum of what stands before it; gives that checksum too. */
export async function sumOf(pack: Pack): Promise<{ readonly sum: Buffer; readonly isRight: boolean }> {
  const hash = createHash('sha1');
  const end = Math.max(0, pack.size - sumBytes);
  for (let at = 0; at < end; at += chunkBytes) {
    hash.update(pack.bytes(at, Math.min(chunkBytes, end - at)));
    await nextTurn();
  }
  const sum = hash.digest();
  return { sum, isRight: pack.size > headBytes + sumBytes - 1 && sum.equals(pack.bytes(end, sumBytes)) };
}

/**
 * Reads a pack without its index. Behind a place that cannot be read it goes on at the next entry that is whole, so that
 * everything that is whole is found. `byName` finds bases that stand elsewhere.
 */
export async function scanPack(pack: Pack, byName: ByName): Promise<PackScan> {
  const { sum, isRight } = await sumOf(pack);
  const end = isRight ? pack.size - sumBytes : pack.size;
  const names = new Map<string, number>();
  const entries: IndexEntry[] = [];
  let deltas: { readonly offset: number; readonly end: number }[] = [];
  const pause = pauses();
  const take = (name: string, offset: number, end: number): void => {
    if (!names.has(name)) names.set(name, offset);
    entries.push({ name: Buffer.from(name, 'hex'), offset, crc: crc32(pack.bytes(offset, end - offset)) });
  };
  let isWhole = isRight;
  for (let at = headBytes; at < end; ) {
    await pause();
    const entry = tryEntry(pack, at);
    if (entry === null) {
      isWhole = false;
      at = (await nextEntry(pack, at + 1, end)) ?? end;
      continue;
    }
    if (entry.type === null) deltas.push({ offset: at, end: entry.end });
    else take(objectName(entry.type, entry.bytes), at, entry.end);
    at = entry.end;
  }
  const find = (name: string): RawObject => {
    const offset = names.get(name);
    return offset === undefined ? byName(name) : pack.read(offset, find);
  };
  // A delta may lean on one that stands behind it, by name.
  for (let left = deltas.length + 1; deltas.length < left; ) {
    left = deltas.length;
    const waiting: typeof deltas = [];
    for (const delta of deltas) {
      await pause();
      const object = tryRead(() => pack.read(delta.offset, find));
      if (object) take(objectName(object.type, object.content), delta.offset, delta.end);
      else waiting.push(delta);
    }
    deltas = waiting;
  }
  const head = pack.bytes(0, headBytes);
  const isHead = head.length === headBytes && head.toString('latin1', 0, 8) === 'PACK\0\0\0\u0002';
  const isCounted = isHead && head.readUInt32BE(8) === entries.length;
  return { entries, isWhole: isWhole && isCounted && deltas.length === 0, sum };
}

/** Opens a pack by what reading it has found. The caller closes it. */
export async function openByScan(
  path: string,
  byName: ByName,
): Promise<{ readonly pack: Pack; readonly scan: PackScan }> {
  const bare = new Pack(path, new PackIndex(encodePackIndex([], Buffer.alloc(sumBytes))));
  try {
    const scan = await scanPack(bare, byName);
    const index = new PackIndex(encodePackIndex(scan.entries, scan.sum));
    return { pack: new Pack(path, index), scan };
  } finally {
    bare.close();
  }
}

/** Writes the index of the pack at `path` (without `.pack`), durably; false when the pack is not whole. */
export async function indexPack(disk: Disk, path: string, byName: ByName): Promise<boolean> {
  const { pack, scan } = await openByScan(path, byName);
  pack.close();
  if (!scan.isWhole) return false;
  const folder = dirname(path);
  const temporary = join(folder, `tmp_idx_${randomBytes(6).toString('hex')}`);
  const fd = await disk.open(temporary, 'wx', 0o600);
  try {
    await disk.write(fd, [await encodeBigPackIndex(scan.entries, scan.sum)], 0);
    await disk.syncData(fd);
  } finally {
    await disk.close(fd);
  }
  // Whoever wrote the pack may have been killed before its name was durable.
  await disk.syncFolder(folder);
  renameSync(temporary, `${path}.idx`);
  await disk.syncFolder(folder);
  return true;
}

function tryEntry(pack: Pack, offset: number): FoundEntry | null {
  return tryRead(() => pack.entryAt(offset));
}

function tryRead<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Where the next whole entry begins: some bytes before what looks like a zlib stream, and is one to its checksum. */
async function nextEntry(pack: Pack, from: number, end: number): Promise<number | null> {
  const pause = pauses();
  for (let at = from; at < end; at += chunkBytes) {
    const window = pack.bytes(at, Math.min(chunkBytes + 1, end - at));
    for (let i = 0; i < window.length - 1; i++) {
      // The head of a zlib stream (RFC 1950): deflate, a window of at most 32 KB, and a check of these two bytes.
      if ((window[i]! & 0x8f) !== 0x08 || (window[i]! * 256 + window[i + 1]!) % 31 !== 0) continue;
      await pause();
      const stream = at + i;
      // The longest head first: the last bytes of a head may look like a head of their own.
      for (let head = Math.max(from, stream - longestHead); head < stream; head++) {
        if (tryRead(() => pack.streamOf(head)) === stream && tryEntry(pack, head)) return head;
      }
    }
  }
  return null;
}
