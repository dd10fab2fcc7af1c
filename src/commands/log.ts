/** `undertext log PATH`: the versions of a path. */
import { forgottenOf } from '../history/forgotten.ts';
import { inARow } from '../history/history.ts';
import type { Version } from '../model.ts';
import { logJson, logTable } from '../report/log-table.ts';
import { importedOf } from '../sessions/past/imported.ts';
import type { Command } from './command.ts';
import { oneArgument } from './one-argument.ts';
import { pathAt } from './path-arguments.ts';
import { withSetup } from './setup.ts';
import { testimonyOf } from './testimony.ts';

export const log: Command = {
  name: 'log',
  summary: 'lists the versions of a path: when, size, writer, what changed',
  usage: ['log PATH'],
  arguments: 1,
  options: {},
  examples: [
    { line: 'undertext log skills/_index.md', does: 'newest first, with what each version added and removed' },
    { line: 'undertext log ~/.claude/CLAUDE.md --json', does: 'oldest first, for a program' },
  ],
  exits: { 0: 'shown' },
  run: call =>
    withSetup(call, 'read', async setup => {
      const { root, path, versions } = pathAt(setup, oneArgument(call.arguments, 'log PATH'));
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
      if (setup.json) await setup.print(logJson({ root: root.name, path, versions: rows }));
      else {
        // Reading what documents say takes longer to load than all the rest.
        const { changesOf } = await import('./what-changed.ts');
        const told = inARow(versions);
        const changes = await changesOf(setup, told);
        const byId = new Map(rows.map(row => [row.version.id, row]));
        const table = told.map((version, index) => ({ ...byId.get(version.id)!, version, change: changes[index]! }));
        await setup.print(logTable({ root: root.name, path, rows: table }, setup.style, setup.world.now()));
      }
      return 0;
    }),
};
