/** Door to `node-diff3`: the three-way merge of text without structure. */
import { diff3Merge } from 'node-diff3';

/** Merges by lines; `conflict` is true when both changed the same lines differently, and then `text` is `ours`. */
export function mergeText(base: string, ours: string, theirs: string): { text: string; conflict: boolean } {
  const regions = diff3Merge(lines(ours), lines(base), lines(theirs), { excludeFalseConflicts: true });
  const merged: string[] = [];
  for (const region of regions) {
    if (region.conflict || !region.ok) return { text: ours, conflict: true };
    merged.push(...region.ok);
  }
  return { text: merged.join(''), conflict: false };
}

/** Lines with their ends, so that what is joined again is what was split. */
function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
