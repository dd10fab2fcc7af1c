/** Files that are too big to be read in one go while events wait: piece by piece; logs, and the biggest, straight into the store. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errno, UndertextError } from '../errors.ts';
import type { FileClass, How, Observation, Root, Time } from '../model.ts';
import { diskPath } from '../names.ts';
import { type Beginning, keptWhole, type Store } from '../store/store.ts';
import { blobId, isBehindLink, type Look, stampOf } from './read.ts';
import { keyOf } from './recorder.ts';
import type { Tails } from './tails.ts';

/** Up to here a file is held in memory; above, it goes through `store.keep` and is never held. */
export const streamAbove = 8 * 1024 * 1024;
const pieceSize = 1024 * 1024;

/** Files up to here are read in one go; logs above go into the store as segments, so that an append costs its tail. */
export function inOneGo(fileClass: FileClass): number {
  return fileClass === 'log' ? keptWhole : 1024 * 1024;
}

export interface BigDeps {
  readonly class: FileClass;
  /** What is known of logs that were read before; left out: they are read as a whole. */
  readonly tails?: Tails;
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
    if (!before.isFile() || isBehindLink(root, path)) return null;
    const seenAt = deps.now();
    const { content, blob } = await contentOf(keyOf(root.name, path), file, before, deps);
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
  key: string,
  file: FileHandle,
  stats: Stats,
  deps: BigDeps,
): Promise<{ content: Observation['content']; blob: string }> {
  const isLog = deps.class === 'log' && stats.size > keptWhole;
  if (isLog || stats.size > streamAbove) {
    const blob = await (isLog && deps.tails
      ? keepGrown(key, file, stats, deps.tails, deps)
      : keepAll(file, stats, deps));
    return { content: { blob }, blob };
  }
  const parts: Uint8Array[] = [];
  for await (const piece of pieces(file, 0, stats.size, deps.signal)) parts.push(piece);
  const content = Buffer.concat(parts);
  if (content.length !== stats.size)
    throw new UndertextError('moved', 'the file was cut short while it was read', 'look again');
  return { content, blob: blobId(content) };
}

function keepAll(file: FileHandle, { size }: Stats, { store, signal }: BigDeps): Promise<string> {
  return store.keep(pieces(file, 0, size, signal), size);
}

async function keepGrown(key: string, file: FileHandle, stats: Stats, tails: Tails, deps: BigDeps): Promise<string> {
  const { store, now, signal } = deps;
  let beginning: Beginning | null = await tails.beginning(key, file, stats, now());
  let blob: string;
  try {
    const from = beginning?.bytes ?? 0;
    const tail = pieces(file, from, stats.size, signal);
    blob = await (beginning ? store.keep(tail, stats.size, beginning) : store.keep(tail, stats.size));
  } catch (error) {
    if (!beginning || !isMissing(error)) throw error;
    beginning = null;
    blob = await keepAll(file, stats, deps);
  }
  await tails.remember(key, file, stats, blob, beginning, now());
  return blob;
}

/** What a beginning named is not in the store any more, or cannot be read back. */
function isMissing(error: unknown): boolean {
  return error instanceof UndertextError && (error.code === 'not-found' || error.code === 'damaged');
}

async function* pieces(
  file: FileHandle,
  from: number,
  size: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (let position = from; position < size; ) {
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
