/**
 * The journal: what is recorded stands here first, in one append-only file per writing process.
 *
 * The file is a header line (`undertext journal 1 {"pid":…}`) and records:
 *
 *     u8 type   'B' a blob, 'T' a tree of segments (segments.ts), 'L' a line (a version or a note, see version-line.ts)
 *     u32 length of the payload (big-endian)
 *     u32 CRC-32 over type, length and payload
 *     payload   B and T: 20 bytes name, u32 size, zlib stream of the content; L: UTF-8
 *
 * An object stands before the first tree and the first line that name it. Records count only as far as they are whole: a torn tail is cut.
 */
import { readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { UndertextError } from '../../errors.ts';
import { type Disk, discard } from '../disk.ts';
import type { Identity } from '../lock.ts';

export interface JournalHeader extends Identity {
  readonly format: number;
}

/** Where the zlib stream of an object stands in a journal. */
export interface ObjectPlace {
  readonly type: JournaledType;
  readonly position: number;
  readonly length: number;
  /** Bytes of content. */
  readonly size: number;
}

/** Kinds of objects that stand in journals. */
export type JournaledType = 'blob' | 'tree';

export interface JournaledObject extends ObjectPlace {
  readonly name: string;
}

export interface JournalPart {
  readonly objects: readonly JournaledObject[];
  readonly lines: readonly string[];
  /** Position behind the last whole record. */
  readonly end: number;
  /** Bytes behind `end` that are no whole record (yet). */
  readonly torn: number;
}

/** 2: with trees. */
export const journalFormat = 2;
const magic = 'undertext journal ';
const headLength = 9;
const objectHeadLength = 24;
/** A record is summed up in pieces of this size, whatever length it claims. */
const pieceBytes = 1 << 20;
/** A line is held whole; the longest are incidents with their text. */
const longestLine = 64 << 20;
const typeOf: Readonly<Record<string, JournaledType>> = { B: 'blob', T: 'tree' };

export function encodeHeader(who: Identity): Buffer {
  return Buffer.from(
    `${magic}${journalFormat} ${JSON.stringify({ pid: who.pid, start: who.start, host: who.host })}\n`,
  );
}

/** The header and where the records begin; null when it is torn or no journal. */
export function readHeader(fd: number): { header: JournalHeader; end: number } | null {
  const start = Buffer.alloc(4096);
  const text = start.toString('utf8', 0, readSync(fd, start, 0, start.length, 0));
  const match = /^undertext journal (\d+) (\{.*\})\n/.exec(text);
  if (!match) return null;
  const who = parseIdentity(match[2]!);
  return who && { header: { ...who, format: Number(match[1]) }, end: Buffer.byteLength(match[0]) };
}

function parseIdentity(json: string): Identity | null {
  try {
    const { pid, start, host } = JSON.parse(json) as Identity;
    const isOne = Number.isSafeInteger(pid) && pid > 0 && typeof start === 'string' && typeof host === 'string';
    return isOne ? { pid, start, host } : null;
  } catch {
    return null;
  }
}

/** Fills in the head of a record whose payload is the rest of `start`, and then `more`. */
function finishRecord(type: 'B' | 'T' | 'L', start: Buffer, more: Uint8Array | null): void {
  start.write(type, 0, 'latin1');
  start.writeUInt32BE(start.length - headLength + (more?.length ?? 0), 1);
  const sum = crc32(start.subarray(headLength), crc32(start.subarray(0, 5)));
  start.writeUInt32BE(more ? crc32(more, sum) : sum, 5);
}

export function encodeLine(line: string): Uint8Array[] {
  const record = Buffer.allocUnsafe(headLength + Buffer.byteLength(line));
  record.write(line, headLength);
  finishRecord('L', record, null);
  return [record];
}

export function encodeObject(type: JournaledType, name: string, size: number, deflated: Uint8Array): Uint8Array[] {
  const head = Buffer.allocUnsafe(streamOffset);
  head.write(name, headLength, 'hex');
  head.writeUInt32BE(size, headLength + 20);
  finishRecord(type === 'tree' ? 'T' : 'B', head, deflated);
  return [head, deflated];
}

/** How far the zlib stream stands behind the beginning of its record. */
export const streamOffset = headLength + objectHeadLength;

/** The whole records from `from` on; reads in pieces, so that a big journal never stands in memory. */
export function readRecords(fd: number, from: number, fileSize: number): JournalPart {
  const objects: JournaledObject[] = [];
  const lines: string[] = [];
  let window = Buffer.alloc(0);
  let windowAt = from;
  const bytes = (position: number, length: number): Buffer => {
    const offset = position - windowAt;
    if (offset + length <= window.length) return window.subarray(offset, offset + length);
    window = Buffer.alloc(Math.max(length, Math.min(1 << 20, fileSize - position)));
    windowAt = position;
    let filled = 0;
    while (filled < window.length) {
      const got = readSync(fd, window, filled, window.length - filled, position + filled);
      if (got === 0) break;
      filled += got;
    }
    window = window.subarray(0, filled);
    return window.subarray(0, length);
  };

  let position = from;
  while (position + headLength <= fileSize) {
    const head = bytes(position, headLength);
    if (head.length < headLength) break;
    const type = head.toString('latin1', 0, 1);
    const length = head.readUInt32BE(1);
    const sum = head.readUInt32BE(5);
    if ((type !== 'L' && !typeOf[type]) || position + headLength + length > fileSize) break;
    if (type === 'L' ? length > longestLine : length < objectHeadLength) break;
    const record = bytes(position, headLength + (type === 'L' ? length : Math.min(length, pieceBytes)));
    const payload = record.subarray(headLength);
    let found = crc32(payload, crc32(record.subarray(0, 5)));
    for (let at = payload.length; at < length; at += pieceBytes) {
      found = crc32(bytes(position + headLength + at, Math.min(pieceBytes, length - at)), found);
    }
    if (found !== sum) break;
    if (type === 'L') lines.push(payload.toString('utf8'));
    else {
      objects.push({
        type: typeOf[type]!,
        name: payload.toString('hex', 0, 20),
        size: payload.readUInt32BE(20),
        position: position + streamOffset,
        length: length - objectHeadLength,
      });
    }
    position += headLength + length;
  }
  return { objects, lines, end: position, torn: fileSize - position };
}

export interface RecordAt {
  readonly type: 'B' | 'T' | 'L';
  readonly payload: Buffer;
  readonly end: number;
}

/** The whole record that begins at that place of a journal's bytes; null when none does. */
export function recordAt(bytes: Buffer, at: number): RecordAt | null {
  if (at + headLength > bytes.length) return null;
  const type = String.fromCharCode(bytes[at]!);
  if (type !== 'B' && type !== 'T' && type !== 'L') return null;
  const end = at + headLength + bytes.readUInt32BE(at + 1);
  if (end > bytes.length || (type !== 'L' && end < at + streamOffset)) return null;
  const payload = bytes.subarray(at + headLength, end);
  const sum = crc32(payload, crc32(bytes.subarray(at, at + 5)));
  return sum === bytes.readUInt32BE(at + 5) ? { type, payload, end } : null;
}

/** True when the record at `from` has all its bytes and more follow: that was no kill, something changed it later. */
export function isHarmed(fd: number, from: number, fileSize: number): boolean {
  const head = Buffer.alloc(headLength);
  if (readSync(fd, head, 0, headLength, from) < headLength) return false;
  const type = head.toString('latin1', 0, 1);
  return (type === 'L' || typeOf[type] !== undefined) && from + headLength + head.readUInt32BE(1) < fileSize;
}

interface Waiting {
  readonly chunks: readonly Uint8Array[];
  readonly length: number;
  /** Called at once when it is durable, before anybody who waits goes on. */
  onDurable(position: number): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** The journal this process appends to. */
export class JournalWriter {
  readonly path: string;
  readonly name: string;
  readonly fd: number;
  /** Position behind the last durable record. */
  length: number;
  readonly #disk: Disk;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  /** Set when the file can no longer be trusted to end where we think. */
  isBroken = false;

  private constructor(disk: Disk, folder: string, name: string, fd: number, length: number) {
    this.#disk = disk;
    this.path = join(folder, name);
    this.name = name;
    this.fd = fd;
    this.length = length;
  }

  /** The file gets its name when its header stands, so that no journal is without one. */
  static async create(disk: Disk, folder: string, name: string, who: Identity): Promise<JournalWriter> {
    const temporary = join(folder, `${name}.new`);
    const fd = await disk.open(temporary, 'wx+', 0o600);
    try {
      const header = encodeHeader(who);
      await disk.write(fd, [header], 0);
      await disk.syncData(fd);
      renameSync(temporary, join(folder, name));
      await disk.syncFolder(folder);
      return new JournalWriter(disk, folder, name, fd, header.length);
    } catch (error) {
      await disk.close(fd);
      discard(temporary);
      discard(join(folder, name));
      throw error;
    }
  }

  /** Appends; `onDurable` hears the position of the first byte. Overlapping calls share one write and one fdatasync. */
  append(chunks: readonly Uint8Array[], onDurable: (position: number) => void): Promise<void> {
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ chunks, length, onDurable, resolve, reject });
      this.#flushing ??= Promise.resolve().then(() => this.#flush());
    });
  }

  /** Resolves when nothing is on its way to the disk. */
  async idle(): Promise<void> {
    while (this.#flushing) await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#disk.write(
          this.fd,
          group.flatMap(({ chunks }) => chunks),
          this.length,
        );
        await this.#disk.syncData(this.fd);
      } catch (error) {
        await this.#cutBack();
        // What came in meanwhile may lean on blobs of this group.
        for (const { reject } of [...group, ...this.#waiting]) reject(error);
        this.#waiting = [];
        break;
      }
      for (const { length, onDurable, resolve } of group) {
        onDurable(this.length);
        this.length += length;
        resolve();
      }
    }
    this.#flushing = null;
  }

  async #cutBack(): Promise<void> {
    try {
      await this.#disk.truncate(this.fd, this.length);
      await this.#disk.syncData(this.fd);
    } catch {
      this.isBroken = true;
    }
  }
}

/** The zlib stream of an object, after its record's checksum was compared. @throws UndertextError `damaged` */
export function readObjectRecord(fd: number, { position, length }: ObjectPlace): Buffer {
  const record = Buffer.allocUnsafe(streamOffset + length);
  const start = position - streamOffset;
  let filled = 0;
  while (filled < record.length) {
    const got = readSync(fd, record, filled, record.length - filled, start + filled);
    if (got === 0) break;
    filled += got;
  }
  const sum = crc32(record.subarray(headLength, filled), crc32(record.subarray(0, 5)));
  if (filled < record.length || sum !== record.readUInt32BE(5)) {
    throw new UndertextError('damaged', 'a record of the journal changed on the disk', 'run `undertext verify`');
  }
  return record.subarray(streamOffset);
}
