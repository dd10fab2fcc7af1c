/** What every source of events promises, whether the system sends them or we ask again and again. */
import type { watch } from 'node:fs';
import type { Root } from '../model.ts';
import type { Disk } from './read.ts';

/** What a source tells. Paths are relative to their root; telling too often is fine, telling too seldom is not. */
export interface Listener {
  /** Something may have changed, appeared or gone at this path. */
  touched(root: Root, path: string): void;
  /** A folder is no longer there (or no longer this one): everything below it may be gone. */
  folderGone(root: Root, path: string): void;
  /** A folder cannot be looked into; the source tries again whenever its parent tells of it, and when asked to `enter` it. */
  unreadable(root: Root, path: string, why: string): void;
  /** A folder can be looked into (again). */
  readable(root: Root, path: string): void;
  /** The system refuses more watches: this folder and all below it hear nothing from here. */
  unwatchable(root: Root, path: string, why: string): void;
  /** The folder of a root came, went or was replaced; ask the disk. */
  rootMoved(root: Root): void;
}

export interface EventSource {
  readonly name: 'native' | 'polling';
  /**
   * Watches everything below the roots that are there; resolves once every watch stands. From then on nothing that
   * happens goes untold. Also called for a root that comes (back) later.
   */
  start(roots: readonly Root[]): Promise<void>;
  /** Makes sure a folder is watched; cheap when it is. A folder that is new is told entry by entry. */
  enter(root: Root, path: string): void;
  /** Folders that are watched. */
  readonly folders: number;
  /** Nothing is told after this resolves, and nothing keeps the process alive. Idempotent. */
  close(): Promise<void>;
}

export interface SourceOptions {
  readonly listener: Listener;
  /** False for folders that are noise, and for the store. */
  enters(root: Root, path: string): boolean;
  /** True for files nobody wants to hear of, so that they cost nothing. */
  isNoise(root: Root, path: string): boolean;
  readonly disk?: Disk;
  /** Replaced by tests that run out of watches. */
  readonly watch?: typeof watch;
  /** How long a new folder must be quiet before it is listed once more (milliseconds). */
  readonly quiet?: number;
}
