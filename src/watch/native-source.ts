/**
 * Events of the system on Linux: one `fs.watch` per folder. A folder is watched first and listed then, so that what
 * comes in between is told twice rather than never; a new folder is listed once more when it has been quiet.
 * (`recursive` is emulated on Linux and never hears of a file again after a rename.)
 */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { errno } from '../errors.ts';
import type { Root } from '../model.ts';
import { decodeName, diskPath } from '../names.ts';
import type { EventSource, Listener, SourceOptions } from './events.ts';
import { type Disk, isBehindLink, realDisk } from './read.ts';

/** Folders that are set up before the loop turns: about 10 ms of work. */
const foldersPerTurn = 100;
const defaultQuiet = 60;

/** Errors that say "no more watches", not "not this folder". */
const outOfWatches = new Set(['ENOSPC', 'EMFILE', 'ENFILE', 'ENOMEM']);

/** All folders of one root by path; '' is the root itself. */
type Folders = Map<string, FSWatcher>;

export class NativeSource implements EventSource {
  readonly name = 'native';
  readonly #listener: Listener;
  readonly #enters: SourceOptions['enters'];
  readonly #isNoise: SourceOptions['isNoise'];
  readonly #disk: Disk;
  readonly #watch: typeof watch;
  readonly #quiet: number;
  readonly #places = new WeakMap<FSWatcher, { readonly root: Root; readonly folder: string }>();
  /** One function for all watches: there are thousands of them. */
  readonly #onChange: (this: FSWatcher, kind: string, name: unknown) => void;
  readonly #onError: (this: FSWatcher) => void;
  readonly #roots = new Map<Root, Folders>();
  readonly #parents = new Map<Root, FSWatcher>();
  readonly #unreadable = new Map<Root, Set<string>>();
  readonly #relists = new Map<Root, Map<string, NodeJS.Timeout>>();
  #isClosed = false;

  constructor(options: SourceOptions) {
    this.#listener = options.listener;
    this.#enters = options.enters;
    this.#isNoise = options.isNoise;
    this.#disk = options.disk ?? realDisk;
    this.#watch = options.watch ?? watch;
    this.#quiet = options.quiet ?? defaultQuiet;
    const heard = (watcher: FSWatcher, kind: string, name: Buffer | null) => {
      const place = this.#places.get(watcher);
      if (place !== undefined) this.#heard(place.root, place.folder, kind, name);
    };
    const failed = (watcher: FSWatcher) => {
      const place = this.#places.get(watcher);
      if (place !== undefined) this.#close(place.root, place.folder);
    };
    this.#onChange = function (kind, name) {
      heard(this, kind, name as Buffer | null);
    };
    this.#onError = function () {
      failed(this);
    };
  }

  get folders(): number {
    let count = 0;
    for (const folders of this.#roots.values()) count += folders.size;
    return count;
  }

  async start(roots: readonly Root[]): Promise<void> {
    for (const root of roots) {
      this.#forgetRoot(root);
      this.#roots.set(root, new Map());
      this.#unreadable.set(root, new Set());
      this.#relists.set(root, new Map());
      this.#watchParent(root);
      // Breadth first; what is here before the watches stand is for the first scan to find.
      let level = [''];
      for (let count = 0; level.length > 0; ) {
        const next: string[] = [];
        for (const folder of level) {
          if (this.#isClosed) return;
          for (const inner of this.#open(root, folder)?.folders ?? []) next.push(inner);
          if (++count % foldersPerTurn === 0) await turn();
        }
        level = next;
      }
    }
  }

  enter(root: Root, path: string): void {
    if (this.#isClosed || this.#roots.get(root)?.has(path)) return;
    this.#openNew(root, path);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const root of [...this.#roots.keys()]) this.#forgetRoot(root);
  }

  /** Watches one folder, then lists it; null when it is not there or cannot be watched. */
  #open(root: Root, folder: string): { folders: readonly string[]; files: readonly string[] } | null {
    const place = diskPath(root, folder);
    const folders = this.#roots.get(root);
    if (folders === undefined || this.#isClosed) return null;
    let watcher: FSWatcher | null = null;
    try {
      watcher = this.#watch(place, { encoding: 'buffer' });
      const before = folders.get(folder);
      folders.set(folder, watcher);
      before?.close();
      this.#places.set(watcher, { root, folder });
      watcher.on('change', this.#onChange as (kind: string) => void);
      watcher.on('error', this.#onError);
      // A link that took its place meanwhile leads out of the root.
      if (folder !== '' && isBehindLink(root, `${folder}/`, this.#disk)) {
        this.#close(root, folder);
        return null;
      }
      const listed = this.#list(root, folder);
      if (this.#unreadable.get(root)?.delete(folder)) this.#listener.readable(root, folder);
      return listed;
    } catch (error) {
      this.#refused(root, folder, errno(error) || String(error));
      return null;
    }
  }

  #refused(root: Root, folder: string, why: string): void {
    this.#close(root, folder);
    if (why === 'ENOENT' || why === 'ENOTDIR') return;
    if (outOfWatches.has(why)) this.#listener.unwatchable(root, folder, why);
    else {
      this.#unreadable.get(root)?.add(folder);
      this.#listener.unreadable(root, folder, why);
    }
  }

  #list(root: Root, folder: string): { folders: readonly string[]; files: readonly string[] } {
    const folders: string[] = [];
    const files: string[] = [];
    for (const entry of this.#disk.list(diskPath(root, folder))) {
      const name = decodeName(entry.name);
      const path = folder === '' ? name : `${folder}/${name}`;
      if (!entry.isDirectory()) files.push(path);
      else if (this.#enters(root, path)) folders.push(path);
    }
    return { folders, files };
  }

  /** A folder that came while we watched: everything in it is told, and told again once it has been quiet. */
  #openNew(root: Root, folder: string): void {
    const waiting = [folder];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const listed = this.#open(root, next);
      if (listed === null) continue;
      for (const path of listed.files) this.#listener.touched(root, path);
      waiting.push(...listed.folders);
      this.#relistLater(root, next, new Set(listed.files));
    }
  }

  /** `known`: files that need not be told again; null: only folders are looked for. */
  #relistLater(root: Root, folder: string, known: ReadonlySet<string> | null): void {
    const relists = this.#relists.get(root);
    if (relists === undefined || (known === null && relists.has(folder))) return;
    clearTimeout(relists.get(folder));
    const timer = setTimeout(() => {
      relists.delete(folder);
      this.#relist(root, folder, known);
    }, this.#quiet);
    relists.set(folder, timer);
  }

  #relist(root: Root, folder: string, known: ReadonlySet<string> | null): void {
    const watched = this.#roots.get(root);
    if (this.#isClosed || !watched?.has(folder)) return;
    try {
      const listed = this.#list(root, folder);
      for (const path of listed.files) if (known !== null && !known.has(path)) this.#listener.touched(root, path);
      for (const path of listed.folders) if (!watched.has(path)) this.#openNew(root, path);
    } catch (error) {
      this.#refused(root, folder, errno(error) || String(error));
    }
  }

  #heard(root: Root, folder: string, kind: string, bytes: Buffer | null): void {
    if (this.#isClosed) return;
    if (bytes === null) {
      this.#relist(root, folder, new Set());
      return;
    }
    const name = decodeName(bytes);
    const path = folder === '' ? name : `${folder}/${name}`;
    if (this.#isNoise(root, path) && !this.#roots.get(root)?.has(path)) {
      // Most are temporary files, gone in a moment. Whether one is a folder is seen when it is quiet.
      if (kind === 'rename') this.#relistLater(root, folder, null);
      return;
    }
    if (kind === 'rename') {
      // A watch speaks of its own folder with that folder's name; a child of the same name sounds the same.
      if (name === ownName(root, folder)) this.#heardOfItself(root, folder);
      if (this.#cameOrWent(root, path)) return;
    } else if (this.#unreadable.get(root)?.has(path)) this.enter(root, path);
    this.#listener.touched(root, path);
  }

  /** The folder was moved or deleted, so its watch may be dead or follow it to another place. */
  #heardOfItself(root: Root, folder: string): void {
    // What took its place, if anything, is told by the folder above.
    if (folder === '') this.#listener.rootMoved(root);
    else if (!this.#isFolder(root, folder)) this.#forgetFolder(root, folder);
  }

  /** True when the path is or was a folder and has been seen to. */
  #cameOrWent(root: Root, path: string): boolean {
    const watched = this.#roots.get(root);
    if (this.#isFolder(root, path)) {
      if (!this.#enters(root, path)) return true;
      // It may have taken the place of another one: the old watches are worth nothing.
      if (watched?.has(path)) this.#forgetFolder(root, path);
      this.#openNew(root, path);
      this.#listener.touched(root, path);
      return true;
    }
    if (this.#unreadable.get(root)?.delete(path)) this.#listener.readable(root, path);
    if (watched?.has(path)) this.#forgetFolder(root, path);
    return false;
  }

  #isFolder(root: Root, path: string): boolean {
    try {
      return this.#disk.lstat(diskPath(root, path))?.isDirectory() === true;
    } catch {
      return false;
    }
  }

  /** Lets go of a folder and everything below it. */
  #forgetFolder(root: Root, folder: string): void {
    const below = `${folder}/`;
    this.#close(root, folder);
    for (const path of [...(this.#roots.get(root)?.keys() ?? [])]) if (path.startsWith(below)) this.#close(root, path);
    const unreadable = this.#unreadable.get(root);
    for (const path of [...(unreadable ?? [])]) {
      if (path !== folder && !path.startsWith(below)) continue;
      unreadable?.delete(path);
      this.#listener.readable(root, path);
    }
    this.#listener.folderGone(root, folder);
  }

  #close(root: Root, folder: string): void {
    this.#roots.get(root)?.get(folder)?.close();
    this.#roots.get(root)?.delete(folder);
    clearTimeout(this.#relists.get(root)?.get(folder));
    this.#relists.get(root)?.delete(folder);
  }

  #forgetRoot(root: Root): void {
    for (const watcher of this.#roots.get(root)?.values() ?? []) watcher.close();
    for (const timer of this.#relists.get(root)?.values() ?? []) clearTimeout(timer);
    this.#parents.get(root)?.close();
    this.#roots.delete(root);
    this.#relists.delete(root);
    this.#unreadable.delete(root);
    this.#parents.delete(root);
  }

  /** The folder that holds the root tells when the root comes or goes, and of the files beside it. */
  #watchParent(root: Root): void {
    const own = basename(root.path);
    const beside = new Map(root.beside.map(path => [basename(path), path]));
    try {
      const watcher = this.#watch(dirname(root.path), { encoding: 'buffer' });
      watcher.on('error', () => this.#parents.get(root)?.close());
      watcher.on('change', (kind, name) => {
        if (name === null || this.#isClosed) return;
        const text = decodeName(name as unknown as Buffer);
        if (text === own && kind === 'rename') this.#listener.rootMoved(root);
        const path = beside.get(text);
        if (path !== undefined) this.#listener.touched(root, path);
      });
      this.#parents.set(root, watcher);
    } catch (error) {
      if (outOfWatches.has(errno(error)) && root.beside.length > 0) this.#listener.unwatchable(root, '', errno(error));
    }
  }
}

function ownName(root: Root, folder: string): string {
  return basename(folder === '' ? root.path : folder);
}
