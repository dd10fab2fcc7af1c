/** `undertext show INCIDENT`: the whole incident. */
import { unifiedDiff } from '../documents/diff.ts';
import { parseDocument } from '../documents/document.ts';
import { historyOf } from '../history/history.ts';
import type { Incident, Version } from '../model.ts';
import { incidentJson } from '../report/audit-json.ts';
import { incidentDetails } from '../report/incident-block.ts';
import { auditNow, savedCache } from './audit-now.ts';
import type { Command } from './command.ts';
import { incidentOf } from './incident-argument.ts';
import { oneArgument } from './one-argument.ts';
import { type Setup, withSetup } from './setup.ts';
import { withTimelines } from './timelines.ts';

export const show: Command = {
  name: 'show',
  summary: 'shows one incident whole: what was lost, by whom, why we think so',
  usage: ['show INCIDENT'],
  arguments: 1,
  options: {},
  examples: [{ line: 'undertext show k7f3qz', does: 'the lost text, the three versions, the evidence, the way back' }],
  exits: { 0: 'shown, whatever its state' },
  run: call =>
    withSetup(call, 'read', async setup => {
      const id = oneArgument(call.arguments, 'show INCIDENT');
      const { incidents } = await auditNow(setup, { cache: savedCache(setup) });
      const [incident = incidentOf(incidents, id)] = await withTimelines(setup, [incidentOf(incidents, id)]);
      if (setup.json) await setup.print(incidentJson(incident));
      else {
        const diff = await lostDiff(setup, incident);
        await setup.print(incidentDetails(incident, diff, setup.style, setup.world.now(), setup.world.home));
      }
      return 0;
    }),
};

/** What the causing write took and added, as a unified diff; '' when there is nothing to compare. */
async function lostDiff({ store }: Setup, { root, path, lost, cause }: Incident): Promise<string> {
  if (!lost || !cause) return '';
  const { edits } = historyOf(store.versions({ root, path }), 'authored');
  const before = edits.find(({ after }) => after.id === cause.version)?.before ?? store.withId(lost.version)[0];
  const after = store.withId(cause.version)[0];
  if (!before || !after || before.kind === 'withheld' || after.kind === 'withheld') return '';
  const text = async ({ blob }: Version) => (blob === null ? '' : parseDocument(path, await store.read(blob)).text);
  return unifiedDiff(await text(before), await text(after), `${path}@${before.id}`, `${path}@${after.id}`);
}
