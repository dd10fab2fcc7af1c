import { describe, expect, it } from 'vitest';
import { pageText } from '../../src/report/page-text.ts';
import { type RulesReport, rulesText } from '../../src/report/rules-text.ts';
import { makeStyle } from '../../src/report/style.ts';
import { columns } from '../../src/report/width.ts';

const style = makeStyle({ color: false, width: 60 });

describe('the list of rules', () => {
  const report: RulesReport = {
    config: '/home/me/config.json',
    configPlace: '/home/me/config.json',
    guide: '/pages/README.md',
    rules: [
      {
        id: 'lost-section',
        summary: 'A section went away.',
        severity: 'medium',
        isOn: true,
        file: null,
        page: '/pages/lost-section.md',
        options: [
          { name: 'few', value: 5, default: 2 },
          { name: 'rewrites', value: true, default: true },
        ],
      },
      {
        id: 'mine',
        summary: 'It happened, and it took a good many words to say what it was that had happened.',
        severity: 'low',
        isOn: false,
        file: '/home/me/mine.mjs',
        page: null,
        options: [],
      },
    ],
  };

  it('tells state, options with the changed ones beside their defaults, and whose it is', () => {
    expect(rulesText(report, style).split('\n').slice(0, 9)).toEqual([
      'on   medium  lost-section',
      '             A section went away.',
      '             few 5 (default 2) · rewrites true',
      'off  low     mine',
      '             It happened, and it took a good many words to',
      '             say what it was that had happened.',
      '             switched off in /home/me/config.json',
      '             yours: /home/me/mine.mjs',
      '',
    ]);
  });

  it('says where the configuration would lie', () => {
    const text = rulesText({ ...report, config: null, configPlace: '/c.json' }, style);
    expect(text).toContain('options are set in /c.json (not there yet)');
  });

  it('obeys nothing that a rule says', () => {
    const evil = { ...report.rules[1]!, summary: 'a\u001b[2Jb', file: '/x\n\u202ey.mjs' };
    expect(rulesText({ ...report, rules: [evil] }, style)).not.toMatch(/[\u001b\u202e]/);
  });
});

describe('a page', () => {
  it.each([
    ['a paragraph is one, however its source was broken', 'one\ntwo\n\nthree', 'one two\n\nthree'],
    ['headings stand alone', '# a\n\n## b\ntext', 'a\n\nb\ntext'],
    [
      'an item keeps its indent',
      `- ${'word '.repeat(15)}\n  end\n- b`,
      `- ${'word '.repeat(11).trim()}\n  word word word word end\n- b`,
    ],
    ['a link is its text', 'see [the page](x.md#y), **now**', 'see the page, now'],
    [
      'an example is told with its title',
      '```story it goes\n09:00 a\n  x\nquiet\n```\nend',
      '  example: it goes\n    09:00 a\n      x\n    quiet\nend',
    ],
    ['code stays as it is', '```json\n{\n  "a": 1\n}\n```', '    {\n      "a": 1\n    }'],
    ['a fence that is never closed', '```\na', '    a'],
    ['a table stays as it is', '| a | b |\n|---|---|', '| a | b |\n|---|---|'],
    ['nothing', '', ''],
    ['what a terminal would obey', '\u001b[2J', '\\x1b[2J'],
  ])('%s', (_, page, text) => expect(pageText(page, style)).toBe(text));

  it('fits', () => {
    const long = `${'word '.repeat(50)}\n\n- ${'item '.repeat(50)}\n  - ${'inner '.repeat(50)}`;
    expect(Math.max(...pageText(long, style).split('\n').map(columns))).toBeLessThanOrEqual(60);
  });
});
