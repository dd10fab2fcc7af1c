import { UndertextError } from '../../errors.ts';
import type { Note, Time, Version } from '../../model.ts';
import type { PathKey } from '../store.ts';
import { isVersionLine, type KeptNote, parseVersion, placeOfLine, readNote } from '../version-line.ts';
import { OutOfDate } from './out-of-date.ts';
import { inTime, Tables } from './tables.ts';

/** A version that is still a line of the history index: it is parsed when somebody asks for its path. */
interface Unread {
  readonly line: string;
  readonly snapshot: string | null;
}

interface Shelf {
  /** Oldest first, by `seenAt`; what came later stands behind its equals, and so does what is not sealed. */
  versions: Version[];
  unread: Unread[];
}

/** What can be said of all versions without reading them. */
export interface CatalogueSize {
  readonly versions: number;
  readonly since: Time | null;
  readonly sealed: number;
}

/**
 * Every version and note, for the questions that are answered at once: the tables have most of them, and what came
 * after the tables is in memory. A version that both have is the one of the tables.
 */
export interface Catalogue {
  /** Adds a version, or puts the sealed one in the place of the same one. */
  add(version: Version): void;
  /** Adds a line that is a version; another one is left out, and is told as odd. */
  addLine(line: string, snapshot: string | null): void;
  /** False when the note was there before. */
  addNote(note: KeptNote): boolean;
  /** The note of a line; null when it is none, and then it is told as odd. */
  addNoteLine(line: string): KeptNote | null;
  hasVersion(id: string): boolean;
  get(id: string): Version | undefined;
  hasNote(id: string): boolean;
  versions(key: PathKey): readonly Version[];
  latest(key: PathKey): Version | undefined;
  /** The newest version that is in a commit. */
  latestSealed(key: PathKey): Version | undefined;
  paths(): Iterable<Version>;
  /** Every path with its versions, in the order of `paths`. */
  byPath(): readonly (readonly Version[])[];
  all(): Iterable<Version>;
  withId(prefix: string): readonly Version[];
  notes(kind: Note['kind']): readonly Note[];
  /** Forgets the sealed versions in memory, and the others that the tables have: called when there are new tables. */
  forgetSealed(): void;
  /** Forgets everything that is in memory, notes too. */
  clear(): void;
  readonly size: CatalogueSize;
  /** The beginnings of lines that are no version and no note: only somebody else's store has any. They are left out. */
  readonly odd: readonly string[];
}

/** Most paths have one version, and there are many paths: lists begin empty and shared, then just big enough. */
const none: never[] = [];
const mostOdd = 100;
const noTables = new Tables(null, []);

/** `heal` is called when the tables turn out to be wrong: it has new ones made, and fills the catalogue again. */
export function emptyCatalogue(tables: () => Tables = () => noTables, heal: () => void = () => {}): Catalogue {
  /** By root, then by path: the path of a version is its own key. */
  const shelves = new Map<string, Map<string, Shelf>>();
  /** By the id of a version. */
  const homes = new Map<string, Shelf>();
  const notes = new Map<string, Note>();
  const odd: string[] = [];
  const tellOdd = (line: string): void => {
    if (odd.length < mostOdd) odd.push(line.slice(0, 80));
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
      if (versions[same]!.snapshot === null && version.snapshot !== null) versions[same] = version;
      return;
    }
    if (versions.length === 0) {
      shelf.versions = [version];
      return;
    }
    let at = versions.length;
    while (at > 0 && comesBefore(version, versions[at - 1]!)) at--;
    versions.splice(at, 0, version);
  };

  const read = (shelf: Shelf | undefined): readonly Version[] => {
    if (!shelf) return [];
    if (shelf.unread.length > 0) {
      const { unread } = shelf;
      shelf.unread = none;
      const isFresh = shelf.versions.length === 0;
      const read = unread.map(({ line, snapshot }) => parseVersion(line, snapshot));
      const isInOrder = read.every((version, i) => i === 0 || !comesBefore(version, read[i - 1]!));
      if (isFresh && isInOrder && new Set(read.map(({ id }) => id)).size === read.length) shelf.versions = read;
      else for (const version of read) place(shelf, version, false);
    }
    return shelf.versions;
  };

  const inMemory = ({ root, path }: PathKey): readonly Version[] => read(shelves.get(root)?.get(path));
  const withIdInMemory = (id: string): Version | undefined =>
    read(homes.get(id)).findLast(version => version.id === id);

  function* shelvesInMemory(): Iterable<readonly Version[]> {
    for (const paths of shelves.values()) {
      for (const shelf of paths.values()) if (read(shelf).length > 0) yield shelf.versions;
    }
  }

  /** Asks the tables; when they are wrong, they are made anew and asked again. */
  const ask = <Answer>(question: () => Answer): Answer => {
    try {
      return question();
    } catch (error) {
      if (!(error instanceof OutOfDate)) throw error;
      heal();
    }
    try {
      return question();
    } catch (error) {
      throw error instanceof OutOfDate ? changing(error) : error;
    }
  };

  /**
   * Goes through versions of the tables. When these turn out to be wrong underway, those that were told already are
   * left out of what is told anew.
   */
  function* goThrough(
    told: (tables: Tables) => Iterable<Version>,
    anew: () => Iterable<Version>,
    keyOf: (version: Version) => string,
  ): Iterable<Version> {
    const asked = tables();
    asked.hold();
    try {
      let count = 0;
      try {
        for (const version of told(asked)) {
          count++;
          yield version;
        }
        return;
      } catch (error) {
        if (!(error instanceof OutOfDate)) throw error;
      }
      const done = new Set<string>();
      if (count > 0) {
        for (const version of told(asked)) {
          done.add(keyOf(version));
          if (done.size === count) break;
        }
      }
      heal();
      for (const version of anew()) if (!done.has(keyOf(version))) yield version;
    } finally {
      asked.release();
    }
  }

  const versions = (key: PathKey): readonly Version[] => {
    const sealed = tables().versions(key);
    const fresh = inMemory(key);
    if (fresh.length === 0) return sealed;
    if (sealed.length === 0) return [...fresh];
    const ids = new Set(sealed.map(({ id }) => id));
    return inTime([...sealed, ...fresh.filter(({ id }) => !ids.has(id))]);
  };

  const byPath = (): readonly (readonly Version[])[] => {
    const fresh = [...shelvesInMemory()].map(([first]) => versions(first!));
    const told = new Set(fresh.map(([first]) => keyOfVersion(first!)));
    const others = tables().byPath();
    return [...fresh, ...others.filter(([first]) => !told.has(keyOfVersion(first!)))];
  };

  /** The newest of the tables, or of those in memory that they do not have. */
  const newest = (key: PathKey, isWanted: (version: Version) => boolean): Version | undefined => {
    const sealed = tables().latest(key);
    const last = inMemory(key).findLast(
      version => isWanted(version) && (!sealed || version.snapshot === null || !tables().has(version.id)),
    );
    return last && sealed && last.seenAt < sealed.seenAt ? sealed : (last ?? sealed);
  };

  /** The ids that the tables do not have. They are sorted, so that each page of the tables is looked at once. */
  const idsInMemory = (): readonly string[] => [...homes.keys()].sort().filter(id => !tables().has(id));

  const forget = (id: string): void => {
    const shelf = homes.get(id)!;
    read(shelf);
    shelf.versions = shelf.versions.filter(version => version.id !== id);
    homes.delete(id);
  };

  function* paths(): Iterable<Version> {
    const fresh = ask(() => [...shelvesInMemory()].map(([first]) => newest(first!, () => true)!));
    yield* fresh;
    const told = new Set(fresh.map(keyOfVersion));
    const others = (from: Iterable<Version>) => filter(from, version => !told.has(keyOfVersion(version)));
    yield* goThrough(
      tables => others(tables.newest()),
      () => others(paths()),
      keyOfVersion,
    );
  }

  function* all(): Iterable<Version> {
    const fresh = ask(idsInMemory).map(id => withIdInMemory(id)!);
    yield* fresh;
    const told = new Set(fresh.map(({ id }) => id));
    const others = (from: Iterable<Version>) => filter(from, ({ id }) => !told.has(id));
    yield* goThrough(
      tables => tables.all(),
      () => others(all()),
      ({ id }) => id,
    );
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
      if (!isVersionLine(line)) {
        tellOdd(line);
        return;
      }
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
      const note = readNote(line);
      if (!note) tellOdd(line);
      else if (!notes.has(note.id)) notes.set(note.id, note.note);
      return note;
    },
    hasVersion: id => homes.has(id) || ask(() => tables().has(id)),
    get: id => {
      const fresh = withIdInMemory(id);
      return fresh?.snapshot === null ? fresh : (ask(() => tables().get(id)) ?? fresh);
    },
    hasNote: id => notes.has(id),
    versions: key => ask(() => versions(key)),
    latest: key => ask(() => newest(key, () => true)),
    latestSealed: key => ask(() => newest(key, ({ snapshot }) => snapshot !== null)),
    paths,
    byPath: () => ask(byPath),
    all,
    withId: prefix =>
      ask(() => {
        const sealed = tables().withId(prefix);
        const whole = sealed.find(({ id }) => id === prefix) ?? withIdInMemory(prefix);
        if (whole) return [whole];
        const ids = new Set(sealed.map(({ id }) => id));
        const fresh = [...homes.keys()].filter(id => id.startsWith(prefix) && !ids.has(id));
        return [...sealed, ...fresh.map(id => withIdInMemory(id)!)];
      }),
    notes: kind => [...notes.values()].filter(note => note.kind === kind).sort((a, b) => a.at - b.at),
    forgetSealed: () => {
      for (const [root, paths] of shelves) {
        for (const [path, shelf] of paths) {
          // The same version may be there twice, parsed and as the line that came when it was sealed.
          if (shelf.versions.length > 0) read(shelf);
          for (const { id, snapshot } of shelf.versions) if (snapshot !== null) homes.delete(id);
          for (const { line, snapshot } of shelf.unread) if (snapshot !== null) homes.delete(idOfLine(line));
          shelf.versions = shelf.versions.filter(({ snapshot }) => snapshot === null);
          shelf.unread = shelf.unread.filter(({ snapshot }) => snapshot === null);
          if (shelf.versions.length + shelf.unread.length === 0) paths.delete(path);
        }
        if (paths.size === 0) shelves.delete(root);
      }
      const known = new Set(idsInMemory());
      for (const id of [...homes.keys()]) if (!known.has(id)) forget(id);
    },
    clear: () => {
      shelves.clear();
      homes.clear();
      notes.clear();
      odd.length = 0;
    },
    get size() {
      const ids = ask(idsInMemory);
      const fresh = ids.map(id => withIdInMemory(id)!);
      const { count, since } = tables();
      return {
        versions: count + fresh.length,
        since: fresh.reduce<Time | null>((min, { seenAt }) => Math.min(min ?? seenAt, seenAt), since),
        sealed: count + fresh.filter(({ snapshot }) => snapshot !== null).length,
      };
    },
    odd,
  };
}

function comesBefore(a: Version, b: Version): boolean {
  if (a.seenAt !== b.seenAt) return a.seenAt < b.seenAt;
  return a.snapshot !== null && b.snapshot === null;
}

function keyOfVersion({ root, path }: Version): string {
  return `${root}\0${path}`;
}

function idOfLine(line: string): string {
  return line.slice(0, line.indexOf('\t'));
}

function* filter(versions: Iterable<Version>, isWanted: (version: Version) => boolean): Iterable<Version> {
  for (const version of versions) if (isWanted(version)) yield version;
}

function changing(error: Error): UndertextError {
  const hint = 'run `undertext verify` to see what is damaged';
  return new UndertextError('damaged', `the history index changes while it is read: ${error.message}`, hint);
}
