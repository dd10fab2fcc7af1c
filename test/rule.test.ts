/** What `undertext/rule` offers besides types. */
import { describe, expect, it } from 'vitest';
import type { PathHistory, Version } from '../src/rule.ts';
import { brokenBy, fileUnit, fitsAny, folderOf, listed, nameOf } from '../src/rule.ts';

describe('words and paths', () => {
  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a, b', 'c', 'd'], 'a, b, c and d'],
    [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
  ] as const)('%j is listed as %j', (names, text) => expect(listed(names)).toBe(text));

  it.each([
    ['a/b/c.md', 'a/b', 'c.md'],
    ['c.md', '', 'c.md'],
  ])('%s lies in %j and is called %j', (path, folder, name) => {
    expect([folderOf(path), nameOf(path)]).toEqual([folder, name]);
  });

  it('a unit of a file is called by its name, or as it is told', () => {
    expect(fileUnit('a/b.md').name).toBe('b.md');
    expect(fileUnit('a/b.md', 'x')).toEqual({ ...fileUnit('a/b.md'), name: 'x' });
  });

  it('one glob of several is enough, and none fits nothing', () => {
    expect(fitsAny('a/b.md', ['*.md', 'a/*'])).toBe(true);
    expect(fitsAny('a/b.md', ['*.md'])).toBe(false);
    expect(fitsAny('a/b.md', [])).toBe(false);
  });
});

describe('brokenBy', () => {
  const version = (id: string, at: number, more: Partial<Version> = {}) =>
    ({ id, at, kind: 'file', how: 'event', ...more }) as Version;
  const history = (...versions: readonly Version[]) =>
    ({
      versions,
      edits: versions.slice(1).map((after, i) => ({ before: versions[i]!, after })),
    }) as unknown as PathHistory;
  const [without, first, second] = [version('without', 10), version('first', 20), version('second', 30)];
  const target = (...at: readonly number[]) =>
    history(version('there', 1), ...at.map(at => version(`gone ${at}`, at, { kind: 'gone' })));
  const ask = async (file: PathHistory, of: PathHistory | undefined, looked = '') => {
    const isNamedIn = async ({ id }: Version) => id !== 'without';
    return (await brokenBy(file, of, isNamedIn, { isFirstLook: ({ id }) => id === looked }))?.id ?? null;
  };

  it.each([
    ['the target never was: the write that brought the name', history(without, first, second), undefined, 'first'],
    ['it was deleted after that', history(without, first, second), target(25), 'gone 25'],
    ['it was deleted after the newest write', history(without, first, second), target(40), 'gone 40'],
    ['it was deleted before: the write that brought the name', history(without, first, second), target(5), 'first'],
    ['the name stood there from the beginning', history(first, second), undefined, 'first'],
  ] as const)('%s', async (_, file, of, cause) => expect(await ask(file, of)).toBe(cause));

  it('what the first look found has no cause, but a later deletion is one', async () => {
    expect(await ask(history(first, second), undefined, 'first')).toBeNull();
    expect(await ask(history(first, second), target(25), 'first')).toBe('gone 25');
  });

  it('that undertext took the target away again is no deletion', async () => {
    const undone = history(version('there', 1), version('undone', 25, { kind: 'gone', how: 'restore' }));
    expect(await ask(history(without, first, second), undone)).toBe('first');
  });
});
