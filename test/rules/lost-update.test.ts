import { describe, expect, it } from 'vitest';
import lostUpdate from '../../rules/lost-update.ts';
import { runAudit } from '../../src/audit/run-audit.ts';
import { testRule } from '../helpers/rule-tests.ts';
import { audit, inShort, noon, story, world } from '../helpers/stories.ts';

const caught: readonly (readonly [title: string, lines: readonly string[], said: readonly string[]])[] = [
  ['both add an item', ['A: one two', 'A: one two three', 'C: one two four'], ['likely high: three']],
  ['twenty milliseconds apart', ['A: one', '+30s A: one two', '+20ms C: one three'], ['likely high: two']],
  ['hours apart, within a session', ['A: one', 'A: one two', '+2h C: one three'], ['likely high: two']],
  ['half a day apart', ['A: one', 'A: one two', '+5h C: one three'], ['possible medium: two']],
  [
    'a section in the middle of a file, within minutes',
    ['A: one #Ports two', 'A: one #Beta three #Ports two', 'C: one #Gamma four #Ports two'],
    ['possible medium: Beta'],
  ],
  [
    'a section at the end of a chapter, where everybody adds',
    [
      'A: one ##Log two ###Monday three ##Ports four',
      'A: one ##Log two ###Monday three ###Tuesday five ##Ports four',
      'C: one ##Log two ###Monday three ###Friday six ##Ports four',
    ],
    ['likely high: Tuesday'],
  ],
  [
    'an index whose newest line is overwritten again and again, and the rest stands',
    ['A: one', 'A: one two', 'B: one three', 'C: one four'],
    ['likely high: three', 'likely high: two'],
  ],
  ['days apart', ['A: one', 'A: one two', '+2d C: one three'], ['possible medium: two']],
  [
    'two versions are skipped',
    ['A: one', 'A: one two', 'B: one two three', 'C: one four'],
    ['likely high: two, three'],
  ],
  [
    'only the newest is skipped',
    ['A: one', 'A: one two', 'B: one two three', 'C: one two four'],
    ['likely high: three'],
  ],
  ['an exact older content minutes later', ['A: one', 'A: one two', '+5m C: one'], ['possible medium: two']],
  ['an exact older content hours later', ['A: one', 'A: one two', '+5h C: one'], ['possible medium: two']],
  [
    'a section at the end, twice',
    [
      'A: #Build "use pnpm"',
      'A: #Build "use pnpm" #Voice "buffers are copied"',
      'B: #Build "use pnpm" #Emit "og emits twice"',
    ],
    ['likely high: Voice'],
  ],
  [
    'a sentence improved, then written back',
    ['A: #X "use pnpm build"', 'A: #X "always use pnpm build first"', 'C: #X "use pnpm build" #Y "ask for two"'],
    ['likely high: always use pnpm build first'],
  ],
  [
    'what it took from its own base is its own',
    ['A: one two', 'A: one two three', 'C: two four'],
    ['likely high: three'],
  ],
  [
    'cut to zero while it was written',
    ['A: one', 'A: one two', '+30s C: (empty)', '+5ms C: one three'],
    ['likely high: two'],
  ],
  [
    'both lines of an index follow one pattern',
    [
      'A: [a](a/SKILL.md)_—_does_this',
      'A: [a](a/SKILL.md)_—_does_this [b](b/SKILL.md)_—_does_that',
      'C: [a](a/SKILL.md)_—_does_this [c](c/SKILL.md)_—_does_that',
    ],
    ['likely high: b'],
  ],
  [
    'two lines of the pattern that the whole list follows',
    [
      'A: run_the_alpha_check_before_a_release run_the_beta_check_before_a_release',
      'A: run_the_alpha_check_before_a_release run_the_beta_check_before_a_release run_the_gamma_check_before_a_release',
      'C: run_the_alpha_check_before_a_release run_the_beta_check_before_a_release run_the_kappa_check_before_a_release',
    ],
    ['possible medium: run the gamma check before a release'],
  ],
  [
    'both change one line, each from what stood there first',
    [
      'A: one clear_the_cache_before_every_build',
      'A: one clear_the_whole_cache_before_every_nightly_build',
      'C: one clear_the_cache_before_every_build_and_test',
    ],
    ['possible medium: clear the whole cache before every nightly build'],
  ],
  [
    'who uses the words of what is missing had read it',
    [
      'A: one',
      'A: one deploy_only_from_the_main_branch',
      'C: one on_fridays_the_main_branch_may_not_be_touched_only_read',
    ],
    ['possible low: deploy only from the main branch'],
  ],
  [
    'who works the whole list over may have meant it',
    ['A: one two three five eight', 'A: one two three five eight six', 'C: one two three seven'],
    ['possible low: six'],
  ],
  [
    'who only takes away more may have meant it',
    ['A: one two three', 'A: one two three four', 'B: one two'],
    ['possible low: four'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly string[]])[] = [
  ['one after the other', ['A: one', 'A: one two', 'C: one two three']],
  ['an item is taken away', ['A: one two', 'A: one two three', 'C: one three']],
  [
    'the new item is worded better',
    ['A: one', 'A: one the_cache_must_be_cleared', 'A: one the_cache_must_be_cleared_first'],
  ],
  ['it is back at once', ['A: one', 'A: one two', 'A: one three', '+40ms A: one two three']],
  ['a file written in two pieces', ['A: one two three', '+9s A: (empty)', '+3ms A: one', '+3ms A: one two three four']],
  ['an unsettled reading', ['A: one', 'A: one two', 'C?: one three', '+60ms A: one two']],
  ['an unsettled newest reading', ['A: one', 'A: one two', 'C?: one three']],
  ['undertext took its own restore back', ['A: one', 'A: one two', 'restore: one']],
  [
    'moved to another file',
    ['A: one', 'A: one two_is_a_long_story', 'b.md < A: two_is_a_long_story', '+5s C: one three'],
  ],
  ['just written, then moved', ['A: one', '+1s A: one a_long_story', '+1s b.md < A: a_long_story', '+5ms A: one']],
  ['a line goes with its file', ['b.md < A: x', 'A: one', 'A: one [b](b.md)', 'b.md < A: (gone)', 'C: one']],
  [
    'one of the newest items is deleted with an older one',
    ['A: one two three', 'A: one two three four five', 'B: one two four'],
  ],
  [
    'a word is put right in the new line of a list in which all lines are alike',
    [
      'A: run_the_alpha_check_before_a_release run_the_beta_check_before_a_release',
      'A: run_the_alpha_check_before_a_release run_the_beta_check_before_a_release run_the_gamm_check_before_a_release',
      'A: run_the_alpha_check_before_a_release run_the_beta_check_before_a_release run_the_gamma_check_before_a_release',
    ],
  ],
  [
    'the second to change a line had read the first',
    [
      'A: one clear_the_cache_before_every_build',
      'A: one clear_the_whole_cache_before_every_nightly_build',
      'C: one clear_the_whole_cache_before_every_nightly_build_and_test',
    ],
  ],
  [
    'the same entry has another value',
    ['A: one', 'A: one **Owner**:_Ida_since_spring', 'C: one **Owner**:_the_night_shift,_call_first'],
  ],
  [
    'the line of one file says something else',
    ['A: one', 'A: one [b](b.md)_—_holds_the_sound_back', 'C: one [b](b.md)_—_Olaf_asked_for_a_ring'],
  ],
  ['a counter in a heading', ['A: one #Agents_(4) two', 'A: one #Agents_(3) two', 'A: one #Agents_(4) two']],
  ['written anew', ['A: one two', 'A: one two three', 'C: four five']],
  ['deleted', ['A: one', 'A: one two', 'C: (gone)']],
];

testRule({
  rule: lostUpdate,
  told: story,
  caught,
  quiet,
  mutants: [
    ['nothing is overwritten', 'if (overwritten.length === 0) continue;', 'if (overwritten.length > 0) continue;'],
    ['what moved is lost too', "fate === 'lost' && ", ''],
    ['what the base had is lost too', ' && mine.has(unit)', ''],
    ['as grave as it can be', "isMeant(about, lost) ? 'low' : 'medium'", "'high'"],
    ['a clearing is as grave', ' || isClearing(about)', ''],
    ['what is mixed is as grave', '!about.isClear || ', ''],
    ['always sure', '        certainty,\n', "        certainty: 'likely',\n"],
  ],
});

describe('lost-update', () => {
  it('what is ticked off is low', async () => {
    const steps = story(['A: one', 'A: one two', 'C: one three'], 'todos/x.md');
    const { histories, read, end } = world(steps, () => 'state');
    const rest = { rules: [lostUpdate], options: {}, isNoise: () => false, notes: [], now: end };
    expect((await runAudit({ ...rest, histories, read })).incidents.map(inShort)).toEqual(['likely low: two']);
  });

  it.each<[string, readonly unknown[], readonly string[]]>([
    ['what a program set is out again', [{ a: 1 }, { a: 1, b: { x: 1, y: 2 } }, { a: 1 }], ['possible low']],
    [
      'so is what it set in two writes',
      [{ a: 1 }, { a: 1, b: 2 }, { a: 1, b: 2, c: 3 }, { a: 1 }],
      ['possible medium'],
    ],
    ['it adds something of its own', [{ a: 1 }, { a: 1, b: 2 }, { a: 1, c: 3 }], ['likely high']],
  ])('settings: %s', async (_, contents, said) => {
    const steps = contents.map((content, i) => ({
      path: 'settings.json',
      at: noon + i * 60_000,
      text: JSON.stringify(content, null, 2),
    }));
    const { incidents } = await audit(steps, [lostUpdate]);
    expect(incidents.map(({ certainty, severity }) => `${certainty} ${severity}`)).toEqual(said);
  });

  it('says what is missing, since when, and where the write grew from', async () => {
    const { incidents } = await audit(story(['A: one', 'A: one two', 'C: one three']), [lostUpdate]);
    expect(incidents[0]).toMatchObject({
      message: '1 list item of 12:00:30 is missing since the write of 12:01:00, which grew from 12:00:00',
      base: { how: 'inferred' },
      state: 'open',
    });
  });

  it('tells moments within one second apart, and counts a section as one', async () => {
    const lines = ['A: one', 'A: one #Voice "a buffer" two', '+20ms C: one #Emit "it fires"'];
    const { incidents } = await audit(story(lines), [lostUpdate]);
    expect(incidents[0]!.message).toBe(
      '1 section of 12:00:30.000 is missing since the write of 12:00:30.020, which grew from 12:00:00.000',
    );
  });

  it('says the day where it is another one', async () => {
    const { incidents } = await audit(story(['A: one', '+1d A: one two', 'C: one three']), [lostUpdate]);
    expect(incidents[0]!.message).toContain('which grew from 2026-11-20 12:00:00');
  });
});
