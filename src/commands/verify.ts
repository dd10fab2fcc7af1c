/** `undertext verify`: reads the whole store back. */
import { verifyJson, verifyText } from '../report/verify-text.ts';
import type { Command } from './command.ts';
import { progressLine } from './progress.ts';
import { withSetup } from './setup.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'reads the whole store back and says whether every version can be restored',
  usage: ['verify'],
  arguments: 0,
  options: {},
  examples: [{ line: 'undertext verify', does: 'names what is damaged, and which versions of which paths it means' }],
  exits: { 0: 'every version can be restored', 3: 'something is damaged' },
  run: call =>
    withSetup(call, 'read', async setup => {
      const progress = progressLine(setup.world.err);
      const result = await setup.store.verify((done, of) => progress.show(`read ${done} of ${of} objects`));
      progress.clear();
      const isSound = result.damage.length === 0;
      if (setup.json) await setup.print(verifyJson(result));
      else if (!(setup.quiet && isSound)) await setup.print(verifyText(result, setup.style));
      return isSound ? 0 : 3;
    }),
};
