/** A loss of which nobody was a witness: the built program, on homes that the client left, says who did it and proves it. */
import { afterEach, describe, expect, it } from 'vitest';
import { Place } from '../helpers/program.ts';
import { buildHome, type Dialect, dialects, type Move, project, sessionId } from './home-builder.ts';

const index = 'skills/_index.md';
const lines = '# Skills\n\n- [pdf](pdf/SKILL.md): reading papers\n- [maps](maps/SKILL.md): drawing where things are\n';
const voice = '- [voice-buffer](voice-buffer/SKILL.md): when speech may be cut\n';
const cite = '- [cite-track](cite-track/SKILL.md): which claim has which source\n';
const skill = (name: string) => `---\nname: ${name}\ndescription: about ${name}\n---\n\n# ${name}\n`;
const skills = {
  [index]: lines,
  'skills/pdf/SKILL.md': skill('pdf'),
  'skills/maps/SKILL.md': skill('maps'),
};

const memory = `${project}/memory/MEMORY.md`;
const notes = '# Memory\n\n## Layout\n\nOne process reads, one speaks.\n';
const invariants = '\n## Voice buffer invariants\n\nThe buffer is never flushed inside a word.\n';
const gotcha = '\n## Preview gotcha\n\nThe preview is emitted twice when the title changes.\n';

interface Story {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly path: string;
  readonly moves: (dialect: Dialect) => readonly Move[];
}

interface Loss extends Story {
  readonly lost: string;
  readonly kept: string;
}

const asksA: Move = { by: 'A', asks: 'describe the voice buffer' };
const asksC: Move = { by: 'C', asks: 'describe the other thing' };
const goesOn: Move = { by: 'C', asks: 'go on' };

/** As each version of the client lets an old copy through: after a new prompt, or by the shell once the tool said no. */
const overwrites = (dialect: Dialect, path: string, text: string): readonly Move[] =>
  dialect === '2.1.72'
    ? [goesOn, { by: 'C', writes: path, text }]
    : [
        { by: 'C', refused: path, text },
        { by: 'C', heredoc: path, text },
      ];

const caught: readonly Loss[] = [
  {
    name: 'the index, written from a copy of before its newest line',
    files: skills,
    path: index,
    moves: dialect => [
      asksA,
      { by: 'A', reads: index },
      asksC,
      { by: 'C', reads: index },
      { by: 'A', writes: 'skills/voice-buffer/SKILL.md', text: skill('voice-buffer') },
      { by: 'A', edits: index, old: '- [maps]', new: `${voice}- [maps]` },
      { by: 'C', writes: 'skills/cite-track/SKILL.md', text: skill('cite-track') },
      ...overwrites(dialect, index, lines + cite),
    ],
    lost: voice.trim(),
    kept: cite.trim(),
  },
  {
    name: 'the memory file, to whose end both added',
    files: { [memory]: notes },
    path: memory,
    moves: dialect => [
      asksA,
      asksC,
      { by: 'C', reads: memory },
      { by: 'A', reads: memory },
      { by: 'A', writes: memory, text: notes + invariants },
      ...overwrites(dialect, memory, notes + gotcha),
    ],
    lost: invariants.trim(),
    kept: gotcha.trim(),
  },
  {
    name: 'the memory file, deleted and made anew from a copy of before',
    files: { [memory]: notes },
    path: memory,
    moves: () => [
      asksA,
      asksC,
      { by: 'C', reads: memory },
      { by: 'A', reads: memory },
      { by: 'A', writes: memory, text: notes + invariants },
      { by: 'C', removes: memory },
      { by: 'C', writes: memory, text: notes + gotcha },
    ],
    lost: invariants.trim(),
    kept: gotcha.trim(),
  },
];

/** A has added; what C does then takes it away knowingly, or does not take it away. */
const afterA = (...moves: readonly Move[]): readonly Move[] => [
  asksA,
  asksC,
  { by: 'C', reads: memory },
  { by: 'A', reads: memory },
  { by: 'A', writes: memory, text: notes + invariants },
  ...moves,
];

const quiet: readonly (Story & { readonly gone?: string })[] = [
  {
    name: 'C reads again after the refusal, and keeps both',
    files: { [memory]: notes },
    path: memory,
    moves: () =>
      afterA(
        { by: 'C', refused: memory, text: notes + gotcha },
        { by: 'C', reads: memory },
        { by: 'C', writes: memory, text: notes + invariants + gotcha },
      ),
  },
  {
    name: 'C reads again and removes it on purpose',
    files: { [memory]: notes },
    path: memory,
    moves: () => afterA({ by: 'C', reads: memory }, { by: 'C', writes: memory, text: notes + gotcha }),
    gone: invariants.trim(),
  },
  {
    name: 'C sees it by cat, and then writes one section out of two',
    files: { [memory]: notes },
    path: memory,
    moves: () =>
      afterA(
        { by: 'C', cats: memory },
        { by: 'C', heredoc: memory, text: '# Memory\n\n## All of it\n\nOne reads, one speaks, words stay whole.\n' },
      ),
    gone: invariants.trim(),
  },
  {
    name: 'A takes back what it wrote',
    files: { [memory]: notes },
    path: memory,
    moves: () => afterA({ by: 'A', asks: 'take it back' }, { by: 'A', writes: memory, text: notes }),
    gone: invariants.trim(),
  },
];

interface IncidentJson {
  readonly id: string;
  readonly certainty: string;
  readonly path: string;
  readonly lost: { readonly writer: { readonly kind: string; readonly id: string } | null } | null;
  readonly cause: { readonly writer: { readonly kind: string; readonly id: string } | null } | null;
  readonly findings: readonly { readonly rule: string }[];
}

const places: Place[] = [];
afterEach(async () => {
  await Promise.all(places.splice(0).map(place => place.remove()));
});

function homeOf(dialect: Dialect, story: Story, spelled?: string): Place {
  const place = new Place();
  places.push(place);
  const { files, moves } = story;
  // An hour ago, so that no file is younger than the program that looks at it.
  const at = Date.now() - 3_600_000;
  buildHome(place.home, { dialect, files, moves: moves(dialect), at, ...(spelled ? { spelled } : {}) });
  return place;
}

async function losses(place: Place): Promise<readonly IncidentJson[]> {
  const { out, err } = await place.run('audit', '--json');
  expect(err).toBe('');
  const { incidents, failedRules } = JSON.parse(out) as { incidents: IncidentJson[]; failedRules: unknown[] };
  expect(failedRules).toEqual([]);
  return incidents.filter(({ findings }) => findings.some(({ rule }) => /^lost-/.test(rule)));
}

describe.each(dialects)('a home that client %s left', dialect => {
  it.each(caught)('caught: $name', async story => {
    const place = homeOf(dialect, story);
    const [incident, ...more] = await losses(place);
    expect(more).toEqual([]);
    // This client shows what changed at the next prompt, and records nothing of it.
    const mayHaveBeenShown = dialect === '2.1.72' && story.moves(dialect).at(-2) === goesOn;
    expect(incident).toMatchObject({
      certainty: mayHaveBeenShown ? 'likely' : 'proven',
      path: story.path,
      lost: { writer: { kind: 'session', id: sessionId('A') } },
      cause: { writer: { kind: 'session', id: sessionId('C') } },
    });
    expect(place.read(story.path)).not.toContain(story.lost);

    expect(await place.run('restore', incident!.id)).toMatchObject({ code: 0 });
    expect(place.read(story.path)).toContain(story.lost);
    expect(place.read(story.path)).toContain(story.kept);
    expect(await losses(place)).toEqual([]);
  });

  it.each(quiet)('quiet: $name', async story => {
    const place = homeOf(dialect, story);
    if (story.gone) expect(place.read(story.path)).not.toContain(story.gone);
    expect(await losses(place)).toEqual([]);
  });
});

it('names nobody for what a person wrote between two readings', async () => {
  const place = homeOf('2.1.72', {
    name: 'by hand',
    files: { [memory]: notes },
    path: memory,
    moves: dialect => [
      asksC,
      { by: 'C', reads: memory },
      { by: null, types: memory, text: notes + invariants },
      ...overwrites(dialect, memory, notes + gotcha),
    ],
  });
  const [incident] = await losses(place);
  expect(incident).toMatchObject({ path: memory, cause: { writer: { id: sessionId('C') } } });
  expect(incident?.lost?.writer?.kind ?? 'unknown').not.toBe('session');
});

it('a home that was moved to another machine tells the same', async () => {
  const story = caught[1]!;
  const [incident] = await losses(homeOf('2.1.331', story, '/home/me/.claude'));
  expect(incident).toMatchObject({
    certainty: 'proven',
    lost: { writer: { id: sessionId('A') } },
    cause: { writer: { id: sessionId('C') } },
  });
});
