/** `undertext accept INCIDENT… --reason TEXT`: this was meant. */
import { acceptNote, ledgerOf, reopenNote } from '../audit/ledger.ts';
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
  usage: ['accept INCIDENT… --reason TEXT', 'accept INCIDENT… --undo'],
  arguments: Number.POSITIVE_INFINITY,
  options: {
    reason: { type: 'string', value: 'TEXT', help: 'why it was meant; kept with the incident' },
    undo: { type: 'boolean', help: 'takes the acceptance back: they are listed again' },
    alike: {
      type: 'boolean',
      help: 'also those that are alike: same rules and weight, within ten minutes, in one tree',
    },
  },
  examples: [
    { line: 'undertext accept k7f3qz --reason "moved to the wiki"', does: '`audit` no longer lists it' },
    { line: 'undertext accept k7f3qz m2pq8d --reason "tidied up"', does: 'both' },
    { line: 'undertext accept k7f3qz --alike --reason "renamed them all"', does: 'the whole row of `audit`' },
    { line: 'undertext accept k7f3qz --undo', does: 'it was a loss after all: open again' },
  ],
  exits: { 0: 'accepted, or open again; what is resolved stays so' },
  run: call =>
    withSetup(call, 'write', async setup => {
      const first = oneArgument(call.arguments, 'accept INCIDENT --reason TEXT');
      const reason = call.text('reason')?.trim() ?? '';
      if (call.has('undo') && reason !== '') {
        throw new UndertextError('usage', '--undo and --reason exclude each other', 'leave one of them out');
      }
      if (!call.has('undo') && reason === '') {
        throw new UndertextError(
          'usage',
          'an incident is accepted with a reason',
          `undertext accept ${visible(first)} --reason "…"`,
        );
      }
      const { incidents } = await auditNow(setup, { cache: savedCache(setup) });
      // All of them are found before the first one is booked.
      const named = call.arguments.map(id => incidentOf(incidents, id));
      const also = call.has('alike') ? named.flatMap(each => alikeTo(each, incidents)) : named;
      const chosen = [...new Map(also.map(each => [each.id, each])).values()];
      const changed = call.has('undo') ? await reopen(chosen, setup) : await book(chosen, reason, setup);
      const now = new Map(changed.map(each => [each.id, each]));
      const left = incidents.map(each => now.get(each.id) ?? each).filter(each => isOpen(each) && !isWeak(each)).length;
      const stayed = chosen.filter(({ id }) => !now.has(id));
      const report = {
        accepted: call.has('undo') ? [] : changed,
        reopened: call.has('undo') ? changed : [],
        stayed,
        reason,
        left,
      };
      if (setup.json) await setup.print(acceptJson(report));
      else if (!setup.quiet) await setup.print(acceptText(report, setup.style));
      return 0;
    }),
};

function isOpen({ state }: Incident): boolean {
  return state === 'open';
}

/** Open again, or resolved when their text has come back meanwhile: those that somebody had accepted. */
async function reopen(chosen: readonly Incident[], setup: Setup): Promise<readonly Incident[]> {
  const { store, world } = setup;
  const ledger = ledgerOf(store.notes('incident'));
  const ours = chosen.filter(({ id }) => (ledger.get(id)?.accepted ?? null) !== null);
  if (ours.length === 0) return [];
  await store.note(ours.map(incident => reopenNote(incident, world.now())));
  const { incidents } = await auditNow(setup, { cache: savedCache(setup) });
  return ours.map(({ id }) => incidents.find(each => each.id === id)).filter(each => each !== undefined);
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
