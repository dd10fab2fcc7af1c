/**
 * Logs as segments, so that an append costs its tail: content is cut every 64 KB, and a tree names the pieces.
 *
 * Fixed pieces do as well as content-defined ones for what is only appended to, and need no rolling hash. The entries of a
 * tree are named by the offset they begin at (12 hex), at most 32 of them; more make a tree of trees.
 * The shape follows from the length alone, so the same content has the same name however it came in. In a snapshot the
 * tree stands at `<name>%segments` (no other name has a `%` that no two hex digits follow).
 */
import { segmentBytes } from './store.ts';
import { encodeTree, type TreeEntry } from './tree.ts';

/** Entries of one tree: an append writes a tree of at most so many entries on each level. */
export const fanOut = 32;

const suffix = '%segments';

/** The name in a tree for the segments of the file of that (escaped) name. */
export function segmentsName(name: string): string {
  return name + suffix;
}

/** The name of the file whose segments stand under that name; null when it is a plain name. */
export function fileOfSegments(name: string): string | null {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : null;
}

function offsetName(offset: number): string {
  return offset.toString(16).padStart(12, '0');
}

interface Place extends TreeEntry {
  readonly offset: number;
}

/** Takes segments in their order and makes the trees that name them. */
export class SegmentTree {
  /** What is not in a tree yet: on level 0 segments, above that trees of the level below. */
  readonly #levels: Place[][] = [[]];
  readonly #write: (tree: Buffer) => string;

  /** `write` takes a tree and gives its name; trees of a lower level come first. */
  constructor(write: (tree: Buffer) => string) {
    this.#write = write;
  }

  /** Goes on from the first `bytes` bytes (whole segments) of a tree; `load` gives the content of a tree. */
  static goOn(
    root: string,
    bytes: number,
    load: (tree: string) => ReadonlyMap<string, TreeEntry>,
    write: (tree: Buffer) => string,
  ): SegmentTree {
    const tree = new SegmentTree(write);
    if (bytes > 0) tree.#open(root, bytes, load);
    return tree;
  }

  add(segment: string, offset: number): void {
    this.#push(0, { mode: '100644', oid: segment, offset });
  }

  /** The name of the whole. */
  finish(): string {
    for (let level = 0; ; level++) {
      const entries = this.#levels[level]!;
      if (level < this.#levels.length - 1) {
        if (entries.length > 0) this.#close(level);
        continue;
      }
      const [only] = entries;
      if (!only) throw new Error('no segments');
      return entries.length === 1 && only.mode === '40000' ? only.oid : this.#encode(entries);
    }
  }

  #open(root: string, bytes: number, load: (tree: string) => ReadonlyMap<string, TreeEntry>): void {
    const found: Place[][] = [];
    for (let at: string | null = root; at !== null; ) {
      const entries: Place[] = placesOf(load(at)).filter(({ offset }) => offset < bytes);
      const last: Place | undefined = entries.at(-1);
      if (!last) throw new Error('the segments end early');
      found.unshift(entries);
      // The last tree on each level may reach further: what is needed of it stands on the levels below.
      if (last.mode === '40000') entries.pop();
      at = last.mode === '40000' ? last.oid : null;
    }
    while (found.length > 1 && found.at(-1)!.length === 0) found.pop();
    this.#levels.splice(0, 1, ...found);
    const last = this.#levels[0]!.at(-1)!;
    if (last.offset + segmentBytes !== bytes) throw new Error('the segments begin elsewhere');
  }

  #push(level: number, place: Place): void {
    this.#levels[level] ??= [];
    if (this.#levels[level].length === fanOut) this.#close(level);
    this.#levels[level].push(place);
  }

  #close(level: number): void {
    const entries = this.#levels[level]!;
    this.#levels[level] = [];
    this.#push(level + 1, { mode: '40000', oid: this.#encode(entries), offset: entries[0]!.offset });
  }

  #encode(entries: readonly Place[]): string {
    return this.#write(
      encodeTree(new Map(entries.map(({ offset, mode, oid }) => [offsetName(offset), { mode, oid }]))),
    );
  }
}

/** The entries of a tree of segments in the order of their offsets. @throws Error when it is none */
export function placesOf(entries: ReadonlyMap<string, TreeEntry>): Place[] {
  return [...entries].map(([name, { mode, oid }]) => {
    if (!/^[0-9a-f]{12}$/.test(name) || (mode !== '100644' && mode !== '40000')) {
      throw new Error('a tree that is none of segments');
    }
    return { mode, oid, offset: Number.parseInt(name, 16) };
  });
}

/** Trees of trees of … : six levels are 64 TB. */
const deepest = 8;

/**
 * The names of the segments, in their order. `load` gives the content of a tree. A tree that names one piece again and
 * again, and makes gigabytes out of nothing, is none: each offset comes once.
 * @throws Error when it is no tree of segments
 */
export function* segmentsOf(
  root: string,
  load: (tree: string) => ReadonlyMap<string, TreeEntry>,
  range = { from: 0, to: Number.POSITIVE_INFINITY, depth: 0 },
): Generator<{ readonly oid: string; readonly offset: number }> {
  const places = placesOf(load(root));
  if (places[0]?.offset !== range.from || range.depth > deepest) throw new Error('a tree that is none of segments');
  for (const [i, { mode, oid, offset }] of places.entries()) {
    const to = places[i + 1]?.offset ?? range.to;
    if (to <= offset || offset >= range.to) throw new Error('a tree that is none of segments');
    if (mode === '40000') yield* segmentsOf(oid, load, { from: offset, to, depth: range.depth + 1 });
    else yield { oid, offset };
  }
}
