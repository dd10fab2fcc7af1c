/** `undertext show INCIDENT`: the whole incident. */
import { unifiedDiff } from '../documents/diff.ts';
import { parseDocument } from '../documents/document.ts';
import type { Incident, VersionAt } from '../model.ts';
import { incidentJson } from '../report/audit-json.ts';
import { incidentDetails } from '../report/incident-block.ts';
import { auditNow, savedCache } from './audit-now.ts';
import type { Command } from './command.ts';
import { incidentOf } from './incident-argument.ts';
import { oneArgument } from './one-argument.ts';
import { type Setup, withSetup } from './setup.ts';

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
      const incident = incidentOf(incidents, id);
      if (setup.json) await setup.print(incidentJson(incident));
      else
        await setup.print(incidentDetails(incident, await lostDiff(setup, incident), setup.style, setup.world.now()));
      return 0;
    }),
};

/** What the causing write took and added, as a unified diff; '' when there is nothing to compare. */
async function lostDiff(setup: Setup, incident: Incident): Promise<string> {
  if (!incident.lost || !incident.cause) return '';
  const isWithheld = ({ version }: VersionAt) => setup.store.withId(version)[0]?.kind === 'withheld';
  if (isWithheld(incident.lost) || isWithheld(incident.cause)) return '';
  const text = async (version: VersionAt) =>
    version.blob === null ? '' : parseDocument(incident.path, await setup.store.read(version.blob)).text;
  return unifiedDiff(
    await text(incident.lost),
    await text(incident.cause),
    `${incident.path}@${incident.lost.version}`,
    `${incident.path}@${incident.cause.version}`,
  );
}
