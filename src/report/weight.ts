/** How much an incident weighs: what is told without being asked for, what a nightly job fails on, what comes first. */
import type { Certainty, Incident, Severity } from '../model.ts';

export type Threshold = Certainty | Severity;

const certainties: readonly Threshold[] = ['proven', 'likely', 'possible'];
const severities: readonly Threshold[] = ['high', 'medium', 'low'];
export const thresholds: readonly Threshold[] = [...certainties, ...severities];

type Weight = Pick<Incident, 'certainty' | 'severity'>;

/** It may well have been meant, and costs little if not: a list to read through, listed only when asked for. */
export function isWeak({ certainty, severity }: Weight): boolean {
  return certainty === 'possible' && severity === 'low';
}

/** At least that certain, or at least that grave. */
export function isAtLeast({ certainty, severity }: Weight, threshold: Threshold): boolean {
  const scale = certainties.includes(threshold) ? certainties : severities;
  return scale.indexOf(scale === certainties ? certainty : severity) <= scale.indexOf(threshold);
}

/** Open before closed; then by certainty, severity, age (newest first). */
export function worstFirst(a: Incident, b: Incident): number {
  return (
    Number(a.state !== 'open') - Number(b.state !== 'open') ||
    certainties.indexOf(a.certainty) - certainties.indexOf(b.certainty) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    (b.cause?.at ?? 0) - (a.cause?.at ?? 0)
  );
}
