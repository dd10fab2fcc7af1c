/**
 * Several writers, a few files, stale copies beside everything that people and models do on purpose: how much of what was lost
 * is told, and how much of what is told was lost. The generator and the judge are those of `npm run bench:detection`, which
 * runs thousands; the floors here are below what this seed gives.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { precisionOf, recallOf } from '../../bench/detection/figures.ts';
import { histories } from '../../bench/detection/histories.ts';
import type { Verdict } from '../../bench/detection/judge.ts';
import { judge } from '../../bench/detection/judge.ts';
import { rules } from '../../rules/index.ts';
import type { Certainty } from '../../src/model.ts';

/** `RUNS=2000 SEED=7 npx vitest run test/audit/many-writers.test.ts` looks further. */
const runs = Number(process.env.RUNS ?? 150);
const seed = Number(process.env.SEED ?? 22);
const verdicts: Record<'none' | 'all' | 'some', Verdict[]> = { none: [], all: [], some: [] };

beforeAll(async () => {
  for (const { play, chance } of histories(seed, runs, [])) {
    for (const records of ['none', 'all', 'some'] as const) {
      verdicts[records].push(await judge(play, rules, records, chance));
    }
  }
}, 600_000);

const recall = (of: readonly Verdict[]) => recallOf(of.flatMap(({ losses }) => losses));
const precision = (of: readonly Verdict[], certainty: Certainty) =>
  precisionOf(of.flatMap(({ incidents }) => incidents).filter(one => one.certainty === certainty));

describe('many writers', () => {
  it('lose something often enough to judge by', () => {
    expect(recall(verdicts.none).losses).toBeGreaterThan(runs / 3);
  });

  it.each(['none', 'all', 'some'] as const)('what they lost is told (records: %s)', records => {
    const { whole, some, pieces } = recall(verdicts[records]);
    expect(whole, 'all of it').toBeGreaterThan(0.94);
    expect(some, 'some of it').toBeGreaterThan(0.95);
    expect(pieces).toBeGreaterThan(0.95);
  });

  it.each(['none', 'some'] as const)('likely is right in most cases (records: %s)', records => {
    const { count, any, units } = precision(verdicts[records], 'likely');
    expect(count).toBeGreaterThan(runs / 10);
    expect(any).toBeGreaterThan(0.85);
    expect(units, 'and so are the units').toBeGreaterThan(0.7);
  });

  it.each(['all', 'some'] as const)('proven is always right (records: %s)', records => {
    const { count, any } = precision(verdicts[records], 'proven');
    expect(count).toBeGreaterThan(runs / 20);
    expect(any).toBe(1);
  });

  it('with all records most of it is proven', () => {
    expect(recall(verdicts.all).at.proven).toBeGreaterThan(0.9);
  });
});
