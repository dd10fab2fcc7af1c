/** What changed between two versions that say the same; null when they do not. */
import type { Unit } from '../../src/rule.ts';

export interface Noise {
  /** Names of what only got another time. */
  readonly stamps: readonly string[];
  /** Names of what only got another number, and counts. */
  readonly counters: readonly string[];
  readonly isReordered: boolean;
  /** True when nothing but blanks, line ends and marks of a list changed. */
  readonly isReformatted: boolean;
}

const times =
  /\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z| ?[+-]\d\d:?\d\d| UTC)?|\b\d\d:\d\d(?::\d\d)?\b|\b1[5-9]\d{8}(?:\d{3})?\b/g;
const counter =
  /(^|[^a-z])(count|counter|counts|total|runs|hits|revision|rev|seq|serial|uptime|elapsed|duration|pid|age)$|(Count|Counter|Counts|Total|Runs|Hits|Revision|Seq|Serial|Uptime|Elapsed|Duration|Age)$/;
/** A text that is mostly times is a list of them, and a new one says something. */
const LONGEST = 2_000;

export function noiseBetween(before: readonly Unit[], after: readonly Unit[], isJson: boolean): Noise | null {
  if (before.length !== after.length || before.length === 0) return null;
  const [gone, came] = [without(before, after), without(after, before)];
  const stamps: string[] = [];
  const counters: string[] = [];
  for (const unit of gone) {
    const partner = came.find(
      other => other.place === unit.place && other.kind === unit.kind && isSameKey(unit, other),
    );
    if (!partner || unit.text.length > LONGEST) return null;
    // What stands beside a text by which its element is known has another fingerprint with it.
    if (unit.text === partner.text) continue;
    if (withoutTimes(unit.text) === withoutTimes(partner.text)) stamps.push(nameOf(unit));
    else if (counter.test(nameOf(unit)) && withoutNumbers(unit.text) === withoutNumbers(partner.text)) {
      counters.push(nameOf(unit));
    } else return null;
  }
  const isReordered = gone.length === 0 && !isInOrder(before, after);
  // Another order of keys says the same; another order of sentences does not.
  if (isReordered && !isJson && !isInOrder(before.filter(isText), after.filter(isText))) return null;
  return { stamps, counters, isReordered, isReformatted: gone.length === 0 && !isReordered };
}

function isInOrder(before: readonly Unit[], after: readonly Unit[]): boolean {
  return before.every(({ fingerprint }, i) => after[i]?.fingerprint === fingerprint);
}

function isText({ kind }: Unit): boolean {
  return kind !== 'field';
}

/** A key stays what it is called; a sentence that names a time is known by the rest of it. */
function isSameKey(a: Unit, b: Unit): boolean {
  return a.kind === 'field' || a.kind === 'member'
    ? nameOf(a) === nameOf(b)
    : withoutTimes(a.text) === withoutTimes(b.text);
}

/** The key of a member or field, else the first words without their times. */
function nameOf({ kind, name }: Unit): string {
  return kind === 'field' || kind === 'member' ? name : withoutTimes(name).trim();
}

function withoutTimes(text: string): string {
  return text.replace(times, '…');
}

function withoutNumbers(text: string): string {
  return text.replace(/\d+(\.\d+)?/g, '#');
}

function without(units: readonly Unit[], others: readonly Unit[]): readonly Unit[] {
  const left = new Map<string, number>();
  for (const { fingerprint } of others) left.set(fingerprint, (left.get(fingerprint) ?? 0) + 1);
  return units.filter(({ fingerprint }) => {
    const n = left.get(fingerprint) ?? 0;
    if (n > 0) left.set(fingerprint, n - 1);
    return n === 0;
  });
}
