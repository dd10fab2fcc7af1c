/** Mending what is a row of units: Markdown, records, paragraphs, lines. */
import type { Unit } from '../model.ts';
import { type Alignment, align, formersOf, judge } from './align.ts';
import { countsOf } from './compare.ts';
import type { Document } from './document.ts';
import { waysToInsertField } from './fields.ts';
import { mostReread, mostRuns } from './limits.ts';
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

/**
 * One run at a time into the text as it stands by then, so that what was put back is a neighbour for what comes after it. Each splice is
 * tried on paper: it stands only if the new text has all units of the old one and those of the run, and nothing else. What is left when that
 * was done too often (`mostRuns`, `mostReread`) is for a person to see.
 */
export function mendUnits(given: UnitsMending): MendedText {
  const { base, lost, indexes, choose } = given;
  let reread = 0;
  const mending: UnitsMending = {
    ...given,
    reread: text => {
      const next = given.reread(text);
      reread += text.length + 50 * next.units.length;
      return next;
    },
  };
  const asked = new Set(indexes);
  const restored: Unit[] = [];
  const removed: Unit[] = [];
  const conflicts: Conflict[] = [];
  // Settled one way or the other, without coming back: a conflict, or a person's choice.
  const closed = new Set<number>();
  // Found no place; tried again when the text around has changed.
  const failed = new Set<number>();
  const isWanted = (index: number): boolean => asked.has(index) && !closed.has(index);
  const formers = formersOf(base, lost);
  const stateOf = (present: Document) => {
    const stepFor = judge(base, lost, formers, present);
    const comes = (index: number) => isWanted(index) && (stepFor(index).do === 'insert' || choose === 'both');
    return { present, stepFor, partner: align(lost, present, comes) };
  };
  let state = stateOf(mending.present);
  const back = (index: number) => (state.partner[index] === -1 ? [lost.units[index]!] : []);
  const already = indexes.filter(index => state.partner[index] !== -1).map(index => lost.units[index]!);
  const close = (index: number, rival?: Unit): void => {
    closed.add(index);
    if (rival) conflicts.push({ lost: lost.units[index]!, present: rival });
  };

  const batch = tryLines(mending, state.partner, isWanted);
  if (batch) return { text: batch.text, restored: indexes.flatMap(back), removed, already, conflicts };

  for (let runs = 0; ; runs++) {
    const { present, stepFor, partner } = state;
    const isOpen = (index: number): boolean => isWanted(index) && partner[index] === -1 && !failed.has(index);
    // First what takes the place of its older self, so that this is no rival to anything else.
    const isEdit = (other: number): boolean => isOpen(other) && formers.has(lost.units[other]!);
    const index = indexes.find(other => isEdit(other) && stepFor(other).do === 'replace') ?? indexes.find(isOpen);
    if (index === undefined) break;
    if (runs >= mostRuns || reread > mostReread) {
      for (const other of indexes) if (isOpen(other)) failed.add(other);
      break;
    }
    const unit = lost.units[index]!;
    const step = stepFor(index);
    const keepsBoth = choose === 'both' && unit.kind !== 'field';
    if (step.do === 'replace' || (step.do === 'ask' && choose === 'theirs')) {
      const rival = present.units[step.present]!;
      const next = tryReplace(mending, present, unit, rival);
      if (next) {
        restored.push(unit);
        removed.push(rival);
        state = stateOf(next);
        failed.clear();
      } else failed.add(index);
    } else if (step.do === 'ask' && !keepsBoth) {
      close(index, choose === 'ours' ? undefined : present.units[step.present]!);
    } else {
      const isPlain = (other: number): boolean => isOpen(other) && stepFor(other).do === 'insert';
      const rival = step.do === 'ask' ? step.present : undefined;
      const isAlone = unit.kind === 'field' || rival !== undefined;
      const run: Run = isAlone ? { first: index, last: index } : runFrom(index, isPlain, lost);
      const next = tryInsert(mending, present, partner, run, rival);
      if (next) {
        for (let other = run.first; other <= run.last; other++) restored.push(lost.units[other]!);
        state = stateOf(next);
        failed.clear();
      } else {
        for (let other = run.first; other <= run.last; other++) failed.add(other);
      }
    }
  }
  const nearest = nearestIn(state.present);
  for (const index of failed) {
    const step = state.stepFor(index);
    close(index, step.do === 'insert' ? nearest(lost.units[index]!) : state.present.units[step.present]!);
  }
  return { text: state.present.text, restored, removed, already, conflicts };
}

/** Lines and records have no shape that could suffer, so all their runs go back at once: logs have too many for one at a time. */
function tryLines(mending: UnitsMending, partner: Alignment, isWanted: (index: number) => boolean): Document | null {
  const { lost, present, reread, indexes } = mending;
  if (!indexes.every(index => lost.units[index]!.kind === 'record')) return null;
  const isOpen = (index: number): boolean => isWanted(index) && partner[index] === -1;
  const splices: Splice[] = [];
  for (let index = 0; index < lost.units.length; index++) {
    if (!isOpen(index)) continue;
    const run = runFrom(index, isOpen, lost);
    const way = waysToInsert(run, { lost, present, partner }).next();
    if (way.done) return null;
    splices.push(way.value);
    index = run.last;
  }
  const missing = indexes.filter(isOpen).map(index => lost.units[index]!);
  const next = reread(applySplices(present.text, splices));
  return isSame(countsOf([...present.units, ...missing]), countsOf(next.units)) ? next : null;
}

function tryInsert(
  mending: UnitsMending,
  present: Document,
  partner: Alignment,
  run: Run,
  rival?: number,
): Document | null {
  const { lost, reread } = mending;
  const units = lost.units.slice(run.first, run.last + 1);
  const ways =
    units[0]!.kind === 'field'
      ? waysToInsertField(run.first, lost, present, partner)
      : waysToInsert(run, { lost, present, partner }, rival);
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
  const splice = (own: string) => ({ start: rival.start, end: rival.end, text: own });
  const marked = unit.kind === 'list-item' && rival.kind === 'list-item' ? withMarkerOf(present, rival, text) : text;
  return firstThatHolds([splice(marked), splice(text)], present, [unit], [rival], reread);
}

/** With the sign or number that stands there: the first number of a list counts for all of it. */
function withMarkerOf(present: Document, rival: Unit, text: string): string {
  const marker = /^(?:[-*+]|\d{1,9}[.)])(?=[ \t])/;
  const [mine, theirs] = [marker.exec(text)?.[0], marker.exec(present.text.slice(rival.start, rival.end))?.[0]];
  // Another width would move what stands in its further lines.
  if (mine === undefined || theirs === undefined || (mine.length !== theirs.length && /[\r\n]/.test(text))) return text;
  return theirs + text.slice(mine.length);
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
function nearestIn(present: Document): (unit: Unit) => Unit {
  const last = new Map(present.units.map(unit => [unit.place, unit]));
  const end = present.units[present.units.length - 1];
  return unit => last.get(unit.place) ?? end ?? { ...unit, kind: 'file', text: '', start: 0, end: 0 };
}
