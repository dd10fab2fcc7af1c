/**
 * Brings the evidence up to date with the transcripts of the roots: only what was appended is read, acts get their
 * contents, and contents that the store does not have become versions. In this order: versions, then acts and marks in one
 * write. What is interrupted before that is found again.
 */
import type { FileClass, Observation, Root, Time, Version } from '../model.ts';
import type { Store } from '../store/store.ts';
import type { Act, RawAct } from './act.ts';
import { blobOf } from './blob-of.ts';
import { reconstruct, type Sighting, type Told } from './contents/reconstruct.ts';
import { actOf } from './evidence/act-of.ts';
import type { EvidenceFile } from './evidence/evidence-file.ts';
import type { Known } from './evidence/evidence-lines.ts';
import type { Place } from './evidence.ts';
import { type News, type NewsCoverage, newsOf } from './news.ts';
import { freshCopies, type Unseen } from './past/collect-backups.ts';
import { importedOf } from './past/imported.ts';
import { type Added, importer } from './past/importer.ts';
import { type Moment, momentsOf } from './past/moments.ts';
import { largest, textOf } from './texts.ts';
import { lookAtRoot } from './transcripts/look-at-root.ts';
import { wholeAct } from './transcripts/owner.ts';
import { placesOf } from './transcripts/places.ts';

export interface CollectDeps {
  readonly roots: readonly Root[];
  readonly store: Store;
  readonly evidence: EvidenceFile;
  readonly now: () => Time;
  classify(root: Root, path: string): FileClass;
  /** True where what stood there at that time is to stay forgotten. */
  isForgotten(place: Place, at: Time): boolean;
  /** What stands there now, read; null when it cannot be looked at. */
  look(root: Root, path: string): Observation | null;
  /** Bytes of a file of a root; null when it is gone. */
  read(root: Root, path: string): Uint8Array | null;
  onProgress?(done: number): void;
  readonly signal?: AbortSignal;
  /** Nothing is kept; what would be is counted all the same. */
  readonly isDryRun?: boolean;
  /** Transcripts that are known to have grown: nothing else is looked at, copies of the client neither. */
  readonly only?: readonly Place[];
}

export interface Coverage extends NewsCoverage {
  /** What tells nothing that could be used, and why. */
  readonly skipped: readonly Unseen[];
}

export interface Collected {
  readonly added: readonly Added[];
  /** What the new lines and copies were about. */
  readonly places: readonly Place[];
  readonly coverage: Coverage;
}

export async function collect(deps: CollectDeps): Promise<Collected> {
  const { roots, store, evidence } = deps;
  evidence.refresh();
  const places = placesOf(roots.map(lookAtRoot));
  const found = await newsOf(deps, places);
  const copies = await freshCopies({
    ...deps,
    roots: deps.only ? [] : roots,
    spelled: places.known(),
    paths: pathsOf(deps, found),
    hasNewPaths: [...found.acts.values()].some(([first]) => evidence.acts(first!.place).length === 0),
    sessions: found.sessions,
    isWanted: found.isWanted,
  });
  const paths = new Map<string, Place>([...found.acts, ...copies.byPlace].map(([key, of]) => [key, of[0]!.place]));
  const keep = importer({
    store,
    now: deps.now,
    isForgotten: deps.isForgotten,
    look: lookIn(deps),
    isDryRun: deps.isDryRun ?? false,
  });
  const imported = importedOf(store.notes('import'));
  const news: Known[] = [];
  for (const [key, place] of paths) {
    if (deps.signal?.aborted) break;
    const raw = ownActs(found.acts.get(key) ?? [], evidence.acts(place));
    const sightings = await sightingsOf(deps, place, raw.acts, copies.byPlace.get(key) ?? [], imported);
    const told = reconstruct(raw.acts, sightings);
    news.push(...actsOf(told, raw, evidence.acts(place), at => deps.isForgotten(place, at)));
    await keep.add(place, momentsOf(told).map(pastOf));
  }
  const added = await keep.flush();
  if (!deps.isDryRun && !deps.signal?.aborted) {
    evidence.add([...news, ...found.known, ...copies.known]);
    await store.refresh();
    evidence.strip(deps.isForgotten, news);
    evidence.compact();
  }
  const unreadable = [...found.coverage.unreadable, ...copies.unreadable];
  return {
    added,
    places: [...paths.values()],
    coverage: { ...found.coverage, skipped: copies.skipped, unreadable },
  };
}

/** Every path that a copy may be one of. */
function pathsOf({ store, evidence }: CollectDeps, found: News): () => Iterable<Place> {
  return () => [...[...found.acts.values()].map(([first]) => first!.place), ...evidence.paths(), ...store.paths()];
}

interface Raw {
  /** One for each record. */
  readonly acts: readonly RawAct[];
  /** Every copy that was found, also of records that are known already. */
  readonly copies: readonly RawAct[];
}

/** What a fork copied of acts that are known is no news of the file: its time may be that of the fork. */
function ownActs(found: readonly { readonly act: RawAct }[], known: readonly Act[]): Raw {
  const copies = found.map(({ act }) => act);
  const before = new Map(known.map(act => [act.id, act]));
  const acts = [...grouped(copies, ({ id }) => id).values()].map(wholeAct).filter(act => {
    const own = before.get(act.id);
    return own === undefined || act.at < own.at || (own.transcript === act.transcript && act.at === own.at);
  });
  return { acts, copies };
}

/** What the store, the client's copies and the disk say of the path; from what stood there before the first act on. */
async function sightingsOf(
  deps: CollectDeps,
  place: Place,
  acts: readonly RawAct[],
  copies: readonly { readonly sighting: Sighting }[],
  imported: ReturnType<typeof importedOf>,
): Promise<readonly Sighting[]> {
  const { store, now } = deps;
  // A copy of which nobody says when it was made tells nothing of a content that is kept already.
  const isNews = ({ isTimeSure, text }: Sighting) =>
    isTimeSure !== false || text === null || !store.versions(place).some(({ blob }) => blob === blobOf(text));
  const backups = copies.map(({ sighting }) => sighting).filter(isNews);
  const first = Math.min(...acts.map(({ asked }) => asked), ...backups.map(({ at }) => at));
  const versions = store.versions(place);
  const from = Math.max(
    0,
    versions.findLastIndex(({ seenAt }) => seenAt < first - 1_000),
  );
  const kept = await Promise.all(versions.slice(from).map(version => versionSighting(store, version, imported)));
  const root = deps.roots.find(({ name }) => name === place.root)!;
  const present = deps.look(root, place.path);
  const disk = present && presentSighting(present, now());
  return [...backups, ...kept.flat(), ...(disk ? [disk] : [])];
}

async function versionSighting(
  store: Store,
  { id, kind, blob, size, seenAt, mtime, how, settled }: Version,
  imported: ReturnType<typeof importedOf>,
): Promise<readonly Sighting[]> {
  if (kind === 'gone') return [{ at: seenAt, text: null, source: 'version' }];
  if (kind !== 'file' || blob === null || size > largest) return [];
  // What an import only supposed must not bear witness for itself.
  const isSure = settled && (how !== 'import' || imported.get(id)?.validated === true);
  try {
    return [{ at: seenAt, text: textOf(await store.read(blob)), source: isSure ? 'version' : 'hint', mtime }];
  } catch {
    return [];
  }
}

function presentSighting({ kind, content, mtime }: Observation, now: Time): Sighting | null {
  if (kind === 'gone') return { at: now, text: null, source: 'version' };
  const isText = kind === 'file' && content instanceof Uint8Array && content.length <= largest;
  return isText ? { at: now, text: textOf(content), source: 'version', mtime } : null;
}

/** One act for each copy; where the record was known before, what it told then still counts. */
function actsOf(
  told: readonly Told[],
  { copies }: Raw,
  known: readonly Act[],
  isForgotten: (at: Time) => boolean,
): readonly Known[] {
  const acts = new Map(told.flatMap(entry => (entry.kind === 'act' ? [[entry.act.id, entry] as const] : [])));
  const news = copies.map(
    (copy): Known => ({ kind: 'act', data: actOf(copy, acts.get(copy.id), isForgotten(copy.at)) }),
  );
  return [...news, ...confirmed(told, known)];
}

/** What the last act left was only supposed; the first new one found exactly that. */
function confirmed(told: readonly Told[], known: readonly Act[]): readonly Known[] {
  const first = told.find(entry => entry.kind === 'act' && entry.before !== undefined);
  if (first?.kind !== 'act' || first.before?.tier !== 'own record') return [];
  const last = known.findLast(act => act.at <= first.act.asked && (act.kind === 'write' || act.kind === 'edit'));
  if (!last?.after || last.after.isValidated || last.after.blob !== blobOf(first.before.text)) return [];
  const { knownTo: _, ...own } = last;
  return [{ kind: 'act', data: { ...own, after: { ...last.after, isValidated: true } } }];
}

function pastOf({ at, text, ...source }: Moment) {
  const content = text === null ? null : Buffer.from(text);
  return { source, at, kind: text === null ? ('gone' as const) : ('file' as const), content };
}

function lookIn({ roots, look }: CollectDeps): (place: Place) => Observation | null {
  return ({ root, path }) => {
    const own = roots.find(({ name }) => name === root);
    return own ? look(own, path) : null;
  };
}

function grouped<T, Key>(all: Iterable<T>, keyOf: (each: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const each of all) {
    const key = keyOf(each);
    const group = groups.get(key);
    if (group) group.push(each);
    else groups.set(key, [each]);
  }
  return groups;
}
