/** `audit --format markdown`: for a mail, an issue, or a wiki; it reads well as plain text, too. */
import type { Incident, Time } from '../model.ts';
import { type Alike, alikeInWords, placeOf } from './alike.ts';
import type { AuditReport } from './audit-json.ts';
import { alikeFailures } from './failed-rules.ts';
import { oldDriftLines } from './first-look.ts';
import { listed, wayBack, weakInWords } from './listed.ts';
import { isDeletion } from './loss.ts';
import { code, escaped, fenced } from './markdown-text.ts';
import { roomWarnings } from './room-text.ts';
import { count } from './sizes.ts';
import { iso } from './times.ts';
import { inWords } from './units.ts';
import { visible, visibleBlock } from './visible.ts';
import { writerInWords } from './writers.ts';

/** More files of one group than anybody reads; JSON has them all. */
const mostFiles = 50;

export function auditMarkdown(report: AuditReport): string {
  const { tool, at, coverage, roots, room } = report;
  const { groups, weak } = listed(report);
  const open = groups.flat().filter(incident => incident.state === 'open').length;
  const where = roots.map(root => code(root.path)).join(', ');
  return `${joined([
    `# ${open === 0 ? 'No open incidents' : count(open, 'open incident')}`,
    `${escaped(tool)}, ${minute(at)}: ${count(coverage.versions, 'version')} looked at in ${where}.`,
    ...roomWarnings(room).map(({ message, hint }) => `**Warning:** ${escaped(message)}. ${escaped(hint)}.`),
    weak === 0 ? '' : `${weakInWords(weak, open)}: ${code('undertext audit --all')}`,
    groups.length < 2 ? '' : groups.map(group => `- **${group[0].id}** ${headline(group)}`).join('\n'),
    ...groups.map(section),
    oldDrift(report),
    leftAlone(coverage),
    unseen(report),
  ])}\n`;
}

/** `lost list item "voice-buffer" in skills/_index.md (likely, high)` */
function headline(group: Alike): string {
  const [{ certainty, severity, state, path, lost, units }, ...others] = group;
  const how = `(${state === 'open' ? '' : `${state}, `}${certainty}, ${severity})`;
  if (others.length > 0) return `${escaped(alikeInWords(group))} below ${code(placeOf(group))} ${how}`;
  if (isDeletion(group[0])) return `deleted ${code(path)}, with ${escaped(inWords(units))} ${how}`;
  return `${lost === null ? 'wrong' : `lost ${escaped(inWords(units))}`} in ${code(path)} ${how}`;
}

function section(group: Alike): string {
  const [incident, ...others] = group;
  const { id, message, cause, units, findings, advice, state, closed } = incident;
  const by = cause === null ? 'nobody saw the write' : `${minute(cause.at)}, ${escaped(writerInWords(cause.writer))}`;
  const texts = units.map(unit => visibleBlock(unit.text).replace(/[\r\n]+$/, ''));
  const reasons = findings.flatMap(({ rule, evidence }) =>
    evidence.map(line => `- ${escaped(visible(rule))}: ${escaped(visible(line))}`),
  );
  const back = wayBack(group);
  return joined([
    `## ${id}: ${headline(group)}`,
    `${others.length > 0 ? 'The first of them: ' : 'What: '}${escaped(visible(message))} (${by}).`,
    state === 'open' ? '' : `Why ${state}: ${escaped(visible(closed ?? 'no reason is known'))}.`,
    units.length === 0 ? '' : fenced(texts.join('\n')),
    reasons.join('\n'),
    others.length === 0 ? '' : alikeOnes(others),
    advice === undefined ? '' : `What to do: ${escaped(visible(advice))}.`,
    back === null ? `More: ${code(`undertext show ${id}`)}` : `To bring it back: ${code(back)}`,
  ]);
}

function alikeOnes(others: readonly Incident[]): string {
  const shown = others.slice(0, mostFiles).map(({ id, path }) => `- ${id}: ${code(path)}`);
  const more =
    others.length > mostFiles ? [`- … ${others.length - mostFiles} more: ${code('undertext audit --json')}`] : [];
  return ['Alike:', '', ...shown, ...more].join('\n');
}

function oldDrift({ baseline, shows }: AuditReport): string {
  if (baseline.length === 0 || shows.all) return '';
  const lines = oldDriftLines(baseline).map(line => `- ${escaped(line)}`);
  return joined([
    '## As it was when undertext first looked',
    `${code('undertext audit --all')} lists it.`,
    lines.join('\n'),
  ]);
}

function leftAlone({ suppressed }: AuditReport['coverage']): string {
  const lines = suppressed.map(({ rule, path, reason, findings }) => {
    const why = reason === null ? '' : ` (${escaped(visible(reason))})`;
    return `- ${findings} × ${escaped(visible(rule))} in ${code(path)}${why}`;
  });
  return lines.length === 0 ? '' : joined(['## Left alone', lines.join('\n')]);
}

function unseen({ coverage, failedRules }: AuditReport): string {
  const { unreadable, limited, gaps, skipped, waiting = [] } = coverage;
  const lines = [
    ...waiting.map(
      ({ path, until }) => `${code(path)} was deleted a moment ago; an audit judges it after ${iso(until)}`,
    ),
    ...alikeFailures(failedRules).map(
      ({ rule, path, more, message }) =>
        `the rule ${escaped(visible(rule))} failed on ${code(path)}${more === 0 ? '' : ` and ${more} more`}: ${escaped(visible(message))}`,
    ),
    ...unreadable.map(({ path, why }) => `${code(path)} could not be read: ${escaped(visible(why))}`),
    ...limited.map(({ path, why }) => `${code(path)} was looked at with limits: ${escaped(visible(why))}`),
    ...gaps.map(
      ({ from, to, why }) =>
        `not watched from ${minute(from)} to ${to === null ? 'now' : minute(to)}: ${escaped(visible(why))}`,
    ),
    ...(skipped.length === 0 ? [] : [`not kept on purpose: ${count(skipped.length, 'place')}`]),
  ];
  return lines.length === 0 ? '' : joined(['## What could not be seen', lines.map(line => `- ${line}`).join('\n')]);
}

function joined(parts: readonly string[]): string {
  return parts.filter(part => part !== '').join('\n\n');
}

/** `2026-11-20 14:03 UTC`: who reads a mail may live by another clock. */
function minute(at: Time): string {
  return iso(at)
    .replace('T', ' ')
    .replace(/:\d\d\.\d+Z$/, ' UTC');
}
