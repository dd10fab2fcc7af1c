/** A timer of the person's own systemd. */
import { lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../schedule/job.ts';
import { momentIn, serviceText, timerText, unit, wordsIn } from '../../schedule/systemd.ts';
import type { World } from '../command.ts';
import { runProgram } from '../run-program.ts';
import {
  type Done,
  endedWith,
  type Installed,
  ourFile,
  planned,
  type Scheduler,
  type Step,
  step,
} from './scheduler.ts';
import { removeFiles, writeFiles } from './unit-files.ts';

const timer = `${unit}.timer`;
const service = `${unit}.service`;
const output = `journalctl --user --unit ${unit} --since yesterday`;

export function systemd(world: World): Scheduler {
  const folder = join(world.env.XDG_CONFIG_HOME || join(world.home, '.config'), 'systemd/user');
  const [servicePlace, timerPlace] = [join(folder, service), join(folder, timer)];
  const ask = (...words: string[]) => runProgram(world, ['systemctl', '--user', ...words]);
  /** Of the commands that the first one could not reach, the others are left to the person, too. */
  const run = async (lines: readonly (readonly string[])[]): Promise<readonly Step[]> => {
    const why = await unreachable();
    const steps: Step[] = [];
    for (const words of lines) {
      const line = ['systemctl', '--user', ...words].join(' ');
      steps.push(why === null ? step(line, await ask(...words)) : { line, did: 'left', said: why });
    }
    return steps;
  };
  const unreachable = async (): Promise<string | null> => {
    if (world.platform !== 'linux') return 'systemd is of Linux';
    const { code, err } = await ask('show', '--property=Version');
    if (code === 0) return null;
    return code === null ? 'there is no systemctl' : `your systemd does not answer (${err.split('\n')[0]})`;
  };
  const lines = [['daemon-reload'], ['enable', '--now', timer]];
  const filesOf = (job: Job) => [
    { place: servicePlace, text: serviceText(job) },
    { place: timerPlace, text: timerText(job) },
  ];
  return {
    name: 'systemd',
    whyNot: unreachable,
    plan: async job => ({
      pieces: filesOf(job).map(file => ({ ...file, did: 'planned' })),
      commands: lines.map(words => planned(['systemctl', '--user', ...words].join(' '))),
      hints: [],
    }),
    install: async (job): Promise<Done> => {
      const pieces = writeFiles(filesOf(job));
      const isSame = pieces.every(({ did }) => did === 'unchanged') && (await isActive()) === true;
      // A timer that runs takes a new time only when it is started anew.
      const isNewTime = pieces.some(({ place, did }) => place === timerPlace && did === 'written');
      const all = isNewTime && (await isActive()) === true ? [...lines, ['restart', timer]] : lines;
      return { pieces, commands: isSame ? [] : await run(all), hints: isSame ? [] : await hints() };
    },
    remove: async (): Promise<Done> => {
      const files = [timerPlace, servicePlace];
      if (files.every(place => ourFile(place) === null)) return { pieces: [], commands: [], hints: [] };
      const disabled = await run([['disable', '--now', timer]]);
      const pieces = removeFiles(files);
      removeLink(join(folder, 'timers.target.wants', timer));
      return { pieces, commands: [...disabled, ...(await run([['daemon-reload']]))], hints: [] };
    },
    installed: async (): Promise<Installed | null> => {
      const [text, clock] = [ourFile(servicePlace), ourFile(timerPlace)];
      if (text === null && clock === null) return null;
      const about = await properties(timer, 'NextElapseUSecRealtime', 'LastTriggerUSec');
      const run = await properties(service, 'Result', 'ExecMainStatus', 'ExecMainExitTimestamp');
      return {
        places: [servicePlace, timerPlace],
        at: momentIn(clock ?? ''),
        words: wordsIn(text ?? '') ?? [],
        isActive: await isActive(),
        next: about.NextElapseUSecRealtime || null,
        last: run.ExecMainExitTimestamp ? `${run.ExecMainExitTimestamp}, ${endedWith(run.ExecMainStatus)}` : null,
        output,
      };
    },
  };

  async function isActive(): Promise<boolean | null> {
    if ((await unreachable()) !== null) return null;
    return (await ask('is-active', timer)).code === 0 && (await ask('is-enabled', timer)).code === 0;
  }

  async function properties(name: string, ...wanted: string[]): Promise<Readonly<Record<string, string>>> {
    const { out } = await ask('show', name, ...wanted.map(property => `--property=${property}`));
    return Object.fromEntries([...out.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key!, value!]));
  }

  async function hints(): Promise<readonly string[]> {
    const { code, out } = await runProgram(world, ['loginctl', 'show-user', '--property=Linger']);
    if (code === 0 && out.includes('Linger=yes')) return [];
    return ['it runs while you are logged in, and makes up for what it missed; to run always: loginctl enable-linger'];
  }
}

/** What `systemctl enable` made, where it cannot be asked to take it away. */
function removeLink(path: string): void {
  try {
    if (lstatSync(path).isSymbolicLink()) rmSync(path);
  } catch {
    // not there
  }
}
