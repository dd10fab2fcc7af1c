/**
 * Reads what git keeps of a repository out of its own files, and never runs it: its hooks and settings are not asked. What
 * stands in them is a claim of whoever may write there; sizes are bounded, and nothing but ordinary files is opened.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Time } from '../../model.ts';

/** Where a repository keeps its things. */
export interface Repository {
  /** Of this folder alone: its `logs/HEAD`. */
  readonly own: string;
  /** Shared by all of its work trees: objects and stashes. */
  readonly common: string;
}

/** So many folders above a root are looked into. */
const LEVELS = 40;
/** Bytes of a file that holds one path, or settings. */
const SMALL = 64_000;
/** So many packs and other stores of objects are asked. */
const PACKS = 500;
const ALTERNATES = 8;
/** The table of a pack's index: 8 bytes of head, 256 numbers, then the names, 20 bytes each. */
const TABLE = 8 + 256 * 4;
const NAME = 20;

/** The repository that a folder lies in: its own, or the nearest one above; null when there is none. */
export function repositoryOf(folder: string): Repository | null {
  let at = real(folder);
  for (let level = 0; at !== null && level < LEVELS; level++) {
    const own = gitFolder(join(at, '.git'), at);
    if (own !== null) {
      const shared = readEnd(join(own, 'commondir'), SMALL)?.toString('utf8').trim();
      return { own, common: shared ? resolve(own, shared) : own };
    }
    const above = dirname(at);
    at = above === at ? null : above;
  }
  return null;
}

/** `.git` is a folder, or in a work tree a file that names one. */
function gitFolder(path: string, folder: string): string | null {
  const kind = stat(path);
  const named = kind?.isFile() ? readEnd(path, SMALL)?.toString('utf8') : undefined;
  const own = kind?.isDirectory() ? path : /^gitdir: ([^\0\n\r]+)/.exec(named ?? '')?.[1];
  const there = own === undefined ? null : resolve(folder, own);
  return there !== null && stat(join(there, 'HEAD'))?.isFile() ? there : null;
}

/** The last bytes of an ordinary file, at most so many; null where there is none. */
export function readEnd(path: string, most: number): Buffer | null {
  return withFile(path, (file, size) => {
    const length = Math.min(size, most);
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readAt(file, bytes, size - length));
  });
}

/** Changes whenever the file is written. */
export function stampOf(path: string): string {
  const there = stat(path);
  return there ? `${there.ino} ${there.size} ${there.mtimeMs}` : '';
}

export interface GitObjects {
  /** When the repository came to have that object, as far as its files tell; null when it does not have it. */
  find(name: string): { readonly since: Time | null } | null;
}

/** Null for a repository whose objects have other names than ours (SHA-256), or none. */
export function gitObjects({ common }: Repository): GitObjects | null {
  const settings = readEnd(join(common, 'config'), SMALL)?.toString('latin1') ?? '';
  if (/^\s*objectformat\s*=\s*"?sha256/im.test(settings) || !stat(join(common, 'objects'))?.isDirectory()) return null;
  const stores = [join(common, 'objects')];
  const others = readEnd(join(common, 'objects', 'info', 'alternates'), SMALL)?.toString('utf8') ?? '';
  for (const line of others.split('\n').slice(0, ALTERNATES)) {
    if (line.trim() !== '' && !line.includes('\0')) stores.push(resolve(stores[0]!, line.trim()));
  }
  const packs = new Map<string, { readonly stamp: string; readonly indexes: readonly string[] }>();
  const indexesIn = (store: string): readonly string[] => {
    const folder = join(store, 'pack');
    const stamp = stampOf(folder);
    const known = packs.get(folder);
    if (known?.stamp === stamp) return known.indexes;
    const indexes = names(folder)
      .filter(name => name.endsWith('.idx'))
      .slice(0, PACKS)
      .map(name => join(folder, name));
    packs.set(folder, { stamp, indexes });
    return indexes;
  };
  return {
    find(name) {
      if (!/^[0-9a-f]{40}$/.test(name)) return null;
      for (const store of stores) {
        const loose = stat(join(store, name.slice(0, 2), name.slice(2)));
        if (loose?.isFile()) return { since: loose.mtimeMs };
      }
      const wanted = Buffer.from(name, 'hex');
      const isPacked = stores.some(store => indexesIn(store).some(index => isIn(index, wanted)));
      return isPacked ? { since: null } : null;
    },
  };
}

/** Looks a name up in the index of a pack: a few reads, however large it is. */
function isIn(index: string, wanted: Buffer): boolean {
  return (
    withFile(index, (file, size) => {
      const table = Buffer.alloc(TABLE);
      if (readAt(file, table, 0) < TABLE || table.readUInt32BE(0) !== 0xff744f63 || table.readUInt32BE(4) !== 2) {
        return false;
      }
      const first = wanted[0]!;
      const count = (byte: number) => (byte < 0 ? 0 : table.readUInt32BE(8 + byte * 4));
      let low = count(first - 1);
      let high = Math.min(count(first), Math.floor((size - TABLE) / NAME));
      const name = Buffer.alloc(NAME);
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (readAt(file, name, TABLE + middle * NAME) < NAME) return false;
        const order = name.compare(wanted);
        if (order === 0) return true;
        if (order < 0) low = middle + 1;
        else high = middle;
      }
      return false;
    }) ?? false
  );
}

/** Opens an ordinary file and no other: a FIFO would wait for ever. */
function withFile<T>(path: string, use: (file: number, size: number) => T): T | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch {
    return null;
  }
  try {
    const there = fstatSync(file);
    return there.isFile() ? use(file, there.size) : null;
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, into: Buffer, at: number): number {
  let done = 0;
  while (done < into.length) {
    const n = readSync(file, into, done, into.length - done, at + done);
    if (n === 0) break;
    done += n;
  }
  return done;
}

function real(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function stat(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
