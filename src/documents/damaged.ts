/** What a write damaged in a text that otherwise stands: characters above ASCII became others, records became empty, line ends went. */
import { isAscii, isUtf8 } from 'node:buffer';
import type { Damage, DamagedLine } from '../model.ts';
import { dice } from './compare.ts';
import {
  bare,
  type Comparison,
  compareLines,
  control,
  high,
  lineOf,
  outcomeOf,
  type Pair,
  run,
  startsOf,
} from './damaged-lines.ts';
import { formatOf } from './document.ts';
import { emptiedRecords } from './emptied.ts';
import { flattenedIn } from './flattened.ts';
import { garbledPairs } from './garbled.ts';
import { escaped, misreadings } from './misread.ts';
import { type Happened, whatHappened } from './what-happened.ts';

/** Bytes of one version: 200 ms. Nobody writes a longer text by hand. */
const largest = 4_000_000;
/** Bytes of a file of records, of which only the records that changed are parsed: 500 ms. */
const largestLog = 32_000_000;

export const noDamage: Damage = { lines: [], edited: [], kept: 0, flattened: 0 };

type Found = Pair & Happened;

/** For any bytes, in bounded time. Of UTF-16, of binary files and of files above the limits no damage is known. */
export function damageOf(path: string, before: Uint8Array, after: Uint8Array): Damage {
  const isRecords = formatOf(path) === 'jsonl';
  const size = Math.max(before.length, after.length);
  if (before.length === 0 || after.length === 0 || size > (isRecords ? largestLog : largest)) return noDamage;
  if (before.includes(0) || isWide(before) || isWide(after)) return noDamage;
  const isBytes = !isUtf8(before);
  const emptied = isRecords ? emptiedRecords(before, after, isBytes) : [];
  if (emptied.length > 0 || size > largest) return { ...noDamage, lines: emptied };
  const flattened = flattenedIn(path, before, after);
  if (flattened > 0) return { ...noDamage, flattened };
  if (isPlainEdit(before, after)) return noDamage;
  const comparison = compareLines(path, before, after);
  return comparison === null ? noDamage : damageIn(comparison, isBytes);
}

function damageIn(comparison: Comparison, isBytes: boolean): Damage {
  const { mine, theirs, pairs, places, kept } = comparison;
  const found: Found[] = [];
  const look = (at: number, to: number, by: Comparison['pairs'][number]['by'] = null): boolean => {
    const happened = whatHappened(mine[at]!, theirs[to]!, by);
    if (happened) found.push({ at, to, ...happened });
    return happened !== null;
  };
  for (const { at, to, by } of pairs) look(at, to, by);
  const left: Pair[] = [];
  for (const place of places) {
    const isInOrder = place.mine.length === place.theirs.length;
    const free = new Set(place.theirs.slice(0, nearby));
    for (const [index, at] of place.mine.slice(0, isInOrder ? undefined : nearby).entries()) {
      const to = place.theirs[index]!;
      if (isInOrder && !look(at, to)) left.push({ at, to });
      if (isInOrder) continue;
      const other = [...free].find(line => look(at, line));
      if (other !== undefined) free.delete(other);
      else for (const line of free) left.push({ at, to: line });
    }
  }
  const garbled = garbledPairs(left, mine, theirs);
  for (const { at, to, characters } of garbled.pairs) found.push({ at, to, kind: 'garbled', how: '', characters });
  const sure = withoutDoubt(found, comparison);
  const starts = sure.length === 0 ? [] : startsOf(comparison.old.map(lineOf), isBytes);
  const asLine = ({ at, to, ...happened }: Found): DamagedLine => ({
    ...happened,
    line: at,
    afterLine: to,
    text: mine[at]!.text,
    became: theirs[to]!.text,
    start: starts[at]!,
    end: starts[at]! + mine[at]![isBytes ? 'raw' : 'text'].length,
  });
  return {
    lines: sure.map(asLine).toSorted((a, b) => a.line - b.line),
    edited: sure.length === 0 ? [] : alsoEdited(sure, comparison, garbled.runs).map(asLine),
    kept,
    flattened: 0,
  };
}

/** Lines of one changed place that are held against each other: more is no place but another text. */
const nearby = 100;
/** So few lines may be examples of what they speak about, or a spelling that was meant. */
const few = 2;
/** A way that makes one character of one is believed when it explains as many different ones. */
const different = 3;
/** The bytes of U+FFFD. */
const replacement = '\xef\xbf\xbd';
/** A file that is about such signs names them, … */
const isAboutThem = /U\+FFFD|replacement characters?|mojibake/i;
/** … and a line that is about encodings may show what they do. */
const isOfEncodings = /encod|decod|utf-?8|latin-?1|windows-125|code ?page|charset|mojibake|U\+|\bNUL\b|\bbytes?\b/i;

/** Only what nobody does on purpose. */
function withoutDoubt(found: readonly Found[], { old, young, mine, theirs, kept }: Comparison): readonly Found[] {
  const of = (kind: Found['kind']) => found.filter(each => each.kind === kind);
  const sure = new Set([...of('replaced'), ...of('control'), ...of('recoded'), ...of('garbled')]);
  for (const how of new Set(of('misread').map(each => each.how))) {
    const group = of('misread').filter(each => each.how === how);
    const way = misreadings.find(({ name }) => name === how) ?? escaped;
    const characters = new Set(group.flatMap(({ at }) => mine[at]!.text.match(/[^\0-\x7f]/gu) ?? []));
    const isSure = way.isSureAlone || (characters.size >= different && group.length >= few);
    if (isSure) for (const each of group) sure.add(each);
  }
  for (const each of of('questioned')) {
    // "Tomorrow…" may become "Tomorrow?"; nobody writes "Stra?e".
    const isLetter = hasAskedLetter(mine[each.at]!.text, theirs[each.to]!.text);
    if (isLetter || of('questioned').length > few) sure.add(each);
  }
  if (of('dropped').length >= few && kept === 0) for (const each of of('dropped')) sure.add(each);
  if (sure.size === 0 || sure.size > few) return [...sure];
  const isAbout = old.some(raw => raw.includes(replacement)) || young.some(raw => isAboutThem.test(raw));
  return isAbout ? [] : [...sure].filter(({ at }) => !isOfEncodings.test(mine[at]!.text));
}

/** True when a letter above ASCII became a question mark. */
function hasAskedLetter(said: string, now: string): boolean {
  const [runs, others] = [said.match(run) ?? [], now.match(run) ?? []];
  return runs.some((text, at) => text !== others[at] && /\p{L}/u.test(text) && others[at]?.includes('?'));
}

/** Lines of the same place that show the same damage and were edited besides. */
function alsoEdited(
  found: readonly Found[],
  { mine, theirs, places }: Comparison,
  garbled: ReadonlyMap<string, string>,
): readonly Found[] {
  const [done, taken] = [new Set(found.map(({ at }) => at)), new Set(found.map(({ to }) => to))];
  const { kind, how } = found[0]!;
  const way = misreadings.find(({ name }) => name === how);
  const shows = (said: string, now: string): boolean => {
    if (kind === 'replaced') return now.includes('\ufffd');
    if (kind === 'control') return control.test(now);
    if (kind === 'questioned') return /\p{L}\?+\p{L}|\?{2}/u.test(now);
    const runs = said.match(/[^\0-\x7f]+/g) ?? [];
    return runs.some(text => {
      const outcome = kind === 'garbled' ? garbled.get(text) : way && outcomeOf(way, text);
      return outcome != null && outcome !== '' && !now.includes(text) && bare(now).includes(outcome);
    });
  };
  const edited: Found[] = [];
  for (const place of places) {
    for (const at of place.mine.slice(0, nearby)) {
      if (done.has(at) || !high.test(mine[at]!.text)) continue;
      const isKin = (to: number) => dice(wordsOf(mine[at]!.text), wordsOf(theirs[to]!.text)) >= 0.5;
      const to = place.theirs
        .slice(0, nearby)
        .find(line => !taken.has(line) && shows(mine[at]!.text, theirs[line]!.text) && isKin(line));
      if (to === undefined) continue;
      taken.add(to);
      edited.push({ at, to, kind, how, characters: 0 });
    }
  }
  return edited;
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

/** True when what an edit replaced is ASCII and brought no control character: most edits, told without looking at a line. */
function isPlainEdit(before: Uint8Array, after: Uint8Array): boolean {
  const shorter = Math.min(before.length, after.length);
  const start = longestWith(shorter, length => isSame(before.subarray(0, length), after.subarray(0, length)));
  const end = longestWith(shorter - start, length =>
    isSame(before.subarray(before.length - length), after.subarray(after.length - length)),
  );
  // Whole lines: one byte of a letter may stand on both sides.
  const next = before.indexOf(lineFeed, before.length - end);
  const went = before.subarray(
    start === 0 ? 0 : before.lastIndexOf(lineFeed, start - 1) + 1,
    next < 0 ? undefined : next,
  );
  const came = Buffer.from(after.subarray(start, after.length - end)).toString('latin1');
  return isAscii(went) && !control.test(came.replaceAll('\r\n', '\n'));
}

const lineFeed = 10;

/** The greatest length for which it is so, of those for which it is so up to some length. */
function longestWith(most: number, isSo: (length: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isSo(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function isWide(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}
