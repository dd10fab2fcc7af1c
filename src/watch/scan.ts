/** A look at everything: what is new or gone since the store last saw it, without reading what cannot have changed. */
import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { errno } from '../errors.ts';
import type { Classify } from '../home/classes.ts';
import type { FileClass, How, Root, Time, Version } from '../model.ts';
import { decodeName, diskPath } from '../names.ts';
import type { Store } from '../store/store.ts';
import { inOneGo, lookAtBig } from './big-file.ts';
import { type Disk, gone, isBehindLink, type Look, look, realDisk, type Sight } from './read.ts';
import { keyOf, type Newest, Recorder, scanTime } from './recorder.ts';
import type { Tails } from './tails.ts';

export interface Place {
  readonly root: string;
  readonly path: string;
  readonly why: string;
}

export interface ScanReport {
  readonly versions: readonly Version[];
  readonly files: number;
  readonly folders: number;
  /** Secrets, FIFOs, sockets, devices: they exist, and are not kept. */
  readonly skipped: readonly Place[];
  /** What could not be looked at; nothing is said about it or what lies below it. */
  readonly unreadable: readonly Place[];
}

export interface ScanOptions {
  readonly roots: readonly Root[];
  readonly classify: Classify;
  readonly store: Store;
  readonly now: () => Time;
  readonly signal?: AbortSignal;
  readonly how?: How;
  readonly disk?: Disk;
  onProgress?(done: number, of: number | null): void;
}

/** Scans the roots and records what changed. @throws UndertextError `disk` when the store refuses */
export async function scan(options: ScanOptions): Promise<ScanReport> {
  const versions: Version[] = [];
  let refused: { readonly error: unknown } | null = null;
  const recorder = new Recorder({
    store: options.store,
    onVersions: recorded => {
      for (const version of recorded) versions.push(version);
    },
    onRefused: error => {
      refused ??= { error };
    },
  });
  const swept = await sweep({ ...options, recorder, isRefused: () => refused !== null });
  await recorder.flush();
  if (refused !== null) throw (refused as { readonly error: unknown }).error;
  return { versions, ...swept };
}

export interface SweepOptions extends Omit<ScanOptions, 'store'> {
  readonly store: Pick<Store, 'paths' | 'keep' | 'path'>;
  readonly recorder: Recorder;
  /** What is known of logs that were read before. */
  readonly tails?: Tails;
  readonly isRefused?: () => boolean;
  /** True for paths that are being read already. */
  isBusy?(root: Root, path: string): boolean;
  /** Hears of every folder that is gone into. */
  onFolder?(root: Root, path: string): void;
}

type Swept = Omit<ScanReport, 'versions'>;

/** The loop turns after this many entries or bytes, so that events are never far behind. */
const entriesPerTurn = 200;
const bytesPerTurn = 4 * 1024 * 1024;
/** A scan lets this much wait for the store, no more. */
const waitAbove = 4 * 1024 * 1024;
/** A file that changed within this time of being read may have changed again without its times telling (as in git's index). */
const racy = 2_000;

/** Looks at everything and hands what is news to the recorder; resolves before that is durable. */
export async function sweep(options: SweepOptions): Promise<Swept> {
  const walk = new Walk(options);
  for (const root of options.roots) await walk.root(root);
  await walk.findGone();
  return walk.report();
}

class Walk {
  readonly #options: SweepOptions;
  readonly #disk: Disk;
  /** By root. */
  readonly #seen = new Map<string, Set<string>>();
  readonly #walked = new Set<string>();
  readonly #skipped: Place[] = [];
  readonly #unreadable: Place[] = [];
  #files = 0;
  #folders = 0;
  #entries = 0;
  #bytes = 0;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.#disk = options.disk ?? realDisk;
  }

  report(): Swept {
    return { files: this.#files, folders: this.#folders, skipped: this.#skipped, unreadable: this.#unreadable };
  }

  async root(root: Root): Promise<void> {
    if (!isFolder(root.path)) {
      this.#unreadable.push({ root: root.name, path: '', why: 'missing' });
      return;
    }
    const ours = storeInside(root, this.#options.store);
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      if (this.#isStopped()) return;
      for (const inner of await this.#folder(root, folder)) {
        if (inner !== ours) folders.push(inner);
      }
    }
    for (const path of root.beside) await this.#file(root, path);
    // A root that went away meanwhile is not a root whose files were all deleted.
    if (isFolder(root.path)) this.#walked.add(root.name);
  }

  /** Looks again for every path the store has that did not turn up. */
  async findGone(): Promise<void> {
    const roots = new Map(this.#options.roots.map(root => [root.name, root]));
    const dark = this.#unreadable.map(({ root, path }) => keyOf(root, path));
    for (const version of this.#options.store.paths()) {
      if (this.#isStopped()) return;
      const key = keyOf(version.root, version.path);
      const root = roots.get(version.root);
      if (
        root === undefined ||
        !this.#walked.has(version.root) ||
        version.kind === 'gone' ||
        this.#seenIn(version.root).has(version.path)
      )
        continue;
      if (this.#options.classify(root, version.path) === 'noise') continue;
      if (dark.some(place => key === place || key.startsWith(`${place}/`) || place.endsWith('\0'))) continue;
      if (this.#isThere(root, version.path)) continue;
      this.#submit(root, gone(root, version.path, this.#options.how ?? 'scan', this.#options.now()));
      await this.#turnWhenDue();
    }
  }

  /** Looks at the entries of one folder; gives back the folders among them. */
  async #folder(root: Root, folder: string): Promise<readonly string[]> {
    const { classify, onFolder } = this.#options;
    let entries: ReturnType<Disk['list']>;
    try {
      if (this.#isLink(root, folder)) return [];
      onFolder?.(root, folder);
      entries = this.#disk.list(diskPath(root, folder));
      // A link that took its place meanwhile may have led the listing elsewhere.
      if (this.#isLink(root, folder)) return [];
    } catch (error) {
      const code = errno(error);
      if (code !== 'ENOENT' && code !== 'ENOTDIR') this.#unreadable.push({ root: root.name, path: folder, why: code });
      return [];
    }
    this.#folders++;
    const inner: string[] = [];
    for (const entry of entries) {
      const path = folder === '' ? decodeName(entry.name) : `${folder}/${decodeName(entry.name)}`;
      if (entry.isDirectory()) {
        if (classify(root, `${path}/`) !== 'noise') inner.push(path);
      } else await this.#file(root, path);
    }
    return inner;
  }

  async #file(root: Root, path: string): Promise<void> {
    const { classify, recorder, now, how = 'scan', onProgress, isBusy } = this.#options;
    const fileClass = classify(root, path);
    if (fileClass === 'noise' || this.#isStopped()) return;
    await this.#turnWhenDue();
    let seen: Look;
    try {
      const stats = this.#disk.lstat(diskPath(root, path));
      if (stats === undefined) return;
      this.#seenIn(root.name).add(path);
      if (isBusy?.(root, path)) seen = { kind: 'folder' };
      else if (isUnchanged(stats, recorder.newest(root.name, path), fileClass)) seen = { kind: 'folder' };
      else seen = look(root, path, how, { class: fileClass, now, disk: this.#disk, limit: inOneGo(fileClass) });
    } catch (error) {
      seen = { kind: 'unreadable', why: errno(error) || String(error) };
    }
    this.#files++;
    if (fileClass === 'secret') this.#skipped.push({ root: root.name, path, why: 'secret' });
    if (seen.kind === 'big') seen = (await this.#big(root, path, how, fileClass)) ?? { kind: 'folder' };
    if (seen.kind === 'unreadable') this.#unreadable.push({ root: root.name, path, why: seen.why });
    else if (seen.kind === 'special') {
      this.#skipped.push({ root: root.name, path, why: seen.what });
      this.#submit(root, gone(root, path, how, now()));
    } else if (seen.kind === 'seen') this.#submit(root, seen);
    if (this.#files % 100 === 0) onProgress?.(this.#files, null);
  }

  /** A file that keeps being cut short is left to the next scan. */
  async #big(root: Root, path: string, how: How, fileClass: FileClass): Promise<Look | null> {
    const { now, store, signal, tails } = this.#options;
    const deps = { class: fileClass, now, store, ...(signal ? { signal } : {}), ...(tails ? { tails } : {}) };
    for (let attempt = 0; attempt < 3 && !this.#isStopped(); attempt++) {
      const seen = await lookAtBig(root, path, how, deps);
      if (seen !== null) return seen;
    }
    return null;
  }

  #submit(root: Root, seen: Sight): void {
    const { recorder } = this.#options;
    const { observation, blob } = seen;
    if (!recorder.isNews(observation, blob)) return;
    const known = recorder.newest(root.name, observation.path);
    recorder.submit(observation.how === 'scan' ? scanTime(observation, known) : observation, blob);
    this.#bytes += observation.size;
  }

  async #turnWhenDue(): Promise<void> {
    if (++this.#entries < entriesPerTurn && this.#bytes < bytesPerTurn) return;
    this.#entries = 0;
    this.#bytes = 0;
    await turn();
    await this.#options.recorder.room(waitAbove);
  }

  #isThere(root: Root, path: string): boolean {
    try {
      const stats = this.#disk.lstat(diskPath(root, path));
      return stats?.isDirectory() === false && !isBehindLink(root, path, this.#disk);
    } catch (error) {
      return errno(error) !== 'ENOTDIR';
    }
  }

  #isLink(root: Root, folder: string): boolean {
    return folder !== '' && isBehindLink(root, `${folder}/`, this.#disk);
  }

  #seenIn(root: string): Set<string> {
    const seen = this.#seen.get(root) ?? new Set();
    this.#seen.set(root, seen);
    return seen;
  }

  #isStopped(): boolean {
    return this.#options.signal?.aborted === true || this.#options.isRefused?.() === true;
  }
}

/** True when a file is as the newest version says, and its times leave no doubt. */
export function isUnchanged(stats: Stats, known: Newest | undefined, fileClass: FileClass): boolean {
  if (known === undefined || !known.settled) return false;
  const kind = fileClass === 'secret' ? 'withheld' : stats.isSymbolicLink() ? 'link' : stats.isFile() ? 'file' : null;
  const size = kind === 'withheld' ? Math.min(stats.size, 1) : stats.size;
  return (
    known.kind === kind &&
    known.size === size &&
    known.mode === (stats.mode & 0o7777) &&
    known.mtime !== null &&
    Math.abs(known.mtime - stats.mtimeMs) < 1 &&
    Math.max(stats.mtimeMs, stats.ctimeMs) < known.seenAt - racy
  );
}

/** Where the store lies inside a root, which is never looked at; null when it lies elsewhere. */
export function storeInside(root: Root, store: Pick<Store, 'path'>): string | null {
  try {
    const path = relative(realpathSync(root.path), realpathSync(store.path)).split(sep).join('/');
    return path === '' || path.startsWith('../') || isAbsolute(path) ? null : path;
  } catch {
    return null;
  }
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** What tells one folder from another that has taken its place; null when it is not there. */
export function folderIdentity(path: string): string | null {
  try {
    const stats = lstatSync(path);
    return `${stats.dev}:${stats.ino}`;
  } catch {
    return null;
  }
}
