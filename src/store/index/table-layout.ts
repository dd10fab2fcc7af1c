/**
 * A table: where the lines of a range of `history` stand, sorted so that a path or an id is found without reading them.
 *
 *     pages of 4 KB   the sections, one behind the other, each from the start of a page; rows never cross a page
 *     sums            CRC-32 of each page
 *     head            JSON: TableHead
 *     end             CRC-32 of sums and head, length of the head, `undertext table 1\n`
 *
 * The rows of the sections (numbers are big-endian):
 *
 *     lines   u48 position in `history`, u32 distance from the start of its block, u32 length, u32 CRC-32 of commit and
 *             line; in the order of the file
 *     notes   the same, of the notes
 *     ids     10 bytes id, u32 place among the lines; sorted
 *     paths   10 bytes SHA-1 of root and path, f64 seenAt, u32 place among the lines; sorted
 *     dead    u32 place of a line whose id an earlier line has
 *
 * It is a cache, made anew from `history`: a page counts only with its sum, a line only with its own.
 */
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { PathKey } from '../store.ts';
import { escapeField } from '../version-line.ts';

export const pageBytes = 4_096;
export const tableMagic = 'undertext table 1\n';
export const tailBytes = 8 + tableMagic.length;

export const sections = ['lines', 'notes', 'ids', 'paths', 'dead'] as const;
export type Section = (typeof sections)[number];
export const rowBytes: Readonly<Record<Section, number>> = { lines: 18, notes: 18, ids: 14, paths: 22, dead: 4 };

/** The last block of a ref in the range. */
export interface Tip {
  readonly ref: string;
  readonly commit: string;
  /** Position of the block. */
  readonly at: number;
}

export interface TableHead {
  /** The range of `history`: whole blocks. */
  readonly from: number;
  readonly to: number;
  /** The smallest `seenAt`; null without versions. */
  readonly since: number | null;
  readonly tips: readonly Tip[];
  readonly rows: Readonly<Record<Section, number>>;
}

/** Where a line stands in `history`, and its checksum. */
export interface LinePlace {
  readonly at: number;
  readonly back: number;
  readonly length: number;
  readonly sum: number;
}

/** Ten bytes as two numbers, which compare faster. */
export interface TableKey {
  readonly high: number;
  readonly low: number;
}

export function rowsPerPage(section: Section): number {
  return Math.floor(pageBytes / rowBytes[section]);
}

export function pageCount(section: Section, rows: number): number {
  return Math.ceil(rows / rowsPerPage(section));
}

export function readKey(bytes: Uint8Array, at: number): TableKey {
  return { high: readHigh(bytes, at), low: readLow(bytes, at) };
}

/** The first six of the ten bytes. */
export function readHigh(bytes: Uint8Array, at: number): number {
  const first = bytes[at]! * 0x100 + bytes[at + 1]!;
  return first * 0x1_0000_0000 + readU32(bytes, at + 2);
}

export function readLow(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at + 6);
}

export function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** The key of a path from its two fields as they stand in a line, with the tab between them. */
export function keyOfFields(fields: Uint8Array): TableKey {
  return readKey(hash('sha1', fields, 'buffer'), 0);
}

export function keyOfPath({ root, path }: PathKey): TableKey {
  return keyOfFields(Buffer.from(`${escapeField(root)}\t${escapeField(path)}`));
}

/** Null for what is no id. */
export function keyOfId(id: string): TableKey | null {
  return /^[0-9a-z]{10}$/.test(id) ? readKey(Buffer.from(id, 'latin1'), 0) : null;
}

/** The checksum of a line goes on from that of its commit, so that a line is never taken for one of another commit. */
export function lineSum(commit: Uint8Array, line: Uint8Array): number {
  return crc32(line, crc32(commit));
}
