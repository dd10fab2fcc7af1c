/** Which versions of a root came in one moment: what one command, copy or program did to several files. */
import { hash } from 'node:crypto';
import type { PathHistory, Time, Version } from '../model.ts';

/** Writes that follow each other within this time belong to one stroke (milliseconds); git's times have whole seconds. */
const GAP_MS = 900;
/** A home in which something is written all the time is no single stroke: it ends after so many milliseconds. */
const LONGEST_MS = 15_000;
/** A scan of a large root finds what it finds within this time (milliseconds). */
const SCAN_MS = 30_000;
/** Who deletes a file and writes it anew within this time has written over it (milliseconds). */
const RECREATED_MS = 10 * 60_000;

/** What a stroke made of one path. */
export interface Change {
  readonly file: PathHistory;
  /** What stood there before the stroke; null when nothing did. */
  readonly before: Version | null;
  readonly after: Version;
  /** Index of `before` in the versions of the file; -1 when it is null. */
  readonly index: number;
}

export interface Group {
  readonly id: string;
  readonly root: string;
  readonly from: Time;
  readonly to: Time;
  /** By path: the newest version that the stroke left there. */
  readonly changes: ReadonlyMap<string, Change>;
  /** Changes whenever a version joins the group, or comes before one of its versions. */
  readonly signature: string;
}

export interface Groups {
  /** The group of a version; null for what takes part in none (a restore, an unsettled reading, a log). */
  of(version: Version): Group | null;
  /**
   * The groups of files that the same scan found: a scan knows when a file was written, and not when another one went, so
   * that a deletion belongs to one of them. The newest first.
   */
  ofSameScan(version: Version): readonly Group[];
  /** When the root was last looked at before that version was read, as far as its versions tell. */
  lookedBefore(version: Version): Time;
  /** The history of a version. */
  file(place: { readonly root: string; readonly path: string }): PathHistory | null;
}

interface Item {
  readonly file: PathHistory;
  readonly index: number;
  readonly version: Version;
}

interface RootGroups {
  readonly byVersion: ReadonlyMap<string, Group>;
  /** Versions that scans found, by the time of the scan. */
  readonly scanned: readonly Version[];
  /** Groups of one look, by where it begins and ends in `scanned`. */
  readonly looks: Map<string, readonly Group[]>;
  /** When something was read, in order. */
  readonly seen: Float64Array;
}

export function groupsOf(histories: readonly PathHistory[]): Groups {
  const roots = new Map<string, RootGroups>();
  let files: ReadonlyMap<string, PathHistory> | null = null;
  const inRoot = (root: string): RootGroups => {
    const known = roots.get(root);
    if (known) return known;
    const made = groupRoot(histories.filter(file => file.root === root));
    roots.set(root, made);
    return made;
  };
  return {
    of: ({ root, id }) => inRoot(root).byVersion.get(id) ?? null,
    ofSameScan({ root, seenAt }) {
      const { byVersion, scanned, looks } = inRoot(root);
      const from = firstFrom(scanned, seenAt - SCAN_MS);
      const to = firstFrom(scanned, seenAt + SCAN_MS);
      const key = `${from} ${to}`;
      const known = looks.get(key);
      if (known) return known;
      const found = new Set<Group>();
      for (const { id } of scanned.slice(from, to)) found.add(byVersion.get(id)!);
      const made = [...found].sort((a, b) => b.to - a.to);
      looks.set(key, made);
      return made;
    },
    lookedBefore({ root, seenAt }) {
      const { seen } = inRoot(root);
      let low = 0;
      let high = seen.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (seen[middle]! < seenAt - SCAN_MS) low = middle + 1;
        else high = middle;
      }
      return seen[low - 1] ?? Number.NEGATIVE_INFINITY;
    },
    file({ root, path }) {
      files ??= new Map(histories.map(file => [`${file.root}\0${file.path}`, file]));
      return files.get(`${root}\0${path}`) ?? null;
    },
  };
}

function groupRoot(files: readonly PathHistory[]): RootGroups {
  const items: Item[] = [];
  for (const file of files) {
    if (file.class !== 'authored' && file.class !== 'state') continue;
    for (const [index, version] of file.versions.entries()) {
      if (version.settled && version.how !== 'restore') items.push({ file, index, version });
    }
  }
  items.sort((a, b) => a.version.at - b.version.at);
  const byVersion = new Map<string, Group>();
  for (let from = 0, to = 0; from < items.length; from = to) {
    to = endOf(items, from);
    const group = new LazyGroup(items.slice(from, to));
    for (let i = from; i < to; i++) byVersion.set(items[i]!.version.id, group);
  }
  const versions = items.map(({ version }) => version);
  // What is new there goes back to nothing, and takes nothing away.
  const changed = items.filter(({ index }) => index > 0).map(({ version }) => version);
  return {
    byVersion,
    looks: new Map(),
    scanned: changed
      .filter(({ how, at, seenAt, kind }) => how === 'scan' && kind === 'file' && at < seenAt)
      .sort((a, b) => a.seenAt - b.seenAt),
    seen: Float64Array.from(versions, ({ seenAt }) => seenAt).sort(),
  };
}

/** Index of the first item after the stroke that begins with this one. */
function endOf(items: readonly Item[], from: number): number {
  const start = items[from]!.version.at;
  const known = new Map<string, Version>();
  let looked = Number.POSITIVE_INFINITY;
  for (let i = from; i < items.length; i++) {
    const { version } = items[i]!;
    const { path, at, seenAt, how } = version;
    if (i > from && (at - items[i - 1]!.version.at > GAP_MS || at - start > LONGEST_MS)) return i;
    // A write in pieces is seen several times. What a scan or a commit has of a path is whole: the next is another stroke.
    const earlier = known.get(path);
    if (earlier && (how !== 'event' || earlier.how !== 'event')) return i;
    // What was written after a scan had come by is nothing that the scan found.
    if (how === 'scan' && at < seenAt && at > looked) return i;
    if (how === 'scan') looked = Math.min(looked, seenAt);
    known.set(path, version);
  }
  return items.length;
}

/** Most strokes are asked for nothing: what they changed is worked out when somebody wants to know. */
class LazyGroup implements Group {
  readonly #items: readonly Item[];
  #changes: ReadonlyMap<string, Change> | null = null;
  #signature: string | null = null;

  constructor(items: readonly Item[]) {
    this.#items = items;
  }

  get root(): string {
    return this.#items[0]!.version.root;
  }

  get id(): string {
    return `${this.root} ${this.from}`;
  }

  get from(): Time {
    return this.#items[0]!.version.at;
  }

  get to(): Time {
    return this.#items.at(-1)!.version.at;
  }

  get changes(): ReadonlyMap<string, Change> {
    this.#changes ??= changesOf(this.#items);
    return this.#changes;
  }

  get signature(): string {
    this.#signature ??= hash('sha1', this.#items.map(({ version, index }) => `${version.id} ${index}`).join(), 'hex');
    return this.#signature;
  }
}

function changesOf(items: readonly Item[]): ReadonlyMap<string, Change> {
  const first = new Map<string, Item>();
  const last = new Map<string, Item>();
  for (const item of items) {
    const { path } = item.version;
    if (item.index < (first.get(path)?.index ?? Infinity)) first.set(path, item);
    if (item.index > (last.get(path)?.index ?? -1)) last.set(path, item);
  }
  const changes = new Map<string, Change>();
  for (const [path, { file, index, version: after }] of last) {
    const at = before(file, first.get(path)!.index, after);
    const stood = file.versions[at] ?? null;
    const isSame = stood !== null && stood.kind === after.kind && stood.blob === after.blob;
    if (isSame || (stood === null && after.kind === 'gone') || index < 0) continue;
    changes.set(path, { file, before: stood, after, index: at });
  }
  return changes;
}

/** Index of what stood there before; a deletion just before a file comes anew is a part of writing it. */
function before({ versions }: PathHistory, index: number, after: Version): number {
  for (let i = index - 1; i >= 0; i--) {
    const version = versions[i]!;
    if (!version.settled) continue;
    if (version.kind !== 'gone' || after.kind === 'gone' || after.at - version.at > RECREATED_MS) return i;
  }
  return -1;
}

function firstFrom(scanned: readonly Version[], seenAt: Time): number {
  let low = 0;
  let high = scanned.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scanned[middle]!.seenAt < seenAt) low = middle + 1;
    else high = middle;
  }
  return low;
}
