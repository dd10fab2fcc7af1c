/** Places and actors as keys of maps. */
import type { Actor } from './act.ts';
import type { Place } from './evidence.ts';

export function placeKey({ root, path }: Place): string {
  return `${root}\0${path}`;
}

export function actorKey({ session, agent }: Actor): string {
  return `${session}\0${agent ?? ''}`;
}
