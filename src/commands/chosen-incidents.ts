/** The incidents that a command was told to close or to open again. */
import type { Incident } from '../model.ts';
import { alikeTo } from '../report/alike.ts';
import { isWeak } from '../report/weight.ts';
import { auditNow, savedCache } from './audit-now.ts';
import type { Call } from './command.ts';
import { incidentOf } from './incident-argument.ts';
import type { Setup } from './setup.ts';

export interface Chosen {
  /** Those that were named, and with `--alike` the others of their rows; each once. */
  readonly chosen: readonly Incident[];
  /** How many `audit` lists still, once these are as they are now. */
  left(changed: readonly Incident[]): number;
}

/** Their sentences have moments marked, as they are booked. All of them are found before anything is booked. @throws UndertextError `usage` that names the first that is unknown */
export async function chosenIncidents(call: Call, setup: Setup): Promise<Chosen> {
  const { incidents } = await auditNow(setup, { cache: savedCache(setup), moments: 'marked' });
  const named = call.arguments.map(id => incidentOf(incidents, id));
  const also = call.has('alike') ? named.flatMap(each => alikeTo(each, incidents)) : named;
  return {
    chosen: [...new Map(also.map(each => [each.id, each])).values()],
    left(changed) {
      const now = new Map(changed.map(each => [each.id, each]));
      return incidents.map(each => now.get(each.id) ?? each).filter(each => each.state === 'open' && !isWeak(each))
        .length;
    },
  };
}
