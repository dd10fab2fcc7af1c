/** The small parts every output is made of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UnitKind } from '../../src/model.ts';
import { bytes, count } from '../../src/report/sizes.ts';
import { makeStyle } from '../../src/report/style.ts';
import { table } from '../../src/report/table.ts';
import { clock, clockFor, duration, iso } from '../../src/report/times.ts';
import { inWords } from '../../src/report/units.ts';
import { visible, visibleBlock } from '../../src/report/visible.ts';
import { columns, cut, wrap } from '../../src/report/width.ts';
import { shortId, writerInWords } from '../../src/report/writers.ts';
import { session, unit } from './samples.ts';

describe('visible', () => {
  it.each([
    ['an escape sequence', '\u001b[31m', '\\x1b[31m'],
    ['its one-byte form', '\u009b31m', '\\x9b31m'],
    ['a bell and a delete', '\u0007\u007f', '\\x07\\x7f'],
    ['a newline, a tab, a return', 'a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['text turned around', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
    ['nothing at all', 'a\u200b\ufeff\u00ad\u2060b\u3164', 'a\\u200b\\ufeff\\xad\\u2060b\\u3164'],
    ['a separator of lines', '\u2028\u2029\u0085', '\\u2028\\u2029\\x85'],
    ['tags nobody sees', '\u{e0041}', '\\u{e0041}'],
    ['a byte that is no UTF-8', 'caf\udce9', 'caf\\xe9'],
    ['half a character', 'a\ud800', 'a\\ud800'],
    ['ordinary text', 'Grüße, 中文, ñ, 👍🏽', 'Grüße, 中文, ñ, 👍🏽'],
    ['an emoji made of several', '👨‍👩‍👧', '👨‍👩‍👧'],
    ['a joiner that joins nothing', 'a\u200db', 'a\\u200db'],
  ])('%s', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
    expect(visible(shown)).toBe(shown);
  });

  it('leaves newlines and tabs in a block, and nothing else', () => {
    expect(visibleBlock('a\n\tb\r\u001b')).toBe('a\n\tb\\r\\x1b');
  });

  it('obeys nothing, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(0xffff)), (text, codes) => {
        const shown = visible(text + String.fromCharCode(...codes));
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
        expect(visible(shown)).toBe(shown);
      }),
    );
  });
});

describe('width', () => {
  it.each([
    ['plain', 5],
    ['Grüße', 5],
    ['e\u0301', 1],
    ['中文', 4],
    ['ｆｕｌｌ', 8],
    ['한국어', 6],
    ['👍🏽', 2],
    ['👨‍👩‍👧', 2],
    ['…—·', 3],
    ['', 0],
  ])('%s takes %i columns', (text, width) => {
    expect(columns(text)).toBe(width);
  });

  it.each([
    ['short', 10, 'short'],
    ['exactly ten', 11, 'exactly ten'],
    ['one too many', 11, 'one too ma…'],
    ['中文中文', 5, '中文…'],
    ['中文中文', 6, '中文…'],
    ['blank behind', 7, 'blank…'],
  ])('%s cut to %i', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
  });

  it.each([
    ['one two three', 7, ['one two', 'three']],
    ['one two three', 8, ['one two', 'three']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['projects/home/memory/notes.md', 16, ['projects/home/', 'memory/notes.md']],
    ['a\nb', 4, ['a', 'b']],
    ['  indented text', 11, ['  indented', 'text']],
    ['', 4, ['']],
  ])('%j wrapped to %i', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  it('no text is lost by wrapping, and no line is too long', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '/', '中', 'é', '-'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 20 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        expect(lines.filter(line => columns(line) > width)).toEqual([]);
      }),
    );
  });
});

describe('table', () => {
  const style = makeStyle({ color: false, width: 70 });
  const rows = [
    ['k7f3qz', '', 'a sentence that is so long that a line of seventy columns cannot hold all of it'],
    ['m2pq8d', 'open', 'short'],
  ];

  it('wraps the widest column first', () => {
    expect(table(['id', 'state', 'what'], rows, style).split('\n')).toEqual([
      'id      state  what',
      'k7f3qz         a sentence that is so long that a line of seventy',
      '               columns cannot hold all of it',
      'm2pq8d  open   short',
    ]);
  });

  it('below 70 columns gives each record a block, without its empty cells', () => {
    expect(table(['id', 'state', 'what'], rows, makeStyle({ color: false, width: 50 })).split('\n')).toEqual([
      'k7f3qz',
      '  what   a sentence that is so long that a line of',
      '         seventy columns cannot hold all of it',
      '',
      'm2pq8d',
      '  state  open',
      '  what   short',
    ]);
  });

  it('lines up wide characters', () => {
    const rows = [
      ['中文', 'x'],
      ['ab', 'y'],
    ];
    expect(table(['id', 'what'], rows, style).split('\n')).toEqual(['id    what', '中文  x', 'ab    y']);
  });

  it('cuts a cell that would fill the screen', () => {
    const lines = table(['id', 'what'], [['a', 'word '.repeat(200).trim()]], style).split('\n');
    expect(lines).toHaveLength(7);
    expect(lines.at(-1)).toMatch(/…$/);
  });

  it('of no rows is its head', () => {
    expect(table(['id', 'what'], [], style)).toBe('id  what');
  });

  it('colours each line of a cell by itself', () => {
    const paint = (text: string) => `<${text}>`;
    const rows = [[{ text: `a sentence ${'that is too long '.repeat(3)} for one line`, paint }, 'x']];
    const lines = table(['what', 'id'], rows, style).split('\n');
    expect(lines[1]).toMatch(/^<a sentence .*>/);
    expect(lines[2]).toMatch(/^<.*line>/);
  });

  it('never gets wider than the terminal', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '/', '中'), maxLength: 80 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
        fc.integer({ min: 40, max: 120 }),
        (rows, width) => {
          const lines = table(['one', 'two', 'three'], rows, makeStyle({ color: false, width })).split('\n');
          expect(lines.filter(line => columns(line) > width)).toEqual([]);
        },
      ),
    );
  });
});

describe('times and sizes', () => {
  const at = Date.parse('2026-11-20T14:02:50.400Z');

  it('today has seconds, another day has a date', () => {
    expect(clock(at, at + 1000)).toBe('14:02:50');
    expect(clock(at, at + 86_400_000)).toBe('2026-11-20 14:02');
    expect(clock(at, at - 86_400_000)).toBe('2026-11-20 14:02');
  });

  it('JSON has ISO times, and a time beyond every calendar does no harm', () => {
    expect(iso(at + 0.25)).toBe('2026-11-20T14:02:50.400Z');
    expect(iso(1e300)).toBe('+275760-09-13T00:00:00.000Z');
    expect(clock(-1e300, at)).toMatch(/^-271821/);
  });

  it('moments that would read the same are told apart', () => {
    const at = Date.parse('2026-11-20T14:02:50.250Z');
    const told = (moments: readonly number[], now = at) => moments.map(clockFor(moments, now));
    expect(told([at, at + 30_000])).toEqual(['14:02:50', '14:03:20']);
    expect(told([at, at + 20])).toEqual(['14:02:50.250', '14:02:50.270']);
    expect(told([at, at])).toEqual(['14:02:50', '14:02:50']);
    expect(told([at, at + 20], at + 86_400_000)).toEqual(['2026-11-20 14:02:50.250', '2026-11-20 14:02:50.270']);
  });

  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1 s'],
    [61_000, '1 min'],
    [7_200_000, '2 h'],
    [200_000_000, '2 d'],
  ])('%i ms is %s', (time, text) => expect(duration(time)).toBe(text));

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [9949, '9.9 KB'],
    [9951, '10 KB'],
    [999_499, '999 KB'],
    [999_500, '1.0 MB'],
    [41_200_000, '41 MB'],
    [5e9, '5.0 GB'],
  ])('%i bytes are %s', (size, text) => expect(bytes(size)).toBe(text));

  it('counts in words', () => {
    expect([count(1, 'entry'), count(2, 'entry'), count(0, 'version')]).toEqual(['1 entry', '2 entries', '0 versions']);
  });
});

describe('in words', () => {
  const named = (kind: UnitKind, ...names: string[]) => names.map(name => unit(kind, name, name));

  it.each([
    [named('list-item', 'a'), 'list item "a"'],
    [named('section', 'A', 'B'), 'sections "A" and "B"'],
    [named('line', 'a', 'b', 'c'), '3 lines'],
    [[...named('section', 'A'), ...named('table-row', 'a', 'b')], '1 section and 2 table rows'],
    [[...named('section', 'A'), ...named('line', 'a'), ...named('field', 'x')], '1 section, 1 line and 1 field'],
    [[], 'nothing'],
  ])('units', (units, text) => expect(inWords(units)).toBe(text));

  it.each([
    ['nobody', null, 'unknown writer'],
    ['proven', session, 'session "feat/citation-tracker"'],
    ['likely', { ...session, certainty: 'likely' } as const, 'likely session "feat/citation-tracker"'],
    ['without a label', { ...session, certainty: 'possible', label: ' ' } as const, 'possibly session 7c1e'],
    ['a sub-agent', { ...session, agent: 'a1' }, 'sub-agent a1 of session "feat/citation-tracker"'],
    ['unknown', { ...session, kind: 'unknown' } as const, 'unknown writer'],
    ['a tool', { ...session, kind: 'tool', label: 'undertext' } as const, 'tool undertext'],
    ['hostile', { ...session, label: 'a\u001b[2J' }, 'session "a\\x1b[2J"'],
  ])('a writer: %s', (_, writer, text) => expect(writerInWords(writer)).toBe(text));

  it('two sessions of one label carry the beginnings of their ids', () => {
    const [one, two] = [
      { ...session, id: '1b7c22aa-0000' },
      { ...session, id: '1b7c9fd0-1111' },
    ];
    const other = { ...session, id: '9999', label: 'another' };
    expect(writerInWords(one, [one, two, other])).toBe('session "feat/citation-tracker" (1b7c2…)');
    expect(writerInWords(other, [one, two, other])).toBe('session "another"');
    expect(writerInWords(one, [one, other, null])).toBe('session "feat/citation-tracker"');
    expect(shortId('1b7c22aa-0000')).toBe('1b7c…');
    expect(shortId('ab', ['abc'])).toBe('ab');
  });
});
