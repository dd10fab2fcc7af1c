/** `undertext accept INCIDENT… --reason TEXT`: this was meant. */
import { acceptNote, ledgerOf } from '../audit/ledger.ts';
import { UndertextError } from '../errors.ts';
import type { Incident } from '../model.ts';
import { acceptJson, acceptText } from '../report/accept-text.ts';
import { alikeTo } from '../report/alike.ts';
import { visible } from '../report/visible.ts';
import { isWeak } from '../report/weight.ts';
import { auditNow, savedCache } from './audit-now.ts';
import type { Command } from './command.ts';
import { incidentOf } from './incident-argument.ts';
import { oneArgument } from './one-argument.ts';
import { type Setup, withSetup } from './setup.ts';

export const accept: Command = {
  name: 'accept',
  summary: 'closes incidents that were meant; they stay closed',
  usage: ['accept INCIDENT… --reason TEXT'],
  arguments: Number.POSITIVE_INFINITY,
  options: {
    reason: { type: 'string', value: 'TEXT', help: 'why it was meant; kept with the incident' },
    alike: {
      type: 'boolean',
      help: 'also those that are alike: same rules and weight, within ten minutes, in one tree',
    },
  },
  examples: [
    { line: 'undertext accept k7f3qz --reason "moved to the wiki"', does: '`audit` no longer lists it' },
    { line: 'undertext accept k7f3qz m2pq8d --reason "tidied up"', does: 'both' },
    { line: 'undertext accept k7f3qz --alike --reason "renamed them all"', does: 'the whole row of `audit`' },
  ],
  exits: { 0: 'accepted' },
  run: call =>
    withSetup(call, 'write', async setup => {
      const first = oneArgument(call.arguments, 'accept INCIDENT --reason TEXT');
      const reason = call.text('reason')?.trim();
      if (!reason) {
        throw new UndertextError(
          'usage',
          'an incident is accepted with a reason',
          `undertext accept ${visible(first)} --reason "…"`,
        );
      }
      const { incidents } = await auditNow(setup, { cache: savedCache(setup) });
      // All of them are found before the first one is booked.
      const named = call.arguments.map(id => incidentOf(incidents, id));
      const chosen = call.has('alike') ? named.flatMap(each => alikeTo(each, incidents)) : named;
      const accepted = await book([...new Map(chosen.map(each => [each.id, each])).values()], reason, setup);
      const isLeft = ({ id, state }: Incident) => state === 'open' && !accepted.some(each => each.id === id);
      const left = incidents.filter(each => isLeft(each) && !isWeak(each)).length;
      const report = { accepted, reason, left };
      if (setup.json) await setup.print(acceptJson(report));
      else if (!setup.quiet) await setup.print(acceptText(report, setup.style));
      return 0;
    }),
};

/** What is accepted only because it was so at the first look, or is left alone, is booked as well: then a person said so. */
async function book(
  chosen: readonly Incident[],
  reason: string,
  { store, world }: Setup,
): Promise<readonly Incident[]> {
  const ledger = ledgerOf(store.notes('incident'));
  const accepted = chosen.map(({ baseline: _, ...incident }): Incident => {
    return { ...incident, state: 'accepted', closed: reason };
  });
  const fresh = accepted.filter(({ id }) => ledger.get(id)?.accepted !== reason);
  if (fresh.length > 0) await store.note(fresh.map(incident => acceptNote(incident, reason, world.now())));
  return accepted;
}
