/** The system's clock is set while the watcher runs, or was set between two of its runs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { cleanUp, observer } from './observer.ts';

afterEach(cleanUp);

const hour = 3_600_000;

it.each([
  ['stands still', () => 0],
  ['goes back by an hour', () => Date.now() - hour],
  ['goes back with every look', (looks: number) => Date.now() - looks],
])('versions come as ever when the time of day %s', async (_, timeOf) => {
  let looks = 0;
  let isSet = false;
  const now = () => (isSet ? timeOf(++looks) : Date.now());
  const { root, untilText, store } = await observer({ now });
  writeFileSync(join(root.path, 'a.md'), 'one');
  await untilText('a.md', 'one');
  isSet = true;
  for (const text of ['two', 'three', 'four']) {
    writeFileSync(join(root.path, 'a.md'), text);
    await untilText('a.md', text);
  }
  const times = store.versions({ root: 'root', path: 'a.md' }).map(version => version.seenAt);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

it('what was recorded by a clock that was ahead stays before what comes now', async () => {
  const first = await observer({ now: () => Date.now() + hour });
  const { root, store } = first;
  writeFileSync(join(root.path, 'a.md'), 'one');
  await first.untilText('a.md', 'one');
  await first.stop();
  writeFileSync(join(root.path, 'a.md'), 'two');
  const second = await observer({ root, store });
  await second.untilText('a.md', 'two');
  writeFileSync(join(root.path, 'a.md'), 'three');
  await second.untilText('a.md', 'three');
  expect(await second.texts('a.md')).toEqual(['one', 'two', 'three']);
});
