/** `undertext audit`: what was lost and what drifted, for a person or for a nightly job. */
import type { AuditResult } from '../audit/run-audit.ts';
import { UndertextError } from '../errors.ts';
import type { Incident } from '../model.ts';
import { type AuditReport, auditJson } from '../report/audit-json.ts';
import { oldDrift } from '../report/first-look.ts';
import { auditText } from '../report/incident-table.ts';
import { listed } from '../report/listed.ts';
import { auditMarkdown } from '../report/markdown.ts';
import { auditNdjson } from '../report/ndjson.ts';
import { roomWarnings } from '../report/room-text.ts';
import { auditSarif } from '../report/sarif.ts';
import { visible } from '../report/visible.ts';
import { isWeak, thresholds, worstFirst } from '../report/weight.ts';
import type { Collected } from '../sessions/collect.ts';
import { gapsOf } from '../store/store.ts';
import type { ScanReport } from '../watch/scan.ts';
import { failsOn, filterOf, isTold } from './audit-filter.ts';
import { auditNow, savedCache } from './audit-now.ts';
import { collectNow, rebuiltIn } from './collect-now.ts';
import type { Call, Command } from './command.ts';
import { progressLine } from './progress.ts';
import { pruneWeekly } from './prune-due.ts';
import { sayRepairs } from './repairs.ts';
import { scanRoots } from './scan-roots.ts';
import { type Setup, withSetup } from './setup.ts';
import { withTimelines } from './timelines.ts';
import { version } from './version.ts';

const formats = ['table', 'json', 'ndjson', 'sarif', 'markdown'] as const;
type Format = (typeof formats)[number];

export const audit: Command = {
  name: 'audit',
  summary: 'takes a snapshot, looks through the whole history, and lists what was lost, worst first',
  usage: ['audit [OPTIONS]'],
  arguments: 0,
  options: {
    since: { type: 'string', value: 'TIME', help: 'only what happened after: 2d, 14:00, 2026-11-20' },
    rule: { type: 'string', multiple: true, value: 'ID', help: 'only findings of this rule; repeatable' },
    path: { type: 'string', multiple: true, value: 'GLOB', help: 'only these paths; repeatable' },
    all: { type: 'boolean', help: 'every one: accepted, resolved, and those that may have been meant' },
    'fail-on': { type: 'string', value: 'WEIGHT', help: `exit code 1 only from there on: ${thresholds.join(', ')}` },
    format: { type: 'string', value: 'NAME', help: `${formats.join(', ')} (default: table)` },
  },
  examples: [
    { line: 'undertext audit', does: 'a table of what is open' },
    { line: 'undertext audit --quiet', does: 'for cron: prints nothing when nothing is open' },
    { line: 'undertext audit --since 2d --path "projects/*/memory/**"', does: 'memory files, the last two days' },
    { line: 'undertext audit --fail-on likely', does: 'exit code 1 only for what is proven or likely' },
    { line: 'undertext audit --json > report.json', does: 'everything, for a program' },
  ],
  exits: {
    1: 'open incidents, not counting those that may have been meant (possible and low) unless --fail-on says so',
    3: 'could not finish: a rule failed, or a file could not be read (whether or not something is open)',
  },
  run: call =>
    withSetup(call, 'write', async setup => {
      const format = formatOf(call);
      const filter = filterOf(call, setup);
      const fails = failsOn(call);
      await sayRepairs(setup);
      const scanned = await scanRoots(setup);
      const collected = await collectNow(setup);
      const cache = savedCache(setup);
      const progress = progressLine(setup.world.err);
      const result = await auditNow(setup, {
        cache,
        moments: ['table', 'markdown'].includes(format) ? 'local' : 'iso',
        onProgress: (done, of) => progress.show(`looking at ${done} of ${of} files and folders`),
      });
      progress.clear();
      await cache.save({ isComplete: true });
      await pruneWeekly(setup, async () => result);
      const shown = result.incidents.filter(filter.shows).toSorted(worstFirst);
      // Only programs are told the way to each loss; a person asks `show`.
      const incidents = ['json', 'ndjson'].includes(format) ? await withTimelines(setup, shown) : shown;
      const report: AuditReport = {
        ...(await reportOf(
          setup,
          scanned,
          incidents,
          { ...result, waiting: result.waiting.filter(filter.isAbout) },
          collected,
        )),
        // What the exit code counts is listed.
        shows: { all: call.has('all'), weak: incidents.some(each => isWeak(each) && fails(each)) },
        baseline: setup.quiet ? [] : oldDrift(result.incidents.filter(filter.fits)),
        elsewhere: result.incidents.filter(isTold).length - incidents.filter(isTold).length,
      };
      const isWhole =
        result.failedRules.length === 0 &&
        scanned.unreadable.length === 0 &&
        collected.coverage.unreadable.length === 0;
      for (const glob of filter.unmatched())
        await setup.warn(`no file that was ever kept fits --path ${visible(glob)}`);
      const code = !isWhole ? 3 : incidents.some(fails) ? 1 : 0;
      const isNothing = code === 0 && listed(report).groups.length === 0 && roomWarnings(report.room).length === 0;
      if (!setup.quiet || !isNothing) await setup.print(render(report, format, setup));
      return code;
    }),
};

function render(report: AuditReport, format: Format, setup: Setup): string {
  if (format === 'json') return auditJson(report);
  if (format === 'ndjson') return auditNdjson(report);
  if (format === 'sarif') return auditSarif(report);
  if (format === 'markdown') return auditMarkdown(report);
  return auditText(report, setup.style, setup.world.now());
}

async function reportOf(
  setup: Setup,
  scanned: ScanReport,
  incidents: readonly Incident[],
  { failedRules, limited, suppressed, waiting }: AuditResult,
  collected: Collected,
): Promise<Omit<AuditReport, 'shows' | 'baseline'>> {
  const size = await setup.store.size();
  return {
    tool: `undertext ${version}`,
    at: setup.world.now(),
    roots: setup.roots,
    rules: setup.rules,
    coverage: {
      versions: size.versions,
      since: size.since,
      gaps: gapsOf(setup.store.notes('gap')),
      skipped: scanned.skipped,
      unreadable: scanned.unreadable,
      limited,
      suppressed,
      evidence: evidenceReport(collected),
      waiting,
    },
    room: { ...(await setup.store.room()), cap: setup.config.keep.cap, minFree: setup.config.keep.minFree },
    incidents,
    failedRules,
  };
}

function evidenceReport({ coverage, added }: Collected): AuditReport['coverage']['evidence'] {
  return { ...coverage, imported: rebuiltIn(added) };
}

function formatOf(call: Call): Format {
  if (call.has('json') && ![undefined, 'json'].includes(call.text('format'))) {
    throw new UndertextError('usage', '--json and --format exclude each other', 'leave one of them out');
  }
  const asked = call.text('format') ?? (call.has('json') ? 'json' : 'table');
  const format = formats.find(name => name === asked);
  if (format) return format;
  throw new UndertextError('usage', `there is no format "${asked}"`, `use one of ${formats.join(', ')}`);
}
