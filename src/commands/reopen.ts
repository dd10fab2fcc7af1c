/** `undertext reopen INCIDENT…`: it was a loss after all; an acceptance is taken back. */
import { ledgerOf, reopenNote } from '../audit/ledger.ts';
import { withMoments } from '../audit/with-moments.ts';
import type { Incident } from '../model.ts';
import { acceptJson, acceptText } from '../report/accept-text.ts';
import { auditNow, savedCache } from './audit-now.ts';
import { chosenIncidents } from './chosen-incidents.ts';
import type { Command } from './command.ts';
import { oneArgument } from './one-argument.ts';
import { type Setup, withSetup } from './setup.ts';

export const reopen: Command = {
  name: 'reopen',
  summary: 'takes an acceptance back: the incident is listed again',
  usage: ['reopen INCIDENT…'],
  arguments: Number.POSITIVE_INFINITY,
  options: {
    alike: { type: 'boolean', help: 'also the others of its row in `audit`' },
  },
  examples: [{ line: 'undertext reopen k7f3qz', does: 'it was a loss after all' }],
  exits: { 0: 'open again; what nobody had accepted stays as it is' },
  run: call =>
    withSetup(call, 'write', async setup => {
      oneArgument(call.arguments, 'reopen INCIDENT');
      const { chosen, left } = await chosenIncidents(call, setup);
      const reopened = await openAgain(chosen, setup);
      const ids = new Set(reopened.map(({ id }) => id));
      const stayed = chosen
        .filter(({ id }) => !ids.has(id))
        .map(each => withMoments(each, setup.json ? 'iso' : 'local'));
      const report = { accepted: [], reopened, stayed, reason: '', left: left(reopened) };
      if (setup.json) await setup.print(acceptJson(report));
      else if (!setup.quiet) await setup.print(acceptText(report, setup.style));
      return 0;
    }),
};

/** Open, or resolved when their text has come back meanwhile: those that somebody had accepted. */
async function openAgain(chosen: readonly Incident[], setup: Setup): Promise<readonly Incident[]> {
  const { store, world } = setup;
  const ledger = ledgerOf(store.notes('incident'));
  const ours = chosen.filter(({ id }) => (ledger.get(id)?.accepted ?? null) !== null);
  if (ours.length === 0) return [];
  await store.note(ours.map(incident => reopenNote(incident, world.now())));
  const { incidents } = await auditNow(setup, { cache: savedCache(setup) });
  return ours.map(({ id }) => incidents.find(each => each.id === id)).filter(each => each !== undefined);
}
