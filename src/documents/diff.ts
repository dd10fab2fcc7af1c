/** Door to `diff`: what a person sees of a change. */
import { createTwoFilesPatch, diffArrays, formatPatch } from 'diff';
import { coarseChanges } from './coarse-diff.ts';
import { mostDiffed } from './limits.ts';
import { linesWithEnds } from './lines.ts';

const context = 3;

/**
 * Three lines of context, as `diff -u` and `git diff` print it; '' when both are equal. Of texts that differ in very many lines it is a
 * coarser one, in which a line may go and come that could have stayed.
 */
export function unifiedDiff(before: string, after: string, beforeName: string, afterName: string): string {
  if (before === after) return '';
  const options = { context, maxEditLength: mostDiffed };
  const patch =
    createTwoFilesPatch(beforeName, afterName, before, after, undefined, undefined, options) ??
    coarsePatch(before, after, beforeName, afterName);
  return patch.replace(/^={3,}\r?\n/, '');
}

function coarsePatch(before: string, after: string, oldFileName: string, newFileName: string): string {
  const [old, young] = [linesWithEnds(before), linesWithEnds(after)];
  const hunks: Hunk[] = [];
  for (const { start, end, otherStart, otherEnd } of coarseChanges(old, young)) {
    const last = hunks[hunks.length - 1];
    if (!last || start - last.end > 2 * context) {
      const from = Math.max(0, start - context);
      hunks.push({ from, otherFrom: otherStart - (start - from), end: from, otherEnd: 0, lines: [] });
    }
    const hunk = hunks[hunks.length - 1]!;
    for (const line of old.slice(hunk.end, start)) put(hunk, ' ', line);
    for (const line of old.slice(start, end)) put(hunk, '-', line);
    for (const line of young.slice(otherStart, otherEnd)) put(hunk, '+', line);
    hunk.end = end;
    hunk.otherEnd = otherEnd;
  }
  for (const hunk of hunks) {
    for (const line of old.slice(hunk.end, hunk.end + context)) {
      put(hunk, ' ', line);
      hunk.end++;
      hunk.otherEnd++;
    }
  }
  return formatPatch({
    oldFileName,
    newFileName,
    oldHeader: undefined,
    newHeader: undefined,
    hunks: hunks.map(({ from, otherFrom, end, otherEnd, lines }) => ({
      oldStart: from + 1,
      oldLines: end - from,
      newStart: otherFrom + 1,
      newLines: otherEnd - otherFrom,
      lines,
    })),
  });
}

interface Hunk {
  readonly from: number;
  readonly otherFrom: number;
  end: number;
  otherEnd: number;
  readonly lines: string[];
}

function put({ lines }: Hunk, sign: string, line: string): void {
  if (line.endsWith('\n')) lines.push(sign + line.slice(0, -1));
  else lines.push(sign + line, '\\ No newline at end of file');
}

/** Indexes of the lines of the one text that stand in the other, in the order of both. */
export function linesKept(one: readonly string[], other: readonly string[]): ReadonlySet<number> {
  const kept = new Set<number>();
  const keep = (start: number, end: number): void => {
    for (let line = start; line < end; line++) kept.add(line);
  };
  const changes = diffArrays([...one], [...other], { maxEditLength: mostDiffed });
  let at = 0;
  if (changes) {
    for (const { added, removed, count } of changes) {
      if (added) continue;
      if (!removed) keep(at, at + count);
      at += count;
    }
    return kept;
  }
  for (const { start, end } of coarseChanges(one, other)) {
    keep(at, start);
    at = end;
  }
  keep(at, one.length);
  return kept;
}
