/**
 * Text that became other characters in a way that no table knows: box drawing and arrows that are letters and accents now. Nobody does that
 * on purpose: each run of characters became the same thing wherever it stood, the text around them stands, and signs became letters.
 */
import type { Line, Pair } from './damaged-lines.ts';

interface Garbled {
  readonly pairs: readonly (Pair & { readonly characters: number })[];
  /** What became of each run. */
  readonly runs: ReadonlyMap<string, string>;
}

/** So many different runs, in at least two lines, are no coincidence and no change of taste. */
const different = 3;
/** Characters for one: an emoji has four bytes. Words in the place of a sign are longer. */
const longest = 4;
/** Signs that no text has in the place of other signs, unless its bytes were misread. Quotation marks, dots and `×` are left out. */
const strange = /\p{L}|[¡¢£¤¥¦¨ª¬¯²³´µ¶¸¹º¼½¾¿ˆ˜]/u;

/** Each line has one partner at most. */
export function garbledPairs(pairs: readonly Pair[], mine: readonly Line[], theirs: readonly Line[]): Garbled {
  const runs = new Map<string, string>();
  const [done, taken] = [new Set<number>(), new Set<number>()];
  const found: (Pair & { readonly characters: number })[] = [];
  let [written, above] = [0, 0];
  for (const { at, to } of pairs) {
    if (done.has(at) || taken.has(to)) continue;
    const outcomes = outcomesIn(mine[at]!.text, theirs[to]!.text);
    if (!outcomes?.every(([text, outcome]) => (runs.get(text) ?? outcome) === outcome)) continue;
    for (const [text, outcome] of outcomes) {
      runs.set(text, outcome);
      written += outcome.length;
      above += outcome.replace(/[\0-\x7f]/g, '').length;
    }
    done.add(at);
    taken.add(to);
    found.push({ at, to, characters: outcomes.reduce((sum, [text]) => sum + [...text].length, 0) });
  }
  const isStrange = ([text, outcome]: readonly [string, string]) =>
    /\p{L}/u.test(text) ? /[\p{S}¡-¿]/u.test(outcome) : strange.test(outcome.replace(/[\0-\x7f]/g, ''));
  const isDamage = found.length > 1 && above * 2 >= written && [...runs].filter(isStrange).length >= different;
  return isDamage ? { pairs: found, runs } : { pairs: [], runs: new Map() };
}

/** What stands in the place of each run of characters above ASCII; null when the text around them changed, or one of them stands. */
function outcomesIn(said: string, now: string): readonly (readonly [run: string, outcome: string])[] | null {
  const runs = said.match(/[^\0-\x7f]+/g);
  const [first = '', ...around] = said.split(/[^\0-\x7f]+/);
  if (!runs || !now.startsWith(first)) return null;
  const outcomes: (readonly [string, string])[] = [];
  let from = first.length;
  for (const [at, text] of runs.entries()) {
    const next = around[at]!;
    const isLast = at === runs.length - 1;
    const end = isLast ? now.length - next.length : now.indexOf(next, from + 1);
    const outcome = end > from && (!isLast || now.endsWith(next)) ? now.slice(from, end) : '';
    if (outcome === '' || outcome.length > longest * [...text].length) return null;
    if ([...text].some(character => outcome.includes(character))) return null;
    outcomes.push([text, outcome]);
    from = end + next.length;
  }
  return outcomes;
}
