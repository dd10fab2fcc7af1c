/** `audit --format sarif`: SARIF 2.1.0 (OASIS), for code scanning and editors. */
import type { Incident, Severity } from '../model.ts';
import type { AuditReport } from './audit-json.ts';
import { jsonText } from './json-text.ts';
import { lossInWords } from './loss.ts';
import { iso } from './times.ts';
import { worstFirst } from './weight.ts';

type Level = 'error' | 'warning' | 'note';

/** What may have been meant is low, and so a note. */
const levels: Readonly<Record<Severity, Level>> = { high: 'error', medium: 'warning', low: 'note' };

export function auditSarif(report: AuditReport): string {
  const { tool, incidents, roots, at, failedRules, coverage } = report;
  const [name = 'undertext', version = '0.0.0'] = tool.split(' ');
  const rules = rulesOf(report);
  const run = {
    tool: { driver: { name, version, semanticVersion: version, rules } },
    invocations: [
      {
        executionSuccessful: failedRules.length === 0 && coverage.unreadable.length === 0,
        endTimeUtc: iso(at),
        toolExecutionNotifications: [
          ...failedRules.map(({ rule, path, message }) =>
            notice('error', `rule ${rule} failed on ${path}: ${message}`),
          ),
          ...coverage.unreadable.map(({ path, why }) => notice('error', `${path} could not be read: ${why}`)),
          ...coverage.limited.map(({ path, why }) => notice('note', `${path} was looked at with limits: ${why}`)),
        ],
      },
    ],
    originalUriBaseIds: Object.fromEntries(
      roots.map(root => [root.name, { uri: `file://${uri(asFolder(root.path))}` }]),
    ),
    results: incidents.toSorted(worstFirst).map(incident => result(incident, rules)),
    columnKind: 'utf16CodeUnits',
  };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${jsonText(log, 2)}\n`;
}

/** The rules of the results, in the order of their ids; of one that is no longer loaded only its id is known. */
function rulesOf({ incidents, rules }: AuditReport) {
  const ids = new Set(incidents.map(ruleIdOf));
  return [...ids].sort().map(id => {
    const rule = rules.find(each => each.id === id);
    if (rule === undefined) return { id };
    return {
      id,
      shortDescription: { text: rule.summary },
      fullDescription: { text: `${rule.summary} Its severity is ${rule.severity}, unless a result says otherwise.` },
      help: {
        text: '`undertext show ID` tells a result whole: what was lost, by whom, why we think so. `undertext restore ID` puts the text back where it can be, `undertext accept ID --reason TEXT` closes what was meant. ID stands in the properties of the result.',
      },
      defaultConfiguration: { level: levels[rule.severity] },
    };
  });
}

function ruleIdOf({ findings }: Incident): string {
  return findings[0]?.rule ?? 'undertext';
}

function result(incident: Incident, rules: readonly { readonly id: string }[]) {
  const { id, state, severity, certainty, root, path, message, lost, restore, advice, closed, findings } = incident;
  const what = lost === null ? message : `${lossInWords(incident)}; ${message}`;
  const text = [what, ...(advice === undefined ? [] : [advice]), ...(restore === null ? [] : [restore])].join('\n');
  return {
    ruleId: ruleIdOf(incident),
    ruleIndex: rules.findIndex(rule => rule.id === ruleIdOf(incident)),
    level: levels[severity],
    message: { text },
    locations: [{ physicalLocation: { artifactLocation: { uri: uri(path), uriBaseId: root } } }],
    partialFingerprints: { 'undertextIncident/v1': id },
    ...(state === 'accepted'
      ? { suppressions: [{ kind: 'external', status: 'accepted', justification: closed ?? 'accepted' }] }
      : {}),
    ...(state === 'resolved' ? { baselineState: 'absent' } : {}),
    properties: {
      incident: id,
      state,
      certainty,
      severity,
      evidence: findings.flatMap(finding => finding.evidence),
      restore,
    },
  };
}

function notice(level: Level, text: string) {
  return { level, message: { text } };
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
