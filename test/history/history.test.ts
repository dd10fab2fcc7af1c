import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editsOf, folderHistories, foldersOf, historyOf, isSameContent } from '../../src/history/history.ts';
import type { Version, VersionKind } from '../../src/model.ts';

/** `'A'` is a settled content, `'a?'` an unsettled one, `'-'` a deletion, `'!'` a secret. */
function versions(contents: string): readonly Version[] {
  return (contents.match(/[A-Za-z!-]\??/g) ?? []).map((content, i) => version(content, i));
}

function version(content: string, i: number): Version {
  const kind: VersionKind = content[0] === '-' ? 'gone' : content[0] === '!' ? 'withheld' : 'file';
  return {
    id: `v${i}`,
    root: 'home',
    path: 'a.md',
    kind,
    at: i,
    seenAt: i,
    blob: kind === 'file' ? content[0]! : null,
    size: kind === 'file' ? 1 : 0,
    mode: 0o644,
    mtime: i,
    how: 'event',
    settled: !content.endsWith('?'),
    snapshot: null,
  };
}

const told = (list: readonly Version[]) => list.map(({ blob, kind, id }) => `${blob ?? kind}:${id}`).join(' ');

describe('historyOf', () => {
  it.each([
    ['in their order', 'A B C', 'A:v0 B:v1 C:v2'],
    ['the same in a row is the earliest', 'A A B B A', 'A:v0 B:v2 A:v4'],
    ['what was replaced unsettled drops out, and its neighbours meet', 'A B? A C', 'A:v0 C:v3'],
    ['unsettled, then settled with the same content, is settled since the first', 'A B? B C', 'A:v0 B:v1 C:v3'],
    ['an unsettled newest version stays', 'A B?', 'A:v0 B:v1'],
    ['deletions and secrets are versions', 'A - - B ! !', 'A:v0 gone:v1 B:v3 withheld:v4'],
  ])('%s', (_, contents, expected) => {
    expect(told(historyOf(versions(contents), 'authored').versions)).toBe(expected);
  });

  it('orders by the time of reading', () => {
    const [a, b] = versions('A B');
    expect(told(historyOf([b!, a!], 'authored').versions)).toBe('A:v0 B:v1');
  });

  it('a restore that a watcher saw first is still a restore', () => {
    const [before, seen, ours] = versions('A B B');
    const { versions: kept } = historyOf([before!, seen!, { ...ours!, how: 'restore' }], 'authored');
    expect(kept.map(({ id, how }) => [id, how])).toEqual([
      ['v0', 'event'],
      ['v1', 'restore'],
    ]);
  });

  it('makes no edit of an unsettled newest version', () => {
    expect(historyOf(versions('A B C?'), 'authored').edits).toHaveLength(1);
    expect(historyOf(versions('A?'), 'authored').edits).toEqual([]);
    expect(historyOf([], 'authored').edits).toEqual([]);
  });

  it('holds for any history: neighbours differ, edits are a chain', () => {
    const contents = fc.array(fc.constantFrom('A', 'B', 'C?', 'A?', '-')).map(list => list.join(' '));
    fc.assert(
      fc.property(contents, text => {
        const { versions: kept, edits } = historyOf(versions(text), 'authored');
        expect(kept.slice(1).every((next, i) => !isSameContent(kept[i]!, next))).toBe(true);
        expect(kept.slice(0, -1).every(({ settled }) => settled)).toBe(true);
        expect(edits.slice(1).every(({ before }, i) => before === edits[i]!.after)).toBe(true);
        expect(edits).toEqual(editsOf(kept));
      }),
    );
  });
});

describe('folderHistories', () => {
  it('knows every folder, the root too', () => {
    const file = (path: string) => ({ root: 'home', path, class: 'authored' as const, versions: [], edits: [] });
    const folders = folderHistories([file('a/b/c.md'), file('a/d.md'), file('../.claude.json')]);
    expect(folders.map(({ path, files }) => [path, files.map(({ path }) => path)])).toEqual([
      ['', ['a/b/c.md', 'a/d.md', '../.claude.json']],
      ['a', ['a/b/c.md', 'a/d.md']],
      ['a/b', ['a/b/c.md']],
    ]);
  });

  it('names the folders of a path', () => {
    expect(foldersOf('a/b/c.md')).toEqual(['', 'a', 'a/b']);
    expect(foldersOf('c.md')).toEqual(['']);
  });
});
