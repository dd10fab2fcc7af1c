import { describe, expect, it } from 'vitest';
import shrunkLog from '../../rules/shrunk-log.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, inShort, noon } from '../helpers/stories.ts';

/** `[seconds, path, text]`; null is a deletion. */
type Line = readonly [seconds: number, path: string, text: string | null, how?: Step['how']];

const told = (lines: readonly Line[]): readonly Step[] =>
  lines.map(([seconds, path, text, how = 'event']) => ({ path, at: noon + seconds * 1000, text, how }));

const transcript = 'projects/x/1a2b.jsonl';
const history = 'history.jsonl';
const log = 'logs/nightly.log';

const said = (n: number, more: object = {}) => `${JSON.stringify({ uuid: `u${n}`, ...more })}\n`;
const all = (from: number, to: number, more: object = {}) =>
  [...Array(to - from + 1).keys()].map(n => said(from + n, more)).join('');
const spoken = (from: number, to: number) =>
  [...Array(to - from + 1).keys()]
    .map(n => new Date(noon + (from + n) * 60_000).toISOString())
    .map((timestamp, n) => said(from + n, { sessionId: '0a1b2c3d-4e5f', timestamp }))
    .join('');
const prompt = (n: number, project = '/one') => `${JSON.stringify({ display: n, timestamp: noon + n, project })}\n`;
const prompts = (...ns: readonly number[]) => ns.map(n => prompt(n)).join('');
const lines = (from: number, to: number) =>
  [...Array(to - from + 1).keys()].map(n => `line ${from + n} of the log\n`).join('');

const names = (lines: string) => lines.trimEnd().replaceAll('\n', ', ');

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'a transcript loses its end',
    [
      [0, transcript, all(1, 9)],
      [60, transcript, all(1, 3)],
    ],
    [`likely high: ${names(all(4, 9))}`],
  ],
  [
    'a transcript loses records in its middle',
    [
      [0, transcript, all(1, 4)],
      [60, transcript, all(1, 1) + all(4, 4)],
    ],
    [`likely high: ${names(all(2, 3))}`],
  ],
  [
    'a transcript loses its end, and hours later its end again',
    [
      [0, transcript, all(1, 9)],
      [60, transcript, all(1, 5)],
      [7_260, transcript, all(1, 1)],
    ],
    [`likely high: ${names(all(2, 5))}`, `likely high: ${names(all(6, 9))}`],
  ],
  [
    'a transcript is emptied',
    [
      [0, transcript, all(1, 2)],
      [60, transcript, ''],
    ],
    [`likely high: ${names(all(1, 2))}`],
  ],
  [
    'a few records at the end are taken back',
    [
      [0, transcript, all(1, 9)],
      [60, transcript, all(1, 8)],
    ],
    [`possible low: ${names(all(9, 9))}`],
  ],
  [
    'an older copy is written back and goes on',
    [
      [0, transcript, all(1, 9)],
      [60, transcript, all(1, 4)],
      [90, transcript, all(1, 4) + all(20, 21)],
    ],
    [`likely high: ${names(all(5, 9))}`],
  ],
  [
    'prompts are gone',
    [
      [0, history, prompts(1, 2, 3, 4)],
      [60, history, prompts(1, 2)],
    ],
    [`likely high: ${names(prompts(3, 4))}`],
  ],
  [
    'the oldest prompts are dropped',
    [
      [0, history, prompts(1, 2, 3, 4)],
      [60, history, prompts(3, 4)],
    ],
    [`possible low: ${names(prompts(1, 2))}`],
  ],
  [
    'prompts of one project are gone, others of it stay',
    [
      [0, history, prompts(1, 2) + prompt(3, '/two')],
      [60, history, prompts(1) + prompt(3, '/two')],
    ],
    [`likely high: ${names(prompts(2))}`],
  ],
  [
    'a log loses its end',
    [
      [0, log, lines(1, 9)],
      [60, log, lines(1, 3)],
    ],
    ['likely medium: line 4 of the log'],
  ],
  [
    'a log begins anew, and there is no copy',
    [
      [0, log, lines(1, 3)],
      [60, log, lines(20, 20)],
    ],
    ['possible low: line 1 of the log'],
  ],
  [
    'what was recorded is written anew, and there is no copy',
    [
      [0, 'logs/events.jsonl', '{"n":1}\n{"n":2}\n'],
      [60, 'logs/events.jsonl', '{"n":3}\n'],
    ],
    ['possible medium: {"n":1}, {"n":2}'],
  ],
  [
    'a log is emptied, and its copy is of long ago',
    [
      [0, 'logs/nightly.log.1', lines(1, 9)],
      [86_400, log, lines(11, 13)],
      [86_460, log, ''],
    ],
    ['possible low: line 11 of the log'],
  ],
  [
    'a small log is written over and does not shrink',
    [
      [0, transcript, all(1, 2)],
      [60, transcript, all(1, 4)],
      [120, transcript, all(1, 2) + all(7, 9)],
      [180, transcript, all(1, 2) + all(7, 10)],
    ],
    [`possible low: ${names(all(3, 4))}`],
  ],
  [
    'a transcript is cut in two steps: told once',
    [
      [0, transcript, all(1, 9)],
      [60, transcript, all(1, 5)],
      [62, transcript, all(1, 4)],
    ],
    [`likely high: ${names(all(5, 9))}`],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'it only grows',
    [
      [0, transcript, all(1, 2)],
      [60, transcript, all(1, 5)],
      [90, transcript, all(1, 9)],
    ],
  ],
  [
    'it is written anew',
    [
      [0, transcript, all(1, 9)],
      [60, transcript, ''],
      [61, transcript, all(1, 4)],
      [62, transcript, all(1, 10)],
    ],
  ],
  [
    'records are written anew, and shorter',
    [
      [0, transcript, all(1, 9, { payload: 'x'.repeat(90) })],
      [60, transcript, all(1, 9)],
    ],
  ],
  [
    'only stamps without a uuid went',
    [
      [0, transcript, `${all(1, 3)}{"type":"mode"}\n{"type":"last-prompt"}\n`],
      [60, transcript, all(1, 3)],
    ],
  ],
  [
    'the torn last record is mended',
    [
      [0, history, `${prompts(1, 2)}{"display":3,"ti`],
      [60, history, prompts(1, 2)],
    ],
  ],
  [
    'the sweep takes it',
    [
      [0, transcript, all(1, 9)],
      [60, transcript, null],
    ],
  ],
  [
    'a project is purged',
    [
      [0, history, prompts(1, 2) + prompt(3, '/two')],
      [60, history, prompts(1, 2)],
    ],
  ],
  [
    'it is turned over by its name',
    [
      [0, log, lines(1, 9)],
      [60, 'logs/nightly.log.1', lines(1, 9)],
      [61, log, lines(10, 10)],
    ],
  ],
  [
    'it is copied, then emptied',
    [
      [0, log, lines(1, 9)],
      [60, 'logs/nightly-2026.log', lines(1, 9)],
      [61, log, ''],
    ],
  ],
  [
    'it is packed',
    [
      [0, log, lines(1, 9)],
      [60, 'logs/nightly.log.1.gz', 'xx'],
      [61, log, lines(10, 10)],
    ],
  ],
  [
    'a log keeps its last lines',
    [
      [0, log, lines(1, 9)],
      [60, log, lines(5, 9) + lines(10, 10)],
    ],
  ],
  [
    'undertext put it back so',
    [
      [0, transcript, all(1, 9)],
      [60, transcript, all(1, 3), 'restore'],
    ],
  ],
  [
    'a copy of the client',
    [
      [0, 'file-history/s/x.jsonl', all(1, 9)],
      [60, 'file-history/s/x.jsonl', all(1, 1)],
    ],
  ],
  [
    'no log',
    [
      [0, 'notes.md', lines(1, 9)],
      [60, 'notes.md', lines(1, 1)],
    ],
  ],
];

const asks = (n: number, content: unknown) => said(n, { text: content });
/** Twenty records, of which the first so many say something else. */
const talk = (first = 0, content: unknown = '') =>
  [...Array(20).keys()].map(n => asks(n, n < first ? content : `is part ${n} slow`)).join('');
const asked = (count: number) => names([...Array(count).keys()].map(n => asks(n, `is part ${n} slow`)).join(''));

const blanked: typeof caught = [
  [
    'records keep their ids and say nothing',
    [
      [0, transcript, talk()],
      [60, transcript, talk(15)],
    ],
    [`likely high: ${asked(15)}`],
  ],
  [
    'records say the same note, all of them',
    [
      [0, transcript, talk()],
      [60, transcript, talk(15, [{ type: 'text', text: 'cleared' }])],
    ],
    [`likely high: ${asked(15)}`],
  ],
  [
    'records of another log say nothing, and new ones came',
    [
      [0, 'logs/notes.jsonl', talk()],
      [60, 'logs/notes.jsonl', talk(15, null) + asks(99, 'one more question')],
    ],
    [`likely medium: ${asked(15)}`],
  ],
  [
    'a log is emptied in several steps',
    [
      [0, transcript, talk()],
      [60, transcript, talk(5)],
      [61, transcript, talk(15)],
    ],
    [`likely high: ${asked(15)}`],
  ],
];

const keptSaying: typeof quiet = [
  [
    'a few records are blacked out',
    [
      [0, transcript, talk()],
      [60, transcript, talk(3, '')],
    ],
  ],
  [
    'a word in each of them is blacked out',
    [
      [0, transcript, talk()],
      [60, transcript, talk().replaceAll('slow', '[x]')],
    ],
  ],
  [
    'what a tool printed is left out, and the words stay',
    [
      [
        0,
        transcript,
        [...Array(20).keys()].map(n => said(n, { text: `is part ${n} slow`, printed: 'a long text' })).join(''),
      ],
      [60, transcript, talk()],
    ],
  ],
  [
    'a log is turned over, and its records are emptied',
    [
      [0, 'logs/notes.jsonl', talk()],
      [59, 'logs/notes.1.jsonl', talk()],
      [60, 'logs/notes.jsonl', talk(15)],
    ],
  ],
];

testRule({
  rule: shrunkLog,
  told,
  caught: [...caught, ...blanked],
  quiet: [...quiet, ...keptSaying],
  mutants: [
    ['a rewriting is not waited for', 'timeOfWrite(after) + REWRITE_MS,\n', 'timeOfWrite(after),\n'],
    ['each step is told', 'timeOfWrite(after) <= until || ', ''],
    ['the second in a row is never told', 'timeOfWrite(after) <= until', 'timeOfWrite(before) <= until'],
    ['what was emptied is there', 'gone.length <= tools.options.few || ', 'true || '],
    [
      'a few that are emptied are many',
      'gone.length <= tools.options.few || gone.length * FEW_OF < all',
      'gone.length === 0',
    ],
    ['a rewriting ends with its first step', 'const after = settledAfter(file, edit);', 'const { after } = edit;'],
    ['a record is its bytes', 'return isText(record.uuid) && uuids.has(record.uuid);', 'return false;'],
    ['stamps are records', '!records.some(({ uuid }) => isText(uuid))', 'false'],
    ['a torn line is a record', "isLast && line.startsWith('{')", 'false'],
    ['a purge is a loss', '&& wasPurged(', '&& false && wasPurged('],
    ['every loss is a purge', 'return !left.some(line => projects.has(parsed(line)?.project));', 'return true;'],
    ['copies are not looked for', 'files.some(other => isCopy(other, edit))', 'false'],
    ['every file beside it is a copy', 'Math.abs(at - after.at) <= ROTATION_MS &&', ''],
    ['a log may not forget', 'isLog && missing.isHead', 'false'],
    ['taken back is lost', 'isTail && lines.length <= few', 'false'],
    ['only what shrank is looked at', 'newest.size > tools.options.compareUpTo', 'true'],
    ['copies of the client are logs', ' || isBackup(file.path)', ''],
  ],
});

describe('shrunk-log', () => {
  const message = async (...steps: readonly Line[]) => (await audit(told(steps), [shrunkLog])).incidents[0]?.message;

  it('says how many, of when and of whom', async () => {
    expect(await message([0, transcript, spoken(1, 9)], [600, transcript, spoken(1, 3)])).toBe(
      '6 records of 12:04:00 to 12:09:00 of session 0a1b2c3d are missing in projects/x/1a2b.jsonl since the write of 12:10:00',
    );
    expect(await message([0, history, prompts(1, 2)], [600, history, prompts(1)])).toBe(
      '1 record of 12:00:00 is missing in history.jsonl since the write of 12:10:00',
    );
    expect(await message([0, log, lines(1, 9)], [600, log, lines(1, 3)])).toBe(
      '6 lines are missing in logs/nightly.log since the write of 12:10:00',
    );
  });

  it('is over when the records are back', async () => {
    const steps: readonly Line[] = [
      [0, transcript, all(1, 9)],
      [60, transcript, all(1, 3)],
    ];
    const { notes } = await audit(told(steps), [shrunkLog]);
    const { incidents } = await audit(told([...steps, [90, transcript, all(1, 9) + all(11, 12)]]), [shrunkLog], {
      notes,
    });
    expect(incidents.map(({ state }) => state)).toEqual(['resolved']);
  });

  it('of a large one only the version is offered', async () => {
    const large = all(1, 9_000, { text: 'x'.repeat(200) });
    const steps = told([
      [0, transcript, large],
      [60, transcript, all(1, 2, { text: 'x'.repeat(200) })],
    ]);
    const { incidents } = await audit(steps, [shrunkLog]);
    expect(incidents.map(inShort)).toEqual(['likely high: 1a2b.jsonl']);
    expect(incidents[0]!.lost).toBe(null);
    expect(incidents[0]!.advice).toMatch(/^undertext restore projects\/x\/1a2b.jsonl --at \w+ --to FILE /);
  });
});
