/** `undertext accept INCIDENT… --reason TEXT`: this was meant. */
import { acceptNote, ledgerOf } from '../audit/ledger.ts';
import { withMoments } from '../audit/with-moments.ts';
import { UndertextError } from '../errors.ts';
import type { Incident } from '../model.ts';
import { acceptJson, acceptText } from '../report/accept-text.ts';
import { visible } from '../report/visible.ts';
import { chosenIncidents } from './chosen-incidents.ts';
import type { Command } from './command.ts';
import { oneArgument } from './one-argument.ts';
import { type Setup, withSetup } from './setup.ts';

export const accept: Command = {
  name: 'accept',
  summary: 'closes incidents that were meant; they stay closed',
  usage: ['accept INCIDENT… --reason TEXT'],
  arguments: Number.POSITIVE_INFINITY,
  options: {
    reason: { type: 'string', value: 'TEXT', help: 'why it was meant; kept with the incident' },
    alike: { type: 'boolean', help: 'also the others of its row in `audit`' },
  },
  examples: [
    { line: 'undertext accept k7f3qz --reason "moved to the wiki"', does: '`audit` no longer lists it' },
    { line: 'undertext accept k7f3qz m2pq8d --reason "tidied up"', does: 'both' },
    { line: 'undertext accept k7f3qz --alike --reason "renamed them all"', does: 'the whole row of `audit`' },
  ],
  exits: { 0: 'accepted; `reopen` takes it back', 3: 'resolved already: its text is back' },
  run: call =>
    withSetup(call, 'write', async setup => {
      const first = oneArgument(call.arguments, 'accept INCIDENT --reason TEXT');
      const reason = call.text('reason')?.trim() ?? '';
      if (reason === '') {
        throw new UndertextError(
          'usage',
          'an incident is accepted with a reason',
          `undertext accept ${visible(first)} --reason "…"`,
        );
      }
      const { chosen, left } = await chosenIncidents(call, setup);
      mustNotBeResolved(chosen);
      const told = (incident: Incident) => withMoments(incident, setup.json ? 'iso' : 'local');
      const accepted = await book(chosen, reason, setup);
      const stayed = chosen.filter(({ state }) => state === 'resolved');
      const report = { accepted: accepted.map(told), stayed: stayed.map(told), reason, left: left(accepted) };
      if (setup.json) await setup.print(acceptJson(report));
      else if (!setup.quiet) await setup.print(acceptText(report, setup.style));
      return 0;
    }),
};

/** Of several, those that are not resolved are accepted. @throws UndertextError `refused` when all of them are */
function mustNotBeResolved(chosen: readonly Incident[]): void {
  if (chosen.some(({ state }) => state !== 'resolved')) return;
  const ids = chosen.map(({ id }) => id).join(', ');
  throw new UndertextError(
    'refused',
    `${ids} ${chosen.length === 1 ? 'is resolved: its' : 'are resolved: their'} text is back`,
    `nothing is left to accept; \`undertext show ${chosen[0]!.id}\` shows what became of it`,
  );
}

/**
 * What is accepted only because it was so at the first look, or is left alone, is booked as well: then a person said so. What is
 * resolved stays so: its text is back.
 */
async function book(
  chosen: readonly Incident[],
  reason: string,
  { store, world }: Setup,
): Promise<readonly Incident[]> {
  const ledger = ledgerOf(store.notes('incident'));
  const accepted = chosen
    .filter(({ state }) => state !== 'resolved')
    .map(({ baseline: _, ...incident }): Incident => {
      return { ...incident, state: 'accepted', closed: reason };
    });
  const fresh = accepted.filter(({ id }) => ledger.get(id)?.accepted !== reason);
  if (fresh.length > 0) await store.note(fresh.map(incident => acceptNote(incident, reason, world.now())));
  return accepted;
}
