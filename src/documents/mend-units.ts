/** Mending what is a row of units: Markdown, records, paragraphs, lines. */
import type { Unit } from '../model.ts';
import { type Alignment, align, judge } from './align.ts';
import { countsOf } from './compare.ts';
import type { Document } from './document.ts';
import { waysToInsertField } from './fields.ts';
import type { Choice, Conflict, MendedText } from './mended-text.ts';
import { type Run, runFrom, waysToInsert } from './place.ts';
import { applySplices, lineStart, type Splice, withNewlines } from './splice.ts';

export interface UnitsMending {
  readonly base: Document | null;
  readonly lost: Document;
  readonly present: Document;
  /** The units of `lost` that are wanted, in their order. */
  readonly indexes: readonly number[];
  /** Reads a text as `present` was read. */
  readonly reread: (text: string) => Document;
  readonly choose?: Choice;
}

/** More separate places than this are nobody's edit; what is left is then for a person to see. */
const mostRuns = 300;

/**
 * One run at a time into the text as it stands by then, so that what was put back is a neighbour for what comes after it. Each splice is
 * tried on paper: it stands only if the new text has all units of the old one and those of the run, and nothing else.
 */
export function mendUnits(mending: UnitsMending): MendedText {
  const { base, lost, indexes, choose } = mending;
  let present = mending.present;
  const restored: Unit[] = [];
  const removed: Unit[] = [];
  const conflicts: Conflict[] = [];
  const settled = new Set<number>();
  let partner = align(lost, present);
  let stepFor = judge(base, lost, present);
  const already = indexes.filter(index => partner[index] !== -1).map(index => lost.units[index]!);
  const open = new Set(indexes.filter(index => partner[index] === -1));

  const take = (next: Document, units: readonly Unit[], gone: readonly Unit[] = []): void => {
    present = next;
    partner = align(lost, present);
    stepFor = judge(base, lost, present);
    restored.push(...units);
    removed.push(...gone);
  };

  for (let runs = 0; open.size > 0; runs++) {
    const [first] = open;
    const index = first!;
    if (partner[index] !== -1) {
      open.delete(index);
      continue;
    }
    const unit = lost.units[index]!;
    const step = settled.has(index) ? ({ do: 'insert' } as const) : stepFor(index);
    if (step.do !== 'insert') {
      open.delete(index);
      const rival = present.units[step.present]!;
      const mayReplace = step.do === 'replace' || choose === 'theirs';
      const next = mayReplace ? tryReplace(mending, present, unit, rival) : null;
      if (next) take(next, [unit], [rival]);
      else if (step.do === 'ask' && choose === 'ours') continue;
      else if (step.do === 'ask' && choose === 'both' && unit.kind !== 'field') {
        settled.add(index);
        open.add(index);
      } else conflicts.push({ lost: unit, present: rival });
      continue;
    }
    const isPlain = (other: number): boolean =>
      open.has(other) && partner[other] === -1 && stepFor(other).do === 'insert';
    const run: Run = unit.kind === 'field' ? { first: index, last: index } : runFrom(index, isPlain, lost);
    for (let other = run.first; other <= run.last; other++) open.delete(other);
    const units = lost.units.slice(run.first, run.last + 1);
    const next = runs < mostRuns ? tryInsert(mending, present, partner, run) : null;
    if (next) take(next, units);
    else conflicts.push(...units.map(lostUnit => ({ lost: lostUnit, present: nearest(present, lostUnit) })));
  }
  return { text: present.text, restored, removed, already, conflicts };
}

function tryInsert(mending: UnitsMending, present: Document, partner: Alignment, run: Run): Document | null {
  const { lost, reread } = mending;
  const units = lost.units.slice(run.first, run.last + 1);
  const ways =
    units[0]!.kind === 'field'
      ? waysToInsertField(run.first, lost, present, partner)
      : waysToInsert(run, { lost, present, partner });
  return firstThatHolds(ways, present, units, [], reread);
}

/** In the present file's line ends; the rest of its line stays. */
function tryReplace(mending: UnitsMending, present: Document, unit: Unit, rival: Unit): Document | null {
  const { lost, reread } = mending;
  const from = lineStart(lost.text, unit.start);
  const indent = lost.text.slice(from, unit.start);
  const theirs = present.text.slice(lineStart(present.text, rival.start), rival.start);
  const text = withNewlines(lost.text.slice(unit.start, unit.end), '\n')
    .split('\n')
    .map((line, index) =>
      index > 0 && /^[ \t]*$/.test(indent) && line.startsWith(indent) ? theirs + line.slice(indent.length) : line,
    )
    .join(present.newline);
  const splice = { start: rival.start, end: rival.end, text };
  return firstThatHolds([splice], present, [unit], [rival], reread);
}

function firstThatHolds(
  ways: Iterable<Splice>,
  present: Document,
  added: readonly Unit[],
  gone: readonly Unit[],
  reread: (text: string) => Document,
): Document | null {
  const expected = countsOf([...present.units, ...added]);
  for (const { fingerprint } of gone) expected.set(fingerprint, expected.get(fingerprint)! - 1);
  const tried = new Set<string>();
  for (const splice of ways) {
    const text = applySplices(present.text, [splice]);
    if (tried.has(text)) continue;
    tried.add(text);
    const next = reread(text);
    if (
      next.units.length === present.units.length + added.length - gone.length &&
      isSame(expected, countsOf(next.units))
    )
      return next;
  }
  return null;
}

function isSame(expected: ReadonlyMap<string, number>, counts: ReadonlyMap<string, number>): boolean {
  return [...expected].every(([fingerprint, count]) => (counts.get(fingerprint) ?? 0) === count);
}

/** What a person is shown beside a unit that no place would take: its heading, its list, or the end of the file. */
function nearest(present: Document, unit: Unit): Unit {
  const same = present.units.findLast(other => other.place === unit.place) ?? present.units[present.units.length - 1];
  return same ?? { ...unit, kind: 'file', text: '', start: 0, end: 0 };
}
