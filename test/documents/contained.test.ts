/** What is told without making units is what the units say. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareUnits } from '../../src/documents/compare.ts';
import { isContained, printCounts } from '../../src/documents/contained.ts';
import { parseDocument } from '../../src/documents/document.ts';

const document = (text: string, path = 'a.md') => parseDocument(path, Buffer.from(text));

describe('what stays is told', () => {
  const cases: readonly (readonly [what: string, before: string, after: string, stays: boolean])[] = [
    ['a section comes', '# A\n\none\n', '# A\n\none\n\n## B\n\ntwo\n', true],
    ['an item comes between two', '- one\n- two\n', '- one\n- new\n- two\n', true],
    ['a paragraph grows', 'one\n', 'one\nmore\n', false],
    ['a fence is opened above', 'one\n\ntwo\n', '```\none\n\ntwo\n', false],
    ['a comment swallows it', 'one\n\ntwo\n', '<!--\none\n\ntwo\n-->\n', false],
    ['two move', '## A\n\none\n\n## B\n\ntwo\n', '## B\n\ntwo\n\n## A\n\none\n', true],
    ['what stood twice stands once', 'one\n\none\n', 'one\n', false],
    ['a field changes', '---\na: 1\n---\none\n', '---\na: 2\n---\none\n', false],
    ['a field comes', '---\na: 1\n---\none\n', '---\na: 1\nb: 2\n---\none\n', true],
    ['the frontmatter is no longer closed', '---\na: 1\n---\none\n', '---\na: 1\none\n', false],
    ['everything goes', 'one\n', '', false],
    ['from nothing', '', 'one\n', true],
    ['only blanks and markers change', '- one\n\n# A\n', '* one  \n\n\n# A #\n', true],
  ];
  test.each(cases)('%s', (_, before, after, stays) => {
    expect(isContained(document(before), document(after))).toBe(stays);
  });
});

const lines = [
  '',
  '',
  'one',
  'two words',
  '# A',
  '## B',
  '- item',
  '  - nested',
  '  more of it',
  '1. first',
  '> quote',
  '```',
  '~~~ sh',
  '    code',
  '<!-- a',
  '-->',
  '<pre>',
  '| a | b |',
  '|---|:-:|',
  '| 1 | 2 | 3 |',
  '| x \\| y | `|` |',
  '|',
  '---',
  '===',
  'a: 1',
  '[x]: y',
  '\ttab',
  'trailing  ',
];
const text = fc
  .tuple(fc.array(fc.constantFrom(...lines), { maxLength: 14 }), fc.constantFrom('\n', '\n', '\r\n'), fc.boolean())
  .map(([all, end, hasEnd]) => all.join(end) + (hasEnd ? end : ''));
/** Some lines of a text go, and some come: as sessions edit. */
const pair = fc
  .tuple(text, fc.array(fc.tuple(fc.nat(20), fc.nat(2), fc.constantFrom(...lines)), { maxLength: 3 }))
  .map(([before, edits]) => {
    const all = before.split('\n');
    for (const [at, drop, line] of edits) all.splice(at % (all.length + 1), drop, line);
    return [before, all.join('\n')] as const;
  });

test('it is what the units say, whatever the texts', () => {
  fc.assert(
    fc.property(pair, fc.constantFrom('a.md', 'a.txt', 'a.json'), ([before, after], path) => {
      const [a, b] = [document(before, path), document(after, path)];
      expect(isContained(a, b)).toBe(compareUnits(a.units, b.units).removed.length === 0);
      const counts = new Map<string, number>();
      for (const { fingerprint } of a.units) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
      expect(printCounts(a)).toEqual(counts);
    }),
    { numRuns: 2000 },
  );
});

test('bytes that are no text are compared as their units are', () => {
  const [a, b] = ['# A\n\n\xff one\n', '# A\n\n\xff one\n\ntwo\n'].map(each =>
    parseDocument('a.md', Buffer.from(each, 'latin1')),
  );
  expect([isContained(a!, b!), isContained(b!, a!)]).toEqual([true, false]);
});
