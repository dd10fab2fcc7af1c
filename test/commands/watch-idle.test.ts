/** A watcher that has nothing to do. */
import { readdirSync, watch as watchFolder } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { Place } from '../helpers/program.ts';

let place: Place;
afterEach(() => place.remove());

it('writes nothing into its store', async () => {
  place = new Place({ 'CLAUDE.md': '# Rules\n' });
  const watch = place.start('watch', '--json');
  await watch.object<{ type: string }>(line => line.type === 'ready');
  // What was recorded is sealed, and the first look is over, when nothing has happened for a while.
  const heard: string[] = [];
  const folders = [
    '.',
    ...readdirSync(place.store, { recursive: true, withFileTypes: true }).flatMap(entry =>
      entry.isDirectory() ? [join(entry.parentPath, entry.name)] : [],
    ),
  ];
  const watchers = folders.map(folder =>
    watchFolder(folder === '.' ? place.store : folder, (_, name) => heard.push(join(folder, String(name)))),
  );
  try {
    let seen = -1;
    for (let rounds = 0; rounds < 10 && seen !== heard.length; rounds++) {
      seen = heard.length;
      await pause(3_000);
    }
    // The watcher asks every five seconds whether there is anything to seal.
    heard.length = 0;
    await pause(6_500);
    expect(heard).toEqual([]);
  } finally {
    for (const watcher of watchers) watcher.close();
  }
  watch.kill('SIGINT');
  expect((await watch.ended).code).toBe(0);
});
