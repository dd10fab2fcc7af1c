/** Loose objects (git's Documentation/gitformat-loose): stock git writes them, and an older undertext did for big files. */
import { join } from 'node:path';
import { inflateSync, constants as zlib } from 'node:zlib';
import { errno } from '../errors.ts';
import type { ObjectType } from './blob-name.ts';
import type { RawObject } from './pack/pack-read.ts';
import { readNow } from './read-now.ts';

const looseHead = /^(blob|tree|commit|tag) (\d{1,12})\0/;
const longestHead = 32;
/** Enough of the file for the head of the object. */
const headWindow = 64;
/** What a buffer can hold on every Node, with the head before it. */
const biggestObject = 2 ** 32 - 64;

export function loosePath(objects: string, name: string): string {
  return join(objects, name.slice(0, 2), name.slice(2));
}

/** The object in a loose file; null when there is no such file. @throws Error when it is damaged */
export function readLoose(objects: string, name: string): RawObject | null {
  let file: Buffer;
  try {
    file = readNow(loosePath(objects, name));
  } catch (error) {
    if (errno(error) === 'ENOENT') return null;
    throw error;
  }
  // What it says of its length is read first, so that no more than that is inflated.
  const start = inflateSync(file.subarray(0, headWindow), { finishFlush: zlib.Z_SYNC_FLUSH });
  const head = looseHead.exec(start.toString('latin1', 0, longestHead));
  if (!head) throw new Error('a loose object without a head');
  const [whole, type, size] = head;
  if (Number(size) > biggestObject) throw new Error(`a loose object that claims ${size} bytes`);
  const content = inflateSync(file, { maxOutputLength: whole.length + Number(size) + 1 }).subarray(whole.length);
  if (content.length !== Number(size)) throw new Error('a loose object has another length than it says');
  return { type: type as ObjectType, content };
}
