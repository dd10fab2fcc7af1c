import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidateIndexes, distance, inferBase } from '../../src/audit/base.ts';
import type { Counts } from '../../src/audit/counts.ts';
import type { Version } from '../../src/model.ts';

/** A version is a string of units: `'ab'` has the units a and b. */
function counts(text: string): Counts {
  const map = new Map<string, number>();
  for (const unit of text) map.set(unit, (map.get(unit) ?? 0) + 1);
  return map;
}

/** The versions oldest first; the last is the write, the one before it what it replaced. */
function base(...texts: readonly string[]): string | null {
  const candidates = texts
    .slice(0, -2)
    .map(text => ({ version: { id: text } as Version, counts: counts(text) }))
    .reverse();
  return inferBase(counts(texts.at(-2)!), counts(texts.at(-1)!), candidates)?.version.id ?? null;
}

describe('inferBase', () => {
  it.each([
    ['both added', ['a', 'ab', 'ac'], 'a'],
    ['the newest that fits', ['a', 'ab', 'abc', 'abd'], 'ab'],
    ['the oldest that fits', ['a', 'ab', 'abc', 'ad'], 'a'],
    ['an exact older one', ['ab', 'abc', 'ab'], 'ab'],
    ['a changed unit changed back', ['ax', 'ay', 'axb'], 'ax'],
    ['what was removed since is still there', ['abx', 'acy', 'abxd'], 'abx'],
    ['a part of a large addition survives', ['a', 'abcdefgh', 'abi'], 'a'],
    ['ordinary growth', ['a', 'ab', 'abc'], null],
    ['half of the addition survives', ['a', 'abc', 'abd'], null],
    ['an old unit goes', ['ab', 'abc', 'bc'], null],
    ['the newest is deleted with an older one', ['ab', 'abc', 'a'], 'ab'],
    ['one of the newest is deleted with an older one', ['ab', 'abcd', 'ac'], null],
    ['nothing in common', ['a', 'ab', 'xyz'], null],
    ['little in common', ['abc', 'abcd', 'axyz'], null],
    ['only a deletion is undone: nothing is lost', ['ab', 'a', 'ab'], null],
    ['of two equal ones one is lost', ['b', 'bb', 'bc'], 'b'],
  ])('%s', (_, texts, expected) => {
    expect(base(...texts)).toBe(expected);
  });

  it('counts the distance it promises', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', 'e'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, text, (old, before, after) => {
        const fit = inferBase(counts(before), counts(after), [{ version: {} as Version, counts: counts(old) }]);
        if (fit) {
          expect(fit.distance).toBe(distance(counts(old), counts(after)));
          expect(fit.distance).toBeLessThan(distance(counts(before), counts(after)));
        }
      }),
    );
  });

  it('finds a stale write whatever was added, when nothing of it survives', () => {
    const units = (letters: string) =>
      fc.uniqueArray(fc.constantFrom(...letters), { minLength: 1 }).map(l => l.join(''));
    fc.assert(
      fc.property(units('abcd'), units('efgh'), units('ijkl'), (old, theirs, mine) => {
        expect(base(old, old + theirs, old + mine)).toBe(old);
      }),
    );
  });
});

describe('candidateIndexes', () => {
  const at = (times: readonly number[]) => times.map(seenAt => ({ at: seenAt, seenAt }) as Version);
  const hour = 3_600_000;

  it('goes back to the time limit, and to what still stood then', () => {
    expect(candidateIndexes(at([0, 1 * hour, 2 * hour, 100 * hour, 101 * hour]), 4)).toEqual([2]);
    expect(candidateIndexes(at([0, 1 * hour, 2 * hour, 3 * hour]), 3)).toEqual([1, 0]);
  });

  it('takes fifty, and then only those that stood long enough to be read', () => {
    const brisk = Array.from({ length: 200 }, (_, i) => 60_000 + i * 10);
    const found = candidateIndexes(at([0, ...brisk]), 200);
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toBe(0);
  });
});
