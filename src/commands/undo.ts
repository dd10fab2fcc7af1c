/** `undertext undo [RESTORE]`: takes a restore back. */

import type { Disk } from '../restore/disk.ts';
import { planUndo } from '../restore/plan.ts';
import { newBatchId, pickRestores, type RestoreRecord, restoresOf } from '../restore/restores.ts';
import type { Command } from './command.ts';
import { oneByOne } from './one-by-one.ts';
import { mustNotBeForgotten } from './path-arguments.ts';
import { carryOut } from './restore.ts';
import { withSetup } from './setup.ts';

export const undo: Command = {
  name: 'undo',
  summary: 'takes the last restore back, or the one that is named; an undo can be undone',
  usage: ['undo [RESTORE] [OPTIONS]'],
  arguments: 1,
  options: { 'dry-run': { type: 'boolean', help: 'print the plan and the diff, write nothing' } },
  examples: [
    { line: 'undertext undo', does: 'the file is byte for byte as it was before the last restore' },
    { line: 'undertext undo rm4xk7q', does: 'a certain restore; what was written since stays' },
    { line: 'undertext undo k7f3qz', does: 'the last restore of an incident, of a path, or of a folder' },
  ],
  exits: { 0: 'taken back', 1: 'newer text stands in the same lines; nothing was written' },
  run: call =>
    withSetup(call, 'write', async setup => {
      const names = new Map(setup.roots.map(root => [root.name, root]));
      const records = restoresOf(setup.store.notes('restore')).filter(record => names.has(record.root));
      const chosen = pickRestores(records, call.arguments[0]);
      for (const id of chosen.flatMap(({ before, after }) => [before, after])) {
        const version = setup.store.withId(id ?? '-')[0];
        if (version) mustNotBeForgotten(setup, version);
      }
      const takeBack = (record: RestoreRecord) => ({
        place: { root: names.get(record.root)!, path: record.path },
        makePlan: (disk: Disk) => planUndo({ disk, store: setup.store, restore: record }),
      });
      const [only, ...others] = chosen;
      if (others.length === 0) return await carryOut(setup, call, takeBack(only!));
      const batch = newBatchId(records);
      const byId = new Map(chosen.map(record => [record.id, record]));
      return await oneByOne([...byId.keys()], setup, async id => {
        return await carryOut(setup, call, takeBack(byId.get(id)!), { isOneOfMany: true, batch });
      });
    }),
};
