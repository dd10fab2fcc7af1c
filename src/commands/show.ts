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
        const { style, world, store } = setup;
        const diff = await lostDiff(setup, incident);
        const copy = copyOf(store.withId(incident.lost?.version ?? '-')[0], incident);
        await setup.print(incidentDetails(incident, diff, style, world.now(), world.home, copy));
      }
      return 0;
    }),
};

/** The path of the copy that has the text; null when it was lost from the file itself. */
function copyOf(version: Version | undefined, { path }: Incident): string | null {
  return version && version.path !== path ? version.path : null;
}

/**
 * What the causing write took and added, as a unified diff; of a copy, what it says otherwise than the file now. '' when there is nothing to
 * compare.
 */
async function lostDiff({ store }: Setup, { root, path, lost, cause }: Incident): Promise<string> {
  if (!lost) return '';
  const text = async ({ blob, path: own }: Version) =>
    blob === null ? '' : parseDocument(own, await store.read(blob)).text;
  const between = async (one: Version | undefined, other: Version | undefined): Promise<string> => {
    if (!one || !other || one.kind === 'withheld' || other.kind === 'withheld') return '';
    return unifiedDiff(await text(one), await text(other), `${one.path}@${one.id}`, `${other.path}@${other.id}`);
  };
  const had = store.withId(lost.version)[0];
  if (had && had.path !== path) return between(store.latest({ root, path }), had);
  if (!cause) return '';
  const { edits } = historyOf(store.versions({ root, path }), 'authored');
  const before = edits.find(({ after }) => after.id === cause.version)?.before ?? had;
  return between(before, store.withId(cause.version)[0]);
}
