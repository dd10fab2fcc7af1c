/** Hostile documents are read, compared and mended; what is too much for their format is said, and a loss in it is still found. */
import { applyPatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coarseChanges } from '../../src/documents/coarse-diff.ts';
import { compareUnits } from '../../src/documents/compare.ts';
import { unifiedDiff } from '../../src/documents/diff.ts';
import { parseDocument } from '../../src/documents/document.ts';
import { gather } from '../../src/documents/gather.ts';
import { mostRuns } from '../../src/documents/limits.ts';
import { mend } from '../../src/documents/mend.ts';
import { mergeText } from '../../src/documents/merge.ts';
import { findSection } from '../../src/documents/sections.ts';
import { accounted } from './accounted.ts';
import { hostile } from './hostile.ts';

describe('a hostile document', () => {
  it.each([...hostile])('%s is accounted for and told from a shorter one', (_, { path, bytes }) => {
    const whole = accounted(path, bytes);
    const shorter = parseDocument(path, bytes.subarray(0, Math.floor(bytes.length / 4) * 2));
    const { removed, added } = compareUnits(whole.units, shorter.units);
    expect(removed.length + added.length > 0).toBe(whole.units.length > 0);
    gather(removed, whole);
    findSection(whole, 'no such name');
  });
});

const lostLine = '- the line that was lost\n';

describe('a line lost from a hostile document', () => {
  it.each([
    ['quotes in quotes', `${'> '.repeat(100)}x\n`],
    ['lists in lists', `${'- '.repeat(100)}x\n`],
    ['a long table', `a|b\n-|-\n${'x|y\n'.repeat(6_000)}\n`],
    ['headings underlined', 'a\n-\n'.repeat(6_000)],
    ['much text', `${'words and words '.repeat(10)}\n\n`.repeat(13_500)],
  ])('among %s is found by lines and put back', (_, rest) => {
    const before = Buffer.from(`# Title\n\n${lostLine}\n${rest}`);
    const after = Buffer.from(`# Title\n\n${rest}`);
    const [one, two] = [parseDocument('notes.md', before), parseDocument('notes.md', after)];
    expect([one.limited, two.limited]).toEqual([
      expect.stringMatching(/: compared line by line$/),
      expect.stringMatching(/: compared line by line$/),
    ]);
    const { removed, added } = compareUnits(one.units, two.units);
    expect([removed.map(unit => unit.text), added]).toEqual([[lostLine.trim()], []]);
    const mending = { path: 'notes.md', base: null, lost: before, fingerprints: removed.map(unit => unit.fingerprint) };
    const mended = mend({ ...mending, present: after });
    expect(mended.restored.map(unit => unit.text)).toEqual([lostLine.trim()]);
    const again = compareUnits(parseDocument('notes.md', mended.bytes).units, one.units);
    expect([again.removed, again.added, mended.conflicts]).toEqual([[], [], []]);
    expect(mend({ ...mending, present: mended.bytes }).restored).toEqual([]);
  });

  it('of a thousand places is put back in some of them, and a person sees the others', () => {
    const lines = (isThere: (index: number) => boolean): Buffer =>
      Buffer.from(Array.from({ length: 700 }, (_, index) => (isThere(index) ? `line ${index}\n` : '')).join(''));
    const [lost, present] = [lines(() => true), lines(index => index % 2 === 0)];
    const units = (bytes: Uint8Array) => parseDocument('a.txt', bytes).units;
    const asked = compareUnits(units(lost), units(present)).removed;
    const mended = mend({
      path: 'a.txt',
      base: null,
      lost,
      present,
      fingerprints: asked.map(unit => unit.fingerprint),
    });
    expect(mended.restored.length).toBe(mostRuns);
    expect(mended.restored.length + mended.conflicts.length).toBe(asked.length);
    const changed = compareUnits(units(present), units(mended.bytes));
    expect([changed.removed, changed.added.length]).toEqual([[], mostRuns]);
  });
});

describe('texts that differ everywhere', () => {
  const text = (word: string, count: number): string =>
    Array.from({ length: count }, (_, index) => `${word} ${index}\n`).join('');

  it.each([
    ['all lines', text('a', 60_000), text('b', 60_000)],
    ['the beginning went', text('a', 60_000), text('a', 60_000).slice(400_000)],
    ['every third line', text('a', 9_000), text('a', 9_000).replace(/^a (\d*[036])$/gm, 'b $1')],
    ['no end of the last line', `${text('a', 3_000)}x`, `${text('b', 3_000)}x\n`],
    ['nothing left', text('a', 5_000), ''],
    ['nothing before', '', text('a', 5_000)],
    ['lines that all stand twice', text('a', 3_000).repeat(2), text('b', 2_000) + text('a', 2_000).repeat(2)],
  ])('have a diff that leads from one to the other: %s', (_, before, after) => {
    const patch = unifiedDiff(before, after, 'one', 'two');
    expect(patch.startsWith('--- one\n+++ two\n@@ ')).toBe(true);
    expect(applyPatch(before, patch) === after).toBe(true);
  });

  it('have changes that make one of the other', () => {
    const some = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { maxLength: 14 });
    fc.assert(
      fc.property(some, some, (one, other) => {
        const made: string[] = [];
        let at = 0;
        for (const { start, end, otherStart, otherEnd } of coarseChanges(one, other)) {
          expect(start >= at && end >= start && otherEnd >= otherStart).toBe(true);
          made.push(...one.slice(at, start), ...other.slice(otherStart, otherEnd));
          at = end;
        }
        expect([...made, ...one.slice(at)]).toEqual(other);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are merged as short ones are', () => {
    const places = fc.uniqueArray(fc.nat(29), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(places, fc.nat(5), fc.constantFrom('change', 'insert', 'delete'), (all, cut, how) => {
        const edit = (lines: readonly string[], at: readonly number[], word: string) =>
          lines.flatMap((line, index) => {
            if (!at.includes(index)) return [line];
            return how === 'insert' ? [`${word}\n`, line] : how === 'delete' ? [] : [`${word}\n`];
          });
        const short = Array.from({ length: 30 }, (_, index) => `line ${index}\n`);
        const long = [
          ...short.flatMap(line => [line, `after ${line}`, `and ${line}`]),
          ...text('more', 1_500).match(/.*\n/g)!,
        ];
        const [mine, theirs] = [all.slice(0, cut), all.slice(cut)];
        const merged = mergeText(
          long.join(''),
          edit(
            long,
            mine.map(at => at * 3),
            'mine',
          ).join(''),
          edit(
            long,
            theirs.map(at => at * 3),
            'theirs',
          ).join(''),
        );
        const expected = edit(edit(long, [], ''), [], '');
        expect(merged.conflict).toBe(false);
        const both = expected.flatMap((line, index) =>
          mine.includes(index / 3)
            ? edit([line], [0], 'mine')
            : theirs.includes(index / 3)
              ? edit([line], [0], 'theirs')
              : [line],
        );
        expect(merged.text === both.join('')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('are not merged where both changed one line', () => {
    const base = text('a', 2_000);
    const [ours, theirs] = [base.replace('a 900\n', 'x\n'), base.replace('a 900\n', 'y\n')];
    expect(mergeText(base, ours, theirs)).toEqual({ text: ours, conflict: true });
    expect(mergeText(base, ours, ours)).toEqual({ text: ours, conflict: false });
  });
});
