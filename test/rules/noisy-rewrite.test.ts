import { describe, expect, it } from 'vitest';
import noisyRewrite from '../../rules/noisy-rewrite.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, noon } from '../helpers/stories.ts';

/** The texts of one path, a minute apart; what is no text is written as JSON. */
type Line = readonly [path: string, ...texts: readonly unknown[]];

const told = (lines: readonly Line[]): readonly Step[] =>
  lines.flatMap(([path, ...texts]) =>
    texts.map((text, i) => ({
      path,
      at: noon + i * 60_000,
      text: typeof text === 'string' ? text : `${JSON.stringify(text, undefined, 2)}\n`,
    })),
  );

const count = (n: number) => [...Array(n).keys()];
const time = (n: number) => new Date(noon + n * 1000).toISOString();
const registry = 'plugins/known_marketplaces.json';
const note = 'memory/voice.md';
const stamped = (n: number) => ({ tools: { source: 'me/tools', lastUpdated: time(n) } });
const swapped = (n: number) => (n % 2 === 0 ? { a: 1, b: [1, 2] } : { b: [1, 2], a: 1 });

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  ['a stamp moves', [[registry, ...count(7).map(stamped)]], ['possible low: known_marketplaces.json']],
  ['keys change places', [['data/x.json', ...count(7).map(swapped)]], ['possible low: x.json']],
  [
    'it is formatted to and fro',
    [['data/x.json', ...count(7).map(n => JSON.stringify({ a: 1 }, undefined, n % 3))]],
    ['possible low: x.json'],
  ],
  [
    'a field of a memory file',
    [[note, ...count(7).map(n => `---\nname: voice\nmodified: ${time(n)}\n---\n\nCopied.\n`)]],
    ['possible low: voice.md'],
  ],
  [
    'a sentence that names the time',
    [[note, ...count(7).map(n => `# Report\n\n_Made at ${time(n)}._\n\nAll is well.\n`)]],
    ['possible low: voice.md'],
  ],
  ['a counter', [['data/x.json', ...count(7).map(n => ({ model: 'x', runCount: n }))]], ['possible low: x.json']],
  [
    'noise, and once something new',
    [[registry, ...count(7).map(stamped), { ...stamped(9), more: 1 }]],
    ['possible low: known_marketplaces.json'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  ['formatted once', [['data/x.json', '{"a":1,"b":2}', '{\n  "a": 1,\n  "b": 2\n}\n']]],
  ['five times only', [[registry, ...count(6).map(stamped)]]],
  ['something new each time', [['data/x.json', ...count(9).map(n => ({ model: `m${n}` }))]]],
  ['a value that is switched', [['data/x.json', ...count(9).map(n => ({ isOn: n % 2 === 0 }))]]],
  ['a number that says something', [['data/x.json', ...count(9).map(n => ({ limit: n }))]]],
  ['a list that is put in order', [[note, ...count(9).map(n => (n % 2 === 0 ? '- one\n- two\n' : '- two\n- one\n'))]]],
  [
    'work, and a formatter after each step',
    [
      [
        'data/x.json',
        ...count(30).flatMap((n): readonly unknown[] =>
          n % 3 === 2 ? [{ n, a: 'b' }, JSON.stringify({ n, a: 'b' })] : [{ n, a: n }],
        ),
      ],
    ],
  ],
  [
    'some noise among some work',
    [[registry, ...count(5).map(stamped), { ...stamped(5), more: 1 }, { ...stamped(6), less: 2 }]],
  ],
  [
    'a diary gets a new day',
    [
      [
        note,
        ...count(9).map(n =>
          count(n + 1)
            .map(i => `- 2026-11-${10 + i} quiet\n`)
            .join(''),
        ),
      ],
    ],
  ],
  ['what the client counts', [['sessions/7.json', ...count(9).map(n => ({ lastCount: n }))]]],
  ['a script', [['hooks/x.sh', ...count(9).map(n => `echo ${' '.repeat(n)}one\n`)]]],
];

testRule({
  rule: noisyRewrite,
  told,
  caught,
  quiet,
  mutants: [
    ['once is enough', 'noisy.length < times ||', 'noisy.length < 1 ||'],
    ['a file that is worked on is noise', ' || noisy.length * 2 < recent.length', ''],
    ['a new value is noise', '} else return null;', '}'],
    ['every number is a counter', 'counter.test(nameOf(unit)) &&', ''],
    ['another order is noise everywhere', 'if (isReordered && !isJson &&', 'if (false &&'],
    ['times say something', "return text.replace(times, '…');", 'return text;'],
    ['a new line is noise', 'before.length !== after.length || ', ''],
    ['the client is told', 'isRuntime(path) || ', ''],
  ],
});

describe('noisy-rewrite', () => {
  const only = async (lines: readonly Line[], options: object = {}) =>
    (await audit(told(lines), [noisyRewrite], { options: { 'noisy-rewrite': options } })).incidents[0];

  it('says what flips, and how to stop it', async () => {
    const incident = await only([['data/x.json', ...count(8).map(n => ({ ...swapped(n), at: time(n >> 1) }))]]);
    expect(incident?.message).toBe('7 of 7 writes of data/x.json between 12:01:00 and 12:07:00 said nothing new');
    expect(incident?.findings[0]?.evidence).toEqual(['at changed 3 times', 'the order of its keys changed 4 times']);
    expect(incident?.advice).toBe(
      'leave at out of it, or write it only when something else changed; write its keys in one order (jq -S)',
    );
  });

  it('is the same incident as it goes on', async () => {
    const ids = [7, 8, 20].map(async n => (await only([[registry, ...count(n).map(stamped)]]))?.id);
    expect(new Set(await Promise.all(ids)).size).toBe(1);
  });

  it('counts and leaves out as it is told', async () => {
    const lines: readonly Line[] = [[registry, ...count(4).map(stamped)]];
    expect(await only(lines)).toBe(undefined);
    expect(await only(lines, { times: 3 })).toBeDefined();
    expect(await only(lines, { times: 3, except: ['plugins/*'] })).toBe(undefined);
    expect(await only(lines, { times: 3, hours: 1 / 60 })).toBe(undefined);
  });
});
