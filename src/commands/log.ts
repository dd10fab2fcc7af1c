/** `undertext log [PATH]`: the versions of a path, or the last changes of a folder or of all files. */
import { UndertextError } from '../errors.ts';
import { forgottenOf } from '../history/forgotten.ts';
import { inARow } from '../history/history.ts';
import { parseTime } from '../history/times.ts';
import type { Time, Version } from '../model.ts';
import { changesJson, changesText } from '../report/changes-table.ts';
import { logJson, logTable } from '../report/log-table.ts';
import { importedOf } from '../sessions/past/imported.ts';
import type { Call, Command, ExitCode } from './command.ts';
import { folderOrFile } from './kept-paths.ts';
import type { PathAt } from './path-arguments.ts';
import { recentChanges, type Within } from './recent-changes.ts';
import { type Setup, withSetup } from './setup.ts';
import { testimonyOf } from './testimony.ts';

/** Rows of a listing of several files: two screens. */
const usualLimit = 40;

export const log: Command = {
  name: 'log',
  summary: 'lists the versions of a path, or the last changes of a folder or of all files: when, writer, what changed',
  usage: ['log [OPTIONS]', 'log FOLDER [OPTIONS]', 'log PATH'],
  arguments: 1,
  options: {
    since: { type: 'string', value: 'TIME', help: 'only what changed after: 2h, 18:00, yesterday 18:00' },
    until: { type: 'string', value: 'TIME', help: 'only what changed before' },
    limit: {
      type: 'string',
      short: 'n',
      value: 'N',
      help: `of several files: how many changes (default: ${usualLimit})`,
    },
  },
  examples: [
    { line: 'undertext log', does: 'the last changes of all files, newest first' },
    { line: 'undertext log MEMORY.md', does: 'the versions of the one file of that name' },
    { line: 'undertext log skills/_index.md', does: 'newest first, with what each version added and removed' },
    { line: 'undertext log memory --since "yesterday 18:00"', does: 'what changed in a folder since then' },
    { line: 'undertext log ~/.claude/CLAUDE.md --json', does: 'oldest first, for a program' },
  ],
  exits: { 0: 'shown' },
  run: call =>
    withSetup(call, 'read', async setup => {
      const [typed] = call.arguments;
      const now = setup.world.now();
      const span = { since: timeOf(call, 'since', now), until: timeOf(call, 'until', now) };
      const limit = limitOf(call) ?? (setup.json ? Number.POSITIVE_INFINITY : usualLimit);
      const found = typed === undefined ? null : folderOrFile(setup, typed);
      if (found?.kind === 'file') return await showVersions(setup, found.file, span);
      const report = await recentChanges(setup, { folder: found, ...span, limit });
      await setup.print(setup.json ? changesJson(report) : changesText(report, setup.style, now));
      return 0;
    }),
};

type Span = Pick<Within, 'since' | 'until'>;

async function showVersions(setup: Setup, file: Omit<PathAt, 'version'>, span: Span): Promise<ExitCode> {
  const { root, path } = file;
  const versions = file.versions.filter(({ at }) => at >= (span.since ?? at) && at <= (span.until ?? at));
  const forgotten = forgottenOf(setup.store.notes('forgotten'));
  const testimony = testimonyOf(setup);
  const sources = importedOf(setup.store.notes('import'));
  const about = async (version: Version) => ({
    version,
    writer: await testimony.writer(version),
    forgotten: forgotten.get(version.id)?.at ?? null,
    source: sources.get(version.id) ?? null,
  });
  const rows = await Promise.all(versions.map(about));
  if (setup.json) {
    await setup.print(logJson({ root: root.name, path, versions: rows }));
    return 0;
  }
  // Reading what documents say takes longer to load than all the rest.
  const { changesOf } = await import('./what-changed.ts');
  const listed = inARow(versions);
  const whole = listed.filter((version, at) => version.settled || at === listed.length - 1);
  const changes = await changesOf(setup, whole);
  const byId = new Map(rows.map(row => [row.version.id, row]));
  const table = whole.map((version, at) => ({ ...byId.get(version.id)!, version, change: changes[at]! }));
  const listing = { root: root.name, path, rows: table, partial: listed.length - whole.length };
  await setup.print(logTable(listing, setup.style, setup.world.now()));
  return 0;
}

function timeOf(call: Call, option: 'since' | 'until', now: Time): Time | null {
  const typed = call.text(option);
  if (typed === undefined) return null;
  const time = parseTime(typed, now);
  if (time !== null) return time;
  throw new UndertextError('usage', `"${typed}" is not a time`, 'write 2h, 18:00, yesterday 18:00 or 2026-11-20T18:00');
}

function limitOf(call: Call): number | null {
  const typed = call.text('limit');
  if (typed === undefined) return null;
  if (/^[1-9]\d*$/.test(typed)) return Number(typed);
  throw new UndertextError('usage', `"${typed}" is not a number of rows`, 'write --limit 100');
}
