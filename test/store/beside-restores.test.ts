/** One write, one record: whoever of the restore and the watcher comes first. */
import { expect, it } from 'vitest';
import type { Observation, Version } from '../../src/model.ts';
import { announce, besideRestores } from '../../src/store/beside-restores.ts';
import { blobName } from '../../src/store/blob-name.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { isHolder, type Lease } from '../../src/store/store.ts';
import { seen } from './contract.ts';

let clock = Date.parse('2026-11-20T12:00:00Z');
const store = () => memoryStore({ now: () => ++clock });
const bytes = (text: string) => new TextEncoder().encode(text);
const ours = (path: string, text: string | null): Observation => ({ ...seen(path, text, ++clock), how: 'restore' });
const theirs = (path: string, text: string | null): Observation => ({ ...seen(path, text, ++clock), how: 'event' });
const told = (versions: readonly Version[]) => versions.map(({ how, path, kind }) => `${how} ${kind} ${path}`);

async function leaseOf(kept: ReturnType<typeof store>): Promise<Lease> {
  const lease = await kept.claim('restore', null);
  if (isHolder(lease)) throw new Error('taken');
  return lease;
}

it('the restore first: what the watcher reads has its version already', async () => {
  const kept = store();
  const [own] = await kept.record([ours('a.md', 'x')]);
  const seenLater = await besideRestores(kept).record([theirs('a.md', 'x'), theirs('b.md', 'y')]);
  expect([seenLater[0]!.id, told(seenLater)]).toEqual([own!.id, ['restore file a.md', 'event file b.md']]);
  expect(kept.versions({ root: 'claude', path: 'a.md' })).toHaveLength(1);
});

it('the watcher first: it waits for the record, and holds nothing else up', async () => {
  const kept = store();
  const lease = await leaseOf(kept);
  await announce(lease, { root: 'claude', path: 'a.md', blob: blobName(bytes('x')) });
  const recording = besideRestores(kept).record([theirs('a.md', 'x'), theirs('b.md', 'y')]);
  while (kept.latest({ root: 'claude', path: 'b.md' }) === undefined) await new Promise(setImmediate);
  expect(kept.latest({ root: 'claude', path: 'a.md' })).toBeUndefined();
  await kept.record([ours('a.md', 'x')]);
  expect(told(await recording)).toEqual(['restore file a.md', 'event file b.md']);
  expect(kept.versions({ root: 'claude', path: 'a.md' })).toHaveLength(1);
});

it('a restore that never records: its text is recorded as what was seen', async () => {
  const kept = store();
  const lease = await leaseOf(kept);
  await announce(lease, { root: 'claude', path: 'a.md', blob: blobName(bytes('x')) });
  const recording = besideRestores(kept).record([theirs('a.md', 'x')]);
  await lease.release();
  expect(told(await recording)).toEqual(['event file a.md']);
});

it.each([
  ['another text at that path', theirs('a.md', 'z'), 'event file a.md'],
  ['the same text elsewhere', theirs('c.md', 'x'), 'event file c.md'],
  ['that the file is gone', theirs('a.md', null), 'event gone a.md'],
])('%s is recorded at once, also while a restore is about to write', async (_, observation, text) => {
  const kept = store();
  const lease = await leaseOf(kept);
  await kept.record([theirs('a.md', 'before')]);
  await announce(lease, { root: 'claude', path: 'a.md', blob: blobName(bytes('x')) });
  expect(told(await besideRestores(kept).record([observation]))).toEqual([text]);
});

it('an undo that takes a file away is one record', async () => {
  const kept = store();
  await kept.record([theirs('a.md', 'x'), ours('a.md', null)]);
  await besideRestores(kept).record([theirs('a.md', null)]);
  expect(told(kept.versions({ root: 'claude', path: 'a.md' }))).toEqual(['event file a.md', 'restore gone a.md']);
});

it('the same text by somebody else, with another one between, is a version of its own', async () => {
  const kept = store();
  await kept.record([ours('a.md', 'x')]);
  await besideRestores(kept).record([theirs('a.md', 'y'), theirs('a.md', 'x')]);
  expect(told(kept.versions({ root: 'claude', path: 'a.md' }))).toEqual([
    'restore file a.md',
    'event file a.md',
    'event file a.md',
  ]);
});

it('what a lock says may be anything', async () => {
  for (const about of [
    null,
    3,
    'x',
    [],
    { intent: null },
    { intent: { root: 1 } },
    { intent: { root: 'claude', path: 'a.md', blob: 4 } },
  ]) {
    const kept = store();
    await kept.claim('restore', about);
    expect(told(await besideRestores(kept).record([theirs('a.md', 'x')]))).toEqual(['event file a.md']);
  }
});
