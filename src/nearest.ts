/** The word that was probably meant, for every `did you mean`. */

/** The known word fewest keystrokes away, if those are at most half of its letters; any beginning of it is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: { readonly name: string; readonly away: number } | null = null;
  for (const name of known) {
    const away = word !== '' && name.startsWith(word) ? 0 : keystrokes(word.toLowerCase(), name.toLowerCase());
    if (away <= name.length / 2 && (best === null || away < best.away)) best = { name, away };
  }
  return best?.name ?? null;
}

/** Levenshtein's distance. */
function keystrokes(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
