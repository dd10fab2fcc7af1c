/** What only a running watcher does. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Place } from '../helpers/program.ts';

interface Line {
  readonly type: string;
  readonly incident?: { readonly path: string; readonly message: string };
}

let place: Place;
afterEach(() => place.remove());

it('a file that never gets its line in the index is told when the time of grace is over, though nothing moves', async () => {
  place = new Place({ 'skills/_index.md': '# Skills\n\n- [pdf](pdf/SKILL.md)\n', 'skills/pdf/SKILL.md': '# pdf\n' });
  const config = join(place.folder, 'config.json');
  writeFileSync(config, '{ "rules": { "index-drift": { "graceSeconds": 1 } } }');
  const watch = place.start('watch', '--json', '--config', config);
  await watch.object<Line>(line => line.type === 'ready');
  place.write('skills/lonely/SKILL.md', '# lonely\n');
  const { incident } = await watch.object<Line>(line => line.type === 'incident');
  expect(incident).toMatchObject({
    path: 'skills/_index.md',
    message: expect.stringContaining('skills/lonely/SKILL.md'),
  });
  watch.kill('SIGINT');
  expect((await watch.ended).code).toBe(0);
});

it('an undo beside the watcher is no new loss', async () => {
  place = new Place({ 'CLAUDE.md': '# Rules\n\n- be kind\n' });
  const watch = place.start('watch', '--json');
  await watch.object<Line>(line => line.type === 'ready');
  place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
  await watch.object<Line>(line => line.type === 'version');
  place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
  await watch.object<Line>(line => line.type === 'incident');
  const [id] = (JSON.parse((await place.run('audit', '--json')).out) as { incidents: { id: string }[] }).incidents.map(
    each => each.id,
  );
  expect((await place.run('restore', id!)).code).toBe(0);
  await watch.object<Line>(line => line.type === 'resolved');
  expect((await place.run('undo')).code).toBe(0);
  await watch.object<Line>(line => line.type === 'incident');
  watch.kill('SIGINT');
  const { out } = await watch.ended;
  const told = out.split('\n').filter(line => line.includes('"type":"incident"'));
  expect(new Set(told.map(line => (JSON.parse(line) as { incident: { id: string } }).incident.id))).toEqual(
    new Set([id]),
  );
});
