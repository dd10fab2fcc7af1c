/** Writes packs (git's Documentation/gitformat-pack): first all is planned, with deltas, then it is written in one go. */
import { createHash } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { ObjectType } from '../blob-name.ts';
import { type Disk, discard } from '../disk.ts';
import { encodeBigPackIndex, type IndexEntry } from './pack-index.ts';

/** An object as it will stand in the pack. */
export interface PackEntry {
  readonly name: string;
  readonly type: ObjectType;
  /** Bytes of what `deflated` inflates to: of the content, or of the delta. */
  readonly size: number;
  /** The entry this one is a delta of: its place in the list, before this one. */
  readonly base: number | null;
  deflated(): Uint8Array;
}

const typeNumbers: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };
const offsetDelta = 6;
const flushAt = 1 << 20;

function entryHead(type: number, size: number): number[] {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(rest % 128);
  }
  return bytes;
}

function offsetBytes(back: number): number[] {
  const bytes = [back % 128];
  for (let rest = Math.floor(back / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest--;
    bytes.unshift((rest % 128) | 0x80);
  }
  return bytes;
}

export function packHead(count: number): Buffer {
  const head = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  head.writeUInt32BE(count, 8);
  return head;
}

/** Collects what is to be written, in megabytes, and hashes it underway. */
export class PackFile {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #temporary: string;
  readonly #hash = createHash('sha1');
  #fd = -1;
  #chunks: Uint8Array[] = [];
  #collected = 0;
  #written = 0;

  constructor(disk: Disk, folder: string, token: string) {
    this.#disk = disk;
    this.#folder = folder;
    this.#temporary = join(folder, `tmp_pack_${token}`);
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.#written + this.#collected;
  }

  async open(): Promise<void> {
    this.#fd = await this.#disk.open(this.#temporary, 'wx', 0o600);
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    this.#chunks.push(chunk);
    this.#collected += chunk.length;
    if (this.#collected >= flushAt) await this.#flush();
  }

  /** Pack, folder, index, folder: whoever sees the index may trust the pack, also after a power cut. Gives the path without `.pack`. */
  async finish(entries: readonly IndexEntry[]): Promise<string> {
    const sum = this.#hash.digest();
    this.#chunks.push(sum);
    this.#collected += sum.length;
    await this.#flush();
    await this.#disk.syncData(this.#fd);
    await this.#close();
    const path = join(this.#folder, `pack-${sum.toString('hex')}`);
    const index = `${this.#temporary}_idx`;
    const fd = await this.#disk.open(index, 'wx', 0o600);
    try {
      await this.#disk.write(fd, [await encodeBigPackIndex(entries, sum)], 0);
      await this.#disk.syncData(fd);
    } finally {
      await this.#disk.close(fd);
    }
    renameSync(this.#temporary, `${path}.pack`);
    await this.#disk.syncFolder(this.#folder);
    renameSync(index, `${path}.idx`);
    await this.#disk.syncFolder(this.#folder);
    return path;
  }

  async abandon(): Promise<void> {
    await this.#close();
    discard(this.#temporary);
    discard(`${this.#temporary}_idx`);
  }

  async #close(): Promise<void> {
    if (this.#fd >= 0) await this.#disk.close(this.#fd);
    this.#fd = -1;
  }

  async #flush(): Promise<void> {
    await this.#disk.write(this.#fd, this.#chunks, this.#written);
    this.#written += this.#collected;
    this.#chunks = [];
    this.#collected = 0;
  }
}

/** Writes the entries as one pack; gives its path without `.pack`. */
export async function writePack(
  disk: Disk,
  folder: string,
  token: string,
  entries: readonly PackEntry[],
): Promise<string> {
  const pack = new PackFile(disk, folder, token);
  try {
    await pack.open();
    await pack.add(packHead(entries.length));
    const rows: IndexEntry[] = [];
    let turn = performance.now();
    for (const entry of entries) {
      const offset = pack.position;
      const head =
        entry.base === null
          ? entryHead(typeNumbers[entry.type], entry.size)
          : [...entryHead(offsetDelta, entry.size), ...offsetBytes(offset - rows[entry.base]!.offset)];
      const headBytes = Uint8Array.from(head);
      const data = entry.deflated();
      rows.push({ name: Buffer.from(entry.name, 'hex'), offset, crc: crc32(data, crc32(headBytes)) });
      await pack.add(headBytes);
      await pack.add(data);
      if (performance.now() - turn > 2) {
        await nextTurn();
        turn = performance.now();
      }
    }
    return await pack.finish(rows);
  } catch (error) {
    await pack.abandon();
    throw error;
  }
}
