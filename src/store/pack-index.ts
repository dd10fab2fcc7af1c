/** Index of a pack, version 2 (git's Documentation/gitformat-pack, "Version 2 pack-*.idx files"). */
import { createHash } from 'node:crypto';

export interface IndexEntry {
  /** 20 bytes. */
  readonly name: Buffer;
  readonly offset: number;
  readonly crc: number;
}

const magic = Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]);
const headLength = 8 + 256 * 4;

/** `packSum` is the SHA-1 at the end of the pack. */
export function encodePackIndex(entries: readonly IndexEntry[], packSum: Buffer): Buffer {
  const sorted = [...entries].sort((a, b) => Buffer.compare(a.name, b.name));
  const fanout = Buffer.alloc(1024);
  const names = Buffer.alloc(sorted.length * 20);
  const sums = Buffer.alloc(sorted.length * 4);
  const offsets = Buffer.alloc(sorted.length * 4);
  const far: Buffer[] = [];
  const counts = new Uint32Array(256);
  for (const [i, { name, crc, offset }] of sorted.entries()) {
    name.copy(names, i * 20);
    sums.writeUInt32BE(crc, i * 4);
    counts[name[0]!]!++;
    if (offset < 0x80000000) offsets.writeUInt32BE(offset, i * 4);
    else {
      offsets.writeUInt32BE(0x80000000 + far.length, i * 4);
      const wide = Buffer.alloc(8);
      wide.writeBigUInt64BE(BigInt(offset));
      far.push(wide);
    }
  }
  for (let byte = 0, sum = 0; byte < 256; byte++) {
    sum += counts[byte]!;
    fanout.writeUInt32BE(sum, byte * 4);
  }
  const body = Buffer.concat([magic, fanout, names, sums, offsets, ...far, packSum]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** Looks into an index that stands in memory. */
export class PackIndex {
  readonly #bytes: Buffer;
  readonly count: number;

  /** @throws Error when it is no index */
  constructor(bytes: Buffer) {
    const count = bytes.length >= headLength + 40 ? bytes.readUInt32BE(headLength - 4) : 0;
    if (!bytes.subarray(0, 8).equals(magic) || bytes.length < headLength + count * 28 + 40) {
      throw new Error('no index of a pack');
    }
    this.#bytes = bytes;
    this.count = count;
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

  offset(i: number): number {
    const near = this.#bytes.readUInt32BE(headLength + this.count * 24 + i * 4);
    if (near < 0x80000000) return near;
    return Number(this.#bytes.readBigUInt64BE(headLength + this.count * 28 + (near - 0x80000000) * 8));
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
