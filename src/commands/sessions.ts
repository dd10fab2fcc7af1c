/** `undertext sessions`: who is alive, what they read and wrote, and who holds a stale copy of what. */
import { UndertextError } from '../errors.ts';
import { parseTime } from '../history/times.ts';
import type { Time } from '../model.ts';
import { sessionsJson, sessionsText } from '../report/sessions-text.ts';
import { visible } from '../report/visible.ts';
import type { Call, Command } from './command.ts';
import { withPresent } from './freshen.ts';
import { sessionsNow } from './sessions-now.ts';

const day = 86_400_000;

export const sessions: Command = {
  name: 'sessions',
  summary: 'says which living session holds a stale copy of a file, who is alive, and what each read and wrote',
  usage: ['sessions [OPTIONS]'],
  arguments: 0,
  options: {
    since: { type: 'string', value: 'TIME', help: 'also those that ended after: 2d, 14:00, 2026-11-20 (default: 24h)' },
    all: { type: 'boolean', help: 'all sessions that are known; stale copies of ended ones too' },
  },
  examples: [
    { line: 'undertext sessions', does: 'stale copies first, then who is alive' },
    { line: 'undertext sessions --json', does: 'the same for a program: `stale` is the danger list' },
    { line: 'undertext sessions --since 7d', does: 'also what the sessions of the last week read and wrote' },
  ],
  exits: { 0: 'shown, whatever it is', 3: 'transcripts could not be read' },
  run: async call => {
    const since = sinceOf(call, call.world.now());
    return await withPresent(call, async (setup, coverage) => {
      const report = await sessionsNow(setup, { since }, coverage ? { coverage } : {});
      const { style, world } = setup;
      await setup.print(setup.json ? sessionsJson(report) : sessionsText(report, style, world.now(), world.home));
      return coverage === null || report.coverage.unreadable.length > 0 ? 3 : 0;
    });
  },
};

function sinceOf(call: Call, now: Time): Time | null {
  if (call.has('all')) return null;
  const text = call.text('since');
  if (text === undefined) return now - day;
  const time = parseTime(text, now);
  if (time !== null) return time;
  throw new UndertextError('usage', `"${visible(text)}" is no time`, 'for example 2h, 3d, 14:00, 2026-11-20');
}
