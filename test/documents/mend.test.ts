/** Mending as tables that read like stories: what the two grew from, what A had written, what C left on disk, what must stand there. */
import { describe, expect, it } from 'vitest';
import { compareUnits } from '../../src/documents/compare.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { type Mended, type Mending, mend } from '../../src/documents/mend.ts';

type Choose = Mending['choose'];

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const textOf = (mended: Mended): string => Buffer.from(mended.bytes).toString('utf8');

/** Puts back what stands in `lost` and neither in `base` nor in `present`, as an incident would ask for it. */
function mendAll(path: string, base: string | null, lost: string, present: string, choose?: Choose): Mended {
  const units = (text: string) => parseDocument(path, bytes(text)).units;
  const asked = compareUnits(units(lost), base === null ? [] : units(base)).removed;
  return mend({
    path,
    base: base === null ? null : bytes(base),
    lost: bytes(lost),
    present: bytes(present),
    fingerprints: asked.map(unit => unit.fingerprint),
    ...(choose && { choose }),
  });
}

interface Story {
  readonly story: string;
  readonly path: string;
  readonly base: string | null;
  readonly lost: string;
  readonly present: string;
  readonly mended: string;
}

const index = `# Skills

- [animus](animus/SKILL.md) — drives the animation queue
- [zeta-index](zeta-index/SKILL.md) — ranks citations
`;

const memory = `---
name: architecture
description: How the app is put together
metadata:
  type: project
---

# Architecture

One process, three workers.

## Rendering

The renderer owns the clock.

- frames are dropped, never queued
`;

const settings = `{
  // kept by hand
  "model": "opus",
  "permissions": {
    "allow": [
      "Bash(npm test)",
      "Read(src/**)"
    ]
  },
  "env": { "TZ": "UTC" }
}
`;

const voice = '- [voice-buffer](voice-buffer/SKILL.md) — keeps the last seconds of audio';
const citation = '- [citation-tracker](citation-tracker/SKILL.md) — follows citations over time';

const stories: readonly Story[] = [
  {
    story: 'the index: A and C each add a line at the end, C never saw the line of A',
    path: 'skills/_index.md',
    base: index,
    lost: `${index}${voice}\n`,
    present: `${index}${citation}\n`,
    mended: `${index}${voice}\n${citation}\n`,
  },
  {
    story: 'the memory file: A and B each append a section',
    path: 'projects/app/memory/architecture.md',
    base: memory,
    lost: `${memory}\n## Voice buffer invariants\n\nThe buffer is never empty while\nthe microphone is on.\n\n- flush before close\n`,
    present: `${memory}\n## og:double-emit gotcha\n\nThe event fires twice.\n`,
    mended: `${memory}\n## Voice buffer invariants\n\nThe buffer is never empty while\nthe microphone is on.\n\n- flush before close\n\n## og:double-emit gotcha\n\nThe event fires twice.\n`,
  },
  {
    story: 'A added an item in the middle, C one at the top',
    path: 'MEMORY.md',
    base: '- one\n- two\n- three\n',
    lost: '- one\n- two\n- two and a half\n- three\n',
    present: '- zero\n- one\n- two\n- three\n',
    mended: '- zero\n- one\n- two\n- two and a half\n- three\n',
  },
  {
    story: 'the item before it is gone: it goes before the one that follows',
    path: 'MEMORY.md',
    base: '- one\n- two\n',
    lost: '- one\n- lost\n- two\n',
    present: '- two\n- new\n',
    mended: '- lost\n- two\n- new\n',
  },
  {
    story: 'a nested item goes back below its parent, before what was added there since',
    path: 'notes.md',
    base: '- one\n  - a\n- two\n',
    lost: '- one\n  - a\n  - b\n- two\n',
    present: '- one\n  - a\n  - c\n- two\n',
    mended: '- one\n  - a\n  - b\n  - c\n- two\n',
  },
  {
    story: 'the list has other markers and another indentation by now',
    path: 'notes.md',
    base: '- one\n  - a\n',
    lost: '- one\n  - a\n  - b\n- two\n',
    present: '* one\n    * a\n',
    mended: '* one\n    * a\n    * b\n* two\n',
  },
  {
    story: 'a loose list stays loose',
    path: 'notes.md',
    base: '- one\n\n- two\n',
    lost: '- one\n\n- two\n\n- three\n',
    present: '- one\n\n- two\n\n- four\n',
    mended: '- one\n\n- two\n\n- three\n\n- four\n',
  },
  {
    story: 'a section in the middle goes back between its neighbours, with what stands under it',
    path: 'notes.md',
    base: '# T\n\n## A\n\na\n\n## C\n\nc\n',
    lost: '# T\n\n## A\n\na\n\n## B\n\nb\n\n### B1\n\n- x\n- y\n\n## C\n\nc\n',
    present: '# T\n\n## A\n\na\n\nmore a\n\n## C\n\nc, longer\n',
    mended: '# T\n\n## A\n\na\n\nmore a\n\n## B\n\nb\n\n### B1\n\n- x\n- y\n\n## C\n\nc, longer\n',
  },
  {
    story: 'a section does not swallow what was added above it',
    path: 'notes.md',
    base: '# T\n\nintro\n',
    lost: '# T\n\nintro\n\n## A\n\na\n',
    present: '# T\n\nintro\n\nmore intro\n\n## B\n\nb\n',
    mended: '# T\n\nintro\n\nmore intro\n\n## A\n\na\n\n## B\n\nb\n',
  },
  {
    story: 'the heading is still there: its blocks go under it',
    path: 'notes.md',
    base: '# T\n\n## A\n\n## B\n',
    lost: '# T\n\n## A\n\nfirst\n\nsecond\n\n## B\n',
    present: '# T\n\n## A\n\n## B\n\nb\n',
    mended: '# T\n\n## A\n\nfirst\n\nsecond\n\n## B\n\nb\n',
  },
  {
    story: 'a heading comes back between two lists that became one without it',
    path: 'notes.md',
    base: null,
    lost: '# T\n\n- a\n- b\n\n## B\n\n- c\n- d\n',
    present: '# T\n\n- a\n- b\n\n- c\n- d\n- new\n',
    mended: '# T\n\n- a\n- b\n\n## B\n\n- c\n- d\n- new\n',
  },
  {
    story: 'two sections in a row come back together',
    path: 'notes.md',
    base: '# T\n\n## A\n\na\n',
    lost: '# T\n\n## A\n\na\n\n## B\n\nb\n\n## C\n\nc\n',
    present: '# T\n\n## A\n\na\n\n## D\n\nd\n',
    mended: '# T\n\n## A\n\na\n\n## B\n\nb\n\n## C\n\nc\n\n## D\n\nd\n',
  },
  {
    story: 'an item comes back above what was nested in it',
    path: 'notes.md',
    base: null,
    lost: '- a\n- b\n  - b1\n- c\n',
    present: '- a\n  - b1\n- c\n',
    mended: '- a\n- b\n  - b1\n- c\n',
  },
  {
    story: 'only the heading is lost: it goes above what stood under it',
    path: 'notes.md',
    base: null,
    lost: '# T\n\n## A\n\nfirst paragraph of A\n',
    present: '# T\n\nfirst paragraph of A\n',
    mended: '# T\n\n## A\n\nfirst paragraph of A\n',
  },
  {
    story: 'the same short line below another heading is another line',
    path: 'notes.md',
    base: '# T\n',
    lost: '# T\n\n## A\n\n- none\n',
    present: '# T\n\n## B\n\n- none\n',
    mended: '# T\n\n## A\n\n- none\n\n## B\n\n- none\n',
  },
  {
    story: 'a paragraph that A had edited gets its edit back where it still stands as it was',
    path: 'notes.md',
    base: '# T\n\nThe renderer owns the clock and nobody else does.\n\nend\n',
    lost: '# T\n\nThe renderer owns the clock and nobody else does, not even the mixer.\n\nend\n',
    present: '# T\n\nThe renderer owns the clock and nobody else does.\n\nend\n\nnew\n',
    mended: '# T\n\nThe renderer owns the clock and nobody else does, not even the mixer.\n\nend\n\nnew\n',
  },
  {
    story: 'a table row goes back behind its neighbour',
    path: 'notes.md',
    base: '| a | b |\n|---|---|\n| 1 | 2 |\n',
    lost: '| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\ntail\n',
    present: '| a | b |\n|---|---|\n| 1 | 2 |\n| 5 | 6 |\n\ntail\n',
    mended: '| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n| 5 | 6 |\n\ntail\n',
  },
  {
    story: 'a frontmatter field goes back among the fields',
    path: 'memory/x.md',
    base: '---\nname: x\ndescription: y\n---\n\ntext\n',
    lost: '---\nname: x\ntype: user\ndescription: y\n---\n\ntext\n',
    present: '---\nname: x # called so\ndescription: y\nlicense: MIT\n---\n\ntext, longer\n',
    mended: '---\nname: x # called so\ntype: user\ndescription: y\nlicense: MIT\n---\n\ntext, longer\n',
  },
  {
    story: 'a nested frontmatter field brings its parent when that is gone',
    path: 'memory/x.md',
    base: '---\nname: x\n---\n',
    lost: '---\nname: x\nmetadata:\n  type: user\n---\n',
    present: '---\nname: x\nlicense: MIT\n---\n',
    mended: '---\nname: x\nlicense: MIT\nmetadata:\n  type: user\n---\n',
  },
  {
    story: 'the frontmatter is gone altogether',
    path: 'memory/x.md',
    base: 'text\n',
    lost: '---\nname: x\nkind: note\n---\n\ntext\n',
    present: 'text, longer\n',
    mended: '---\nname: x\nkind: note\n---\n\ntext, longer\n',
  },
  {
    story: 'a fence with headings and blank lines in it is one block',
    path: 'notes.md',
    base: '# T\n\na\n',
    lost: '# T\n\na\n\n```sh\n# no heading\n\nls\n```\n',
    present: '# T\n\na\n\nb\n',
    mended: '# T\n\na\n\n```sh\n# no heading\n\nls\n```\n\nb\n',
  },
  {
    story: 'an unclosed fence at the end of the file swallows nothing that comes back',
    path: 'notes.md',
    base: '# T\n\na\n',
    lost: '# T\n\na\n\n## Lost\n\nl\n',
    present: '# T\n\na\n\n## New\n\n```\nopen\n',
    mended: '# T\n\na\n\n## Lost\n\nl\n\n## New\n\n```\nopen\n',
  },
  {
    story: 'the file was emptied: all that was wanted comes back',
    path: 'notes.md',
    base: '',
    lost: '# T\n\n- one\n',
    present: '',
    mended: '# T\n\n- one\n',
  },
  {
    story: 'settings: a rule of A goes back into the set behind its neighbour',
    path: 'settings.json',
    base: settings,
    lost: settings.replace('"Bash(npm test)",', '"Bash(npm test)",\n      "WebFetch(domain:example.org)",'),
    present: settings.replace('"Read(src/**)"', '"Read(src/**)",\n      "Bash(git log)"'),
    mended: settings
      .replace('"Bash(npm test)",', '"Bash(npm test)",\n      "WebFetch(domain:example.org)",')
      .replace('"Read(src/**)"', '"Read(src/**)",\n      "Bash(git log)"'),
  },
  {
    story: 'settings: both appended to one set',
    path: 'settings.json',
    base: '{"permissions":{"allow":["a"]}}',
    lost: '{"permissions":{"allow":["a","lost"]}}',
    present: '{"permissions": {"allow": ["a", "new"]}}\n',
    mended: '{"permissions": {"allow": ["a", "lost", "new"]}}\n',
  },
  {
    story: 'settings: a whole server comes back as it was spelled, number and all',
    path: '.mcp.json',
    base: '{\n  "mcpServers": {\n    "one": { "command": "one" }\n  }\n}\n',
    lost: '{\n  "mcpServers": {\n    "one": { "command": "one" },\n    "two": {\n      "command": "two", // note\n      "id": 12345678901234567890\n    }\n  }\n}\n',
    present: '{\n\t"mcpServers": {\n\t\t"one": { "command": "one" }, // first\n\t\t"new": {}\n\t}\n}\n',
    mended:
      '{\n\t"mcpServers": {\n\t\t"one": { "command": "one" }, // first\n\t\t"two": {\n\t\t\t"command": "two", // note\n\t\t\t"id": 12345678901234567890\n\t\t},\n\t\t"new": {}\n\t}\n}\n',
  },
  {
    story: 'settings: the last member has a comment and no comma',
    path: 'settings.json',
    base: '{\n  "a": 1\n}\n',
    lost: '{\n  "a": 1,\n  "b": 2\n}\n',
    present: '{\n  "a": 1 // one\n}\n',
    mended: '{\n  "a": 1, // one\n  "b": 2\n}\n',
  },
  {
    story: 'settings: a key went back to an older value',
    path: 'settings.json',
    base: '{ "model": "opus", "theme": "dark" }',
    lost: '{ "model": "sonnet", "theme": "dark" }',
    present: '{ "model": "opus", "theme": "dark", "vim": true }',
    mended: '{ "model": "sonnet", "theme": "dark", "vim": true }',
  },
  {
    story: 'settings: an empty object takes a member',
    path: 'settings.json',
    base: '{}',
    lost: '{\n  "env": {\n    "A": "1"\n  }\n}\n',
    present: '{}\n',
    mended: '{\n  "env": {\n    "A": "1"\n  }\n}\n',
  },
  {
    story: 'a log gets its record back where it stood',
    path: 'history.jsonl',
    base: '{"n":1}\n',
    lost: '{"n":0}\n{"n":1}\n{"n":2}\n{"n":3}\n',
    present: '{"n":1}\n{"n":4}\n',
    mended: '{"n":0}\n{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n',
  },
  {
    story: 'plain lines: both appended',
    path: 'todo.txt',
    base: 'one\ntwo\n',
    lost: 'one\ntwo\nlost\n',
    present: 'one\ntwo\nnew\n',
    mended: 'one\ntwo\nlost\nnew\n',
  },
  {
    story: 'plain paragraphs: one paragraph grew on both sides in different lines',
    path: 'todo.txt',
    base: 'a\nb\nc\nd\ne\n\nend\n',
    lost: 'a\nb\nc\nd\ne\n\nend\n\nlost\n',
    present: 'new\n\na\nb\nc\nd\ne\n\nend\n',
    mended: 'new\n\na\nb\nc\nd\ne\n\nend\n\nlost\n',
  },
  {
    story: 'plain text: lines on one side, paragraphs on the other',
    path: 'todo.txt',
    base: 'one\ntwo\n',
    lost: 'one\ntwo\nthree\n',
    present: 'one\ntwo\n\nmore\n',
    mended: 'one\ntwo\nthree\n\nmore\n',
  },
];

describe('mending', () => {
  it.each(stories)('$story', ({ path, base, lost, present, mended }) => {
    const result = mendAll(path, base, lost, present);
    expect(result.conflicts).toEqual([]);
    expect(textOf(result)).toBe(mended);
    expect(result.restored.length).toBeGreaterThan(0);
  });

  it.each(stories)('a second time changes nothing: $story', ({ path, base, lost, mended }) => {
    const again = mendAll(path, base, lost, mended);
    expect(again.restored).toEqual([]);
    expect(again.conflicts).toEqual([]);
    expect(textOf(again)).toBe(mended);
  });

  const dressings: readonly [string, (text: string) => string][] = [
    ['CRLF', text => text.replaceAll('\n', '\r\n')],
    ['a byte order mark', text => `\ufeff${text}`],
    ['no final newline', text => text.replace(/\n+$/, '')],
    [
      'tabs',
      text => (text.startsWith('---') ? text : text.replace(/^(?: {2})+/gm, blanks => '\t'.repeat(blanks.length / 2))),
    ],
    ['CR alone', text => text.replaceAll('\n', '\r')],
    ['trailing blanks', text => text.replace(/([a-z])\n/g, '$1  \n')],
  ];
  describe.each(dressings)('the present file with %s', (_, dress) => {
    it.each(stories.filter(one => one.present !== ''))('$story', ({ path, base, lost, present }) => {
      const dressed = dress(present);
      const result = mendAll(path, base, lost, dressed);
      expect(result.conflicts).toEqual([]);
      const text = textOf(result);
      expect(text.startsWith('\ufeff')).toBe(dressed.startsWith('\ufeff'));
      expect(/[\r\n]$/.test(text)).toBe(/[\r\n]$/.test(dressed));
      if (dressed.includes('\r\n')) expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      else if (!dressed.includes('\r')) expect(text).not.toContain('\r');
      if (result.removed.length === 0) expect(isWithin(dressed, text)).toBe(true);
      const has = new Set(parseDocument(path, result.bytes).units.map(unit => unit.fingerprint));
      for (const unit of result.restored) expect(has).toContain(unit.fingerprint);
    });
  });
});

/** Whether `long` is `short` with text put in between. */
function isWithin(short: string, long: string): boolean {
  let at = 0;
  for (const char of long) if (char === short[at]) at++;
  return at === short.length;
}

describe('a JSON file that is one line stays one, with the blanks it has', () => {
  it.each<[string, string, string, string]>([
    [
      'none',
      '{"a":1}',
      '{"a":1,"b":[1, 2,3], "x":{"q":1},"y":2}',
      '{"a":1,"z":0}|{"a":1,"b":[1,2,3],"x":{"q":1},"y":2,"z":0}',
    ],
    [
      'one behind each sign',
      '{"a": 1}',
      '{"a":1,"b":[1,2],"x":{"q":1}}',
      '{"a": 1, "z": [0, 1]}|{"a": 1, "b": [1, 2], "x": {"q": 1}, "z": [0, 1]}',
    ],
    [
      'inside the brackets too',
      '{ "a": 1 }',
      '{\n  "a": 1,\n  "b": [\n    1\n  ],\n  "e": {}\n}',
      '{ "a": 1, "z": 0 }|{ "a": 1, "b": [ 1 ], "e": {}, "z": 0 }',
    ],
    [
      'none, and the lost file was tall',
      '{"a":1}',
      '{\n  "a": 1,\n  "b": {\n    "c": "x: [y, z]"\n  }\n}\n',
      '{"a":1,"z":0}|{"a":1,"b":{"c":"x: [y, z]"},"z":0}',
    ],
    [
      'none, into an empty array',
      '{"s":[],"a":1}',
      '{\n  "s": [\n    "x"\n  ],\n  "a": 1\n}\n',
      '{"s":[],"a":2}|{"s":["x"],"a":2}',
    ],
  ])('%s', (_, base, lost, sides) => {
    const [present, mended] = sides.split('|') as [string, string];
    expect(textOf(mendAll('x.json', base, lost, present))).toBe(mended);
  });
});

it('a list of JSON that is gone comes back whole, also when one of its elements was not asked for', () => {
  const lost = '{"b":{"command":"b","args":["-y","b-mcp"]}}';
  const asked = parseDocument('x.json', bytes(lost)).units.filter(unit => unit.text !== '"-y"');
  const fingerprints = asked.map(unit => unit.fingerprint);
  const mended = mend({
    path: 'x.json',
    base: bytes('{}'),
    lost: bytes(lost),
    present: bytes('{"c":1}'),
    fingerprints,
  });
  expect(textOf(mended)).toBe('{"c":1,"b":{"command":"b","args":["-y","b-mcp"]}}');
  expect(mended.restored).toHaveLength(3);
});
