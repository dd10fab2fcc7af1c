/** `schedule` through the built program: a home of its own, and systemctl, crontab, launchctl that only note what they are asked. */
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../src/commands/command.ts';
import { launchd } from '../../src/commands/schedulers/launchd.ts';
import type { Job } from '../../src/schedule/job.ts';
import { bin, type Ended, Place, Program } from '../helpers/program.ts';

/** `$HOME/off` stands for a systemd that does not answer; `$HOME/on` for a timer that is enabled. */
const systemctl = `#!/bin/sh
echo "systemctl $*" >> "$HOME/calls"
test -e "$HOME/off" && { echo "Failed to connect to bus" >&2; exit 1; }
case "$*" in
  *is-active*|*is-enabled*) test -e "$HOME/on" ;;
  *"enable --now"*) touch "$HOME/on" ;;
  *"disable --now"*) rm -f "$HOME/on" ;;
  *NextElapse*) echo "NextElapseUSecRealtime=Thu 2026-11-26 03:15:00 UTC" ;;
  *ExecMain*) printf 'Result=success\\nExecMainStatus=1\\nExecMainExitTimestamp=Wed 2026-11-25 03:15:09 UTC\\n' ;;
esac
`;
const crontab = `#!/bin/sh
echo "crontab $*" >> "$HOME/calls"
test -e "$HOME/full" && { echo "no space left" >&2; exit 1; }
case "$1" in
  -l) test -e "$HOME/tab" && cat "$HOME/tab" || { echo "no crontab for me" >&2; exit 1; } ;;
  -r) rm "$HOME/tab" ;;
  -) cat > "$HOME/tab" ;;
esac
`;
const launchctl = `#!/bin/sh
echo "launchctl $1" >> "$HOME/calls"
case "$1" in
  print) test -e "$HOME/on" && echo "	last exit code = 1" ;;
  bootstrap) touch "$HOME/on" ;;
  bootout) rm "$HOME/on" ;;
esac
`;

let place: Place;
let env: Readonly<Record<string, string>>;
const home = (path: string) => join(place.folder, path);
const put = (path: string, text: string) => {
  mkdirSync(dirname(home(path)), { recursive: true });
  writeFileSync(home(path), text);
};
const read = (path: string) => readFileSync(home(path));
const script = (name: string, text: string) => {
  put(`programs/${name}`, text);
  chmodSync(home(`programs/${name}`), 0o755);
};
const calls = () => (existsSync(home('calls')) ? read('calls').toString().trim().split('\n') : []);
const schedule = (...words: string[]): Promise<Ended> =>
  new Program([bin, 'schedule', ...words], env, place.folder).ended;

const timer = 'config/systemd/user/undertext-audit.timer';
const service = 'config/systemd/user/undertext-audit.service';

beforeEach(() => {
  place = new Place();
  // Nothing of this machine is reached: only these programs, and what the scripts need.
  env = { ...place.env, PATH: home('programs') };
  for (const tool of ['cat', 'touch', 'rm']) {
    mkdirSync(home('programs'), { recursive: true });
    symlinkSync(['/bin', '/usr/bin'].map(folder => join(folder, tool)).find(existsSync)!, home(`programs/${tool}`));
  }
});
afterEach(() => place.remove());

describe('with systemd', () => {
  beforeEach(() => script('systemctl', systemctl));

  it('installs once, says when it runs, and takes everything away', async () => {
    const first = await schedule('install');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toContain('ran systemctl --user enable --now undertext-audit.timer');
    expect(first.out).toContain('undertext schedule remove');
    const written = [read(timer), read(service)];
    expect(String(written[1])).toContain(
      `ExecStart="${process.execPath}" "${bin.replace('/test/helpers/../..', '')}" "audit"`,
    );

    const again = await schedule('install');
    expect(again).toMatchObject({
      code: 0,
      out: 'installed already (systemd, every day at 03:15); nothing was changed\n',
    });
    expect([read(timer), read(service)]).toEqual(written);

    const status = await schedule('status');
    expect(status).toMatchObject({ code: 0, err: '' });
    expect(status.out).toContain('next        Thu 2026-11-26 03:15:00 UTC');
    expect(status.out).toContain('last        Wed 2026-11-25 03:15:09 UTC, ended with 1: incidents were open');

    const removed = await schedule('remove');
    expect(removed.code).toBe(0);
    expect(removed.out).toContain(`removed ${home(timer)}`);
    expect([existsSync(home(timer)), existsSync(home(service)), existsSync(home('on'))]).toEqual([false, false, false]);
    expect(await schedule('remove')).toMatchObject({ code: 0, out: 'nothing was installed, nothing was removed\n' });
    expect((await schedule('status')).code).toBe(1);
  });

  it('a new time is taken by the timer that runs', async () => {
    await schedule('install');
    expect((await schedule('install', '--at', '04:30')).out).toContain(
      'ran systemctl --user restart undertext-audit.timer',
    );
    expect(String(read(timer))).toContain('OnCalendar=*-*-* 04:30:00');
  });

  it('keeps what says where everything lies, as absolute paths', async () => {
    put('mine/none.txt', '');
    put('c.json', '{}');
    await schedule('install', '--root', '.claude', '--store', 's', '--config', 'c.json', '--rules', '~/mine');
    const text = String(read(service));
    for (const [option, path] of [
      ['root', '.claude'],
      ['store', 's'],
      ['config', 'c.json'],
      ['rules', 'mine'],
    ]) {
      expect(text).toContain(`"--${option}" "${home(path!)}"`);
    }
    expect(text).toContain(`Environment="UNDERTEXT_STORE=${place.store}"`);
  });

  it('what it starts does what it should: silence and 0, or a table of 78 columns and 1', async () => {
    place.write('CLAUDE.md', '# Rules\n\n## Manners\n\n- be kind\n- be brief\n- be true\n');
    await schedule('install');
    const [, line] = /^ExecStart=(.*)$/m.exec(String(read(service)))!;
    const [, ...words] = [...line!.matchAll(/"([^"]*)"/g)].map(([, word]) => word!);
    const night = () => new Program(words, { ...env, COLUMNS: '78' }, '/').ended;
    expect(await night()).toEqual({ code: 0, out: '', err: '' });
    place.write('CLAUDE.md', '# Rules\n');
    const { code, out, err } = await night();
    expect([code, err]).toEqual([1, '']);
    expect(out).toContain('undertext restore ');
    expect(Math.max(...out.split('\n').map(line => line.length))).toBeLessThanOrEqual(78);
    expect(out).not.toContain('\u001b');
  });

  it('that does not answer: the files are written, and the commands are left to the person', async () => {
    put('off', '');
    const { code, out } = await schedule('install', '--with', 'systemd');
    expect(code).toBe(3);
    expect(out).toContain(
      'left to you, as your systemd does not answer (Failed to connect to bus):\nsystemctl --user daemon-reload',
    );
    expect(existsSync(home(timer))).toBe(true);
    const link = home('config/systemd/user/timers.target.wants/undertext-audit.timer');
    mkdirSync(dirname(link));
    symlinkSync(home(timer), link);
    const removed = await schedule('remove');
    expect(removed.code).toBe(3);
    expect(existsSync(home(timer))).toBe(false);
    expect(() => lstatSync(link)).toThrow('ENOENT');
  });

  it('files of somebody else are neither changed nor removed', async () => {
    put(timer, '[Timer]\n');
    for (const words of [['install'], ['remove'], ['status']]) {
      const { code, err } = await schedule(...words);
      expect([code, err]).toEqual([
        3,
        expect.stringContaining(`${home(timer)} was not written by undertext\nhint: move it away`),
      ]);
    }
    expect([String(read(timer)), existsSync(home(service))]).toEqual(['[Timer]\n', false]);
  });

  it('a program that is gone is named', async () => {
    await schedule('install');
    put(service, String(read(service)).replace(`"${process.execPath}"`, '"/nowhere/node"'));
    const { code, out } = await schedule('status');
    expect(code).toBe(1);
    expect(out).toContain('is gone     /nowhere/node: install it again');
  });

  it('a timer that was switched off is named', async () => {
    await schedule('install');
    rmSync(home('on'));
    const { code, out } = await schedule('status');
    expect([code, out]).toEqual([1, expect.stringContaining('not active')]);
    expect((await schedule('install')).code).toBe(0);
    expect((await schedule('status')).code).toBe(0);
  });
});

describe('with cron', () => {
  const others = Buffer.concat([
    Buffer.from('MAILTO=""\n# äöü\n\n@daily  \t backup %\n'),
    Buffer.from([0xff, 0xfe, 0x0a]),
  ]);
  beforeEach(() => script('crontab', crontab));

  it('adds a block, keeps every other byte, and takes only the block away', async () => {
    writeFileSync(home('tab'), others);
    expect(await schedule('install', '--at', '4:05', '--mail', 'me@example.org')).toMatchObject({ code: 0, err: '' });
    const installed = read('tab');
    expect(installed.subarray(0, others.length)).toEqual(others);
    expect(String(installed.subarray(others.length))).toMatch(
      /\nMAILTO=me@example.org\n5 4 \* \* \* nice -n 10 env 'COLUMNS=78' /,
    );
    expect((await schedule('install', '--at', '4:05', '--mail', 'me@example.org')).out).toContain(
      'nothing was changed',
    );
    expect(read('tab')).toEqual(installed);
    expect(calls().filter(line => line === 'crontab -')).toHaveLength(1);
    expect((await schedule('status')).out).toMatch(/^cron: every day at 04:05\n/);
    expect((await schedule('remove')).code).toBe(0);
    expect(read('tab')).toEqual(others);
  });

  it('leaves no empty crontab where there was none', async () => {
    await schedule('install');
    expect((await schedule('remove')).out).toBe('removed your crontab\nran crontab -r\n');
    expect(existsSync(home('tab'))).toBe(false);
  });

  it('that cannot be read or written: nothing is written, and it is said', async () => {
    put('full', '');
    expect(await schedule('install', '--with', 'cron')).toMatchObject({ code: 3, out: '' });
    expect(await schedule('status')).toMatchObject({ code: 3, err: expect.stringContaining('no space left') });
  });

  it('whose block has lost its end is refused', async () => {
    await schedule('install');
    put('tab', String(read('tab')).replace('# undertext schedule: end\n', '@daily mine\n'));
    const before = read('tab');
    for (const words of [['install'], ['remove'], ['status']]) {
      expect(await schedule(...words)).toMatchObject({ code: 3, err: expect.stringContaining('has lost its end') });
    }
    expect(read('tab')).toEqual(before);
  });

  it('goes where systemd does not answer; never both', async () => {
    script('systemctl', systemctl);
    await schedule('install', '--with', 'cron');
    expect(await schedule('install')).toMatchObject({
      code: 2,
      err: expect.stringContaining('installed already, by cron'),
    });
    await schedule('remove');
    put('off', '');
    expect((await schedule('install')).out).toContain('wrote your crontab');
  });
});

describe('with launchd', () => {
  const job: Job = {
    words: ['/node', '/program', 'audit'],
    env: {},
    at: { hour: 3, minute: 15 },
    mail: null,
    isFailure: false,
  };
  const mac = () => launchd({ home: place.folder, env, platform: 'darwin', now: () => 0 } as unknown as World);
  const agent = 'Library/LaunchAgents/undertext.audit.plist';
  beforeEach(() => {
    env = { ...env, HOME: place.folder };
    script('launchctl', launchctl);
  });

  it('installs once, is loaded, and goes', async () => {
    expect((await mac().install(job)).commands.map(({ did }) => did)).toEqual(['ran']);
    expect((await mac().install(job)).commands).toEqual([]);
    expect(await mac().installed()).toMatchObject({
      words: job.words,
      at: job.at,
      isActive: true,
      last: 'ended with 1: incidents were open',
    });
    const later = await mac().install({ ...job, at: { hour: 5, minute: 0 } });
    expect(later.commands.map(({ line }) => line.split(' ')[1])).toEqual(['bootout', 'bootstrap']);
    expect((await mac().remove()).pieces.map(({ did }) => did)).toEqual(['removed']);
    expect([existsSync(home(agent)), existsSync(home('on')), await mac().installed()]).toEqual([false, false, null]);
  });

  it('is not used elsewhere', async () => {
    const { code, err } = await schedule('install', '--with', 'launchd');
    expect([code, err]).toEqual([3, expect.stringContaining('launchd cannot be used here: launchd is of macOS')]);
  });
});

describe('in any case', () => {
  const validate = new Ajv({ strict: true, strictTypes: false }).compile(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/schedule.schema.json'), 'utf8')),
  );

  it('--print writes nothing and runs nothing', async () => {
    for (const name of ['systemd', 'launchd', 'cron']) {
      const { code, out } = await schedule('install', '--print', '--with', name);
      expect([code, out]).toEqual([0, expect.stringContaining('would write ')]);
    }
    expect([existsSync(home('config')), existsSync(home('Library')), calls()]).toEqual([false, false, []]);
  });

  it('--json is as its schema says', async () => {
    script('crontab', crontab);
    for (const words of [
      ['status'],
      ['install', '--print', '--with', 'systemd'],
      ['install'],
      ['install'],
      ['status'],
      ['remove'],
    ]) {
      const { out } = await schedule(...words, '--json');
      expect(validate(JSON.parse(out)), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  it('where nothing runs jobs at night it is said', async () => {
    const { code, err } = await schedule('install');
    expect(code).toBe(3);
    expect(err).toContain(
      'nothing here runs jobs at night: there is no systemctl; launchd is of macOS; there is no crontab',
    );
  });

  it.each([
    ['no word', [], 'needs a word'],
    ['another word', ['start'], '"start" is nothing that schedule does'],
    ['no time', ['install', '--at', '25:00'], '--at "25:00" is no time of day'],
    ['no scheduler', ['install', '--with', 'at'], '--with "at" is none of them'],
    ['no address', ['install', '--mail', 'me and you'], 'is no address'],
    [
      'mail by systemd',
      ['install', '--with', 'systemd', '--mail', 'a@b.c'],
      '--mail goes with cron: systemd sends no mail',
    ],
    ['rules that are not there', ['install', '--rules', 'nowhere'], 'nowhere is not there'],
  ])('%s is wrong usage', async (_, words, message) => {
    expect(await schedule(...words)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) });
  });
});
