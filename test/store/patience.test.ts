/** Whoever waits for the lock of the store says for whom, and loses nothing when it waited in vain. */
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openGitStore } from '../../src/store/git-store.ts';
import { holderInWords, isLock, type Lock, tryLock } from '../../src/store/lock.ts';
import type { Holder } from '../../src/store/store.ts';
import { seen } from './contract.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undertext-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function hold(): Lock {
  const said = () => {};
  const lock = tryLock({ path: join(folder, 'lock'), about: { command: 'prune' }, now: 1, foreignMaxAge: 1e9, said });
  if (!isLock(lock)) throw new Error('taken');
  return lock;
}

it('says once for whom it waits; what was recorded stays, and is sealed by the next one', async () => {
  const told: Holder[] = [];
  const store = await openGitStore({
    path: folder,
    onWait: who => told.push(who),
    patience: { say: 1, seal: 100, close: 0 },
  });
  await store.record([seen('a.md', 'x', 5)]);
  const lock = hold();
  await expect(store.seal()).rejects.toMatchObject({
    code: 'busy',
    message: `process ${process.pid} (undertext prune) holds the lock of the store`,
  });
  await store.close();
  expect(told.map(holderInWords)).toEqual([`process ${process.pid} (undertext prune)`]);
  lock.release();
  const next = await openGitStore({ path: folder });
  expect(next.versions({ root: 'claude', path: 'a.md' })).toHaveLength(1);
  await next.close();
});

it('says nothing when the lock is soon free', async () => {
  const told: Holder[] = [];
  const store = await openGitStore({ path: folder, onWait: who => told.push(who) });
  await store.record([seen('a.md', 'x', 5)]);
  const lock = hold();
  const sealing = store.seal();
  await new Promise(setImmediate);
  lock.release();
  await sealing;
  await store.close();
  expect(told).toEqual([]);
});

it('names whom by what they say of themselves, if that is a command', () => {
  const who = { pid: 7, host: hostname() };
  expect(holderInWords({ ...who, about: null })).toBe('process 7');
  expect(holderInWords({ ...who, host: 'a', about: { command: 'watch' } })).toBe('process 7 (undertext watch) on a');
  expect(holderInWords({ ...who, about: { command: '\u001b[2J' } })).toBe('process 7');
});
