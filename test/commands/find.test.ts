/** `find` reads a log once, however many versions it has, and says the same of each as a look into all of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { search } from '../../src/commands/find.ts';
import { seekerFor } from '../../src/documents/seek.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { type Store, segmentBytes } from '../../src/store/store.ts';
import { seen } from '../store/contract.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-find-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const day = Date.UTC(2026, 4, 10);
const roots = new Set(['claude']);
let clock = day;
let stores = 0;

async function keepLog(store: Store, bytes: Uint8Array, path = 'p/s.jsonl'): Promise<void> {
  async function* whole() {
    yield bytes;
  }
  const blob = await store.keep(whole(), bytes.length);
  const about = { kind: 'file', content: { blob }, size: bytes.length, mode: 0o600 } as const;
  await store.record([seen(path, null, clock++, about)]);
}

function lines(from: number, to: number): string {
  return Array.from(
    { length: to - from },
    (_, i) => `{"n":${from + i},"t":"${((from + i) * 7919).toString(36)}"}\n`,
  ).join('');
}

/** The store, and how many bytes of content were asked for. */
function counting(store: Store): { readonly counted: Store; readonly bytes: () => number } {
  let bytes = 0;
  const counted = new Proxy(store, {
    get: (target, name) => {
      if (name !== 'pieces') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async function* (blob: string) {
        for await (const piece of target.pieces(blob)) {
          bytes += piece.length;
          yield piece;
        }
      };
    },
  });
  return { counted, bytes: () => bytes };
}

const inShort = (found: Awaited<ReturnType<typeof search>>) =>
  found.map(({ path, first, last, count, gone }) => [path, first.seenAt - day, last.seenAt - day, count, gone?.seenAt]);

describe.each([
  ['a git store', () => openGitStore({ path: join(home, String(stores++)), machine: 'here' })],
  ['a store in memory', async () => memoryStore()],
])('in %s', (_, open) => {
  it('a log with many versions is read once', async () => {
    clock = day;
    const store = await open();
    let text = lines(0, 9000);
    for (let i = 0; i < 40; i++) {
      if (i === 20) text += 'the Needle\n';
      text += lines(9000 + 10 * i, 9010 + 10 * i);
      await keepLog(store, Buffer.from(text));
    }
    const { counted, bytes } = counting(store);
    expect(inShort(await search(counted, roots, seekerFor('the Needle', false)))).toEqual([
      ['p/s.jsonl', 20, 39, 20, undefined],
    ]);
    expect(inShort(await search(counted, roots, seekerFor('the needle', true)))).toEqual([
      ['p/s.jsonl', 20, 39, 20, undefined],
    ]);
    expect(await search(counted, roots, seekerFor('no such word', false))).toEqual([]);
    expect(bytes()).toBeLessThanOrEqual(3 * text.length);
    await store.close();
  });

  it('a log that was written anew is read once for each of its lives', async () => {
    clock = day;
    const store = await open();
    const first = `needle\n${lines(0, 9000)}`;
    const second = lines(20_000, 30_000);
    for (const text of [first, first + lines(9000, 9100), second, `${second}needle`, `${second}need`]) {
      await keepLog(store, Buffer.from(text));
    }
    const { counted, bytes } = counting(store);
    const [found] = await search(counted, roots, seekerFor('needle', false));
    expect(found).toMatchObject({
      count: 3,
      first: { seenAt: day },
      last: { seenAt: day + 3 },
      gone: { seenAt: day + 4 },
    });
    expect(bytes()).toBeLessThan(first.length + 3 * second.length);
    await store.close();
  });

  it('a text that a version ends within is not in it', async () => {
    clock = day;
    const store = await open();
    const text = `${'x'.repeat(3 * segmentBytes - 3)}needle and more`;
    const sizes = [3, 8, 9, 20].map(over => 3 * segmentBytes - 6 + over);
    for (const size of sizes) await keepLog(store, Buffer.from(text).subarray(0, size));
    const [found] = await search(store, roots, seekerFor('NEEDLE', true));
    expect(found).toMatchObject({ count: 2, first: { seenAt: day + 2 }, last: { seenAt: day + 3 }, gone: null });
    await store.close();
  });

  it('small files are read once for each content, wherever it stands', async () => {
    clock = day;
    const store = await open();
    for (const path of ['a.md', 'b.md', 'a.md']) await store.record([seen(path, 'needle', clock++)]);
    await store.record([seen('b.md', 'other', clock++)]);
    const { counted, bytes } = counting(store);
    expect(inShort(await search(counted, roots, seekerFor('needle', false)))).toEqual([
      ['b.md', 1, 1, 1, day + 3],
      ['a.md', 0, 2, 2, undefined],
    ]);
    expect(bytes()).toBe('needle'.length + 'other'.length);
    expect(await search(counted, new Set(['elsewhere']), seekerFor('needle', false))).toEqual([]);
    await store.close();
  });
});
