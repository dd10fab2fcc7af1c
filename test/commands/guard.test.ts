/** What the store noticed when it was opened is said by the commands that people run. */
import { chmodSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Place } from '../helpers/program.ts';

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
