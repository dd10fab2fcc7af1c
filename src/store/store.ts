/**
 * What keeps every version. Promises, in the order in which they are kept:
 *
 * 1. Content first: `record` resolves only after the bytes, and the versions that name them, are durable (fsync).
 *    Until then nobody may announce a version. What was announced survives `kill -9` and a power cut.
 * 2. The store only adds. Two calls remove, and say so: `drop` (retention; what it takes stays in the trash for a while)
 *    and `forget` (a secret that got in). No other changes or removes a version, a content or a note.
 * 3. A head never names what is not durable: pack, then index of the pack, then the folder, then the head.
 * 4. Two processes may write at once: each has its own journal, the head moves by compare-and-swap under a lock that
 *    heals itself when its owner is dead. Nothing is lost and nobody waits longer than a seal.
 * 5. It is a plain bare git repository: stock `git fsck --full` passes at any moment.
 * 6. What is read back is checked: a blob whose bytes do not hash to its name is an error, never an answer.
 */
import type { Gap, Note, Observation, Time, Version } from '../model.ts';

/** What the store keeps of one path. */
export interface PathKey {
  readonly root: string;
  readonly path: string;
}

/** What a restore is about to leave at a path. */
export interface Intent extends PathKey {
  /** Git's name of the content; null when the file is taken away. */
  readonly blob: string | null;
}

/** A process that holds a named post in the store (the watcher). */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When it took the post. */
  readonly since: Time;
  /** What it said about itself. */
  readonly about: unknown;
}

export interface Lease {
  /** Replaces `about`. */
  update(about: unknown): Promise<void>;
  release(): Promise<void>;
}

export interface StoreSize {
  readonly path: string;
  readonly bytes: number;
  readonly versions: number;
  /** Time of the oldest version; null when empty. */
  readonly since: Time | null;
  /** Versions that are in commits; the others are in journals. */
  readonly sealed: number;
}

/** Something `verify` found wrong. */
export interface Damage {
  /** File of the store, or name of the object. */
  readonly where: string;
  readonly what: string;
  /** The versions that cannot be restored because of it. */
  readonly versions: readonly Version[];
}

/** What a removal left behind. */
export interface Dropped {
  readonly versions: number;
  /** When the trash that holds their content may be emptied; null when nothing was dropped. */
  readonly until: Time | null;
}

/** Bytes of the store and of its disk. */
export interface Room {
  readonly bytes: number;
  /** Of `bytes`: held only by the trash. */
  readonly trash: number;
  readonly free: number;
  readonly total: number;
}

/** How long the trash keeps what was dropped, unless the cap forces it: time to notice that too much went. */
export const trashKeptFor: Time = 14 * 86_400_000;

/** What only one living process may hold: the watcher's post, and the right to restore or to prune. */
export type Post = 'watcher' | 'restore';

export interface Verification {
  readonly versions: number;
  /** Objects that have a whole copy. */
  readonly objects: number;
  readonly damage: readonly Damage[];
  /** What a repair could not bring back, and has said then: it is known, and no damage any more. */
  readonly lost: readonly Loss[];
  /** What was read of everything; null when it was all. */
  readonly sampled: (Sample & { readonly objects: number }) | null;
}

/**
 * The file of a version as it stands on the disk now, from its beginning, or the target of its link; null when there is
 * none, or it cannot be read. A repair may ask twice.
 */
export type Refetch = (version: Version) => Promise<AsyncIterable<Uint8Array> | null>;

/** What a repair has done. */
export interface Repair {
  /** What was made anew, in words. */
  readonly rebuilt: readonly string[];
  /** Versions that are whole again because their content still stood elsewhere. */
  readonly fetched: readonly Version[];
  /** Files of the store that are in its `quarantine` now. */
  readonly setAside: readonly string[];
  /** Versions that cannot be restored; those that an earlier repair has told are not told again. */
  readonly lost: readonly Version[];
}

/** Versions that a repair could not bring back. They stay in the history. */
export interface Loss {
  readonly at: Time;
  readonly versions: readonly Version[];
}

/** A share of the objects, between 0 and 1; the same seed reads the same ones. */
export interface Sample {
  readonly share: number;
  readonly seed: number;
}

/** What a content that grew has in common with one that was kept before: the first `bytes` bytes of `blob`. */
export interface Beginning {
  readonly blob: string;
  /** A multiple of `segmentBytes`, and more than none. */
  readonly bytes: number;
}

/** Content above this is kept as segments when it comes as a stream; up to it, as a blob. */
export const keptWhole = 128 * 1024;
/** Bytes of one segment: where a beginning may end. */
export const segmentBytes = 64 * 1024;

export interface Store {
  /** Where it lies; a word in brackets for a store in memory. */
  readonly path: string;

  /**
   * Makes the observations durable, in their order, and gives each its version. Calls that overlap share one fsync.
   * @throws UndertextError `disk` when the disk refuses; then none of them was announced.
   */
  record(observations: readonly Observation[]): Promise<readonly Version[]>;

  /**
   * Keeps content that is too big to be held in memory, or that grows by a little, and names it; `record` then takes
   * that name. With a beginning, the stream is only what stands behind it, and only that is read and kept.
   * @throws UndertextError `moved` when there are not exactly `size` bytes; `not-found` when the beginning is not kept
   */
  keep(content: AsyncIterable<Uint8Array>, size: number, beginning?: Beginning): Promise<string>;

  /**
   * False when the store was deleted, or another stands in its place, since it was opened for writing. From then on
   * everything that writes throws `disk`, and what was announced before is not to be found here any more.
   */
  isThere(): boolean;

  /** Exact bytes of a content: of a blob, or of all segments of a log. @throws UndertextError `damaged` or `not-found` */
  read(blob: string): Promise<Uint8Array>;

  /** The same piece by piece, for what may be too big to be held. */
  pieces(blob: string): AsyncIterable<Uint8Array>;

  /** The versions of a path, oldest first (by `seenAt`); empty when it was never seen. */
  versions(key: PathKey): readonly Version[];

  /** Newest version of a path, by `seenAt`. */
  latest(key: PathKey): Version | undefined;

  /** Every path ever seen, with its newest version. */
  paths(): Iterable<Version>;

  /** Every path ever seen with all its versions as `versions` gives them, in the order of `paths`. */
  byPath(): readonly (readonly Version[])[];

  /** Versions whose id starts with `prefix`. */
  withId(prefix: string): readonly Version[];

  /** Adds notes, durably. */
  note(notes: readonly Note[]): Promise<void>;

  /** All notes of a kind, oldest first. */
  notes(kind: Note['kind']): readonly Note[];

  /** Takes in what other processes have added since. Cheap when there is nothing. */
  refresh(): Promise<void>;

  /** Turns the journals of this process, and of dead ones, into packs and commits. */
  seal(): Promise<void>;

  /** Takes a post that only one living process may hold; the holder when it is taken. */
  claim(post: Post, about: unknown): Promise<Lease | Holder>;

  /** Who holds a post now; null when nobody living does. */
  holder(post: Post): Promise<Holder | null>;

  size(): Promise<StoreSize>;

  /**
   * Takes versions out of the history, for good once the trash is emptied: their month is written anew without them.
   * What other versions share stays.
   */
  drop(versions: ReadonlySet<string>, onProgress?: (done: number, of: number) => void): Promise<Dropped>;

  /**
   * Removes what was dropped before `before` and packs what is left. Never called in the same run that dropped, unless
   * the cap forces it. Gives the bytes freed.
   */
  emptyTrash(before: Time, onProgress?: (done: number, of: number) => void): Promise<number>;

  /**
   * Removes the content of versions at once and for good: they stay in the history without it, as secrets do. Notes that
   * tell of it are changed by `redoNote`. Gives the bytes freed.
   * @throws UndertextError `busy` when another process has it in its journal still; `damaged` when not all could go
   */
  forget(versions: readonly Version[], redoNote: (note: Note) => Note): Promise<number>;

  /** True when the content named `whole` begins with all of the content named `part`. Cheap for what is kept as segments. */
  startsWith(whole: string, part: string): Promise<boolean>;

  room(): Promise<Room>;

  /**
   * Reads everything back, or a sample of the objects and all that is small. `onProgress` hears how many of how many
   * objects are done. Damage is an answer, never an error.
   */
  verify(onProgress?: (done: number, of: number) => void, sample?: Sample): Promise<Verification>;

  /**
   * Brings back what can be had of what is damaged, out of other copies and with `refetch`, and sets the rest aside; what
   * is lost stays in the history, and a note says so. When it was interrupted, the next one finishes it.
   * @throws UndertextError `busy` when another process seals
   */
  repair(refetch: Refetch, onProgress?: (done: number, of: number) => void): Promise<Repair>;

  /** What the store had to mend or to leave when it was opened: torn tails, healed locks, sealed journals of the dead. */
  readonly repairs: readonly string[];

  /** Seals, and lets go of everything. Idempotent. */
  close(): Promise<void>;
}

/** True for the answer of `claim` that says somebody else has it. */
export function isHolder(answer: Lease | Holder): answer is Holder {
  return 'pid' in answer;
}

/** Gaps are notes; this reads them back. A later note of the same `from`, `why` and place ends an open one. */
export function gapsOf(notes: readonly Note[]): readonly Gap[] {
  const gaps = new Map<string, Gap>();
  for (const note of notes) {
    if (note.kind !== 'gap') continue;
    const gap = note.data as Gap;
    // A store that somebody else made may say anything.
    if (!Array.isArray(gap?.paths) || !Number.isFinite(gap.from)) continue;
    gaps.set(`${gap.from}|${gap.why}|${gap.root}|${gap.paths.join('|')}`, gap);
  }
  return [...gaps.values()];
}
