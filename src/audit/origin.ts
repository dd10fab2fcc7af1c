/** Whether whoever wrote a text had read another one, as far as their words tell. */
import { dice, pairsOf, similarity, wordsOf } from '../documents/compare.ts';
import type { Unit } from '../model.ts';

/** So many words, and so much of what only the unit said (0 to 1), are no coincidence. */
const FEWEST = 2;
const MUCH = 0.4;
/** So many are none in any case, however long the unit. */
const MANY = 12;
/** So many of their letters side by side have two spellings of one word in common (0 to 1). */
const SPELLED = 0.5;
/** Shorter words stand in every text. */
const LONG = 4;

/**
 * True when `later` was made of `unit` rather than of something its writer had anyway: nothing among `known` is as like it.
 * Lines of one list often follow one pattern, and then each is as like every other; and of two edits of one line, each is
 * more like that line than like the other.
 */
export function isMadeOf(unit: Unit, later: Unit, known: readonly Unit[]): boolean {
  const alike = similarity(unit.text, later.text);
  const rivals = known.filter(other => other.kind === later.kind && similarity(other.text, later.text) >= alike);
  return rivals.length === 0 || (isRespelled(unit, later) && !rivals.some(rival => isRespelled(rival, later)));
}

/** True when the words in which the two differ are spelled alike: one is the other put right. */
function isRespelled(unit: Unit, later: Unit): boolean {
  const [mine, theirs] = [wordsOf(unit.text), wordsOf(later.text)];
  const letters = (words: readonly string[], others: readonly string[]) =>
    pairsOf([...words.filter(word => !others.includes(word)).join(' ')]);
  return dice(letters(mine, theirs), letters(theirs, mine)) >= SPELLED;
}

/** True when one of these texts repeats what the unit brought: words, and words side by side, that stand nowhere in `known`. */
export function isEchoed(unit: Unit, texts: readonly Unit[], known: ReadonlySet<string>): boolean {
  const brought = new Set(termsOf(unit).filter(term => !known.has(term)));
  const needed = Math.min(MANY, Math.max(FEWEST, MUCH * brought.size));
  return brought.size >= FEWEST && texts.some(text => mayBeOf(unit, text) && countIn(text, brought) >= needed);
}

/** True unless the unit leads somewhere, and the text does not lead there: entries of one index are built alike. */
export function mayBeOf(unit: Unit, text: Unit): boolean {
  return text.text.includes(nameOfLink(unit));
}

/** Where the line points first: lines of an index that point to different files are different lines. */
export function nameOfLink(unit: Unit): string {
  return /\]\(<?([^)\s>#]+)|\[\[([^\]|#]+)/.exec(unit.text)?.slice(1).find(Boolean) ?? '';
}

export function allTerms(units: readonly Unit[]): ReadonlySet<string> {
  return new Set(units.flatMap(termsOf));
}

function termsOf({ text }: Unit): readonly string[] {
  const words = wordsOf(text);
  return [...words.filter(word => word.length >= LONG), ...pairsOf(words).filter(pair => !pair.startsWith(' '))];
}

function countIn(unit: Unit, wanted: ReadonlySet<string>): number {
  return new Set(termsOf(unit).filter(term => wanted.has(term))).size;
}
