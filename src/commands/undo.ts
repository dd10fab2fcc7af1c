/** `undertext undo [RESTORE]`: takes a restore back. */
import { planUndo } from '../restore/plan.ts';
import { pickRestore, restoresOf } from '../restore/restores.ts';
import type { Command } from './command.ts';
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
  ],
  exits: { 0: 'taken back', 1: 'newer text stands in the same lines; nothing was written' },
  run: call =>
    withSetup(call, 'write', async setup => {
      const names = new Map(setup.roots.map(root => [root.name, root]));
      const records = restoresOf(setup.store.notes('restore')).filter(record => names.has(record.root));
      const record = pickRestore(records, call.arguments[0]);
      for (const id of [record.before, record.after]) {
        const version = setup.store.withId(id ?? '-')[0];
        if (version) mustNotBeForgotten(setup, version);
      }
      return await carryOut(setup, call, {
        place: { root: names.get(record.root)!, path: record.path },
        makePlan: disk => planUndo({ disk, store: setup.store, restore: record }),
      });
    }),
};
