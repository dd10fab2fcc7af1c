/** Elements of JSON arrays are told apart by what they are: nothing goes with what is put in, and only what went is told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareUnits } from '../../src/documents/compare.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { memberFates } from '../../src/documents/member-changes.ts';
import { mend } from '../../src/documents/mend.ts';

const read = (text: string) => parseDocument('x.json', Buffer.from(text));
const print = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Each unit that is not in the second text, and what became of it. */
function gone(before: string, after: string): readonly string[] {
  const [one, other] = [read(before), read(after)];
  const fateOf = memberFates(one, other);
  return compareUnits(one.units, other.units)
    .removed.map(unit => `${fateOf(unit) ?? 'alone'} ${unit.name}`)
    .filter(said => !said.startsWith('stands '));
}

const a = { from: 'arch', text: 'the schema is agreed, see plan 4', read: false };
const b = { from: 'agent-a', text: 'task 3 is done, 41 tests pass', read: false };
const c = { from: 'agent-b', text: 'blocked on 5, needs the token scope', read: false };
const entry = (id: number, what: string, more: object = {}) => ({ id, what, tags: ['day'], ...more });
const [e1, e2, e3] = [entry(1, 'the door was left open'), entry(2, 'a lamp broke'), entry(3, 'no key to the cellar')];

describe('nothing goes', () => {
  it.each<[string, unknown, unknown]>([
    ['when one is put in front', [e1, e2], [e3, e1, e2]],
    ['when one is put in between', { all: [e1, e2] }, { all: [e1, e3, e2] }],
    ['when one without an id is put in', [a, b], [c, a, b]],
    ['when one of the same id is put in', [entry(1, 'one'), e2], [entry(1, 'another'), entry(1, 'one'), e2]],
    [
      'when all get numbers',
      [a, b],
      [
        { id: 1, ...a },
        { id: 2, ...b },
      ],
    ],
    ['when the order changes', [e1, e2, e3], [e3, e1, e2]],
    [
      'when it grows inside',
      [{ id: 1, list: [{ id: 'x', n: 1 }] }],
      [{ id: 1, list: [{ id: 'w' }, { id: 'x', n: 1 }] }],
    ],
    [
      'when rows of a table are put in',
      [
        [1, 2],
        [3, 4],
      ],
      [
        [0, 0],
        [1, 2],
        [3, 4],
      ],
    ],
    ['when it moves below another key', { a: { door: e1 }, b: {} }, { a: {}, b: { door: e1 } }],
    [
      'when all of it moves below a key',
      { model: 'opus', theme: 'dark blue' },
      { ui: { model: 'opus', theme: 'dark blue' } },
    ],
    [
      'when a key of an object is renamed',
      { hut: { door: 'oak', roof: 'straw and clay' } },
      { house: { door: 'oak', roof: 'straw and clay' } },
    ],
  ])('%s', (_, before, after) => {
    expect(gone(print(before), print(after))).toEqual([]);
  });

  it('when a member is switched off by a comment, or on', () => {
    const on = '{\n  "servers": {\n    "hub": {\n      "url": "https://hub.example"\n    },\n    "x": 1\n  }\n}\n';
    const off =
      '{\n  "servers": {\n    // "hub": {\n    //   "url": "https://hub.example"\n    // },\n    "x": 1\n  }\n}\n';
    expect([gone(on, off), gone(off, on)]).toEqual([[], []]);
  });
});

describe('only what went is told', () => {
  it.each<[string, unknown, unknown, readonly string[]]>([
    [
      'one of them, while another came',
      [a, b],
      [a, c],
      [
        'lost [task 3 is done, 41 tests pass].from',
        'lost [task 3 is done, 41 tests pass].text',
        'lost [task 3 is done, 41 tests pass].read',
      ],
    ],
    [
      'one beside an insertion',
      [e1, e2, e3],
      [entry(9, 'a new one'), e1, e3],
      ['lost [id=2].id', 'lost [id=2].what', 'lost [id=2].tags: day'],
    ],
    ['a member of one', [entry(1, 'a', { fix: 'shut it' }), e2], [e3, entry(1, 'a'), e2], ['alone [id=1].fix']],
    [
      'an id that was given twice',
      [e1, e2, entry(3, 'mine is lost')],
      [e1, e2, e3],
      ['lost [id=3].id', 'lost [id=3].what', 'lost [id=3].tags: day'],
    ],
    [
      'all it said',
      [{ id: 'x', text: 'words of some length', by: 'somebody' }],
      [{ id: 'x', text: '', by: '' }],
      ['lost [id=x].text', 'lost [id=x].by'],
    ],
  ])('%s', (_, before, after, told) => {
    expect(gone(print(before), print(after))).toEqual(told);
  });
});

describe('an edit is one', () => {
  it.each<[string, unknown, unknown, readonly string[]]>([
    ['of a flag', [a, b], [a, { ...b, read: true }], ['edited [task 3 is done, 41 tests pass].read']],
    [
      'of the text',
      [a, b],
      [a, { ...b, text: 'task 3 is done, 43 tests pass' }],
      ['edited [task 3 is done, 41 tests pass].text'],
    ],
    ['of the text beside an id', [e1, e2], [e1, { ...e2, what: 'a lamp broke again' }], ['edited [id=2].what']],
    [
      'of what is named',
      [{ name: 'hub', command: 'node hub' }],
      [{ name: 'hub', command: 'deno run it' }],
      ['edited [name=hub].command'],
    ],
    ['of all ids', [e1, e2], [entry(7, e1.what), entry(8, e2.what)], ['edited [id=1].id', 'edited [id=2].id']],
    ['of numbers alone', [{ n: 1, of: 4 }], [{ n: 2, of: 4 }], ['edited [0].n']],
  ])('%s', (_, before, after, told) => {
    expect(gone(print(before), print(after))).toEqual(told);
  });
});

it('an element that is merely alike is another one where two writers each added one', () => {
  const [one, other] = [3, 4].map(n =>
    print([a, { from: `agent-${n}`, text: `task ${n} is done, ${n + 8} tests pass` }]),
  ) as [string, string];
  const fateOf = memberFates(read(one), read(other));
  const texts = read(one).units.filter(({ name }) => name.includes('task 3') && name.endsWith('text'));
  expect(texts.map(unit => [fateOf(unit), fateOf(unit, true)])).toEqual([['edited', 'lost']]);
});

const word = fc.constantFrom('alpha', 'beta', 'gamma', 'delta words', 'epsilon and more', 'zeta', '', 'in_progress');
const key = fc.constantFrom('id', 'name', 'text', 'tags', 'by', 'n');
const value: fc.Arbitrary<unknown> = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    { weight: 3, arbitrary: fc.oneof(word, fc.nat(4), fc.boolean(), fc.constant(null)) },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 4 }) },
    { weight: 3, arbitrary: fc.dictionary(key, tie('value'), { maxKeys: 4 }) },
  ),
})).value;

/** The same value with something put in: an element, or a member that the object did not have. */
function withMore(all: unknown, path: readonly number[], more: unknown): unknown {
  const [first = 0, ...rest] = path;
  if (Array.isArray(all)) {
    const at = first % (all.length + 1);
    if (rest.length > 0 && at < all.length) return all.with(at, withMore(all[at], rest, more));
    return all.toSpliced(at, 0, more);
  }
  if (typeof all !== 'object' || all === null) return all;
  const entries = Object.entries(all);
  const at = first % (entries.length + 1);
  if (rest.length > 0 && at < entries.length)
    return Object.fromEntries(entries.with(at, [entries[at]![0], withMore(entries[at]![1], rest, more)]));
  const fresh = ['id', 'name', 'text', 'fresh'].find(name => !(name in all))!;
  return Object.fromEntries(entries.toSpliced(at, 0, [fresh, more]));
}

const lostIn = (before: string, after: string) => gone(before, after).filter(said => !said.startsWith('edited '));

describe('whatever the file', () => {
  it('nothing goes with what is put in', () => {
    const paths = fc.array(fc.nat(5), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        value,
        fc.array(fc.tuple(paths, value), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (all, puts, isTall) => {
          const text = (one: unknown) => (isTall ? print(one) : JSON.stringify(one));
          const after = puts.reduce<unknown>((one, [path, more]) => withMore(one, path, more), all);
          expect(lostIn(text(all), text(after))).toEqual([]);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('nothing goes whose every line stands in order', () => {
    fc.assert(
      fc.property(value, value, fc.nat(30), fc.nat(30), (all, other, at, count) => {
        const lines = print(all).split('\n');
        const more = print(other).split('\n').slice(0, count);
        const text = lines.toSpliced(at % lines.length, 0, ...more).join('\n');
        if (read(text).broken !== null) return;
        expect(lostIn(print(all), text)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('an element that is gone comes back at its place, once', () => {
    const element = fc.record(
      { id: fc.nat(9), text: word, tags: fc.array(word, { maxLength: 2 }) },
      { requiredKeys: ['text'] },
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(element, { minLength: 1, maxLength: 6, selector: one => JSON.stringify(one) }),
        fc.nat(5),
        fc.boolean(),
        (all, at, isTall) => {
          const text = (one: unknown) => (isTall ? print(one) : JSON.stringify(one));
          const lost = text(all);
          const present = text(all.toSpliced(at % all.length, 1));
          const fingerprints = compareUnits(read(lost).units, read(present).units).removed.map(
            unit => unit.fingerprint,
          );
          if (fingerprints.length === 0) return;
          const mended = mend({
            path: 'x.json',
            base: null,
            lost: Buffer.from(lost),
            present: Buffer.from(present),
            fingerprints,
          });
          expect(mended.conflicts).toEqual([]);
          expect(JSON.parse(Buffer.from(mended.bytes).toString())).toEqual(all);
        },
      ),
      { numRuns: 500 },
    );
  });
});
