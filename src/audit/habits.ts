/**
 * What a file usually goes through, out of its own versions: a form is filled in anew by every session, an inbox is drained
 * and filled again. One more of the same is no news. A write is judged by the other edits of its file, never by itself.
 */
import { counterpart } from '../documents/compare.ts';
import { slotName } from '../documents/entry-name.ts';
import type { Edit, PathHistory, Unit } from '../model.ts';
import type { Reader } from './reader.ts';

/** The newest edits tell what is usual now. */
const EDITS = 200;
/** So many other edits must have replaced most of a file for one more to be usual. */
const REWRITES = 2;
/** So many other changes of a section tell that entries leave it all the time, … */
const CHANGES = 4;
/** … where in so much of them (0 to 1) some went. */
const MOSTLY = 3 / 4;
/** Entries leave a queue: so many went by at least so many other edits, … */
const LEAVING = { entries: 4, edits: 3 };
/** … which is so much (0 to 1) of all that ever came into the section, … */
const TURNOVER = 1 / 2;
/** … or into the whole file. */
const TURNOVER_OF_FILE = 2 / 3;
/** What came back to one and the same content so often besides is emptied again and again. */
const RETURNS = 2;
/** Longer versions are no forms, and comparing many of them is slow (bytes). */
const LONGEST = 200_000;
/** So many entries of a section are compared in their words. */
const COMPARED = 50;

export interface Habits {
  /** Of what an edit took away, the units that usually go so: their section or their file is emptied or filled anew all the time. */
  usual(edit: Edit, gone: readonly Unit[]): ReadonlySet<Unit>;
}

/** How much of one section, or of a whole file, an edit replaced, in units: `had` before, of which `kept`, and `has` after. */
interface Change {
  readonly had: number;
  readonly kept: number;
  readonly has: number;
}

/** `left`: entries that went, and none came in their place. `came`: entries that came, and none went in whose place they stand. */
interface Flow extends Change {
  readonly left: number;
  readonly came: number;
}

/** `isReworded`: nothing is left as it stood, but much of it in other words. */
interface SectionChange extends Flow {
  readonly isReworded: boolean;
}

interface Step {
  /** Of what is filled in, without headings and keys. */
  readonly whole: Flow;
  readonly all: Change;
  /** Keys that got another value. */
  readonly changed: ReadonlySet<string>;
  /** By the name of the section: only those whose content changed. */
  readonly sections: ReadonlyMap<string, SectionChange>;
}

const never: Habits = { usual: () => new Set() };

export async function habitsOf(file: PathHistory, reader: Reader, isNoise: (unit: Unit) => boolean): Promise<Habits> {
  const edits = file.edits
    .slice(-EDITS)
    .filter(({ before, after }) => [before, after].every(({ kind, size }) => kind === 'file' && size <= LONGEST));
  if (edits.length < 2) return never;
  const steps = new Map<string, Step>();
  for (const edit of edits) {
    if (edit.after.how === 'restore') continue;
    const [before, after] = [await contentOf(edit.before), await contentOf(edit.after)];
    steps.set(keyOf(edit), stepOf(before, after));
  }
  async function contentOf(version: Edit['before']): Promise<readonly Unit[]> {
    return (await reader.units(version)).filter(unit => !isNoise(unit));
  }

  const returns = ({ after }: Edit) =>
    edits.filter(other => other.after.blob === after.blob && other.after.id !== after.id && other.before.blob !== null)
      .length;

  return {
    usual(edit, gone) {
      const own = steps.get(keyOf(edit));
      if (!own) return new Set();
      const others = [...steps].filter(([key]) => key !== keyOf(edit)).map(([, step]) => step);
      if (returns(edit) >= RETURNS) return new Set(gone);
      if (isFilledAnew(own.whole) && isMost(others.map(({ whole }) => whole).filter(isChange), isFilledAnew, REWRITES))
        return new Set(gone);
      if (isEmptied(own.all) && others.filter(({ all }) => isEmptied(all)).length >= REWRITES) return new Set(gone);
      const wholes = others.map(({ whole }) => whole);
      if (isQueue(wholes, TURNOVER_OF_FILE)) return new Set(gone);
      return new Set(
        gone.filter(unit => {
          if (isSetAllTheTime(unit, own, others)) return true;
          const slot = slotOf(unit);
          const change = own.sections.get(slot);
          const before = others.flatMap(({ sections }) => sections.get(slot) ?? []);
          if (change !== undefined && isContent(unit) && isDrainedAgain(change, before)) return true;
          if (isQueue(before, TURNOVER)) return true;
          return before.length >= CHANGES && before.filter(isLeft).length >= MOSTLY * before.length;
        }),
      );
    },
  };
}

/** A counter or what a window shows: this write and most others gave its key another value. */
function isSetAllTheTime(unit: Unit, own: Step, others: readonly Step[]): boolean {
  const key = keyedAs(unit);
  if (key === null || !own.changed.has(key)) return false;
  const times = others.filter(({ changed }) => changed.has(key)).length;
  return times >= CHANGES && times * 2 >= others.length;
}

function keyedAs({ kind, place, name }: Unit): string | null {
  return kind === 'member' || kind === 'field' ? `${place}\0${name}` : null;
}

/** Headings and keys are the skeleton of a form; what stands below them is what is filled in. */
function isContent({ kind }: Unit): boolean {
  return kind !== 'section' && kind !== 'member' && kind !== 'field';
}

/** Where it stands, the same from day to day; headings are told apart from what stands between them. */
function slotOf({ kind, place }: Unit): string {
  return `${kind === 'section' ? 'section' : 'content'} ${slotName(place)}`;
}

function isMost<C extends Change>(changes: readonly C[], fits: (change: C) => boolean, fewest: number): boolean {
  const fitting = changes.filter(fits).length;
  return fitting >= fewest && fitting * 2 >= changes.length;
}

/** Most other changes emptied it, too, and none of them left twice as much in it. */
function isDrainedAgain(change: SectionChange, others: readonly SectionChange[]): boolean {
  const least = Math.min(...others.filter(isDrained).map(({ has }) => has));
  return isDrained(change) && isMost(others, isDrained, 1) && change.has * 2 >= least;
}

function isChange({ had, kept, has }: Change): boolean {
  return had > 0 && (kept < had || has > kept);
}

/** More than half of it went, and it is still about as full as before. */
function isFilledAnew({ had, kept, has }: Change): boolean {
  return had > 0 && kept * 2 < had && has * 2 >= had;
}

/** More than half of it went, and what is left is not half as full. */
function isEmptied({ had, kept, has }: Change): boolean {
  return had > 0 && kept * 2 < had && has * 2 < had;
}

/** Some of what stood there went; an entry that was worded anew did not. */
function isLeft({ left }: Flow): boolean {
  return left > 0;
}

/** What comes into it goes again: of all that ever stood there, so much left by these edits. */
function isQueue(changes: readonly Flow[], turnover: number): boolean {
  const leaving = changes.filter(isLeft);
  const left = sum(leaving.map(change => change.left));
  if (leaving.length < LEAVING.edits || left < LEAVING.entries) return false;
  return left >= turnover * ((changes[0]?.had ?? 0) + sum(changes.map(({ came }) => came)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Nothing of what stood there is left, in whatever words. */
function isDrained({ had, kept, isReworded }: SectionChange): boolean {
  return had > 0 && kept === 0 && !isReworded;
}

function stepOf(before: readonly Unit[], after: readonly Unit[]): Step {
  const [old, young] = [bySection(before), bySection(after)];
  const sections = new Map<string, SectionChange>();
  for (const slot of new Set([...old.keys(), ...young.keys()])) {
    const [was, is] = [old.get(slot) ?? [], young.get(slot) ?? []];
    const change = changeOf(was, is);
    const isReworded = change.kept === 0 && isWordedAnew(was, is);
    if (isChange(change)) sections.set(slot, { ...change, isReworded, ...flowOf(was, is) });
  }
  const whole = changeOf(before.filter(isContent), after.filter(isContent));
  const reworded = sum([...sections.values()].map(({ had, kept, left }) => had - kept - left));
  const apart = (entries: number) => Math.max(0, entries - whole.kept - reworded);
  return {
    whole: { ...whole, left: apart(whole.had), came: apart(whole.has) },
    all: changeOf(before, after),
    changed: changedKeys(before, after),
    sections,
  };
}

function changedKeys(before: readonly Unit[], after: readonly Unit[]): ReadonlySet<string> {
  const old = new Map(before.flatMap(unit => (keyedAs(unit) === null ? [] : [[keyedAs(unit)!, unit.fingerprint]])));
  return new Set(
    after.flatMap(unit => {
      const key = keyedAs(unit);
      const was = key === null ? undefined : old.get(key);
      return was === undefined || was === unit.fingerprint ? [] : [key!];
    }),
  );
}

/** How many entries went that stand there in no other words, and how many came that did not stand there in other words. */
function flowOf(was: readonly Unit[], is: readonly Unit[]): Pick<Flow, 'left' | 'came'> {
  const old = new Set(was.map(({ fingerprint }) => fingerprint));
  const still = new Set(is.map(({ fingerprint }) => fingerprint));
  const came = is.filter(({ fingerprint }) => !old.has(fingerprint));
  const missing = was.filter(({ fingerprint }) => !still.has(fingerprint));
  const anew = came.slice(0, COMPARED);
  const reworded = missing.slice(0, COMPARED).filter(unit => counterpart(unit, anew) !== null).length;
  return { left: missing.length - reworded, came: Math.max(0, came.length - reworded) };
}

/** At least a third of the entries stand there in other words. */
function isWordedAnew(was: readonly Unit[], is: readonly Unit[]): boolean {
  const looked = was.slice(0, COMPARED);
  const stay = looked.filter(unit => counterpart(unit, is.slice(0, COMPARED)) !== null);
  return stay.length * 3 >= looked.length;
}

function changeOf(before: readonly Unit[], after: readonly Unit[]): Change {
  const left = new Map<string, number>();
  for (const { fingerprint } of after) left.set(fingerprint, (left.get(fingerprint) ?? 0) + 1);
  let kept = 0;
  for (const { fingerprint } of before) {
    const n = left.get(fingerprint) ?? 0;
    if (n === 0) continue;
    left.set(fingerprint, n - 1);
    kept++;
  }
  return { had: before.length, kept, has: after.length };
}

function bySection(units: readonly Unit[]): ReadonlyMap<string, readonly Unit[]> {
  const sections = new Map<string, Unit[]>();
  for (const unit of units) {
    const slot = slotOf(unit);
    const same = sections.get(slot);
    if (same) same.push(unit);
    else sections.set(slot, [unit]);
  }
  return sections;
}

function keyOf({ before, after }: Edit): string {
  return `${before.id} ${after.id}`;
}
