/** From which version a write grew, as far as the content tells. The heart of it all: `3-detection.md`, "Base inference". */
import { writtenAt } from '../history/history.ts';
import type { Version } from '../model.ts';
import type { Counts } from './counts.ts';

/** How far back a base is looked for. */
export const RECENT_VERSIONS = 50;
export const RECENT_HOURS = 72;
/** Beyond the recent ones: versions that stood long enough to be read by somebody, as many again. */
const LONG_LIVED = 5_000;
const STEPS = 2_000;
/** One part in so many of the distance. */
const MARGIN = 4;

export interface Candidate {
  readonly version: Version;
  readonly counts: Counts;
}

export interface Fit {
  readonly version: Version;
  /** Changes of the gap (this version → the one before the write) that the write took back. */
  readonly undone: number;
  /** Changes of the gap that the write kept: they speak against this base. */
  readonly kept: number;
  /** Units added plus removed from this version to the written one. */
  readonly distance: number;
}

/**
 * The version that explains `after` better than `before` does, or null. Candidates come newest first, and ties go to
 * the newer one. An older base is believed when the write took back more of what changed since than it kept, by a margin; for
 * sure only when it has none of what was added since, and still has what was removed. At least half of the older base must
 * stand in the write.
 */
export function inferBase(before: Counts, after: Counts, candidates: readonly Candidate[]): Fit | null {
  const near = distance(before, after);
  let best: Fit | null = null;
  const isDeletion = isWithin(after, before);
  for (const { version, counts } of candidates) {
    const { lost, undone, kept } = gap(counts, before, after);
    const fit = { version, undone, kept, distance: near + kept - undone };
    if (lost === 0 || !hasMargin(fit) || (best && fit.distance >= best.distance)) continue;
    // Who only deletes may well delete some of what is newest; only that all of it is gone speaks against that.
    if (isDeletion && fit.distance > 0 && kept > 0) continue;
    // A file written anew has none of the newest text either; it must have grown from something.
    if (shared(counts, after) * 2 >= total(counts)) best = fit;
  }
  return best;
}

/**
 * A write that kept something of what changed since may just as well have grown from the newest version: the difference must
 * then be at least a quarter of all by which the write and the older version differ.
 */
export function hasMargin({ undone, kept, distance }: Pick<Fit, 'undone' | 'kept' | 'distance'>): boolean {
  return undone > kept && (kept === 0 || (undone - kept) * MARGIN >= distance);
}

/**
 * Indexes of the versions that may be the base of `versions[at]`, newest first, the one just before it left out. Times are
 * those of the writes: the same history has the same candidates whenever it is first looked at.
 */
export function candidateIndexes(versions: readonly Version[], at: number): readonly number[] {
  const oldest = writtenAt(versions, at) - RECENT_HOURS * 3_600_000;
  const found: number[] = [];
  let longLived = 0;
  for (let i = at - 2; i >= 0 && i > at - STEPS; i--) {
    const isRecent = found.length - longLived < RECENT_VERSIONS;
    const replacedAt = writtenAt(versions, i + 1);
    // A version that was replaced within the time limit could still be read then, however old it is.
    if (replacedAt < oldest || longLived === RECENT_VERSIONS) break;
    if (isRecent) found.push(i);
    else if (replacedAt - writtenAt(versions, i) >= LONG_LIVED) {
      found.push(i);
      longLived++;
    }
  }
  return found;
}

/** Units added plus removed. */
export function distance(a: Counts, b: Counts): number {
  let sum = 0;
  for (const [fingerprint, n] of a) sum += Math.abs(n - (b.get(fingerprint) ?? 0));
  for (const [fingerprint, n] of b) if (!a.has(fingerprint)) sum += n;
  return sum;
}

function shared(a: Counts, b: Counts): number {
  let sum = 0;
  for (const [fingerprint, n] of a) sum += Math.min(n, b.get(fingerprint) ?? 0);
  return sum;
}

function isWithin(a: Counts, b: Counts): boolean {
  for (const [fingerprint, n] of a) if (n > (b.get(fingerprint) ?? 0)) return false;
  return true;
}

function total(counts: Counts): number {
  let sum = 0;
  for (const n of counts.values()) sum += n;
  return sum;
}

/** Of what changed from `base` to `before`: how much `after` took back (`lost` of it additions), how much it kept. */
function gap(base: Counts, before: Counts, after: Counts): { lost: number; undone: number; kept: number } {
  let lost = 0;
  let restored = 0;
  let kept = 0;
  const look = (fingerprint: string, b: number, v: number) => {
    if (b === v) return;
    const a = after.get(fingerprint) ?? 0;
    const size = Math.abs(v - b);
    const undone = Math.min(size, Math.max(0, v > b ? v - a : a - v));
    if (v > b) lost += undone;
    else restored += undone;
    kept += size - undone;
  };
  for (const [fingerprint, v] of before) look(fingerprint, base.get(fingerprint) ?? 0, v);
  for (const [fingerprint, b] of base) if (!before.has(fingerprint)) look(fingerprint, b, 0);
  return { lost, undone: lost + restored, kept };
}
