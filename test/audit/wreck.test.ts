import { describe, expect, it } from 'vitest';
import lostSection from '../../rules/lost-section.ts';
import lostUpdate from '../../rules/lost-update.ts';
import { audit, inShort, rows } from '../helpers/stories.ts';

const hour = 3_600_000;
const settings = `${JSON.stringify({ model: 'opus', hooks: { Stop: ['a', 'b'] }, env: { A: '1', B: '2' } }, null, 2)}\n`;
const notes = '# Notes\n\n- one thing to keep\n- two things to keep\n\n## Release\n\n- never on Fridays\n- ask first\n';

/** Compared line by line, as a parser would take too long. */
const long = 'a\n-\n'.repeat(6_000);

/** A whole version, a broken one an hour later, and what somebody made of it another hour later. */
const told = async (path: string, whole: string, broken: string, later: string) => {
  const steps = rows([
    [path, whole],
    [path, broken, { after: hour }],
    [path, later, { after: hour }],
  ]);
  const { incidents } = await audit(steps, [lostUpdate]);
  return incidents.map(inShort);
};

describe('a broken file that is whole again', () => {
  it.each([
    ['JSON was cut', 'settings.json', settings, settings.slice(0, 60), settings.replace('"2"', '"3"')],
    ['a text was cut within a line', 'CLAUDE.md', notes, notes.slice(0, 70), `${notes}- and write it down\n`],
    [
      'a run of NULs stood behind it',
      'CLAUDE.md',
      notes,
      `${notes.slice(0, 50)}${'\0'.repeat(99)}`,
      `${notes}- more\n`,
    ],
    ['it was empty', 'CLAUDE.md', notes, '', `${notes}- more\n`],
  ])('%s: nothing of the wreck is missed', async (_, path, whole, broken, later) => {
    expect(await told(path, whole, broken, later)).toEqual([]);
  });

  it.each([
    [
      'a member that came with the break',
      'settings.json',
      settings,
      settings.replace('"opus",', '"opus",\n  "theme": "dark",').slice(0, 90),
      settings.replace('"2"', '"3"'),
      'theme',
    ],
    [
      'a line behind the cut',
      'CLAUDE.md',
      notes,
      `${notes.slice(0, 70)}\n- call Ada back\n`,
      `${notes}- and write it down\n`,
      'call Ada back',
    ],
    [
      'a line of a document that is too much to be read whole',
      'CLAUDE.md',
      `- start\n${long}`,
      `- start\n- the voice\n${long}`,
      `- start\n- the voice-buffer is flushed by the recorder before each of its many steps\n${long}`,
      'the voice',
    ],
    [
      'a line of a file that stays as broken as it was',
      'settings.json',
      `{ "a": 1\n"note": "the rest is below"\n"x": 1\n`,
      `{ "a": 1\n"note": "the rest is below"\n"rest": 2\n"x": 1\n`,
      `{ "a": 1\n"note": 'whoever comes later reads "rest": 2 in the table below'\n"x": 1\n"mine": 3\n`,
      'rest',
    ],
  ])('%s is missed when it went', async (_, path, whole, broken, later, missed) => {
    expect((await told(path, whole, broken, later)).join()).toContain(missed);
  });
});

describe('a write that breaks a file', () => {
  const lost = async (path: string, whole: string, broken: string) => {
    const { incidents } = await audit(
      rows([
        [path, whole],
        [path, broken, { after: hour }],
      ]),
      [lostSection],
    );
    return incidents.flatMap(({ units }) => units.map(({ name }) => name)).join();
  };
  const list = (...ids: readonly string[]) =>
    `${JSON.stringify({ entries: ids.map(id => ({ id, fix: 'look twice', why: `${id} broke` })) }, null, 2)}\n`;
  const long = list('e-1', 'e-2', 'e-3', 'e-4', 'e-5', 'e-6', 'e-7', 'e-8');

  it('loses nothing of what stands in it byte for byte', async () => {
    expect(await lost('memory/errors.json', long, `${long},\n{ "id": "e-9" }\n]}\n`)).toBe('');
    expect(await lost('CLAUDE.md', notes, notes.replace('Release', 'Rel\0ease'))).toBe('Release');
  });

  it('loses what does not, each as often as it is missing', async () => {
    const gone = await lost('memory/errors.json', long, `${list('e-1', 'e-2', 'e-3', 'e-4')},\n]}\n`);
    expect(gone).toBe('entries[id=e-5],entries[id=e-6],entries[id=e-7],entries[id=e-8]');
  });
});
