/**
 * The watcher: events into versions, and the scans that find what no event told. What it cannot see it says: a gap is
 * kept in the store for every time and place nobody watched.
 */
import { type watch as fsWatch, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { UndertextError } from '../errors.ts';
import type { Classify } from '../home/classes.ts';
import type { FileClass, Gap, Root, Time, Version } from '../model.ts';
import type { Store } from '../store/store.ts';
import { logsAreKept, logsAreLeftOut, withoutLogs } from './at-cap.ts';
import { Capture } from './capture.ts';
import { ChokidarSource } from './chokidar-source.ts';
import { Cookies } from './cookies.ts';
import type { EventSource, Listener, SourceOptions } from './events.ts';
import { Gaps } from './gaps.ts';
import { NativeSource } from './native-source.ts';
import type { Disk } from './read.ts';
import { placeName, Recorder } from './recorder.ts';
import { RecursiveSource } from './recursive-source.ts';
import { storeInside, sweep } from './scan.ts';
import { type Timing, usualTiming } from './settle.ts';
import { Tails } from './tails.ts';
import { nobodyWatches, watcherBegins } from './unwatched.ts';

export type WatchEvent =
  | { type: 'ready'; files: number; folders: number; source: 'native' | 'polling' }
  | { type: 'version'; version: Version }
  | { type: 'gap'; gap: Gap }
  | { type: 'warning'; code: string; message: string; hint: string }
  | { type: 'progress'; done: number; of: number | null }
  /** Nothing is pending: a good moment to look. */
  | { type: 'quiet' };

export interface Watch {
  /** The watches stand and the first scan is durable. Rejects when a root is a file. */
  readonly ready: Promise<void>;
  /** True: the store is at its cap, and logs are left out until this is called with false. A gap tells since when. */
  leaveLogsOut(isAtCap: boolean): void;
  /** Resolves when everything captured is durable. Idempotent. */
  stop(): Promise<void>;
}

/** Milliseconds. */
export interface WatchTiming extends Timing {
  /** How often a root that is missing is asked for, and one that is there is asked whether it still is. */
  readonly rootPoll: number;
  /** A cookie this often while there is activity … */
  readonly cookieEvery: number;
  /** … and it must come within this time. */
  readonly cookiePatience: number;
  /** A jump of the clock by more than this between two looks at it means that we slept. */
  readonly asleepAfter: number;
  readonly rescanEvery: number;
  /** While events keep coming, what was read waits this long at most before it is recorded. */
  readonly recordWithin: number;
  /** How soon a store that refused is tried again. */
  readonly retryStore: number;
}

export interface WatchOptions {
  readonly roots: readonly Root[];
  readonly classify: Classify;
  readonly store: Store;
  /** The time of day. */
  readonly now: () => Time;
  /** Milliseconds since any fixed moment, which no setting of a clock changes: all waiting is measured with it. */
  readonly elapsed?: () => number;
  readonly platform: string;
  readonly polling?: boolean;
  /** The store is at its cap, and logs are left out from the beginning. */
  readonly isAtCap?: boolean;
  readonly signal?: AbortSignal;
  /** What names this process in its folder for cookies. */
  readonly owner?: string;
  readonly timing?: Partial<WatchTiming>;
  /** Replaced by tests: calls that are refused, watches that run out. */
  readonly disk?: Disk;
  readonly fsWatch?: typeof fsWatch;
  on(event: WatchEvent): void;
}

const usual: WatchTiming = {
  ...usualTiming,
  rootPoll: 1_000,
  cookieEvery: 5_000,
  cookiePatience: 1_000,
  asleepAfter: 60_000,
  rescanEvery: 3_600_000,
  recordWithin: 500,
  retryStore: 5_000,
};

/** So many events in a window of time, or versions that wait to be recorded, are a burst. */
const burst = 16;
const burstWindow = 50;

/** Begins to watch. Everything it has to say goes to `on`, in order; a version only once it is durable. */
export function startWatch(options: WatchOptions): Watch {
  const watcher = new Watcher(options);
  const ready = watcher.start();
  ready.catch(() => {});
  const stop = () => watcher.stop();
  options.signal?.addEventListener('abort', () => void stop(), { once: true });
  return { ready, stop, leaveLogsOut: isAtCap => watcher.leaveLogsOut(isAtCap) };
}

/** The same few paths are spoken of again and again, and each is asked for several times per event. */
function remembered(classify: Classify): Classify {
  const known = new Map<string, FileClass>();
  return (root, path) => {
    const key = `${root.name}\0${path}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= 2_000) known.clear();
    const found = classify(root, path);
    known.set(key, found);
    return found;
  };
}

class Watcher {
  readonly #options: WatchOptions;
  readonly #timing: WatchTiming;
  readonly #recorder: Recorder;
  readonly #capture: Capture;
  readonly #gaps: Gaps;
  readonly #source: EventSource;
  readonly #polled: ChokidarSource;
  readonly #tails = new Tails();
  readonly #cookies: Cookies | null;
  readonly #abort = new AbortController();
  readonly #ours = new Map<string, string | null>();
  /** What each root's folder was when its watches were set; null while it is missing. */
  readonly #identity = new Map<Root, string | null>();
  readonly #refusedFolders = new Map<Root, Set<string>>();
  readonly #maxQueued: number;
  #isAtCap = false;
  #tick: NodeJS.Timeout | null = null;
  readonly #elapsed: () => number;
  /** The time of day and the elapsed time of the last tick. */
  #lastTick: { readonly now: Time; readonly elapsed: number };
  // In elapsed time:
  #lastScan: number;
  #lastCookie: number;
  #lastEvent = Number.NEGATIVE_INFINITY;
  #eventsThisTurn = 0;
  /** Events of this window of time and of the one before. */
  #lately: [number, number] = [0, 0];
  #windowSince = Number.NEGATIVE_INFINITY;
  #scanning: Promise<void> | null = null;
  #scanAgain: Set<Root> = new Set();
  #retry: NodeJS.Timeout | null = null;
  #hasRefused = false;
  #isReady = false;
  #counted = { files: 0, folders: 0 };
  #stopping: Promise<void> | null = null;

  constructor(given: WatchOptions) {
    const classify = remembered(given.classify);
    const options = { ...given, classify: withoutLogs(classify, () => this.#isAtCap) };
    const { store, now, on } = options;
    this.#options = options;
    this.#isAtCap = given.isAtCap ?? false;
    this.#timing = { ...usual, ...options.timing };
    this.#elapsed = given.elapsed ?? (() => performance.now());
    const elapsed = this.#elapsed();
    this.#lastTick = { now: now(), elapsed };
    this.#lastScan = this.#lastCookie = elapsed;
    this.#maxQueued = options.platform === 'linux' ? maxQueuedEvents() : Number.POSITIVE_INFINITY;
    this.#recorder = new Recorder({
      store,
      onVersions: versions => {
        for (const version of versions) on({ type: 'version', version });
      },
      onRefused: error => this.#storeRefused(error),
      pause: waiting => this.#whileEventsCome(waiting),
    });
    this.#gaps = new Gaps({ now, note: note => this.#recorder.note(note), tell: gap => on({ type: 'gap', gap }) });
    this.#capture = new Capture({
      classify: options.classify,
      recorder: this.#recorder,
      store,
      tails: this.#tails,
      now,
      elapsed: this.#elapsed,
      timing: this.#timing,
      ...(options.disk ? { disk: options.disk } : {}),
      isRootThere: root => this.#identity.get(root) !== null && identityOf(root) !== null,
      unreadable: (root, path, why) => this.#unreadable(root, path, why),
      readable: (root, path) => this.#gaps.close(unreadableKey(root, path)),
      crowded: isCrowded => this.#crowded(isCrowded),
      refused: error => this.#storeRefused(error),
      quiet: () => void this.#quiet(),
    });
    const sourceOptions: SourceOptions = {
      listener: this.#listener(),
      enters: (root, path) => this.#enters(root, path),
      isNoise: (root, path) => classify(root, path) === 'noise',
      quiet: this.#timing.quiet,
      ...(options.disk ? { disk: options.disk } : {}),
      ...(options.fsWatch ? { watch: options.fsWatch } : {}),
    };
    this.#polled = new ChokidarSource(sourceOptions);
    this.#source = options.polling
      ? this.#polled
      : options.platform === 'linux'
        ? new NativeSource(sourceOptions)
        : new RecursiveSource(sourceOptions);
    this.#cookies = options.platform === 'linux' && !options.polling ? this.#startCookies() : null;
  }

  async start(): Promise<void> {
    const { roots, on, now } = this.#options;
    this.#refuseFiles();
    const unwatched = watcherBegins(this.#options.store, now());
    for (const root of roots) this.#noteIdentity(root);
    this.#tick = setInterval(() => this.#onTick(), Math.min(this.#timing.rootPoll, this.#timing.asleepAfter / 4));
    await this.#source.start(roots.filter(root => this.#identity.get(root) !== null));
    for (const root of roots) if (this.#identity.get(root) === null) this.#sayMissing(root);
    if (unwatched) this.#gaps.add({ ...unwatched, to: now() });
    this.leaveLogsOut(this.#isAtCap);
    await this.#scan(roots);
    await this.#recorder.flush();
    if (this.#abort.signal.aborted) return;
    this.#isReady = true;
    const { files, folders } = this.#counted;
    on({ type: 'ready', files, folders, source: this.#source.name });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#abort.abort();
    if (this.#tick !== null) clearInterval(this.#tick);
    if (this.#retry !== null) clearTimeout(this.#retry);
    // Events of what was written before this call are still on their way.
    for (let turns = 0; turns < 3; turns++) await turn();
    await this.#source.close();
    await this.#polled.close();
    this.#cookies?.close();
    await this.#capture.drain();
    this.#capture.close();
    await this.#scanning;
    const { store, now } = this.#options;
    const unwatched = nobodyWatches(store, now, now());
    if (unwatched) this.#recorder.note(unwatched);
    await this.#recorder.flush();
  }

  leaveLogsOut(isAtCap: boolean): void {
    const { store, now, on } = this.#options;
    const isNews = isAtCap !== this.#isAtCap;
    this.#isAtCap = isAtCap;
    const gap = isAtCap ? logsAreLeftOut(store, now()) : logsAreKept(store, now());
    if (gap) {
      this.#recorder.note({ kind: 'gap', at: now(), data: gap });
      on({ type: 'gap', gap });
    }
    if (isNews && !isAtCap) void this.#rescan();
  }

  #listener(): Listener {
    return {
      touched: (root, path) => {
        this.#count();
        if (!this.#isOurs(root, path)) this.#capture.touched(root, path);
      },
      folderGone: (root, path) => this.#capture.folderGone(root, path),
      unreadable: (root, path, why) => this.#unreadable(root, path, why),
      readable: (root, path) => this.#gaps.close(unreadableKey(root, path)),
      unwatchable: (root, path, why) => this.#unwatchable(root, path, why),
      rootMoved: root => void this.#checkRoot(root, true),
    };
  }

  // — What goes in, and what does not —

  #enters(root: Root, path: string): boolean {
    return path !== this.#storeIn(root) && this.#options.classify(root, `${path}/`) !== 'noise';
  }

  #isOurs(root: Root, path: string): boolean {
    const ours = this.#storeIn(root);
    return ours !== null && (path === ours || path.startsWith(`${ours}/`));
  }

  #storeIn(root: Root): string | null {
    const known = this.#ours.get(root.name);
    if (known !== undefined) return known;
    const found = storeInside(root, this.#options.store);
    this.#ours.set(root.name, found);
    return found;
  }

  // — Roots that are missing, vanish and come back —

  #refuseFiles(): void {
    for (const root of this.#options.roots) {
      const stats = statSync(root.path, { throwIfNoEntry: false });
      if (stats !== undefined && !stats.isDirectory())
        throw new UndertextError('usage', `${root.path} is not a folder`, 'name the folder that holds it with --root');
    }
  }

  #noteIdentity(root: Root): void {
    this.#identity.set(root, identityOf(root));
  }

  #sayMissing(root: Root): void {
    const message = `${root.path} is not there`;
    this.#options.on({
      type: 'warning',
      code: 'root-missing',
      message,
      hint: 'the watcher waits for it; check the path if it should exist',
    });
    this.#gaps.open(`root\0${root.name}`, { why: 'the root is missing', root: root.name, paths: [] });
  }

  /** `isTold`: the system said that it came or went; one that was made anew at once may have the old one's number. */
  async #checkRoot(root: Root, isTold = false): Promise<void> {
    if (this.#abort.signal.aborted) return;
    const before = this.#identity.get(root);
    const now = identityOf(root);
    if (now === before && (now === null || !isTold)) return;
    this.#identity.set(root, now);
    if (now === null) {
      this.#sayMissing(root);
      return;
    }
    this.#ours.clear();
    this.#gaps.open(`root\0${root.name}`, { why: 'the root was made anew', root: root.name, paths: [] });
    await this.#source.start([root]);
    await this.#rescan([root]);
    if (this.#identity.get(root) === now) this.#gaps.close(`root\0${root.name}`);
  }

  // — Scans —

  /** Looks at everything once more; calls that come meanwhile share one further scan. */
  async #rescan(roots: readonly Root[] = this.#options.roots): Promise<void> {
    for (const root of roots) this.#scanAgain.add(root);
    while (this.#scanning !== null) await this.#scanning;
    if (this.#scanAgain.size === 0 || this.#abort.signal.aborted) return;
    const wanted = [...this.#scanAgain];
    this.#scanAgain.clear();
    await this.#scan(wanted);
    await this.#quiet();
  }

  #scan(roots: readonly Root[]): Promise<void> {
    this.#scanning = this.#sweep(roots)
      .catch(error => this.#storeRefused(error))
      .finally(() => {
        this.#scanning = null;
      });
    return this.#scanning;
  }

  async #sweep(roots: readonly Root[]): Promise<void> {
    const { store, classify, now, on, disk } = this.#options;
    this.#lastScan = this.#elapsed();
    const swept = await sweep({
      roots: roots.filter(root => this.#identity.get(root) !== null),
      classify,
      store,
      recorder: this.#recorder,
      tails: this.#tails,
      now,
      signal: this.#abort.signal,
      ...(disk ? { disk } : {}),
      isBusy: (root, path) => this.#capture.isBusy(root, path),
      isRefused: () => this.#hasRefused && this.#retry !== null,
      onFolder: (root, path) => this.#source.enter(root, path),
      ...(this.#isReady ? {} : { onProgress: (done, of) => on({ type: 'progress', done, of }) }),
    });
    if (!this.#isReady) this.#counted = { files: swept.files, folders: swept.folders };
    const byName = new Map(roots.map(root => [root.name, root]));
    const still = new Set<string>();
    for (const { root: name, path, why } of swept.unreadable) {
      const root = byName.get(name);
      if (root === undefined || why === 'missing') continue;
      still.add(unreadableKey(root, path));
      this.#unreadable(root, path, why);
    }
    for (const root of roots) {
      for (const key of this.#gaps.keys(unreadableKey(root, ''))) if (!still.has(key)) this.#gaps.close(key);
    }
  }

  // — Things that go wrong —

  #unreadable(root: Root, path: string, why: string): void {
    const key = unreadableKey(root, path);
    const isCrammed = why === 'EMFILE' || why === 'ENFILE';
    // No event tells when files can be opened again.
    if (isCrammed && !this.#abort.signal.aborted) this.#tryAgainSoon();
    if (this.#gaps.has(key)) return;
    this.#gaps.open(key, { why: `unreadable: ${why}`, root: root.name, paths: [path] });
    this.#options.on({
      type: 'warning',
      code: 'unreadable',
      message: `${placeName(root, path)} cannot be read (${why})`,
      hint: isCrammed
        ? 'it is picked up as soon as it can be read; raise the limit of open files (ulimit -n)'
        : 'it is picked up as soon as it can be read; check its permissions',
    });
  }

  #unwatchable(root: Root, path: string, why: string): void {
    const folders = this.#refusedFolders.get(root) ?? new Set();
    this.#refusedFolders.set(root, folders.add(path));
    this.#polled.enter(root, path);
    const key = `unwatchable\0${root.name}`;
    if (this.#gaps.has(key)) return;
    this.#gaps.open(key, { why: `polled instead of watched: ${why}`, root: root.name, paths: [path] });
    this.#options.on({
      type: 'warning',
      code: 'unwatchable',
      message: `the system allows no more watches (${why}): ${placeName(root, path)} and others are asked again and again instead`,
      hint:
        why === 'ENOSPC'
          ? 'raise fs.inotify.max_user_watches'
          : 'raise the limit of open files (ulimit -n) or fs.inotify.max_user_instances',
    });
  }

  #crowded(isCrowded: boolean): void {
    if (!isCrowded) {
      this.#gaps.close('crowded');
      return;
    }
    this.#gaps.open('crowded', {
      why: 'the store could not keep up, so versions in between may be missing',
      root: null,
      paths: [],
    });
  }

  #storeRefused(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    const why = error instanceof Error ? error.message : String(error);
    if (!this.#hasRefused) {
      this.#hasRefused = true;
      const hint =
        error instanceof UndertextError
          ? error.hint
          : 'the watcher goes on and tries again; check the disk of the store';
      this.#gaps.open('store', { why: `the store refused: ${why}`, root: null, paths: [] });
      this.#options.on({ type: 'warning', code: 'store', message: `nothing can be kept: ${why}`, hint });
    }
    this.#tryAgainSoon();
  }

  #tryAgainSoon(): void {
    this.#retry ??= setTimeout(() => void this.#tryStoreAgain(), this.#timing.retryStore);
  }

  /** What was dropped meanwhile is found by a scan, as far as it still stands. */
  async #tryStoreAgain(): Promise<void> {
    this.#retry = null;
    await this.#rescan();
    await this.#recorder.flush();
    if (this.#retry !== null || this.#abort.signal.aborted) return;
    this.#hasRefused = false;
    this.#gaps.close('store');
  }

  // — Time —

  #onTick(): void {
    const now = this.#options.now();
    const elapsed = this.#elapsed();
    const { asleepAfter, rescanEvery, cookieEvery } = this.#timing;
    const last = this.#lastTick;
    // While a machine sleeps, elapsed time stands still on Linux, and the time of day goes on.
    if (Math.max(now - last.now, elapsed - last.elapsed) > asleepAfter) {
      this.#gaps.add({ from: last.now, to: now, why: 'the machine slept', root: null, paths: [] });
      void this.#rescan();
    } else if (elapsed - this.#lastScan > rescanEvery) void this.#rescan();
    this.#lastTick = { now, elapsed };
    for (const root of this.#options.roots) void this.#checkRoot(root);
    if (elapsed - this.#lastCookie < cookieEvery) return;
    if (this.#capture.isActive) this.#touchCookie();
  }

  async #quiet(): Promise<void> {
    this.#touchCookie();
    await this.#recorder.flush();
    if (this.#capture.isActive || this.#abort.signal.aborted) return;
    this.#options.on({ type: 'quiet' });
  }

  // — Events that were lost —

  #startCookies(): Cookies | null {
    const { now, fsWatch, owner } = this.#options;
    try {
      return new Cookies({
        now,
        within: tmpdir(),
        patience: this.#timing.cookiePatience,
        onLost: since => this.#eventsLost(since),
        ...(owner === undefined ? {} : { owner }),
        ...(fsWatch ? { watch: fsWatch } : {}),
      });
    } catch {
      return null; // Without a watch to spare there are no cookies; the hourly scan stays.
    }
  }

  #touchCookie(): void {
    this.#lastCookie = this.#elapsed();
    this.#cookies?.touch();
  }

  /** Half of what the system's queue holds came at once: the other half may have been too much. */
  #count(): void {
    this.#lastEvent = this.#elapsed();
    const since = this.#windowSince;
    if (this.#lastEvent - since >= burstWindow) {
      this.#lately = [0, this.#lastEvent - since < 2 * burstWindow ? this.#lately[0] : 0];
      this.#windowSince = this.#lastEvent;
    }
    this.#lately[0]++;
    if (this.#eventsThisTurn++ === 0) setImmediate(() => this.#countTurn());
  }

  #countTurn(): void {
    const many = this.#eventsThisTurn > this.#maxQueued / 2;
    this.#eventsThisTurn = 0;
    if (many && this.#isReady) void this.#rescan();
  }

  /** Content that nobody has read yet is gone in a moment; what was read can wait a little for the disk. */
  async #whileEventsCome(waiting: number): Promise<boolean> {
    const until = this.#elapsed() + this.#timing.recordWithin;
    // Many at once are a burst, and its next writes are underway while the loop is free for a moment.
    const isBurst = waiting >= burst || Math.max(...this.#lately) >= burst;
    const rest = isBurst ? this.#timing.hold * 10 : this.#timing.hold;
    const isBusy = () => this.#elapsed() - this.#lastEvent < rest;
    while (isBusy() && this.#elapsed() < until) await pause(1);
    return isBusy();
  }

  #eventsLost(since: Time): void {
    if (this.#abort.signal.aborted) return;
    this.#gaps.add({ from: since, to: this.#options.now(), why: 'events were lost', root: null, paths: [] });
    this.#options.on({
      type: 'warning',
      code: 'events-lost',
      message: 'the system dropped events; everything is looked at once more',
      hint: 'versions that stood only for moments may be missing; raise fs.inotify.max_queued_events if this comes often',
    });
    void this.#rescan();
  }
}

const unreadableKey = (root: Root, path: string) => `unreadable\0${root.name}\0${path}`;

function identityOf(root: Root): string | null {
  try {
    const stats = statSync(root.path);
    return stats.isDirectory() ? `${stats.dev}:${stats.ino}` : null;
  } catch {
    return null;
  }
}

function maxQueuedEvents(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || 16_384;
  } catch {
    return 16_384;
  }
}
