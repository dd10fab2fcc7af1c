/**
 * Events by asking again and again, for network and container file systems where the system sends none, and for folders
 * that could not be watched. The only file that knows chokidar. Names that are no UTF-8 are left to the scans.
 */
import type { Stats } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { errno } from '../errors.ts';
import type { Root } from '../model.ts';
import { decodeName, diskPath } from '../names.ts';
import type { EventSource, SourceOptions } from './events.ts';
import { realDisk } from './read.ts';
import { isFolder } from './scan.ts';

/** How often a file is asked for (milliseconds). */
const usualInterval = 100;

export class ChokidarSource implements EventSource {
  readonly name = 'polling';
  readonly #options: SourceOptions;
  readonly #interval: number;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #folders = 0;

  constructor(options: SourceOptions & { readonly interval?: number }) {
    this.#options = options;
    this.#interval = options.interval ?? usualInterval;
  }

  get folders(): number {
    return this.#folders;
  }

  async start(roots: readonly Root[]): Promise<void> {
    for (const root of roots) {
      await this.#watch(root, '', false);
      for (const path of root.beside) await this.#watch(root, path, false);
    }
  }

  /** Polls a folder that the system refused to watch, at any depth. */
  enter(root: Root, path: string): void {
    const isCovered = [...this.#watchers.keys()].some(key => {
      const [name, above = ''] = key.split('\0');
      return name === root.name && (above === '' || path === above || path.startsWith(`${above}/`));
    });
    if (!isCovered) void this.#watch(root, path, true);
  }

  async close(): Promise<void> {
    const watchers = [...this.#watchers.values()];
    this.#watchers.clear();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(watchers.map(watcher => watcher.close()));
  }

  /** `tellsAll`: what is there already is news too. */
  async #watch(root: Root, path: string, tellsAll: boolean): Promise<void> {
    const { listener, enters } = this.#options;
    const key = `${root.name}\0${path}`;
    await this.#watchers.get(key)?.close();
    const within = (place: string) => relative(root.path, place).split(sep).join('/');
    const watcher = watch(join(root.path, path), {
      usePolling: true,
      interval: this.#interval,
      binaryInterval: this.#interval,
      ignoreInitial: false,
      followSymlinks: false,
      atomic: false,
      ignorePermissionErrors: false,
      // Asked for every path, with and without knowing what it is: only a folder can be turned away.
      ignored: (place, stats) => {
        const inside = within(place);
        return inside !== '' && stats?.isDirectory() === true && !enters(root, inside);
      },
    });
    this.#watchers.set(key, watcher);
    let isReady = tellsAll;
    watcher.on('all', (event, place) => {
      const inside = within(place);
      if (event === 'addDir') {
        this.#folders++;
        if (isReady) this.#onceMore(() => this.#tellFiles(root, inside));
      }
      if (event === 'unlinkDir') {
        this.#folders--;
        if (inside === '') listener.rootMoved(root);
        else listener.folderGone(root, inside);
      } else if (event === 'add' || event === 'change' || event === 'unlink') {
        if (isReady || event !== 'add') listener.touched(root, inside);
        if (isReady && event === 'add') this.#onceMore(() => listener.touched(root, inside));
      }
    });
    // `change` is dropped when it comes twice in a moment, `unlink` is late: what the poll itself saw is neither.
    watcher.on('raw', (_, place, details) => {
      const inside = within(String(place));
      if (inside.startsWith('..') && !root.beside.includes(inside)) return;
      const now = (details as { readonly curr?: Stats } | undefined)?.curr;
      if (now?.isDirectory() === true) this.#tellFiles(root, inside);
      else if (inside !== '') listener.touched(root, inside);
    });
    watcher.on('error', error => {
      const place = typeof error === 'object' && error !== null && 'path' in error ? String(error.path) : root.path;
      const why = errno(error);
      if (why === 'EACCES' || why === 'EPERM') listener.unreadable(root, within(place), why);
    });
    // A root that is not there yet has nothing to get ready for; whoever started us asks again when it comes.
    if (path === '' && !isFolder(root.path)) return;
    await new Promise<void>(resolve => watcher.once('ready', resolve));
    await new Promise<void>(resolve => this.#onceMore(resolve));
    isReady = true;
  }

  /** A poll compares with what it saw first, and that is not yet seen when it is started: what came before must be told again. */
  #onceMore(tell: () => void): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        tell();
      },
      Math.max(50, 3 * this.#interval),
    );
    this.#timers.add(timer);
  }

  #tellFiles(root: Root, folder: string): void {
    try {
      for (const entry of (this.#options.disk ?? realDisk).list(diskPath(root, folder))) {
        const name = decodeName(entry.name);
        if (!entry.isDirectory()) this.#options.listener.touched(root, folder === '' ? name : `${folder}/${name}`);
      }
    } catch (error) {
      if (errno(error) === 'EACCES') this.#options.listener.unreadable(root, folder, 'EACCES');
    }
  }
}
