/** A watcher on temporary folders, and ways to wait for what it says. Nothing here sleeps to be right. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Classify, classifier } from '../../src/home/classes.ts';
import { defaultConfig } from '../../src/home/config.ts';
import type { Root, Version } from '../../src/model.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { startWatch, type Watch, type WatchEvent, type WatchOptions } from '../../src/watch/watch.ts';

export interface Observer {
  readonly root: Root;
  readonly store: Store;
  readonly watch: Watch;
  readonly events: readonly WatchEvent[];
  /** Resolves with the first event, past or to come, that fits. */
  until(fits: (event: WatchEvent) => boolean): Promise<WatchEvent>;
  /** Resolves when the newest version of a path is settled and reads so; null: it is gone. */
  untilText(path: string, text: string | null): Promise<void>;
  texts(path: string): Promise<readonly (string | null)[]>;
  /** What `texts` would be without the unsettled ones and without repetitions. */
  settledTexts(path: string): Promise<readonly (string | null)[]>;
  stop(): Promise<void>;
}

export interface ObserverOptions extends Partial<Omit<WatchOptions, 'on' | 'roots' | 'store'>> {
  readonly root?: Root;
  readonly roots?: readonly Root[];
  readonly store?: Store;
  readonly classify?: Classify;
  readonly unready?: boolean;
}

const cleanups: (() => Promise<void> | void)[] = [];

/** For `afterEach`. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

export function onCleanUp(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup);
}

export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'undertext-test-')));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function rootAt(path: string, name = 'root'): Root {
  return { name, path, beside: [] };
}

export async function observer(options: ObserverOptions = {}): Promise<Observer> {
  const root = options.root ?? options.roots?.[0] ?? rootAt(temporaryFolder());
  const store = options.store ?? memoryStore();
  const events: WatchEvent[] = [];
  const waiting = new Set<() => void>();
  const { root: _, unready, ...rest } = options;
  const watch = startWatch({
    classify: classifier(defaultConfig),
    now: Date.now,
    platform: process.platform,
    ...rest,
    roots: options.roots ?? [root],
    store,
    on: event => {
      events.push(event);
      for (const wake of [...waiting]) wake();
    },
  });
  cleanups.push(() => watch.stop());

  const when = (isSo: () => boolean | Promise<boolean>) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        Promise.resolve(isSo()).then(is => {
          if (!is) return;
          waiting.delete(look);
          resolve();
        }, reject);
      };
      waiting.add(look);
      look();
    });

  const textOf = async (version: Version) =>
    version.blob === null ? null : Buffer.from(await store.read(version.blob)).toString();
  const texts = async (path: string) => Promise.all(store.versions({ root: root.name, path }).map(textOf));

  if (!unready) await watch.ready;
  return {
    root,
    store,
    watch,
    events,
    until: async fits => {
      await when(() => events.some(fits));
      return events.find(fits)!;
    },
    untilText: (path, text) =>
      when(async () => {
        const latest = store.latest({ root: root.name, path });
        return latest?.settled === true && (await textOf(latest)) === text;
      }),
    texts,
    settledTexts: async path => {
      const versions = store.versions({ root: root.name, path }).filter(version => version.settled);
      const all = await Promise.all(versions.map(textOf));
      return all.filter((text, index) => text !== all[index - 1]);
    },
    stop: () => watch.stop(),
  };
}
