/** What the store noticed when it was opened is said by the commands that people run. */
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Note } from '../../src/model.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { Place } from '../helpers/program.ts';
import { seen } from '../store/contract.ts';

let place: Place;
beforeEach(async () => {
  place = new Place({ 'CLAUDE.md': '# Rules\n' });
  expect((await place.run('snapshot')).code).toBe(0);
});
afterEach(() => place.remove());

const said = 'warning: others could read the folder of the store; now only you can\n';

describe.skipIf(process.platform === 'win32')('a store that others can read', () => {
  it.each([
    ['snapshot'],
    ['snapshot', '--quiet'],
    ['audit'],
    ['audit', '--quiet'],
    ['restore', 'CLAUDE.md', '--at', 'latest'],
  ])('is closed by %s %s, which says so once, on standard error', async (...words) => {
    chmodSync(place.store, 0o755);
    expect((await place.run(...words)).err).toBe(said);
    expect(statSync(place.store).mode & 0o777).toBe(0o700);
    expect((await place.run(...words)).err).toBe('');
  });

  it('is a warning of the watcher', async () => {
    chmodSync(place.store, 0o755);
    const watch = place.start('watch', '--json');
    const { message, hint } = await watch.object<{ type: string; message: string; hint: string }>(
      line => line.type === 'warning',
    );
    expect(`warning: ${message}\n`).toBe(said);
    expect(hint).toContain('undertext verify');
    watch.kill('SIGINT');
    expect((await watch.ended).code).toBe(0);
  });

  it('is left alone by status, which says so', async () => {
    chmodSync(place.store, 0o755);
    const { out } = await place.run('status');
    expect(out.replace(/\s+/g, ' ')).toContain(
      `noticed others can read the folder of the store: chmod -R go-rwx ${place.store}`,
    );
    expect(statSync(place.store).mode & 0o777).toBe(0o755);
    expect(JSON.parse((await place.run('status', '--json')).out).repairs).toHaveLength(1);
    // For verify it is no longer a detail: it looked at all of it.
    const { code, out: report } = await place.run('verify');
    expect(code).toBe(3);
    expect(report).toContain('others can read 1 of its files and folders');
  });

  it('that they can write to is refused by every command, with a way out', async () => {
    chmodSync(place.store, 0o775);
    for (const words of [['snapshot'], ['status'], ['audit'], ['verify'], ['cat', 'CLAUDE.md'], ['undo'], ['watch']]) {
      const { code, out, err } = await place.run(...words);
      expect({ code, out }).toEqual({ code: 3, out: '' });
      expect(err).toMatch(/^error: the store .* is not safe to use: .*: others can write to it\nhint: look at it with/);
      expect(err).toContain('undertext verify');
    }
  });
});

describe('a store that somebody else made', () => {
  const outside = '../outside.txt';

  async function poison(): Promise<string> {
    writeFileSync(join(place.folder, 'outside.txt'), 'private\n');
    const store = await openGitStore({ path: place.store, machine: 'here' });
    const [first, second] = await store.record([
      seen(outside, 'his first\n', Date.now() - 5_000),
      seen(outside, 'his\n', Date.now() - 4_000),
    ]);
    const notes: readonly (readonly [Note['kind'], unknown])[] = [
      ['gap', null],
      ['gap', { paths: 'x' }],
      ['root', null],
      ['root', { name: 1, path: [] }],
      ['restore', 'x'],
      [
        'restore',
        { id: 'revil', kind: 'version', root: 'claude', path: outside, at: 1, before: first!.id, after: second!.id },
      ],
      ['incident', 7],
      ['incident', { id: 'x', type: 'opened' }],
    ];
    await store.note(notes.map(([kind, data]) => ({ kind, data, at: 1 })));
    await store.close();
    return first!.id;
  }

  it('writes nothing outside of the root, reads nothing there, and stops nobody', async () => {
    const first = await poison();
    expect(await place.run('cat', `${outside}@${first}`)).toEqual({ code: 0, out: 'his first\n', err: '' });
    expect((await place.run('log', outside)).code).toBe(0);
    expect((await place.run('find', 'his first')).out).toContain(outside);
    expect((await place.run('find', 'private')).out).toContain('no version of any file holds');
    for (const words of [
      ['restore', outside, '--at', first],
      ['restore', outside, '--at', first, '--dry-run'],
      ['undo', 'revil'],
      ['diff', `${outside}@${first}`],
    ]) {
      const { code, out, err } = await place.run(...words);
      expect({ code, out }).toEqual({ code: 3, out: '' });
      expect(err).toContain(`${outside} is not a file of`);
    }
    expect((await place.run('snapshot')).code).toBe(0);
    for (const words of [['audit'], ['audit', '--all', '--json'], ['status'], ['verify']]) {
      const { err } = await place.run(...words);
      expect(err).toBe('');
    }
    expect((await place.run('verify')).out).toContain('a note of the kind gap that nobody can read');
    expect(readFileSync(join(place.folder, 'outside.txt'), 'utf8')).toBe('private\n');
  });
});
