/** Door to `node-diff3`: the three-way merge of text without structure. */
import { diff3Merge } from 'node-diff3';
import { type Change, coarseChanges } from './coarse-diff.ts';
import { mostMerged } from './limits.ts';
import { linesWithEnds } from './lines.ts';

interface Merged {
  readonly text: string;
  readonly conflict: boolean;
}

/** Merges by lines; `conflict` is true when both changed the same lines differently, and then `text` is `ours`. */
export function mergeText(base: string, ours: string, theirs: string): Merged {
  const [old, mine, other] = [linesWithEnds(base), linesWithEnds(ours), linesWithEnds(theirs)];
  if (Math.max(old.length, 1) * Math.max(mine.length, other.length) > mostMerged) {
    return mergeLongText(old, mine, other, ours);
  }
  const regions = diff3Merge(mine, old, other, { excludeFalseConflicts: true });
  const merged: string[] = [];
  for (const region of regions) {
    if (region.conflict || !region.ok) return { text: ours, conflict: true };
    for (const line of region.ok) merged.push(line);
  }
  return { text: merged.join(''), conflict: false };
}

/** Changes of both sides that neither overlap nor touch are made both. */
function mergeLongText(
  base: readonly string[],
  mine: readonly string[],
  theirs: readonly string[],
  ours: string,
): Merged {
  const [left, right] = [coarseChanges(base, mine), coarseChanges(base, theirs)];
  const merged: string[] = [];
  let at = 0;
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [one, two] = [left[i], right[j]];
    const isMine = one !== undefined && (two === undefined || one.start <= two.start);
    const [change, lines] = isMine ? [one, mine] : [two!, theirs];
    if (one && two && Math.max(one.start, two.start) <= Math.min(one.end, two.end)) {
      if (!isSame(one, mine, two, theirs)) return { text: ours, conflict: true };
      j++;
    }
    for (; at < change.start; at++) merged.push(base[at]!);
    for (let line = change.otherStart; line < change.otherEnd; line++) merged.push(lines[line]!);
    at = change.end;
    if (isMine) i++;
    else j++;
  }
  for (; at < base.length; at++) merged.push(base[at]!);
  return { text: merged.join(''), conflict: false };
}

function isSame(one: Change, mine: readonly string[], two: Change, theirs: readonly string[]): boolean {
  if (one.start !== two.start || one.end !== two.end) return false;
  if (one.otherEnd - one.otherStart !== two.otherEnd - two.otherStart) return false;
  for (let at = 0; at < one.otherEnd - one.otherStart; at++) {
    if (mine[one.otherStart + at] !== theirs[two.otherStart + at]) return false;
  }
  return true;
}
