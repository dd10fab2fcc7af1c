/**
 * The way into the store: whoever reads hands over at once and never waits for the disk; what was handed over is
 * recorded in groups, in its order, and announced only once it is durable.
 */
import type { Note, Observation, Root, Version } from '../model.ts';
import type { Store } from '../store/store.ts';

/** What must be known of the newest version of a path to tell whether a look found anything new. */
export interface Newest {
  readonly kind: Version['kind'];
  readonly blob: string | null;
  readonly size: number;
  readonly mode: number;
  readonly mtime: number | null;
  readonly seenAt: number;
  readonly settled: boolean;
}

export interface RecorderDeps {
  readonly store: Pick<Store, 'record' | 'note' | 'latest'>;
  /** Hears of versions once they are durable. */
  onVersions(versions: readonly Version[]): void;
  /** Waits while there is more to read, as reading goes before recording; true when there still is. */
  pause?(waiting: number): Promise<boolean>;
  /** Hears that the store refused; what was in that group is dropped and must be found again by a scan. */
  onRefused(error: unknown): void;
}

/** One group is at most this big, so that an fsync is never far away. */
const groupBytes = 16 * 1024 * 1024;
const groupLength = 256;
/** While there is more to read, a group takes no longer than a few files do. */
const busyGroupLength = 32;

interface Waiting {
  readonly observation: Observation;
  readonly blob: string | null;
  readonly key: string;
}

export const keyOf = (root: string, path: string) => `${root}\0${path}`;

export class Recorder {
  readonly #deps: RecorderDeps;
  #waiting: Waiting[] = [];
  #notes: Note[] = [];
  /** Notes the store refused; they go with the next that it takes. */
  #refused: readonly Note[] = [];
  /** Newest observation of each path that is not in the store yet. */
  readonly #newest = new Map<string, Newest>();
  #bytes = 0;
  #running: Promise<void> | null = null;
  #wakeWhenRoom: (() => void)[] = [];

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
  }

  /** Bytes that were read and are not durable yet. */
  get bytes(): number {
    return this.#bytes;
  }

  get isIdle(): boolean {
    return this.#running === null;
  }

  newest(root: string, path: string): Newest | undefined {
    return this.#newest.get(keyOf(root, path)) ?? this.#deps.store.latest({ root, path });
  }

  /** True unless this is what the newest version of the path already says. A settled look at an unsettled one is news. */
  isNews(observation: Observation, blob: string | null): boolean {
    const known = this.newest(observation.root, observation.path);
    if (known === undefined) return observation.kind !== 'gone';
    return (
      known.kind !== observation.kind ||
      known.blob !== blob ||
      known.mode !== observation.mode ||
      known.size !== observation.size ||
      (observation.settled && !known.settled)
    );
  }

  submit(seen: Observation, blob: string | null): void {
    const key = keyOf(seen.root, seen.path);
    const observation = afterKnown(seen, this.newest(seen.root, seen.path));
    const { kind, size, mode, mtime, seenAt, settled } = observation;
    this.#newest.set(key, { kind, blob, size, mode, mtime, seenAt, settled });
    this.#waiting.push({ observation, blob, key });
    this.#bytes += weight(observation);
    this.#start();
  }

  /** Keeps a note, after everything that was handed over before it. */
  note(note: Note): void {
    this.#notes.push(note);
    this.#start();
  }

  /** Resolves when everything handed over so far is durable (or was refused). */
  async flush(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Resolves when fewer than `bytes` wait. */
  async room(bytes: number): Promise<void> {
    while (this.#bytes > bytes) await new Promise<void>(resolve => this.#wakeWhenRoom.push(resolve));
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#waiting.length > 0 || this.#notes.length > 0) this.#start();
    });
  }

  async #run(): Promise<void> {
    // What comes in the same turn of the loop goes into the same group.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const isBusy = (await this.#deps.pause?.(this.#waiting.length)) ?? false;
      // All that waited so long goes now, or a writer that never rests would leave more and more behind.
      for (let left = this.#waiting.length; left > 0; ) {
        const group = this.#takeGroup(isBusy ? busyGroupLength : groupLength);
        left -= group.length;
        await this.#recordGroup(group);
      }
    }
    if (this.#notes.length === 0) return;
    const notes = [...this.#refused, ...this.#notes];
    this.#notes = [];
    this.#refused = [];
    try {
      await this.#deps.store.note(notes);
    } catch (error) {
      this.#refused = notes;
      this.#deps.onRefused(error);
    }
  }

  async #recordGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const versions = await this.#deps.store.record(group.map(({ observation }) => observation));
      this.#forget(group);
      this.#deps.onVersions(versions);
    } catch (error) {
      this.#forget(group);
      this.#deps.onRefused(error);
    }
  }

  #takeGroup(most: number): readonly Waiting[] {
    let bytes = 0;
    let length = 0;
    for (const { observation } of this.#waiting) {
      bytes += weight(observation);
      if (length > 0 && (bytes > groupBytes || length >= most)) break;
      length++;
    }
    return this.#waiting.splice(0, length);
  }

  #forget(group: readonly Waiting[]): void {
    for (const { key, observation } of group) {
      this.#bytes -= weight(observation);
      if (this.#newest.get(key)?.seenAt === observation.seenAt) this.#newest.delete(key);
    }
    const wake = this.#wakeWhenRoom;
    this.#wakeWhenRoom = [];
    for (const resolve of wake) resolve();
  }
}

/** The bytes an observation keeps in memory. */
function weight({ content, path }: Observation): number {
  return (content instanceof Uint8Array ? content.length : 0) + path.length + 1_000;
}

/**
 * The same with times behind the newest version's: the clock was set back since that was recorded, and the order of
 * versions is the order of their times.
 */
function afterKnown(observation: Observation, known: Newest | undefined): Observation {
  if (known === undefined || observation.seenAt > known.seenAt) return observation;
  const seenAt = known.seenAt + 0.001;
  return { ...observation, at: seenAt, seenAt };
}

/** When a content that a scan found came to stand there: its mtime, where that is possible at all. */
export function scanTime(observation: Observation, known: Newest | undefined): Observation {
  const { mtime, seenAt } = observation;
  if (mtime === null || mtime > seenAt) return observation;
  return known === undefined || mtime >= known.seenAt ? { ...observation, at: mtime } : observation;
}

/** The name of a root and a path, for messages. */
export function placeName(root: Root, path: string): string {
  return path === '' ? root.path : `${root.path}/${path}`;
}
