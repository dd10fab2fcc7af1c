/** Puts what happened to one path into the order in which it must have happened. */
import type { Time } from '../../model.ts';

/** Clocks and the writing of records are no finer: within this, what fits goes before what is early. */
const slack: Time = 100;
/** A result is told at most so long after the file was written (usually within 100 ms). */
const lag: Time = 1_000;

export interface Timed {
  readonly asked: Time;
  readonly at: Time;
  /** Whose it is: what one did stays in its order. Null for what is nobody's. */
  readonly by: string | null;
}

/** `fits`: can it have happened where the content was left by the last one? `leaves`: what it leaves, given that. */
export interface Continuity<T, Content> {
  fits(entry: T, content: Content): boolean | undefined;
  leaves(entry: T, content: Content): Content;
}

/**
 * By the time of the result; where several may have happened at once, the one goes first that starts from what is
 * there. An entry that does not tell what it starts from (`fits` is undefined) keeps its place.
 */
export function lineUp<T extends Timed, Content>(
  entries: readonly T[],
  start: Content,
  { fits, leaves }: Continuity<T, Content>,
): readonly T[] {
  const left = entries.map((entry, i) => ({ entry, i })).sort((a, b) => a.entry.at - b.entry.at || a.i - b.i);
  const ordered: T[] = [];
  let content = start;
  while (left.length > 0) {
    const first = left[0]!.entry;
    let chosen = 0;
    if (fits(first, content) === false) {
      const blocked = new Set([first.by]);
      for (let i = 1; i < left.length && left[i]!.entry.at <= first.at + lag; i++) {
        const { entry } = left[i]!;
        if (entry.asked > first.at + slack || (entry.by !== null && blocked.has(entry.by))) continue;
        if (fits(entry, content) === true) {
          chosen = i;
          break;
        }
        blocked.add(entry.by);
      }
    }
    const { entry } = left.splice(chosen, 1)[0]!;
    ordered.push(entry);
    content = leaves(entry, content);
  }
  return ordered;
}
