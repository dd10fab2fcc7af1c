/**
 * The trash: chains of commits whose months were written anew. They stay readable for a while, so that what was dropped
 * by mistake can be had back with stock git; then the refs go, and what only they led to.
 *
 *     refs/undertext/trash/<when, in ms>-<bytes only they lead to>/<machine>/<yyyy-mm>
 */
import type { Time } from '../../model.ts';
import type { Head } from '../refs.ts';
import { listRefs } from '../refs.ts';
import type { Layout } from '../repository.ts';

const prefix = 'refs/undertext/trash';

export interface Trashed extends Head {
  readonly at: Time;
  /** The same number stands in all refs that were trashed together. */
  readonly bytes: number;
}

export function trashRef(at: Time, bytes: number): string {
  return `${prefix}/${Math.floor(at)}-${bytes}`;
}

export function listTrash(layout: Layout): readonly Trashed[] {
  return listRefs(layout, prefix).map(({ ref, commit }) => {
    const [at, bytes] = ref.slice(prefix.length + 1).split(/[-/]/);
    return { ref, commit, at: Number(at), bytes: Number(bytes) };
  });
}

/** Bytes that only the trash holds, as they were counted when it was filled. */
export function trashBytes(layout: Layout): number {
  const times = new Map(listTrash(layout).map(({ at, bytes }) => [at, bytes]));
  return [...times.values()].reduce((sum, bytes) => sum + bytes, 0);
}
