/** What must not lose anything: kills, two writers, torn tails, full disks, locks of the dead. Uses the built program. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Disk, realDisk } from '../../src/store/disk.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { encodeLine } from '../../src/store/journal/journal.ts';
import { isLock, type Lock, lockHolder, self, tryLock } from '../../src/store/lock.ts';
import { isHolder, type Store } from '../../src/store/store.ts';
import { formatVersion } from '../../src/store/version-line.ts';
import { seen, textOf } from './contract.ts';
import { fsck, hasGit } from './with-git.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-trouble-'));
const child = (name: string): string => fileURLToPath(new URL(`./children/${name}.mjs`, import.meta.url));
let path: string;
let count = 0;
beforeEach(() => {
  path = join(home, `store-${count++}`);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const open = (more: object = {}): Promise<Store> => openGitStore({ path, machine: 'here', ...more });
const journals = (): readonly string[] =>
  readdirSync(join(path, 'journal'))
    .filter(name => name.endsWith('.journal'))
    .map(name => join(path, 'journal', name));
/** A pid that nobody has: of a process that has just ended. */
async function deadPid(): Promise<number> {
  const ended = spawn(process.execPath, ['-e', '0']);
  await once(ended, 'exit');
  return ended.pid!;
}

interface Announced {
  readonly path: string;
  readonly id: string;
  readonly blob: string;
}

function writer(
  name: string,
  times: number,
  sealEvery: number,
): { process: ChildProcess; announced(): readonly Announced[]; said(lines: number): Promise<void> } {
  const writer = spawn(process.execPath, [child('writer'), path, name, String(times), String(sealEvery)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const waiting: (() => void)[] = [];
  writer.stdout!.on('data', chunk => {
    output += chunk;
    for (const wake of waiting.splice(0)) wake();
  });
  const lines = (): readonly string[] => output.split('\n').slice(0, -1);
  return {
    process: writer,
    announced: () =>
      lines()
        .map(line => line.split('\t'))
        .map(([path, id, blob]) => ({ path: path!, id: id!, blob: blob! })),
    said: async wanted => {
      while (lines().length < wanted && writer.exitCode === null)
        await new Promise<void>(resolve => waiting.push(resolve));
    },
  };
}

async function expectAll(announced: readonly Announced[]): Promise<void> {
  const store = await open();
  for (const { path, id, blob } of announced) {
    expect(store.withId(id)).toMatchObject([{ path, blob }]);
    expect(await textOf(store, blob)).toMatch(/^\w+ \d+\n/);
  }
  expect((await store.verify()).damage).toEqual([]);
  await store.close();
  if (hasGit) expect(fsck(path)).toBe('');
}

describe('two processes', () => {
  it('write 500 versions each at the same time, and all 1,000 are there', async () => {
    const both = [writer('one', 500, 20), writer('two', 500, 30)];
    const ends = await Promise.all(both.map(({ process: one }) => once(one, 'close')));
    expect(ends.map(([code]) => code)).toEqual([0, 0]);
    const announced = both.flatMap(({ announced }) => announced());
    expect(announced).toHaveLength(1000);
    await expectAll(announced);
    const store = await open({ readOnly: true });
    expect(await store.size()).toMatchObject({ versions: 1000, sealed: 1000 });
    await store.close();
  });

  it('see each other: what one has recorded, the other reads, restores and seals after `refresh`', async () => {
    const [one, two] = [await open(), await open()];
    const [version] = await one.record([seen('a', 'from one', 1)]);
    expect(two.latest({ root: 'claude', path: 'a' })).toBeUndefined();
    await two.refresh();
    expect(two.latest({ root: 'claude', path: 'a' })).toEqual(version);
    expect(await textOf(two, version!.blob)).toBe('from one');
    // The blob stands only in the journal of one; a commit of two must not wait for it.
    await two.record([seen('b', null, 2, { kind: 'file', content: { blob: version!.blob! }, size: 8, mode: 0o644 })]);
    await two.seal();
    if (hasGit) expect(fsck(path)).toBe('');
    await one.note([{ kind: 'gap', at: 1, data: 1 }]);
    await one.seal();
    await two.refresh();
    expect(two.latest({ root: 'claude', path: 'a' })?.snapshot).toMatch(/^[0-9a-f]{40}$/);
    expect(two.notes('gap')).toHaveLength(1);
    await Promise.all([one.close(), two.close()]);
    if (hasGit) expect(fsck(path)).toBe('');
  });
});

describe('the journal of the dead', () => {
  /** A store whose last writer never came to sealing. */
  async function abandoned(): Promise<string> {
    const { process: victim, said } = writer('dead', 1e9, 0);
    await said(10);
    victim.kill('SIGKILL');
    await once(victim, 'close');
    const [journal] = journals();
    return journal!;
  }

  it('is read by whoever only reads, and sealed by whoever writes', async () => {
    await abandoned();
    const reader = await open({ readOnly: true });
    const versions = [...reader.paths()];
    expect(versions.length).toBeGreaterThan(0);
    expect(journals()).toHaveLength(1);
    const writer = await open();
    expect(writer.repairs.join()).toMatch(/sealed \d+ records of process \d+, which is dead/);
    expect(journals()).toEqual([]);
    await reader.refresh();
    for (const { id, blob } of versions) {
      expect(reader.withId(id)[0]!.snapshot).not.toBeNull();
      await reader.read(blob!);
    }
    await Promise.all([reader.close(), writer.close()]);
  });

  it('of another host is read, and sealed only when it is old', async () => {
    const journal = await abandoned();
    const text = readFileSync(journal);
    const end = text.indexOf(10) + 1;
    const header = text.toString('utf8', 0, end).replace(`"host":"${hostname()}"`, '"host":"elsewhere"');
    writeFileSync(journal, Buffer.concat([Buffer.from(header), text.subarray(end)]));
    const store = await open();
    expect([...store.paths()].length).toBeGreaterThan(0);
    expect(journals()).toEqual([journal]);
    const old = Date.now() / 1000 - 7200;
    utimesSync(journal, old, old);
    await store.seal();
    expect(journals()).toEqual([]);
    await store.close();
  });

  it.each([
    ['half a record', (bytes: Buffer) => bytes.subarray(0, bytes.length - 5)],
    ['noise behind the last record', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('B\0\0\0\x20torn')])],
    ['zeros, as a power cut leaves them', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(5000)])],
  ])('with %s is cut there, and it is said', async (_, tear) => {
    const journal = await abandoned();
    writeFileSync(journal, tear(readFileSync(journal)));
    const store = await open();
    expect(store.repairs.join()).toMatch(/cut \d+ bytes/);
    expect([...store.paths()].length).toBeGreaterThan(0);
    expect((await store.verify()).damage).toEqual([]);
    await store.close();
  });

  it('that was harmed in the middle gives what stands before, and the rest is put aside', async () => {
    const journal = await abandoned();
    const bytes = readFileSync(journal);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(journal, bytes);
    const store = await open();
    expect(store.repairs.join()).toMatch(/was changed on the disk/);
    expect(readFileSync(`${journal}.harmed`).equals(bytes)).toBe(true);
    expect((await store.verify()).damage).toMatchObject([{ where: expect.stringMatching(/harmed$/), versions: [] }]);
    await store.close();
  });

  it('whose versions lean on a journal that is lost is sealed all the same, and `verify` says what is gone', async () => {
    const journal = await abandoned();
    const reader = await open({ readOnly: true });
    const [version] = [...reader.paths()];
    await reader.close();
    const header = readFileSync(journal).subarray(0, readFileSync(journal).indexOf(10) + 1);
    const orphan = formatVersion({ ...version!, id: 'aaaaaaaaaa', blob: 'f'.repeat(40) });
    writeFileSync(join(path, 'journal', '1-orphan.journal'), Buffer.concat([header, ...encodeLine(orphan)]));
    const store = await open();
    expect(journals()).toEqual([]);
    expect((await store.verify()).damage).toMatchObject([
      { what: expect.stringContaining('missing'), versions: [{ id: 'aaaaaaaaaa' }] },
    ]);
    await store.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });

  it('that was sealed already, but not removed, adds nothing', async () => {
    const journal = await abandoned();
    const copy = join(home, 'copy');
    copyFileSync(journal, copy);
    await (await open()).close();
    const before = await open({ readOnly: true });
    const { versions } = await before.size();
    await before.close();
    copyFileSync(copy, journal);
    const store = await open();
    expect(await store.size()).toMatchObject({ versions, sealed: versions });
    expect(journals()).toEqual([]);
    await store.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });
});

describe('the disk refuses', () => {
  const refusal = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

  it('a full disk: nothing is announced, and it goes on when there is space', async () => {
    let isFull = false;
    const disk: Disk = {
      ...realDisk,
      async write(fd, chunks, position) {
        if (!isFull) return realDisk.write(fd, chunks, position);
        // As the system does it: some of it is written.
        await realDisk.write(fd, [Buffer.concat(chunks.slice(0)).subarray(0, 20)], position);
        throw refusal('ENOSPC');
      },
    };
    const store = await open({ disk });
    await store.record([seen('a', 'before', 1)]);
    isFull = true;
    const calls = [
      store.record([seen('a', 'lost', 2)]),
      store.record([seen('b', 'lost', 2)]),
      store.note([{ kind: 'gap', at: 1, data: 1 }]),
    ];
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({
        status: 'rejected',
        reason: { code: 'disk', hint: expect.stringContaining('space') },
      });
    }
    await expect(store.seal()).rejects.toMatchObject({ code: 'disk' });
    expect(store.versions({ root: 'claude', path: 'a' })).toHaveLength(1);
    expect(store.latest({ root: 'claude', path: 'b' })).toBeUndefined();
    isFull = false;
    // The same content again: it must not count as kept because it was underway once.
    const [after] = await store.record([seen('b', 'lost', 3)]);
    await store.seal();
    await store.close();
    const again = await open();
    expect(again.repairs).toEqual([]);
    expect(await textOf(again, after!.blob)).toBe('lost');
    expect(await again.size()).toMatchObject({ versions: 2 });
    expect((await again.verify()).damage).toEqual([]);
    await again.close();
  });

  it('an fsync that fails is no fsync', async () => {
    let fails = true;
    const disk: Disk = {
      ...realDisk,
      async syncData(fd) {
        if (fails && existsSync(join(path, 'journal')) && journals().length > 0) throw refusal('EIO');
        return realDisk.syncData(fd);
      },
    };
    const store = await open({ disk });
    await expect(store.record([seen('a', 'x', 1)])).rejects.toMatchObject({ code: 'disk' });
    fails = false;
    await store.record([seen('a', 'y', 2)]);
    expect(store.versions({ root: 'claude', path: 'a' })).toHaveLength(1);
    await store.close();
    const again = await open();
    expect([...again.paths()]).toHaveLength(1);
    await again.close();
  });

  it('no order of failures while sealing loses anything or breaks the repository', async () => {
    for (let step = 0; step < 40; step++) {
      path = join(home, `steps-${step}`);
      let left = Number.POSITIVE_INFINITY;
      const counted =
        <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
        async (...args: A): Promise<R> => {
          if (left-- <= 0) throw refusal('EIO');
          return act(...args);
        };
      const disk: Disk = {
        open: counted(realDisk.open),
        write: counted(realDisk.write),
        truncate: counted(realDisk.truncate),
        syncData: counted(realDisk.syncData),
        syncFolder: counted(realDisk.syncFolder),
        close: realDisk.close,
      };
      const store = await open({ disk });
      await store.record([seen('a', 'one', 1), seen('a', 'two', 2)]);
      left = step;
      const failed = await store.seal().then(
        () => false,
        () => true,
      );
      left = Number.POSITIVE_INFINITY;
      if (hasGit && step % 4 === 0) expect(fsck(path)).toBe('');
      const reader = await open({ readOnly: true });
      expect(reader.versions({ root: 'claude', path: 'a' })).toHaveLength(2);
      await reader.close();
      await store.record([seen('a', 'three', 3)]);
      await store.close();
      const again = await open();
      expect(
        await Promise.all(again.versions({ root: 'claude', path: 'a' }).map(({ blob }) => textOf(again, blob))),
      ).toEqual(['one', 'two', 'three']);
      expect(await again.size()).toMatchObject({ versions: 3, sealed: 3 });
      expect((await again.verify()).damage).toEqual([]);
      await again.close();
      if (!failed) return;
    }
    throw new Error('sealing never came through');
  });
});

describe('locks', () => {
  const lock = (more: object = {}) =>
    tryLock({ path: join(path, 'l'), about: null, now: Date.now(), foreignMaxAge: 60_000, said: () => {}, ...more });
  beforeEach(() => mkdirSync(path));

  it('of the dead are taken away, and it is said', async () => {
    const said: string[] = [];
    const holder = { pid: await deadPid(), start: '', host: hostname(), since: 1, token: 'x', about: null };
    writeFileSync(join(path, 'l'), JSON.stringify(holder));
    expect(lockHolder(join(path, 'l'), 60_000)).toBeNull();
    expect(isLock(lock({ said: (repair: string) => said.push(repair) }))).toBe(true);
    expect(said).toEqual([`took away the lock of process ${holder.pid}, which is dead`]);
    expect(readdirSync(path)).toEqual(['l']);
  });

  it('of a process that has only the pid of a dead one are taken away', () => {
    writeFileSync(
      join(path, 'l'),
      JSON.stringify({
        pid: process.pid,
        start: self().start.replace(/\d+$/, '1'),
        host: hostname(),
        since: 1,
        token: 'x',
        about: null,
      }),
    );
    expect(isLock(lock())).toBe(true);
  });

  it('of another host are respected, unless they are old', () => {
    const file = join(path, 'l');
    writeFileSync(file, JSON.stringify({ pid: 1, start: '', host: 'elsewhere', since: 1, token: 'x', about: 'far' }));
    expect(lock()).toMatchObject({ host: 'elsewhere', about: 'far' });
    const old = Date.now() / 1000 - 120;
    utimesSync(file, old, old);
    const said: string[] = [];
    expect(isLock(lock({ said: (repair: string) => said.push(repair) }))).toBe(true);
    expect(said.join()).toMatch(/elsewhere, 2 minutes old/);
  });

  it('that are cut short are respected while they are young', () => {
    writeFileSync(join(path, 'l'), '{"pid":');
    expect(isLock(lock())).toBe(false);
    const old = Date.now() / 1000 - 60;
    utimesSync(join(path, 'l'), old, old);
    expect(isLock(lock())).toBe(true);
  });

  it('are held by one at a time, and only by whom they name', () => {
    const first = lock() as Lock;
    expect(isLock(lock())).toBe(false);
    first.release();
    const second = lock() as Lock;
    expect(first.isOurs()).toBe(false);
    first.release();
    expect(second.isOurs()).toBe(true);
  });

  it('a store left locked by a kill opens and seals', async () => {
    const store = await open({ path: join(path, 's') });
    await store.close();
    path = join(path, 's');
    writeFileSync(
      join(path, 'lock'),
      JSON.stringify({ pid: await deadPid(), start: '', host: hostname(), since: 1, token: 'x', about: null }),
    );
    mkdirSync(join(path, 'refs/heads/here'), { recursive: true });
    writeFileSync(join(path, 'refs/heads/here', `${new Date().toISOString().slice(0, 7)}.lock`), '');
    writeFileSync(join(path, 'objects/pack/tmp_pack_dead'), 'x');
    writeFileSync(join(path, 'objects', `tmp_obj_${await deadPid()}_x`), 'x');
    const again = await open();
    expect(again.repairs.join()).toMatch(/took away the lock/);
    expect(existsSync(join(path, 'objects/pack/tmp_pack_dead'))).toBe(false);
    expect(readdirSync(join(path, 'objects')).filter(name => name.startsWith('tmp'))).toEqual([]);
    await again.record([seen('a', 'x', Date.now())]);
    await again.seal();
    expect(again.latest({ root: 'claude', path: 'a' })!.snapshot).not.toBeNull();
    await again.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });

  it('a post is freed by the death of its holder', async () => {
    path = join(path, 's');
    const watcher = spawn(process.execPath, [child('watcher'), path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = await once(watcher.stdout!, 'data');
    expect(String(said)).toBe('mine\n');
    const store = await open();
    const taken = await store.claim('watcher', {});
    expect(taken).toMatchObject({ pid: watcher.pid, host: hostname(), about: { from: 'child' } });
    watcher.kill('SIGKILL');
    await once(watcher, 'close');
    expect(await store.holder('watcher')).toBeNull();
    const lease = await store.claim('watcher', {});
    expect(isHolder(lease)).toBe(false);
    await store.close();
  });
});

it('a journal of a newer format is refused', async () => {
  await (await open()).close();
  writeFileSync(join(path, 'journal', '1-abc.journal'), 'undertext journal 3 {"pid":1,"start":"","host":"x"}\n');
  await expect(open()).rejects.toMatchObject({ code: 'newer-format' });
});
