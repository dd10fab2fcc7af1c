/** Puts bytes where a file stands, all or nothing, and only while the disk is what the caller believes. */
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { errno, UndertextError } from '../errors.ts';
import { folderOf, onDisk } from '../names.ts';
import { same } from './disk.ts';
import {
  forget,
  hasNoLinks,
  keepOwner,
  makeFolders,
  nameOnceMore,
  readAll,
  removeFolders,
  syncFolder,
  temporaryName,
  writeNew,
} from './files.ts';

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

export interface Change {
  /** Absolute. */
  readonly target: string;
  /** What must stand there until the very end; null: nothing. */
  readonly present: Uint8Array | null;
  /** What will stand there; null: nothing. */
  readonly bytes: Uint8Array | null;
  readonly mode: number;
  /** Runs before the last look at the disk. */
  readonly beforeRename?: (() => void | Promise<void>) | undefined;
  /** Runs in the one moment that cannot be guarded: between the last look and the rename. */
  readonly afterLook?: () => void;
  /** Hears at once that it stands there, with its modification time: before anybody else can tell of it. */
  readonly placed?: (mtime: number | null) => Promise<void>;
  /** Waits after each rename for whoever had the replaced file open, before that file is looked at once more. */
  readonly linger?: () => void | Promise<void>;
}

/**
 * Order: a temporary file beside the target, fsync; the last look at the disk; rename; a look at the file that was
 * replaced, whose writer may have written once more in between: then it is put back; fsync of the folder.
 * @throws UndertextError `moved` when the disk is not what it should be; then the newer text stands there
 * @throws UndertextError `disk` when the system refuses; then nothing was changed
 */
export async function change(it: Change): Promise<void> {
  try {
    if (it.bytes === null) await remove(it);
    else await replace(it, it.bytes);
  } catch (error) {
    if (error instanceof UndertextError) throw error;
    throw refusal(error, it.target);
  }
}

async function replace(it: Change, bytes: Uint8Array): Promise<void> {
  const made = it.present === null ? makeFolders(folderOf(it.target)) : [];
  const temporary = temporaryName(it.target);
  try {
    const written = writeNew(temporary, bytes, it.mode);
    await it.beforeRename?.();
    const old = lastLook(it);
    if (old === null) {
      it.afterLook?.();
      createByName(temporary, it);
      await it.placed?.(written.mtimeMs);
    } else await swap(temporary, written, old, it, bytes);
    syncFolder(folderOf(it.target));
  } catch (error) {
    forget(temporary);
    removeFolders(made);
    throw error;
  } finally {
    forget(temporary);
  }
}

/** A file that we can see, whether it stands at the target or was replaced there. */
interface Held {
  readonly handle: number;
  /** A name of its own that keeps it alive; null on a file system without links. */
  readonly name: string | null;
  readonly bytes: Uint8Array;
}

/** So often the two files change places when somebody writes to each in turn; it ends with the newest text in place. */
const mostSwaps = 20;

/**
 * Renames, and looks at the file that was replaced: when somebody wrote to it meanwhile, that very file is put back, so
 * that a writer who has it open goes on where it can be seen. Both keep a name of their own until it is certain.
 */
async function swap(temporary: string, written: Stats, old: Old, it: Change, bytes: Uint8Array): Promise<void> {
  const names = [temporaryName(it.target), temporaryName(it.target)] as const;
  const handle = openSync(onDisk(temporary), O_RDONLY | O_NOFOLLOW);
  try {
    keepOwner(handle, old.stat, written);
    let dropped: Held = { handle: old.handle, name: nameOnceMore(it.target, names[0]), bytes: it.present! };
    let standing: Held = { handle, name: nameOnceMore(temporary, names[1]), bytes };
    it.afterLook?.();
    renameSync(onDisk(temporary), onDisk(it.target));
    await it.placed?.(written.mtimeMs);
    for (let swaps = 0; swaps < mostSwaps; swaps++) {
      await it.linger?.();
      const text = readAll(dropped.handle);
      if (same(text, dropped.bytes) || !isStanding(standing, it.target)) break;
      standUp({ ...dropped, bytes: text }, it);
      [standing, dropped] = [{ ...dropped, bytes: text }, standing];
    }
    if (standing.handle !== handle || !same(readAll(old.handle), it.present)) throw moved(it.target);
  } finally {
    closeSync(old.handle);
    closeSync(handle);
    for (const name of names) forget(name);
  }
}

/** False when somebody put another file there, or wrote into this one: then his text is the newest. */
function isStanding({ handle, bytes }: Held, target: string): boolean {
  return lstatSync(onDisk(target)).ino === fstatSync(handle).ino && same(readAll(handle), bytes);
}

/** Puts a file at the target: itself where there are links, else its text. */
function standUp({ name, bytes }: Held, it: Change): void {
  const spare = temporaryName(it.target);
  try {
    if (name === null) writeNew(spare, bytes, it.mode);
    else linkSync(onDisk(name), onDisk(spare));
    renameSync(onDisk(spare), onDisk(it.target));
  } finally {
    forget(spare);
  }
}

/** Takes the file out of the way first, so that what is removed is what was looked at. */
async function remove(it: Change): Promise<void> {
  const temporary = temporaryName(it.target);
  await it.beforeRename?.();
  const old = lastLook(it);
  if (old === null) return;
  closeSync(old.handle);
  it.afterLook?.();
  renameSync(onDisk(it.target), onDisk(temporary));
  if (!same(readFileSync(onDisk(temporary)), it.present)) {
    createByName(temporary, it);
    forget(temporary);
    throw moved(it.target);
  }
  unlinkSync(onDisk(temporary));
  syncFolder(folderOf(it.target));
  await it.placed?.(null);
}

interface Old {
  readonly handle: number;
  readonly stat: Stats;
}

/** What stands at the target right now, opened; null when nothing does. @throws UndertextError `moved` */
function lastLook(it: Change): Old | null {
  let handle: number;
  try {
    handle = openSync(onDisk(it.target), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (errno(error) === 'ELOOP') throw moved(it.target);
    if (errno(error) !== 'ENOENT') throw error;
    if (it.present === null) return null;
    throw moved(it.target);
  }
  try {
    const stat = fstatSync(handle);
    if (stat.isFile() && it.present !== null && same(readAll(handle), it.present)) return { handle, stat };
  } catch (error) {
    closeSync(handle);
    throw error;
  }
  closeSync(handle);
  throw moved(it.target);
}

/** A name that exists is never overwritten: a link fails where a rename would not. */
function createByName(temporary: string, it: Change): void {
  try {
    linkSync(onDisk(temporary), onDisk(it.target));
  } catch (error) {
    if (errno(error) === 'EEXIST') throw moved(it.target);
    if (!hasNoLinks(error)) throw error;
    renameSync(onDisk(temporary), onDisk(it.target));
  }
}

function moved(target: string): UndertextError {
  return new UndertextError(
    'moved',
    `${target} changed while it was being restored`,
    'run the command again when the writer is done',
  );
}

function refusal(error: unknown, target: string): UndertextError {
  const hints: Record<string, string> = {
    EACCES: `give yourself write permission to ${folderOf(target)}, or write elsewhere with --to`,
    EPERM: `give yourself write permission to ${folderOf(target)}, or write elsewhere with --to`,
    EROFS: 'the file system is read-only; write elsewhere with --to',
    ENOSPC: 'make room on the disk and try again; the file is as it was',
    EDQUOT: 'make room within your quota and try again; the file is as it was',
    EISDIR: 'a folder stands there now; move it away, or write elsewhere with --to',
    ENOTDIR: 'a file stands where a folder was; move it away, or write elsewhere with --to',
    ENAMETOOLONG: 'the name is too long for this file system; write elsewhere with --to',
  };
  const name = errno(error);
  if (name === '') throw error;
  return new UndertextError(
    'disk',
    `${target} could not be written: ${name}`,
    hints[name] ?? 'the file is as it was',
    error,
  );
}
