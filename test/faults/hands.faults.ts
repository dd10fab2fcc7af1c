/** Two and eight processes at once, kills at random moments, locks of all kinds, jumping clocks, a copy made meanwhile. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UndertextError } from '../../src/errors.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { self } from '../../src/store/lock.ts';
import { seen } from '../store/contract.ts';
import { fsck, hasGit } from '../store/with-git.ts';
import { type Row, tell } from './rows.ts';
import { chanceOf, isFull } from './seed.ts';
import { type Announced, expectNothingLost, filesBelow, leftovers, sumOf } from './soundness.ts';

const script = fileURLToPath(new URL('../store/children/writer.mjs', import.meta.url));
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undertext-hands-'));
  path = join(folder, 'store');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that records `count` versions under a name of its own, and seals every so often. */
function writer(name: string, count: number, sealEvery: number) {
  const args = [script, path, name, String(count), String(sealEvery)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  let wake = () => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    wake();
  });
  const ended = once(child, 'close').then(([code]) => {
    wake();
    return code as number | null;
  });
  return {
    ended,
    kill: () => child.kill('SIGKILL'),
    /** Resolves with the first version it announces. */
    begun: async () => {
      while (!out.includes('\n') && child.exitCode === null && child.signalCode === null) {
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
    },
    announced: (): readonly Announced[] =>
      out
        .split('\n')
        .slice(0, -1)
        .map((line, i) => {
          const [path = '', id = '', blob = ''] = line.split('\t');
          return { path, id, blob, sum: sumOf(Buffer.from(`${name} ${i}\n${'line\n'.repeat(i % 50)}`)) };
        }),
  };
}

describe('processes that write at once', () => {
  it.each([2, 8])('%i of them lose nothing', async hands => {
    const all = Array.from({ length: hands }, (_, i) => writer(`w${i}`, 480 / hands, 5 + i));
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual(all.map(() => 0));
    const announced = all.flatMap(({ announced }) => announced());
    expect(announced).toHaveLength(480);
    await expectNothingLost(path, announced);
    expect(leftovers(path)).toEqual([]);
  });
});

describe('kill -9', () => {
  it('at 200 random moments, two writers at a time, loses nothing that was announced', async ({ task }) => {
    const chance = chanceOf('kills');
    const announced: Announced[] = [];
    const rounds = isFull ? 2000 : 200;
    let killed = 0;
    const hand = async (): Promise<void> => {
      while (killed < rounds) {
        const victim = writer(`r${killed++}`, 1e9, chance.pick([0, 1, 3, 10, 40]));
        await victim.begun();
        await pass(chance.below(40));
        victim.kill();
        await victim.ended;
        announced.push(...victim.announced());
      }
    };
    await Promise.all([hand(), hand()]);
    expect(announced.length).toBeGreaterThanOrEqual(rounds);
    await expectNothingLost(path, announced);
    await (await openGitStore({ path, machine: 'here' })).close();
    await expectNothingLost(path, announced);
    expect(leftovers(path).filter(name => !isYoung(name))).toEqual([]);
    const outcome = `nothing of ${announced.length} versions lost`;
    tell(task, [{ operation: 'kill loop', point: `${rounds} random moments`, fault: 'kill', outcome }]);
  });
});

/** Somebody who lives may be writing it; it is taken away a minute later. */
const isYoung = (name: string): boolean => /\.(tmp|new|stale)$|^tmp_/.test(name);

async function deadPid(): Promise<number> {
  const ended = spawn(process.execPath, ['-e', '0']);
  await once(ended, 'exit');
  return ended.pid!;
}

describe('a lock that was left', () => {
  const holder = { pid: process.pid, start: self().start, host: hostname(), since: 1, token: 'x', about: null };
  const hour = 3600;
  it.each([
    ['by a dead process', async () => ({ ...holder, pid: await deadPid(), start: '' }), 0],
    ['by a process whose pid has come back', async () => ({ ...holder, start: holder.start.replace(/\d+$/, '1') }), 0],
    ['by this process, which could not remove it', async () => holder, 0],
    ['by another host, an hour ago', async () => ({ ...holder, host: 'elsewhere' }), -hour],
    ['by another host, before the clock went back', async () => ({ ...holder, host: 'elsewhere' }), hour],
    ['cut short', async () => '{"pid":1', -hour],
    ['empty, before the clock went back', async () => '', hour],
    ['as zeros', async () => '\0'.repeat(200), -hour],
  ])('%s keeps nobody from sealing', async (_, content, seconds) => {
    await (await openGitStore({ path, machine: 'here' })).close();
    const left = await content();
    for (const name of ['lock', 'watcher']) {
      writeFileSync(join(path, name), typeof left === 'string' ? left : JSON.stringify(left));
      const then = Date.now() / 1000 + seconds * 25;
      utimesSync(join(path, name), then, then);
    }
    const store = await openGitStore({ path, machine: 'here' });
    await store.record([seen('a', 'text', Date.now())]);
    await store.seal();
    expect(store.latest({ root: 'claude', path: 'a' })!.snapshot).not.toBeNull();
    expect(store.repairs.join()).toMatch(/took away/);
    expect('release' in (await store.claim('watcher', null))).toBe(true);
    await store.close();
    rmSync(join(path, 'watcher'), { force: true });
    await expectNothingLost(path, []);
    expect(leftovers(path)).toEqual([]);
  });

  it('by another host, a moment ago, is respected, and it says by whom', async () => {
    await (await openGitStore({ path, machine: 'here' })).close();
    writeFileSync(join(path, 'watcher'), JSON.stringify({ ...holder, host: 'elsewhere' }));
    const store = await openGitStore({ path, machine: 'here' });
    expect(await store.claim('watcher', null)).toMatchObject({ host: 'elsewhere' });
    await store.close();
  });
});

describe('a clock that jumps', () => {
  const day = 24 * 3600_000;
  it.each([
    ['back an hour', -3600_000],
    ['back a month', -31 * day],
    ['back to 1970', -1_700_000_000_000],
    ['forward a year', 365 * day],
  ])('%s while it records and seals: every version stays, in the order of their time', async (_, jump) => {
    let now = 1_700_000_000_000;
    const announced: Announced[] = [];
    const record = async (store: Awaited<ReturnType<typeof openGitStore>>, text: string): Promise<void> => {
      const [version] = await store.record([seen('a.md', text, now)]);
      announced.push({ path: 'a.md', id: version!.id, blob: version!.blob!, sum: sumOf(Buffer.from(text)) });
      now += 1000;
    };
    for (const sealsBetween of [true, false]) {
      const store = await openGitStore({ path, machine: 'here', now: () => now });
      await record(store, `before ${sealsBetween}`);
      if (sealsBetween) await store.seal();
      now += jump;
      await record(store, `after ${sealsBetween}`);
      await store.seal();
      now -= jump;
      await record(store, `again ${sealsBetween}`);
      await store.close();
    }
    await expectNothingLost(path, announced);
    const reader = await openGitStore({ path, readOnly: true });
    const times = reader.versions({ root: 'claude', path: 'a.md' }).map(({ seenAt }) => seenAt);
    expect(times).toHaveLength(6);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    await reader.close();
    expect(leftovers(path)).toEqual([]);
  });
});

describe('a copy that a sync tool makes while it is written to', () => {
  it('opens, or says what is missing; it records, or says why not', async ({ task }) => {
    const chance = chanceOf('copies');
    const rows: Row[] = [];
    const failures: string[] = [];
    for (let round = 0; round < (isFull ? 200 : 16); round++) {
      path = join(folder, `store-${round}`);
      const busy = writer('busy', 1e9, 3);
      await busy.begun();
      const copy = join(folder, `copy-${round}`);
      await pass(chance.below(100));
      await copySlowly(path, copy, chance);
      busy.kill();
      await busy.ended;
      try {
        rows.push({
          operation: 'copy',
          point: 'made while it is written to',
          fault: 'copy',
          outcome: await outcomeOf(copy),
        });
      } catch (error) {
        rows.push({ operation: 'copy', point: 'made while it is written to', fault: 'copy', outcome: 'FAILED' });
        failures.push(`copy ${round}: ${(error as Error).message}`);
      }
      rmSync(copy, { recursive: true, force: true });
      rmSync(path, { recursive: true, force: true });
    }
    tell(task, rows);
    expect(failures.join('\n\n')).toBe('');
  });
});

/** File by file, in any order, with pauses; what is gone when its turn comes is left out. */
async function copySlowly(from: string, to: string, chance: ReturnType<typeof chanceOf>): Promise<void> {
  const isHalf = chance.once(3);
  mkdirSync(to, { recursive: true });
  const names = chance.shuffle(filesBelow(from));
  for (const name of isHalf ? names.slice(0, names.length >> 1) : names) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    try {
      copyFileSync(join(from, name), join(to, name));
    } catch {
      // It went meanwhile.
    }
    if (chance.once(4)) await pass(chance.below(10));
  }
}

async function outcomeOf(copy: string): Promise<string> {
  let said = '';
  try {
    const reader = await openGitStore({ path: copy, readOnly: true });
    const { damage } = await reader.verify();
    const named = new Set(damage.flatMap(({ versions }) => versions.map(({ id }) => id)));
    for (const { id, blob } of [...reader.paths()]) {
      const isRead = await reader.read(blob!).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof UndertextError)) throw error;
          return false;
        },
      );
      expect(isRead || named.has(id), `${id} cannot be read, and verify does not name it`).toBe(true);
    }
    await reader.close();
    said = damage.length === 0 ? 'sound' : 'verify names what is missing';
    const isGit = ['HEAD', 'objects', 'refs'].every(name => readdirSync(copy).includes(name));
    if (damage.length === 0 && hasGit && isGit) expect(fsck(copy)).toBe('');
  } catch (error) {
    if (!(error instanceof UndertextError) || error.hint === '') throw error;
    said = `refused to read: ${error.code}`;
  }
  return `${said}, ${await recordingInto(copy)}`;
}

async function recordingInto(copy: string): Promise<string> {
  try {
    const store = await openGitStore({ path: copy, machine: 'here' });
    const [version] = await store.record([seen('new.md', 'new', Date.now())]);
    await store.close();
    const reader = await openGitStore({ path: copy, readOnly: true });
    expect(Buffer.from(await reader.read(version!.blob!)).toString()).toBe('new');
    await reader.close();
    return 'records';
  } catch (error) {
    if (!(error instanceof UndertextError) || error.hint === '') throw error;
    return `refused to record: ${error.code}`;
  }
}
