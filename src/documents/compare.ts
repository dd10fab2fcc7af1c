/** What changed between two versions, unit by unit. */
import type { Unit, UnitKind } from '../model.ts';
import { identityOf } from './json.ts';

/** Units are a multiset of fingerprints: what stood twice and stands once lost one. */
export function compareUnits(
  before: readonly Unit[],
  after: readonly Unit[],
): { removed: readonly Unit[]; added: readonly Unit[] } {
  return { removed: without(before, after), added: without(after, before) };
}

function without(units: readonly Unit[], others: readonly Unit[]): readonly Unit[] {
  const left = countsOf(others);
  return units.filter(unit => {
    const count = left.get(unit.fingerprint) ?? 0;
    if (count > 0) left.set(unit.fingerprint, count - 1);
    return count === 0;
  });
}

/** How often each fingerprint stands among the units. */
export function countsOf(units: readonly Unit[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { fingerprint } of units) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  return counts;
}

/** Longer texts are compared by their first words. */
const mostWords = 3000;

/** More units than this are not looked through for a counterpart. */
const mostCompared = 5000;

/** From this similarity on, two texts are one text that was edited. */
const edited = 0.6;

/** The share of words (and of neighbouring words) that two texts have in common, 0 to 1. */
export function similarity(a: string, b: string): number {
  if (a === b) return 1;
  const [mine, theirs] = [wordsOf(a), wordsOf(b)];
  const [fewer, more] = [Math.min(mine.length, theirs.length), Math.max(mine.length, theirs.length)];
  // A quarter as many words cannot make an edit; counting them is cheap, comparing is not.
  if (fewer * 4 < more) return fewer / more / 2;
  const shared = dice(mine, theirs);
  return shared < 0.4 ? shared / 2 : (shared + dice(pairsOf(mine), pairsOf(theirs))) / 2;
}

/**
 * The unit that stands in its place: same kind, and the same key at the same place, or a similar text, or one that says all it says and
 * more. Two links with different targets are two entries, however alike their lines are built; so are two elements of a set.
 */
export function counterpart(unit: Unit, among: readonly Unit[]): Unit | null {
  const kin = among
    .slice(0, mostCompared)
    .filter(other => other.kind === unit.kind && other.fingerprint !== unit.fingerprint);
  const same = kin.find(other => other.name === unit.name && other.place === unit.place && isNamedByKey(unit));
  if (same) return same;
  if (unit.kind === 'field') return null;
  if (unit.kind === 'member' && isElement(unit)) return sameElement(unit, kin);
  let best: Unit | null = null;
  let most = 0;
  for (const other of kin) {
    if (unit.kind === 'member' && (other.place !== unit.place || isElement(other))) continue;
    const alike = likeness(unit, other);
    if (alike > most || (alike === most && best && best.place !== unit.place && other.place === unit.place)) {
      best = other;
      most = alike;
    }
  }
  return most >= edited ? best : (kin.find(other => other.place === unit.place && grewInto(unit, other)) ?? null);
}

/** Kinds that are prose: one that was extended keeps its words. A row is known by its first cell, a heading by its name. */
const prose: ReadonlySet<UnitKind> = new Set<UnitKind>(['block', 'paragraph', 'line', 'list-item']);

/** Whether `later` says in the same order all that `unit` says, and more. One word alone proves nothing. */
export function grewInto(unit: Unit, later: Unit, fewestWords = 2): boolean {
  if (unit.kind !== later.kind || !prose.has(unit.kind)) return false;
  const links = [linkOf(unit.text), linkOf(later.text)] as const;
  if (links[0]?.target !== links[1]?.target) return false;
  const [few, many] = [wordsOf(unit.text), wordsOf(later.text)];
  if (few.length < fewestWords || few.length >= many.length) return false;
  const isAt = (from: number) => few.every((word, index) => many[from + index] === word);
  if (isAt(0) || isAt(many.length - few.length)) return true;
  // Words between its words: enough of them must still stand side by side, or any long text would hold any short one.
  if (few.length < 4 || inOrder(few, many) < 0.9 * few.length) return false;
  const pairs = new Set(pairsOf(many));
  return pairsOf(few).filter(pair => pairs.has(pair)).length >= 0.6 * few.length;
}

/** How many of the words stand in the others in their order. */
function inOrder(few: readonly string[], many: readonly string[]): number {
  let found = 0;
  let from = 0;
  for (const word of few) {
    const at = many.indexOf(word, from);
    if (at < 0) continue;
    found++;
    from = at + 1;
  }
  return found;
}

/** Among the elements of a set only an object with the same key of its own is the same one, changed: an element is its value. */
function sameElement(unit: Unit, kin: readonly Unit[]): Unit | null {
  const identity = identityOf(unit.text);
  if (identity === null) return null;
  return kin.find(other => other.place === unit.place && identityOf(other.text) === identity) ?? null;
}

/** An element of an array has no key: it is its value. */
function isElement({ name, text }: Unit): boolean {
  return name !== '' && !withKey.test(text.slice(0, longestKey));
}

/** `"key":` of JSON, `key =`, `"key" =` and `a.b =` of TOML, and the header of a table without keys. */
const withKey =
  /^"(?:[^"\\]|\\.)*"\s*:|^(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*'))*\s*=|^\[{1,2}[\w"'. -]+\]{1,2}$/;

/** UTF-16 units: no key is longer than a path. */
const longestKey = 5_000;

/**
 * What a unit lays claim to: a field its key, an entry of a list the target it leads to from there. Two of one claim cannot both be right.
 * Null for all others.
 */
export function entryOf(unit: Unit): string | null {
  if (unit.kind === 'field') return `field ${unit.name}`;
  if (unit.kind !== 'list-item') return null;
  const target = linkOf(unit.text)?.target;
  return target === undefined || target === '' ? null : `item ${target} ${unit.place}`;
}

function isNamedByKey(unit: Unit): boolean {
  if (unit.kind === 'field' || unit.kind === 'section') return true;
  if (unit.kind === 'member') return !isElement(unit);
  if (unit.kind === 'table-row') return unit.name !== '';
  return unit.kind === 'list-item' && linkOf(unit.text) !== null;
}

function likeness(unit: Unit, other: Unit): number {
  // Lengths alone tell most pairs apart, without looking at a word.
  const [short, long] = [Math.min(unit.text.length, other.text.length), Math.max(unit.text.length, other.text.length)];
  if (short * 5 < long) return 0;
  const links = [linkOf(unit.text), linkOf(other.text)] as const;
  if (links[0] && links[1] && links[0].target !== links[1].target) {
    const rests = [links[0].rest, links[1].rest] as const;
    return wordsOf(rests[0]).length >= 4 && similarity(rests[0], rests[1]) >= 0.9 ? 0.9 : 0;
  }
  return similarity(unit.text, other.text);
}

/** The link an entry begins with, and what is said of it. */
function linkOf(text: string): { readonly target: string; readonly rest: string } | null {
  const match = /^(?:[-*+]|\d+[.)]|\|)?\s*(?:\[[ xX]\]\s+)?[*_`]*\[([^\]\n]*)\]\(([^)\s]*)(?:\s[^)]*)?\)/.exec(text);
  return match ? { target: match[2]!, rest: text.slice(match[0].length) } : null;
}

/** The words of the texts that were compared last: one unit is held against many. */
const known = new Map<string, readonly string[]>();

/** Words of scripts that leave no blanks between them are their characters. */
export function wordsOf(text: string): readonly string[] {
  const remembered = known.get(text);
  if (remembered) return remembered;
  if (known.size > 2000) known.clear();
  const words = splitWords(text);
  if (text.length < 2000) known.set(text, words);
  return words;
}

function splitWords(text: string): readonly string[] {
  const words = text
    .slice(0, mostWords * 8)
    .toLowerCase()
    .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}_]+|\[[ x]\]/gu);
  if (words) return words.slice(0, mostWords);
  return text.trim() === '' ? [] : [text.trim().slice(0, 200)];
}

/** Each with the one before it. */
export function pairsOf(words: readonly string[]): readonly string[] {
  return words.map((word, index) => `${words[index - 1] ?? ''} ${word}`);
}

/** How much two lists have in common, 0 to 1; what stands twice counts twice. */
export function dice(a: readonly string[], b: readonly string[]): number {
  if (a.length + b.length === 0) return 0;
  const left = new Map<string, number>();
  for (const item of a) left.set(item, (left.get(item) ?? 0) + 1);
  let shared = 0;
  for (const item of b) {
    const count = left.get(item) ?? 0;
    if (count === 0) continue;
    shared++;
    left.set(item, count - 1);
  }
  return (2 * shared) / (a.length + b.length);
}
