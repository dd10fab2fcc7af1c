/** `undertext schedule`: an audit every night, by what the system has for that. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UndertextError } from '../errors.ts';
import {
  type ScheduleReport,
  scheduleJson,
  scheduleStatusJson,
  scheduleStatusText,
  scheduleText,
} from '../report/schedule-text.ts';
import { inDigits, type Job, momentOf, refuseUnwritable, shellWord } from '../schedule/job.ts';
import type { Call, Command, ExitCode, World } from './command.ts';
import { configured } from './configured.ts';
import { cron } from './schedulers/cron.ts';
import { launchd } from './schedulers/launchd.ts';
import { type Done, type Installed, type Scheduler, schedulerNames } from './schedulers/scheduler.ts';
import { systemd } from './schedulers/systemd.ts';
import { styleOf } from './setup.ts';

export const schedule: Command = {
  name: 'schedule',
  summary: 'has an audit run every night, by systemd, launchd or cron; says what it wrote, and takes it away again',
  usage: ['schedule install [OPTIONS]', 'schedule status', 'schedule remove'],
  arguments: 1,
  options: {
    at: { type: 'string', value: 'HH:MM', help: 'when, by the clock of the machine (default: 03:15)' },
    with: { type: 'string', value: 'NAME', help: `${schedulerNames.join(', ')} (default: what is there)` },
    mail: { type: 'string', value: 'ADDRESS', help: 'whom cron mails to; goes with cron' },
    'fail-when-open': { type: 'boolean', help: 'systemd: open incidents make the unit fail (for OnFailure=)' },
    print: { type: 'boolean', help: 'only show what would be written' },
  },
  examples: [
    { line: 'undertext schedule install --print', does: 'shows what it would write, and writes nothing' },
    { line: 'undertext schedule install --at 04:30', does: 'installs it; --root, --store, --config, --rules are kept' },
    { line: 'undertext schedule install --mail me@example.org', does: 'by cron, which mails what it prints' },
    { line: 'undertext schedule status', does: 'where it is, when it runs next, whether the program is still there' },
    { line: 'undertext schedule remove', does: 'takes away what it wrote, and nothing else' },
  ],
  exits: {
    0: 'done; status: it is installed and can run',
    1: 'status: it is not installed, or cannot run',
    3: 'could not finish: something is left to you, and said',
  },
  run: async call => {
    const [action] = call.arguments;
    if (action === 'install') return await install(call);
    if (action === 'remove') return await remove(call);
    if (action === 'status') return await status(call);
    const message =
      action === undefined ? '`undertext schedule` needs a word' : `"${action}" is nothing that schedule does`;
    throw new UndertextError('usage', message, 'it is one of install, status, remove');
  },
};

async function install(call: Call): Promise<ExitCode> {
  await configured(call); // what is wrong is said now, not at night
  const job = jobOf(call);
  refuseUnwritable(job);
  const chosen = await choose(call, job);
  const tell = (action: 'install' | 'print', done: Done) =>
    say(call, { action, by: chosen.name, at: inDigits(job.at), ...done });
  if (call.has('print')) return await tell('print', await chosen.plan(job));
  for (const other of schedulersOf(call.world)) {
    if (other.name === chosen.name || (await other.installed()) === null) continue;
    const hint = `\`undertext schedule remove\` first, or go on with --with ${other.name}`;
    throw new UndertextError('usage', `it is installed already, by ${other.name}`, hint);
  }
  const whyNot = await chosen.whyNot();
  // What systemd does not do now it does after the next login.
  if (whyNot !== null && !(chosen.name === 'systemd' && call.world.platform === 'linux')) {
    throw new UndertextError('disk', `${chosen.name} cannot be used here: ${whyNot}`, byHand(call.world.platform));
  }
  const done = await chosen.install(job);
  return await tell('install', { ...done, hints: [...done.hints, ...passing(job)] });
}

async function remove(call: Call): Promise<ExitCode> {
  const wanted = named(call) ?? schedulersOf(call.world);
  const done: Done[] = [];
  for (const scheduler of wanted) done.push(await scheduler.remove());
  return await say(call, {
    action: 'remove',
    by: wanted
      .filter((_, i) => done[i]!.pieces.length > 0)
      .map(({ name }) => name)
      .join(', '),
    at: null,
    pieces: done.flatMap(({ pieces }) => pieces),
    commands: done.flatMap(({ commands }) => commands),
    hints: done.flatMap(({ hints }) => hints),
  });
}

async function status(call: Call): Promise<ExitCode> {
  const installed = [];
  for (const scheduler of named(call) ?? schedulersOf(call.world)) {
    const found = await scheduler.installed();
    if (found) installed.push(statusOf(scheduler, found));
  }
  const { world } = call;
  const report = { installed };
  const isRunning =
    installed.length > 0 && installed.every(each => each.missing.length === 0 && each.isActive !== false);
  const text = call.has('json')
    ? scheduleStatusJson(report)
    : `${scheduleStatusText(report, styleOf(call), world.now())}\n`;
  if (!isRunning || !call.has('quiet')) await world.out.write(text);
  return isRunning ? 0 : 1;
}

function statusOf({ name }: Scheduler, { at, words, ...found }: Installed) {
  const missing = words.slice(0, 2).filter(path => !existsSync(path));
  return {
    by: name,
    ...found,
    at: at && inDigits(at),
    command: words.map(word => (/^[\w@%+=:,./-]+$/.test(word) ? word : shellWord(word))).join(' '),
    missing: words.length < 2 ? ['the command'] : missing,
  };
}

async function say(call: Call, report: ScheduleReport): Promise<ExitCode> {
  const isWhole = report.commands.every(({ did }) => did === 'ran' || did === 'planned');
  const text = call.has('json') ? scheduleJson(report) : `${scheduleText(report, styleOf(call))}\n`;
  if (!isWhole || !call.has('quiet') || call.has('print')) await call.world.out.write(text);
  return isWhole ? 0 : 3;
}

function schedulersOf(world: World): readonly Scheduler[] {
  return [systemd(world), launchd(world), cron(world)];
}

function named(call: Call): readonly Scheduler[] | null {
  const name = call.text('with');
  if (name === undefined) return null;
  const found = schedulersOf(call.world).find(scheduler => scheduler.name === name);
  if (found) return [found];
  throw new UndertextError('usage', `--with "${name}" is none of them`, `use one of ${schedulerNames.join(', ')}`);
}

/** The one that was named, else the first that can be used here. */
async function choose(call: Call, { mail }: Job): Promise<Scheduler> {
  const [asked] = named(call) ?? [];
  if (mail !== null && asked !== undefined && asked.name !== 'cron') {
    const hint = `leave --mail out and read \`undertext schedule status\`, or use --with cron`;
    throw new UndertextError('usage', `--mail goes with cron: ${asked.name} sends no mail`, hint);
  }
  if (asked) return asked;
  const reasons: string[] = [];
  for (const scheduler of schedulersOf(call.world).filter(({ name }) => mail === null || name === 'cron')) {
    const why = await scheduler.whyNot();
    if (why === null) return scheduler;
    reasons.push(why);
  }
  throw new UndertextError(
    'disk',
    `nothing here runs jobs at night: ${reasons.join('; ')}`,
    byHand(call.world.platform),
  );
}

function byHand(platform: string): string {
  if (platform !== 'win32')
    return 'have `undertext audit --quiet` run by what you have; --print --with NAME shows how it would look';
  return 'use the task scheduler: schtasks /create /sc daily /st 03:15 /tn undertext /tr "undertext audit --quiet"';
}

function jobOf(call: Call): Job {
  const { world } = call;
  const inHome = (path: string) => path.replace(/^~(?=$|[/\\])/, () => world.home);
  const passed = (['root', 'store', 'config', 'rules'] as const).flatMap(option =>
    call.texts(option).flatMap(typed => {
      const path = option === 'root' || option === 'rules' ? inHome(typed) : typed;
      return [`--${option}`, resolve(world.cwd, path)];
    }),
  );
  return {
    words: [world.node, program, 'audit', '--quiet', '--no-color', ...passed],
    env: environmentOf(world),
    at: momentOf(call.text('at') ?? '03:15'),
    mail: call.text('mail') ?? null,
    isFailure: call.has('fail-when-open'),
  };
}

/** At night nobody has set what a person's shell sets. Mails are read in 78 columns. */
function environmentOf({ env }: World): Readonly<Record<string, string>> {
  const asked = ['CLAUDE_CONFIG_DIR', 'UNDERTEXT_STORE', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME'];
  return { COLUMNS: '78', ...Object.fromEntries(asked.flatMap(name => (env[name] ? [[name, env[name]]] : []))) };
}

/** This program: `bin/` beside `src/`, built or not. */
const program = fileURLToPath(new URL(`../../bin/undertext.${import.meta.url.slice(-2)}`, import.meta.url));

/** What lies where npm clears up by itself will not be there for long. */
function passing({ words }: Job): readonly string[] {
  if (!words[1]!.includes('/_npx/')) return [];
  return ['this program lies in a folder that npm clears: install undertext, then run this again'];
}
