import { describe, expect, it } from 'vitest';
import { isBeingWritten, tornVersions } from '../../src/audit/torn.ts';
import type { Version } from '../../src/model.ts';
import { story, world } from '../helpers/stories.ts';

async function tornIn(lines: readonly string[]): Promise<readonly number[]> {
  const { histories, read } = world(story(lines));
  const { versions } = histories[0]!;
  const torn = await tornVersions(versions, bytesFrom(read));
  return versions.flatMap((version, i) => (torn.has(version.id) ? [i] : []));
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
    ['stood for two seconds', ['A: one', 'A: (empty)', '+2s A: one two'], []],
    ['the same content again is no piece of itself', ['A: one two', 'A: one', '+5ms A: two one'], []],
    ['the newest is never torn by this', ['A: one', 'A: (empty)'], []],
  ])('%s', async (_, lines, expected) => expect(await tornIn(lines)).toEqual(expected));
});

describe('isBeingWritten', () => {
  it.each([
    ['empty and young', ['A: one', 'A: (empty)'], 100, true],
    ['a piece of what stood there, and young', ['A: one two', 'A: one'], 100, true],
    ['empty for two seconds', ['A: one', 'A: (empty)'], 2_000, false],
    ['a piece of what stood there before', ['A: one two', 'A: one two three', 'C: one'], 100, true],
    ['exactly what stood there before', ['A: one two', 'A: one two three', 'C: one two'], 100, false],
    ['another text', ['A: one two', 'A: two'], 100, false],
    ['a new file', ['A: one'], 100, false],
  ])('%s', async (_, lines, age, expected) => {
    const { histories, read, end } = world(story(lines));
    expect(await isBeingWritten(histories[0]!, end + age, bytesFrom(read))).toBe(expected);
  });
});
