/** Leaves out of the edits what was only a file being written: truncate-then-write, one write in several pieces. */
import { editsOf } from '../history/history.ts';
import type { PathHistory, Time, Version } from '../model.ts';

/** A torn version lives shorter than this; a whole one may too. A slow write is one as long as its steps are closer. */
export const TORN_MS = 3_000;

/** A file being written is compared with so many versions. */
const RECENT = 10;

type Read = (version: Version) => Promise<Uint8Array>;

export interface Torn {
  /**
   * Versions that lived for moments and were empty, gone, or a strict prefix of what came next. A prefix may also be
   * somebody's whole version that another appended to; nothing was removed then, so no edit is missed.
   */
  readonly torn: ReadonlySet<string>;
  /** Those of them that nobody can have started from: the file had been cut before it grew, and they look it. */
  readonly pieces: ReadonlySet<string>;
}

/** `isBase`: true when a record says that the second was made of the first, which stood there as a whole then. */
export async function tornVersions(
  versions: readonly Version[],
  read: Read,
  isBase: (version: Version, next: Version) => Promise<boolean> = async () => false,
): Promise<Torn> {
  const torn = new Set<string>();
  const pieces = new Set<string>();
  let cutFrom: Version | null = null;
  for (const [i, version] of versions.entries()) {
    const before = versions[i - 1];
    const next = versions[i + 1];
    if (!before || !torn.has(before.id)) cutFrom = (await isCutOf(before, version, read)) ? before! : null;
    if (next?.kind !== 'file' || !isShort(version, next)) continue;
    if (!(await isTorn(version, next, read)) || (await isBase(version, next))) continue;
    torn.add(version.id);
    if (cutFrom && (await looksCut(version, cutFrom, read))) pieces.add(version.id);
  }
  return { torn, pieces };
}

/** True when a version stood for moments only before the next one was written. */
export function isShort(version: Version, next: Version): boolean {
  return cameAt(version, next) - Math.min(version.at, version.seenAt) < TORN_MS;
}

/** True for a history in which a version may have been a file that was just being written. */
export function isBrisk(versions: readonly Version[]): boolean {
  return versions.some((version, i) => i + 1 < versions.length && isShort(version, versions[i + 1]!));
}

/** When the next version was written: a scan may find it much later, and a copy may keep a time of long ago. */
function cameAt(version: Version, next: Version): Time {
  return next.at >= version.at ? Math.min(next.at, next.seenAt) : next.seenAt;
}

/** True when the version took something away from the one before it: a growth that begins so is one slow write. */
async function isCutOf(before: Version | undefined, version: Version, read: Read): Promise<boolean> {
  if (before?.kind !== 'file' || before.size === 0) return false;
  return version.kind !== 'file' || !startsWith(await read(version), await read(before));
}

/** Who deletes a file and writes it anew within this time has written over it (milliseconds). */
const RECREATED_MS = 10 * 60_000;

/** The history in whose edits a file that was deleted and came back soon was never away; a scan may find it much later. */
export function withoutDetours(file: PathHistory): PathHistory {
  const isDetour = (version: Version, i: number) => {
    const next = file.versions[i + 1];
    if (version.kind !== 'gone' || next?.kind !== 'file') return false;
    return cameAt(version, next) - version.at < RECREATED_MS;
  };
  if (!file.versions.some(isDetour)) return file;
  const detours = new Set(file.versions.filter(isDetour));
  const lasting = file.edits.flatMap(({ before, after }) => [before, after]).filter(version => !detours.has(version));
  return { ...file, edits: editsOf([...new Set(lasting)]) };
}

/** The history with torn versions left out of its edits; they stay in `versions`, where a base may be found. */
export function withoutTorn(file: PathHistory, torn: ReadonlySet<string>): PathHistory {
  return torn.size === 0 ? file : { ...file, edits: editsOf(file.versions.filter(version => !torn.has(version.id))) };
}

/**
 * True for what came less than so many milliseconds ago. What comes from the future was recorded before the clock was set
 * back: how old it is cannot be known, and nobody waits until the clock has caught up.
 */
export function isYounger(came: Time, than: number, now: Time): boolean {
  return now - came < than && now >= came;
}

/**
 * True for a newest version that looks cut short and is so young that the rest may still come: empty, the beginning of
 * one of the last versions but none of them itself, less than half of the last one, a text that ends within a line where
 * that did not, or the last step of a growth that began with a cut.
 */
export async function isBeingWritten(file: PathHistory, now: Time, read: Read): Promise<boolean> {
  const newest = file.versions.at(-1);
  const earlier = file.versions.slice(-RECENT, -1).filter(version => version.kind === 'file');
  if (newest?.kind !== 'file' || earlier.length === 0 || !isYounger(newest.seenAt, TORN_MS, now)) return false;
  if (newest.size === 0) return true;
  const { torn, pieces } = await tornVersions(file.versions.slice(-RECENT), read);
  if (earlier.some(version => version.blob === newest.blob && !torn.has(version.id))) return false;
  for (const version of earlier) if (await isTorn(newest, version, read)) return true;
  const last = earlier.at(-1)!;
  if (newest.size * 2 < last.size || ((await isOpen(newest, read)) && !(await isOpen(last, read)))) return true;
  return torn.has(last.id) && pieces.size > 0;
}

/** What grows after a cut may also be a whole text that somebody appended to at once; that one ends with a line. */
async function looksCut(version: Version, whole: Version, read: Read): Promise<boolean> {
  return (await isTorn(version, whole, read)) || (await isOpen(version, read));
}

async function isOpen(version: Version, read: Read): Promise<boolean> {
  return version.kind === 'file' && version.size > 0 && (await read(version)).at(-1) !== 0x0a;
}

async function isTorn(version: Version, next: Version, read: Read): Promise<boolean> {
  if (version.kind === 'gone') return true;
  // What a record or a backup tells is a whole content, however short it stood.
  if (version.how === 'import') return false;
  if (version.kind !== 'file' || version.size >= next.size) return false;
  if (version.size === 0) return true;
  return startsWith(await read(next), await read(version));
}

function startsWith(whole: Uint8Array, start: Uint8Array): boolean {
  return start.length < whole.length && Buffer.compare(whole.subarray(0, start.length), start) === 0;
}
