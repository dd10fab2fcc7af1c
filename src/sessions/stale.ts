/** Who holds a copy of a file that others have written since: what a save from it would take away. */
import type { Time, Version } from '../model.ts';
import type { Act } from './act.ts';
import { isChange } from './attribute.ts';
import type { Place } from './evidence.ts';
import { isHis, isSeeing, lastKnown, type Viewpoint } from './knowledge.ts';
import { firstInARow, type Named, standing } from './named.ts';

/** How somebody came to know what it knows: `part` is less than the whole. */
export type KnownHow = 'read' | 'given' | 'wrote' | 'part';

export interface Holding {
  /** The version it has a copy of; null when that content is not kept. */
  readonly version: Version | null;
  readonly at: Time;
  readonly how: KnownHow;
}

/** What one session, or one sub-agent, did to one path, and knows of it. */
export interface PathUse {
  readonly place: Place;
  /** When it last read it, was given it, or saw a part of it. */
  readonly read: Time | null;
  /** When it last changed it. */
  readonly wrote: Time | null;
  /** Null when it has no copy, or it is not known which. */
  readonly knows: Holding | null;
}

export interface StaleCopy {
  readonly place: Place;
  readonly knows: Holding;
  /** What stands there now. */
  readonly now: Version;
  /** The first version of others since its copy. */
  readonly first: Version;
}

/** `viewpoint`: whose eyes, and when. Null when it had nothing to do with that path. */
export function useOf(
  place: Place,
  acts: readonly Act[],
  versions: readonly Named[],
  viewpoint: Viewpoint,
): PathUse | null {
  const own = acts.filter(act => act.at <= viewpoint.at && isHis(act, viewpoint));
  if (own.length === 0) return null;
  const last = (isOne: (act: Act) => boolean) => own.findLast(isOne)?.at ?? null;
  return {
    place,
    read: last(isSeeing),
    wrote: last(isChange),
    knows: holdingOf(acts, own, versions, viewpoint),
  };
}

/** Of one who has a copy: null when nobody else has changed the file since, or it is gone. */
export async function staleOf(
  use: PathUse,
  versions: readonly Named[],
  isOwn: (version: Version) => Promise<boolean>,
): Promise<StaleCopy | null> {
  const { knows, place } = use;
  const now = firstInARow(versions, versions.length - 1);
  if (knows === null || now?.kind !== 'file') return null;
  const nameOfCopy = knows.version === null ? null : nameIn(versions, knows.version);
  if (nameOfCopy !== null && nameOfCopy === versions.at(-1)!.name) return null;
  const from = knows.version === null ? -1 : versions.findIndex(({ version }) => version.id === knows.version!.id);
  for (const { version, name } of versions.slice(from + 1)) {
    // A copy that is not kept is older than what was written after it was taken, and than nothing else.
    const isLater = from >= 0 ? name !== nameOfCopy : version.at > knows.at;
    if (isLater && !(await isOwn(version))) return { place, knows, now, first: version };
  }
  return null;
}

function holdingOf(
  acts: readonly Act[],
  own: readonly Act[],
  versions: readonly Named[],
  viewpoint: Viewpoint,
): Holding | null {
  const { whole, isUnclear } = lastKnown(acts, viewpoint);
  if (isUnclear) return null;
  if (whole !== null) {
    const { content, act } = whole;
    const how = isChange(act) ? 'wrote' : act.kind === 'given' ? 'given' : 'read';
    return { version: standing(versions, content.blob, act.at), at: act.at, how };
  }
  const part = own.findLast(({ kind }) => kind === 'part');
  return part ? { version: standing(versions, null, part.at), at: part.at, how: 'part' } : null;
}

function nameIn(versions: readonly Named[], { id }: Version): string | null {
  return versions.find(({ version }) => version.id === id)?.name ?? null;
}
