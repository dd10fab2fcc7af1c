/** Members of settings come back where they stood, in the file's own hand. */
import { describe, expect, it } from 'vitest';
import { compareUnits } from '../../src/documents/compare.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { mend } from '../../src/documents/mend.ts';

const told = (base: string, lost: string, present: string, path = 'settings.json') => {
  const units = (text: string) => parseDocument(path, Buffer.from(text)).units;
  const fingerprints = compareUnits(units(lost), units(base)).removed.map(unit => unit.fingerprint);
  const mending = { path, base: Buffer.from(base), lost: Buffer.from(lost), fingerprints };
  const mended = mend({ ...mending, present: Buffer.from(present) });
  const again = mend({ ...mending, present: mended.bytes });
  expect(Buffer.compare(again.bytes, mended.bytes), 'twice is once').toBe(0);
  return { text: Buffer.from(mended.bytes).toString('utf8'), conflicts: mended.conflicts.length };
};

const hook = (command: string, more: object = {}) => ({ type: 'command', command, ...more });
const hooks = (...entries: readonly object[]) => ({ hooks: { PreToolUse: entries } });
const entry = (matcher: string, ...all: readonly object[]) => ({ matcher, hooks: all });
const print = (value: object) => `${JSON.stringify(value, null, 2)}\n`;

describe('hooks', () => {
  it.each<[string, object, object, object, object]>([
    [
      'two writers added one each to the same matcher',
      hooks(entry('Bash', hook('a'))),
      hooks(entry('Bash', hook('a'), hook('mine'))),
      hooks(entry('Bash', hook('a'), hook('theirs'))),
      hooks(entry('Bash', hook('a'), hook('mine'), hook('theirs'))),
    ],
    [
      'its matcher is gone: it comes back with it, and with nothing else',
      hooks(entry('Bash', hook('a'))),
      hooks(entry('Bash', hook('a'), hook('mine')), entry('Edit', hook('x'))),
      hooks(entry('Write', hook('y'))),
      hooks(entry('Write', hook('y')), entry('Bash', hook('mine')), entry('Edit', hook('x'))),
    ],
    [
      'all hooks are gone',
      { model: 'x' },
      { model: 'x', ...hooks(entry('Bash', hook('a'))) },
      { model: 'x', theme: 'dark' },
      { model: 'x', ...hooks(entry('Bash', hook('a'))), theme: 'dark' },
    ],
    [
      'no matcher, an empty one and a star are one',
      { hooks: { Stop: [{ hooks: [hook('a')] }] } },
      { hooks: { Stop: [{ hooks: [hook('a'), hook('mine')] }] } },
      { hooks: { Stop: [{ matcher: '', hooks: [hook('a'), hook('theirs')] }] } },
      { hooks: { Stop: [{ matcher: '', hooks: [hook('a'), hook('mine'), hook('theirs')] }] } },
    ],
    [
      'one that was changed takes the place of what it was',
      hooks(entry('Bash', hook('a'), hook('b'))),
      hooks(entry('Bash', hook('a', { timeout: 5 }), hook('b'))),
      hooks(entry('Bash', hook('a'), hook('b'), hook('theirs'))),
      hooks(entry('Bash', hook('a', { timeout: 5 }), hook('b'), hook('theirs'))),
    ],
    [
      'the same command twice, with other arguments, is two',
      hooks(entry('Bash', hook('a', { timeout: 5 }))),
      hooks(entry('Bash', hook('a', { timeout: 5 }), hook('a', { timeout: 9 }))),
      hooks(entry('Bash', hook('a', { timeout: 5 }))),
      hooks(entry('Bash', hook('a', { timeout: 5 }), hook('a', { timeout: 9 }))),
    ],
  ])('%s', (_, base, lost, present, after) => {
    const { text, conflicts } = told(print(base), print(lost), print(present));
    expect([JSON.parse(text), conflicts]).toEqual([after, 0]);
  });

  it("one that both changed is a person's to choose", () => {
    const [base, lost, present] = [1, 2, 3].map(timeout => print(hooks(entry('Bash', hook('a', { timeout }))))) as [
      string,
      string,
      string,
    ];
    expect(told(base, lost, present)).toEqual({ text: present, conflicts: 1 });
  });
});

describe('a member', () => {
  it.each<[string, string, string, string, string]>([
    [
      'went back to its older value: the newer one is taken without asking',
      '{ "model": "opus", "n": 1 }',
      '{ "model": "sonnet", "n": 1 }',
      '{ "model": "opus", "n": 1, "m": 2 }',
      '{ "model": "sonnet", "n": 1, "m": 2 }',
    ],
    [
      'of an object that is gone',
      '{\n  "a": 1\n}\n',
      '{\n  "a": 1,\n  "env": {\n    "X": { "y": 1 }\n  }\n}\n',
      '{\n  "a": 1,\n  "b": 2\n}\n',
      '{\n  "a": 1,\n  "env": {\n    "X": { "y": 1 }\n  },\n  "b": 2\n}\n',
    ],
    [
      'into tabs',
      '{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n',
      '{\n\t"a": {\n\t\t"b": 1,\n\t\t"c": {\n\t\t\t"d": 2\n\t\t}\n\t}\n}\n',
      '{\n\t"a": {\n\t\t"b": 1,\n\t\t"e": 3\n\t}\n}\n',
      '{\n\t"a": {\n\t\t"b": 1,\n\t\t"c": {\n\t\t\t"d": 2\n\t\t},\n\t\t"e": 3\n\t}\n}\n',
    ],
    [
      'of a file with two blanks into one with four',
      '{\n  "a": 1\n}\n',
      '{\n  "a": 1,\n  "env": {\n    "X": 1\n  }\n}\n',
      '{\n    "a": 1,\n    "b": 2\n}\n',
      '{\n    "a": 1,\n    "env": {\n        "X": 1\n    },\n    "b": 2\n}\n',
    ],
    [
      'into one line',
      '{"a":1}',
      '{\n  "a": 1,\n  "b": [ 1, 2 ]\n}\n',
      '{"a":1,"c":{"d":2}}',
      '{"a":1,"b":[1,2],"c":{"d":2}}',
    ],
    [
      'behind a trailing comma and a comment',
      '{\n  "a": 1, // one\n}\n',
      '{\n  "a": 1,\n  "b": 2\n}\n',
      '{\n  "a": 1, // one\n  // end\n}\n',
      '{\n  "a": 1, // one\n  "b": 2,\n  // end\n}\n',
    ],
    [
      'of the permissions, beside those that are newer',
      '{"permissions":{"allow":["a","b"]}}',
      '{"permissions":{"allow":["a","mine","b"],"deny":["x"]}}',
      '{"permissions":{"allow":["a","b","theirs"]}}',
      '{"permissions":{"allow":["a","mine","b","theirs"],"deny":["x"]}}',
    ],
  ])('%s', (_, base, lost, present, text) => {
    expect(told(base, lost, present)).toEqual({ text, conflicts: 0 });
  });
});
