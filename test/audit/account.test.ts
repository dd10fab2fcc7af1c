import { describe, expect, it } from 'vitest';
import lostSection from '../../rules/lost-section.ts';
import lostUpdate from '../../rules/lost-update.ts';
import { runAudit } from '../../src/audit/run-audit.ts';
import type { Account, Fate, Rule } from '../../src/rule.ts';
import type { Extra } from '../helpers/stories.ts';
import { audit, noon, story, world } from '../helpers/stories.ts';

/** The account of the last edit of a story. */
async function accountIn(lines: readonly string[], extra: Extra = {}): Promise<Account> {
  let last: Account | undefined;
  const spy: Rule = {
    id: 'spy',
    summary: 'Looked.',
    severity: 'low',
    options: {},
    async checkPath(file, { account }) {
      if (file.path === 'notes.md') last = await account(file.edits.at(-1)!);
      return [];
    },
  };
  const { failedRules } = await audit(story(lines), [spy], extra);
  expect(failedRules).toEqual([]);
  return last!;
}

describe('where a unit went', () => {
  it.each<[string, readonly string[], readonly [string, Fate][]]>([
    ['lost', ['A: one two', 'B: one'], [['two', 'lost']]],
    [
      'back at once',
      ['A: one two', 'B: one', '+1s B: one two three', '+9s B: one'],
      [
        ['two', 'lost'],
        ['three', 'lost'],
      ],
    ],
    ['edited', ['A: clear_the_cache_first', 'B: clear_the_cache_at_first'], [['clear the cache first', 'edited']]],
    [
      'edited into one, not into two',
      ['A: clear_the_cache_now clear_the_cache_then', 'B: clear_the_cache_always'],
      [
        ['clear the cache now', 'edited'],
        ['clear the cache then', 'lost'],
      ],
    ],
    ['another value of a field', ['A: name=a type=user one', 'B: name=a type=project one'], [['type', 'edited']]],
    ['folded into a sentence', ['A: one use_pnpm', 'B: one "use pnpm"'], [['use pnpm', 'moved']]],
    [
      'into another file',
      ['A: one a_long_story', 'b.md < B: #Stories a_long_story', 'B: one'],
      [['a long story', 'moved']],
    ],
    [
      'another file that had it all the time',
      ['b.md < B: a_long_story', '+3h A: one a_long_story', 'b.md < B: a_long_story more', 'B: one'],
      [['a long story', 'lost']],
    ],
    [
      'another file, which lost it too',
      ['A: one a_long_story', 'b.md < B: a_long_story', 'b.md < B: other', 'B: one'],
      [['a long story', 'lost']],
    ],
    [
      'written into two files, overwritten in one',
      ['A: one', 'A: one a_long_story', '+1s b.md < A: a_long_story', '+30s C: one three'],
      [['a long story', 'lost']],
    ],
    [
      'another file, hours away',
      ['A: one a_long_story', 'b.md < B: a_long_story', '+3h B: one'],
      [['a long story', 'lost']],
    ],
    [
      'just written, then moved to another file',
      ['A: one', '+1s A: one a_long_story', '+1s b.md < A: a_long_story', '+5ms A: one'],
      [['a long story', 'moved']],
    ],
    [
      'copied aside with its whole file, then overwritten',
      ['A: one a_long_story', '+1h notes.md.bak < B: one a_long_story', '+5ms B: one'],
      [['a long story', 'lost']],
    ],
    [
      'put into an archive by itself',
      ['A: one a_long_story', '+1h archive/notes.md < B: a_long_story', '+5ms B: one'],
      [['a long story', 'moved']],
    ],
    [
      'copied with its whole file to where it is read, then cut here',
      ['A: one a_long_story', '+1h more.md < B: one a_long_story', '+5ms B: one'],
      [['a long story', 'moved']],
    ],
    [
      'a line that says what the file says that it points to',
      ['A: one', '+9s A: one [b](b.md)_a_story', '+9s b.md < A: [b](b.md)_a_story', '+1s C: one three'],
      [['b', 'lost']],
    ],
    [
      'a line whose file was deleted before',
      ['b.md < A: x', 'A: one [b](b.md)_a_story', 'b.md < B: (gone)', 'B: one'],
      [['b', 'seen']],
    ],
    [
      'a line whose file is deleted moments later',
      ['b.md < A: x', 'A: one [b](b.md)_a_story', 'B: one', 'b.md < B: (gone)'],
      [['b', 'seen']],
    ],
    [
      'a line whose file was deleted, and is there again',
      ['b.md < A: x', 'A: one [b](b.md)_a_story', 'b.md < B: (gone)', 'b.md < B: x', 'B: one'],
      [['b', 'lost']],
    ],
    [
      'a line whose file was deleted long ago',
      ['b.md < A: x', 'A: one [b](b.md)_a_story', 'b.md < B: (gone)', '+3h B: one'],
      [['b', 'lost']],
    ],
    [
      'a line whose skill was renamed with it',
      ['b/SKILL.md < A: x', 'A: [b](b/SKILL.md)_a_story', 'b/SKILL.md < B: (gone)', 'B: [b2](b2/SKILL.md)_is_new'],
      [['b', 'seen']],
    ],
    ['a heading renamed', ['A: one #Beta two three', 'B: one #Second_part two three'], [['Beta', 'edited']]],
    [
      'a heading renamed, its last item gone',
      ['A: one #Beta two three', 'B: one #Second_part two'],
      [
        ['Beta', 'lost'],
        ['three', 'lost'],
      ],
    ],
    ['the title renamed', ['A: #Notes one ##Beta two', 'B: #All_of_it one ##Beta two'], [['Notes', 'edited']]],
    ['a section split in two', ['A: #Big two three', 'B: #One two #Other three'], [['Big', 'edited']]],
    ['a heading taken away', ['A: one #Beta two', 'B: one two'], [['Beta', 'lost']]],
    ['by a restore', ['A: one two', 'restore: one'], [['two', 'seen']]],
    [
      'older text that a stale copy brought back is no edit',
      ['A: one use_pnpm_build', 'A: one always_use_pnpm_build', 'C: one use_pnpm_build three'],
      [['always use pnpm build', 'lost']],
    ],
  ])('%s', async (_, lines, expected) => {
    const { removed } = await accountIn(lines);
    expect(removed.map(({ unit, fate }) => [unit.name, fate])).toEqual(expected);
  });

  it('back at once', async () => {
    let fates: readonly Fate[] = [];
    const spy: Rule = {
      id: 'spy',
      summary: 'Looked.',
      severity: 'low',
      options: {},
      async checkPath(file, { account }) {
        fates = (await account(file.edits[0]!)).removed.map(({ fate }) => fate);
        return [];
      },
    };
    await audit(story(['A: one two', 'B: one three', '+1s B: one two three']), [spy]);
    expect(fates).toEqual(['back']);
    await audit(story(['A: one two', 'B: one three', '+1s restore: one two three']), [spy]);
    expect(fates, 'we put it back, it did not come back').toEqual(['lost']);
  });

  it('noise is nobody’s loss, and hides no base', async () => {
    const isNoise: Extra['isNoise'] = (_, unit) => unit.name === 'modified';
    const lines = ['A: modified=1 one', 'A: modified=2 one two', 'C: modified=3 one three'];
    const { isStale, removed, certainty } = await accountIn(lines, { isNoise });
    expect(removed.map(({ unit, fate }) => [unit.name, fate])).toEqual([
      ['modified', 'noise'],
      ['two', 'lost'],
    ]);
    expect([isStale, certainty]).toEqual([true, 'likely']);
  });

  it('knows since when the unit stood there, over a moment in which the file was empty', async () => {
    const lines = ['A: one', 'A: one two', 'A: (empty)', '+5ms A: one two three', 'C: one three'];
    const { histories } = world(story(lines));
    const { removed } = await accountIn(lines);
    expect(removed.map(({ since }) => since.seenAt)).toEqual([histories[0]!.versions[1]!.seenAt]);
  });
});

it('reads a history of thousands of versions once', async () => {
  const lines = Array.from({ length: 1_000 }, (_, i) => `+10ms A: one two item_${i}`);
  const { histories, read, end } = world(story(lines));
  let reads = 0;
  await runAudit({
    histories,
    read: blob => {
      reads++;
      return read(blob);
    },
    rules: [lostUpdate, lostSection],
    options: {},
    isNoise: () => false,
    notes: [],
    now: end,
  });
  expect(reads).toBeLessThan(1_000 * 4);
});

describe('a list that becomes a table', () => {
  const list = '- [a](a.md) — aaa\n- [b](b.md) — bbb\n';
  const step = (text: string, seconds: number) => ({ path: 'notes.md', at: noon + seconds * 1000, text });

  it.each([
    ['every link still stands', '| [a](a.md) | aaa |\n| [b](b.md) | bbb |\n', []],
    ['one does not', '| [a](a.md) | aaa |\n| [c](c.md) | ccc |\n', ['b']],
  ])('%s', async (_, rows, lost) => {
    const steps = [step(list, 0), step(`| memory | what |\n|---|---|\n${rows}`, 60)];
    const { incidents } = await audit(steps, [lostUpdate, lostSection]);
    expect(incidents.flatMap(({ units }) => units.map(unit => unit.name))).toEqual(lost);
  });
});

describe('how sure an exact older content is', () => {
  const json = (values: object, seconds: number) => ({
    path: 'settings.json',
    at: noon + seconds * 1000,
    text: `${JSON.stringify(values, null, 2)}\n`,
  });

  it('an older content alone is not, however soon', async () => {
    const { certainty } = await accountIn(['A: one', 'A: one two', '+20ms C: one']);
    expect(certainty).toBe('possible');
  });

  it('a setting switched on and off again is one hand', async () => {
    const steps = [json({ model: 'a', x: 1 }, 0), json({ model: 'b', x: 1 }, 30), json({ model: 'a', x: 1 }, 60)];
    expect((await audit(steps, [lostUpdate])).incidents.map(({ certainty }) => certainty)).toEqual(['possible']);
  });

  it('a setting switched back beside another one too', async () => {
    const steps = [json({ model: 'a', x: 1 }, 0), json({ model: 'b', x: 1 }, 30), json({ model: 'a', x: 1, y: 2 }, 60)];
    expect((await audit(steps, [lostUpdate])).incidents.map(({ certainty }) => certainty)).toEqual(['possible']);
  });

  it('hooks that are gone with an older model are not', async () => {
    const late = json({ model: 'a', x: 1 }, 60);
    const steps = [json({ model: 'a' }, 0), json({ model: 'b', hooks: { Stop: ['x'] } }, 30), late];
    expect((await audit(steps, [lostUpdate])).incidents.map(({ certainty }) => certainty)).toEqual(['likely']);
  });
});
