import { describe, expect, it } from 'vitest';
import { lineMark, lineMarks } from '../../../src/sessions/evidence/line-mark.ts';

describe('lineMark', () => {
  it.each([
    ['blanks at the ends say nothing', '  - one \t', '- one', true],
    ['a carriage return is a blank', '- one\r', '- one', true],
    ['blanks within do', '-  one', '- one', false],
    ['another line', '- two', '- one', false],
  ])('%s', (_, a, b, same) => expect(lineMark(a) === lineMark(b)).toBe(same));

  it('is twelve hex digits, and keeps nothing of the text', () => expect(lineMark('secret')).toMatch(/^[0-9a-f]{12}$/));
});

describe('lineMarks', () => {
  it('leaves blank lines out', () => expect(lineMarks('one\r\n\n  \ntwo')).toEqual([lineMark('one'), lineMark('two')]));
  it('of nothing there are none', () => expect(lineMarks('\n')).toEqual([]));
});
