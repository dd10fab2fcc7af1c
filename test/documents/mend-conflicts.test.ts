/** What both sides changed is never guessed. */
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../src/documents/document.ts';
import { type Mending, mend } from '../../src/documents/mend.ts';

const told = (
  path: string,
  base: string | null,
  lost: string,
  present: string | Uint8Array,
  choose?: Mending['choose'],
) => {
  const bytes = (text: string | Uint8Array) => (typeof text === 'string' ? Buffer.from(text) : text);
  const asked = parseDocument(path, bytes(lost)).units.filter(
    unit =>
      base === null || !parseDocument(path, bytes(base)).units.some(other => other.fingerprint === unit.fingerprint),
  );
  const mended = mend({
    path,
    base: base === null ? null : bytes(base),
    lost: bytes(lost),
    present: bytes(present),
    fingerprints: asked.map(unit => unit.fingerprint),
    ...(choose && { choose }),
  });
  return {
    text: Buffer.from(mended.bytes).toString('utf8'),
    conflicts: mended.conflicts.map(({ lost: one, present: other }) => [one.text, other.text]),
    removed: mended.removed.map(unit => unit.text),
  };
};

describe('a short text that was extended', () => {
  it.each<[string, string, string, string, string, readonly string[][]]>([
    [
      'a paragraph: one extended paragraph',
      '# T\n\nIntro line.\n\nend\n',
      '# T\n\nIntro line.\nfact 0 here\n\nend\n',
      '# T\n\nIntro line.\n\nend, and more\n',
      '# T\n\nIntro line.\nfact 0 here\n\nend, and more\n',
      [],
    ],
    [
      'an item of one word, between the same neighbours',
      '- one\n- two\n- three\n',
      '- one\n- two with port and host\n- three\n',
      '- zero\n- one\n- two\n- three\n',
      '- zero\n- one\n- two with port and host\n- three\n',
      [],
    ],
    [
      'an item of one word, with new ones on both sides of it',
      '- one\n- two\n- three\n',
      '- one\n- from A\n- two with port and host\n- from B\n- three\n',
      '- zero\n- one\n- two\n- three\n',
      '- zero\n- one\n- from A\n- two with port and host\n- from B\n- three\n',
      [],
    ],
    [
      'an item of one word, among others that were edited, at the end of the file',
      '- one\n- two is here for all of us\n- three\n',
      '- one\n- two is here for all of us now\n- new\n- three with port and host\n- newer\n',
      '- one\n- two is here for all of us\n- three\n- from C\n',
      '- one\n- two is here for all of us now\n- new\n- three with port and host\n- newer\n- from C\n',
      [],
    ],
    [
      'an item of one word that stands between others by now is not known to be the same',
      '- one\n- two\n- three\n- four\n',
      '- one\n- three\n- two with port and host\n- four\n',
      '- zero\n- one\n- two\n- three\n- four\n',
      '- zero\n- one\n- two\n- three\n- four\n',
      [['- two with port and host', '- two']],
    ],
    [
      'an item that was extended on both sides: a conflict',
      '- a one\n- b two\n',
      '- a one\n- b two with port 8123 and host alpha\n',
      '- a one\n- b two with port 9999 and host beta\n- d from C\n',
      '- a one\n- b two with port 9999 and host beta\n- d from C\n',
      [['- b two with port 8123 and host alpha', '- b two with port 9999 and host beta']],
    ],
    [
      'an item that still stands is no former state of a longer one',
      '- a one\n- b two\n',
      '- a one\n- b two\n- b two too\n',
      '- a one\n- b two\n- d from C\n',
      '- a one\n- b two\n- b two too\n- d from C\n',
      [],
    ],
  ])('%s', (_, base, lost, present, text, conflicts) => {
    expect(told('x.md', base, lost, present)).toMatchObject({ text, conflicts });
  });
});

describe('a conflict', () => {
  const base = '# T\n\nThe renderer owns the clock and nobody else does.\n\nend\n';
  const lost = base.replace('nobody else does', 'nobody else does, not the mixer');
  const present = base.replace('nobody else does', 'nobody else ever does');
  const [mine, theirs] = [lost.split('\n')[2]!, present.split('\n')[2]!];

  it.each<[string, Mending['choose'], string, readonly string[][], readonly string[]]>([
    ['nobody chose: nothing is written', undefined, present, [[mine, theirs]], []],
    ['ours: the present text stays', 'ours', present, [], []],
    ['theirs: the lost text takes its place', 'theirs', lost, [], [theirs]],
    ['both: the older first', 'both', base.replace(/The .*\n/, `${mine}\n\n${theirs}\n`), [], []],
  ])('of a paragraph, %s', (_, choose, text, conflicts, removed) => {
    expect(told('x.md', base, lost, present, choose)).toEqual({ text, conflicts, removed });
  });

  it.each<[string, Mending['choose'], string, readonly string[][], readonly string[]]>([
    ['nobody chose', undefined, '{ "model": "haiku" }', [['"model": "sonnet"', '"model": "haiku"']], []],
    ['ours', 'ours', '{ "model": "haiku" }', [], []],
    ['theirs', 'theirs', '{ "model": "sonnet" }', [], ['"model": "haiku"']],
    [
      'both cannot be: a key has one value',
      'both',
      '{ "model": "haiku" }',
      [['"model": "sonnet"', '"model": "haiku"']],
      [],
    ],
  ])('of a setting, %s', (_, choose, text, conflicts, removed) => {
    const result = told('x.json', '{ "model": "opus" }', '{ "model": "sonnet" }', '{ "model": "haiku" }', choose);
    expect(result).toEqual({ text, conflicts, removed });
  });

  it.each<[string, string, string | null, string, string, readonly string[][]]>([
    [
      'a field that both set',
      'm.md',
      '---\na: 1\n---\n',
      '---\na: 1\ntype: user\n---\n',
      '---\na: 1\ntype: project\n---\n',
      [['type: user', 'type: project']],
    ],
    [
      'an index line that both added for one skill',
      '_index.md',
      '# S\n',
      '# S\n\n- [a](a.md) — one\n',
      '# S\n\n- [a](a.md) — two, other words\n',
      [['- [a](a.md) — one', '- [a](a.md) — two, other words']],
    ],
    ['an object where there was a value', 'x.json', '{}', '{"a":{"b":1}}', '{"a":2}', [['"b":1', '"a":2']]],
  ])('is %s', (_, path, one, other, third, conflicts) => {
    expect(told(path, one, other, third)).toEqual({ text: third, conflicts, removed: [] });
  });

  it.each([
    ['a file that became binary', 'x.md', '# T\n', Buffer.of(0, 1)],
    [
      'JSON that was merged by half',
      'x.json',
      '{"a":1}',
      Buffer.from('{\n<<<<<<< one\n"a":1\n=======\n"a":2\n>>>>>>> two\n}\n'),
    ],
    [
      'read otherwise once each byte stands for itself',
      'x.md',
      '---\n\ufeff name: x\n---\n',
      Buffer.from('---\nother: \xff\n---\n', 'latin1'),
    ],
  ])('is %s: the whole of one side has to be taken', (_, path, text, bytes) => {
    expect(told(path, null, text, bytes).conflicts).toHaveLength(1);
    expect(told(path, null, text, bytes).text).toBe(bytes.toString('utf8'));
    expect(told(path, null, text, bytes, 'theirs')).toMatchObject({ text, conflicts: [] });
  });
});

describe('bytes that are not touched', () => {
  it('a bad byte survives, and the line comes back as it was spelled', () => {
    const bad = Buffer.concat([Buffer.from('# T\n\n- ü\n- '), Buffer.of(0xff, 0xc3), Buffer.from('\n')]);
    const lost = Buffer.from('# T\n\n- ü\n- für\n');
    const fingerprints = parseDocument('x.md', lost).units.map(unit => unit.fingerprint);
    const { bytes, conflicts } = mend({ path: 'x.md', base: null, lost, present: bad, fingerprints });
    expect(conflicts).toEqual([]);
    expect(
      Buffer.compare(
        bytes,
        Buffer.concat([Buffer.from('# T\n\n- ü\n- für\n- '), Buffer.of(0xff, 0xc3), Buffer.from('\n')]),
      ),
    ).toBe(0);
  });

  it('UTF-16 stays UTF-16', () => {
    const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
    const lost = Buffer.from('a\nü\nb\n');
    const fingerprints = parseDocument('x.txt', lost).units.map(unit => unit.fingerprint);
    const { bytes } = mend({ path: 'x.txt', base: null, lost, present: utf16('a\r\nb\r\n'), fingerprints });
    expect(Buffer.compare(bytes, utf16('a\r\nü\r\nb\r\n'))).toBe(0);
  });
});
