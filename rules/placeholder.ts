import type { Account, Edit, Finding, PathHistory, Rule, RuleTools, Unit } from '../src/rule.ts';
import { clock, inWords } from '../src/rule.ts';
import { type Phrase, phraseIn } from './placeholder/phrases.ts';
import { isShown } from './placeholder/quoted.ts';

interface Options {
  /** Whether a line of nothing but dots counts as well, where much went. */
  readonly dots: boolean;
}

/** Dots alone stand for a text when so much went where they stand. */
const MANY_UNITS = 3;
const MUCH_TEXT = 200;
/** A file that has so many such lines already speaks about them. */
const ABOUT_THEM = 2;
/** What may be such a line has one of these; it saves looking at the others. */
const maybe = /\.{3}|…|[[(<{【（]|unchanged|same|omit|truncat|rest|\p{Script=Han}|\p{Script=Hangul}/iu;

const rule: Rule<Options> = {
  id: 'placeholder',
  summary: 'A phrase such as "rest unchanged" was saved in the place of the text it stands for.',
  severity: 'high',
  options: { dots: true },

  async checkPath(file: PathHistory, tools: RuleTools<Options>) {
    const findings: Finding[] = [];
    for (const edit of file.edits) {
      if (edit.before.kind !== 'file' || edit.after.kind !== 'file' || edit.after.how === 'restore') continue;
      const about = await tools.account(edit);
      if (!about.removed.some(({ fate }) => isMissed(fate)) || !about.added.some(({ text }) => maybe.test(text)))
        continue;
      const finding = await findingOf(edit, about, tools);
      if (finding) findings.push({ path: file.path, ...finding });
    }
    return findings;
  },
};

/** One line that is new, and the unit it stands in. */
interface Standing {
  readonly line: string;
  readonly phrase: Phrase;
  readonly unit: Unit;
  /** In a block of code of a document, where examples are often cut short. */
  readonly isExample: boolean;
}

async function findingOf(edit: Edit, about: Account, tools: RuleTools<Options>): Promise<Omit<Finding, 'path'> | null> {
  const came = about.added.flatMap(unit => standingIn(unit));
  if (came.length === 0) return null;
  const before = await tools.text(edit.before);
  const old = before.split('\n').filter(line => phraseIn(line) !== null);
  if (old.filter(line => phraseIn(line) === 'said').length >= ABOUT_THEM) return null;
  const known = new Set(old.map(line => line.trim()));
  const text = await tools.text(edit.after);
  const lines = new Set(before.split('\n').map(line => line.trim()));
  const isReal = ({ line, unit }: Standing) =>
    unit.kind === 'line' || !isShown(line, unit.text, unit.start, text, lines);
  const all = came.filter(each => !known.has(each.line) && isReal(each));
  const said = all.filter(({ phrase }) => phrase === 'said');
  const [had, has] = [await tools.units(edit.before), await tools.units(edit.after)];
  const gone = missedIn(about);
  for (const those of tools.options.dots ? [said, all.filter(({ phrase }) => phrase === 'dots')] : [said]) {
    const stoodThere = those.map(each => replacedBy(each, gone, had, has));
    // In a block of code a phrase stands for code.
    const isOfIts = (unit: Unit, { isExample }: Standing) => !isExample || isCode(unit);
    const units = had.filter(unit => stoodThere.some((part, i) => part.has(unit) && isOfIts(unit, those[i]!)));
    const size = units.reduce((sum, { text }) => sum + text.length, 0);
    const isDots = those[0]?.phrase === 'dots';
    if (units.length === 0 || (isDots && (units.length < MANY_UNITS || size < MUCH_TEXT))) continue;
    const first = those[stoodThere.findIndex(part => part.size > 0)]!;
    const isUnsure = those.every(({ isExample }) => isExample) || (isDots && units.length * 2 < had.length);
    return {
      message: `${inWords(units)} went with the write of ${clock(edit.after.at)}, and ${JSON.stringify(first.line)} stands there instead`,
      certainty: isUnsure ? 'possible' : 'likely',
      severity: isUnsure ? 'medium' : 'high',
      lost: edit.before,
      cause: edit.after,
      base: null,
      units,
      evidence: [
        `the line ${JSON.stringify(first.line)} is new, and what it speaks of stands nowhere any more`,
        'the line itself stays when the text is put back: delete it by hand',
      ],
    };
  }
  return null;
}

function standingIn(unit: Unit): readonly Standing[] {
  const isExample = isCode(unit);
  return unit.text.split('\n').flatMap(text => {
    const phrase = maybe.test(text) ? phraseIn(text) : null;
    // Dots in an example are how examples are written.
    if (phrase === null || (isExample && phrase === 'dots')) return [];
    return [{ line: text.trim(), phrase, unit, isExample }];
  });
}

/** A block of code of a document. */
function isCode({ kind, text }: Unit): boolean {
  return kind === 'block' && /^\s*(`{3,}|~{3,})/.test(text);
}

/** Whoever puts such a phrase there had read the text, so that it was "seen" does not say that it was meant. */
function isMissed(fate: Account['removed'][number]['fate']): boolean {
  return fate === 'lost' || fate === 'seen' || fate === 'edited';
}

/** By where they stand in the version before. */
type Missed = ReadonlyMap<number, 'whole' | 'part'>;

function missedIn({ removed }: Account): Missed {
  const missed = removed.filter(({ fate }) => isMissed(fate));
  return new Map(missed.map(({ unit, fate }) => [unit.start, fate === 'edited' ? 'part' : 'whole']));
}

/** What stood between the neighbours of the phrase; when it speaks of the rest at one end of the file: all that went. */
function replacedBy(
  { unit, line }: Standing,
  gone: Missed,
  before: readonly Unit[],
  after: readonly Unit[],
): ReadonlySet<Unit> {
  const places = new Map<string, number[]>();
  for (const [i, { fingerprint }] of before.entries()) places.set(fingerprint, [...(places.get(fingerprint) ?? []), i]);
  const at = after.findIndex(({ start }) => start === unit.start);
  const near = (those: readonly Unit[]) => those.find(({ fingerprint }) => places.has(fingerprint));
  const previous = near(after.slice(0, Math.max(0, at)).reverse());
  const from = previous ? places.get(previous.fingerprint)![0]! : -1;
  const next = near(after.slice(at + 1));
  const to = (next && places.get(next.fingerprint)!.find(place => place > from)) ?? before.length;
  const lines = new Set(unit.text.split('\n').map(text => text.trim()));
  // A block that was cut short is an edited one: it still has some of its lines, and the phrase for the others.
  const isCut = (other: Unit) => {
    const own = other.text.split('\n').map(text => text.trim());
    const stays = own.filter(text => lines.has(text)).length;
    return stays > 0 && own.length - stays >= 2 && own.join(' ').length > line.length * 2;
  };
  const there = before.filter(
    (other, i) =>
      i > from && i < to && (gone.get(other.start) === 'whole' || (gone.get(other.start) === 'part' && isCut(other))),
  );
  if (there.length > 0) return new Set(there);
  const isEnd = at === 0 || at === after.length - 1;
  return new Set(isEnd ? before.filter(other => gone.get(other.start) === 'whole') : []);
}

export default rule;
