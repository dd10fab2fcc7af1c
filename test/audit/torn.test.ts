import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { isBeingWritten, tornVersions } from '../../src/audit/torn.ts';
import type { Version } from '../../src/model.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, inShort, noon, story, world } from '../helpers/stories.ts';

async function tornIn(steps: readonly Step[], which: 'torn' | 'pieces'): Promise<readonly number[]> {
  const { histories, read } = world(steps);
  const { versions } = histories[0]!;
  const found = await tornVersions(versions, bytesFrom(read));
  return versions.flatMap((version, i) => (found[which].has(version.id) ? [i] : []));
}

/** Versions with exactly these texts, 300 ms apart. */
function raw(texts: readonly string[]): readonly Step[] {
  return texts.map((text, i) => ({ path: 'notes.md', at: noon + i * 300, text }));
}

function bytesFrom(read: (blob: string) => Promise<Uint8Array>) {
  return async (version: Version) => (version.blob === null ? new Uint8Array() : read(version.blob));
}

describe('tornVersions', () => {
  it.each([
    ['cut to zero, then written', ['A: one', 'A: (empty)', '+5ms A: one two'], [1]],
    ['written in three pieces', ['A: one', 'B: two', '+5ms B: two three', '+5ms B: two three four'], [1, 2]],
    ['deleted and made anew at once', ['A: one', 'A: (gone)', '+5ms A: one two'], [1]],
    ['overwritten after 20 ms: a version like any other', ['A: one', 'A: one two', '+20ms C: one three'], []],
    ['stood for three seconds', ['A: one', 'A: (empty)', '+3s A: one two'], []],
    [
      'written slowly',
      ['A: one two', 'B: (empty)', '+2s B: two', '+2s B: two three', '+2s B: two three four'],
      [1, 2, 3],
    ],
    ['the same content again is no piece of itself', ['A: one two', 'A: one', '+5ms A: two one'], []],
    ['an imported version is whole, however short it stood', ['A: one', 'import: two', '+5ms A: two three'], []],
    ['an imported empty file, too', ['A: one', 'import: (empty)', '+5ms A: one two'], []],
    ['the newest is never torn by this', ['A: one', 'A: (empty)'], []],
  ])('%s', async (_, lines, expected) => expect(await tornIn(story(lines), 'torn')).toEqual(expected));

  it('what a scan found a moment before, and had stood for longer by its time, is whole', async () => {
    const texts = ['- one\n- two\n', '- one\n', '- one\n- three\n'];
    const steps = texts.map((text, i): Step => ({ path: 'notes.md', at: noon + i * 30_000, text }));
    const found = (at: number): Step => ({ ...steps[1]!, at, seenAt: steps[2]!.at - 900, how: 'scan' });
    expect(await tornIn([steps[0]!, found(steps[1]!.at), steps[2]!], 'torn')).toEqual([]);
    expect(await tornIn([steps[0]!, found(steps[2]!.at - 900), steps[2]!], 'torn')).toEqual([1]);
  });

  it('what went on within a second was a piece, though a scan found the rest days later', async () => {
    const texts = ['- one\n- two\n', '- one\n', '- one\n- three\n'];
    const at = [noon, noon + 30_000, noon + 30_900];
    const steps = texts.map((text, i): Step => ({ path: 'notes.md', at: at[i]!, text }));
    const late = (found: Partial<Step>): Step => ({
      ...steps[2]!,
      seenAt: noon + 3 * 86_400_000,
      how: 'scan',
      ...found,
    });
    expect(await tornIn([steps[0]!, steps[1]!, late({})], 'torn')).toEqual([1]);
    // A copy that keeps its old time says nothing of when it came.
    expect(await tornIn([steps[0]!, steps[1]!, late({ at: noon - 60_000 })], 'torn')).toEqual([]);
  });

  it('what a record says the next write was made of is no piece of it, however short it stood', async () => {
    const { histories, read } = world(story(['A: one two', 'P: one', '+900ms A: one three']));
    const { versions } = histories[0]!;
    const torn = async (isBase: boolean) =>
      [...(await tornVersions(versions, bytesFrom(read), async () => isBase)).torn].map(id =>
        versions.findIndex(version => version.id === id),
      );
    expect([await torn(false), await torn(true)]).toEqual([[1], []]);
  });

  it.each([
    [
      'a text that grew within its lines after it was cut',
      ['- one\n', '- t', '- two\n- th', '- two\n- three\n'],
      [1, 2],
    ],
    ['a beginning of what stood there', ['- one\n- two\n', '- one\n', '- one\n- three\n'], [1]],
    ['a whole text that another appended to', ['- one\n', '- one\n- two\n', '- one\n- two\n- three\n'], []],
    ['a whole text after a cut that another appended to', ['- one\n', '- two\n', '- two\n- three\n'], []],
    ['a new file that grows', ['- o', '- one\n- tw', '- one\n- two\n'], []],
  ])('nobody can have started from: %s', async (_, texts, expected) =>
    expect(await tornIn(raw(texts), 'pieces')).toEqual(expected),
  );
});

describe('a slow write', () => {
  const section = (i: number) =>
    `## Part ${i}\n\n- what part ${i} says first\n- and what it says then, at some length\n\n`;
  const whole = (...parts: readonly number[]) => `# Notes\n\n${parts.map(section).join('')}`;
  const old = whole(...Array.from({ length: 100 }, (_, i) => i));

  it.each([
    ['the same text with one more section', `${old}${section(100)}`],
    ['changed near its beginning', old.replace('# Notes\n', '# Notes\n\nMind the gap.\n')],
  ])('raises nothing while it grows and nothing at the end: %s', async (_, text) => {
    const pieces = (text: string) =>
      Array.from({ length: Math.ceil(text.length / 1500) }, (_, i) => text.slice(0, (i + 1) * 1500));
    // Of the second slow write nobody saw the moment in which the file was empty.
    const texts = [whole(0), old, '', ...pieces(`${old}The end.\n`), ...pieces(`${text}The end.\n`)];
    const steps = texts.map((text, i) => ({
      path: 'notes.md',
      at: noon + (i < 2 ? i * 60_000 : 120_000 + i * 300),
      text,
    }));
    const only = new Set(['home\0notes.md']);
    for (let n = 3; n <= steps.length; n++) {
      const now = steps[n - 1]!.at + 200;
      const { incidents } = await audit(steps.slice(0, n), rules, { now, only });
      expect(incidents, `after ${n} steps`).toEqual([]);
    }
    const next = {
      path: 'notes.md',
      at: noon + 180_000,
      text: `${text}The end.\n`.replace('- what part 90 says first\n', ''),
    };
    const { incidents } = await audit([...steps, next], rules);
    expect(incidents.map(inShort)).toEqual(['possible low: what part 90 says first']);
  });
});

describe('isBeingWritten', () => {
  it.each([
    ['empty and young', ['A: one', 'A: (empty)'], 100, true],
    ['a piece of what stood there, and young', ['A: one two', 'A: one'], 100, true],
    ['empty for three seconds', ['A: one', 'A: (empty)'], 3_000, false],
    ['the last step of a growth', ['A: one two', 'B: (empty)', '+1s B: two', '+1s B: two three'], 100, true],
    ['the last step, and it is quiet', ['A: one two', 'B: (empty)', '+1s B: two', '+1s B: two three'], 3_000, false],
    ['less than half of it', ['A: one two three', 'B: four'], 100, true],
    ['less than half of it, and it is quiet', ['A: one two three', 'B: four'], 3_000, false],
    ['appended to', ['A: one two', '+1s B: one two three'], 100, false],
    ['a piece of what stood there before', ['A: one two', 'A: one two three', 'C: one'], 100, true],
    ['exactly what stood there before', ['A: one two', 'A: one two three', 'C: one two'], 100, false],
    ['another text', ['A: one two', 'A: two'], 100, false],
    ['a new file', ['A: one'], 100, false],
    ['from before the clock was set back', ['A: one', 'A: (empty)'], -3_600_000, false],
  ])('%s', async (_, lines, age, expected) => {
    const { histories, read, end } = world(story(lines));
    expect(await isBeingWritten(histories[0]!, end + age, bytesFrom(read))).toBe(expected);
  });
});
