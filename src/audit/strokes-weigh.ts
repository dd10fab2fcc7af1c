/** What a rule found, as the stroke leaves it in which its text went: surer, weaker, or nothing at all. */
import type { Severity } from '../model.ts';
import type { Finding, Rule, Stroke } from '../rule.ts';

const severities: readonly Severity[] = ['high', 'medium', 'low'];

/**
 * `isRecorded`: a record says which session wrote the cause. It was that session then, and no program; and what it knew is
 * known better than by what happened to other files.
 */
export function weigh(
  finding: Finding,
  rule: Rule,
  stroke: Stroke,
  isAuthored: boolean,
  isRecorded: boolean,
): Finding | null {
  if (finding.lost === null || finding.certainty === 'proven' || isRecorded) return finding;
  const told = { ...finding, evidence: [stroke.why, ...finding.evidence] };
  const isPossible = finding.certainty === 'possible';
  if (stroke.says === 'kept') return null;
  if (stroke.says === 'meant') return isPossible ? { ...told, severity: 'low' } : told;
  if (stroke.says === 'unclear' || !isPossible) return told;
  const own = finding.severity ?? rule.severity;
  // How much it costs is the rule's own measure; that it may have been meant is no reason any more.
  const severity = isAuthored ? worse(own, rule.severity) : own;
  return { ...told, certainty: 'likely', severity };
}

function worse(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) <= severities.indexOf(b) ? a : b;
}
