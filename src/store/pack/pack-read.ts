/** Reads objects out of a pack by seeking (git's Documentation/gitformat-pack); a pack never stands in memory. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32, inflateSync } from 'node:zlib';
import { errno } from '../../errors.ts';
import type { ObjectType } from '../blob-name.ts';
import { applyDelta } from './delta.ts';
import { PackIndex } from './pack-index.ts';

export interface RawObject {
  readonly type: ObjectType;
  readonly content: Buffer;
}

interface EntryHead {
  /** 1–4 are whole objects, 6 leans on an offset, 7 on a name. */
  readonly type: number;
  readonly size: number;
  /** Where the zlib stream begins. */
  readonly data: number;
  readonly base: number | string | null;
}

/** An entry that was found by reading the pack. */
export interface FoundEntry {
  /** Null for a delta. */
  readonly type: ObjectType | null;
  /** Offset or name of what a delta leans on. */
  readonly base: number | string | null;
  /** Where the zlib stream begins, … */
  readonly data: number;
  /** … what it inflates to, … */
  readonly bytes: Buffer;
  /** … and where it ends. */
  readonly end: number;
}

/** With `info`, it gives what it has inflated and how many bytes that took; Node's types know only the former. */
const inflateWithInfo = inflateSync as unknown as (
  bytes: Uint8Array,
  options: { readonly info: true; readonly maxOutputLength: number },
) => { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };

const headBytes = 12;
/** Type, size and base of an entry take no more. */
const mostHead = 48;
/** Read with the head of an entry. */
const nearBytes = 4_000;
/** What is read at a time: entries that are read after each other stand near each other. */
const pageBytes = 64 * 1024;
/** So many of them are held. */
const pages = 16;
const sumBytes = 20;
/** The numbers of whole objects. */
const entryTypes: Readonly<Record<number, ObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
/** Git's own packs nest deltas up to 50 deep; an endless chain is damage. */
const deepest = 4096;
/** So many bytes of deltas are held while their base is looked for. */
const mostDeltaBytes = 512 << 20;
/** What a buffer can hold on every Node; an entry that claims more is damage. */
const biggestObject = 2 ** 32 - 2;
/** A stream is read in windows that grow: what an entry claims takes no memory, only what is there. */
const firstWindow = 64 * 1024;
const windowGrowth = 8;
const cacheBytes = 4 << 20;
/** Head and checksum. */
const smallest = 32;
/** What inflating takes at a time: as much as an entry claims, within what zlib takes by itself. */
const mostChunk = 16 * 1024;
const smallestChunk = 64;

export class Pack {
  /** Without `.pack`. */
  readonly path: string;
  readonly index: PackIndex;
  readonly fd: number;
  readonly size: number;
  /** Contents by offset, for chains of deltas that share their bases. */
  readonly #cache = new Map<number, RawObject>();
  #cached = 0;
  /** By where they begin. */
  readonly #pages = new Map<number, Buffer>();
  /** Where the entries end; a pack that was opened by reading it may have lost its checksum, or a part of it. */
  readonly #limit: number;
  /** Offsets in their order; made when somebody asks how long an entry is. */
  #ends: Float64Array | null = null;

  /** `given` stands for a file that is missing or damaged. @throws Error when the index cannot be read, or the pack is none */
  constructor(path: string, given?: PackIndex) {
    this.path = path;
    this.index = given ?? PackIndex.read(`${path}.idx`);
    this.fd = openSync(`${path}.pack`, 'r');
    this.size = fstatSync(this.fd).size;
    this.#limit = given ? this.size : this.size - sumBytes;
    if (given || this.size >= smallest) return;
    closeSync(this.fd);
    throw new Error('the pack is cut short');
  }

  /** `byName` finds bases that stand elsewhere (packs by others have them). @throws Error when it is damaged */
  read(offset: number, byName: (name: string) => RawObject): RawObject {
    const deltas: Buffer[] = [];
    let held = 0;
    let at = offset;
    let found: RawObject | undefined;
    while (found === undefined) {
      found = this.#cache.get(at);
      if (found) break;
      const near = this.#near(at);
      const head = this.#head(at, near);
      if (deltas.length >= deepest || held > mostDeltaBytes) throw new Error('the deltas never end');
      const bytes = this.#inflate(head, near.subarray(head.data - at));
      held += bytes.length;
      const type = entryTypes[head.type];
      if (type) found = { type, content: bytes };
      else if (typeof head.base === 'string') {
        deltas.push(bytes);
        found = byName(head.base);
        break;
      } else if (head.base !== null && head.base >= 12 && head.base < at) {
        deltas.push(bytes);
        at = head.base;
      } else throw new Error(head.type === 6 ? 'a delta of nothing' : `an entry of unknown type ${head.type}`);
    }
    const { type } = found;
    let { content } = found;
    for (const delta of deltas.reverse()) content = applyDelta(content, delta);
    const object = { type, content };
    this.#remember(offset, object);
    return object;
  }

  /** The type of the object at `offset`, also of a delta; null when its base stands in no pack of ours. */
  readonly typeAt = (offset: number): ObjectType | null => {
    for (let at = offset, steps = 0; steps < deepest; steps++) {
      const { type, base } = this.#head(at);
      if (entryTypes[type]) return entryTypes[type];
      if (typeof base !== 'number' || base < 12 || base >= at) return null;
      at = base;
    }
    return null;
  };

  /** What stands at `offset`; type and size are null and the delta's for a delta. */
  describe(offset: number): { readonly type: ObjectType | null; readonly size: number } {
    const { type, size } = this.#head(offset);
    return { type: entryTypes[type] ?? null, size };
  }

  /**
   * What stands at `offset`, read without asking the index: where it ends is where its zlib stream ends.
   * @throws Error when no whole entry begins there
   */
  entryAt(offset: number): FoundEntry {
    const { type, size, data, base } = this.#head(offset);
    if (!entryTypes[type] && base === null) throw new Error(`an entry of unknown type ${type}`);
    const bound = size + (size >> 10) + 256;
    const window = this.bytes(data, Math.min(bound, this.size - data));
    const { buffer, engine } = inflateWithInfo(window, { info: true, maxOutputLength: size + 1 });
    if (buffer.length !== size) throw new Error('an entry has another length than it says');
    return { type: entryTypes[type] ?? null, base, data, bytes: buffer, end: data + engine.bytesWritten };
  }

  /** Where the zlib stream of the entry at `offset` begins. */
  streamOf(offset: number): number {
    return this.#head(offset).data;
  }

  /** The zlib stream of the entry at `offset`, as it stands there. */
  deflated(offset: number): Buffer {
    const { data } = this.#head(offset);
    return this.bytes(data, this.#end(offset) - data);
  }

  /** Fewer where the pack ends; none in front of it. */
  bytes(position: number, length: number): Buffer {
    const most = position < 0 ? 0 : Math.min(length, this.size - position);
    const bytes = Buffer.allocUnsafe(Math.max(0, most));
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(this.fd, bytes, filled, bytes.length - filled, position + filled);
      if (got === 0) break;
      filled += got;
    }
    return bytes.subarray(0, filled);
  }

  /** The first bytes of what stands at `offset`, out of pages that are kept: a pack never changes. */
  #near(offset: number): Buffer {
    const start = offset - (offset % pageBytes);
    let page = this.#pages.get(start);
    if (page === undefined) {
      // Each holds the beginning of the next one, so that no entry begins in two.
      page = this.bytes(start, pageBytes + nearBytes);
      if (this.#pages.size >= pages) this.#pages.delete(this.#pages.keys().next().value!);
      this.#pages.set(start, page);
    }
    return page.subarray(offset - start, offset - start + nearBytes);
  }

  /** CRC-32 of the entry at that place of the index, as it stands in the pack. */
  crcOf(place: number): number {
    return crc32(this.bytes(this.index.offset(place), this.lengthOf(place)));
  }

  /** Bytes of the object at that place of the index, as it stands in the pack. */
  lengthOf(place: number): number {
    const offset = this.index.offset(place);
    return this.#end(offset) - offset;
  }

  /** Where the entry at `offset` ends: the next one begins there, or the checksum. */
  #end(offset: number): number {
    this.#ends ??= this.index.offsets().sort();
    const ends = this.#ends;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ends[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    return ends[low] ?? this.#limit;
  }

  close(): void {
    closeSync(this.fd);
  }

  #head(offset: number, bytes = this.bytes(offset, mostHead)): EntryHead {
    let at = 0;
    const next = (): number => {
      if (at >= bytes.length) throw new Error('the pack ends early');
      return bytes[at++]!;
    };
    if (offset < headBytes || offset >= this.#limit) throw new Error('an entry that is not in the pack');
    let byte = next();
    const type = (byte >> 4) & 7;
    let size = byte & 15;
    for (let factor = 16; byte & 0x80; factor *= 128) {
      byte = next();
      size += (byte & 0x7f) * factor;
    }
    let base: number | string | null = null;
    if (type === 6) {
      byte = next();
      let back = byte & 0x7f;
      while (byte & 0x80) {
        byte = next();
        back = (back + 1) * 128 + (byte & 0x7f);
      }
      base = offset - back;
    } else if (type === 7) {
      base = bytes.toString('hex', at, at + 20);
      at += 20;
      if (at > bytes.length) throw new Error('the pack ends early');
    }
    if (size > biggestObject) throw new Error(`an entry that claims ${size} bytes`);
    return { type, size, data: offset + at, base };
  }

  /** `near`: what was read of the stream with the head; most deltas end in it. */
  #inflate({ size, data }: EntryHead, near: Buffer): Buffer {
    // How long the stream is stands nowhere; this is the most zlib can make of `size` bytes (`deflateBound`, and some).
    const bound = Math.max(0, Math.min(size + Math.floor(size / 1024) + 256, this.#limit - data));
    for (let window = Math.min(bound, firstWindow); ; window = Math.min(bound, window * windowGrowth)) {
      const stream = window <= near.length ? near.subarray(0, window) : this.bytes(data, window);
      const bytes = inflateSome(stream, size, window < bound);
      if (bytes === null) continue;
      if (bytes.length !== size) throw new Error('an entry has another length than it says');
      return bytes;
    }
  }

  #remember(offset: number, object: RawObject): void {
    if (object.content.length > cacheBytes / 4 || this.#cache.has(offset)) return;
    this.#cache.set(offset, object);
    this.#cached += object.content.length;
    for (const [old, { content }] of this.#cache) {
      if (this.#cached <= cacheBytes) break;
      this.#cache.delete(old);
      this.#cached -= content.length;
    }
  }
}

/** The content of a stream; null when the stream goes on behind `bytes` and there is `more` of it. @throws Error */
function inflateSome(bytes: Buffer, size: number, more: boolean): Buffer | null {
  try {
    const chunkSize = Math.min(mostChunk, Math.max(smallestChunk, size + 1));
    return inflateSync(bytes, { maxOutputLength: size + 1, chunkSize });
  } catch (error) {
    if (more && errno(error) === 'Z_BUF_ERROR') return null;
    throw error;
  }
}
