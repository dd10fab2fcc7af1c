import type { Finding, PathHistory, Rule, RuleTools } from '../src/rule.ts';
import { clocks, inWords, isOrAre } from '../src/rule.ts';

const rule: Rule = {
  id: 'lost-update',
  summary: 'A write removed text that its writer had never seen.',
  severity: 'high',
  options: {},

  async checkPath(file: PathHistory, { account }: RuleTools): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    for (const edit of file.edits) {
      if (edit.after.kind !== 'file') continue;
      const { base, isStale, removed, added, overwritten, certainty } = await account(edit);
      if (!isStale) continue;
      const mine = new Set(overwritten);
      const lost = removed.filter(({ unit, fate }) => fate === 'lost' && mine.has(unit));
      if (lost.length === 0) continue;
      const units = lost.map(({ unit }) => unit);
      // The newest of them: from then on everything that is missing now stood there.
      const since = lost.map(({ since }) => since).reduce((a, b) => (b.seenAt > a.seenAt ? b : a));
      const [had, wrote, grew] = clocks([since.at, edit.after.at, base.version.at], edit.after.at);
      const isAre = isOrAre(units);
      findings.push({
        path: file.path,
        message: `${inWords(units)} of ${had} ${isAre} missing since the write of ${wrote}, which grew from ${grew}`,
        certainty,
        // It may have been meant; and lists of what is to be done are emptied as it is done.
        severity: isTicked(file) ? 'low' : certainty === 'possible' ? 'medium' : 'high',
        lost: edit.before,
        cause: edit.after,
        base,
        units,
        evidence: [
          added.length === 0
            ? `the write of ${wrote} says nothing that the version of ${grew} did not say`
            : `the write of ${wrote} adds ${inWords(added)} to the version of ${grew}`,
          `${inWords(units)} that came after ${grew} ${isAre} not in it`,
          base.how === 'known'
            ? `its writer had last seen the version of ${grew}`
            : 'no record says what its writer had read: this is inferred from the content',
        ],
      });
    }
    return findings;
  },
};

function isTicked(file: PathHistory): boolean {
  return file.class === 'state' && /(^|\/)(todos|tasks)\//.test(file.path);
}

export default rule;
