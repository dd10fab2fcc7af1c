/** Names as hostile as a file system allows, all the way: recorded, sealed, read back, restored, taken back. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Root } from '../../src/model.ts';
import { decodeName, diskPath } from '../../src/names.ts';
import { restore } from '../../src/restore/apply.ts';
import type { RestoreDeps } from '../../src/restore/disk.ts';
import { planUndo, planVersion } from '../../src/restore/plan.ts';
import { pickRestores, restoresOf } from '../../src/restore/restores.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { observe } from '../../src/watch/read.ts';
import { fsck, hasGit } from '../store/with-git.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-names-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const names: readonly (string | readonly number[])[] = [
  'new\nline.md',
  '\nVersion: x\ty',
  'tab\there',
  'esc\u001b[2J\u001b]0;owned\u0007.md',
  'carriage\rreturn',
  'rtl\u202egpj.md',
  'nel\u0085\u2028\u2029',
  [0xff, 0xfe, 0x2e, 0x6d, 0x64],
  [0x61, 0xc3, 0x28, 0x80],
  'x'.repeat(255),
  'é'.repeat(127),
  '-rf',
  '--at',
  '.git',
  '.GIT',
  'git~1',
  '.gitmodules',
  '.g\u200cit',
  'CON',
  'aux.md',
  'dots...',
  ' ',
  ' lead and trail ',
  '...',
  '%2E%2E',
  '..%2f..%2fetc',
  'back\\slash\\..\\..',
  '@{-1}',
  '~',
  '$(touch owned)',
  '`id`',
  '!note',
  '"quoted\'',
  'café', // composed, and …
  'cafe\u0301', // … not
];

const nameOf = (name: string | readonly number[]) => (typeof name === 'string' ? name : decodeName(Buffer.from(name)));

describe('a file with a hostile name is kept, restored and taken back', () => {
  it.each(names.map(nameOf).map(name => [JSON.stringify(name).slice(0, 40), name]))('%s', async (_, name) => {
    const folder = mkdtempSync(join(home, 'place-'));
    const root: Root = { name: 'home', path: join(folder, 'home'), beside: [] };
    mkdirSync(root.path);
    const path = `sub/${name}`;
    mkdirSync(join(root.path, 'sub'));
    const file = diskPath(root, path);
    const storePath = join(folder, 'store');
    let store = await openGitStore({ path: storePath, machine: 'here' });
    const look: RestoreDeps['observe'] = async (at, its, how) =>
      observe(at, its, how, { class: 'authored', now: Date.now });
    const keep = async (text: string) => {
      writeFileSync(file, text);
      const [version] = await store.record([observe(root, path, 'event', { class: 'authored', now: Date.now })!]);
      return version!;
    };
    const old = await keep('old\n');
    await keep('newer\n');
    await store.seal();
    await store.close();

    store = await openGitStore({ path: storePath, machine: 'here' });
    expect(store.versions({ root: 'home', path }).map(version => version.path)).toEqual([path, path]);
    expect(Buffer.from(await store.read(old.blob!)).toString()).toBe('old\n');
    const deps: RestoreDeps = { store, observe: look, now: Date.now, pause: async () => {} };
    await restore({ root, path }, disk => planVersion({ disk, store, version: old }), deps);
    expect(readFileSync(file, 'utf8')).toBe('old\n');
    const record = pickRestores(restoresOf(store.notes('restore')))[0]!;
    expect(record.path).toBe(path);
    await restore({ root, path }, disk => planUndo({ disk, store, restore: record }), deps);
    expect(readFileSync(file, 'utf8')).toBe('newer\n');
    // Also when its folder is gone.
    rmSync(join(root.path, 'sub'), { recursive: true });
    await restore({ root, path }, disk => planVersion({ disk, store, version: old }), deps);
    expect(readdirSync(join(root.path, 'sub'), { encoding: 'buffer' }).map(decodeName)).toEqual([name]);
    expect(readdirSync(root.path)).toEqual(['sub']);
    await store.seal();
    expect((await store.verify()).damage).toEqual([]);
    await store.close();
    if (hasGit) expect(fsck(storePath)).toBe('');
  });
});
