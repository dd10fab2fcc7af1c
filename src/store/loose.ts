/** Loose objects (git's Documentation/gitformat-loose): where content goes that is too big for a journal. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDeflate, inflateSync } from 'node:zlib';
import { errno } from '../errors.ts';
import { changedUnderway } from './blob-errors.ts';
import type { ObjectType } from './blob-name.ts';
import type { Disk } from './disk.ts';
import { self } from './lock.ts';
import type { RawObject } from './pack-read.ts';
import { makeFolder } from './repository.ts';

export function loosePath(objects: string, name: string): string {
  return join(objects, name.slice(0, 2), name.slice(2));
}

/** The object in a loose file; null when there is no such file. @throws Error when it is damaged */
export function readLoose(objects: string, name: string): RawObject | null {
  let file: Buffer;
  try {
    file = readFileSync(loosePath(objects, name));
  } catch (error) {
    if (errno(error) === 'ENOENT') return null;
    throw error;
  }
  const bytes = inflateSync(file);
  const end = bytes.indexOf(0);
  const [type, size] = bytes.toString('latin1', 0, Math.max(end, 0)).split(' ');
  const content = bytes.subarray(end + 1);
  if (end < 0 || Number(size) !== content.length) throw new Error('a loose object has another length than it says');
  return { type: type as ObjectType, content };
}

/** A temporary file of this process; git leaves such names alone too. */
export function temporaryObject(objects: string): string {
  return join(objects, `tmp_obj_${self().pid}_${randomBytes(6).toString('hex')}`);
}

/**
 * Writes a stream as a loose blob, with no more of it in memory than a few chunks, and durably.
 * An object of that name gives way: it has the same bytes, or it is damaged.
 * @throws UndertextError `moved` when the stream does not have exactly `size` bytes
 */
export async function writeLoose(
  disk: Disk,
  objects: string,
  content: AsyncIterable<Uint8Array>,
  size: number,
): Promise<string> {
  const temporary = temporaryObject(objects);
  const hash = createHash('sha1');
  const head = Buffer.from(`blob ${size}\0`);
  let read = 0;
  async function* object(): AsyncIterable<Uint8Array> {
    hash.update(head);
    yield head;
    for await (const chunk of content) {
      read += chunk.length;
      if (read > size) throw changedUnderway(size, read);
      hash.update(chunk);
      yield chunk;
    }
    if (read !== size) throw changedUnderway(size, read);
  }
  const fd = await disk.open(temporary, 'wx', 0o600);
  try {
    try {
      let position = 0;
      await pipeline(Readable.from(object(), { objectMode: true }), createDeflate({ level: 1 }), async deflated => {
        for await (const chunk of deflated as AsyncIterable<Uint8Array>) {
          await disk.write(fd, [chunk], position);
          position += chunk.length;
        }
      });
      await disk.syncData(fd);
    } finally {
      await disk.close(fd);
    }
    const name = hash.digest('hex');
    const folder = join(objects, name.slice(0, 2));
    makeFolder(folder);
    renameSync(temporary, loosePath(objects, name));
    await disk.syncFolder(folder);
    await disk.syncFolder(objects);
    return name;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
