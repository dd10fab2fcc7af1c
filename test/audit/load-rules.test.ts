import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { checkOptions, checkRule } from '../../src/audit/load-rules.ts';

const right = { id: 'my-rule', summary: 'It happened.', severity: 'low', options: {}, checkPath: async () => [] };

describe('checkRule', () => {
  it.each(rules.map(rule => [rule.id, rule] as const))('takes %s', (_, rule) => {
    expect(checkRule(rule, 'x.ts')).toBe(rule);
  });

  it.each([
    ['no object', 7, 'my.js: the default export is 7, not a rule'],
    ['nothing', undefined, 'my.js: the default export is missing, not a rule'],
    ['no id', { ...right, id: undefined }, 'my.js: `id` is missing, but must be words in lower case joined by -'],
    [
      'a wrong id',
      { ...right, id: 'My Rule' },
      'my.js: `id` is "My Rule", but must be words in lower case joined by -',
    ],
    [
      'a wrong severity',
      { ...right, severity: 'fatal' },
      "my.js: `severity` is \"fatal\", but must be 'high', 'medium' or 'low'",
    ],
    [
      'no options',
      { ...right, options: null },
      'my.js: `options` is null, but must be an object with the defaults ({} when there are none)',
    ],
    ['a check that is none', { ...right, checkPath: 'yes' }, 'my.js: `checkPath` is "yes", but must be a method'],
    ['no check', { ...right, checkPath: undefined }, 'my.js: it has neither `checkPath` nor `checkFolder`'],
    ['a stranger', { ...right, check: () => [] }, 'my.js: `check` (a function) is no property of a rule'],
  ])('refuses %s', (_, value, message) => {
    expect(() => checkRule(value, 'my.js')).toThrow(message);
  });

  it.each([
    ['chekFolder', 'did you mean checkFolder?'],
    ['check', 'did you mean checkPath?'],
    ['colour', 'rules/README.md shows one whole rule and the contract'],
  ])('%s: the one that was meant is named', (name, hint) => {
    const { checkPath, ...rest } = right;
    expect(() => checkRule({ ...rest, [name]: checkPath }, 'my.js')).toThrow(expect.objectContaining({ hint }));
  });
});

describe('checkOptions', () => {
  it.each([
    ['nothing', {}],
    ['a rule that is switched off', { 'lost-section': false }],
    ['some options', { 'cursor-reset': { rises: 5 }, 'index-drift': { pairs: [], graceSeconds: 5 } }],
    ['lists', { 'lost-keys': { files: ['a/*.json'] }, 'index-drift': { pairs: [{ index: 'a', files: 'b' }] } }],
  ])('takes %s', (_, given) =>
    expect(() => checkOptions(rules, given as never, key => `c.json:${key.length}`)).not.toThrow(),
  );

  it.each([
    [
      'no such rule',
      { nope: {} },
      '"rules.nope" is no rule',
      `the rules are ${rules
        .map(({ id }) => id)
        .sort()
        .join(', ')}`,
    ],
    ['nearly a rule', { 'lost-sections': false }, '"rules.lost-sections" is no rule', 'did you mean lost-section?'],
    [
      'no such option',
      { 'lost-section': { rewrite: true } },
      '"rules.lost-section.rewrite" is no option',
      'did you mean rewrites?',
    ],
    [
      'an option of none',
      { 'lost-update': { x: 1 } },
      '"rules.lost-update.x" is no option',
      'lost-update has no options',
    ],
    [
      'a word for a number',
      { 'cursor-reset': { rises: 'two' } },
      '"rules.cursor-reset.rises" is "two", but must be a number',
      'its default is 2',
    ],
    [
      'an object for an array',
      { 'index-drift': { pairs: {} } },
      '"rules.index-drift.pairs" is {}, but must be an array',
      'its default is []',
    ],
    [
      'a number among globs',
      { 'shared-handoff': { files: ['**/x.md', 1] } },
      '"rules.shared-handoff.files" has 1 at [1], which must be a string',
      expect.stringMatching(/^its default is \["/),
    ],
    [
      'a number where none is preset',
      { 'lost-keys': { files: [1] } },
      '"rules.lost-keys.files" has 1 at [0], which must be a string or an object',
      'its default is []',
    ],
    [
      'null for a boolean',
      { 'lost-section': { rewrites: null } },
      '"rules.lost-section.rewrites" is null, but must be a boolean',
      'its default is true',
    ],
  ])('refuses %s', (_, given, message, hint) => {
    let error: unknown;
    try {
      checkOptions(rules, given as never, key => `c.json:${key.length}`);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: 'config',
      message: `c.json:${/^"rules\.[^."]+"/.test(message) ? 2 : 3}: ${message}`,
      hint,
    });
  });
});
