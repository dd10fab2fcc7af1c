/** What of a path's past is not in the store yet: contents, and the moments at which they stood there. */
import type { Time } from '../../model.ts';
import type { Content, Told, ToldSighting } from '../contents/reconstruct.ts';
import type { Source } from './imported.ts';

/** A content that is to be imported; null: nothing stood there any more. */
export interface Moment extends Source {
  readonly at: Time;
  readonly text: string | null;
}

/** Two moments that the clock does not part; finer than any clock that a version comes from. */
const step: Time = 0.01;
/** A version that was read so long after a write is the one of that write. */
const soon: Time = 2_000;

interface Point {
  at: Time;
  readonly text: string | null;
  /** Null for what the store has. */
  readonly source: Source | null;
  /** Of what the store has: when the file was changed last. */
  readonly mtime: Time | null;
}

/**
 * Goes through what is told in its order. The same content in a row is one moment, the first; what the store read at
 * about that time is not told again. Times follow the order: between two versions of the store nothing leaves its place.
 */
export function momentsOf(told: readonly Told[]): readonly Moment[] {
  const known = new Set(told.flatMap(textsOf));
  // A copy whose time nobody says tells nothing but its text: where that is told anyway, it may stand anywhere.
  const isNews = (entry: Told) => entry.kind === 'act' || !isUnsure(entry) || !known.has(entry.sighting.text);
  const points = inTime(told.filter(isNews).flatMap((entry, i, all) => pointsOf(entry, () => isGoneAfter(all, i))));
  return points.flatMap((point, i) => {
    const { source, at, text } = point;
    const last = points[i - 1];
    const next = points[i + 1];
    if (source === null || (last && last.text === text) || (text === null && !last)) return [];
    const isNext = next?.source === null && next.text === text;
    if (isNext && (next.at <= at + soon || (next.mtime !== null && next.mtime <= at + soon))) return [];
    return [{ ...source, at, text }];
  });
}

function isUnsure({ sighting: { source, isTimeSure } }: ToldSighting): boolean {
  return source === 'backup' && isTimeSure === false;
}

/** Contents that are told with their time. */
function textsOf(entry: Told): readonly (string | null)[] {
  if (entry.kind === 'act') return [entry.before?.text ?? null, entry.after?.text ?? null];
  return isUnsure(entry) ? [] : [entry.sighting.text];
}

function pointsOf(entry: Told, isGone: () => boolean): readonly Point[] {
  if (entry.kind === 'sighting') {
    const { at, text, source, mtime, from, isTimeSure } = entry.sighting;
    if (source !== 'backup') return [{ at, text, source: null, mtime: mtime ?? null }];
    return [
      {
        at,
        text,
        source: { kind: from ?? 'backup', tier: 'backup', validated: isTimeSure !== false || entry.isValidated },
        mtime: null,
      },
    ];
  }
  const { act, before, after } = entry;
  const points: Point[] = [];
  if ((act.kind === 'write' || act.kind === 'edit') && before) points.push(point(before, act.asked - 1));
  if (act.kind === 'shell' && act.shell === 'remove' && isGone()) points.push(gone(act.at));
  // What was given to a session was read some time before; it says nothing of its own about the file.
  if (after && act.kind !== 'given' && act.kind !== 'part') points.push(point(after, act.at));
  return points;
}

/** A command may have failed, or have meant another file: what comes next says whether it was gone. */
function isGoneAfter(told: readonly Told[], at: number): boolean {
  for (const entry of told.slice(at + 1)) {
    if (entry.kind === 'sighting') return entry.sighting.text === null;
    if (entry.before !== undefined) return entry.before === null;
    if (entry.act.kind === 'read') return false;
  }
  return false;
}

function point({ text, tier, isValidated }: Content, at: Time): Point {
  return { at, text, source: { kind: 'transcript', tier, validated: isValidated }, mtime: null };
}

function gone(at: Time): Point {
  return { at, text: null, source: { kind: 'transcript', tier: 'own record', validated: false }, mtime: null };
}

/** One for the same content in a row: with the first one's time, and the best that is known of it. */
function inTime(points: readonly Point[]): readonly Point[] {
  const kept: Point[] = [];
  for (const each of points) {
    const last = kept.at(-1);
    if (last?.source && each.source && last.text === each.text) {
      const validated = last.source.validated || each.source.validated;
      kept[kept.length - 1] = { ...last, source: { ...last.source, validated } };
    } else kept.push({ ...each });
  }
  for (let i = 1; i < kept.length; i++) {
    const [last, here] = [kept[i - 1]!, kept[i]!];
    if (here.source !== null && here.at <= last.at) here.at = last.at + step;
  }
  for (let i = kept.length - 2; i >= 0; i--) {
    const [here, next] = [kept[i]!, kept[i + 1]!];
    if (here.source !== null && here.at >= next.at) here.at = next.at - step;
  }
  return kept;
}
