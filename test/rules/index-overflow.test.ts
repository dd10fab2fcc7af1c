import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import indexDrift from '../../rules/index-drift.ts';
import { cutOf } from '../../rules/index-overflow/cut.ts';
import indexOverflow from '../../rules/index-overflow.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, noon } from '../helpers/stories.ts';

/** `[seconds, path, text]`; a text of null is a deletion; seconds below 0: a first scan found it so. */
type Line = readonly [seconds: number, path: string, text: string | null];
const index = 'projects/x/memory/MEMORY.md';
const entry = (n: number) => `- [note ${n}](note-${n}.md) — what it is about\n`;
const entries = (count: number, from = 1) => Array.from({ length: count }, (_, i) => entry(from + i)).join('');
const wide = (n: number) => `- [note ${n}](note-${n}.md) — ${'words '.repeat(60)}\n`;
const fields = `---\n${'field: x\n'.repeat(40)}---\n`;
const comment = `<!--\n${'what this file is for\n'.repeat(40)}-->\n`;

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'a line too many',
    [
      [0, index, entries(200)],
      [60, index, entries(201)],
    ],
    ['likely medium: note 201'],
  ],
  ['found so', [[-1, index, entries(202)]], ['likely medium: note 201, note 202']],
  [
    'bytes, before the lines are full',
    [[-1, index, Array.from({ length: 66 }, (_, i) => wide(i)).join('')]],
    ['likely medium: note 64, note 65'],
  ],
  [
    'letters of two bytes',
    [[-1, index, `${'ж'.repeat(12_000)}\n\n${entries(25)}`]],
    ['likely medium: note 23, note 24, note 25'],
  ],
  [
    'a heading and its entries',
    [[-1, index, `${entries(199)}\n## Old\n\n${entries(1, 300)}`]],
    ['likely medium: note 300'],
  ],
  [
    'rows of a table',
    [[-1, index, `| a | b |\n|---|---|\n${'| x | y |\n'.repeat(198)}| z | y |\n`]],
    ['likely medium: z'],
  ],
  ['prose', [[-1, index, `${'one\n'.repeat(200)}\ntwo words\n`]], ['likely medium: two words']],
  ['the memory of an agent', [[-1, 'agent-memory/reviewer/MEMORY.md', entries(201)]], ['likely medium: note 201']],
  [
    'line ends of Windows',
    [[-1, index, `${fields}${entries(201)}`.replaceAll('\n', '\r\n')]],
    ['likely medium: note 201'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  ['full, and no more', [[-1, index, entries(200)]]],
  ['fields are not counted', [[-1, index, fields + entries(200)]]],
  ['comments are not counted', [[-1, index, `${entries(100)}\n${comment}${entries(99, 101)}`]]],
  ['comments at the end', [[-1, index, `${entries(200)}\n${comment}\n`]]],
  ['blank lines at the ends', [[-1, index, `\n\n\n${entries(200)}\n\n\n`]]],
  [
    'it was shortened',
    [
      [0, index, entries(250)],
      [60, index, entries(120)],
    ],
  ],
  [
    'it is gone',
    [
      [0, index, entries(250)],
      [60, index, null],
    ],
  ],
  ['another file', [[-1, 'projects/x/memory/note-1.md', entries(300)]]],
  ['notes of that name elsewhere', [[-1, 'MEMORY.md', entries(300)]]],
];

testRule({
  rule: indexOverflow,
  told,
  caught,
  quiet,
  mutants: [
    ['one line more', 'counted > lines', 'counted > lines + 1'],
    ['bytes are not looked at', '|| size > bytes', ''],
    ['letters are counted', 'encoder.encode(text).length', 'text.length'],
    ['comments are text', 'if (comment > at) {', 'if (false) {'],
    ['fields are text', 'let at = bodyStart(text);', 'let at = 0;'],
    ['everything falls off', 'unit.start >= cut', 'unit.start >= 0'],
    ['blank lines at the start', 'if (hasText || !isBlank)', 'if (true)'],
  ],
});

describe('index-overflow', () => {
  it('is told at the write that crossed the line, and is the same incident while it stays over', async () => {
    const lines: readonly Line[] = [
      [0, index, entries(190)],
      [60, index, entries(203)],
    ];
    const first = await audit(told(lines), [indexOverflow]);
    const more = told([...lines, [120, index, entries(230)], [180, index, entries(205, 7)]]);
    const later = await audit(more, [indexOverflow], { notes: first.notes });
    expect(later.incidents.map(({ id, cause }) => [id, cause?.at])).toEqual([[first.incidents[0]!.id, noon + 60_000]]);
    expect(later.notes).toEqual([]);
  });

  it('is over when it is shortened, and another one when it grows again', async () => {
    const lines: Line[] = [[0, index, entries(203)]];
    const first = await audit(told(lines), [indexOverflow]);
    lines.push([60, index, entries(90)]);
    const second = await audit(told(lines), [indexOverflow], { notes: first.notes });
    expect(second.incidents.map(({ state, closed }) => [state, closed])).toEqual([
      ['resolved', 'it is in order again'],
    ]);
    lines.push([120, index, entries(240)]);
    const notes = [...first.notes, ...second.notes];
    const third = await audit(told(lines), [indexOverflow], { notes });
    expect(third.incidents.map(({ state }) => state).sort()).toEqual(['open', 'resolved']);
  });

  it('is an incident of its own, whatever else is wrong with its lines', async () => {
    const steps = told([
      [-1, 'projects/x/memory/note-1.md', 'x'],
      [-1, index, entries(201)],
    ]);
    const { incidents } = await audit(steps, [indexOverflow, indexDrift]);
    expect(incidents.map(({ findings }) => findings.map(({ rule }) => rule)).sort()).toEqual([
      ['index-drift'],
      ['index-overflow'],
    ]);
  });

  it('counts as it is told to', async () => {
    const options = { 'index-overflow': { files: ['docs/INDEX.md'], lines: 3 } };
    const { incidents } = await audit(
      told([[0, 'docs/INDEX.md', `${'words '.repeat(50)}\n\n${entries(3)}`]]),
      [indexOverflow],
      {
        options,
      },
    );
    expect(incidents.map(({ units }) => units.map(({ name }) => name))).toEqual([['note 2', 'note 3']]);
  });

  it('loads what fits, whatever the text', () => {
    const text = fc.stringMatching(/^(?:---\n|- x\n|\n|<!-- a -->\n|<!--|-->|ж|\r\n|key: a\n)*$/, { maxLength: 200 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 60 }), (all, lines, bytes) => {
        const cut = cutOf(all, { lines, bytes });
        if (cut === null) return true;
        // What is above the cut is loaded whole, and something is below.
        return cutOf(all.slice(0, cut), { lines, bytes }) === null && all.slice(cut).trim() !== '';
      }),
    );
  });
});

function told(lines: readonly Line[]): readonly Step[] {
  return lines.map(([seconds, path, text]) => ({
    path,
    at: noon + seconds * 1000,
    text,
    how: seconds < 0 ? 'scan' : 'event',
  }));
}
