/** Events of the system on macOS and Windows, which watch a whole tree by themselves: one recursive `fs.watch` per root. */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { errno } from '../errors.ts';
import type { Root } from '../model.ts';
import { decodeName, diskPath } from '../names.ts';
import type { EventSource, SourceOptions } from './events.ts';
import { realDisk } from './read.ts';

export class RecursiveSource implements EventSource {
  readonly name = 'native';
  readonly #options: SourceOptions;
  readonly #watchers = new Map<Root, FSWatcher[]>();
  readonly #relists = new Set<NodeJS.Timeout>();
  #isClosed = false;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  /** One watch per root is all there is. */
  get folders(): number {
    return this.#watchers.size;
  }

  async start(roots: readonly Root[]): Promise<void> {
    for (const root of roots) {
      this.#closeRoot(root);
      const watchers: FSWatcher[] = [];
      this.#watchers.set(root, watchers);
      const start = this.#options.watch ?? watch;
      try {
        const watcher = start(root.path, { recursive: true, encoding: 'buffer' });
        watchers.push(watcher);
        watcher.on('change', (kind, name) => this.#heard(root, kind, name as unknown as Buffer | null));
        watcher.on('error', () => this.#options.listener.rootMoved(root));
      } catch (error) {
        const why = errno(error);
        if (why !== 'ENOENT' && why !== 'ENOTDIR') this.#options.listener.unwatchable(root, '', why);
      }
      this.#watchParent(root, watchers, start);
    }
  }

  enter(): void {}

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#relists) clearTimeout(timer);
    this.#relists.clear();
    for (const root of [...this.#watchers.keys()]) this.#closeRoot(root);
  }

  #heard(root: Root, kind: string, bytes: Buffer | null): void {
    if (this.#isClosed) return;
    const { listener } = this.#options;
    if (bytes === null) {
      this.#tellAll(root, '');
      return;
    }
    const path = decodeName(bytes).replaceAll('\\', '/');
    if (this.#isInNoise(root, path)) return;
    listener.touched(root, path);
    if (kind !== 'rename') return;
    const place = diskPath(root, path);
    try {
      const stats = realDisk.lstat(place);
      // A link may have taken the place of a folder.
      if (stats === undefined || stats.isSymbolicLink()) listener.folderGone(root, path);
      if (!stats?.isDirectory()) return;
      // What was made in it before the system told of it may never be told.
      this.#tellAll(root, path);
      const timer = setTimeout(() => {
        this.#relists.delete(timer);
        this.#tellAll(root, path);
      }, this.#options.quiet ?? 60);
      this.#relists.add(timer);
    } catch (error) {
      listener.unreadable(root, path, errno(error));
    }
  }

  #tellAll(root: Root, folder: string): void {
    const waiting = [folder];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      try {
        for (const entry of realDisk.list(diskPath(root, next))) {
          const name = decodeName(entry.name);
          const path = next === '' ? name : `${next}/${name}`;
          if (!entry.isDirectory()) this.#options.listener.touched(root, path);
          else if (this.#options.enters(root, path)) waiting.push(path);
        }
      } catch (error) {
        if (errno(error) !== 'ENOENT') this.#options.listener.unreadable(root, next, errno(error));
      }
    }
  }

  #isInNoise(root: Root, path: string): boolean {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      if (!this.#options.enters(root, path.slice(0, slash))) return true;
    }
    return false;
  }

  #watchParent(root: Root, watchers: FSWatcher[], start: typeof watch): void {
    const beside = new Map(root.beside.map(path => [basename(path), path]));
    try {
      const watcher = start(dirname(root.path), { encoding: 'buffer' });
      watchers.push(watcher);
      watcher.on('error', () => watcher.close());
      watcher.on('change', (kind, name) => {
        if (name === null || this.#isClosed) return;
        const text = decodeName(name as unknown as Buffer);
        if (text === basename(root.path) && kind === 'rename') this.#options.listener.rootMoved(root);
        const path = beside.get(text);
        if (path !== undefined) this.#options.listener.touched(root, path);
      });
    } catch {
      // The root is asked for now and then anyway; what lies beside it is found by the scans.
    }
  }

  #closeRoot(root: Root): void {
    for (const watcher of this.#watchers.get(root) ?? []) watcher.close();
    this.#watchers.delete(root);
  }
}
