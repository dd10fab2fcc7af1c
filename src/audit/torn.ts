/** Leaves out of the edits what was only a file being written: truncate-then-write, one write in several pieces. */
import { editsOf } from '../history/history.ts';
import type { PathHistory, Time, Version } from '../model.ts';

/** A torn version lives shorter than this; a whole one may too. */
export const TORN_MS = 2_000;

/** A file being written is compared with so many versions. */
const RECENT = 10;

type Read = (version: Version) => Promise<Uint8Array>;

/**
 * The ids of versions that lived less than two seconds and were empty, gone, or a strict prefix of what came next.
 * A prefix may also be somebody's whole version that another appended to; nothing was removed then, so no edit is missed.
 */
export async function tornVersions(versions: readonly Version[], read: Read): Promise<ReadonlySet<string>> {
  const torn = new Set<string>();
  for (const [i, version] of versions.entries()) {
    const next = versions[i + 1];
    if (next?.kind !== 'file' || next.seenAt - version.seenAt >= TORN_MS) continue;
    if (await isTorn(version, next, read)) torn.add(version.id);
  }
  return torn;
}

/** The history with torn versions left out of its edits; they stay in `versions`, where a base may be found. */
export function withoutTorn(file: PathHistory, torn: ReadonlySet<string>): PathHistory {
  return torn.size === 0 ? file : { ...file, edits: editsOf(file.versions.filter(version => !torn.has(version.id))) };
}

/**
 * True for a newest version that looks cut short and is so young that the rest may still come: empty, or the beginning
 * of one of the last versions, but none of them itself.
 */
export async function isBeingWritten(file: PathHistory, now: Time, read: Read): Promise<boolean> {
  const newest = file.versions.at(-1);
  const earlier = file.versions.slice(-RECENT, -1).filter(version => version.kind === 'file');
  if (newest?.kind !== 'file' || earlier.length === 0 || now - newest.seenAt >= TORN_MS) return false;
  if (newest.size === 0) return true;
  if (earlier.some(version => version.blob === newest.blob)) return false;
  for (const version of earlier) if (await isTorn(newest, version, read)) return true;
  return false;
}

async function isTorn(version: Version, next: Version, read: Read): Promise<boolean> {
  if (version.kind === 'gone') return true;
  if (version.kind !== 'file' || version.size >= next.size) return false;
  if (version.size === 0) return true;
  return startsWith(await read(next), await read(version));
}

function startsWith(whole: Uint8Array, start: Uint8Array): boolean {
  return start.length < whole.length && start.every((byte, i) => byte === whole[i]);
}
