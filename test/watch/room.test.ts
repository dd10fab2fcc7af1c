/** A watcher whose store is at its cap, or whose disk is nearly full. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { memoryStore } from '../../src/store/memory-store.ts';
import { roomAsker, withReserve } from '../../src/store/reserve.ts';
import { gapsOf } from '../../src/store/store.ts';
import { cleanUp, observer } from './observer.ts';

afterEach(cleanUp);

const why = 'the store is at its cap: logs are not kept';

it('at the cap logs are left out, which is a gap; text goes on; then everything is found', async () => {
  const store = memoryStore();
  const { root, watch, until, untilText } = await observer({ store });
  const gaps = () => gapsOf(store.notes('gap')).filter(gap => gap.why === why);
  watch.leaveLogsOut(true);
  await until(event => event.type === 'gap' && event.gap.why === why && event.gap.to === null);
  writeFileSync(join(root.path, 'a.jsonl'), '{"one":1}\n');
  writeFileSync(join(root.path, 'a.md'), 'one');
  await untilText('a.md', 'one');
  watch.leaveLogsOut(true);
  watch.leaveLogsOut(false);
  await until(event => event.type === 'gap' && event.gap.why === why && event.gap.to !== null);
  await untilText('a.jsonl', '{"one":1}\n');
  expect(store.versions({ root: 'root', path: 'a.jsonl' })).toHaveLength(1);
  expect(gaps()).toHaveLength(1);
});

it('a watcher that begins at the cap reads no log', async () => {
  const store = memoryStore();
  const first = await observer({ store });
  writeFileSync(join(first.root.path, 'a.jsonl'), '{"one":1}\n');
  await first.untilText('a.jsonl', '{"one":1}\n');
  await first.stop();
  writeFileSync(join(first.root.path, 'a.jsonl'), '{"one":1}\n{"two":2}\n');
  writeFileSync(join(first.root.path, 'a.md'), 'one');
  const second = await observer({ store, root: first.root, isAtCap: true });
  await second.untilText('a.md', 'one');
  expect(store.versions({ root: 'root', path: 'a.jsonl' })).toHaveLength(1);
  await second.stop();
  // The next one finds room, ends the gap, and keeps what stands there.
  const third = await observer({ store, root: first.root });
  await third.untilText('a.jsonl', '{"one":1}\n{"two":2}\n');
  expect(gapsOf(store.notes('gap')).filter(gap => gap.why === why)).toMatchObject([{ to: expect.any(Number) }]);
});

it('with too little room on the disk nothing is recorded, which is a gap; it goes on by itself', async () => {
  const disk = { free: 1e9, total: 1e12 };
  const memory = memoryStore({ disk: () => disk });
  const store = withReserve(
    memory,
    roomAsker(memory, () => performance.now() * 1e6),
    500e6,
  );
  const { root, until, untilText } = await observer({ store, timing: { retryStore: 20 } });
  disk.free = 1;
  writeFileSync(join(root.path, 'a.md'), 'one');
  const warning = await until(event => event.type === 'warning');
  expect(warning).toMatchObject({ code: 'store', message: expect.stringContaining('are free on the disk') });
  await until(event => event.type === 'gap' && event.gap.to === null);
  expect([...memory.paths()]).toEqual([]);
  disk.free = 1e9;
  await untilText('a.md', 'one');
  await until(event => event.type === 'gap' && event.gap.to !== null && event.gap.why.startsWith('the store refused'));
});
