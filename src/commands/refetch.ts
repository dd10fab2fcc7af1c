/** The file of a version as it stands on the disk now, for a store that has lost its content. */
import { constants, readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errno } from '../errors.ts';
import type { FileClass, Root, Version } from '../model.ts';
import { diskPath } from '../names.ts';
import type { Refetch } from '../store/store.ts';

const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const pieceBytes = 1 << 20;

/** Follows no link and opens nothing but files; what cannot be read is as good as gone. Secrets are not looked at. */
export function refetchFrom(roots: readonly Root[], classify: (root: Root, path: string) => FileClass): Refetch {
  return async version => {
    const root = roots.find(({ name }) => name === version.root);
    if (!root || classify(root, version.path) === 'secret') return null;
    try {
      return version.kind === 'link' ? target(root, version) : await content(root, version);
    } catch (error) {
      if (errno(error) === '') throw error;
      return null;
    }
  };
}

function target(root: Root, { path }: Version): AsyncIterable<Uint8Array> {
  const bytes = readlinkSync(diskPath(root, path), { encoding: 'buffer' });
  return (async function* () {
    yield bytes;
  })();
}

async function content(root: Root, { path }: Version): Promise<AsyncIterable<Uint8Array> | null> {
  const file = await open(diskPath(root, path), flags);
  if ((await file.stat()).isFile()) return pieces(file);
  await file.close();
  return null;
}

async function* pieces(file: FileHandle): AsyncGenerator<Uint8Array> {
  try {
    for (let position = 0; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(pieceBytes), 0, pieceBytes, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
