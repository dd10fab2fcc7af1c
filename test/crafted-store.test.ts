/** A store that somebody else made may hold any path and any note: no command crashes over it or leaves the root. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import type { Note, Observation } from '../src/model.ts';
import { openGitStore } from '../src/store/git-store.ts';
import { isSound } from '../src/store/sound-records.ts';
import { Desk } from './helpers/in-process.ts';

let desk: Desk;
afterEach(() => desk.remove());

const at = Date.parse('2026-11-20T12:00:00Z');
const id = 'abcdef';

/** Every command that reads, and those that would write what they read. */
const calls = [
  'status',
  'audit --all',
  'audit --all --json',
  'log',
  'log a.md',
  'ls',
  'ls --at 2026-11-20T13:00',
  'cat a.md',
  'diff a.md',
  'blame a.md',
  'find hello',
  `show ${id}`,
  `restore ${id}`,
  'restore',
  'restore . --at 2026-11-20T13:00',
  'undo',
  `accept ${id} --reason x`,
  `reopen ${id}`,
  'sessions',
  'prune --dry-run',
  'forget a.md --dry-run',
  'verify',
  'snapshot',
];

async function crafted(notes: readonly Note[], paths: readonly string[] = []): Promise<void> {
  desk = new Desk({ 'a.md': 'hello\n' });
  await desk.run('snapshot');
  const store = await openGitStore({ path: join(desk.folder, 'store') });
  await store.note(notes);
  const odd = paths.map((path, i): Observation => {
    const about = { root: 'claude', path, kind: 'file', at: at + i, seenAt: at + i, mtime: at, mode: 0o644 } as const;
    return { ...about, content: Buffer.from(`x${i}`), size: 2, how: 'scan', settled: true };
  });
  await store.record(odd);
  await store.close();
}

async function stumbled(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const words of calls) {
    const { code, err } = await desk.run(...words.split(' '));
    if (/stumbled|call stack|TypeError|RangeError/.test(err) || ![0, 1, 2, 3].includes(code))
      found.push(`${words}: ${err}`);
  }
  return found;
}

it.each([
  ['from the root of the disk', '/abs.md'],
  ['above the root', '../up.md'],
  ['far above it', '../../far.md'],
  ['of two dots', '..'],
  ['of one dot', '.'],
  ['with two dots in it', 'a/../b.md'],
  ['with a dot before it', './x.md'],
  ['with two slashes', 'a//b.md'],
  ['with a slash at its end', 'x/'],
  ['that is empty', ''],
  ['with a NUL', 'nul\0.md'],
  ['of many folders', `${'d/'.repeat(500)}deep.md`],
  ['that no file system has', 'n'.repeat(40_000)],
  ['with half a surrogate', '\ud800.md'],
  ['of a property of every object', '__proto__'],
  ['of more of those', 'constructor/prototype.md'],
])('a version of a path %s', async (_, path) => {
  await crafted([], [path]);
  const before = readdirSync(desk.folder).sort();
  expect(await stumbled()).toEqual([]);
  expect(readdirSync(desk.folder).sort()).toEqual(before);
  expect(existsSync(join(desk.folder, 'up.md'))).toBe(false);
});

it.each([9e15, -9e15, 1e300, 8.64e15])('a version of the moment %d', async moment => {
  desk = new Desk({ 'a.md': 'hello\n' });
  await desk.run('snapshot');
  const store = await openGitStore({ path: join(desk.folder, 'store') });
  const about = { root: 'claude', path: 'a.md', kind: 'file', at: moment, seenAt: moment, mtime: moment } as const;
  await store.record([
    { ...about, content: Buffer.from('x'), size: 1, mode: 0o644, how: 'scan', settled: true },
    { ...about, path: 'b.md', content: Buffer.from('y'), size: 1, mode: 0o644, how: 'scan', settled: true },
  ]);
  await store.close();
  expect(await stumbled()).toEqual([]);
});

const kinds = ['root', 'gap', 'incident', 'restore', 'forgotten', 'prune', 'lost', 'import', 'commit'] as const;

it.each(kinds)('a note of the kind %s that says nothing', async kind => {
  const bad = [
    null,
    3,
    'x',
    [],
    {},
    { versions: {} },
    { versions: ['a', 'b'], blobs: ['c'] },
    { id, incident: {} },
    { type: 'opened', id, incident: { path: 'a.md' } },
  ];
  await crafted(bad.map(data => ({ kind, at, data })));
  expect(await stumbled()).toEqual([]);
  const { code, out } = await desk.run('verify');
  expect([code, out]).toEqual([3, expect.stringMatching(new RegExp(`a note of the kind ${kind}`))]);
});

it('notes of every kind with any data', async () => {
  const note = fc.record({
    kind: fc.constantFrom(...kinds),
    at: fc.oneof(fc.constant(at), fc.double({ noNaN: true, noDefaultInfinity: true })),
    data: fc.jsonValue(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(note, { minLength: 1, maxLength: 6 }), async notes => {
      await crafted(notes as readonly Note[]);
      expect(await stumbled()).toEqual([]);
      desk.remove();
    }),
    { numRuns: 4 },
  );
  desk = new Desk();
});

it('what undertext writes itself is sound', async () => {
  desk = new Desk({ 'CLAUDE.md': '# Rules\n\n- be kind\n' });
  await desk.run('snapshot');
  desk.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
  await desk.run('snapshot');
  desk.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
  const found = (JSON.parse((await desk.run('audit', '--json')).out) as { incidents: { id: string }[] }).incidents[0]!;
  await desk.run('restore', found.id);
  await desk.run('undo');
  await desk.run('accept', found.id, '--reason', 'meant');
  await desk.run('reopen', found.id);
  mkdirSync(join(desk.folder, 'x'));
  writeFileSync(join(desk.home, 'secret.md'), 'key\n');
  await desk.run('snapshot');
  await desk.run('forget', 'secret.md');
  const store = await openGitStore({ path: join(desk.folder, 'store'), readOnly: true });
  const notes = kinds.flatMap(kind => store.notes(kind));
  await store.close();
  expect(new Set(notes.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(4);
  expect(notes.filter(each => !isSound(each))).toEqual([]);
});
