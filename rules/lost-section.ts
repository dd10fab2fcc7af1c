import type { Account, Finding, PathHistory, Rule, RuleTools, Unit } from '../src/rule.ts';
import { clock, inWords, isUnder } from '../src/rule.ts';

/** What stands by itself. The prose of a section that stays is edited all day. */
const kinds = new Set<Unit['kind']>(['section', 'list-item', 'table-row', 'field', 'member', 'record']);

/** What a list is made of. */
const single = new Set<Unit['kind']>(['list-item', 'table-row', 'member', 'record']);

const rule: Rule<{ rewrites: boolean; few: number }> = {
  id: 'lost-section',
  summary: 'A section, list item or field went away, and nothing says that it was meant.',
  severity: 'medium',
  options: {
    /** False: a file that was written anew is not reported. */
    rewrites: true,
    /** Up to so many single entries in one edit are `low`: people and models tidy up. */
    few: 2,
  },

  async checkPath(file: PathHistory, tools: RuleTools<{ rewrites: boolean; few: number }>) {
    const { account, options } = tools;
    const findings: Finding[] = [];
    let wasRewrite = false;
    let wasRolling = false;
    for (const edit of file.edits) {
      if (edit.after.kind !== 'file' || edit.before.kind !== 'file') continue;
      const about = await account(edit);
      // What is made anew each time (a report, a list of what is at hand) is told once.
      const isAgain = about.isRewrite && wasRewrite;
      wasRewrite = about.isRewrite;
      if (about.isRewrite && (isAgain || !options.rewrites)) continue;
      const units = lostUnits(about);
      if (units.length === 0) continue;
      // So is a list that drops its oldest entries whenever it gets new ones, and what is ticked off.
      const isRolling = isTicked(file) || rolls(units, about, await tools.units(edit.before));
      if (isRolling && wasRolling) continue;
      wasRolling ||= isRolling;
      const isSmall =
        about.isRewrite ||
        isTicked(file) ||
        (units.every(unit => unit.kind !== 'section') && countOf(units, await tools.units(edit.after)) <= options.few);
      const wrote = clock(edit.after.at);
      findings.push({
        path: file.path,
        message: about.isRewrite
          ? `the write of ${wrote} made the file anew, without ${inWords(units)}`
          : `${inWords(units)} went with the write of ${wrote}`,
        certainty: 'possible',
        severity: isSmall ? 'low' : 'medium',
        lost: edit.before,
        cause: edit.after,
        base: null,
        units,
        evidence: ['nothing like it was added in its place, here or in a file that changed around then'],
      });
    }
    return findings;
  },
};

/** What a plugin or a server is made of went as one, where nothing of it is left. */
function countOf(gone: readonly Unit[], left: readonly Unit[]): number {
  const places = new Set<string>();
  for (const unit of left) {
    if (unit.kind !== 'member') continue;
    for (let at = unit.place; at !== '' && !places.has(at); at = at.slice(0, at.lastIndexOf('/'))) places.add(at);
  }
  const wholes = new Set<string>();
  let others = 0;
  for (const { kind, place } of gone) {
    if (kind !== 'member' || place === '' || places.has(place)) {
      others++;
      continue;
    }
    let whole = place;
    for (let at = place; at !== '' && !places.has(at); at = at.slice(0, at.lastIndexOf('/'))) whole = at;
    wholes.add(whole);
  }
  return others + wholes.size;
}

/** Lists of what is to be done, which their session empties as it goes. */
function isTicked(file: PathHistory): boolean {
  return file.class === 'state' && /(^|\/)(todos|tasks)\//.test(file.path);
}

/** True when entries went from one end of their list, and at least as many came. */
function rolls(gone: readonly Unit[], { added }: Account, before: readonly Unit[]): boolean {
  const { kind, place } = gone[0]!;
  const isAlike = (unit: Unit) => unit.kind === kind && unit.place === place;
  if (!single.has(kind) || !gone.every(isAlike) || added.filter(isAlike).length < gone.length) return false;
  const list = before.filter(isAlike);
  const ends = [list.slice(0, gone.length), list.slice(-gone.length)];
  return list.length > gone.length && ends.some(end => end.every(unit => gone.includes(unit)));
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
