import type { Account, Finding, PathHistory, RemovedUnit, Rule, RuleTools, Severity, Unit } from '../src/rule.ts';
import { clocks, inWords, isOrAre, isTickedOff } from '../src/rule.ts';

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
        severity: severityOf(file, about, lost),
        lost: hasAll(await unitsOf(since), units) ? since : edit.before,
        cause: edit.after,
        base: isStale ? base : null,
        units,
        goes: 'text',
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

function severityOf(file: PathHistory, about: Account, lost: readonly RemovedUnit[]): Severity {
  // What is ticked off is cleared away, and a session empties its own list as it goes.
  if (isTicked(file, lost)) return 'low';
  if (about.certainty !== 'possible') return 'high';
  return isMeant(about, lost) ? 'low' : 'medium';
}

/**
 * Signs that one writer took the newest text away on purpose: the write repeats some of it or words it anew, adds nothing, or
 * does what this file goes through all the time.
 */
function isMeant(about: Account, lost: readonly RemovedUnit[]): boolean {
  return !about.isClear || isClearing(about) || lost.every(entry => entry.isUsual === true);
}

function isTicked(file: PathHistory, lost: readonly RemovedUnit[]): boolean {
  if (file.class === 'state' && /(^|\/)(todos|tasks)\//.test(file.path)) return true;
  return lost.every(({ unit }) => isTickedOff(unit));
}

export default rule;
