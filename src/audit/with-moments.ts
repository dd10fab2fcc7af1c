/** An incident with the moments in its sentences as its reader wants them. */
import type { Incident } from '../model.ts';
import { inMoments, type Moments } from '../moments.ts';

export function withMoments(incident: Incident, as: Moments): Incident {
  if (as === 'marked') return incident;
  const said = (sentence: string) => inMoments(sentence, as);
  return {
    ...incident,
    message: said(incident.message),
    closed: incident.closed === null ? null : said(incident.closed),
    findings: incident.findings.map(({ rule, message, evidence }) => ({
      rule,
      message: said(message),
      evidence: evidence.map(said),
    })),
    ...(incident.advice === undefined ? {} : { advice: said(incident.advice) }),
  };
}
