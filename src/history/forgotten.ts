/** Tombstones: notes of kind `forgotten`, which say which versions lost their content for good, when and why. */
import type { Note, Time } from '../model.ts';

export interface Tombstone {
  readonly versions: readonly string[];
  readonly paths: readonly { readonly root: string; readonly path: string }[];
  readonly reason: string | null;
}

export interface Forgotten {
  readonly at: Time;
  readonly reason: string | null;
}

export function forgottenNote(tombstone: Tombstone, at: Time): Note {
  return { kind: 'forgotten', at, data: tombstone };
}

/** By the id of the version; what was forgotten twice, by the first time. */
export function forgottenOf(notes: readonly Note[]): ReadonlyMap<string, Forgotten> {
  const forgotten = new Map<string, Forgotten>();
  for (const { kind, at, data } of notes) {
    if (kind !== 'forgotten') continue;
    const { versions, reason } = data as Tombstone;
    for (const id of versions) if (!forgotten.has(id)) forgotten.set(id, { at, reason });
  }
  return forgotten;
}

/**
 * True where what stood at a path at that time is forgotten: nothing that was there before must come back from elsewhere.
 */
export function forgottenBefore(
  notes: readonly Note[],
): (place: { readonly root: string; readonly path: string }, at: Time) => boolean {
  const until = new Map<string, Time>();
  for (const { kind, at, data } of notes) {
    if (kind !== 'forgotten') continue;
    for (const { root, path } of (data as Tombstone).paths ?? []) {
      const key = `${root}\0${path}`;
      until.set(key, Math.max(at, until.get(key) ?? 0));
    }
  }
  return ({ root, path }, at) => at <= (until.get(`${root}\0${path}`) ?? Number.NEGATIVE_INFINITY);
}
