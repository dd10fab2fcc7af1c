import { crc32 } from 'node:zlib';
import { type PlacedBlock, readBlocks } from './history-block.ts';
import type { SharedFile } from './shared-file.ts';
import { Table } from './table.ts';
import { tableBytes } from './table-bytes.ts';
import { keyOfFields, readHigh, readLow, rowBytes, type Tip } from './table-layout.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const bang = 0x21;
/** A version has this many tabs at least; the ninth stands before `seenAt`. */
const leastTabs = 11;
const idBytes = 10;
const linesPerStep = 512;

/** Collects the rows of some blocks, and sorts them. */
export class TableRows {
  readonly from: number;
  #to: number;
  readonly #tips = new Map<string, Tip>();
  #places = Buffer.alloc(1 << 12);
  #count = 0;
  readonly #notes: Buffer[] = [];
  readonly #ids = new Keys();
  readonly #paths = new Keys();
  readonly #seenAt: number[] = [];
  #since = Number.POSITIVE_INFINITY;

  constructor(from: number) {
    this.from = from;
    this.#to = from;
  }

  /** How many versions there are so far. */
  get count(): number {
    return this.#count;
  }

  /** Takes lines of a block from `start` on, `most` of them; gives back where the next one begins in its body. */
  add(block: PlacedBlock, start: number, most: number): number {
    const { body, commit, ref, at, bodyAt, end } = block;
    const commitSum = crc32(commit);
    let next = start;
    for (let taken = 0; taken < most && next < body.length; taken++) {
      const line = fieldsOf(body, next);
      if (line === null) next = body.length;
      else {
        const place = Buffer.alloc(rowBytes.lines);
        place.writeUIntBE(bodyAt + next, 0, 6);
        place.writeUInt32BE(bodyAt + next - at, 6);
        place.writeUInt32BE(line.end - next, 10);
        place.writeUInt32BE(crc32(body.subarray(next, line.end), commitSum), 14);
        if (body[next] === bang) this.#notes.push(place);
        else if (line.isVersion) this.#addVersion(body, next, line, place);
        next = line.end + 1;
      }
    }
    if (next >= body.length) {
      this.#tips.set(ref, { ref, commit, at });
      this.#to = end;
    }
    return next;
  }

  /** The bytes of the table; an id that comes again is still in it twice. */
  bytes(): Buffer {
    const head = {
      from: this.from,
      to: this.#to,
      since: this.#count === 0 ? null : this.#since,
      tips: [...this.#tips.values()],
    };
    const rows = {
      lines: [this.#places.subarray(0, this.#count * rowBytes.lines)],
      notes: this.#notes,
      ids: sortedRows('ids', this.#ids, null),
      paths: sortedRows('paths', this.#paths, this.#seenAt),
      dead: [],
    };
    return Buffer.concat([...tableBytes(rows, () => head)]);
  }

  #addVersion(body: Buffer, start: number, line: Fields, place: Buffer): void {
    const used = this.#count * rowBytes.lines;
    if (used + place.length > this.#places.length) {
      this.#places = Buffer.concat([this.#places], this.#places.length * 2);
    }
    place.copy(this.#places, used);
    this.#count++;
    this.#ids.push(readHigh(body, start), readLow(body, start));
    const { high, low } = keyOfFields(body.subarray(start + idBytes + 1, line.pathEnd));
    this.#paths.push(high, low);
    this.#seenAt.push(line.seenAt);
    this.#since = Math.min(this.#since, line.seenAt);
  }
}

/** Tables of the blocks between two positions, in memory, with no more than about `most` lines; null between two steps. */
export function* tablesOf(file: SharedFile, from: number, end: number, most: number): Generator<Table | null> {
  let rows = new TableRows(from);
  let at = from;
  for (const block of readBlocks(file, from, end)) {
    for (let next = 0; at < block.end; ) {
      next = rows.add(block, next, linesPerStep);
      if (next >= block.body.length) at = block.end;
      yield null;
    }
    if (rows.count < most) continue;
    yield Table.open(rows.bytes());
    rows = new TableRows(at);
  }
  if (at > rows.from) yield Table.open(rows.bytes());
}

interface Fields {
  readonly isVersion: boolean;
  /** Where root and path end. */
  readonly pathEnd: number;
  readonly seenAt: number;
  /** Position of the line feed. */
  readonly end: number;
}

/** Finds the fields of a line without making strings of them; null when the line has no end. */
function fieldsOf(body: Buffer, start: number): Fields | null {
  let tabs = 0;
  let idEnd = -1;
  let pathEnd = -1;
  let seenFrom = -1;
  let seenTo = -1;
  let end = start;
  for (; end < body.length; end++) {
    const byte = body[end];
    if (byte === lineFeed) break;
    if (byte !== tab) continue;
    tabs++;
    if (tabs === 1) idEnd = end;
    else if (tabs === 3) pathEnd = end;
    else if (tabs === 9) seenFrom = end + 1;
    else if (tabs === 10) seenTo = end;
  }
  if (end === body.length) return null;
  const isVersion = tabs >= leastTabs && idEnd === start + idBytes && isId(body, start);
  const seenAt = isVersion ? Number(body.toString('latin1', seenFrom, seenTo)) : 0;
  return { isVersion: isVersion && !Number.isNaN(seenAt), pathEnd, seenAt, end };
}

function isId(body: Buffer, start: number): boolean {
  for (let at = start; at < start + idBytes; at++) {
    const byte = body[at]!;
    const isDigit = byte >= 0x30 && byte <= 0x39;
    const isLetter = byte >= 0x61 && byte <= 0x7a;
    if (!isDigit && !isLetter) return false;
  }
  return true;
}

/** Keys as two lists of numbers. */
class Keys {
  readonly high: number[] = [];
  readonly low: number[] = [];

  push(high: number, low: number): void {
    this.high.push(high);
    this.low.push(low);
  }
}

/** By key, then by `seenAt`, then in the order of the lines. */
function* sortedRows(section: 'ids' | 'paths', { high, low }: Keys, seenAt: readonly number[] | null) {
  const order = Uint32Array.from(high.keys()).sort(
    (a, b) => high[a]! - high[b]! || low[a]! - low[b]! || compareTimes(seenAt?.[a], seenAt?.[b]) || a - b,
  );
  const size = rowBytes[section];
  const row = Buffer.alloc(size);
  for (const line of order) {
    row.writeUIntBE(high[line]!, 0, 6);
    row.writeUInt32BE(low[line]!, 6);
    if (seenAt) row.writeDoubleBE(seenAt[line]!, 10);
    row.writeUInt32BE(line, size - 4);
    yield row;
  }
}

/** Not by their difference, for that of two infinities is no number. */
function compareTimes(a = 0, b = 0): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
