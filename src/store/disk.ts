/** The few system calls that decide whether something is durable; an argument, so that tests can make them fail. */
import { close, fchmod, fdatasync, fsync, ftruncate, open, rmSync, writev } from 'node:fs';
import { constants } from 'node:os';
import { promisify } from 'node:util';
import { errno, UndertextError } from '../errors.ts';

export interface Disk {
  /** Opens with exactly this mode, whatever the umask is. */
  open(path: string, flags: string | number, mode?: number): Promise<number>;
  /** Writes all of it at `position`. */
  write(fd: number, chunks: readonly Uint8Array[], position: number): Promise<void>;
  truncate(fd: number, length: number): Promise<void>;
  /** Content and length reach the disk. */
  syncData(fd: number): Promise<void>;
  /** The names in a folder reach the disk. */
  syncFolder(path: string): Promise<void>;
  close(fd: number): Promise<void>;
}

const openFile = promisify(open);
const closeFile = promisify(close);
const changeMode = promisify(fchmod);
const writeChunks = promisify(writev);
const syncFile = promisify(fsync);
const syncFileData = promisify(fdatasync);
const truncateFile = promisify(ftruncate);

/** The system takes at most this many chunks in one call (IOV_MAX). */
const chunksPerWrite = 1000;

export const realDisk: Disk = {
  async open(path, flags, mode = 0o600) {
    const fd = await openFile(path, flags, mode);
    if (flags !== 'r') await changeMode(fd, mode);
    return fd;
  },
  async write(fd, chunks, position) {
    for (let i = 0; i < chunks.length; ) {
      const some = chunks.slice(i, i + chunksPerWrite);
      const length = some.reduce((sum, chunk) => sum + chunk.length, 0);
      let written = (await writeChunks(fd, some, position)).bytesWritten;
      while (written < length) {
        const rest = Buffer.concat(some).subarray(written);
        written += (await writeChunks(fd, [rest], position + written)).bytesWritten;
      }
      position += length;
      i += some.length;
    }
  },
  truncate: (fd, length) => truncateFile(fd, length),
  syncData: fd => syncFileData(fd),
  async syncFolder(path) {
    // Windows cannot open folders; there the rename itself is what is durable.
    const fd = await openFile(path, 'r').catch(() => null);
    if (fd === null) return;
    try {
      await syncFile(fd);
    } catch (error) {
      if (!['EINVAL', 'EPERM', 'EISDIR', 'ENOTSUP'].includes(errno(error))) throw error;
    } finally {
      await closeFile(fd);
    }
  },
  close: fd => closeFile(fd),
};

/** Removes what nobody needs. A disk that refuses is no reason to fail here: `cleanUp` takes it away later. */
export function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space; keeping goes on by itself as soon as there is some',
  EDQUOT: 'free some space; keeping goes on by itself as soon as there is some',
  EROFS: 'the disk is read-only: put the store elsewhere with --store DIR',
  EACCES: 'give yourself the right to write there, or put the store elsewhere with --store DIR',
  EPERM: 'give yourself the right to write there, or put the store elsewhere with --store DIR',
  ENOTDIR: 'a file stands where the store folder should be: put the store elsewhere with --store DIR',
  EEXIST: 'a file stands where the store folder should be: put the store elsewhere with --store DIR',
  EMFILE: 'too many files are open: raise the limit with `ulimit -n`',
};

/** What the operating system refused, as an error a person can act on. Other errors pass unchanged. */
export function diskError(error: unknown, what: string): unknown {
  const code = errno(error);
  if (error instanceof UndertextError || code === '' || !(code in constants.errno)) return error;
  return new UndertextError('disk', `${what}: ${(error as Error).message}`, hints[code] ?? 'look at the disk', error);
}
