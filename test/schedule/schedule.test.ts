/** Texts of timers, agents and crontabs: what is written is what is read back, and nothing else is touched. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as cron from '../../src/schedule/cron.ts';
import { inDigits, type Job, momentOf, nextAt, refuseUnwritable } from '../../src/schedule/job.ts';
import * as launchd from '../../src/schedule/launchd.ts';
import * as systemd from '../../src/schedule/systemd.ts';

const job: Job = {
  words: ['/usr/bin/node', '/opt/undertext/bin/undertext.js', 'audit', '--quiet', '--root', "/home/me/a b%c'd$e"],
  env: { COLUMNS: '78' },
  at: { hour: 3, minute: 15 },
  mail: null,
  isFailure: false,
};

const word = fc
  .oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.stringMatching(/^[ "'\\$%&<>a=]+$/))
  .filter(text => !/[\p{Cc}\p{Cs}]/u.test(text));
const jobs = fc.record({
  words: fc.array(word, { minLength: 2, maxLength: 5 }).map(([first, ...rest]) => [`/${first}`, ...rest]),
  env: fc.dictionary(fc.stringMatching(/^[A-Z_]+$/), word, { maxKeys: 3 }),
  at: fc.record({ hour: fc.nat(23), minute: fc.nat(59) }),
  mail: fc.constantFrom(null, 'me@example.org'),
  isFailure: fc.boolean(),
});

describe('what is written can be read back, whatever the paths are', () => {
  it('systemd', () => {
    fc.assert(
      fc.property(jobs, job => {
        expect(systemd.wordsIn(systemd.serviceText(job))).toEqual(job.words);
        expect(systemd.momentIn(systemd.timerText(job))).toEqual(job.at);
      }),
    );
  });

  it('launchd', () => {
    fc.assert(
      fc.property(jobs, job => {
        const text = launchd.agentText(job, '/home/me/<log>');
        expect(launchd.wordsIn(text)).toEqual(job.words);
        expect(launchd.momentIn(text)).toEqual(job.at);
      }),
    );
  });

  it('cron', () => {
    fc.assert(
      fc.property(jobs, job => {
        const block = cron.blockText(job);
        expect(cron.wordsIn(block)).toEqual(job.words);
        expect(cron.momentIn(block)).toEqual(job.at);
      }),
    );
  });
});

describe('a crontab', () => {
  const line = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('# undertext schedule: end', '@daily x', ''));
  const lines = fc.array(line.map(text => text.replaceAll('\n', ' '))).map(all => all.map(one => `${one}\n`).join(''));
  const block = cron.blockText(job);

  it('keeps every other byte when a block comes, comes again and goes', () => {
    fc.assert(
      fc.property(lines, lines, (above, below) => {
        const once = cron.withBlock(above + below, block);
        expect(once).toBe(above + below + block);
        expect(cron.withBlock(once, block)).toBe(once);
        expect(cron.withoutBlock(once)).toBe(above + below);
        expect(cron.withoutBlock(above + block + below)).toBe(above + below);
      }),
    );
  });

  it('whose last line has no end gets one', () => expect(cron.withBlock('a', block)).toBe(`a\n${block}`));
  it('with an older block gets the new one, at its end', () => {
    const older = cron.blockText({ ...job, at: { hour: 1, minute: 0 } });
    expect(cron.withBlock(`a\n${older}b\n`, block)).toBe(`a\nb\n${block}`);
  });
  it('with a block that lost its end is not touched', () => {
    const torn = block.slice(0, block.indexOf('# undertext schedule: end'));
    expect([cron.isTorn(torn), cron.blockIn(torn), cron.withoutBlock(torn)]).toEqual([true, null, torn]);
  });
  it('gives the shell the words as they are', () => {
    const [, command] = /^15 3 \* \* \* nice -n 10 env (.*)$/m.exec(block)!;
    // What cron does with the line before the shell gets it.
    const line = command!.replaceAll('\\%', '%').replace("'/usr/bin/node'", 'printf "%s\\n"');
    const { stdout } = spawnSync('/bin/sh', ['-c', line.replace("'COLUMNS=78' ", '')], { encoding: 'utf8' });
    expect(stdout.split('\n')).toEqual([...job.words.slice(1), '']);
  });
});

describe('the texts', () => {
  it('a service nobody has to mend on every night with an open incident', () => {
    expect(systemd.serviceText(job).split('\n')).toEqual([
      '# written by `undertext schedule install`; `undertext schedule remove` takes it away',
      '[Unit]',
      'Description=undertext: what was silently overwritten',
      '',
      '[Service]',
      'Type=oneshot',
      'Environment="COLUMNS=78"',
      `ExecStart="/usr/bin/node" "/opt/undertext/bin/undertext.js" "audit" "--quiet" "--root" "/home/me/a b%%c'd$$e"`,
      '# 1: incidents are open, which is no failure of this job',
      'SuccessExitStatus=1',
      'Nice=10',
      'IOSchedulingClass=idle',
      '',
    ]);
    expect(systemd.serviceText({ ...job, isFailure: true })).not.toContain('SuccessExitStatus');
  });

  it('a timer makes up for what was slept through', () => {
    expect(systemd.timerText(job)).toContain('OnCalendar=*-*-* 03:15:00\n');
    expect(systemd.timerText(job)).toContain('Persistent=true\n');
  });

  it('an agent is XML, whatever a path holds', () => {
    expect(launchd.agentText({ ...job, words: ['/a&b', '<c>'] }, '/l')).toContain(
      '<string>/a&amp;b</string>\n    <string>&lt;c&gt;',
    );
  });

  it('a block mails to whom it is told', () => {
    expect(cron.blockText({ ...job, mail: 'me@example.org' })).toContain('\nMAILTO=me@example.org\n15 3 * * * nice');
    expect(cron.blockText(job)).not.toContain('MAILTO');
  });
});

describe('a time of day', () => {
  it.each([
    ['03:15', { hour: 3, minute: 15 }],
    ['3:05', { hour: 3, minute: 5 }],
    ['00:00', { hour: 0, minute: 0 }],
    ['23:59', { hour: 23, minute: 59 }],
  ])('%s', (text, moment) => {
    expect(momentOf(text)).toEqual(moment);
    expect(inDigits(moment)).toBe(text.padStart(5, '0'));
  });

  it.each(['24:00', '3:60', '315', '3', 'noon', '', '03:15:00', '-1:00'])('"%s" is none', text => {
    expect(() => momentOf(text)).toThrow('is no time of day');
  });

  it('comes again today, or tomorrow', () => {
    const at = (hour: number) => new Date(2026, 10, 25, hour, 15).getTime();
    expect(nextAt({ hour: 3, minute: 15 }, at(2))).toBe(at(3));
    expect(nextAt({ hour: 3, minute: 15 }, at(3))).toBe(at(27));
  });
});

it.each([
  ['a path with a line end', { ...job, words: ['/node', '/a\nb'] }],
  ['a variable with one', { ...job, env: { X: 'a\rb' } }],
  ['an address with a blank', { ...job, mail: 'me and you' }],
  ['an address that is more than one', { ...job, mail: 'me"; x' }],
])('%s is refused', (_, job) => expect(() => refuseUnwritable(job)).toThrow(/control character|no address/));
