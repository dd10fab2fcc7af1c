/** Puts what happened to one path into the order in which it must have happened. */
import type { Time } from '../../model.ts';

/** Clocks and the writing of records are no finer: within this, what fits goes before what is early. */
export const slack: Time = 100;
/** A result is told at most so long after the file was written (usually within 100 ms). */
export const lag: Time = 1_000;

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
 * there, else the one that leaves what the first starts from. An entry that does not tell what it starts from (`fits` is
 * undefined) keeps its place.
 */
export function lineUp<T extends Timed, Content>(
  entries: readonly T[],
  start: Content,
  { fits, leaves }: Continuity<T, Content>,
): readonly T[] {
  const left = entries
    .map((entry, i) => ({ entry, i }))
    .sort((a, b) => a.entry.at - b.entry.at || a.i - b.i)
    .map(({ entry }) => entry);
  const ordered: T[] = [];
  let content = start;
  while (left.length > 0) {
    const first = left[0]!;
    let chosen = 0;
    if (fits(first, content) === false) {
      const others = atOnce(left);
      const next =
        others.find(i => fits(left[i]!, content) === true) ??
        others.find(i => fits(first, leaves(left[i]!, content)) === true);
      chosen = next ?? 0;
    }
    const [entry] = left.splice(chosen, 1);
    ordered.push(entry!);
    content = leaves(entry!, content);
  }
  return ordered;
}

/** Places of those that may have happened before the first one: what each did stays in its order. */
function atOnce(left: readonly Timed[]): readonly number[] {
  const first = left[0]!;
  const blocked = new Set([first.by]);
  const places: number[] = [];
  for (let i = 1; i < left.length && left[i]!.at <= first.at + lag; i++) {
    const { asked, by } = left[i]!;
    if (asked > first.at + slack || (by !== null && blocked.has(by))) continue;
    places.push(i);
    blocked.add(by);
  }
  return places;
}
