/** `undertext restore` without an argument: what could be restored, with its commands; writes nothing. */

import { openJson, openText } from '../report/incident-table.ts';
import { worstFirst } from '../report/weight.ts';
import { isTold } from './audit-filter.ts';
import { auditNow, savedCache } from './audit-now.ts';
import type { ExitCode } from './command.ts';
import { freshen } from './freshen.ts';
import type { Setup } from './setup.ts';

export async function listOpen(setup: Setup): Promise<ExitCode> {
  await freshen(setup);
  const { incidents } = await auditNow(setup, { cache: savedCache(setup) });
  const open = incidents.filter(({ state }) => state === 'open').toSorted(worstFirst);
  if (setup.json) await setup.print(openJson(open));
  else await setup.print(openText(open, setup.style, setup.world.now()));
  return open.some(isTold) ? 1 : 0;
}
