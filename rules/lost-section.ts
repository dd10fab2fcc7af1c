import type { Account, Finding, PathHistory, Rule, RuleTools, Unit } from '../src/rule.ts';
import { clock, inWords, isTickedOff, isUnder } from '../src/rule.ts';
import type { Share } from './lost-section/whole-text.ts';
import { isInstruction, isWholeTextGone, shareOf } from './lost-section/whole-text.ts';

/** What stands by itself. The prose of a section that stays is edited all day. */
const kinds = new Set<Unit['kind']>(['section', 'list-item', 'table-row', 'field', 'member', 'record']);

const rule: Rule<{ rewrites: boolean }> = {
  id: 'lost-section',
  summary: 'A section, list item or field went away, and nothing says that it was meant.',
  severity: 'medium',
  options: {
    /** False: a file that was written anew is not reported. */
    rewrites: true,
  },

  async checkPath(file: PathHistory, tools: RuleTools<{ rewrites: boolean }>) {
    const { account, options } = tools;
    const findings: Finding[] = [];
    for (const edit of file.edits) {
      if (edit.after.kind !== 'file' || edit.before.kind !== 'file') continue;
      const about = await account(edit);
      if (about.isRewrite && !options.rewrites) continue;
      const units = lostUnits(about);
      if (units.length === 0) continue;
      const isUsual = goesUsually(units, about);
      const share = shareOf(units, await tools.units(edit.before), await tools.units(edit.after));
      const isReplaced = !isUsual && !isTicked(file, units) && isWholeTextGone(file, about, share);
      findings.push({
        path: file.path,
        message: messageOf(about, units, share, isReplaced),
        certainty: 'possible',
        // Who edits the newest version takes things out of it: on public homes hardly any of that was a loss.
        severity: isReplaced ? (isInstruction(file.path) ? 'high' : 'medium') : 'low',
        lost: edit.before,
        cause: edit.after,
        base: null,
        units,
        goes: isReplaced ? 'file' : 'text',
        evidence: [
          'nothing like it was added in its place, here or in a file that changed around then',
          ...(isReplaced
            ? [`${Math.round(about.wordsLeft * 100)} % of the words that only it said stand in what came`]
            : []),
        ],
      });
    }
    return findings;
  },
};

/** `2 sections went with the write of 10:20:00`, or how much of the whole text, where that is gone. */
function messageOf(
  { edit, isRewrite }: Account,
  units: readonly Unit[],
  { had, gone }: Share,
  isReplaced: boolean,
): string {
  const wrote = clock(edit.after.at);
  if (isReplaced) {
    const all = gone === had ? 'all of the text' : `${gone} of ${had} parts of the text`;
    return `${all} went with the write of ${wrote}: ${inWords(units)}`;
  }
  return isRewrite
    ? `the write of ${wrote} made the file anew, without ${inWords(units)}`
    : `${inWords(units)} went with the write of ${wrote}`;
}

/** True where all of it goes from this file all the time, as records in a form and entries of an inbox do. */
function goesUsually(units: readonly Unit[], { removed }: Account): boolean {
  const usual = new Set(removed.flatMap(({ unit, isUsual }) => (isUsual ? [unit] : [])));
  return units.every(unit => usual.has(unit));
}

/** What is ticked off is cleared away, and a session empties its own list as it goes. */
function isTicked(file: PathHistory, units: readonly Unit[]): boolean {
  if (file.class === 'state' && /(^|\/)(todos|tasks)\//.test(file.path)) return true;
  return units.some(isTickedOff) && units.every(unit => unit.kind === 'section' || isTickedOff(unit));
}

/** What went and was not overwritten by a stale write; prose only where its section went too, or the whole file did. */
function lostUnits({ removed, overwritten, isRewrite }: Account): readonly Unit[] {
  const stale = new Set(overwritten);
  const lost = removed.filter(({ unit, fate }) => fate === 'lost' && !stale.has(unit)).map(({ unit }) => unit);
  const sections = lost.filter(unit => unit.kind === 'section');
  const wentWithSection = (unit: Unit) => sections.some(section => isUnder(unit, section));
  return lost.filter(unit => unit.kind !== 'file' && (isRewrite || kinds.has(unit.kind) || wentWithSection(unit)));
}

export default rule;
