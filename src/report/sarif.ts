/** `audit --format sarif`: SARIF 2.1.0 (OASIS), for code scanning and editors. */
import type { Incident, Severity } from '../model.ts';
import type { AuditReport } from './audit-json.ts';
import { jsonText } from './json-text.ts';
import { iso } from './times.ts';

const level: Readonly<Record<Severity, string>> = { high: 'error', medium: 'warning', low: 'note' };

export function auditSarif(report: AuditReport): string {
  const [name = 'undertext', version = '0.0.0'] = report.tool.split(' ');
  const ids = [...new Set(report.incidents.flatMap(incident => incident.findings.map(finding => finding.rule)))].sort();
  const run = {
    tool: { driver: { name, version, rules: ids.map(id => ({ id })) } },
    invocations: [
      {
        executionSuccessful: report.failedRules.length === 0 && report.coverage.unreadable.length === 0,
        endTimeUtc: iso(report.at),
        toolExecutionNotifications: [
          ...report.failedRules.map(({ rule, path, message }) =>
            notification(`rule ${rule} failed on ${path}: ${message}`),
          ),
          ...report.coverage.limited.map(({ path, why }) => notification(`${path} was looked at with limits: ${why}`)),
          ...report.coverage.unreadable.map(({ path, why }) => notification(`${path} could not be read: ${why}`)),
        ],
      },
    ],
    originalUriBaseIds: Object.fromEntries(
      report.roots.map(root => [root.name, { uri: `file://${uri(asFolder(root.path))}` }]),
    ),
    results: report.incidents.map(incident => result(incident, ids)),
    columnKind: 'utf16CodeUnits',
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${jsonText(log, 2)}\n`;
}

function result(incident: Incident, ids: readonly string[]) {
  const ruleId = incident.findings[0]?.rule ?? 'undertext';
  const index = ids.indexOf(ruleId);
  return {
    ruleId,
    ...(index < 0 ? {} : { ruleIndex: index }),
    level: level[incident.severity],
    message: { text: incident.restore === null ? incident.message : `${incident.message}\n${incident.restore}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uri(incident.path), uriBaseId: incident.root } } }],
    partialFingerprints: { 'undertextIncident/v1': incident.id },
    ...(incident.state === 'accepted'
      ? { suppressions: [{ kind: 'external', justification: incident.closed ?? 'accepted' }] }
      : {}),
    ...(incident.state === 'resolved' ? { baselineState: 'absent' } : {}),
    properties: {
      incident: incident.id,
      state: incident.state,
      certainty: incident.certainty,
      evidence: incident.findings.flatMap(finding => finding.evidence),
      restore: incident.restore,
    },
  };
}

function notification(text: string) {
  return { level: 'error', message: { text } };
}

function asFolder(path: string): string {
  const slashes = path.replaceAll('\\', '/').replace(/\/*$/, '/');
  return slashes.startsWith('/') ? slashes : `/${slashes}`;
}

/** A path as a URI; a byte that is no UTF-8 is that byte. */
function uri(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~/]/gu, character => {
    const code = character.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) return `%${(code - 0xdc00).toString(16).toUpperCase()}`;
    return encodeURIComponent(/\p{Cs}/u.test(character) ? '\ufffd' : character);
  });
}
