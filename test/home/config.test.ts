import { describe, expect, it } from 'vitest';
import { UndertextError } from '../../src/errors.ts';
import { defaultConfig, parseConfig } from '../../src/home/config.ts';

describe('a configuration', () => {
  it('may hold everything', () => {
    const text = `{
      // where to look
      "roots": [{ "path": "~/notes" }, { "name": "work", "path": "/srv/work" },],
      "ignore": ["**/*.png"],
      "classes": [{ "glob": "plans/**", "class": "authored" }],
      "indexPairs": [{ "index": "skills/_index.md", "files": "skills/*/SKILL.md" }],
      "rules": { "lost-update": { "hours": 72, "deep": { "list": [1, null, true] } }, "lost-section": false },
      "polling": true,
      "keep": { "allDays": 60, "cap": "2.5 GB", "minFree": "10MB" }
    }`;
    expect(parseConfig(text, 'c.json')).toEqual({
      roots: [{ path: '~/notes' }, { name: 'work', path: '/srv/work' }],
      ignore: ['**/*.png'],
      classes: [{ glob: 'plans/**', class: 'authored' }],
      indexPairs: [{ index: 'skills/_index.md', files: 'skills/*/SKILL.md' }],
      rules: { 'lost-update': { hours: 72, deep: { list: [1, null, true] } }, 'lost-section': false },
      polling: true,
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
  ['no class at all', '{ "classes": [{ "glob": "x", "class": 3 }] }', '"classes[0].class" is 3', 'one of "authored"'],
  [
    'rules as true',
    '{ "rules": { "lost-update": true } }',
    '"rules.lost-update" is true',
    'an object with the options of the rule, or false',
  ],
  ['no days', '{ "keep": {\n "allDays": 0 } }', 'c.json:2: "keep.allDays" is 0', 'a whole number of days'],
  ['days as text', '{ "keep": { "logDays": "7" } }', '"keep.logDays" is "7"', 'a whole number of days'],
  ['a cap without a unit', '{ "keep": { "cap": 5000000 } }', '"keep.cap" is 5000000', 'a size such as "5 GB"'],
  ['a size of no known unit', '{ "keep": { "minFree": "5 GiB" } }', '"keep.minFree" is "5 GiB"', '"500 MB"'],
  ['a key that nearly is one', '{ "keep": { "capBytes": "5 GB" } }', '"keep.capBytes" is no known key', 'cap'],
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
    const error = caught(() => parseConfig(text, 'c.json'));
    expect(error.code).toBe('config');
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
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
