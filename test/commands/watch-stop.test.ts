/** A watcher that is told to end while it has much to do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { bin, Place, Program } from '../helpers/program.ts';

let place: Place;
afterEach(() => place.remove());

interface Line {
  readonly type: string;
  readonly code?: string;
}

it('what cannot be looked at in a moment is left to the next audit, and that is said', async () => {
  place = new Place({ 'CLAUDE.md': '# Rules\n\n- be kind\n' });
  const rules = join(place.folder, 'rules');
  mkdirSync(rules);
  const never = '({ edits }) => (edits.length === 0 ? [] : new Promise(() => {}))';
  writeFileSync(
    join(rules, 'waits.mjs'),
    `export default { id: 'waits', summary: 'It waits.', severity: 'low', options: {}, checkPath: async ${never} };\n`,
  );
  writeFileSync(join(rules, 'waits.md'), '# waits\n');
  const watch = place.start('watch', '--json', '--rules', rules);
  await watch.object<Line>(line => line.type === 'ready');
  // The first look at everything is over when this is told.
  place.write('other.md', 'one\n');
  await watch.object<Line>(line => line.type === 'version');
  place.write('CLAUDE.md', '# Rules\n\n- be brief and bold\n');
  await watch.object<Line>(line => line.type === 'version');
  watch.kill('SIGINT');
  const { code, out } = await watch.ended;
  expect(code).toBe(0);
  const said = out.trim().split('\n').slice(-2);
  expect(said.map(line => JSON.parse(line) as Line)).toMatchObject([{ code: 'unchecked' }, { type: 'stopped' }]);
});

it('a second Ctrl-C ends it at once, and what was announced is there', async () => {
  place = new Place({ 'CLAUDE.md': '# Rules\n' });
  const child = spawn(process.execPath, [bin, 'watch', '--json'], {
    env: place.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    await once(child.stdout, 'readable');
    // Nobody reads on, so that it cannot come to its end: a pipe holds 64 KB, and each of these is a line.
    for (let file = 0; file < 1_000; file++) place.write(`notes/${file}.md`, `${file}\n`);
    const ended = once(child, 'exit');
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    await pause(1_000);
    while (!isOver) {
      child.kill('SIGINT');
      await pause(100);
    }
    expect((await ended)[0]).toBe(130);
  } finally {
    child.kill('SIGKILL');
  }
  expect((await place.run('verify')).code).toBe(0);
  expect((await place.run('snapshot')).code).toBe(0);
});

it.runIf(process.platform === 'linux')(
  'what a killed watcher left among the temporary files goes when the next one starts',
  async () => {
    place = new Place();
    const temporary = join(place.folder, 'tmp');
    for (const [name, owner] of [
      ['of-nobody', null],
      ['of-the-living', { pid: process.pid, start: '', host: hostname() }],
      ['of-another-host', { pid: 1, start: '', host: 'elsewhere' }],
    ] as const) {
      mkdirSync(join(temporary, `undertext-cookies-${name}`), { recursive: true });
      if (owner) writeFileSync(join(temporary, `undertext-cookies-${name}`, 'owner'), JSON.stringify(owner));
    }
    const before = readdirSync(temporary);
    const begin = async () => {
      const watch = new Program([bin, 'watch', '--json'], { ...place.env, TMPDIR: temporary }, place.folder);
      await watch.object<Line>(line => line.type === 'ready');
      return watch;
    };
    const first = await begin();
    first.kill('SIGKILL');
    await first.ended;
    expect(readdirSync(temporary)).toHaveLength(before.length + 1);
    const second = await begin();
    second.kill('SIGINT');
    await second.ended;
    expect(readdirSync(temporary)).toEqual(before);
  },
);
