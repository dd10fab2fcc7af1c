/** A text is found where it stands, however its content is cut into pieces. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seekerFor } from '../../src/documents/seek.ts';

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const end = (text: string, content: string, sizes: readonly number[], ignoreCase = false): Promise<number> =>
  seekerFor(text, ignoreCase).firstEnd(cut(Buffer.from(content), sizes));

describe('a text', () => {
  it.each([
    ['at the start', 'one', 'one two', false, 3],
    ['at the end', 'two', 'one two', false, 7],
    ['twice: the first counts', 'o', 'one two', false, 1],
    ['nowhere', 'three', 'one two', false, Number.POSITIVE_INFINITY],
    ['in other letters', 'TWO', 'one two', false, Number.POSITIVE_INFINITY],
    ['in other letters, which are the same', 'TWO', 'one tWo two', true, 7],
    ['of letters of several bytes', 'ÄÖ', 'xx äö', true, 7],
    ['of a letter that gets shorter', 'k', 'x\u212a', true, 4],
    ['of a letter that gets longer', 'i\u0307', 'x\u0130', true, 3],
    ['with a sigma at its end', 'ὀδός', 'ὈΔΌΣ', true, 9],
    ['with a picture', '😀b', 'a😀B', true, 6],
    ['in nothing', 'x', '', true, Number.POSITIVE_INFINITY],
  ])('%s', async (_, text, content, ignoreCase, at) => {
    for (const sizes of [[1], [2], [3], [1, 4], [5, 1], [100]])
      expect(await end(text, content, sizes, ignoreCase)).toBe(at);
  });

  it('ends where the shortest beginning of the content that holds it does', async () => {
    const letters = fc.constantFrom('a', 'A', 'b', 'é', 'É', 'K', '\u212a', 'ς', 'Σ', '😀', '\u0130', '\n');
    const words = (most: number) => fc.array(letters, { minLength: 1, maxLength: most }).map(list => list.join(''));
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(words(4), words(40), sizes, fc.boolean(), async (text, content, sizes, ignoreCase) => {
        const fold = (each: string) => (ignoreCase ? each.toLowerCase().replaceAll('ς', 'σ') : each);
        let wanted = Number.POSITIVE_INFINITY;
        const all = [...content];
        for (let i = 1; i <= all.length && wanted === Number.POSITIVE_INFINITY; i++) {
          const part = all.slice(0, i).join('');
          if (fold(part).includes(fold(text))) wanted = Buffer.byteLength(part);
        }
        expect(await end(text, content, sizes, ignoreCase)).toBe(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it('is not looked for behind its first occurrence', async () => {
    let pieces = 0;
    async function* counted() {
      for (const piece of ['one', ' two', ' three']) {
        pieces++;
        yield Buffer.from(piece);
      }
    }
    expect(await seekerFor('two', false).firstEnd(counted())).toBe(7);
    expect(pieces).toBe(2);
  });
});
