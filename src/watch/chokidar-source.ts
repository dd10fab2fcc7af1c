/**
 * Events by asking again and again, for network and container file systems where the system sends none, and for folders
 * that could not be watched. The only file that knows chokidar. Names that are no UTF-8 are left to the scans.
 */
import { join, relative, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { errno } from '../errors.ts';
import type { Root } from '../model.ts';
import type { EventSource, SourceOptions } from './events.ts';
import { isFolder } from './scan.ts';

/** How often a file is asked for (milliseconds). */
const usualInterval = 100;

export class ChokidarSource implements EventSource {
  readonly name = 'polling';
  readonly #options: SourceOptions;
  readonly #interval: number;
  readonly #watchers = new Map<string, FSWatcher>();
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
      if (event === 'addDir') this.#folders++;
      if (event === 'unlinkDir') {
        this.#folders--;
        if (inside === '') listener.rootMoved(root);
        else listener.folderGone(root, inside);
      } else if (event === 'add' || event === 'change' || event === 'unlink') {
        if (isReady || event !== 'add') listener.touched(root, inside);
      }
    });
    watcher.on('error', error => {
      const place = typeof error === 'object' && error !== null && 'path' in error ? String(error.path) : root.path;
      const why = errno(error);
      if (why === 'EACCES' || why === 'EPERM') listener.unreadable(root, within(place), why);
    });
    // A root that is not there yet has nothing to get ready for; whoever started us asks again when it comes.
    if (path === '' && !isFolder(root.path)) return;
    await new Promise<void>(resolve => watcher.once('ready', resolve));
    isReady = true;
  }
}
