/**
 * One write, one record: what a restore of another process put there is recorded by that process, and by nobody else who
 * sees it. A restore says what it is about to write before it does (as `about` of the post `restore`), so whoever reads the
 * file first waits for its record; whoever reads it later finds the record in the store.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Observation, Version } from '../model.ts';
import { blobName } from './blob-name.ts';
import type { Intent, Lease, PathKey, Store } from './store.ts';

/** Says it to all other processes; the disk may refuse, and then somebody may record the write a second time. */
export async function announce(lease: Lease, intent: Intent): Promise<void> {
  await lease.update({ intent }).catch(() => {});
}

/** So long a record of a restore is waited for: it comes right after the file; a process that is stopped never writes it. */
const patience = 2_000;
const step = 5;

/** `record` gives what a restore has recorded already as its version, and adds nothing. */
export function besideRestores(store: Store): Store {
  const record = async (observations: readonly Observation[]): Promise<readonly Version[]> => {
    if (observations.every(({ how }) => how === 'restore' || how === 'import')) return await store.record(observations);
    const intent = intentIn((await store.holder('restore'))?.about);
    const mayBeOurs = (seen: Observation) => intent !== null && isAt(seen, intent);
    const isOurs = intent !== null && observations.some(seen => isAt(seen, intent) && blobIn(seen) === intent.blob);
    const known = await recordNews(store, isOurs ? observations.filter(seen => !mayBeOurs(seen)) : observations);
    if (!isOurs) return known;
    await recorded(store, intent);
    const later = await recordNews(store, observations.filter(mayBeOurs));
    const [rest, those] = [known.values(), later.values()];
    return observations.map(seen => (mayBeOurs(seen) ? those : rest).next().value!);
  };
  // Everything else is the store's own, with its own `this`.
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'record') return record;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Resolves when the restore has recorded its write, or will hardly do it any more. */
async function recorded(store: Store, intent: Intent): Promise<void> {
  const until = performance.now() + patience;
  do {
    await store.refresh();
    const latest = store.latest(intent);
    if (latest?.how === 'restore' && latest.blob === intent.blob) return;
    const now = intentIn((await store.holder('restore'))?.about);
    if (now === null || !isAt(now, intent) || now.blob !== intent.blob) return await store.refresh();
    await pause(step);
  } while (performance.now() < until);
}

/** Records what no restore has recorded, and gives each its version. */
async function recordNews(store: Store, observations: readonly Observation[]): Promise<readonly Version[]> {
  if (observations.length === 0) return [];
  await store.refresh();
  const changed = new Set<string>();
  const found = observations.map(seen => {
    const key = `${seen.root}\0${seen.path}`;
    const latest = changed.has(key) ? undefined : store.latest(seen);
    if (latest?.how === 'restore' && isSame(seen, latest)) return latest;
    changed.add(key);
    return null;
  });
  const news = observations.filter((_, i) => found[i] === null);
  const fresh = (news.length === 0 ? [] : await store.record(news)).values();
  return found.map(version => version ?? fresh.next().value!);
}

function isAt({ root, path }: PathKey, other: PathKey): boolean {
  return root === other.root && path === other.path;
}

function isSame(seen: Observation, version: Version): boolean {
  return seen.kind === version.kind && seen.mode === version.mode && blobIn(seen) === version.blob;
}

function blobIn({ content }: Observation): string | null {
  if (content === null) return null;
  return content instanceof Uint8Array ? blobName(content) : content.blob;
}

/** Null for what says nothing of the kind; a lock may hold anything. */
function intentIn(about: unknown): Intent | null {
  const { intent } = (about ?? {}) as { readonly intent?: Partial<Record<keyof Intent, unknown>> };
  const { root, path, blob } = intent ?? {};
  if (typeof root !== 'string' || typeof path !== 'string') return null;
  return typeof blob === 'string' || blob === null ? { root, path, blob } : null;
}
