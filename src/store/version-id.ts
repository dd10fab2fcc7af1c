import { createHash } from 'node:crypto';

/** No `l` and `o`, no `0` and `1`: an id survives being read aloud. */
const letters = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Ten characters out of a hash of `parts`; another `salt` gives another id. */
export function makeId(parts: readonly (string | number | null)[], salt = 0): string {
  const hash = createHash('sha1')
    .update(JSON.stringify([salt, ...parts]))
    .digest();
  let id = '';
  for (let i = 0; i < 10; i++) id += letters[hash[i]! & 31];
  return id;
}

/** The first id of `parts` that is free. */
export function makeFreeId(parts: readonly (string | number | null)[], isTaken: (id: string) => boolean): string {
  for (let salt = 0; ; salt++) {
    const id = makeId(parts, salt);
    if (!isTaken(id)) return id;
  }
}
