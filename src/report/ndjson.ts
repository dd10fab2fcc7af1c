/** `audit --format ndjson`: one line per incident, and a last line that says what was looked at. */
import { type AuditReport, frame, plainIncident } from './audit-json.ts';
import { jsonText } from './json-text.ts';

export function auditNdjson(report: AuditReport): string {
  const lines = [
    ...report.incidents.map(incident => ({ type: 'incident', incident: plainIncident(incident) })),
    { type: 'summary', format: 1, ...frame(report), baseline: report.baseline, failedRules: report.failedRules },
  ];
  return lines.map(line => `${jsonText(line)}\n`).join('');
}
