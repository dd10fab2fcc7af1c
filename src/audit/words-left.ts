/** How much of what a text said is said elsewhere, in whatever order: a section that was condensed or worded anew is not gone. */
import { wordsOf } from '../documents/compare.ts';
import type { Unit } from '../model.ts';

/** Shorter words stand in every text (letters). */
const LONG = 4;
/** Texts are looked at up to here (units). */
const MOST = 5_000;

/**
 * The share (0 to 1) of the words that only `lost` said, and not what stayed of its version, that stand among the units that
 * came. 0 where it said nothing of its own.
 */
export function wordsLeft(lost: readonly Unit[], before: readonly Unit[], added: readonly Unit[]): number {
  const gone = new Set(lost);
  const stayed = termsOf(before.filter(unit => !gone.has(unit)));
  const own = [...termsOf(lost)].filter(term => !stayed.has(term));
  if (own.length === 0) return 0;
  const came = termsOf(added);
  return own.filter(term => came.has(term)).length / own.length;
}

function termsOf(units: readonly Unit[]): ReadonlySet<string> {
  const terms = new Set<string>();
  for (const { text } of units.slice(0, MOST)) {
    for (const word of wordsOf(text)) if (word.length >= LONG || !/^[a-z0-9_]+$/.test(word)) terms.add(word);
  }
  return terms;
}
