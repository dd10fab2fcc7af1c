import { describe, expect, it } from 'vitest';
import { runAudit } from '../../src/audit/run-audit.ts';
import type { Rule } from '../../src/rule.ts';
import { story, world } from '../helpers/stories.ts';

/** Of the edit number `edit` (the first is 1): what was lost, what is usual of it in brackets. */
async function lostIn(edit: number, lines: readonly string[]): Promise<string> {
  let said = '';
  const spy: Rule = {
    id: 'spy',
    summary: 'Looked.',
    severity: 'low',
    options: {},
    async checkPath(file, { account }) {
      const { removed } = await account(file.edits[edit - 1]!);
      const lost = removed.filter(({ fate }) => fate === 'lost');
      said = lost.map(({ unit, isUsual }) => (isUsual ? `[${unit.name}]` : unit.name)).join(' ');
      return [];
    },
  };
  const { histories, read, end } = world(story(lines));
  const rest = { rules: [spy], options: {}, isNoise: () => false, notes: [], now: end };
  const { failedRules } = await runAudit({ ...rest, histories, read });
  expect(failedRules).toEqual([]);
  return said;
}

describe('what a file usually goes through', () => {
  it.each<[string, number, readonly string[], string]>([
    ['an inbox that is drained', 2, ['A: #Inbox', 'A: #Inbox door', 'A: #Inbox lamp', 'A: #Inbox roof'], '[door]'],
    ['the first time nobody knows', 2, ['A: #Inbox', 'A: #Inbox door', 'A: #Inbox lamp'], 'door'],
    [
      'a list whose newest entry goes, and whose others stay',
      2,
      ['A: #Index one', 'A: #Index one door', 'A: #Index one lamp', 'A: #Index one roof'],
      'door',
    ],
    [
      'a section of a form, beside one that stands for long',
      2,
      [
        'A: #Rules never_force_push #Today door',
        'A: #Rules never_force_push #Today lamp',
        'A: #Today roof',
        'A: #Today wall',
      ],
      'Rules never force push [lamp]',
    ],
    [
      'a form that is filled in anew under other headings',
      3,
      ['A: #M a1 b1 c1', 'A: #T a2 b2 c2', 'A: #W a3 b3 c3', 'A: #F a4 b4 c4'],
      '[W] [a3] [b3] [c3]',
    ],
    [
      'a form of which hardly anything is left',
      3,
      ['A: #M a1 b1 c1', 'A: #M a2 b2 c2', 'A: #M a3 b3 c3', 'A: #M a4'],
      'a3 b3 c3',
    ],
    [
      'a list from which something goes all the time',
      4,
      [
        'A: #L a b c d e',
        'A: #L b c d e f',
        'A: #L c d e f g',
        'A: #L c d f g h',
        'A: #L c d f h i',
        'A: #L c d f h i k',
      ],
      '[g]',
    ],
    [
      'a report that is written in full and cut short again and again',
      3,
      ['A: #R a b c d', 'A: #R e', 'A: #R f g h i', 'A: #R k', 'A: #R l m n o', 'A: #R p'],
      '[f] [g] [h] [i]',
    ],
    [
      'a queue that is filled every day, and from which an entry goes now and then',
      7,
      [
        'A: #Q a b',
        'A: #Q a b c',
        'A: #Q b c',
        'A: #Q b c d',
        'A: #Q b d',
        'A: #Q b d e',
        'A: #Q b d e f',
        'A: #Q b d e',
        'A: #Q b d e g',
        'A: #Q b e g',
        'A: #Q e g',
      ],
      '[f]',
    ],
    [
      'an index of which most stays',
      8,
      [
        'A: #Q a b c d e f g h i k',
        'A: #Q a b c d e f g h i',
        'A: #Q a b c d e f g h i l',
        'A: #Q b c d e f g h i l',
        'A: #Q b c d e f g h i l m',
        'A: #Q c d e f g h i l m',
        'A: #Q c d e f g h i l m n',
        'A: #Q c d e f g h i l m n o',
        'A: #Q c d e f g h i l m n',
        'A: #Q c d e f g h i l m',
      ],
      'o',
    ],
    [
      'a list that is worded anew',
      2,
      ['A: #L clear_the_cache_now', 'A: #L clear_the_cache_first', 'A: #L door'],
      'clear the cache first',
    ],
    [
      'what a window shows goes back, and what is set once',
      2,
      [
        'A: n=1 door=blue',
        'A: n=2 door=red',
        'A: n=1 door=blue',
        'A: n=3 door=blue',
        'A: n=4 door=blue',
        'A: n=5 door=blue',
        'A: n=6 door=blue',
      ],
      '[n] door',
    ],
  ])('%s', async (_, edit, lines, said) => {
    expect(await lostIn(edit, lines)).toBe(said);
  });
});
