/** A restore after which lost text stays away closes the incident, and its undo opens it again: through the built program. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Incident } from '../../src/model.ts';
import { Place } from '../helpers/program.ts';

const places: Place[] = [];
afterEach(() => Promise.all(places.splice(0).map(place => place.remove())));

async function stateOf(place: Place, id: string): Promise<readonly (string | null)[]> {
  const { out } = await place.run('audit', '--all', '--json');
  const found = (JSON.parse(out) as { incidents: readonly Incident[] }).incidents.find(incident => incident.id === id);
  return [found?.state ?? null, found?.closed?.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, 'T') ?? null];
}

interface Told {
  readonly id: string | null;
  readonly undo: string | null;
}

/** What stood there, one after the other. */
type States = readonly Readonly<Record<string, string>>[];

/** The home after the last of them, and the incident about what the pilot does, or the second mode. */
async function written(states: States): Promise<[Place, Incident]> {
  const place = new Place();
  places.push(place);
  for (const files of states) {
    for (const [path, text] of Object.entries(files)) place.write(path, text);
    await place.run('snapshot');
  }
  const { out } = await place.run('audit', '--json');
  const { incidents } = JSON.parse(out) as { incidents: readonly Incident[] };
  const open = incidents.filter(({ units }) => units.some(({ text }) => /pilot|two/.test(text)));
  expect(open).toHaveLength(1);
  return [place, open[0]!];
}

const settings = (model: string, mode: string, ...more: readonly string[]) =>
  `${JSON.stringify({ model, env: { MODE: mode, ...Object.fromEntries(more.map(name => [name, name])) } }, null, 2)}\n`;
const page = (ship: string, ...more: readonly string[]) =>
  `# Shipping\n\n- ${ship}\n- ask the crew before the tide turns\n${more.map(line => `- ${line}\n`).join('')}`;
const old = 'ships leave on Monday at noon from pier four';
const copy = 'notes/a.sync-conflict-20261120-100000-ABCDEFG.md';

const cases: readonly (readonly [what: string, states: States])[] = [
  [
    'a JSON member that both sides changed',
    [
      { 'settings.json': settings('opus', 'one') },
      { 'settings.json': settings('opus', 'two', 'A', 'B', 'C') },
      { 'settings.json': settings('opus', 'one') },
      { 'settings.json': settings('opus', 'three', 'A', 'B', 'C') },
    ],
  ],
  [
    'a line that was edited since',
    [
      { 'CLAUDE.md': page(old) },
      { 'CLAUDE.md': page(`${old}, and the pilot signs the list`) },
      { 'CLAUDE.md': page(old, 'the mate counts the ropes') },
      { 'CLAUDE.md': page(`${old}, and the captain signs it twice`, 'the mate counts the ropes') },
    ],
  ],
  [
    'a line that a copy says otherwise',
    [
      { 'notes/a.md': page(old) },
      {
        'notes/a.md': page(`${old}, and the captain signs it twice`),
        [copy]: page(`${old}, and the pilot signs the list`),
      },
    ],
  ],
];

type Choice = 'ours' | 'theirs' | 'both';

describe('a choice closes it, and undo opens it', () => {
  it.each<[number, Choice]>([
    [0, 'ours'],
    [1, 'ours'],
    [2, 'ours'],
    [2, 'theirs'],
  ])('case %s, --%s', async (at, choice) => {
    const [place, { id, path }] = await written(cases[at]![1]);
    const present = place.read(path);
    const asked = await place.run('restore', id);
    expect([asked.code, place.read(path)], cases[at]![0]).toEqual([1, present]);

    const { out } = await place.run('restore', id, `--${choice}`, '--json');
    const told = JSON.parse(out) as Told;
    expect(told.undo).toBe(`undertext undo ${told.id}`);
    const then = place.read(path);
    const back = expect.stringMatching(/^(restored at T|it is in order again)$/);
    expect(await stateOf(place, id)).toEqual(['resolved', choice === 'ours' ? 'decided by --ours at T' : back]);

    expect((await place.run('undo')).code).toBe(0);
    expect([place.read(path), await stateOf(place, id)]).toEqual([present, ['open', null]]);
    if (at !== 2 || choice !== 'ours') return;
    expect((await place.run('undo')).code).toBe(0);
    expect([place.read(path), (await stateOf(place, id))[0]]).toEqual([then, 'resolved']);
  });
});

it('a key has one value: --both still asks, and nothing is closed', async () => {
  const [place, { id }] = await written(cases[0]![1]);
  expect((await place.run('restore', id, '--both')).code).toBe(1);
  expect((await stateOf(place, id))[0]).toBe('open');
});

it('says that it is closed where nothing is to be done, and that it is open again', async () => {
  const [place, { id }] = await written(cases[2]![1]);
  const dry = await place.run('restore', id, '--ours', '--dry-run');
  expect(dry.out).toContain(`${id} would be closed`);
  expect((await stateOf(place, id))[0]).toBe('open');
  const { out } = await place.run('restore', id, '--ours');
  expect(out).toMatch(new RegExp(`^nothing to do: .*\n${id} is closed: the present text stays in its place\n`));
  expect(out).toMatch(/to take it back:\nundertext undo r\w{6}\n$/);
  expect((await place.run('undo')).out).toContain(`${id} is open again`);
});

it('a loss of later is another one, though it is the same text that goes', async () => {
  const [place, { id, path }] = await written(cases[1]![1]);
  await place.run('restore', id, '--ours');
  expect((await stateOf(place, id))[0]).toBe('resolved');
  for (const state of cases[1]![1].slice(1, 3)) {
    place.write(path, state[path]!);
    await place.run('snapshot');
  }
  expect((await stateOf(place, id))[0]).toBe('open');
});
