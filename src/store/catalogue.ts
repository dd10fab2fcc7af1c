import type { Note, Version } from '../model.ts';
import type { PathKey } from './store.ts';
import { type KeptNote, parseNote, parseVersion, placeOfLine } from './version-line.ts';

/** A version that is still a line of the history index: it is parsed when somebody asks for its path. */
interface Unread {
  readonly line: string;
  readonly snapshot: string | null;
}

interface Shelf {
  /** Oldest first, by `seenAt`; what came later stands behind its equals. */
  versions: Version[];
  unread: Unread[];
}

/** Every version and note, in memory, for the questions that are answered at once. */
export interface Catalogue {
  /** Adds a version, or puts the sealed one in the place of the same one. */
  add(version: Version): void;
  addLine(line: string, snapshot: string | null): void;
  /** False when the note was there before. */
  addNote(note: KeptNote): boolean;
  addNoteLine(line: string): void;
  hasVersion(id: string): boolean;
  get(id: string): Version | undefined;
  hasNote(id: string): boolean;
  versions(key: PathKey): readonly Version[];
  latest(key: PathKey): Version | undefined;
  paths(): Iterable<Version>;
  all(): Iterable<Version>;
  withId(prefix: string): readonly Version[];
  notes(kind: Note['kind']): readonly Note[];
  readonly size: number;
  /** The beginnings of lines that are no version and no note: only somebody else's store has any. They are left out. */
  readonly odd: readonly string[];
}

/** Most paths have one version, and there are many paths: lists begin empty and shared, then just big enough. */
const none: never[] = [];
const mostOdd = 100;

export function emptyCatalogue(): Catalogue {
  /** By root, then by path: the path of a version is its own key. */
  const shelves = new Map<string, Map<string, Shelf>>();
  /** By the id of a version. */
  const homes = new Map<string, Shelf>();
  const notes = new Map<string, Note>();
  const odd: string[] = [];
  const unlessOdd = <T>(line: string, read: () => T): T | null => {
    try {
      return read();
    } catch {
      if (odd.length < mostOdd) odd.push(line.slice(0, 80));
      return null;
    }
  };

  const shelfOf = ({ root, path }: PathKey): Shelf => {
    let paths = shelves.get(root);
    if (!paths) {
      paths = new Map();
      shelves.set(root, paths);
    }
    let shelf = paths.get(path);
    if (!shelf) {
      shelf = { versions: none, unread: none };
      paths.set(path, shelf);
    }
    return shelf;
  };

  const place = (shelf: Shelf, version: Version, isNew: boolean): void => {
    const { versions } = shelf;
    const same = isNew ? -1 : versions.findLastIndex(other => other.id === version.id);
    if (same >= 0) {
      if (version.snapshot !== null) versions[same] = version;
      return;
    }
    if (versions.length === 0) {
      shelf.versions = [version];
      return;
    }
    let at = versions.length;
    while (at > 0 && versions[at - 1]!.seenAt > version.seenAt) at--;
    versions.splice(at, 0, version);
  };

  const read = (shelf: Shelf | undefined): readonly Version[] => {
    if (!shelf) return [];
    if (shelf.unread.length > 0) {
      const { unread } = shelf;
      shelf.unread = none;
      const isFresh = shelf.versions.length === 0;
      const read = unread
        .map(({ line, snapshot }) => unlessOdd(line, () => parseVersion(line, snapshot)))
        .filter(version => version !== null);
      const isInOrder = read.every((version, i) => i === 0 || read[i - 1]!.seenAt <= version.seenAt);
      if (isFresh && isInOrder && new Set(read.map(({ id }) => id)).size === read.length) shelf.versions = read;
      else for (const version of read) place(shelf, version, false);
    }
    return shelf.versions;
  };

  const get = (id: string): Version | undefined => {
    return read(homes.get(id)).find(version => version.id === id);
  };

  function* all(): Iterable<Version> {
    for (const paths of shelves.values()) for (const shelf of paths.values()) yield* read(shelf);
  }

  return {
    add: version => {
      const home = homes.get(version.id);
      const shelf = home ?? shelfOf(version);
      read(shelf);
      place(shelf, version, home === undefined);
      if (home === undefined) homes.set(version.id, shelf);
    },
    addLine: (line, snapshot) => {
      const shelf = shelfOf(placeOfLine(line));
      if (shelf.unread.length === 0) shelf.unread = [{ line, snapshot }];
      else shelf.unread.push({ line, snapshot });
      homes.set(line.slice(0, line.indexOf('\t')), shelf);
    },
    addNote: ({ id, note }) => {
      if (notes.has(id)) return false;
      notes.set(id, note);
      return true;
    },
    addNoteLine: line => {
      const note = unlessOdd(line, () => parseNote(line));
      if (note && !notes.has(note.id)) notes.set(note.id, note.note);
    },
    hasVersion: id => homes.has(id),
    get,
    hasNote: id => notes.has(id),
    versions: ({ root, path }) => [...read(shelves.get(root)?.get(path))],
    latest: ({ root, path }) => read(shelves.get(root)?.get(path)).at(-1),
    *paths() {
      for (const paths of shelves.values())
        for (const shelf of paths.values()) {
          const newest = read(shelf).at(-1);
          if (newest) yield newest;
        }
    },
    all,
    withId: prefix => {
      const whole = get(prefix);
      if (whole) return [whole];
      const found: Version[] = [];
      for (const id of homes.keys()) {
        const version = id.startsWith(prefix) ? get(id) : undefined;
        if (version) found.push(version);
      }
      return found;
    },
    notes: kind => [...notes.values()].filter(note => note.kind === kind).sort((a, b) => a.at - b.at),
    get size() {
      return homes.size;
    },
    odd,
  };
}
