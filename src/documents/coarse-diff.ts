/** Which lines differ between two long texts: not always the fewest, but in the time it takes to read both. */

/** Lines `start` to `end` of the one text stand where lines `otherStart` to `otherEnd` of the other do. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly otherStart: number;
  readonly otherEnd: number;
}

/**
 * Lines that stand once in both and in the same order hold the texts together (Bram Cohen's patience diff, without its recursion);
 * between two of them, what is equal at both ends is left out and the rest is one change.
 */
export function coarseChanges(one: readonly string[], other: readonly string[]): readonly Change[] {
  const changes: Change[] = [];
  const add = (from: readonly [number, number], to: readonly [number, number]): void => {
    let [start, otherStart] = from;
    let [end, otherEnd] = to;
    while (start < end && otherStart < otherEnd && one[start] === other[otherStart]) {
      start++;
      otherStart++;
    }
    while (start < end && otherStart < otherEnd && one[end - 1] === other[otherEnd - 1]) {
      end--;
      otherEnd--;
    }
    if (start < end || otherStart < otherEnd) changes.push({ start, end, otherStart, otherEnd });
  };
  let at: readonly [number, number] = [0, 0];
  for (const anchor of anchorsOf(one, other)) {
    if (anchor[0] < at[0] || anchor[1] < at[1]) continue;
    add(at, anchor);
    at = [anchor[0] + 1, anchor[1] + 1];
  }
  add(at, [one.length, other.length]);
  return changes;
}

/** The longest row of lines that stand once in both texts, in the order of both. */
function anchorsOf(one: readonly string[], other: readonly string[]): readonly (readonly [number, number])[] {
  const [mine, theirs] = [onceIn(one), onceIn(other)];
  const pairs: (readonly [number, number])[] = [];
  for (const [line, index] of mine) {
    const partner = theirs.get(line);
    if (index >= 0 && partner !== undefined && partner >= 0) pairs.push([index, partner]);
  }
  pairs.sort((a, b) => a[0] - b[0]);
  // Patience sorting: `tops` holds the pair that ends the best row of each length, `before` the one it follows.
  const tops: number[] = [];
  const before: number[] = [];
  for (const [index, [, partner]] of pairs.entries()) {
    let [low, high] = [0, tops.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tops[middle]!]![1] < partner) low = middle + 1;
      else high = middle;
    }
    before.push(low > 0 ? tops[low - 1]! : -1);
    tops[low] = index;
  }
  const row: (readonly [number, number])[] = [];
  for (let index = tops[tops.length - 1] ?? -1; index >= 0; index = before[index]!) row.push(pairs[index]!);
  return row.reverse();
}

/** Where each line stands; -1 for one that stands there more than once. */
function onceIn(lines: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [index, line] of lines.entries()) places.set(line, places.has(line) ? -1 : index);
  return places;
}
