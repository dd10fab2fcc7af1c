/** Puts bytes where a file stands, all or nothing, and only while the disk is what the caller believes. */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
} from 'node:fs';
import { errno, UndertextError } from '../errors.ts';
import { baseName, folderOf, onDisk } from '../names.ts';
import { keepAttributes, type Opened } from './attributes.ts';
import {
  forget,
  hasNoLinks,
  keepOwner,
  nameOnceMore,
  readAll,
  same,
  syncFolder,
  syncNames,
  temporaryName,
  writeNew,
} from './files.ts';
import { Folder, moved, type Way, wayTo } from './way.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

export interface Change {
  /** Absolute. */
  readonly target: string;
  /** The folders that lead there, as they were when this was planned; as they are now when left out. */
  readonly way?: Way;
  /** What must stand there until the very end; null: nothing. */
  readonly present: Uint8Array | null;
  /** What will stand there; null: nothing. */
  readonly bytes: Uint8Array | null;
  readonly mode: number;
  /** Hears, in a sentence, of each thing besides the text that could not be kept. */
  readonly notKept?: (what: string) => void;
  /** Copies what a file has besides its text, owner and mode; the system's programs do unless a test says otherwise. */
  readonly keepAttributes?: ((from: Opened, to: Opened) => readonly string[]) | undefined;
  /** Runs before the last look at the disk. */
  readonly beforeRename?: (() => void | Promise<void>) | undefined;
  /** Runs in the one moment that cannot be guarded: between the last look and the rename. */
  readonly afterLook?: () => void;
  /** Hears at once that it stands there, with its modification time: before anybody else can tell of it. */
  readonly placed?: (mtime: number | null) => Promise<void>;
  /** Waits after each rename for whoever had the replaced file open, before that file is looked at once more. */
  readonly linger?: () => void | Promise<void>;
}

/** A change whose folder is held. */
interface Held extends Change {
  readonly folder: Folder;
  /** Where the target stands, asked for through its folder. */
  readonly file: string;
}

/**
 * Order: a temporary file beside the target, fsync; the last look at the disk and at the folders on the way; rename; a
 * look at the way, and at the file that was replaced, whose writer may have written once more in between: then it is put
 * back; fsync of the folder. False when it stands there, but the disk did not confirm that it will after a power cut.
 * @throws UndertextError `moved` when the disk is not what it should be; then the newer text stands there
 * @throws UndertextError `disk` when the system refuses; it says whether anything was changed
 */
export async function change(given: Change): Promise<boolean> {
  let stands = false;
  const it: Change = {
    ...given,
    placed: async mtime => {
      stands = true;
      await given.placed?.(mtime);
    },
  };
  try {
    const folder = new Folder(it.target, it.way ?? wayTo(it.target), it.bytes !== null);
    try {
      const held = { ...it, folder, file: folder.at(baseName(it.target)) };
      return it.bytes === null ? await remove(held) : await replace(held, it.bytes);
    } catch (error) {
      folder.takeBack();
      // What was not found, where folders cannot be held, was taken away.
      throw folder.isUnmoved() ? error : moved(it.target);
    } finally {
      folder.close();
    }
  } catch (error) {
    if (error instanceof UndertextError) throw error;
    throw refusal(error, it.target, stands);
  }
}

async function replace(it: Held, bytes: Uint8Array): Promise<boolean> {
  const temporary = temporaryName(it.file);
  try {
    const written = writeNew(temporary, bytes, it.mode);
    if (it.present !== null) takeOver(temporary, it);
    await it.beforeRename?.();
    const old = lastLook(it);
    if (old === null) {
      it.afterLook?.();
      createByName(temporary, it);
      if (!it.folder.isUnmoved()) throw takenBack(written, it);
      await it.placed?.(written.mtimeMs);
    } else await swap(temporary, written, old, it, bytes);
    return isConfirmed(() => (old === null ? syncNames(it.target) : syncFolder(it.folder.path)));
  } finally {
    forget(temporary);
  }
}

/** Gives the new file the attributes of the one that it replaces; a file that is not there, or not ours to read, is looked at later. */
function takeOver(temporary: string, it: Held): void {
  const handles: number[] = [];
  const open = (file: string, flags: number) => {
    const handle = openSync(onDisk(file), flags | O_NOFOLLOW | O_NONBLOCK);
    handles.push(handle);
    return { handle, file };
  };
  try {
    const from = open(it.file, O_RDONLY);
    const to = open(temporary, O_RDONLY);
    // A mode without the right to write would keep it from being given attributes.
    fchmodSync(to.handle, 0o600);
    for (const what of (it.keepAttributes ?? keepAttributes)(from, to)) it.notKept?.(what);
    fchmodSync(to.handle, it.mode);
  } catch (error) {
    if (errno(error) === '') throw error;
    chmodSync(onDisk(temporary), it.mode);
  } finally {
    for (const handle of handles) closeSync(handle);
  }
}

/** The file that was made stands in a folder that is no longer on the way. */
function takenBack(written: Stats, it: Held): UndertextError {
  if (lstatSync(onDisk(it.file), { throwIfNoEntry: false })?.ino === written.ino) forget(it.file);
  return moved(it.target);
}

/** A file that we can see, whether it stands at the target or was replaced there. */
interface Seen {
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
async function swap(temporary: string, written: Stats, old: Old, it: Held, bytes: Uint8Array): Promise<void> {
  const names = [temporaryName(it.file), temporaryName(it.file)] as const;
  const handle = openSync(onDisk(temporary), O_RDONLY | O_NOFOLLOW);
  try {
    if (!keepOwner(handle, old.stat, written))
      it.notKept?.(`the file is yours now, and was of user ${old.stat.uid}, group ${old.stat.gid}`);
    let dropped: Seen = { handle: old.handle, name: nameOnceMore(it.file, names[0]), bytes: it.present! };
    let standing: Seen = { handle, name: nameOnceMore(temporary, names[1]), bytes };
    it.afterLook?.();
    renameSync(onDisk(temporary), onDisk(it.file));
    if (!it.folder.isUnmoved()) {
      if (isStanding(standing, it.file)) standUp({ ...dropped, bytes: readAll(dropped.handle) }, it);
      throw moved(it.target);
    }
    await it.placed?.(written.mtimeMs);
    for (let swaps = 0; swaps < mostSwaps; swaps++) {
      await it.linger?.();
      const text = readAll(dropped.handle);
      if (same(text, dropped.bytes) || !isStanding(standing, it.file)) break;
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
function isStanding({ handle, bytes }: Seen, file: string): boolean {
  return lstatSync(onDisk(file)).ino === fstatSync(handle).ino && same(readAll(handle), bytes);
}

/** Puts a file at the target: itself where there are links, else its text. */
function standUp({ name, bytes }: Seen, it: Held): void {
  const spare = temporaryName(it.file);
  try {
    if (name === null) writeNew(spare, bytes, it.mode);
    else linkSync(onDisk(name), onDisk(spare));
    renameSync(onDisk(spare), onDisk(it.file));
  } finally {
    forget(spare);
  }
}

/** Takes the file out of the way first, so that what is removed is what was looked at. */
async function remove(it: Held): Promise<boolean> {
  const temporary = temporaryName(it.file);
  await it.beforeRename?.();
  const old = lastLook(it);
  if (old === null) return true;
  try {
    it.afterLook?.();
    renameSync(onDisk(it.file), onDisk(temporary));
    const isThat = lstatSync(onDisk(temporary)).ino === old.stat.ino && same(readAll(old.handle), it.present);
    if (!isThat || !it.folder.isUnmoved()) {
      createByName(temporary, it);
      throw moved(it.target);
    }
  } finally {
    closeSync(old.handle);
  }
  await it.placed?.(null);
  forget(temporary);
  return isConfirmed(() => syncFolder(it.folder.path));
}

function isConfirmed(sync: () => void): boolean {
  try {
    sync();
    return true;
  } catch {
    return false;
  }
}

interface Old {
  readonly handle: number;
  readonly stat: Stats;
}

/** What stands at the target right now, opened; null when nothing does. @throws UndertextError `moved` */
function lastLook(it: Held): Old | null {
  if (!it.folder.isUnmoved()) throw moved(it.target);
  let handle: number;
  try {
    handle = openSync(onDisk(it.file), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
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

/** A name that exists is never overwritten: a link fails where a rename would not. The temporary name goes. */
function createByName(temporary: string, it: Held): void {
  try {
    linkSync(onDisk(temporary), onDisk(it.file));
  } catch (error) {
    if (errno(error) === 'EEXIST') throw moved(it.target);
    if (!hasNoLinks(error)) throw error;
    createWithoutLinks(temporary, it);
  }
  forget(temporary);
}

/** Takes the name with an empty file, which fails when there is one; a folder has no second name, and none is replaced. */
function createWithoutLinks(temporary: string, it: Held): void {
  try {
    if (!lstatSync(onDisk(temporary)).isDirectory()) {
      closeSync(openSync(onDisk(it.file), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600));
    }
  } catch (error) {
    if (errno(error) === 'EEXIST') throw moved(it.target);
    throw error;
  }
  renameSync(onDisk(temporary), onDisk(it.file));
}

function refusal(error: unknown, target: string, stands: boolean): UndertextError {
  if (stands) {
    const hint = 'what stood there before is kept: `undertext log` lists it';
    return new UndertextError('disk', `${target} was written, and then the disk refused: ${errno(error)}`, hint, error);
  }
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
