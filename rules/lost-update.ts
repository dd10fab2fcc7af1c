import type { Account, Finding, PathHistory, Rule, RuleTools, Unit } from '../src/rule.ts';
import { clocks, inWords, isOrAre } from '../src/rule.ts';

const rule: Rule = {
  id: 'lost-update',
  summary: 'A write removed text that its writer had never seen.',
  severity: 'high',
  options: {},

  async checkPath(file: PathHistory, { account, units: unitsOf }: RuleTools): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    for (const edit of file.edits) {
      if (edit.after.kind !== 'file') continue;
      const about = await account(edit);
      const { base, isStale, removed, overwritten, certainty, evidence } = about;
      if (overwritten.length === 0) continue;
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
        message: `${inWords(units)} of ${had} ${isAre} missing since the write of ${wrote}, ${isStale ? `which grew from ${grew}` : 'whose writer had never seen it'}`,
        certainty,
        // It may have been meant, most of all by who takes away more and adds nothing; and lists of what is to be done are
        // emptied as it is done.
        severity: isTicked(file) || isClearing(about) ? 'low' : certainty === 'possible' ? 'medium' : 'high',
        lost: hasAll(await unitsOf(since), units) ? since : edit.before,
        cause: edit.after,
        base: isStale ? base : null,
        units,
        evidence: [
          ...evidence,
          ...(isStale ? contentSays(about.added, units, wrote!, grew!) : []),
          ...unrecorded(evidence),
        ],
      });
    }
    return findings;
  },
};

/** A version read while it was being written may have only some of them. */
function hasAll(units: readonly Unit[], wanted: readonly Unit[]): boolean {
  const has = new Set(units.map(({ fingerprint }) => fingerprint));
  return wanted.every(({ fingerprint }) => has.has(fingerprint));
}

function contentSays(added: readonly Unit[], lost: readonly Unit[], wrote: string, grew: string): readonly string[] {
  return [
    added.length === 0
      ? `the write of ${wrote} says nothing that the version of ${grew} did not say`
      : `the write of ${wrote} adds ${inWords(added)} to the version of ${grew}`,
    `${inWords(lost)} that came after ${grew} ${isOrAre(lost)} not in it`,
  ];
}

function unrecorded(evidence: readonly string[]): readonly string[] {
  return evidence.length > 0 ? [] : ['no record says what its writer had read: this is inferred from the content'];
}

/**
 * True when it says nothing that its base did not say, and no record speaks: it says less, or what a program had set in one
 * write is out again. That leaves a file as it was before, byte for byte.
 */
function isClearing({ edit, base, added, certainty, isStale, removed }: Account): boolean {
  if (!isStale || certainty !== 'possible' || added.length > 0) return false;
  if (base.version.blob !== edit.after.blob) return true;
  const lost = removed.filter(({ fate }) => fate === 'lost');
  return lost.every(({ unit, since }) => unit.kind === 'member' && since.id === lost[0]!.since.id);
}

function isTicked(file: PathHistory): boolean {
  return file.class === 'state' && /(^|\/)(todos|tasks)\//.test(file.path);
}

export default rule;
