/** Puts past contents among the versions of their paths, and says where each came from. */
import type { Observation, Time, Version } from '../../model.ts';
import type { Store } from '../../store/store.ts';
import { blobOfBytes } from '../blob-of.ts';
import type { Place } from '../evidence.ts';
import { placeKey } from '../keys.ts';
import { type Commit, type Committed, commitNotes, commitsOf } from './commits.ts';
import { type ImportedVersion, importNotes, type Source } from './imported.ts';

/** Something that stood there, and is not kept yet. */
export interface Past {
  readonly source: Source;
  readonly at: Time;
  readonly kind: 'file' | 'link' | 'gone';
  readonly content: Uint8Array | null;
  /** Left out: as the file has it now. */
  readonly mode?: number;
  /** Left out: no commit that says anything made it. */
  readonly commit?: Commit;
}

export interface ImporterDeps {
  readonly store: Store;
  readonly now: () => Time;
  /** True where what stood there at that time is to stay forgotten; asked again when it is about to be kept. */
  isForgotten(place: Place, at: Time): boolean;
  /** What stands there now; null when it cannot be looked at. */
  look(place: Place): Observation | null;
  /** Nothing is kept; what would be is counted all the same. */
  readonly isDryRun?: boolean;
}

export interface Added extends ImportedVersion {
  readonly root: string;
  readonly path: string;
  readonly at: Time;
  readonly size: number;
}

export interface Importer {
  /** The contents of one path, oldest first; what was handed over is kept in groups. */
  add(place: Place, past: readonly Past[]): Promise<void>;
  /** A version that was kept before comes from that commit. */
  comesFrom(version: Version, commit: Commit): void;
  /** Resolves when all is durable. */
  flush(): Promise<readonly Added[]>;
}

interface Waiting {
  readonly observation: Observation;
  readonly source: Source;
  readonly commit: Commit | null;
}

/** One group takes at most this much memory, and waits for one fsync. */
const groupBytes = 4 * 1024 * 1024;
const groupLength = 200;
const step: Time = 0.01;
const plainMode = 0o644;

export function importer({ store, now, isForgotten, look, isDryRun = false }: ImporterDeps): Importer {
  const added: Added[] = [];
  const touched = new Map<string, Place>();
  const committed: Committed[] = [];
  let known: ReturnType<typeof commitsOf> | null = null;
  let waiting: Waiting[] = [];
  let bytes = 0;

  const flush = async (): Promise<void> => {
    const group = waiting;
    waiting = [];
    bytes = 0;
    if (group.length === 0) return;
    // Another process may have forgotten some of it since it was read.
    await store.refresh();
    const isLeft = ({ observation }: Waiting) => !isForgotten(observation, observation.seenAt);
    await keep(group.filter(isLeft));
  };

  const keep = async (group: readonly Waiting[]): Promise<void> => {
    if (group.length === 0) return;
    const versions = isDryRun ? group.map(() => null) : await store.record(group.map(({ observation }) => observation));
    const told = group.map(
      ({ observation: { root, path, at, size }, source }, i): Added => ({
        ...source,
        id: versions[i]?.id ?? '',
        root,
        path,
        at,
        size,
      }),
    );
    added.push(...told);
    if (isDryRun) return;
    const sources = told.map(({ id, kind, tier, validated }) => ({ id, kind, tier, validated }));
    const commits = group.flatMap(({ commit }, i) => (commit ? [{ id: told[i]!.id, commit }] : []));
    await store.note([...importNotes(sources, now()), ...commitNotes(commits, now())]);
  };

  return {
    async add(place, past) {
      const versions = store.versions(place);
      const wanted = inThePast(past, now()).filter(
        ({ at }) => !isForgotten(place, at) && inForce(versions, at)?.kind !== 'withheld',
      );
      if (wanted.length === 0) return;
      const mode = versions.findLast(({ kind }) => kind === 'file')?.mode ?? plainMode;
      for (const one of wanted) {
        waiting.push({ observation: observationOf(place, one, mode), source: one.source, commit: one.commit ?? null });
        bytes += one.content?.length ?? 0;
      }
      touched.set(placeKey(place), place);
      if (bytes >= groupBytes || waiting.length >= groupLength) await flush();
    },
    comesFrom({ id }, commit) {
      known ??= commitsOf(store.notes('commit'));
      if (known.get(id)?.message !== commit.message) committed.push({ id, commit });
    },
    async flush() {
      await flush();
      if (committed.length > 0 && !isDryRun) await store.note(commitNotes(committed.splice(0), now()));
      const ends = isDryRun ? [] : [...touched.values()].flatMap(place => present(store, place, look, now()));
      if (ends.length > 0) await store.record(ends);
      touched.clear();
      return added;
    },
  };
}

/** The version that stood there at a time. */
function inForce(versions: readonly Version[], at: Time): Version | undefined {
  return versions.findLast(({ seenAt }) => seenAt <= at);
}

/** Clocks of two machines differ: what is told of the future was before now, in its order. */
function inThePast(past: readonly Past[], now: Time): readonly Past[] {
  const ahead = past.findIndex(({ at }) => at >= now);
  if (ahead === -1) return past;
  return past.map((one, i) => (i < ahead ? one : { ...one, at: now - (past.length - i) * step }));
}

/** What was imported must not look like what stands there now: where it is the newest, the disk is asked once more. */
function present(store: Store, place: Place, look: ImporterDeps['look'], now: Time): readonly Observation[] {
  const newest = store.latest(place);
  if (newest?.how !== 'import') return [];
  const seen = look(place);
  if (seen === null || (seen.kind === newest.kind && (seen.kind === 'gone' || isSame(seen, newest)))) return [];
  const seenAt = Math.max(now, newest.seenAt + step);
  return [{ ...seen, at: seen.kind === 'gone' ? seenAt : seen.at, seenAt }];
}

function isSame({ content }: Observation, { blob }: Version): boolean {
  return content instanceof Uint8Array ? blobOfBytes(content) === blob : content?.blob === blob;
}

function observationOf({ root, path }: Place, { kind, at, content, mode }: Past, usual: number): Observation {
  const bits = kind === 'gone' ? 0 : (mode ?? usual);
  const size = content?.length ?? 0;
  return { root, path, kind, at, seenAt: at, content, size, mode: bits, mtime: null, how: 'import', settled: true };
}
