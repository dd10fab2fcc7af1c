/** Loose objects (git's Documentation/gitformat-loose): stock git writes them, and an older undertext did for big files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { errno } from '../errors.ts';
import type { ObjectType } from './blob-name.ts';
import type { RawObject } from './pack-read.ts';

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
