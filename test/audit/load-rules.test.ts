import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { checkRule } from '../../src/audit/load-rules.ts';

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
});
