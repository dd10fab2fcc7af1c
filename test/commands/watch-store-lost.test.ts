/** The store is deleted, moved or replaced while a watcher runs. */
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Place } from '../helpers/program.ts';

let place: Place;
afterEach(() => place.remove());

interface Line {
  readonly type: string;
  readonly code?: string;
  readonly path?: string;
  readonly version?: string;
}

const isVersionOf = (path: string) => (line: Line) => line.type === 'version' && line.path === path;

it.each([
  ['deleted', (store: string) => rmSync(store, { recursive: true, force: true })],
  ['moved away', (store: string) => renameSync(store, `${store}-old`)],
  [
    'replaced by its own copy',
    (store: string) => {
      cpSync(store, `${store}-copy`, { recursive: true });
      renameSync(store, `${store}-old`);
      renameSync(`${store}-copy`, store);
    },
  ],
  [
    'replaced by what a file system gives anew',
    (store: string) => {
      rmSync(store, { recursive: true, force: true });
      mkdirSync(store, { mode: 0o700 });
    },
  ],
])('one that is %s: it is said once, and everything that is announced later can be read', async (_, lose) => {
  place = new Place({ 'CLAUDE.md': '# Rules\n', 'notes.md': 'one\n' });
  const watch = place.start('watch', '--json');
  await watch.object<Line>(line => line.type === 'ready');
  place.write('notes.md', 'two\n');
  await watch.object(isVersionOf('notes.md'));
  lose(place.store);
  place.write('notes.md', 'three\n');
  const said = await watch.object<Line>(line => line.type !== 'version' || line.path !== 'CLAUDE.md');
  expect(said).toMatchObject({ type: 'warning', code: 'store-lost' });
  await watch.object<Line>(line => line.type === 'ready');
  place.write('late.md', 'four\n');
  await watch.object(isVersionOf('late.md'));
  watch.kill('SIGINT');
  const { code, out } = await watch.ended;
  expect(code).toBe(0);
  const lines = out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Line);
  const from = lines.findIndex(line => line.code === 'store-lost');
  expect(lines.slice(from + 1).filter(line => line.type === 'warning')).toEqual([]);
  for (const { type, path, version } of lines.slice(from)) {
    if (type === 'version') expect((await place.run('cat', `${path}@${version}`)).code).toBe(0);
  }
  expect((await place.run('cat', 'notes.md')).out).toBe('three\n');
  expect((await place.run('snapshot')).code).toBe(0);
  expect((await place.run('verify')).code).toBe(0);
});

it('nothing has to be written for it to be noticed', async () => {
  place = new Place({ 'notes.md': 'one\n' });
  const watch = place.start('watch', '--json');
  await watch.object<Line>(line => line.type === 'ready');
  rmSync(place.store, { recursive: true, force: true });
  await watch.object<Line>(line => line.code === 'store-lost');
  await watch.object<Line>(line => line.type === 'ready');
  watch.kill('SIGINT');
  expect((await watch.ended).code).toBe(0);
});

it.each([
  ['a cache', (store: string) => put(store, 'cache/audit.json')],
  ['evidence', (store: string) => put(store, 'evidence/known')],
  ['folders of git', (store: string) => mkdirSync(join(store, 'objects/pack'), { recursive: true })],
])('what is left of a deleted store, %s, refuses no start', async (_, leave) => {
  place = new Place({ 'notes.md': 'one\n' });
  leave(place.store);
  expect(await place.run('snapshot')).toMatchObject({ code: 0 });
});

it.each([
  ['a text in a folder that is called as one of ours', (store: string) => put(store, 'journal/monday.md')],
  ['a repository', (store: string) => put(store, 'HEAD', 'ref: refs/heads/main\n')],
  ['a configuration', (store: string) => put(store, 'config', 'colour = blue\n')],
])('%s is nothing that is left of a store', async (_, make) => {
  place = new Place({ 'notes.md': 'one\n' });
  make(place.store);
  expect((await place.run('snapshot')).code).toBe(3);
});

function put(store: string, path: string, text = ''): void {
  mkdirSync(join(store, path, '..'), { recursive: true });
  writeFileSync(join(store, path), text);
}
