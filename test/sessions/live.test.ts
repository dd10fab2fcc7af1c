/** Who is alive, as far as the files that the clients keep of themselves tell. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { processes } from '../../src/commands/processes.ts';
import { liveSessions, type Processes } from '../../src/sessions/live.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-live-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const since = Date.parse('2026-11-20T13:00:00Z');
let folders = 0;

/** A record as the newest client writes it. */
const record = (pid: number, more: object = {}) => ({
  pid,
  sessionId: `session-${pid}`,
  cwd: '/home/me/code',
  startedAt: since,
  procStart: '4711',
  version: '2.1.331',
  kind: 'interactive',
  pidDomain: 'linux:here:pid:[1]',
  name: 'code-1f',
  nameSource: 'derived',
  ...more,
});

const here: Processes = {
  of: pid => (pid === 99 ? null : { start: pid === 98 ? '5000' : '4711', since: since - 1_000 }),
  domain: 'linux:here:pid:[1]',
};

function folderWith(files: Readonly<Record<string, unknown>>): string {
  const folder = join(home, String(folders++));
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

const none = { files: 0, alive: 0, elsewhere: 0, dead: 0, taken: 0, broken: 0, left: 0 };

describe('one file of a session', () => {
  it.each([
    ['alive', record(7), 'alive'],
    ['of an older client, which names no start', record(7, { procStart: undefined, pidDomain: undefined }), 'alive'],
    ['with a name of its own', record(7, { name: 'reviewer', nameSource: undefined }), 'alive'],
    ['dead', record(99), 'dead'],
    ['whose pid another process has now', record(98), 'taken'],
    [
      'whose pid another process has now, by the time of its start alone',
      record(7, { procStart: undefined, startedAt: since - 3_600_000 }),
      'taken',
    ],
    ['spelled by another system', record(7, { procStart: 'Fri Nov 20 13:00:00 2026' }), 'alive'],
    ['of another container', record(7, { pidDomain: 'linux:here:pid:[2]' }), 'elsewhere'],
    ['cut short', JSON.stringify(record(7)).slice(0, 60), 'broken'],
    ['empty', '', 'broken'],
    ['a list', [], 'broken'],
    ['null', 'null', 'broken'],
    ['without a session', { pid: 7 }, 'broken'],
    ['of another pid than its name says', record(8), 'broken'],
    ['longer than any', JSON.stringify(record(7, { cwd: 'x'.repeat(300_000) })), 'broken'],
  ] as const)('%s', async (_, content, state) => {
    const name = typeof content === 'object' && 'pid' in content && content.pid > 90 ? content.pid : 7;
    const { sessions, coverage } = await liveSessions(folderWith({ [`${name}.json`]: content }), here);
    expect(coverage).toEqual({ ...none, files: 1, [state]: 1 });
    expect(sessions.map(({ isSure }) => isSure)).toEqual(
      state === 'alive' ? [true] : state === 'elsewhere' ? [false] : [],
    );
  });

  it('is told as it says', async () => {
    const folder = folderWith({
      '7.json': record(7),
      '8.json': record(8, { name: 'reviewer', nameSource: undefined }),
    });
    const { sessions } = await liveSessions(folder, here);
    expect(sessions[0]).toEqual({
      pid: 7,
      session: 'session-7',
      cwd: '/home/me/code',
      name: null,
      kind: 'interactive',
      version: '2.1.331',
      since,
      isSure: true,
    });
    expect(sessions[1]!.name).toBe('reviewer');
  });
});

it.each([
  [undefined, 'reviewer'],
  ['user', 'reviewer'],
  ['peer', 'reviewer'],
  ['hook', 'reviewer'],
  ['derived', null],
  ['auto', null],
  ['collision', null],
])('a name of source %s is given: %s', async (nameSource, name) => {
  const { sessions } = await liveSessions(folderWith({ '7.json': record(7, { name: 'reviewer', nameSource }) }), here);
  expect(sessions[0]!.name).toBe(name);
});

it('whatever stands in it, it is counted once and nothing is thrown', async () => {
  const key = fc.constantFrom('pid', 'sessionId', 'startedAt', 'procStart', 'pidDomain', 'cwd', 'name', 'version', 'x');
  const content = fc.oneof(
    fc.string(),
    fc.jsonValue().map(value => JSON.stringify(value)),
    fc.dictionary(key, fc.jsonValue()).map(value => JSON.stringify({ ...record(7), ...value })),
  );
  const folder = folderWith({});
  await fc.assert(
    fc.asyncProperty(content, async text => {
      writeFileSync(join(folder, '7.json'), text);
      const { sessions, coverage } = await liveSessions(folder, here);
      const { files, alive, elsewhere, dead, taken, broken, left } = coverage;
      expect([files, alive + elsewhere + dead + taken + broken + left]).toEqual([1, 1]);
      expect(sessions.length).toBe(alive + elsewhere);
      for (const session of sessions) expect(typeof session.session).toBe('string');
    }),
    { numRuns: 300 },
  );
});

describe('the folder', () => {
  it('that is not there has nobody in it', async () => {
    expect(await liveSessions(join(home, 'nowhere'), here)).toEqual({ sessions: [], coverage: none });
  });

  it('may hold what is none of ours: keys are not opened, links not followed, a FIFO is not waited for', async () => {
    const folder = folderWith({
      '7.json': record(7),
      '12.abc.key': record(12),
      'x.json': record(13),
      '0.json': record(0),
    });
    symlinkSync(join(folder, '7.json'), join(folder, '14.json'));
    mkdirSync(join(folder, '15.json'));
    execFileSync('mkfifo', [join(folder, '16.json')]);
    const { sessions, coverage } = await liveSessions(folder, here);
    expect(sessions.map(({ pid }) => pid)).toEqual([7]);
    expect(coverage).toEqual({ ...none, files: 4, alive: 1, broken: 3 });
  });

  it('may hold hundreds, of which the youngest comes first', async () => {
    const folder = folderWith(
      Object.fromEntries(
        Array.from({ length: 300 }, (_, i) => [`${100 + i}.json`, record(100 + i, { startedAt: since + i })]),
      ),
    );
    const { sessions, coverage } = await liveSessions(folder, here);
    expect(coverage).toEqual({ ...none, files: 300, alive: 300 });
    expect(sessions[0]!.pid).toBe(399);
  });
});

describe('the processes of this machine', () => {
  const ours = processes(process.platform);

  it('know us, and not one that ended', () => {
    const child = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' });
    const facts = ours.of(process.pid)!;
    expect(facts.start).not.toBeNull();
    expect(Math.abs(facts.since! - (Date.now() - process.uptime() * 1_000))).toBeLessThan(60_000);
    expect(ours.of(Number(child))).toBeNull();
  });

  it('make us alive when we say so', async () => {
    const mine = record(process.pid, {
      procStart: ours.of(process.pid)!.start,
      pidDomain: ours.domain ?? undefined,
      startedAt: Date.now(),
    });
    const { coverage } = await liveSessions(folderWith({ [`${process.pid}.json`]: mine }), ours);
    expect(coverage.alive).toBe(1);
  });
});
