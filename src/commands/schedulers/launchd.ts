/** An agent of the person's own launchd. */
import { join } from 'node:path';
import { nextAt } from '../../schedule/job.ts';
import { agentText, label, momentIn, wordsIn } from '../../schedule/launchd.ts';
import { userId } from '../../store/lock.ts';
import type { World } from '../command.ts';
import { runProgram } from '../run-program.ts';
import { endedWith, ourFile, planned, type Scheduler, type Step, step } from './scheduler.ts';
import { removeFiles, writeFiles } from './unit-files.ts';

export function launchd(world: World): Scheduler {
  const place = join(world.home, 'Library/LaunchAgents', `${label}.plist`);
  const log = join(world.home, 'Library/Logs/undertext-audit.log');
  const domain = `gui/${userId()}`;
  const load = ['launchctl', 'bootstrap', domain, place];
  const unload = ['launchctl', 'bootout', `${domain}/${label}`];
  const ask = () => runProgram(world, ['launchctl', 'print', `${domain}/${label}`]);
  const run = async (words: readonly string[]): Promise<Step> => {
    const ran = await runProgram(world, words);
    const line = words.join(' ');
    return ran.code === null ? { line, did: 'left', said: 'there is no launchctl' } : step(line, ran);
  };
  return {
    name: 'launchd',
    whyNot: async () => (world.platform === 'darwin' ? null : 'launchd is of macOS'),
    plan: async job => ({
      pieces: [{ place, text: agentText(job, log), did: 'planned' }],
      commands: [planned(load.join(' '))],
      hints: [],
    }),
    install: async job => {
      const pieces = writeFiles([{ place, text: agentText(job, log) }]);
      const isLoaded = (await ask()).code === 0;
      if (isLoaded && pieces[0]!.did === 'unchanged') return { pieces, commands: [], hints: [] };
      const stopped = isLoaded ? [await run(unload)] : [];
      return { pieces, commands: [...stopped, await run(load)], hints: [] };
    },
    remove: async () => {
      if (ourFile(place) === null) return { pieces: [], commands: [], hints: [] };
      const commands = (await ask()).code === 0 ? [await run(unload)] : [];
      return { pieces: removeFiles([place]), commands, hints: [] };
    },
    installed: async () => {
      const text = ourFile(place);
      if (text === null) return null;
      const at = momentIn(text);
      const { code, out } = await ask();
      const [, ended] = /last exit code = (\S+)/.exec(out) ?? [];
      return {
        places: [place],
        at,
        words: wordsIn(text) ?? [],
        isActive: code === null ? null : code === 0,
        next: at && nextAt(at, world.now()),
        last: ended === undefined ? null : endedWith(ended),
        output: `cat ${log}`,
      };
    },
  };
}
