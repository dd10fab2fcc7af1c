/** Door to `diff`: what a person sees of a change. */
import { createTwoFilesPatch } from 'diff';

/** Three lines of context, as `diff -u` and `git diff` print it; '' when both are equal. */
export function unifiedDiff(before: string, after: string, beforeName: string, afterName: string): string {
  if (before === after) return '';
  const patch = createTwoFilesPatch(beforeName, afterName, before, after, undefined, undefined, { context: 3 });
  return patch.replace(/^={3,}\r?\n/, '');
}
