/** Files that are too big to be read in one go while events wait: piece by piece, and the biggest straight into the store. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errno, UndertextError } from '../errors.ts';
import type { How, Observation, Root, Time } from '../model.ts';
import { diskPath } from '../names.ts';
import type { Store } from '../store/store.ts';
import { blobId, type Look, stampOf } from './read.ts';

/** Up to here a file is held in memory; above, it goes through `store.keep` and is never held. */
export const streamAbove = 8 * 1024 * 1024;
const pieceSize = 1024 * 1024;

export interface BigDeps {
  readonly now: () => Time;
  readonly store: Pick<Store, 'keep'>;
  readonly signal?: AbortSignal;
}

/** Reads a regular file of any size. A file that grows meanwhile is kept as long as it was when it was opened. */
export async function lookAtBig(root: Root, path: string, how: How, deps: BigDeps): Promise<Look | null> {
  let file: FileHandle | null = null;
  try {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    file = await open(diskPath(root, path), flags);
    const before = await file.stat();
    if (!before.isFile()) return null;
    const seenAt = deps.now();
    const { content, blob } = await contentOf(file, before, deps);
    const after = await file.stat();
    const observation: Observation = {
      root: root.name,
      path,
      kind: 'file',
      at: seenAt,
      seenAt,
      content,
      size: before.size,
      mode: after.mode & 0o7777,
      mtime: before.mtimeMs,
      how,
      settled: stampOf(before) === stampOf(after),
    };
    return { kind: 'seen', observation, blob, stamp: stampOf(after) };
  } catch (error) {
    // Gone, replaced or cut short while it was read: whoever did that makes an event, and then we look again.
    if (error instanceof UndertextError && error.code === 'moved') return null;
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(errno(error))) return null;
    if (error instanceof UndertextError || errno(error) === '') throw error;
    return { kind: 'unreadable', why: errno(error) };
  } finally {
    await file?.close();
  }
}

async function contentOf(
  file: FileHandle,
  stats: Stats,
  deps: BigDeps,
): Promise<{ content: Observation['content']; blob: string }> {
  if (stats.size > streamAbove) {
    const blob = await deps.store.keep(pieces(file, stats.size, deps.signal), stats.size);
    return { content: { blob }, blob };
  }
  const parts: Uint8Array[] = [];
  for await (const piece of pieces(file, stats.size, deps.signal)) parts.push(piece);
  const content = Buffer.concat(parts);
  if (content.length !== stats.size)
    throw new UndertextError('moved', 'the file was cut short while it was read', 'look again');
  return { content, blob: blobId(content) };
}

async function* pieces(file: FileHandle, size: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < size; ) {
    if (signal?.aborted) throw new UndertextError('moved', 'stopped while reading', 'start again');
    const { bytesRead, buffer } = await file.read(
      Buffer.allocUnsafeSlow(Math.min(pieceSize, size - position)),
      0,
      Math.min(pieceSize, size - position),
      position,
    );
    if (bytesRead === 0) return;
    position += bytesRead;
    yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
  }
}
