import type { Table } from './table.ts';
import { tableBytes } from './table-bytes.ts';
import { readHigh, readLow, readU32, rowBytes, rowsPerPage, type Tip } from './table-layout.ts';

/**
 * The bytes of one table in the place of several whose ranges follow each other, a page at a time. A version whose id
 * is in one of `older`, or in an earlier line, is left out of everything but the list of the dead.
 */
export function mergeTables(tables: readonly Table[], older: readonly Table[]): Generator<Buffer> {
  const first = firstLines(tables);
  const dead = new Set<number>();
  const tips = new Map<string, Tip>();
  let since: number | null = null;
  for (const [i, { head }] of tables.entries()) {
    for (const tip of head.tips) tips.set(tip.ref, tip);
    if (head.since !== null) since = Math.min(since ?? head.since, head.since);
    for (const rows of tables[i]!.rows('dead')) {
      for (let at = 0; at < rows.length; at += 4) dead.add(first[i]! + readU32(rows, at));
    }
  }
  const rows = {
    lines: all(tables, 'lines'),
    notes: all(tables, 'notes'),
    ids: mergeIds(tables, first, older, dead),
    paths: mergePaths(tables, first, dead),
    dead: lazily(() => deadRows(dead)),
  };
  const [from, to] = [tables[0]!.head.from, tables.at(-1)!.head.to];
  return tableBytes(rows, () => ({ from, to, since, tips: [...tips.values()] }));
}

/** How many lines stand in the tables before each. */
export function firstLines(tables: readonly Table[]): readonly number[] {
  let lines = 0;
  return tables.map(table => {
    lines += table.count('lines');
    return lines - table.count('lines');
  });
}

function* all(tables: readonly Table[], section: 'lines' | 'notes'): Generator<Buffer> {
  for (const table of tables) yield* table.rows(section);
}

function* mergeIds(tables: readonly Table[], first: readonly number[], older: readonly Table[], dead: Set<number>) {
  const out = new RowsOut('ids');
  let last: { high: number; low: number } | null = null;
  for (const cursor of inOrder(tables, first, 'ids')) {
    const { high, low } = cursor;
    const isAgain = last !== null && last.high === high && last.low === low;
    if (isAgain || older.some(table => table.hasId({ high, low }))) dead.add(cursor.line);
    else if (out.push(cursor)) yield out.take();
    last = { high, low };
  }
  yield out.take();
}

function* mergePaths(tables: readonly Table[], first: readonly number[], dead: ReadonlySet<number>) {
  const out = new RowsOut('paths');
  for (const cursor of inOrder(tables, first, 'paths')) {
    if (!dead.has(cursor.line) && out.push(cursor)) yield out.take();
  }
  yield out.take();
}

function* lazily(rows: () => Buffer): Generator<Buffer> {
  yield rows();
}

function deadRows(dead: ReadonlySet<number>): Buffer {
  const rows = Buffer.alloc(dead.size * rowBytes.dead);
  for (const [i, line] of [...dead].sort((a, b) => a - b).entries()) rows.writeUInt32BE(line, i * rowBytes.dead);
  return rows;
}

/** A page of rows that is being filled. */
class RowsOut {
  readonly #size: number;
  readonly #page: Buffer;
  #used = 0;

  constructor(section: 'ids' | 'paths') {
    this.#size = rowBytes[section];
    this.#page = Buffer.alloc(rowsPerPage(section) * this.#size);
  }

  /** True when the page is full, and must be taken. */
  push({ rows, at, line }: Cursor): boolean {
    rows.copy(this.#page, this.#used, at, at + this.#size - 4);
    this.#page.writeUInt32BE(line, this.#used + this.#size - 4);
    this.#used += this.#size;
    return this.#used === this.#page.length;
  }

  /** What is in the page; it counts until the next `push`. */
  take(): Buffer {
    const rows = this.#page.subarray(0, this.#used);
    this.#used = 0;
    return rows;
  }
}

/** Stands at one row of a sorted section. */
export class Cursor {
  readonly #source: Iterator<Buffer>;
  readonly #size: number;
  readonly #hasTimes: boolean;
  readonly #first: number;
  rows: Buffer = Buffer.alloc(0);
  at = 0;
  high = 0;
  low = 0;
  seenAt = 0;
  /** The place of its line, counted over all tables. */
  line = 0;

  constructor(table: Table, section: 'ids' | 'paths', first: number) {
    this.#source = table.rows(section);
    this.#size = rowBytes[section];
    this.#hasTimes = section === 'paths';
    this.#first = first;
    this.at = -this.#size;
  }

  /** False at the end. */
  next(): boolean {
    this.at += this.#size;
    if (this.at >= this.rows.length) {
      const more = this.#source.next();
      if (more.done) return false;
      this.rows = more.value;
      this.at = 0;
    }
    this.high = readHigh(this.rows, this.at);
    this.low = readLow(this.rows, this.at);
    if (this.#hasTimes) this.seenAt = this.rows.readDoubleBE(this.at + 10);
    this.line = this.#first + readU32(this.rows, this.at + this.#size - 4);
    return true;
  }

  isBefore({ high, low, seenAt }: Cursor): boolean {
    if (this.high !== high) return this.high < high;
    if (this.low !== low) return this.low < low;
    return this.seenAt < seenAt;
  }
}

/** Goes through a sorted section of all tables at once; among equals the earlier table comes first. */
export function* inOrder(
  tables: readonly Table[],
  first: readonly number[],
  section: 'ids' | 'paths',
): Generator<Cursor> {
  const cursors = tables.map((table, i) => new Cursor(table, section, first[i]!)).filter(cursor => cursor.next());
  while (cursors.length > 0) {
    let least = cursors[0]!;
    for (let i = 1; i < cursors.length; i++) if (cursors[i]!.isBefore(least)) least = cursors[i]!;
    yield least;
    if (!least.next()) cursors.splice(cursors.indexOf(least), 1);
  }
}
