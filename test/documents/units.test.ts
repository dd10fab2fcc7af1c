/** JSON, records, text and bytes as units; comparing, gathering and finding them. */
import { describe, expect, it } from 'vitest';
import { compareUnits, counterpart, similarity } from '../../src/documents/compare.ts';
import { unifiedDiff } from '../../src/documents/diff.ts';
import { formatOf, parseDocument } from '../../src/documents/document.ts';
import { gather } from '../../src/documents/gather.ts';
import { mergeText } from '../../src/documents/merge.ts';
import { findSection } from '../../src/documents/sections.ts';
import type { Unit } from '../../src/model.ts';

const read = (path: string, text: string) => parseDocument(path, Buffer.from(text));
const told = (units: readonly Unit[]) => units.map(unit => `${unit.kind} ${unit.place} ${unit.name}`);

describe('the format', () => {
  it.each([
    ['CLAUDE.md', 'markdown'],
    ['x.MDX', 'markdown'],
    ['rules/a.mdc', 'markdown'],
    ['settings.json', 'json'],
    ['settings.json.bak', 'json'],
    ['.claude.json.backup.1763', 'json'],
    ['a.jsonc', 'json'],
    ['history.jsonl', 'jsonl'],
    ['hook.sh', 'text'],
    ['Makefile', 'text'],
  ])('of %s is %s', (path, format) => expect(formatOf(path)).toBe(format));
});

describe('the units of JSON', () => {
  it('are members by pointer, elements of sets by value', () => {
    const { units, broken } = read(
      'settings.json',
      '{ // note\n"a/b": 1, "permissions": {"allow": ["x", "y"]}, "hooks": {"Stop": [{"b": 1, "a": 2}]}, "l": [{"k": true}], "e": {}, }',
    );
    expect(broken).toBeNull();
    expect(told(units)).toEqual([
      'block  note',
      'member  a/b',
      'member /permissions/allow permissions.allow: x',
      'member /permissions/allow permissions.allow: y',
      'member /hooks/Stop hooks.Stop: {"b": 1, "a": 2}',
      'member /l/0 l[0].k',
      'member  e',
    ]);
    expect(units.map(unit => unit.text)).toEqual([
      '// note',
      '"a/b": 1',
      '"x"',
      '"y"',
      '{"b": 1, "a": 2}',
      '"k": true',
      '"e": {}',
    ]);
  });

  it.each([
    ['the order of keys', '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}'],
    ['the order of a set', '{"allow":["x","y"]}', '{"allow":["y","x"]}'],
    ['blanks and trailing commas', '{"a":[1,2]}', '{\n  "a": [ 1, 2, ],\n}\n'],
    ['how a comment is marked', '{ // why\n "a":1}', '{\n  /* why */\n  "a": 1\n}\n'],
    ['the order of keys in an element', '{"hooks":{"Stop":[{"a":1,"b":2}]}}', '{"hooks":{"Stop":[{"b":2,"a":1}]}}'],
    ['how a string is escaped', '{"a":"\\u00fc"}', '{"a":"ü"}'],
  ])('ignore %s', (_, one, other) => {
    const change = compareUnits(read('x.json', one).units, read('x.json', other).units);
    expect([change.removed, change.added]).toEqual([[], []]);
  });

  it.each([
    ['{"a": 1', 'invalid JSON in line 1 (CloseBraceExpected)'],
    ['{\n"a": \n}', 'invalid JSON in line 3 (ValueExpected)'],
    ['', 'invalid JSON in line 1 (ValueExpected)'],
    ['['.repeat(300), 'nested deeper than 200 levels'],
  ])('of %j are lines', (text, broken) => {
    const document = read('x.json', text);
    expect(document.broken).toBe(broken);
    expect(document.units.every(unit => unit.kind === 'line')).toBe(true);
  });
});

describe('bytes', () => {
  it.each<[string, readonly number[], string, boolean, string]>([
    ['UTF-8', [0x61, 0xc3, 0xbc], 'utf8', false, 'aü'],
    ['UTF-8 with a byte order mark', [0xef, 0xbb, 0xbf, 0x61], 'utf8', true, 'a'],
    ['UTF-16, little end first', [0xff, 0xfe, 0x61, 0, 0xfc, 0], 'utf16le', true, 'aü'],
    ['UTF-16, big end first', [0xfe, 0xff, 0, 0x61, 0, 0xfc], 'utf16be', true, 'aü'],
    ['a bad byte', [0x61, 0xff], 'bytes', false, 'a\u00ff'],
  ])('%s', (_, bytes, encoding, bom, text) => {
    expect(parseDocument('x.txt', Uint8Array.from(bytes))).toMatchObject({ encoding, bom, text, format: 'text' });
  });

  it('with a NUL are one unit', () => {
    const document = parseDocument('pic/x.md', Uint8Array.of(1, 0, 2));
    expect(document).toMatchObject({ format: 'binary', text: '' });
    expect(told(document.units)).toEqual(['file  x.md']);
    expect(document.units[0]!.fingerprint).not.toBe(
      parseDocument('x.md', Uint8Array.of(1, 0, 3)).units[0]!.fingerprint,
    );
  });

  it('records and lines are what is not blank', () => {
    expect(read('x.jsonl', '{"a":1}\r\n\r\n{"b":2}').units.map(unit => unit.text)).toEqual(['{"a":1}', '{"b":2}']);
    expect(told(read('x.txt', 'a  b\n \n  c \n').units)).toEqual(['line  a b', 'line  c']);
  });
});

describe('comparing', () => {
  it('counts: of two lines that say the same, one was lost', () => {
    const change = compareUnits(read('x.txt', 'a\nb\na\n').units, read('x.txt', 'a\nb\n').units);
    expect(change.removed.map(unit => unit.text)).toEqual(['a']);
    expect(change.added).toEqual([]);
  });

  it('similarity is 1 for equal, 0 for foreign, and in between for edits', () => {
    expect(similarity('one two', 'one two')).toBe(1);
    expect(similarity('one two', 'three four')).toBe(0);
    expect(similarity('', 'x')).toBe(0);
    expect(similarity('the renderer owns the clock', 'the renderer owns the only clock')).toBeGreaterThan(0.6);
    expect(similarity('日本語の文章です', '日本語の文章だ')).toBeGreaterThan(0.6);
  });

  const unit = (text: string, path = 'x.md') => read(path, text).units.at(-1)!;
  it.each<[string, Unit, Unit, boolean]>([
    [
      'an edited line',
      unit('- flush the buffer before close\n'),
      unit('- flush the whole buffer before close\n'),
      true,
    ],
    ['a ticked box', unit('- [ ] write the test\n'), unit('- [x] write the test\n'), true],
    [
      'an index line with a new description',
      unit('- [a](a/SKILL.md) — old words\n'),
      unit('- [a](a/SKILL.md) — quite another text\n'),
      true,
    ],
    [
      'index lines of two skills',
      unit('- [voice-buffer](voice-buffer/SKILL.md) — keeps audio\n'),
      unit('- [citation](citation/SKILL.md) — keeps audio\n'),
      false,
    ],
    [
      'a skill that was renamed',
      unit('- [a](a/SKILL.md) — keeps the last seconds of audio\n'),
      unit('- [b](b/SKILL.md) — keeps the last seconds of audio\n'),
      true,
    ],
    ['a field with another value', unit('---\ntype: user\n---\n'), unit('---\ntype: project\n---\n'), true],
    ['another field', unit('---\ntype: user\n---\n'), unit('---\nkind: user\n---\n'), false],
    ['a key with another value', unit('{"model":"opus"}', 'x.json'), unit('{"model":"sonnet"}', 'x.json'), true],
    ['rules of a set', unit('{"allow":["Bash(ls)"]}', 'x.json'), unit('{"allow":["WebFetch(x)"]}', 'x.json'), false],
    [
      'rules of a set that look alike',
      unit('{"permissions":{"allow":["Bash(npm run test:*)"]}}', 'x.json'),
      unit('{"permissions":{"allow":["Bash(npm run build:*)"]}}', 'x.json'),
      false,
    ],
    [
      'hooks of a set that look alike',
      unit('{"hooks":{"Stop":[{"matcher":"Edit","hooks":[{"type":"command","command":"run-a"}]}]}}', 'x.json'),
      unit('{"hooks":{"Stop":[{"matcher":"Write","hooks":[{"type":"command","command":"run-a"}]}]}}', 'x.json'),
      false,
    ],
    [
      'an element with a name of its own',
      unit('{"hooks":{"Stop":[{"name":"lint","command":"eslint"}]}}', 'x.json'),
      unit('{"hooks":{"Stop":[{"name":"lint","command":"biome check --write"}]}}', 'x.json'),
      true,
    ],
    ['a value of a list', unit('[{}, 1]', 'x.json'), unit('[{}, 2]', 'x.json'), false],
    ['a short item that was extended', unit('- b two\n'), unit('- b two with port 9999 and host beta\n'), true],
    ['a long item that was cut short', unit('- b two with port 9999 and host beta\n'), unit('- b two\n'), false],
    ['words in the midst', unit('- see the wiki first\n'), unit('- see (as ever, if you may) the wiki first\n'), true],
    [
      'words strewn about',
      unit('- see the wiki first\n'),
      unit('- to see what is in the long old wiki go first\n'),
      false,
    ],
    ['one word', unit('- two\n'), unit('- two with port 9999 and host beta\n'), false],
    ['a link that was given words', unit('- [a](a.md)\n'), unit('- [b](b.md) a with port and host and more\n'), false],
    ['another text', unit('one two three four\n'), unit('five six seven eight\n'), false],
  ])('%s', (_, one, other, isCounterpart) => {
    expect(counterpart(one, [other])).toBe(isCounterpart ? other : null);
  });
});

describe('gathering', () => {
  const text = '# T\n\nintro\n\n## A\n\na\n\n### A1\n\n- x\n\n## B\n\nb\n';
  const document = read('x.md', text);
  const lost = (...names: string[]) => document.units.filter(one => names.includes(one.name));
  it.each<[string, readonly Unit[], readonly string[]]>([
    ['a section that is lost whole is one unit', lost('A', 'a', 'A1', 'x'), ['## A\n\na\n\n### A1\n\n- x']],
    ['a section that is lost in part is not', lost('A', 'a', 'x'), ['## A', 'a', '- x']],
    ['a subsection is', lost('a', 'A1', 'x'), ['a', '### A1\n\n- x']],
    ['everything is one', document.units, [text.trimEnd()]],
    ['nothing is nothing', [], []],
  ])('%s', (_, units, texts) => {
    expect(gather(units, document).map(one => one.text)).toEqual(texts);
  });

  const config = read(
    '.claude.json',
    '{"mcpServers":{"a":{"command":"a"},"b":{"command":"b","args":["-y"],"env":{"K":"v"}}},"x": [1, 2],"hooks":{"Stop":[{"name":"lint"},{"n":2}]},"l":[{"k":1,"o":2},{"k":3}]}',
  );
  it.each<[string, RegExp, readonly string[]]>([
    ['an object', /"b"|-y|"K"/, ['/mcpServers mcpServers.b "b":{"command":"b","args":["-y"],"env":{"K":"v"}}']],
    [
      'what is left of an object',
      /-y|"K"/,
      ['/mcpServers/b mcpServers.b.args "args":["-y"]', '/mcpServers/b mcpServers.b.env "env":{"K":"v"}'],
    ],
    ['an array', /^[12]$/, [' x "x": [1, 2]']],
    ['an element', /^2$/, ['/x x: 2 2']],
    ['an element with a name', /lint/, ['/hooks/Stop hooks.Stop: lint {"name":"lint"}']],
    ['an object in an array', /"k":1|"o"/, ['/l l[0] {"k":1,"o":2}']],
    ['a member of one', /"o"/, ['/l/0 l[0].o "o":2']],
  ])('of JSON, %s', (_, isLost, told) => {
    const units = config.units.filter(one => isLost.test(one.text));
    expect(gather(units, config).map(one => `${one.place} ${one.name} ${one.text}`)).toEqual(told);
  });
  it('of JSON that is lost whole: its members', () => {
    expect(gather(config.units, config).map(one => one.name)).toEqual(['mcpServers', 'x', 'hooks', 'l']);
    expect(gather(read('x.json', '[]').units, read('x.json', '[]')).map(one => one.text)).toEqual(['[]']);
  });

  it('lines that were lost together are one paragraph', () => {
    const plain = read('x.txt', 'a\nb\n\nc\nd\n');
    expect(
      gather(
        plain.units.filter(one => one.name !== 'd'),
        plain,
      ).map(one => `${one.kind} ${one.text}`),
    ).toEqual(['paragraph a\nb', 'line c']);
  });
});

describe('finding a section', () => {
  const document = read(
    'x.md',
    '---\nname: n\n---\n# T\n\n## A\n\na\n\n## B\n\n### Why\n\nb\n\n## C\n\n### Why\n\nc\n',
  );
  it.each<[string, readonly string[]]>([
    ['a', ['## A', 'a']],
    ['## A', ['## A', 'a']],
    ['T > B > Why', ['### Why', 'b']],
    ['name', ['name: n']],
    ['b', ['## B', '### Why', 'b']],
  ])('%s', (name, texts) => {
    expect(findSection(document, name)).toMatchObject({ units: texts.map(text => ({ text })), candidates: [] });
  });
  it.each([
    ['a part of a name', '# T\n\n## Style\n\nold\n', 'Styl', ['T > Style', 'T']],
    ['an item', '# Skills\n\n- [pdf](pdf/SKILL.md)\n', 'pdf', ['Skills']],
    ['a heading below another', '# T\n\n## Style\n\nold\n', 'Other > Style', ['T > Style', 'T']],
    ['anything in plain text', 'a\nb\n', 'a', []],
  ])('is not %s', (_, text, name, candidates) => {
    const found = findSection(read('x.md', text), name);
    expect([found.section, found.units]).toEqual([null, []]);
    expect([...found.candidates].sort()).toEqual([...candidates].sort());
  });
  it('asks back when two are called so', () => {
    expect(findSection(document, 'Why')).toMatchObject({
      section: null,
      units: [],
      candidates: ['T > B > Why', 'T > C > Why'],
    });
  });
  it('names what there is, the likeliest first, when none is', () => {
    const { units, candidates } = findSection(document, 'nmae');
    expect(units).toEqual([]);
    expect(candidates).toContain('T > A');
    expect(candidates[0]).toBe('name');
  });
  it('knows JSON by pointer and key', () => {
    const settings = read('x.json', '{"env":{"A":"1","B":"2"},"model":"opus"}');
    expect(findSection(settings, '/env').units.map(unit => unit.name)).toEqual(['env.A', 'env.B']);
    expect(findSection(settings, 'env.B').units.map(unit => unit.text)).toEqual(['"B":"2"']);
    expect(findSection(settings, 'model').units.map(unit => unit.name)).toEqual(['model']);
  });
});

describe('texts', () => {
  it('a diff names both sides and says when the last line has no end', () => {
    expect(unifiedDiff('a\nb\n', 'a\nc', 'x@1', 'x@2')).toBe(
      '--- x@1\n+++ x@2\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n',
    );
    expect(unifiedDiff('a', 'a', 'x', 'y')).toBe('');
  });
  it('a merge takes both when they touch different lines, and says when they do not', () => {
    expect(mergeText('a\nb\nc\nd\n', 'x\na\nb\nc\nd\n', 'a\nb\nc\nd\ny\n')).toEqual({
      text: 'x\na\nb\nc\nd\ny\n',
      conflict: false,
    });
    expect(mergeText('a\n', 'b\n', 'c\n')).toEqual({ text: 'b\n', conflict: true });
    expect(mergeText('a\n', 'b  \n', 'b  \n')).toEqual({ text: 'b  \n', conflict: false });
  });
});
