import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openGitStore } from '../../src/store/git-store.ts';
import { escapeName, unescapeName } from '../../src/store/names.ts';
import { escapeField, unescapeField } from '../../src/store/version-line.ts';
import { seen, textOf } from './contract.ts';
import { fsck, git, hasGit } from './with-git.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-names-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const hostile = [
  '.git',
  '.GIT',
  '.Git',
  'git~1',
  'GIT~1',
  'git~2',
  '.git.',
  '.git ',
  '.git . .',
  '.git:x',
  '.git\\x',
  '.g\u200cit',
  '\u200d.git',
  '.gi\ufefft',
  '.git::$INDEX_ALLOCATION',
  '.gitmodules',
  '.GITMODULES',
  '.gitmodules ',
  'gitmod~1',
  'GI7EBA~1',
  'gi7eb~11',
  '.gitattributes',
  'gitatt~1',
  '.gitignore',
  '.mailmap',
  'mailma~1',
  '.',
  '..',
  '',
  '%',
  '%2E',
  '%%',
  'a\\b',
  '..\\up',
  'new\nline',
  'tab\there',
  '\u0000',
  '\u001b[31m',
  '\u007f',
  'é',
  'e\u0301',
  '🙂',
  '\udce9',
  'caf\udce9',
  '\ud83d',
  'x'.repeat(250),
  '-rf',
  'CON',
  'a ',
  'a:b',
  '"q"',
  "'",
];
const piece = fc.oneof(
  fc.constantFrom(...hostile, '.git', 'g', 'i', 't', '~', '1', '%', '\\', '.', ' ', ':'),
  fc.string(),
  fc.string({ unit: 'binary' }),
);
const name = fc.array(piece, { maxLength: 4 }).map(pieces => pieces.join('').replaceAll('/', ''));

describe('names', () => {
  it.each([
    ['notes.md', 'notes.md'],
    ['.git', '%2Egit'],
    ['git~1', '%67it~1'],
    ['..', '%2E.'],
    ['', '%'],
    ['100%', '100%25'],
    ['a\\b', 'a%5Cb'],
    ['caf\udce9', 'caf%E9'],
    ['\ud83d', '%uD83D'],
    ['.github', '.github'],
    ['.gitkeep', '.gitkeep'],
    ['_index.md ü 🙂', '_index.md ü 🙂'],
  ])('%j stands in a tree as %j', (plain, escaped) => {
    expect(escapeName(plain)).toBe(escaped);
    expect(unescapeName(escaped)).toBe(plain);
  });

  it('come back as they were, and two never become one', () => {
    fc.assert(
      fc.property(name, plain => unescapeName(escapeName(plain)) === plain),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => unescapeField(escapeField(text)) === text),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(name, plain => !/[\x00-\x1f\t\n]/.test(escapeField(plain))),
      { numRuns: 2000 },
    );
  });

  it('as hostile as they come are kept, and stock git has nothing to say', async () => {
    const path = join(home, 'hostile');
    const store = await openGitStore({ path, machine: 'here' });
    const random = fc.sample(name, { numRuns: 300, seed: 7 });
    const paths = [...new Set([...hostile, ...random].map((plain, i) => `d${i % 3}/${plain}`)), '../.claude.json'];
    const links = hostile.map(plain => `links/${plain}`);
    await store.record([
      ...paths.map((path, i) => seen(path, `content ${i}`, i + 1)),
      ...links.map((path, i) => seen(path, 'target', i + 1, { kind: 'link' })),
    ]);
    await store.close();
    if (hasGit) {
      expect(fsck(path)).toBe('');
      const listed = git(path, 'ls-tree', '-r', '-z', '--name-only', 'HEAD').toString('utf8').split('\0').slice(0, -1);
      const back = listed.map(line => line.split('/').map(unescapeName).slice(1).join('/'));
      expect(new Set(back)).toEqual(new Set([...paths, ...links]));
    }
    rmSync(join(path, 'history'));
    const again = await openGitStore({ path, machine: 'here' });
    for (const [i, path] of paths.entries())
      expect(await textOf(again, again.latest({ root: 'claude', path })!.blob)).toBe(`content ${i}`);
    expect((await again.verify()).damage).toEqual([]);
    await again.close();
  });
});
