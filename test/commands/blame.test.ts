/** `blame` on a store: what can be asked, and what is refused with a way out. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blameOf } from '../../src/commands/blame.ts';
import { pathAt } from '../../src/commands/path-arguments.ts';
import type { Version } from '../../src/model.ts';
import { acts } from '../sessions/acts.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.remove());

const path = 'notes.md';
const creation = acts(['A write - -> v0'])[0]!;
const testimony = {
  writer: async () => null,
  act: async ({ id }: Version) => (id === stage.ids(path)[0] ? creation : null),
};
const blame = async (argument: string, isByLine = false) =>
  blameOf(stage.setup, pathAt(stage.setup, argument), testimony, isByLine);

const inShort = async (argument: string) =>
  (await blame(argument)).units.map(({ unit, version }) => `${unit.name} ${stage.ids(path).indexOf(version.id)}`);

describe('blame', () => {
  it('is asked for the newest version, or for an older one', async () => {
    await stage.write(path, '- one\n');
    await stage.write(path, '- one\n- two\n');
    const [first] = stage.ids(path);
    expect(await inShort(path)).toEqual(['one 0', 'two 1']);
    expect(await inShort(`${path}@${first}`)).toEqual(['one 0']);
    const { lines } = await blame(path, true);
    expect(lines!.map(({ line, text }) => `${line} ${text}`)).toEqual(['1 - one', '2 - two']);
  });

  it('of a version that only repeats another is the same', async () => {
    await stage.write(path, '- one\n');
    await stage.write(path, '- one\n');
    expect(await inShort(`${path}@${stage.ids(path)[1]}`)).toEqual(['one 0']);
  });

  it('says when the disk has moved on', async () => {
    const place = join(stage.setup.roots[0]!.path, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, '- one\n');
    await stage.write(path, '- one\n');
    expect((await blame(path)).isPresent).toBe(true);
    writeFileSync(place, '- one\n- not kept yet\n');
    expect((await blame(path)).isPresent).toBe(false);
  });

  it('of what has no text is refused, with what can be done', async () => {
    await stage.write(path, '- one\n');
    await stage.write(path, null);
    await expect(blame(path)).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('undertext log'),
    });
    expect(await inShort(`${path}@${stage.ids(path)[0]}`)).toEqual(['one 0']);
    const secret = { root: 'claude', path: '.credentials.json', kind: 'withheld', at: 1, seenAt: 1 } as const;
    await stage.store.record([{ ...secret, content: null, size: 1, mode: 0, mtime: 1, how: 'event', settled: true }]);
    await expect(blame('.credentials.json')).rejects.toMatchObject({ code: 'refused' });
    await expect(blame('nothing.md')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('of a forgotten version says when it was forgotten; of the next one, what is known', async () => {
    const leak = await stage.write(path, '- one\n- key\n');
    await stage.write(path, '- one\n- two\n');
    await stage.store.forget([leak], note => note);
    await stage.store.note([
      {
        kind: 'forgotten',
        at: stage.now,
        data: { versions: [leak.id], paths: [{ root: 'claude', path }], reason: 'a key' },
      },
    ]);
    await expect(blame(`${path}@${leak.id}`)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('a key'),
    });
    expect(await inShort(path)).toEqual(['one 1', 'two 1']);
  });

  it('of bytes is one unit, and has no lines', async () => {
    await stage.write('logo.bin', '\u0000\u0001\u0002');
    expect((await blame('logo.bin')).units.map(({ unit }) => unit.kind)).toEqual(['file']);
    await expect(blame('logo.bin', true)).rejects.toMatchObject({ code: 'refused' });
  });
});
