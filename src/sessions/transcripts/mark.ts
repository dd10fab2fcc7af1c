/** Where a scan of a transcript stopped, and what the next one has to know. Plain JSON: the evidence keeps it. */
import { crc32 } from 'node:zlib';
import type { Time } from '../../model.ts';
import type { SessionFacts } from '../act.ts';
import type { Transcript } from './find.ts';
import type { Places } from './places.ts';

export interface Mark {
  readonly ino: number;
  readonly size: number;
  readonly mtime: Time;
  /** A checksum of the first bytes, and how many they are. */
  readonly head: string;
  readonly headBytes: number;
  /** Of the client, as the first bytes name it. */
  readonly version: string | null;
  /** A checksum of the bytes right before `offset`. */
  readonly joint: string;
  /** Where to go on: behind whole lines only, and not behind a call whose result may still come. */
  readonly offset: number;
  /** The actor's facts so far; null when no act was found yet. */
  readonly session: SessionFacts | null;
  /** How good its label is: the titles of a session have an order. */
  readonly labelRank: number;
  /** Damaged lines before `offset`. */
  readonly damaged: number;
  /** Folders called like a root that were none: see `needsAnotherLook`. */
  readonly unplaced: readonly string[];
  /** Former roots of its home that were believed then. */
  readonly formers: readonly string[];
}

/** What was kept of a mark; null for what none of ours can be: its transcript is then read from its start. */
export function readMark(plain: unknown): Mark | null {
  if (typeof plain !== 'object' || plain === null) return null;
  const mark = plain as Partial<Mark>;
  const isOurs =
    [mark.ino, mark.mtime, mark.labelRank].every(Number.isFinite) &&
    [mark.size, mark.headBytes, mark.offset, mark.damaged].every(at => Number.isSafeInteger(at) && at! >= 0) &&
    [mark.head, mark.joint, mark.version ?? ''].every(isText) &&
    [mark.unplaced, mark.formers].every(texts => Array.isArray(texts) && texts.every(isText)) &&
    (mark.session === null || typeof mark.session === 'object');
  return isOurs ? (plain as Mark) : null;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

/** Bytes that say whether it is the same file: more than the fields that all records of a session begin with. */
export const headBytes = 4096;

/** True when nothing was written since: only the stat is compared. */
export function isUnchanged(file: Transcript, mark: Mark): boolean {
  return file.ino === mark.ino && file.size === mark.size && file.mtime === mark.mtime;
}

/** True when a former root was learned after this file had named it: it has to be read again from the start. */
export function needsAnotherLook(mark: Mark, places: Places): boolean {
  if (mark.unplaced.length === 0) return false;
  const known = new Set(places.known());
  return mark.unplaced.some(path => known.has(path));
}

/** `read` gives the bytes from an offset on, or fewer. True when the file begins as it did and has the same joint. */
export function isContinued(file: Transcript, mark: Mark, read: (offset: number, bytes: number) => Buffer): boolean {
  if (file.ino !== mark.ino || file.size < mark.size || file.size === mark.size) return false;
  if (checksum(read(0, mark.headBytes)) !== mark.head) return false;
  return jointOf(mark.offset, read) === mark.joint;
}

const jointBytes = 1024;

export function jointOf(offset: number, read: (offset: number, bytes: number) => Buffer): string {
  const bytes = Math.min(offset, jointBytes);
  return checksum(read(offset - bytes, bytes));
}

export function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16);
}
