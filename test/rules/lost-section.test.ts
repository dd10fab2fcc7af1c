import { describe, expect, it } from 'vitest';
import lostSection from '../../rules/lost-section.ts';
import { testRule } from '../helpers/rule-tests.ts';
import { audit, story } from '../helpers/stories.ts';

const caught: readonly (readonly [title: string, lines: readonly string[], said: readonly string[]])[] = [
  ['a section goes', ['A: one #Notes two three', '+3h B: one'], ['possible medium: Notes']],
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
    ['possible medium: five, six, seven'],
  ],
  ['a file is written anew', ['A: one two three four', 'B: five six'], ['possible low: one, two, three, four']],
  [
    'a file is made anew each time, and told the first time',
    ['A: one two', 'A: three four', 'A: five six', 'A: seven eight'],
    ['possible low: one, two'],
  ],
  ['a file is emptied', ['A: one two', 'B: (empty)'], ['possible low: one, two']],
  ['a file is emptied, and it was long', ['A: one two three', 'B: (empty)'], ['possible medium: one, two, three']],
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
    ['a rewrite is grave', 'about.isRewrite || (units', '(units'],
    ['a file that is made anew each time is told each time', 'isAgain || ', ''],
    ['a stale write is told twice', ' && !stale.has(unit)', ''],
  ],
});

describe('lost-section', () => {
  it('is silent about rewrites when asked', async () => {
    const options = { 'lost-section': { rewrites: false } };
    const { incidents } = await audit(story(['A: one two three', 'B: four five']), [lostSection], { options });
    expect(incidents).toEqual([]);
  });
});
