import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../src/report/json-text.ts';

describe('JSON that is printed', () => {
  it('says the same, and holds nothing that a terminal obeys or hides', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        for (const indent of [undefined, 2]) {
          const printed = jsonText({ value, text, [text]: 1 }, indent);
          expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify({ value, text, [text]: 1 })));
          expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('shows what JSON itself leaves as it is', () => {
    expect(jsonText('\u009b31m \u202e \u2028 \u{e0041} é ü')).toBe('"\\u009b31m \\u202e \\u2028 \\udb40\\udc41 é ü"');
  });
});
