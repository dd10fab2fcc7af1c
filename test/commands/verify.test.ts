/** `verify` and `verify --repair` as a person runs them. */
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Place } from '../helpers/program.ts';
import { fsck, hasGit } from '../store/with-git.ts';

let place: Place;
beforeEach(async () => {
  place = new Place({ 'CLAUDE.md': '# Rules\n\n- be kind\n', 'notes/a.md': 'first\n', 'notes/b.md': 'stays\n' });
  symlinkSync('CLAUDE.md', place.path('link'));
  await place.run('snapshot');
  place.write('notes/a.md', 'second\n');
  await place.run('snapshot');
});
afterEach(() => place.remove());

const packs = (): readonly string[] =>
  readdirSync(join(place.store, 'objects/pack')).map(name => join(place.store, 'objects/pack', name));

describe('verify', () => {
  it('answers with 0 for a store that is whole, and takes a sample', async () => {
    expect(await place.run('verify')).toMatchObject({ code: 0, out: expect.stringMatching(/^sound: /) });
    const { code, out } = await place.run('verify', '--sample', '50%', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ sound: true, sampled: { share: 0.5, seed: expect.any(Number) } });
    expect(await place.run('verify', '--sample', '2')).toMatchObject({ code: 2, err: expect.stringContaining('5%') });
    expect((await place.run('verify', '--sample', '0%')).code).toBe(2);
    expect((await place.run('verify', '--sample', '5%', '--repair')).code).toBe(2);
  });

  it('--repair fetches what stands on the disk, says what is lost, and is content from then on', async () => {
    for (const file of packs()) rmSync(file);
    expect(await place.run('verify')).toMatchObject({ code: 3, out: expect.stringContaining('notes/a.md@') });
    const { code, out } = await place.run('verify', '--repair', '--json');
    expect(code).toBe(3);
    const { repair, sound } = JSON.parse(out) as {
      sound: boolean;
      repair: { lost: { path: string; version: string }[]; fetched: { path: string }[] };
    };
    expect(sound).toBe(true);
    expect(repair.lost.map(({ path }) => path)).toEqual(['notes/a.md']);
    expect(repair.fetched.map(({ path }) => path).sort()).toEqual(['CLAUDE.md', 'link', 'notes/a.md', 'notes/b.md']);
    expect(await place.run('verify')).toMatchObject({ code: 0, out: expect.stringContaining('was lost for good') });
    expect((await place.run('cat', 'CLAUDE.md')).out).toBe('# Rules\n\n- be kind\n');
    expect((await place.run('cat', 'link')).out).toBe('CLAUDE.md');
    expect((await place.run('cat', 'notes/a.md')).out).toBe('second\n');
    const { err, code: lost } = await place.run('cat', `notes/a.md@${repair.lost[0]!.version}`);
    expect(lost).toBe(3);
    expect(err).toMatch(/is lost: on \d{4}-\d\d-\d\d .*\nhint: .*undertext log/);
    const log = await place.run('log', 'notes/a.md');
    expect(log.out).toContain(repair.lost[0]!.version);
    expect(log.out).toContain('cannot be read back');
    if (hasGit) expect(fsck(place.store)).toBe('');
  });

  it('--repair of a damaged pack loses nothing, and never follows a link to get there', async () => {
    for (const file of packs().filter(name => name.endsWith('.pack'))) {
      const bytes = readFileSync(file);
      bytes[20]! ^= 0xff;
      rmSync(file);
      writeFileSync(file, bytes);
    }
    rmSync(place.path('notes/b.md'));
    symlinkSync('/etc/hostname', place.path('notes/b.md'));
    expect((await place.run('verify')).code).toBe(3);
    const { out } = await place.run('verify', '--repair');
    expect(out).toContain('set aside, in `quarantine` in the store');
    expect(out).toMatch(/sound: /);
    expect((await place.run('verify')).code).toBe(0);
    expect(await place.run('verify', '--repair')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^nothing was to be/),
    });
    if (hasGit) expect(fsck(place.store)).toBe('');
  });
});
