import { describe, expect, it } from 'vitest';
import type { RawAct } from '../../../src/sessions/act.ts';
import { patched, unpatched } from '../../../src/sessions/contents/patch.ts';
import { edited, unedited } from '../../../src/sessions/contents/replace.ts';
import { differOnlyInStamps } from '../../../src/sessions/contents/stamps.ts';
import { madeFrom, madeOf } from '../../../src/sessions/contents/step.ts';
import { edit, patchOf, without, write } from './acts.ts';

const long = (middle: string) => `${'a\nb\nc\nd\ne\n'}${middle}${'v\nw\nx\ny\nz\n'}`;

describe('a patch', () => {
  it.each([
    ['a line more', 'a\nb\n', 'a\nx\nb\n'],
    ['a line less', 'a\nx\nb\n', 'a\nb\n'],
    ['the last line gets an end', 'a\nb', 'a\nb\n'],
    ['the last line loses its end', 'a\nb\n', 'a\nb'],
    ['appended behind a line without end', 'a\nb', 'a\nb\nc'],
    ['out of nothing', '', 'a\nb\n'],
    ['to nothing', 'a\nb\n', ''],
    ['two places', long('k\n').replace('a', 'A'), long('k\nl\n')],
    ['blank lines', 'a\n\n\nb\n', 'a\n\nb\n\n'],
  ])('leads there and back: %s', (_, before, after) => {
    expect(patched(before, patchOf(before, after))).toBe(after);
    expect(unpatched(after, patchOf(before, after))).toBe(before);
  });

  it.each([
    ['another line stands there', 'a\nB\nc\n'],
    ['it stands a line lower', '\na\nb\nc\n'],
    ['the text is shorter', 'a\nb\n'],
    ['the last line has no end', 'a\nb\nc'],
    ['nothing', ''],
  ])('does not fit: %s', (_, text) => expect(patched(text, patchOf('a\nb\nc\n', 'a\nb\nd\n'))).toBeNull());
});

describe('an edit', () => {
  const one = (old: string, fresh: string, all = false) => [{ old, new: fresh, all }];
  it.each([
    ['one place', 'a b', one('b', 'c'), 'a c'],
    ['signs of patterns are letters', 'a b', one('b', "$& $1 $'"), "a $& $1 $'"],
    ['what goes whole takes the end of its line', 'a\nb\nc\n', one('b', ''), 'a\nc\n'],
    ['unless it brings that itself', 'a\nb\n\nc\n', one('b\n', ''), 'a\n\nc\n'],
    ['or stands within its line', 'a b c\n', one(' b', ''), 'a c\n'],
    ['every place', 'a b a', one('a', 'c', true), 'c b c'],
    ['one after the other', 'a', [...one('a', 'b'), ...one('b', 'c')], 'c'],
    ['a file out of nothing', '', one('', 'a\n'), 'a\n'],
    ['not there: refused', 'a', one('b', 'c'), null],
    ['there twice: refused', 'a a', one('a', 'c'), null],
    ['a file made where one stands: refused', 'x', one('', 'a'), null],
  ])('%s', (_, text, edits, expected) => expect(edited(text, edits)).toBe(expected));

  it.each([
    ['one place', 'a c', one('b', 'c'), 'a b'],
    ['two places it may have been', 'c c', one('b', 'c'), null],
    ['two that overlap', 'ccc', one('b', 'cc'), null],
    ['what is gone may have stood anywhere', 'a', one('b', ''), null],
    ['it would have been refused there', 'b c', one('b', 'c'), null],
  ])('backwards: %s', (_, text, edits, expected) => expect(unedited(text, edits)).toBe(expected));
});

describe('from before to after, and back', () => {
  it.each<[string, RawAct, string, string | null, boolean]>([
    ['patch and replacement agree', edit('a\nb\n', 'b', 'c'), 'a\nb\n', 'a\nc\n', true],
    ['no patch: replaced, unchecked', without(edit('a\nb\n', 'b', 'c'), 'patch'), 'a\nb\n', 'a\nc\n', false],
    ['tabs that are shown as spaces', edit('\ta\n\t\tb\n', 'b', 'c'), '\ta\n\t\tb\n', '\ta\n\t\tc\n', true],
    ['tabs that became spaces: its patch is empty', edit('x\n\ta\n', '\ta', '  a'), 'x\n\ta\n', 'x\n  a\n', false],
    ['another text', edit('a\nb\n', 'b', 'c'), 'A\nb\n', null, false],
    [
      'the patch of another text',
      { ...edit('a\nb\n', 'b', 'c'), patch: patchOf('a\nb\n', 'a\nd\n') },
      'a\nb\n',
      'a\nd\n',
      false,
    ],
  ])('%s', (_, act, before, after, isChecked) => {
    expect(madeOf(act, before)).toEqual(after === null ? null : { text: after, isChecked });
    if (isChecked) expect(madeFrom(act, after!)).toBe(before);
  });

  it('takes the stamp in the front matter from the patch, also where tabs stand below', () => {
    const page = (stamp: string, line: string) => `---\nname: n\nmodified: ${stamp}\n---\n\n\t${line}\n`;
    const [before, after] = [page('1', 'a'), page('2', 'b')];
    const shown = patchOf(before.replace('\t', '  '), after.replace('\t', '  '));
    const stamped = { ...edit(before, 'a\n', 'b\n'), edits: [{ old: '\ta', new: '\tb', all: false }], patch: shown };
    expect(madeOf(stamped, before)).toEqual({ text: after, isChecked: true });
  });

  it('does not guess where tabs stood in what was taken away', () => {
    const away = edit('x\n\ta\n', '\ta', '  a');
    expect(madeFrom({ ...away, edits: [{ old: '\ta', new: '', all: false }] }, 'x\n  a\n')).toBeNull();
  });

  it('goes back from a write only where its patch fits', () => {
    const raw = without(write('a\nb\n', 'a\nc\n'), 'before');
    expect(madeFrom(raw, 'a\nc\n')).toBe('a\nb\n');
    expect(madeFrom({ ...raw, patch: patchOf('x\ny\n', 'x\nz\n') }, 'a\nc\n')).toBeNull();
  });
});

describe('stamps', () => {
  const page = (fields: string, body = 'x\n') => `---\nname: n\n${fields}---\n${body}`;
  it.each([
    ['a later moment', page('modified: 1\n'), page('modified: 2\n'), true],
    ['put in by the client', page(''), page('metadata:\n  node_type: memory\n  originSessionId: 1\n'), true],
    ['another name', page(''), page('').replace('n\n', 'm\n'), false],
    ['another text', page(''), page('', 'y\n'), false],
    ['the same word outside the front matter', page('', 'modified: 1\n'), page('', 'modified: 2\n'), false],
    ['no front matter', 'modified: 1\n', 'modified: 2\n', false],
  ])('%s', (_, a, b, expected) => expect(differOnlyInStamps(a, b)).toBe(expected));
});
