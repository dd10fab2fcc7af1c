/** `undertext status`: who watches what, since when, what was not watched, how big it is, what is open. */
import type { IncidentState } from '../model.ts';
import { type StatusReport, statusJson, statusText } from '../report/status-text.ts';
import { isWeak } from '../report/weight.ts';
import { prunesOf } from '../store/prune/thinned.ts';
import { gapsOf } from '../store/store.ts';
import { auditNow, savedCache } from './audit-now.ts';
import type { Command } from './command.ts';
import { type Setup, withSetup } from './setup.ts';
import { evidenceOf } from './testimony.ts';

export const status: Command = {
  name: 'status',
  summary: 'says whether a watcher is running, what it covers, gaps, store size, open incidents',
  usage: ['status'],
  arguments: 0,
  options: {},
  examples: [{ line: 'undertext status', does: 'takes no snapshot and changes nothing' }],
  exits: { 0: 'nothing open', 1: 'open incidents, not counting those that may have been meant' },
  run: call =>
    withSetup(call, 'read', async setup => {
      const { incidents } = await auditNow(setup, { cache: savedCache(setup) });
      const count = (state: IncidentState) => incidents.filter(incident => incident.state === state).length;
      const weak = incidents.filter(incident => incident.state === 'open' && isWeak(incident)).length;
      const holder = await setup.store.holder('watcher');
      const about = (holder?.about ?? {}) as { readonly source?: unknown; readonly roots?: unknown };
      const report = {
        watcher: holder && {
          pid: holder.pid,
          since: holder.since,
          source: typeof about.source === 'string' ? about.source : 'starting',
          roots: Array.isArray(about.roots) ? about.roots.map(String) : [],
        },
        store: await setup.store.size(),
        room: { ...(await setup.store.room()), cap: setup.config.keep.cap, minFree: setup.config.keep.minFree },
        pruned: prunesOf(setup.store.notes('prune')).at(-1) ?? null,
        roots: setup.roots,
        gaps: gapsOf(setup.store.notes('gap')),
        incidents: { open: count('open'), weak, accepted: count('accepted'), resolved: count('resolved') },
        evidence: evidenceNow(setup),
        repairs: setup.store.repairs,
      };
      await setup.print(setup.json ? statusJson(report) : statusText(report, setup.style, setup.world.now()));
      return count('open') > weak ? 1 : 0;
    }),
};

function evidenceNow(setup: Setup): StatusReport['evidence'] {
  const evidence = evidenceOf(setup);
  const transcripts = new Set(evidence.sessions().map(({ transcript }) => transcript)).size;
  return { transcripts, files: [...evidence.paths()].length, damaged: evidence.damaged };
}
