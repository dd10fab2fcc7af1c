import type { Version } from '../../model.ts';
import type { PathKey } from '../store.ts';
import { parseVersion } from '../version-line.ts';
import { LineReader } from './line-reader.ts';
import { OutOfDate } from './out-of-date.ts';
import type { SharedFile } from './shared-file.ts';
import type { Table } from './table.ts';
import { keyOfId, keyOfPath, type LinePlace } from './table-layout.ts';
import { firstLines, inOrder } from './table-merge.ts';

/** A single line is read with what is near it. */
const aheadForOne = 4 << 10;
/** When lines stand close together, all between them is read too, in pieces of this size. */
const aheadForAll = 1 << 20;
const closeBytes = 4 << 10;

/**
 * The tables of one `history`, whose ranges follow each other; they have no id in common. Everything they are asked may
 * throw `OutOfDate`.
 */
export class Tables {
  readonly list: readonly Table[];
  readonly #file: SharedFile | null;
  readonly #lines: LineReader | null;

  /** Takes over the tables; holds the file. */
  constructor(file: SharedFile | null, list: readonly Table[]) {
    this.#file = file?.hold() ?? null;
    this.#lines = file && new LineReader(file, aheadForOne);
    this.list = list;
  }

  /** How many versions they have. */
  get count(): number {
    return this.list.reduce((sum, table) => sum + table.count('ids'), 0);
  }

  /** The smallest `seenAt`; null without versions. */
  get since(): number | null {
    return this.list.reduce<number | null>(
      (min, { head: { since } }) => (since === null ? min : Math.min(min ?? since, since)),
      null,
    );
  }

  has(id: string): boolean {
    const key = keyOfId(id);
    return key !== null && this.list.some(table => table.hasId(key));
  }

  get(id: string): Version | undefined {
    const key = keyOfId(id);
    if (key === null) return undefined;
    for (const table of this.list) {
      const row = table.find('ids', key);
      if (table.hasKey('ids', row, key)) return this.#withId(table, row);
    }
    return undefined;
  }

  withId(prefix: string): readonly Version[] {
    if (!/^[0-9a-z]{0,10}$/.test(prefix)) return [];
    const start = keyOfId(prefix.padEnd(10, '0'))!;
    return this.list.flatMap(table => {
      const found: Version[] = [];
      for (let row = table.find('ids', start); row < table.count('ids') && table.id(row).startsWith(prefix); row++) {
        found.push(this.#withId(table, row));
      }
      return found;
    });
  }

  /** Oldest first; what stands later in the file stands behind its equals. */
  versions(path: PathKey): readonly Version[] {
    if (this.list.length === 0) return [];
    const key = keyOfPath(path);
    const found: Version[] = [];
    for (const table of this.list) {
      for (let row = table.find('paths', key); table.hasKey('paths', row, key); row++) {
        found.push(this.#ofPath(table, row, path));
      }
    }
    return inTime(found);
  }

  latest(path: PathKey): Version | undefined {
    if (this.list.length === 0) return undefined;
    const key = keyOfPath(path);
    let newest: { table: Table; row: number; seenAt: number } | null = null;
    for (const table of this.list) {
      const row = table.find('paths', { high: key.high, low: key.low + 1 }) - 1;
      if (row < 0 || !table.hasKey('paths', row, key)) continue;
      const { seenAt } = table.pathRow(row);
      if (newest === null || seenAt >= newest.seenAt) newest = { table, row, seenAt };
    }
    return newest ? this.#ofPath(newest.table, newest.row, path) : undefined;
  }

  /** Every path with its newest version, in the order of the file. */
  *newest(): Generator<Version> {
    const lines = this.#newestLines();
    for (const [i, table] of this.list.entries()) yield* this.#read(places(table, lines[i]!), lines[i]!.length, table);
  }

  /** Every path with its versions as `versions` gives them, in the order of `newest`: everything is read once, from front to end. */
  byPath(): readonly (readonly Version[])[] {
    const paths = new Map<string, { readonly versions: Version[]; newest: Version; at: number }>();
    let at = 0;
    for (const version of this.all()) {
      const key = `${version.root}\0${version.path}`;
      const path = paths.get(key);
      if (!path) paths.set(key, { versions: [version], newest: version, at });
      else {
        path.versions.push(version);
        if (version.seenAt >= path.newest.seenAt) [path.newest, path.at] = [version, at];
      }
      at++;
    }
    return [...paths.values()].sort((a, b) => a.at - b.at).map(({ versions }) => inTime(versions));
  }

  *all(): Generator<Version> {
    for (const table of this.list) yield* this.#read(table.places(), table.count('lines'), table);
  }

  *notes(): Generator<string> {
    for (const table of this.list) {
      for (let i = 0; i < table.count('notes'); i++) yield this.#lines!.read(table.place(i, 'notes')).line;
    }
  }

  /** Keeps the files open for whoever goes through them, until `release`. */
  hold(): void {
    this.#file?.hold();
    for (const table of this.list) table.hold();
  }

  release(): void {
    this.#file?.release();
    for (const table of this.list) table.release();
  }

  /** For each table, the places of the newest lines of the paths that have their newest there. */
  #newestLines(): readonly Uint32Array[] {
    const first = firstLines(this.list);
    const found = this.list.map(() => new Numbers());
    const add = (line: number): void => {
      const i = first.findLastIndex(start => start <= line);
      found[i]!.push(line - first[i]!);
    };
    let last: { high: number; low: number; line: number } | null = null;
    for (const { high, low, line } of inOrder(this.list, first, 'paths')) {
      if (last !== null && (last.high !== high || last.low !== low)) add(last.line);
      last = { high, low, line };
    }
    if (last !== null) add(last.line);
    return found.map(numbers => numbers.sorted());
  }

  *#read(places: Iterable<LinePlace>, count: number, { head }: Table): Generator<Version> {
    const isClose = head.to - head.from < count * closeBytes;
    const lines = new LineReader(this.#file!, isClose ? aheadForAll : aheadForOne);
    this.hold();
    try {
      for (const place of places) {
        const { line, commit } = lines.read(place);
        yield parseVersion(line, commit);
      }
    } finally {
      this.release();
    }
  }

  #withId(table: Table, row: number): Version {
    const version = this.#version(table.place(table.lineOfId(row)));
    if (version.id !== table.id(row)) throw new OutOfDate('a table names another version');
    return version;
  }

  #ofPath(table: Table, row: number, { root, path }: PathKey): Version {
    const version = this.#version(table.place(table.pathRow(row).line));
    if (version.root !== root || version.path !== path) throw new OutOfDate('a table names another path');
    return version;
  }

  #version(place: LinePlace): Version {
    const { line, commit } = this.#lines!.read(place);
    return parseVersion(line, commit);
  }
}

/** Sorted by `seenAt`; those that are in order already are left as they are. */
export function inTime(versions: Version[]): readonly Version[] {
  const isInOrder = versions.every((version, i) => i === 0 || versions[i - 1]!.seenAt <= version.seenAt);
  return isInOrder ? versions : versions.sort((a, b) => (a.seenAt < b.seenAt ? -1 : a.seenAt > b.seenAt ? 1 : 0));
}

function* places(table: Table, lines: Uint32Array): Generator<LinePlace> {
  for (const line of lines) yield table.place(line);
}

/** A list of whole numbers that takes four bytes each. */
class Numbers {
  #numbers = new Uint32Array(64);
  #count = 0;

  push(number: number): void {
    if (this.#count === this.#numbers.length) {
      const more = new Uint32Array(this.#count * 2);
      more.set(this.#numbers);
      this.#numbers = more;
    }
    this.#numbers[this.#count++] = number;
  }

  sorted(): Uint32Array {
    return this.#numbers.subarray(0, this.#count).sort();
  }
}
