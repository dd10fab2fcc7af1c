/**
 * Events in, observations out. Every path that is spoken of is read at once, in the handler itself, and again when it
 * has been quiet, because the first read can be torn or already old. Three surprises decide the details:
 *
 * - Nobody tells when a writer closes a file, so a read at once may hold half of a write. It is held for a moment
 *   (2 ms): if the file still stands as it was read, it is taken for whole; if more was appended, it was not.
 * - A file that is replaced is gone for an instant, so a deletion counts only when it still holds at the quiet time.
 * - A long log grows by a line every few moments, and each of them would be a version. Files of class `log` above 128 KB
 *   are read (only their tail, tails.ts) when they are quiet (2 s), and every 30 s while they are not.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { FileClass, Root, Time } from '../model.ts';
import { diskPath } from '../names.ts';
import type { Store } from '../store/store.ts';
import { inOneGo, lookAtBig } from './big-file.ts';
import { type Disk, gone, type Look, look, realDisk, type Sight, stampOf } from './read.ts';
import { keyOf, type Recorder } from './recorder.ts';
import { Delay, type Timing, wasWhole } from './settle.ts';
import type { Tails } from './tails.ts';

/** Bytes that may wait for the store; above, reading waits, and versions in between may be missed. */
const waitAbove = 256 * 1024 * 1024;
/** A file whose mtime is younger than this has an event on its way (milliseconds). */
const justNow = 20;
/** Big files that are read at the same time. */
const lanes = 2;

export interface CaptureDeps {
  readonly classify: (root: Root, path: string) => FileClass;
  readonly recorder: Recorder;
  readonly store: Pick<Store, 'keep' | 'paths'>;
  readonly tails: Tails;
  /** The time of day, for what is recorded. */
  readonly now: () => Time;
  /** Milliseconds that no setting of a clock changes, for what is waited for. */
  readonly elapsed: () => number;
  readonly timing: Timing;
  readonly disk?: Disk;
  /** False while the folder of a root is away: then nothing in it counts as deleted. */
  isRootThere(root: Root): boolean;
  unreadable(root: Root, path: string, why: string): void;
  readable(root: Root, path: string): void;
  /** True: so much waits for the store that reading waits too. */
  crowded(isCrowded: boolean): void;
  /** The store refused to keep a big file. */
  refused(error: unknown): void;
  /** Everything that was spoken of has been read and handed over. */
  quiet(): void;
}

interface Spot {
  readonly root: Root;
  readonly path: string;
}

export class Capture {
  readonly #deps: CaptureDeps;
  readonly #disk: Disk;
  /** Every path something waits for. */
  readonly #spots = new Map<string, Spot>();
  readonly #quiet: Delay<string>;
  readonly #busy: Delay<string>;
  readonly #logQuiet: Delay<string>;
  readonly #logBusy: Delay<string>;
  readonly #holds: Delay<string>;
  readonly #held = new Map<string, Sight>();
  /** When a path was first found gone. */
  readonly #goneSince = new Map<string, Time>();
  readonly #goneFolders = new Map<string, Spot>();
  readonly #goneQuiet: Delay<'folders'>;
  readonly #bigWaiting = new Set<string>();
  readonly #bigRunning = new Map<string, Promise<void>>();
  readonly #bigStamps = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;
  #timerDue = Number.POSITIVE_INFINITY;
  #isCrowded = false;
  /** Events so far. */
  #heard = 0;
  #isActive = false;
  readonly #abort = new AbortController();

  constructor(deps: CaptureDeps) {
    const { quiet, atMost, logQuiet, logAtMost, hold } = deps.timing;
    this.#deps = deps;
    this.#disk = deps.disk ?? realDisk;
    this.#quiet = new Delay(quiet, true);
    this.#busy = new Delay(atMost, false);
    this.#logQuiet = new Delay(logQuiet, true);
    this.#logBusy = new Delay(logAtMost, false);
    this.#holds = new Delay(hold, false);
    this.#goneQuiet = new Delay(quiet, true);
  }

  /** Something may have happened to a path: look now, and again when it is quiet. */
  touched(root: Root, path: string): void {
    const fileClass = this.#deps.classify(root, path);
    if (fileClass === 'noise') return;
    this.#heard++;
    const key = keyOf(root.name, path);
    const now = this.#deps.elapsed();
    if (!this.#spots.has(key)) this.#spots.set(key, { root, path });
    this.#isActive = true;
    this.#quiet.put(key, now);
    this.#busy.put(key, now);
    if (!this.#mustWait()) this.#lookAtOnce(key, { root, path }, fileClass);
    this.#arm();
  }

  /** A folder went away; which files it took with it is known once it is quiet. */
  folderGone(root: Root, path: string): void {
    this.#goneFolders.set(keyOf(root.name, path), { root, path });
    this.#goneQuiet.put('folders', this.#deps.elapsed());
    this.#isActive = true;
    this.#arm();
  }

  /** True while anything is being looked at. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** True while a path is being looked at; a scan leaves it alone. */
  isBusy(root: Root, path: string): boolean {
    return this.#spots.has(keyOf(root.name, path));
  }

  /** Looks at everything that waits, without waiting for quiet, and resolves when all of it is handed over. */
  async drain(): Promise<void> {
    this.#findGoneFiles();
    const keys = new Set([...this.#quiet.take(), ...this.#logQuiet.take()]);
    this.#busy.take();
    this.#logBusy.take();
    for (const key of keys) this.#lookWhenQuiet(key, true);
    for (const key of this.#holds.take()) this.#endHold(key);
    while (this.#bigRunning.size > 0) await Promise.all(this.#bigRunning.values());
  }

  close(): void {
    this.#abort.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #lookAtOnce(key: string, spot: Spot, fileClass: FileClass): void {
    const seen = this.#look(spot, fileClass);
    if (seen.kind === 'gone') {
      this.#letGo(key, null);
      if (!this.#goneSince.has(key)) this.#goneSince.set(key, seen.observation.at);
    } else if (seen.kind === 'seen') {
      this.#goneSince.delete(key);
      this.#hold(key, seen);
    } else if (seen.kind === 'big') {
      this.#letGo(key, null);
      if (fileClass === 'log') this.#waitForLog(key);
      else this.#readBig(key);
    }
  }

  #lookWhenQuiet(key: string, isDraining = false): void {
    const spot = this.#spots.get(key);
    if (spot === undefined) return;
    const { classify, recorder } = this.#deps;
    const fileClass = classify(spot.root, spot.path);
    const seen = this.#look(spot, fileClass);
    if (!isDraining && wasJustWritten(seen, this.#deps.timing.atMost)) {
      // Its event is still on the way.
      this.#lookAtOnce(key, spot, fileClass);
      this.#quiet.put(key, this.#deps.elapsed());
      return;
    }
    const content =
      seen.kind === 'seen' && seen.observation.content instanceof Uint8Array ? seen.observation.content : null;
    if (seen.kind === 'seen' && this.#held.get(key)?.blob === seen.blob) this.#release(key, true);
    this.#letGo(key, content);
    if (seen.kind === 'seen') {
      if (recorder.isNews(seen.observation, seen.blob)) recorder.submit(seen.observation, seen.blob);
    } else if (seen.kind === 'big') this.#readBig(key);
    else if (seen.kind !== 'unreadable') this.#recordGone(spot, key);
    this.#goneSince.delete(key);
    this.#done(key);
  }

  #look({ root, path }: Spot, fileClass: FileClass): Look {
    const { now, readable, unreadable } = this.#deps;
    const seen = look(root, path, 'event', { class: fileClass, now, disk: this.#disk, limit: inOneGo(fileClass) });
    if (seen.kind === 'unreadable') unreadable(root, path, seen.why);
    else readable(root, path);
    return seen;
  }

  /** Keeps what was read at once back for a moment; what came before it is judged by it. */
  #hold(key: string, seen: Sight): void {
    const { recorder } = this.#deps;
    const before = this.#held.get(key);
    if (before?.blob === seen.blob && before.observation.mode === seen.observation.mode) return;
    this.#letGo(key, contentOf(seen));
    if (!recorder.isNews(seen.observation, seen.blob)) return;
    if (seen.observation.kind !== 'file') {
      recorder.submit(seen.observation, seen.blob);
      return;
    }
    this.#held.set(key, seen);
    this.#holds.put(key, this.#deps.elapsed());
  }

  /** What was held is followed by something else: hand it over, whole or not. */
  #letGo(key: string, next: Uint8Array | null): void {
    const seen = this.#held.get(key);
    if (seen === undefined) return;
    const content = contentOf(seen);
    // A file that was empty for less than the holding time was being written.
    if (content.length === 0 && next !== null) this.#release(key, null);
    else {
      const { root, path } = seen.observation;
      this.#release(key, wasWhole(content, next, this.#deps.recorder.newest(root, path)?.size ?? null));
    }
  }

  /** The holding time is over: what still stands there is whole, unless it is empty (that is known at the quiet time). */
  #endHold(key: string): void {
    const seen = this.#held.get(key);
    const spot = this.#spots.get(key);
    if (seen === undefined || spot === undefined) return;
    if (this.#stamp(spot) === seen.stamp) {
      this.#release(key, seen.observation.size > 0);
      return;
    }
    this.#lookAtOnce(key, spot, this.#deps.classify(spot.root, spot.path));
    if (this.#held.get(key) === seen) this.#release(key, false);
  }

  #release(key: string, isWhole: boolean | null): void {
    const seen = this.#held.get(key);
    this.#held.delete(key);
    this.#holds.remove(key);
    if (seen === undefined || isWhole === null) return;
    const observation = { ...seen.observation, settled: seen.observation.settled && isWhole };
    if (this.#deps.recorder.isNews(observation, seen.blob)) this.#deps.recorder.submit(observation, seen.blob);
  }

  #stamp({ root, path }: Spot): string | null {
    try {
      const stats = this.#disk.lstat(diskPath(root, path));
      return stats === undefined ? null : stampOf(stats);
    } catch {
      return null;
    }
  }

  #recordGone({ root, path }: Spot, key: string): void {
    const { recorder, now, isRootThere } = this.#deps;
    const known = recorder.newest(root.name, path);
    if (known === undefined || known.kind === 'gone' || !isRootThere(root)) return;
    const seen = gone(root, path, 'event', now());
    recorder.submit({ ...seen.observation, at: this.#goneSince.get(key) ?? seen.observation.at }, null);
  }

  #waitForLog(key: string): void {
    const now = this.#deps.elapsed();
    this.#quiet.remove(key);
    this.#busy.remove(key);
    this.#logQuiet.put(key, now);
    this.#logBusy.put(key, now);
  }

  /** Reads a big file beside the events; one that is spoken of meanwhile is looked at again when it is quiet. */
  #readBig(key: string): void {
    this.#bigWaiting.add(key);
    for (const next of this.#bigWaiting) {
      if (this.#bigRunning.size >= lanes) return;
      if (this.#bigRunning.has(next)) continue;
      this.#bigWaiting.delete(next);
      const spot = this.#spots.get(next);
      if (spot === undefined || this.#stamp(spot) === this.#bigStamps.get(next)) continue;
      const running = this.#lookAtBig(next, spot)
        .catch(error => this.#deps.refused(error))
        .finally(() => {
          this.#bigRunning.delete(next);
          if (this.#bigWaiting.has(next)) this.#readBig(next);
          for (const waiting of this.#bigWaiting) this.#readBig(waiting);
          this.#done(next);
          this.#arm();
        });
      this.#bigRunning.set(next, running);
    }
  }

  async #lookAtBig(key: string, { root, path }: Spot): Promise<void> {
    const { now, elapsed, store, tails, recorder, unreadable, classify } = this.#deps;
    const deps = { class: classify(root, path), tails, now, store, signal: this.#abort.signal };
    const seen = await lookAtBig(root, path, 'event', deps);
    if (seen?.kind === 'unreadable') unreadable(root, path, seen.why);
    if (seen?.kind === 'seen') {
      this.#bigStamps.set(key, seen.stamp);
      if (recorder.isNews(seen.observation, seen.blob)) recorder.submit(seen.observation, seen.blob);
    }
    if (seen === null || (seen.kind === 'seen' && !seen.observation.settled)) this.#quiet.put(key, elapsed());
  }

  #findGoneFiles(): void {
    if (this.#goneFolders.size === 0) return;
    const folders = new Map(this.#goneFolders);
    this.#goneFolders.clear();
    for (const version of this.#deps.store.paths()) {
      if (version.kind === 'gone') continue;
      const root = rootAbove(version.root, version.path, folders);
      if (root !== null && !this.#spots.has(keyOf(version.root, version.path))) this.touched(root, version.path);
    }
  }

  #mustWait(): boolean {
    const { recorder, crowded } = this.#deps;
    const isCrowded = recorder.bytes > (this.#isCrowded ? waitAbove / 2 : waitAbove);
    if (isCrowded !== this.#isCrowded) crowded(isCrowded);
    this.#isCrowded = isCrowded;
    return isCrowded;
  }

  /** One timer for everything that waits. */
  #arm(): void {
    if (this.#abort.signal.aborted) return;
    let due = Number.POSITIVE_INFINITY;
    for (const delay of [this.#holds, this.#quiet, this.#busy, this.#logQuiet, this.#logBusy, this.#goneQuiet]) {
      due = Math.min(due, delay.next() ?? due);
    }
    if (this.#timer !== null) {
      if (this.#timerDue <= due) return;
      clearTimeout(this.#timer);
    }
    this.#timer = null;
    if (due === Number.POSITIVE_INFINITY) {
      this.#tellQuiet();
      return;
    }
    this.#timerDue = due;
    this.#timer = setTimeout(() => void this.#afterEvents(), Math.min(60_000, Math.max(1, due - this.#deps.elapsed())));
  }

  /** Timers come before events in a turn of the loop; what has already happened must be heard before it counts as quiet. */
  async #afterEvents(): Promise<void> {
    let isCalm = false;
    for (let turns = 0; turns < 3 && !isCalm; turns++) {
      const before = this.#heard;
      await turn();
      isCalm = this.#heard === before;
    }
    if (!this.#abort.signal.aborted) this.#onTimer(isCalm);
  }

  #onTimer(isCalm: boolean): void {
    this.#timer = null;
    const now = this.#deps.elapsed();
    for (const key of this.#holds.take(now)) this.#endHold(key);
    if (this.#mustWait()) {
      // What came due meanwhile stays where it is; ask again in a moment.
      this.#timerDue = now + 50;
      this.#timer = setTimeout(() => void this.#afterEvents(), 50);
      return;
    }
    for (const key of this.#quiet.take(now)) {
      if (!isCalm) {
        this.#quiet.put(key, now);
        continue;
      }
      this.#busy.remove(key);
      this.#lookWhenQuiet(key);
    }
    for (const key of this.#logQuiet.take(now)) {
      this.#logBusy.remove(key);
      this.#lookWhenQuiet(key);
    }
    for (const key of this.#busy.take(now)) {
      const spot = this.#spots.get(key);
      if (spot !== undefined) this.#lookAtOnce(key, spot, this.#deps.classify(spot.root, spot.path));
    }
    for (const key of this.#logBusy.take(now)) this.#readBig(key);
    if (this.#goneQuiet.take(now).length > 0) this.#findGoneFiles();
    this.#arm();
  }

  #done(key: string): void {
    const isWaiting = this.#quiet.has(key) || this.#logQuiet.has(key) || this.#held.has(key);
    if (!isWaiting && !this.#bigWaiting.has(key) && !this.#bigRunning.has(key)) this.#spots.delete(key);
  }

  #tellQuiet(): void {
    if (!this.#isActive || this.#spots.size > 0 || this.#bigRunning.size > 0) return;
    this.#isActive = false;
    this.#deps.quiet();
  }
}

function contentOf({ observation }: Sight): Uint8Array {
  return observation.content instanceof Uint8Array ? observation.content : new Uint8Array();
}

/** True for a file whose mtime says that it is being written: an empty one may wait for its content for a while. */
function wasJustWritten(seen: Look, emptyFor: number): boolean {
  if (seen.kind !== 'seen' || seen.observation.kind !== 'file' || seen.observation.mtime === null) return false;
  // Both by the system's clock, as the file system has it; `seenAt` may be ahead of that when the clock was set back.
  const age = Date.now() - seen.observation.mtime;
  return age >= 0 && age < (seen.observation.size === 0 ? emptyFor : justNow);
}

/** The root of a path that lies below one of the folders. */
function rootAbove(root: string, path: string, folders: ReadonlyMap<string, Spot>): Root | null {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const folder = folders.get(keyOf(root, path.slice(0, slash)));
    if (folder !== undefined) return folder.root;
  }
  return null;
}
