/** Who holds a copy of a file that others have written since: what a save from it would take away. */
import type { Time, Version } from '../model.ts';
import type { Act } from './act.ts';
import { isChange, type Named } from './attribute.ts';
import type { Place } from './evidence.ts';
import { isHis, lastKnown, type Moment } from './knowledge.ts';

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

/** `moment`: whose eyes, and when. Null when it had nothing to do with that path. */
export function useOf(place: Place, acts: readonly Act[], versions: readonly Named[], moment: Moment): PathUse | null {
  const own = acts.filter(act => act.at <= moment.at && isHis(act, moment));
  if (own.length === 0) return null;
  const last = (isOne: (act: Act) => boolean) => own.findLast(isOne)?.at ?? null;
  return {
    place,
    read: last(isSeeing),
    wrote: last(isChange),
    knows: holdingOf(acts, own, versions, moment),
  };
}

/** Of one who has a copy: null when nobody else has changed the file since, or it is gone. */
export async function staleOf(
  use: PathUse,
  versions: readonly Named[],
  isOwn: (version: Version) => Promise<boolean>,
): Promise<StaleCopy | null> {
  const { knows, place } = use;
  const now = sinceWhen(versions);
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

/** The newest content, as it was first seen: a later look that found the same is no write. */
function sinceWhen(versions: readonly Named[]): Version | undefined {
  let at = versions.length - 1;
  while (at > 0 && versions[at]!.name !== null && versions[at - 1]!.name === versions[at]!.name) at--;
  return versions[at]?.version;
}

function isSeeing({ kind }: Act): boolean {
  return kind === 'read' || kind === 'given' || kind === 'part';
}

function holdingOf(
  acts: readonly Act[],
  own: readonly Act[],
  versions: readonly Named[],
  moment: Moment,
): Holding | null {
  const { whole, isUnclear } = lastKnown(acts, moment);
  if (isUnclear) return null;
  if (whole !== null) {
    const { content, act } = whole;
    const how = isChange(act) ? 'wrote' : act.kind === 'given' ? 'given' : 'read';
    return { version: standing(versions, act.at, content.blob), at: act.at, how };
  }
  const part = own.findLast(({ kind }) => kind === 'part');
  return part ? { version: standing(versions, part.at, null), at: part.at, how: 'part' } : null;
}

/** The version of that content that stood there then, else the first seen later; without a content, what stood there. */
function standing(versions: readonly Named[], at: Time, name: string | null): Version | null {
  const same = name === null ? versions : versions.filter(each => each.name === name);
  const found = same.findLast(({ version }) => version.seenAt <= at) ?? (name === null ? undefined : same[0]);
  return found?.version ?? null;
}

function nameIn(versions: readonly Named[], { id }: Version): string | null {
  return versions.find(({ version }) => version.id === id)?.name ?? null;
}
