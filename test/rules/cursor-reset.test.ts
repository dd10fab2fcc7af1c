import { describe, expect, it } from 'vitest';
import { valuesIn } from '../../rules/cursor-reset/values.ts';
import cursorReset from '../../rules/cursor-reset.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, inShort, noon } from '../helpers/stories.ts';

/** `[seconds, path, content]`; content that is no text is written as JSON; null is a deletion. */
type Line = readonly [seconds: number, path: string, content: unknown, how?: Step['how']];

const told = (lines: readonly Line[]): readonly Step[] =>
  lines.map(([seconds, path, content, how = 'event']) => ({
    path,
    at: noon + seconds * 1000,
    how,
    text: content === null ? null : typeof content === 'string' ? content : `${JSON.stringify(content)}\n`,
  }));

const cursor = 'daemon/cursor.json';
const mark = 'tasks/x/.highwatermark';
const day = 86_400;

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'it vanished',
    [
      [0, cursor, { offset: 5 }],
      [60, cursor, { offset: 9 }],
      [120, cursor, null],
    ],
    ['likely medium: offset'],
  ],
  [
    'it was emptied',
    [
      [0, cursor, { offset: 5 }],
      [60, cursor, ''],
    ],
    ['likely medium: offset'],
  ],
  [
    'it says nothing any more',
    [
      [0, cursor, { offset: 5 }],
      [60, cursor, '{}'],
    ],
    ['likely medium: offset'],
  ],
  [
    'it was cut short',
    [
      [0, cursor, { offset: 5, done: 7 }],
      [60, cursor, '{"offs'],
    ],
    ['likely medium: offset, done'],
  ],
  [
    'an older copy came back',
    [
      [0, cursor, { offset: 5 }],
      [60, cursor, { offset: 9 }],
      [120, cursor, { offset: 5 }],
    ],
    ['likely medium: offset'],
  ],
  [
    'it went to zero: that may be meant',
    [
      [0, cursor, { offset: 5 }],
      [60, cursor, { offset: 9 }],
      [120, cursor, { offset: 0 }],
    ],
    ['possible medium: offset'],
  ],
  [
    'a time went back',
    [
      [0, cursor, { lastSeen: '2026-11-20T10:00:00Z' }],
      [60, cursor, { lastSeen: '2026-11-19T10:00:00Z' }],
    ],
    ['likely medium: lastSeen'],
  ],
  [
    'a plain number went back',
    [
      [0, mark, '12\n'],
      [60, mark, '14\n'],
      [120, mark, '3\n'],
    ],
    ['likely medium: 14'],
  ],
  [
    'lines of keys',
    [
      [0, 'x.offset', 'pos=5\nlast=9\n'],
      [60, 'x.offset', 'pos=5\nlast=4\n'],
    ],
    ['likely medium: last=9'],
  ],
  [
    'what only rose, whatever its name',
    [
      [0, cursor, { n: 1 }],
      [60, cursor, { n: 2 }],
      [90, cursor, { n: 3 }],
      [120, cursor, { n: 2 }],
    ],
    ['likely medium: n'],
  ],
  [
    'it rises again, and is still behind',
    [
      [0, cursor, { offset: 90 }],
      [60, cursor, { offset: 5 }],
      [120, cursor, { offset: 6 }],
    ],
    ['likely medium: offset'],
  ],
  [
    'a key is gone',
    [
      [0, cursor, { offset: 90, n: 1 }],
      [60, cursor, { n: 1 }],
    ],
    ['possible medium: offset'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'a list of tasks is removed',
    [
      [0, mark, '4'],
      [60, mark, '5'],
      [120, mark, null],
    ],
  ],
  [
    'it moves on',
    [
      [0, cursor, { offset: 5 }],
      [60, cursor, { offset: 9 }],
      [90, cursor, { offset: 12 }],
    ],
  ],
  [
    'it caught up again',
    [
      [0, cursor, { offset: 90 }],
      [60, cursor, { offset: 5 }],
      [120, cursor, { offset: 91 }],
    ],
  ],
  [
    'it is back',
    [
      [0, cursor, { offset: 90 }],
      [60, cursor, null],
      [3600, cursor, { offset: 91 }],
    ],
  ],
  [
    'it was replaced',
    [
      [0, cursor, { offset: 90 }],
      [60, cursor, null],
      [61, cursor, { offset: 91 }],
    ],
  ],
  [
    'it had stood still for long',
    [
      [0, cursor, { offset: 90 }],
      [20 * day, cursor, null],
    ],
  ],
  [
    'it is taken away each time',
    [
      [0, cursor, { offset: 9 }],
      [60, cursor, null],
      [3600, cursor, { offset: 9 }],
      [3700, cursor, null],
    ],
  ],
  [
    'it is emptied each time',
    [
      [0, cursor, { offset: 9 }],
      [60, cursor, ''],
      [900, cursor, { offset: 9 }],
      [999, cursor, ''],
    ],
  ],
  [
    'it moved elsewhere',
    [
      [0, cursor, { offset: 90 }],
      [60, 'daemon/new/cursor.json', { offset: 90 }],
      [65, cursor, null],
    ],
  ],
  [
    'another file is read now',
    [
      [0, cursor, { file: 'a.log', offset: 90 }],
      [60, cursor, { file: 'b.log', offset: 3 }],
    ],
  ],
  [
    'the file was turned over',
    [
      [0, cursor, { inode: 7, offset: 90 }],
      [60, cursor, { inode: 4, offset: 0 }],
    ],
  ],
  ['what falls now and then', [5, 6, 3, 8, 9, 2].map((n, i): Line => [i * 60, cursor, { n }])],
  [
    'a number that once rose',
    [
      [0, cursor, { batch: 10 }],
      [60, cursor, { batch: 20 }],
      [90, cursor, { batch: 15 }],
    ],
  ],
  [
    'it never said anything',
    [
      [0, cursor, '{}'],
      [60, cursor, ''],
    ],
  ],
  [
    'undertext put it back',
    [
      [0, cursor, { offset: 9 }],
      [60, cursor, { offset: 5 }, 'restore'],
    ],
  ],
  [
    'the settings of an editor',
    [
      [0, 'cursor-settings.json', { offset: 9 }],
      [60, 'cursor-settings.json', { offset: 5 }],
    ],
  ],
];

testRule({
  rule: cursorReset,
  told,
  caught,
  quiet,
  mutants: [
    ['what stood still is in use', 'if (edit.after.at - edit.before.at > IN_USE_MS) return null;', ''],
    ['what moved is gone', "fate === 'moved' || fate === 'seen'", 'false'],
    ['what is taken away each time is told', "kind === 'gone' && i <", 'false && i <'],
    ['what caught up is still behind', 'hasFallen(key, was, present ?? is) &&', ''],
    ['what fell before counts', 'mark < before) return false', 'mark < before) rose--'],
    ['one rise is enough', 'rose >= rises', 'rose >= 1'],
    ['another thing is the same', 'if (beganAnew(past, is)) continue;', ''],
    ['zero is as sure', "isStart ? 'possible' : 'likely'", "'likely'"],
    ['nothing is something', 'marks.size + names.size === 0 ? null :', ''],
    ['times are words', 'return Number.isNaN(time) ? null : time;', 'return null;'],
    ['what is emptied each time is told', 'said.slice(1, i).some(values => values === null)', 'false'],
  ],
});

describe('cursor-reset', () => {
  it('looks at the files of the configuration', async () => {
    const lines: readonly Line[] = [
      [0, 'state/progress.json', { offset: 9 }],
      [60, 'state/progress.json', { offset: 5 }],
    ];
    const options = { 'cursor-reset': { files: ['state/*.json'] } };
    expect((await audit(told(lines), [cursorReset])).incidents).toEqual([]);
    expect((await audit(told(lines), [cursorReset], { options })).incidents.map(inShort)).toEqual([
      'likely medium: offset',
    ]);
  });

  it('is over when it caught up', async () => {
    const lines: readonly Line[] = [
      [0, cursor, { offset: 9 }],
      [60, cursor, { offset: 5 }],
    ];
    const { notes } = await audit(told(lines), [cursorReset]);
    const { incidents } = await audit(told([...lines, [90, cursor, { offset: 10 }]]), [cursorReset], { notes });
    expect(incidents.map(({ state, closed }) => [state, closed])).toEqual([['resolved', 'it is in order again']]);
  });
});

describe('values', () => {
  it.each([
    ['', null],
    ['  \n', null],
    ['{}', null],
    ['null', null],
    ['{"a": ', null],
    ['12', { marks: { '': 12 }, names: {} }],
    ['{"a":{"b":[1,"x"]},"c":null}', { marks: { '/a/b/0': 1 }, names: { '/a/b/1': 'x' } }],
    ['at: 2026-11-20\nid=x7', { marks: { '/at': Date.UTC(2026, 10, 20) }, names: { '/id': 'x7' } }],
    ['some words', { marks: {}, names: { '': 'some words' } }],
  ])('%j', (text, said) => {
    const values = valuesIn(text);
    expect(values && { marks: Object.fromEntries(values.marks), names: Object.fromEntries(values.names) }).toEqual(
      said,
    );
  });
});
