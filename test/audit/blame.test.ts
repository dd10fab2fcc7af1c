/** Whose each part of a file is: stories of several hands, and the version in which each part first stood. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BlameDeps, blameLines, blameUnits } from '../../src/audit/blame.ts';
import { unitReader } from '../../src/audit/reader.ts';
import type { PathHistory, Version, Writer } from '../../src/model.ts';
import { type Step, story, world } from '../helpers/stories.ts';

const writerCalled = (id: string): Writer => ({ kind: 'session', id, label: id, certainty: 'proven' });

/** The letters of a story are its writers; `x` and `scan` are nobody we know. */
function stage(steps: readonly Step[], read?: (blob: string) => Promise<Uint8Array>) {
  const made = world(steps);
  const file = made.histories[0]!;
  const who = new Map(steps.map(step => [step.at, step.who ?? '']));
  const deps: BlameDeps = {
    reader: unitReader(read ?? made.read, () => false),
    writer: async version => {
      const name = who.get(version.at)!;
      return ['x', 'scan'].includes(name) ? null : writerCalled(name);
    },
    isCreation: async version => version.id === file.versions[0]!.id && who.get(version.at) !== 'scan',
  };
  return { file, deps };
}

const shortly = (writer: Writer | null, version: Version, file: PathHistory) =>
  `${writer === null ? '?' : writer.id}${file.versions.findIndex(({ id }) => id === version.id)}`;

async function unitsOf(lines: readonly string[], at = -1): Promise<Record<string, string>> {
  const { file, deps } = stage(story(lines));
  const { rows } = await blameUnits(file, file.versions.at(at)!, deps);
  return Object.fromEntries(
    rows.map(({ unit, version, writer, orEarlier, restored }) => [
      unit.name,
      `${orEarlier ? '≤' : ''}${shortly(writer, version, file)}${restored ? ` restored ${file.versions.indexOf(restored)}` : ''}`,
    ]),
  );
}

describe('a unit is of whoever wrote the version in which it first stood', () => {
  it.each([
    ['two hands, one file', ['A: one', 'B: one two', 'C: one two three'], { one: 'A0', two: 'B1', three: 'C2' }],
    [
      'it went and came again: of whoever wrote it again',
      ['A: one two', 'B: two', 'C: one two'],
      { one: 'C2', two: 'A0' },
    ],
    ['it moved: still of the first', ['A: one two', 'B: two one'], { one: 'A0', two: 'A0' }],
    [
      'it was edited: of whoever edited it',
      ['A: "one thing here"', 'B: "one other thing here"'],
      { 'one other thing here': 'B1' },
    ],
    ['nobody knows who', ['A: one', 'x: one two'], { one: 'A0', two: '?1' }],
    [
      'it stood there when the file was first kept: that, or earlier',
      ['scan: one', 'B: one two'],
      { one: '≤?0', two: 'B1' },
    ],
    [
      'a section and what stands under it may be of different hands',
      ['A: #Notes one', 'B: #Notes one two #Other three'],
      { Notes: 'A0', one: 'A0', two: 'B1', Other: 'B1', three: 'B1' },
    ],
    [
      'it was lost and put back by a restore: of whoever wrote it first',
      ['A: one', 'B: one two', 'C: one three', 'restore: one two three'],
      { one: 'A0', two: 'B1 restored 3', three: 'C2' },
    ],
    [
      '… also when it was lost and put back twice',
      ['B: one two', 'C: one', 'restore: one two', 'C: one', 'restore: one two', 'A: one two three'],
      { one: 'B0', two: 'B0 restored 4', three: 'A5' },
    ],
    [
      'a restore of what was never kept is the restore itself',
      ['A: one', 'restore: one two'],
      { one: 'A0', two: 'restore1 restored 1' },
    ],
    ['the file was deleted and written anew', ['A: one', 'B: (gone)', 'C: one'], { one: 'C2' }],
    [
      '… but a moment without it is how some programs save',
      ['A: one', 'B: (gone)', '+20ms B: one two'],
      { one: 'A0', two: 'B2' },
    ],
    ['a write in pieces is one write', ['A: one', '+1m x: (empty)', '+20ms B: one two'], { one: 'A0', two: 'B2' }],
  ] as const)('%s', async (_, lines, told) => {
    expect(await unitsOf(lines)).toEqual(told);
  });

  it('an older version is asked for what it was', async () => {
    expect(await unitsOf(['A: one', 'B: one two', 'C: two'], 1)).toEqual({ one: 'A0', two: 'B1' });
  });

  it('of equal ones, each by its place', async () => {
    const { file, deps } = stage(story(['A: #Old same', 'B: #New same #Old same']));
    const { rows } = await blameUnits(file, file.versions.at(-1)!, deps);
    expect(rows.map(({ unit, writer, depth }) => `${'>'.repeat(depth)}${unit.name} ${writer?.id}`)).toEqual([
      'New B',
      '>same B',
      'Old A',
      '>same A',
    ]);
  });

  it('who wrote the first version that we have is only possibly whose it is', async () => {
    const { file, deps } = stage(story(['A: one', 'B: one two']));
    const { isCreation: _, ...unsure } = deps;
    const { rows } = await blameUnits(file, file.versions.at(-1)!, unsure);
    expect(rows[0]).toMatchObject({ orEarlier: true, writer: { id: 'A', certainty: 'possible' } });
    expect(rows[1]).toMatchObject({ orEarlier: false, writer: { id: 'B', certainty: 'proven' } });
  });

  it('what cannot be read back is passed over, and said', async () => {
    const steps = story(['A: one', 'B: one two', 'C: one two three']);
    const whole = world(steps);
    const hidden = whole.histories[0]!.versions[1]!.blob;
    const { file, deps } = stage(steps, blob =>
      blob === hidden ? Promise.reject(new Error('damaged')) : whole.read(blob),
    );
    const { rows, limits } = await blameUnits(file, file.versions.at(-1)!, deps);
    expect(rows.map(({ unit, version, writer }) => `${unit.name} ${shortly(writer, version, file)}`)).toEqual([
      'one A0',
      'two C2',
      'three C2',
    ]);
    expect(limits).toEqual(['1 of its versions could not be read back']);
  });

  it('what was forgotten in between breaks nothing', async () => {
    const { file, deps } = stage(story(['A: one', 'B: one two', 'C: one three']));
    const forgotten: Version = { ...file.versions[1]!, kind: 'withheld', blob: null, size: 1 };
    const versions = file.versions.map((version, i) => (i === 1 ? forgotten : version));
    const { rows } = await blameUnits({ ...file, versions }, versions.at(-1)!, deps);
    expect(rows.map(({ writer }) => writer?.id)).toEqual(['A', 'C']);
  });

  it('a long history is not followed to its end, and that is said', async () => {
    const lines = ['A: one', ...Array.from({ length: 600 }, (_, i) => `B: one n${i}`)];
    const { file, deps } = stage(story(lines));
    const { rows, limits } = await blameUnits(file, file.versions.at(-1)!, deps);
    expect(rows[0]).toMatchObject({ orEarlier: true, writer: { id: 'B', certainty: 'possible' } });
    expect(rows[1]).toMatchObject({ orEarlier: false, writer: { id: 'B', certainty: 'proven' } });
    expect(limits).toEqual(['the history is long: its older versions were not looked at']);
  });
});

it('each item is of the version that began the unbroken run it stands in, whatever the history', async () => {
  const items = fc.uniqueArray(fc.constantFrom<string>('one', 'two', 'three', 'four', 'five'), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(fc.array(items, { minLength: 1, maxLength: 8 }), async history => {
      const { file, deps } = stage(story(history.map(words => `A: ${words.join(' ')}`)));
      const { rows } = await blameUnits(file, file.versions.at(-1)!, deps);
      // What follows itself is one version of a history.
      const distinct = history.filter((words, i) => words.join() !== history[i - 1]?.join());
      for (const { unit, version, orEarlier } of rows) {
        const lastWithout = distinct.findLastIndex(words => !words.includes(unit.name));
        expect(file.versions.findIndex(({ id }) => id === version.id)).toBe(lastWithout + 1);
        expect(orEarlier).toBe(false);
      }
    }),
    { numRuns: 300 },
  );
});

const raw = (texts: readonly (readonly [who: string, text: string])[], path = 'notes.txt'): readonly Step[] =>
  texts.map(([who, text], i) => ({
    path,
    at: 1_000_000 + i * 60_000,
    text,
    who,
    how: who === 'restore' ? 'restore' : who === 'scan' ? 'scan' : 'event',
  }));

async function linesOf(texts: readonly (readonly [string, string])[], path?: string): Promise<string> {
  const { file, deps } = stage(raw(texts, path));
  const { rows } = await blameLines(file, file.versions.at(-1)!, deps);
  return rows.map(({ writer, text, restored }) => `${writer?.id ?? '?'}${restored ? '!' : ''} ${text}`).join('|');
}

describe('a line', () => {
  it.each([
    [
      'was added in the middle',
      [
        ['A', 'a\nc\n'],
        ['B', 'a\nb\nc\n'],
      ],
      'A a|B b|A c',
    ],
    [
      'was changed',
      [
        ['A', 'a\nb\n'],
        ['B', 'a\nB\n'],
      ],
      'A a|B B',
    ],
    [
      'is equal to one above it, which is new',
      [
        ['A', '- x\n}\n'],
        ['B', '- y\n}\n- x\n}\n'],
      ],
      'B - y|B }|A - x|A }',
    ],
    [
      'moved',
      [
        ['A', 'one\ntwo\nthree\n'],
        ['B', 'two\nthree\none\n'],
      ],
      'A two|A three|A one',
    ],
    [
      'came back by a restore',
      [
        ['A', 'a\nb\n'],
        ['C', 'a\nc\n'],
        ['restore', 'a\nb\nc\n'],
      ],
      'A a|A! b|C c',
    ],
    [
      'is blank',
      [
        ['A', 'a\n'],
        ['B', 'a\n\nb\n'],
      ],
      'A a|B |B b',
    ],
    [
      'ends as Windows ends it',
      [
        ['A', 'a\r\nb\r\n'],
        ['B', 'a\nb\nc\n'],
      ],
      'A a|A b|B c',
    ],
    [
      'stands in a file that was cut for a moment',
      [
        ['A', 'a\nb\n'],
        ['A', 'a\nb\nc\n'],
      ],
      'A a|A b|A c',
    ],
  ] as const)('that %s', async (_, texts, told) => {
    expect(await linesOf(texts)).toBe(told);
    expect(await linesOf(texts, 'notes.md')).toBe(told);
  });

  it('that only ever was added to is of the version that added it, whatever the lines are', async () => {
    const line = fc.constantFrom('a', 'b', '', '}', '- x', 'long line of words');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(line, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 }),
        async added => {
          const texts = added.map(
            (_, i) =>
              [
                String(i),
                `${added
                  .slice(0, i + 1)
                  .flat()
                  .join('\n')}\n`,
              ] as const,
          );
          const { file, deps } = stage(raw(texts));
          const { rows } = await blameLines(file, file.versions.at(-1)!, deps);
          expect(rows.map(({ text }) => text)).toEqual(added.flat());
          // Appended to: each version holds the one before it as its beginning.
          const truth = added.flatMap((lines, i) => lines.map(() => String(i)));
          expect(rows.map(({ writer }) => writer?.id)).toEqual(truth);
        },
      ),
      { numRuns: 200 },
    );
  });
});
