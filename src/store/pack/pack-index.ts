/** Index of a pack, version 2 (git's Documentation/gitformat-pack, "Version 2 pack-*.idx files"). */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { pauses } from '../pauses.ts';

export interface IndexEntry {
  /** 20 bytes. */
  readonly name: Buffer;
  readonly offset: number;
  readonly crc: number;
}

const magic = Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]);
const headLength = 8 + 256 * 4;
/** Name, CRC and offset of an object; and the wide offset of one that stands far behind. */
const rowLength = 20 + 4 + 4;
const farLength = 8;
/** The checksums of the pack and of the index. */
const sumsLength = 40;

/** The index of a pack with these entries; `packSum` is the SHA-1 at the end of the pack. */
export function encodePackIndex(entries: readonly IndexEntry[], packSum: Buffer): Buffer {
  const rows = new Rows(entries.length);
  for (const entry of [...entries].sort(byName)) rows.add(entry);
  return rows.finish(packSum);
}

/** The same with turns for others in between, for packs of hundreds of thousands: sorted by two bytes, then the rest. */
export async function encodeBigPackIndex(entries: readonly IndexEntry[], packSum: Buffer): Promise<Buffer> {
  const pause = pauses();
  const buckets = new Map<number, IndexEntry[]>();
  for (const entry of entries) {
    const key = entry.name.readUInt16BE(0);
    const bucket = buckets.get(key);
    if (bucket) bucket.push(entry);
    else buckets.set(key, [entry]);
    await pause();
  }
  const rows = new Rows(entries.length);
  for (const key of Uint16Array.from(buckets.keys()).sort()) {
    for (const entry of buckets.get(key)!.sort(byName)) rows.add(entry);
    await pause();
  }
  return rows.finish(packSum);
}

function byName(a: IndexEntry, b: IndexEntry): number {
  return Buffer.compare(a.name, b.name);
}

/** The columns of an index; rows come by name. */
class Rows {
  readonly #names: Buffer;
  readonly #sums: Buffer;
  readonly #offsets: Buffer;
  readonly #far: Buffer[] = [];
  readonly #counts = new Uint32Array(256);
  #added = 0;

  constructor(count: number) {
    this.#names = Buffer.alloc(count * 20);
    this.#sums = Buffer.alloc(count * 4);
    this.#offsets = Buffer.alloc(count * 4);
  }

  add({ name, crc, offset }: IndexEntry): void {
    const i = this.#added++;
    name.copy(this.#names, i * 20);
    this.#sums.writeUInt32BE(crc, i * 4);
    this.#counts[name[0]!]!++;
    this.#offsets.writeUInt32BE(offset < 0x80000000 ? offset : 0x80000000 + this.#far.length, i * 4);
    if (offset < 0x80000000) return;
    const wide = Buffer.alloc(farLength);
    wide.writeBigUInt64BE(BigInt(offset));
    this.#far.push(wide);
  }

  finish(packSum: Buffer): Buffer {
    const fanout = Buffer.alloc(1024);
    for (let byte = 0, sum = 0; byte < 256; byte++) {
      sum += this.#counts[byte]!;
      fanout.writeUInt32BE(sum, byte * 4);
    }
    const body = Buffer.concat([magic, fanout, this.#names, this.#sums, this.#offsets, ...this.#far, packSum]);
    return Buffer.concat([body, createHash('sha1').update(body).digest()]);
  }
}

/** How many objects an index of `length` bytes has, by its head. @throws Error when the two do not fit */
function countOf(head: Buffer, length: number): number {
  if (head.length < headLength || !head.subarray(0, 8).equals(magic)) throw new Error('no index of a pack');
  let count = 0;
  for (let byte = 0; byte < 256; byte++) {
    const sum = head.readUInt32BE(8 + byte * 4);
    if (sum < count) throw new Error('the index of the pack counts backwards');
    count = sum;
  }
  const far = length - headLength - count * rowLength - sumsLength;
  if (far < 0 || far % farLength !== 0 || far / farLength > count) {
    throw new Error('the index of the pack has another length than it says');
  }
  return count;
}

/** Looks into an index that stands in memory. */
export class PackIndex {
  readonly #bytes: Buffer;
  readonly count: number;
  readonly #far: number;

  /** @throws Error when it is no index */
  constructor(bytes: Buffer) {
    this.count = countOf(bytes, bytes.length);
    this.#bytes = bytes;
    this.#far = (bytes.length - headLength - this.count * rowLength - sumsLength) / farLength;
  }

  /** Reads a file when its head says that it is as long as it is: what claims more takes no memory. @throws Error */
  static read(path: string): PackIndex {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      countOf(readFully(fd, headLength), size);
      return new PackIndex(readFully(fd, size));
    } finally {
      closeSync(fd);
    }
  }

  /** Offset of the object in the pack; -1 when it is not there. */
  find(name: Buffer): number {
    const at = this.position(name);
    return at < 0 ? -1 : this.offset(at);
  }

  /** Place of the object among the names; -1 when it is not there. */
  position(name: Buffer): number {
    const first = name[0]!;
    let low = first === 0 ? 0 : this.#bytes.readUInt32BE(8 + (first - 1) * 4);
    let high = this.#bytes.readUInt32BE(8 + first * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = headLength + middle * 20;
      const order = name.compare(this.#bytes, at, at + 20);
      if (order === 0) return middle;
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return -1;
  }

  name(i: number): string {
    return this.#bytes.toString('hex', headLength + i * 20, headLength + i * 20 + 20);
  }

  crc(i: number): number {
    return this.#bytes.readUInt32BE(headLength + this.count * 20 + i * 4);
  }

  /** Where the object begins; behind every end when the index does not tell. */
  offset(i: number): number {
    const near = this.#bytes.readUInt32BE(headLength + this.count * 24 + i * 4);
    if (near < 0x80000000) return near;
    const row = near - 0x80000000;
    if (row >= this.#far) return Number.MAX_SAFE_INTEGER;
    return Number(this.#bytes.readBigUInt64BE(headLength + this.count * rowLength + row * farLength));
  }

  *names(): Generator<string> {
    for (let i = 0; i < this.count; i++) yield this.name(i);
  }

  offsets(): Float64Array {
    return Float64Array.from({ length: this.count }, (_, i) => this.offset(i));
  }

  /** SHA-1 of the pack, as the index has it. */
  get packSum(): Buffer {
    return this.#bytes.subarray(this.#bytes.length - 40, this.#bytes.length - 20);
  }

  isWhole(): boolean {
    const body = this.#bytes.subarray(0, this.#bytes.length - 20);
    return createHash('sha1')
      .update(body)
      .digest()
      .equals(this.#bytes.subarray(this.#bytes.length - 20));
  }
}

function readFully(fd: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const got = readSync(fd, bytes, filled, length - filled, filled);
    if (got === 0) break;
    filled += got;
  }
  return bytes.subarray(0, filled);
}
