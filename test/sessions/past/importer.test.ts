import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/model.ts';
import { commitsOf } from '../../../src/sessions/past/commits.ts';
import { importedOf } from '../../../src/sessions/past/imported.ts';
import { importer, type Past } from '../../../src/sessions/past/importer.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import { seen } from '../../store/contract.ts';

const place = { root: 'claude', path: 'notes.md' };
const noon = Date.parse('2026-11-20T12:00:00Z');
const past = (text: string | null, minutes: number): Past => ({
  source: { kind: 'transcript', tier: 'own record', validated: true },
  at: noon + minutes * 60_000,
  kind: text === null ? 'gone' : 'file',
  content: text === null ? null : Buffer.from(text),
});
const now = noon + 100 * 60_000;

/** What the store holds afterwards: text, minute, how. */
async function kept(
  before: readonly Observation[],
  add: readonly Past[],
  disk: Observation | null = null,
  isForgotten = (_: number) => false,
) {
  const store = memoryStore();
  await store.record(before);
  const deps = { store, now: () => now, isForgotten: (_: unknown, at: number) => isForgotten(at), look: () => disk };
  const work = importer(deps);
  await work.add(place, add);
  const added = await work.flush();
  const versions = store.versions(place);
  const short = versions.map(async ({ kind, blob, seenAt, how }) => {
    const text = kind === 'file' ? Buffer.from(await store.read(blob!)).toString() : kind;
    return `${text}@${Math.round((seenAt - noon) / 60_000)} ${how}`;
  });
  return { short: await Promise.all(short), added, store };
}

const scanned = (text: string | null, minutes: number, more: Partial<Observation> = {}) =>
  seen('notes.md', text, noon + minutes * 60_000, { how: 'scan', ...more });

describe('an import', () => {
  it('lies among the versions by its time, and the newest stays the newest', async () => {
    const { short, added, store } = await kept([scanned('c', 50)], [past('a', 1), past('b', 2)]);
    expect(short).toEqual(['a@1 import', 'b@2 import', 'c@50 scan']);
    expect(importedOf(store.notes('import')).get(added[0]!.id)).toEqual({
      kind: 'transcript',
      tier: 'own record',
      validated: true,
    });
  });

  it('keeps what a commit said once, for all that it made', async () => {
    const of = (text: string, minutes: number, message: string): Past => ({
      ...past(text, minutes),
      commit: { message, isRevert: false },
    });
    const { added, store } = await kept([], [of('a', 1, 'one thing'), of('b', 2, 'one thing'), past('c', 3)]);
    const notes = store.notes('commit');
    expect(notes.flatMap(({ data }) => (data as { commits: object[] }).commits)).toHaveLength(1);
    expect(added.map(({ id }) => commitsOf(notes).get(id)?.message)).toEqual(['one thing', 'one thing', undefined]);
  });

  it('takes the mode that the file has now', async () => {
    const { store } = await kept([scanned('c', 50, { mode: 0o600 })], [past('a', 1)]);
    expect(store.versions(place)[0]!.mode).toBe(0o600);
  });

  it.each<[string, Parameters<typeof kept>, readonly string[]]>([
    [
      'of what came after the last look: the disk is asked again, and says what stands there',
      [[scanned('c', 1)], [past('a', 2)], scanned('c', 100)],
      ['c@1 scan', 'a@2 import', 'c@100 scan'],
    ],
    [
      'of a file that is gone by now',
      [[], [past('a', 1), past('b', 2)], scanned(null, 100)],
      ['a@1 import', 'b@2 import', 'gone@100 scan'],
    ],
    [
      'told by a clock that is ahead: it was before now',
      [[scanned('c', 50)], [past('a', 500), past('b', 501)], scanned('c', 100)],
      ['c@50 scan', 'a@100 import', 'b@100 import', 'c@100 scan'],
    ],
    [
      'of what was forgotten: never',
      [[scanned('c', 50)], [past('a', 1), past('b', 40)], null, at => at < noon + 30 * 60_000],
      ['b@40 import', 'c@50 scan'],
    ],
    [
      'where a content was taken away: never',
      [
        [scanned('c', 50), { ...scanned('x', 10), kind: 'withheld', content: null, size: 1 }],
        [past('a', 20), past('b', 60)],
        scanned('c', 99),
      ],
      ['withheld@10 scan', 'c@50 scan', 'b@60 import', 'c@100 scan'],
    ],
    ['nothing at all', [[scanned('c', 50)], []], ['c@50 scan']],
  ])('%s', async (_, args, expected) => expect((await kept(...args)).short).toEqual(expected));

  it('keeps nothing of what was forgotten while it was being read', async () => {
    const store = memoryStore();
    let isForgotten = false;
    const work = importer({ store, now: () => now, isForgotten: () => isForgotten, look: () => null });
    await work.add(place, [past('a', 1)]);
    isForgotten = true;
    expect(await work.flush()).toEqual([]);
    expect(store.versions(place)).toEqual([]);
  });

  it('can be tried without keeping anything', async () => {
    const store = memoryStore();
    const deps = { store, now: () => now, isForgotten: () => false, look: () => null, isDryRun: true };
    const work = importer(deps);
    await work.add(place, [past('a', 1)]);
    expect((await work.flush()).map(({ path, size }) => [path, size])).toEqual([['notes.md', 1]]);
    expect([...store.paths(), ...store.notes('import')]).toEqual([]);
  });
});
