import { describe, expect, it } from 'vitest';
import lostSection from '../../rules/lost-section.ts';
import { runAudit } from '../../src/audit/run-audit.ts';
import { testRule } from '../helpers/rule-tests.ts';
import { audit, noon, story, world } from '../helpers/stories.ts';

const caught: readonly (readonly [title: string, lines: readonly string[], said: readonly string[]])[] = [
  ['a section goes', ['A: one #Notes two three', '+3h B: one'], ['possible low: Notes']],
  ['one item goes', ['A: one two three', 'B: one three'], ['possible low: two']],
  ['a field goes', ['A: name=voice type=user one two', 'B: name=voice one two'], ['possible low: type']],
  [
    'a field goes beside an edit',
    ['A: name=voice type=user one two', 'B: name=voice one two three'],
    ['possible low: type'],
  ],
  [
    'many items go',
    ['A: one two three four five six seven', 'B: one two three four'],
    ['possible low: five, six, seven'],
  ],
  ['a file is written anew', ['A: one two three four', 'B: five six'], ['possible low: one, two, three, four']],
  [
    'a form that is filled in anew each time',
    ['A: one two', 'A: three four', 'A: five six', 'A: seven eight'],
    ['possible low: five, six', 'possible low: three, four', 'possible low: one, two'],
  ],
  [
    'a list that drops its oldest each time',
    ['A: one two three', 'A: two three four', 'A: three four five', 'A: four five six'],
    ['possible low: three', 'possible low: two', 'possible low: one'],
  ],
  [
    'a list that drops from its middle is told each time',
    ['A: one two three', 'A: one three four', 'A: one four five'],
    ['possible low: three', 'possible low: two'],
  ],
  [
    'a list that only shrinks is told each time',
    ['A: one two three four', 'A: two three four', 'A: three four'],
    ['possible low: two', 'possible low: one'],
  ],
  ['a file is emptied', ['A: one two', 'B: (empty)'], ['possible low: one, two']],
  [
    'a file is emptied, and it was long',
    ['A: one two three four', 'B: (empty)'],
    ['possible medium: one, two, three, four'],
  ],
  [
    'next to nothing is left of a text',
    ['A: #House gates doors lifts boilers roofs windows parcels bins', 'B: #House fences'],
    ['possible medium: gates, doors, lifts, boilers, roofs, windows, parcels, bins'],
  ],
  [
    'the second time in a row, and less is left than before',
    [
      'A: #House gates doors lifts boilers roofs windows parcels bins',
      'B: #House codes keepers heating letters guests pumps bikes ramps',
      'C: #House fences',
    ],
    [
      'possible medium: codes, keepers, heating, letters, guests, pumps, bikes, ramps',
      'possible low: gates, doors, lifts, boilers, roofs, windows, parcels, bins',
    ],
  ],
  [
    'an inbox of which hardly anything is left, as always',
    ['A: #Inbox', 'A: #Inbox a1 b1 c1 d1 e1 f1', 'A: #Inbox g1', 'A: #Inbox a2 b2 c2 d2 e2 f2', 'A: #Inbox g2'],
    ['possible low: a2, b2, c2, d2, e2, f2', 'possible low: g1', 'possible low: a1, b1, c1, d1, e1, f1'],
  ],
  [
    'a list whose boxes are all ticked is cleared',
    ['A: #Todo [x]_gates [x]_doors [x]_lifts [x]_boilers [x]_roofs', 'A: #Todo'],
    ['possible low: gates, doors, lifts, boilers, roofs'],
  ],
  [
    'another text takes the place of an instruction that was in use',
    [
      'CLAUDE.md < A: #Me "answer in Turkish" #Git commits_stay_small force_pushing_never #Data ask_before_deleting',
      '+1d CLAUDE.md < B: #Global "generated file" swarm_tools_everywhere one two three four five six',
    ],
    ['possible high: Me, Git, Data'],
  ],
  [
    'a text of some words is condensed',
    [
      'A: #House the_gate_closes doors_have_codes lifts_stop boilers_run roofs_leak',
      'B: #House "gate closes, doors have codes, lifts stop"',
    ],
    ['possible low: the gate closes, doors have codes, lifts stop, boilers run, roofs leak'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly string[]])[] = [
  ['nothing goes', ['A: one', 'A: one two', 'B: one two three']],
  [
    'a sentence goes from a section that stays',
    ['A: #Notes "one thing" "and another" two', 'B: #Notes "one thing" two'],
  ],
  ['an item is worded better', ['A: one the_cache_must_be_cleared', 'B: one the_cache_must_be_cleared_first']],
  ['a field gets a new value', ['A: name=voice type=user one two', 'B: name=voice type=project one two']],
  [
    'a section moves to another file',
    ['A: one #Notes two_long three_long', 'b.md < B: #Notes two_long three_long', 'B: one'],
  ],
  ['a heading is renamed', ['A: one #Beta two three', 'B: one #Second_part two three']],
  ['a section is split in two', ['A: one #Big two three', 'B: one #One two #Other three']],
  ['a line goes with its file', ['b.md < A: x', 'A: one two [b](b.md)_a_story', 'b.md < B: (gone)', 'B: one two']],
  ['an item moves to another section', ['A: one two #Later three', 'B: one #Later three two']],
  ['items become sentences', ['A: one use_pnpm_always', 'B: one "use pnpm always"']],
  ['a stale write: that is the other rule', ['A: one', 'A: one two', 'C: one three']],
  ['the file is deleted', ['A: one two', 'B: (gone)']],
  ['undertext put an older version back', ['A: one two', 'restore: one']],
  ['the text is back a moment later', ['A: one two', 'B: one', '+1s B: one two']],
];

testRule({
  rule: lostSection,
  told: story,
  caught,
  quiet,
  mutants: [
    ['what was edited is lost too', "fate === 'lost' && ", ''],
    ['prose counts', 'kinds.has(unit.kind) || ', 'true || '],
    ['what was edited is grave', 'const isReplaced = !isUsual', 'const isReplaced = true || !isUsual'],
    ['a whole text that is gone is low', "isInstruction(file.path) ? 'high' : 'medium'", "'low'"],
    ['a form is grave when little of it is left', '!isUsual && ', ''],
    ['what is ticked off is grave', '!isTicked(file, units) && ', ''],
    ['a stale write is told twice', ' && !stale.has(unit)', ''],
  ],
});

describe('lost-section', () => {
  it.each([
    ['todos/x.json', 'state', ['low', 'low']],
    ['tasks/x/1.json', 'state', ['low', 'low']],
    ['settings.json', 'state', ['low', 'low']],
    ['notes/todos/x.md', 'authored', ['low', 'low']],
  ] as const)('what is ticked off is low: %s', async (path, fileClass, said) => {
    const list = (...names: readonly string[]) => `${JSON.stringify(Object.fromEntries(names.map(n => [n, n])))}\n`;
    const texts = [list('a', 'b', 'c', 'd', 'e', 'f'), list('d', 'e', 'f', 'g'), list('d')];
    const markdown = texts.map(text =>
      Object.keys(JSON.parse(text))
        .map(name => `- ${name}\n`)
        .join(''),
    );
    const steps = (path.endsWith('.md') ? markdown : texts).map((text, i) => ({ path, text, at: noon + i * 60_000 }));
    const { histories, read, end } = world(steps, () => fileClass);
    const base = { rules: [lostSection], options: {}, isNoise: () => false, notes: [], now: end };
    const { incidents } = await runAudit({ ...base, histories, read });
    expect(incidents.map(({ severity }) => severity)).toEqual(said);
  });

  it.each<[string, readonly unknown[], readonly string[]]>([
    [
      'what was empty gets its first member',
      [
        { a: 1, env: {}, list: [] },
        { a: 1, env: { X: '1' }, list: [1] },
      ],
      [],
    ],
    [
      'what was empty goes',
      [
        { a: 1, b: 2, env: {} },
        { a: 1, b: 2 },
      ],
      ['low'],
    ],
  ])('%s', async (_, contents, said) => {
    const steps = contents.map((content, i) => ({
      path: 'settings.json',
      at: noon + i * 60_000,
      text: JSON.stringify(content, null, 2),
    }));
    const { incidents } = await audit(steps, [lostSection]);
    expect(incidents.map(({ severity }) => severity)).toEqual(said);
  });

  it('is silent about rewrites when asked', async () => {
    const options = { 'lost-section': { rewrites: false } };
    const { incidents } = await audit(story(['A: one two three', 'B: four five']), [lostSection], { options });
    expect(incidents).toEqual([]);
  });
});
