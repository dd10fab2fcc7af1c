/** Records that kept their id and lost all they said, as a compaction that fails in the middle leaves them. */
import type { DamagedLine } from '../model.ts';
import { type Line, lineOf, rawLines, startsOf } from './damaged-lines.ts';

/** By where they stand in the record. */
type Texts = ReadonlyMap<string, string>;

interface Record {
  readonly at: number;
  readonly id: string | null;
  readonly texts: Texts;
}

interface Emptied {
  readonly at: number;
  readonly to: number;
  readonly lost: readonly string[];
  /** What stands in the place of the lost texts. */
  readonly instead: readonly string[];
}

/** Texts of one record, and how deep they lie: more is not looked at. */
const mostTexts = 2_000;
const deepest = 40;
/** What stands in so many records as it is was said by none of them. */
const shared = 3;

/** Only records that changed are parsed. */
export function emptiedRecords(before: Uint8Array, after: Uint8Array, isBytes: boolean): readonly DamagedLine[] {
  const [old, young] = [rawLines(before), rawLines(after)];
  const [inOld, inYoung] = [new Set(old), new Set(young)];
  const changed = old.flatMap((raw, at) => (inYoung.has(raw) ? [] : (recordOf(raw, at) ?? [])));
  const fresh = young.flatMap((raw, at) => (inOld.has(raw) ? [] : (recordOf(raw, at) ?? [])));
  if (changed.length === 0 || fresh.length === 0) return [];
  const byId = new Map(fresh.flatMap(record => (record.id === null ? [] : [[record.id, record] as const])));
  const byPlace = new Map(old.length === young.length ? fresh.map(record => [record.at, record] as const) : []);
  const often = countsIn(fresh);
  const found = changed.flatMap(record => {
    const other = record.id === null ? byPlace.get(record.at) : byId.get(record.id);
    return (other && emptied(record, other, often)) ?? [];
  });
  const instead = new Map<string, number>();
  for (const text of found.flatMap(each => each.instead)) instead.set(text, (instead.get(text) ?? 0) + 1);
  // The same note in each of them is no text of theirs.
  const real = found.filter(each => each.instead.every(text => instead.get(text)! >= shared));
  if (real.length === 0) return [];
  const lines: readonly Line[] = old.map(lineOf);
  const starts = startsOf(lines, isBytes);
  return real.map(({ at, to, lost }) => ({
    kind: 'emptied',
    how: '',
    line: at,
    afterLine: to,
    text: lines[at]!.text,
    became: lineOf(young[to]!).text,
    start: starts[at]!,
    end: starts[at]! + lines[at]![isBytes ? 'raw' : 'text'].length,
    characters: lost.reduce((sum, text) => sum + text.length, 0),
  }));
}

/** Null when the record still says something of its own. */
function emptied({ at, texts }: Record, other: Record, often: ReadonlyMap<string, number>): Emptied | null {
  const lost: string[] = [];
  const instead: string[] = [];
  for (const [path, text] of texts) {
    const now = other.texts.get(path) ?? '';
    if (now === text) {
      if (isSpeech(text) && (often.get(text) ?? 0) < shared) return null;
      continue;
    }
    if (isSpeech(text)) lost.push(text);
    if (now !== '' && !isName(now)) instead.push(now);
  }
  for (const [path, text] of other.texts) if (!texts.has(path) && !isName(text)) instead.push(text);
  return lost.length > 0 ? { at, to: other.at, lost, instead } : null;
}

/** Several words, or a sentence of a script without blanks. A payload that a program leaves out has neither. */
function isSpeech(text: string): boolean {
  return /\p{L}{2,}\s+\p{L}/u.test(text) || /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Thai}]{4}/u.test(text);
}

/** An id, a moment, a number: what a record is called, not what it says. */
function isName(text: string): boolean {
  return /^(?:[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+Z?|[\d.]+)$/i.test(text);
}

function countsIn(records: readonly Record[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { texts } of records) for (const text of texts.values()) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/** Null for a line that is no object. */
function recordOf(raw: string, at: number): Record | null {
  if (!raw.startsWith('{')) return null;
  let value: unknown;
  try {
    value = JSON.parse(lineOf(raw).text);
  } catch {
    return null;
  }
  const { uuid, id } = value as { readonly uuid?: unknown; readonly id?: unknown };
  const name = [uuid, id].find(each => typeof each === 'string' || typeof each === 'number');
  const texts = new Map<string, string>();
  const collect = (part: unknown, path: string, depth: number): void => {
    if (typeof part === 'string' && part.trim() !== '') texts.set(path, part);
    if (part === null || typeof part !== 'object' || depth > deepest) return;
    for (const [key, child] of Object.entries(part)) {
      if (texts.size >= mostTexts) return;
      collect(child, `${path}/${key}`, depth + 1);
    }
  };
  collect(value, '', 0);
  return { at, id: name === undefined ? null : String(name), texts };
}
