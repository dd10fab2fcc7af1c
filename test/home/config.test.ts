import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UndertextError } from '../../src/errors.ts';
import { defaultConfig, lineOfKey, parseConfig } from '../../src/home/config.ts';

it.each<[readonly string[], number]>([
  [['rules', 'a', 'few'], 4],
  [['rules', 'b'], 6],
  [['rules', 'a', 'none'], 3],
  [['none'], 1],
])('the line of %j', (key, line) => {
  const text = '\ufeff// mine\r\n{ "rules": {\r\n  "a": {\r\n    "few": 2,\r\n  },\r\n  "b": false } }\r\n';
  expect(lineOfKey(text, key)).toBe(line);
});

describe('a configuration', () => {
  it('may hold everything', () => {
    const text = `{
      // where to look
      "roots": [{ "path": "~/notes" }, { "name": "work", "path": "/srv/work" },],
      "ignore": ["**/*.png"],
      "classes": [{ "glob": "plans/**", "class": "authored" }],
      "indexPairs": [{ "index": "skills/_index.md", "files": "skills/*/SKILL.md" }],
      "rules": { "lost-update": { "hours": 72, "deep": { "list": [1, null, true] } }, "lost-section": false },
      "suppress": [{ "rule": "index-drift", "path": "skills/**", "reason": "hub files" }, { "reason": "all of it" }],
      "baseline": false,
      "rulesFolders": ["~/rules",
        "./rules"],
      "notify": true,
      "polling": true,
      "transcripts": "evidence",
      "keep": { "allDays": 60, "cap": "2.5 GB", "minFree": "10MB" }
    }`;
    expect(parseConfig(text, 'c.json')).toEqual({
      roots: [{ path: '~/notes' }, { name: 'work', path: '/srv/work' }],
      ignore: ['**/*.png'],
      classes: [{ glob: 'plans/**', class: 'authored' }],
      indexPairs: [{ index: 'skills/_index.md', files: 'skills/*/SKILL.md' }],
      rules: { 'lost-update': { hours: 72, deep: { list: [1, null, true] } }, 'lost-section': false },
      suppress: [{ rule: 'index-drift', path: 'skills/**', reason: 'hub files' }, { reason: 'all of it' }],
      baseline: false,
      rulesFolders: [
        { text: '~/rules', line: 10 },
        { text: './rules', line: 11 },
      ],
      notify: true,
      polling: true,
      transcripts: 'evidence',
      keep: { allDays: 60, hourlyDays: 90, logDays: 7, goneLogDays: 90, cap: 2_500_000_000, minFree: 10_000_000 },
    });
  });

  it.each([['{}'], ['\uFEFF{}'], ['// nothing yet\n{ }'], ['{ "$schema": "./config.schema.json" }']])(
    '%j says nothing',
    text => expect(parseConfig(text, 'c.json')).toEqual(defaultConfig),
  );
});

const refusals: readonly [string, string, string, string][] = [
  ['a wrong key', '{\n  "igonre": []\n}', 'c.json:2: "igonre" is no known key', 'did you mean "ignore"?'],
  [
    'a key of another world',
    '{ "telemetry": 1 }',
    'c.json:1: "telemetry" is no known key',
    'known here: roots, ignore',
  ],
  ['a wrong type', '{\n\n "ignore": "x" }', 'c.json:3: "ignore" is "x"', 'it must be a list in [ ]'],
  ['a wrong item', '{ "ignore": [\n"a",\n7] }', 'c.json:3: "ignore[1]" is 7', 'it must be a text'],
  ['an empty text', '{ "ignore": [""] }', '"ignore[0]" is empty', 'leave the key out'],
  [
    'a wrong inner key',
    '{ "roots": [{ "path": "x", "nmae": "y" }] }',
    '"roots[0].nmae" is no known key',
    'did you mean "name"?',
  ],
  ['a missing key', '{ "roots": [\n{ "name": "y" }] }', 'c.json:2: "roots[0]" has no "path"', 'add "path"'],
  [
    'a wrong class',
    '{ "classes": [{ "glob": "x", "class": "secrets" }] }',
    '"classes[0].class" is "secrets"',
    'did you mean "secret"?',
  ],
  [
    'another word for transcripts',
    '{ "transcripts": "no" }',
    '"transcripts" is "no"',
    'it must be "keep" or "evidence"',
  ],
  ['no class at all', '{ "classes": [{ "glob": "x", "class": 3 }] }', '"classes[0].class" is 3', 'one of "authored"'],
  [
    'rules as true',
    '{ "rules": { "lost-update": true } }',
    '"rules.lost-update" is true',
    'an object with the options of the rule, or false',
  ],
  [
    'a suppression without a reason',
    '{ "suppress": [\n{ "rule": "index-drift" }] }',
    'c.json:2: "suppress[0]" has no "reason"',
    'add "reason"',
  ],
  [
    'a suppression of no rule',
    '{ "suppress": [{ "reason": "x",\n "rule": "index-drfit" }] }',
    'c.json:2: "suppress[0].rule" is "index-drfit", which is no rule',
    'did you mean "index-drift"?',
  ],
  [
    'a suppression of something else',
    '{ "suppress": [{ "reason": "x", "rule": "zzzzzzzzzzzz" }] }',
    '"suppress[0].rule" is "zzzzzzzzzzzz"',
    'the rules are index-drift, lost-update',
  ],
  ['a misspelled key of it', '{ "suppress": [{ "reson": "x" }] }', '"suppress[0].reson"', 'did you mean "reason"?'],
  [
    'a path that is none',
    '{ "suppress": [{ "path": ["a"], "reason": "x" }] }',
    '"suppress[0].path" is ["a"]',
    'a text',
  ],
  ['a baseline that is a time', '{ "baseline": "2026-11-20" }', '"baseline" is "2026-11-20"', 'true or false'],
  ['no days', '{ "keep": {\n "allDays": 0 } }', 'c.json:2: "keep.allDays" is 0', 'a whole number of days'],
  ['days as text', '{ "keep": { "logDays": "7" } }', '"keep.logDays" is "7"', 'a whole number of days'],
  ['a cap without a unit', '{ "keep": { "cap": 5000000 } }', '"keep.cap" is 5000000', 'a size such as "5 GB"'],
  ['a size of no known unit', '{ "keep": { "minFree": "5 GiB" } }', '"keep.minFree" is "5 GiB"', '"500 MB"'],
  ['a key that nearly is one', '{ "keep": { "capBytes": "5 GB" } }', '"keep.capBytes" is no known key', 'cap'],
  ['a folder of rules that is none', '{ "rulesFolders": [\n 7] }', 'c.json:2: "rulesFolders[0]" is 7', 'a text'],
  ['one folder of rules', '{ "rulesFolders": "x" }', '"rulesFolders" is "x"', 'a list in [ ]'],
  ['notify as text', '{ "notify": "yes" }', '"notify" is "yes"', 'true or false'],
  ['polling as text', '{ "polling": "yes" }', '"polling" is "yes"', 'true or false'],
  [
    'a key twice',
    '{ "ignore": [],\n "ignore": [] }',
    'c.json:2: "ignore" stands here twice',
    'leave one of the two out',
  ],
  ['a list as a whole', '[]', 'c.json:1: the whole file is []', 'an object in { }'],
  ['broken JSON', '{\n "ignore": [\n', 'c.json:', 'JSON'],
  [
    'a missing comma',
    '{ "ignore": []\n "polling": true }',
    'c.json:2: this is no JSON (comma expected)',
    'comments and trailing commas',
  ],
  ['an inherited name', '{ "toString": 1 }', '"toString" is no known key', 'known here'],
];

describe('a configuration is refused for', () => {
  it.each(refusals)('%s', (_, text, message, hint) => {
    const error = caught(() => parseConfig(text, 'c.json', ['lost-update', 'index-drift']));
    expect(error.code).toBe('config');
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});

describe('a configuration that somebody else wrote', () => {
  it.each([
    ['brackets', '['.repeat(100_000)],
    ['members', '{"a":'.repeat(100_000)],
    ['options of a rule', `{ "rules": { "x": ${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)} } }`],
    ['a list of lists', `{ "rules": { "x": { "y": ${'['.repeat(20_000)}${']'.repeat(20_000)} } } }`],
    ['commas', `[${','.repeat(2_000_000)}]`],
    ['blanks', ' '.repeat(5_000_000)],
    ['one long text', JSON.stringify({ ignore: ['x'.repeat(2_000_000)] })],
    ['many errors', '} '.repeat(400_000)],
    ['an open text', `{ "ignore": ["${'x'.repeat(900_000)}`],
    ['NULs', '\0'.repeat(100_000)],
  ])('%s are refused by file and line', (_, text) => {
    const error = caught(() => parseConfig(text, 'c.json'));
    expect([error.code, error.message.slice(0, 8)]).toEqual(['config', 'c.json:1']);
    expect(error.hint).not.toBe('');
    expect(error.message.length).toBeLessThan(300);
  });

  it('is read or refused with a hint, whatever it is', () => {
    const whole = `{
  // where to look
  "roots": [{ "path": "~/notes" }, { "name": "work", "path": "/srv/work" },],
  "ignore": ["**/*.png", "{a,b}/[c]"], /* more */
  "classes": [{ "glob": "plans/**", "class": "authored" }],
  "indexPairs": [{ "index": "skills/_index.md", "files": "skills/*/SKILL.md" }],
  "rules": { "lost-update": { "hours": 72, "__proto__": [1, null, true] }, "lost-section": false },
  "polling": true
}`;
    const scrap = fc.oneof(
      fc.string({ maxLength: 6, unit: 'binary' }),
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        ',',
        ':',
        '//',
        '/*',
        '*/',
        '\\',
        '\0',
        '\ud800',
        '-',
        '1e999',
        '"__proto__":',
      ),
    );
    const edits = fc.array(fc.record({ at: fc.nat(), skip: fc.nat(30), put: scrap }), { minLength: 1, maxLength: 4 });
    const mutated = edits.map(list =>
      list.reduce((text, { at, skip, put }) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + put + text.slice(from + skip);
      }, whole),
    );
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.oneof(mutated, fc.json(), fc.string({ unit: 'binary' })), text => {
        try {
          const config = parseConfig(text, 'c.json');
          expect(Object.keys(config)).toEqual(expect.arrayContaining(Object.keys(defaultConfig)));
          outcomes.read++;
        } catch (error) {
          if (!(error instanceof UndertextError)) throw error;
          expect(error.code).toBe('config');
          expect(error.message).toMatch(/^c\.json:\d+: /);
          expect(error.hint).not.toBe('');
          outcomes.refused++;
        }
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(20);
  });
});

function caught(act: () => unknown): UndertextError {
  try {
    act();
  } catch (error) {
    if (error instanceof UndertextError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
