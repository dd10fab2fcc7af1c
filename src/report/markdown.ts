/** `audit --format markdown`: for a wiki, an issue, or a mail. */
import type { Incident } from '../model.ts';
import type { AuditReport } from './audit-json.ts';
import { roomWarnings } from './room-text.ts';
import { count } from './sizes.ts';
import { iso } from './times.ts';
import { inWords } from './units.ts';
import { visible, visibleBlock } from './visible.ts';
import { writerInWords } from './writers.ts';

export function auditMarkdown(report: AuditReport): string {
  const { incidents, coverage, failedRules } = report;
  const open = incidents.filter(incident => incident.state === 'open').length;
  const parts = [
    `# ${open === 0 ? 'No open incidents' : count(open, 'open incident')}`,
    `${escaped(report.tool)}, ${iso(report.at)}: ${count(coverage.versions, 'version')} looked at in ${report.roots.map(root => code(root.path)).join(', ')}.`,
    ...roomWarnings(report.room).map(({ message, hint }) => `**Warning:** ${escaped(message)}. ${escaped(hint)}.`),
    ...(incidents.length === 0 ? [] : [overview(incidents), ...incidents.map(section)]),
    unseen(coverage, failedRules),
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

function overview(incidents: readonly Incident[]): string {
  const rows = incidents.map(({ id, state, certainty, cause, path, units, lost, message }) => {
    const what = lost === null ? message : inWords(units);
    return `| ${id} | ${state} | ${certainty} | ${cause === null ? 'unknown' : iso(cause.at)} | ${code(path)} | ${escaped(visible(what))} |`;
  });
  return ['| id | state | certainty | when | path | what |', '| --- | --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

function section(incident: Incident): string {
  const { id, path, message, cause, units, findings, restore } = incident;
  const reasons = findings.flatMap(finding =>
    finding.evidence.map(line => `- ${finding.rule}: ${escaped(visible(line))}`),
  );
  const by = cause === null ? '' : ` (${escaped(writerInWords(cause.writer))})`;
  return [
    `## ${id}: ${escaped(visible(path))}`,
    `${escaped(visible(message))}${by}`,
    units.length === 0 ? '' : fenced(units.map(unit => visibleBlock(unit.text)).join('\n')),
    reasons.join('\n'),
    restore === null ? '' : fenced(restore),
  ]
    .filter(part => part !== '')
    .join('\n\n');
}

function unseen(coverage: AuditReport['coverage'], failedRules: AuditReport['failedRules']): string {
  const lines = [
    ...failedRules.map(
      ({ rule, path, message }) => `- the rule ${escaped(rule)} failed on ${code(path)}: ${escaped(visible(message))}`,
    ),
    ...coverage.unreadable.map(({ path, why }) => `- ${code(path)} could not be read: ${escaped(visible(why))}`),
    ...coverage.limited.map(({ path, why }) => `- ${code(path)} was looked at with limits: ${escaped(visible(why))}`),
    ...coverage.gaps.map(
      ({ from, to, why }) =>
        `- not watched from ${iso(from)} to ${to === null ? 'now' : iso(to)}: ${escaped(visible(why))}`,
    ),
    ...(coverage.skipped.length === 0 ? [] : [`- not kept on purpose: ${count(coverage.skipped.length, 'place')}`]),
  ];
  return lines.length === 0 ? '' : ['## What could not be seen', lines.join('\n')].join('\n\n');
}

/** A fence longer than any inside. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

/** Text that stands for itself, also inside a table. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&');
}

function code(text: string): string {
  const shown = visible(text).replaceAll('|', '\\|');
  const ticks = '`'.repeat(1 + Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)));
  return ticks.length === 1 ? `\`${shown}\`` : `${ticks} ${shown} ${ticks}`;
}
