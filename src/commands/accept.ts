/** `undertext accept INCIDENT --reason TEXT`: this was meant. */
import { acceptNote } from '../audit/ledger.ts';
import { UndertextError } from '../errors.ts';
import { incidentJson } from '../report/audit-json.ts';
import { visible } from '../report/visible.ts';
import { auditNow, savedCache } from './audit-now.ts';
import type { Command } from './command.ts';
import { incidentOf } from './incident-argument.ts';
import { oneArgument } from './one-argument.ts';
import { withSetup } from './setup.ts';

export const accept: Command = {
  name: 'accept',
  summary: 'closes an incident that was meant; it stays closed',
  usage: ['accept INCIDENT --reason TEXT'],
  arguments: 1,
  options: { reason: { type: 'string', value: 'TEXT', help: 'why it was meant; kept with the incident' } },
  examples: [{ line: 'undertext accept k7f3qz --reason "moved to the wiki"', does: '`audit` no longer lists it' }],
  exits: { 0: 'accepted' },
  run: call =>
    withSetup(call, 'write', async setup => {
      const id = oneArgument(call.arguments, 'accept INCIDENT --reason TEXT');
      const reason = call.text('reason')?.trim();
      if (!reason) {
        throw new UndertextError(
          'usage',
          'an incident is accepted with a reason',
          `undertext accept ${visible(id)} --reason "…"`,
        );
      }
      const { incidents } = await auditNow(setup, { cache: savedCache(setup) });
      const incident = incidentOf(incidents, id);
      if (incident.state !== 'accepted') await setup.store.note([acceptNote(incident, reason, setup.world.now())]);
      if (setup.json) await setup.print(incidentJson({ ...incident, state: 'accepted', closed: reason }));
      else if (!setup.quiet) await setup.print(`accepted ${incident.id}: ${visible(reason)}`);
      return 0;
    }),
};
