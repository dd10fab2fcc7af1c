/** Two writers who changed different units: the small, seeded part of `npm run bench mending`. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Case, madeCase, randomFrom, realCase } from '../../bench/mending-cases.ts';
import { lostOrDoubled, mended } from '../../bench/mending-judge.ts';

/** Everything that must hold does; returns how many cases asked a person. */
function askedIn(cases: readonly Case[]): number {
  let asked = 0;
  for (const [index, given] of cases.entries()) {
    const { isAsked, wrong } = mended(given);
    expect(wrong, `case ${index}, ${given.kind}`).toEqual([]);
    if (isAsked) asked++;
  }
  return asked;
}

it('of made pages, settings and texts 99 of 100 are mended without asking, and all holds that must', () => {
  const cases = Array.from({ length: 360 }, (_, index) => madeCase(3, index));
  expect(askedIn(cases)).toBeLessThanOrEqual(3);
});

const corpus = join(process.env.UNDERTEXT_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus'), 'folders');

describe.skipIf(!existsSync(corpus))('real Markdown (skipped where ../shared/corpus is not present)', () => {
  it('is mended likewise', () => {
    const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.md'))
      .sort()
      .map(name => join(corpus, name))
      .filter(file => statSync(file).isFile() && statSync(file).size > 200 && statSync(file).size < 10_000);
    const cases = files.flatMap((file, index) => realCase('x.md', readFileSync(file, 'utf8'), randomFrom(index)) ?? []);
    expect(cases.length).toBeGreaterThan(20);
    expect(askedIn(cases)).toBeLessThanOrEqual(cases.length / 100);
  });
});

describe('the judge sees', () => {
  const given = Array.from({ length: 12 }, (_, index) => madeCase(3, index));

  it.each<[string, (one: Case) => string]>([
    ['that nothing came back', ({ present }) => present],
    ['that the present text went', ({ lost }) => lost],
    ['that all stands there twice', ({ present, lost }) => `${present}\n${lost}`],
  ])('%s', (_, broken) => {
    for (const one of given) expect(lostOrDoubled(one, broken(one)).length, one.kind).toBeGreaterThan(0);
  });
});
