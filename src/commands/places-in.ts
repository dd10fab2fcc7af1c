/** What an audit must know of the roots: where paths in texts lead, and what was there when a root was first looked at. */
import { dirname, relative, resolve, sep } from 'node:path';
import type { AuditInput } from '../audit/run-audit.ts';
import type { Note, Root, Time } from '../model.ts';
import { placeOf } from '../names.ts';
import type { Setup } from './setup.ts';

/** Of a store that is older than the note of its first look: so long after its first version, at most. */
const SHORTLY_MS = 60_000;

export function placesIn(setup: Setup): Pick<AuditInput, 'pathOf' | 'isFirstLook'> {
  const roots = new Map(setup.roots.map(root => [root.name, root]));
  const ends = new Map<string, Time>();
  for (const note of setup.store.notes('root')) {
    const { name, looked } = (note.data ?? {}) as { readonly name?: string; readonly looked?: unknown };
    if (name !== undefined && looked === true && !ends.has(name)) ends.set(name, note.at);
  }
  return {
    isFirstLook: ({ root, how, seenAt }) => how === 'scan' && seenAt <= (ends.get(root) ?? Number.NEGATIVE_INFINITY),
    pathOf(written, from) {
      const root = roots.get(from.root);
      if (!root || /[\0\n]/.test(written)) return null;
      const place = expanded(written, root, setup);
      if (place === null) return null;
      const path = relative(root.path, resolve(dirname(placeOf(root, from.path)), place))
        .split(sep)
        .join('/');
      const isInside = path !== '' && !path.startsWith('../') && path !== '..';
      if (!isInside && !root.beside.includes(path)) return null;
      return setup.classify(root, path) === 'noise' ? null : path;
    },
  };
}

/**
 * Called before the first scan of a run; what it gives is called after it, and books for each root that was looked at for
 * the first time when that was over.
 */
export function firstLook({ store, roots, world }: Setup): () => Promise<void> {
  const told = store.notes('root').map(({ at, data }) => ({ at, ...(data as { name: string; looked?: boolean }) }));
  const fresh = roots.filter(({ name }) => !told.some(note => note.name === name && note.looked === true));
  if (fresh.length === 0) return async () => {};
  const kept = new Set([...store.paths()].map(({ root }) => root));
  return async () => {
    const notes = fresh.map(({ name, path }): Note => {
      const named = told.find(note => note.name === name)?.at ?? world.now();
      // What an older store holds was looked at long ago.
      const at = kept.has(name) ? named + SHORTLY_MS : world.now();
      return { kind: 'root', at, data: { name, path, looked: true } };
    });
    await store.note(notes);
  };
}

/** As a shell would read it; null for what only a shell can know. */
function expanded(written: string, root: Root, { world }: Setup): string | null {
  const home = world.home;
  const known: Readonly<Record<string, string>> = { HOME: home, USERPROFILE: home, CLAUDE_CONFIG_DIR: root.path };
  const text = written
    .replace(/^~(?=\/|$)/, () => home)
    .replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced, bare) => known[braced ?? bare] ?? whole);
  return /[$`*?]/.test(text) ? null : text;
}
