import { crc32 } from 'node:zlib';
import { OutOfDate } from './out-of-date.ts';
import type { SharedFile } from './shared-file.ts';
import {
  type LinePlace,
  pageBytes,
  pageCount,
  readHigh,
  readLow,
  readU32,
  rowBytes,
  rowsPerPage,
  type Section,
  sections,
  type TableHead,
  type TableKey,
  tableMagic,
  tailBytes,
} from './table-layout.ts';

/** How many pages a table keeps in memory. */
const mostPages = 512;
/** How many pages are read at once by whoever reads a section whole. */
const pagesPerRun = 16;

/** Reads a table, out of its file or out of memory. What it returns was compared with its checksum. */
export class Table {
  readonly head: TableHead;
  /** Eight hex digits that tell it from another one of the same range. */
  readonly check: string;
  readonly #source: SharedFile | Buffer;
  readonly #sums: Buffer;
  readonly #starts: Readonly<Record<Section, number>>;
  readonly #pages = new Map<number, Buffer>();

  private constructor(source: SharedFile | Buffer, { sums, head, check }: TableEnd) {
    this.#source = source;
    this.#sums = sums;
    this.head = head;
    this.check = check;
    let next = 0;
    const starts: Partial<Record<Section, number>> = {};
    for (const section of sections) {
      starts[section] = next;
      next += pageCount(section, head.rows[section]);
    }
    this.#starts = starts as Record<Section, number>;
  }

  /** Null when its end is not whole. Takes over the file. */
  static open(source: SharedFile | Buffer): Table | null {
    const size = Buffer.isBuffer(source) ? source.length : source.size;
    const table = parse(source, size);
    if (table === null && !Buffer.isBuffer(source)) source.release();
    return table && new Table(source, table);
  }

  get isInFile(): boolean {
    return !Buffer.isBuffer(this.#source);
  }

  hold(): this {
    if (!Buffer.isBuffer(this.#source)) this.#source.hold();
    return this;
  }

  release(): void {
    if (!Buffer.isBuffer(this.#source)) this.#source.release();
  }

  count(section: Section): number {
    return this.head.rows[section];
  }

  /** The first row whose key is not below the wanted one. */
  find(section: 'ids' | 'paths', { high, low }: TableKey): number {
    let from = 0;
    let to = this.count(section);
    if (section === 'paths') {
      // These are spread evenly: the place is near where the key says, with few exceptions.
      const guess = Math.floor((high / 0x1_0000_0000_0000) * to);
      const near = Math.ceil(Math.sqrt(to)) + 2;
      if (guess - near > from && this.#isBelow(section, guess - near, high, low)) from = guess - near;
      if (guess + near < to && !this.#isBelow(section, guess + near, high, low)) to = guess + near;
    }
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#isBelow(section, middle, high, low)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  hasKey(section: 'ids' | 'paths', row: number, { high, low }: TableKey): boolean {
    if (row >= this.count(section)) return false;
    const page = this.#pageOf(section, row);
    const at = offsetOf(section, row);
    return readHigh(page, at) === high && readLow(page, at) === low;
  }

  hasId(key: TableKey): boolean {
    return this.hasKey('ids', this.find('ids', key), key);
  }

  id(row: number): string {
    const at = offsetOf('ids', row);
    return this.#pageOf('ids', row).toString('latin1', at, at + 10);
  }

  /** The place among the lines of a row of `ids`. */
  lineOfId(row: number): number {
    return readU32(this.#pageOf('ids', row), offsetOf('ids', row) + 10);
  }

  pathRow(row: number): { readonly seenAt: number; readonly line: number } {
    const page = this.#pageOf('paths', row);
    const at = offsetOf('paths', row);
    return { seenAt: page.readDoubleBE(at + 10), line: readU32(page, at + 18) };
  }

  place(line: number, section: 'lines' | 'notes' = 'lines'): LinePlace {
    if (line >= this.count(section)) throw new OutOfDate('a row names no line');
    return placeIn(this.#pageOf(section, line), offsetOf(section, line), this.head);
  }

  /** All rows of a section, some at a time. */
  *rows(section: Section): Generator<Buffer> {
    const perPage = rowsPerPage(section);
    const pages = pageCount(section, this.count(section));
    let left = this.count(section);
    for (let page = 0; page < pages; page += pagesPerRun) {
      const count = Math.min(pagesPerRun, pages - page);
      const run = this.#read(this.#starts[section] + page, count);
      for (let i = 0; i < count; i++) {
        const rows = Math.min(perPage, left);
        left -= rows;
        yield run.subarray(i * pageBytes, i * pageBytes + rows * rowBytes[section]);
      }
    }
  }

  /** The places of all lines that count, in the order of the file. */
  *places(): Generator<LinePlace> {
    const dead = new Set<number>();
    for (const rows of this.rows('dead')) for (let at = 0; at < rows.length; at += 4) dead.add(readU32(rows, at));
    let line = 0;
    for (const rows of this.rows('lines')) {
      for (let at = 0; at < rows.length; at += rowBytes.lines) {
        if (!dead.has(line++)) yield placeIn(rows, at, this.head);
      }
    }
  }

  #isBelow(section: Section, row: number, high: number, low: number): boolean {
    const page = this.#pageOf(section, row);
    const at = offsetOf(section, row);
    const theirs = readHigh(page, at);
    return theirs < high || (theirs === high && readLow(page, at) < low);
  }

  #pageOf(section: Section, row: number): Buffer {
    const number = this.#starts[section] + Math.floor(row / rowsPerPage(section));
    const known = this.#pages.get(number);
    if (known) return known;
    const page = this.#read(number, 1);
    if (this.#pages.size >= mostPages) this.#pages.delete(this.#pages.keys().next().value!);
    this.#pages.set(number, page);
    return page;
  }

  #read(first: number, count: number): Buffer {
    const at = first * pageBytes;
    if (Buffer.isBuffer(this.#source)) return this.#source.subarray(at, at + count * pageBytes);
    const bytes = this.#source.read(at, count * pageBytes);
    for (let i = 0; i < count; i++) {
      const page = bytes.subarray(i * pageBytes, (i + 1) * pageBytes);
      if (page.length < pageBytes || crc32(page) !== this.#sums.readUInt32BE((first + i) * 4)) {
        throw new OutOfDate('a page of a table does not have its checksum');
      }
    }
    return bytes;
  }
}

function offsetOf(section: Section, row: number): number {
  return (row % rowsPerPage(section)) * rowBytes[section];
}

function placeIn(rows: Buffer, at: number, { from, to }: TableHead): LinePlace {
  const place = {
    at: rows.readUIntBE(at, 6),
    back: readU32(rows, at + 6),
    length: readU32(rows, at + 10),
    sum: readU32(rows, at + 14),
  };
  if (place.at - place.back < from || place.at + place.length >= to) throw new OutOfDate('a line is out of its range');
  return place;
}

interface TableEnd {
  readonly sums: Buffer;
  readonly head: TableHead;
  readonly check: string;
}

function parse(source: SharedFile | Buffer, size: number): TableEnd | null {
  const read = (at: number, length: number): Buffer =>
    Buffer.isBuffer(source) ? source.subarray(at, at + length) : source.read(at, length);
  if (size < tailBytes) return null;
  const tail = read(size - tailBytes, tailBytes);
  if (tail.length < tailBytes || tail.toString('latin1', 8) !== tableMagic) return null;
  const headBytes = tail.readUInt32BE(4);
  const left = size - tailBytes - headBytes;
  const pages = Math.floor(left / (pageBytes + 4));
  if (left < 0 || left !== pages * (pageBytes + 4)) return null;
  const bytes = read(pages * pageBytes, pages * 4 + headBytes);
  if (bytes.length < pages * 4 + headBytes || crc32(bytes) !== tail.readUInt32BE(0)) return null;
  const head = JSON.parse(bytes.toString('utf8', pages * 4)) as TableHead;
  const needed = sections.reduce((sum, section) => sum + pageCount(section, head.rows[section]), 0);
  // A copy, for the rest need not stay in memory.
  const sums = Buffer.from(bytes.subarray(0, pages * 4));
  return needed === pages ? { sums, head, check: tail.toString('hex', 0, 4) } : null;
}
