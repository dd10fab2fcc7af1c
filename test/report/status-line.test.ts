import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type StatusLine, statusLine } from '../../src/report/status-line.ts';
import { makeStyle } from '../../src/report/style.ts';
import { columns } from '../../src/report/width.ts';
import { now, version } from './samples.ts';

const style = makeStyle({ color: false, width: 80 });
const last = version('aaaaaaaaaa', now - 30_000);
const state: StatusLine = { now, files: 812, versions: 37, alive: 3, last, open: 2 };

describe('the line below watch', () => {
  it.each([
    [
      130,
      state,
      '22:00:00 · 2 open · 812 files · 37 versions kept · 3 sessions alive · last change 21:59:30 skills/_index.md',
    ],
    [85, state, '22:00:00 · 2 open · 812 files · 37 versions · 3 sessions · last 21:59:30 …s/_index.md'],
    [79, state, '22:00:00 · 2 open · 37 versions · 3 sessions · last 21:59:30 skills/_index.md'],
    [59, state, '22:00:00 · 2 open · 3 sessions · last 21:59:30 …s/_index.md'],
    [45, state, '22:00:00 · 2 open · last 21:59:30'],
    [20, state, '22:00:00 · 2 open'],
    [
      79,
      { ...state, alive: 0, last: null, open: 0, versions: 0 },
      '22:00:00 · nothing open · 812 files · 0 versions kept',
    ],
  ])('at %i columns', (width, state, text) => expect(statusLine(state, style, width)).toBe(text));

  it('is never wider than the terminal, whatever the file is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.integer({ min: 20, max: 150 }), (path, width) => {
        expect(columns(statusLine({ ...state, last: { ...last, path } }, style, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});
