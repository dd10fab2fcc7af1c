import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeName, diskPath, encodeName, placeOf } from '../src/names.ts';

describe('names', () => {
  it('every name survives both ways', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        expect(encodeName(decodeName(bytes))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('a name that is text stays that text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        expect(decodeName(Buffer.from(text, 'utf8'))).toBe(text);
      }),
    );
  });

  it.each([
    ['Latin-1', [0x6e, 0xe4, 0x2e], 'n\udce4.'],
    ['a cut sequence', [0x61, 0xe2, 0x82], 'a\udce2\udc82'],
    ['an overlong slash', [0xc0, 0xaf], '\udcc0\udcaf'],
    ['a surrogate in UTF-8', [0xed, 0xa0, 0x80], '\udced\udca0\udc80'],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80], '\udcf4\udc90\udc80\udc80'],
    ['four bytes', [0xf0, 0x9f, 0x93, 0x9c, 0xff], '📜\udcff'],
  ])('%s', (_, bytes, text) => {
    expect(decodeName(Uint8Array.from(bytes))).toBe(text);
    expect([...encodeName(text)]).toEqual(bytes);
  });

  it('the disk is asked in bytes only where a string cannot say it', () => {
    const root = { name: 'r', path: '/home/me/.claude', beside: ['../.claude.json'] };
    expect(diskPath(root, 'a/b.md')).toBe('/home/me/.claude/a/b.md');
    expect(diskPath(root, '')).toBe('/home/me/.claude');
    expect(diskPath(root, '../.claude.json')).toBe('/home/me/.claude.json');
    expect(diskPath(root, 'n\udce4')).toEqual(Buffer.from('/home/me/.claude/n\xe4', 'latin1'));
  });
});

describe('placeOf', () => {
  it.each([
    ['/home/me/.claude', 'skills/_index.md', '/home/me/.claude/skills/_index.md'],
    ['/home/me/.claude', '../.claude.json', '/home/me/.claude.json'],
    ['/', 'etc/x', '/etc/x'],
    ['/home/me/.claude/', 'x', '/home/me/.claude/x'],
  ])('%s + %s', (path, relative, expected) => {
    expect(placeOf({ name: 'r', path, beside: [] }, relative)).toBe(expected);
  });
});
