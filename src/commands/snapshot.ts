/** `undertext snapshot`: one scan, one snapshot, and out. */
import { snapshotJson, snapshotText } from '../report/snapshot-text.ts';
import { auditNow, savedCache } from './audit-now.ts';
import { collectNow, rebuiltIn } from './collect-now.ts';
import type { Command } from './command.ts';
import { pruneWeekly, warnOfRoom } from './prune-due.ts';
import { sayRepairs } from './repairs.ts';
import { scanRoots } from './scan-roots.ts';
import { sealOrSay } from './seal-or-say.ts';
import { withSetup } from './setup.ts';

export const snapshot: Command = {
  name: 'snapshot',
  summary: 'takes one snapshot of every file and ends',
  usage: ['snapshot [OPTIONS]'],
  arguments: 0,
  options: {},
  examples: [
    { line: 'undertext snapshot', does: 'keeps what is there now (for cron, hooks, and people without a watcher)' },
    { line: 'undertext snapshot --root ~/notes --json', does: 'another folder; says in JSON what was new' },
  ],
  exits: { 0: 'every file is kept', 3: 'a file or folder could not be read' },
  run: call =>
    withSetup(call, 'write', async setup => {
      await sayRepairs(setup);
      const scanned = await scanRoots(setup);
      // Clients delete their transcripts after some weeks: what they tell is taken while they are there.
      const { added } = await collectNow(setup);
      const report = { ...scanned, imported: rebuiltIn(added) };
      await sealOrSay(setup);
      if (setup.json) await setup.print(snapshotJson(report));
      else if (!setup.quiet || report.unreadable.length > 0) await setup.print(snapshotText(report, setup.world.now()));
      await pruneWeekly(setup, async () => {
        const cache = savedCache(setup);
        const result = await auditNow(setup, { cache });
        await cache.save({ isComplete: true });
        return result;
      });
      await warnOfRoom(setup);
      return report.unreadable.length > 0 ? 3 : 0;
    }),
};
