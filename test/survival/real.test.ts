/**
 * Real writers, the real watcher: every text whose writer was told that it stands is in the file, or in the store, or
 * nobody could have read it. What nobody could have read is measured: by the times between which the text stood, by a
 * bare `fs.watch` that reads beside us, and by how long the watcher had no processor.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Fate, type Outcome, play } from './play.ts';
import { anyRound, type Round } from './schedule.ts';
import { count, seed } from './settings.ts';

/** Milliseconds. What stands as long as this must be kept; design page 5: also when it lived for 10 ms. */
const readable = 10;
/** Rounds under one watcher. */
const batch = 150;
const buckets = [0, 1, 2, 5, readable, 20, 50, Number.POSITIVE_INFINITY];

const rounds = new Map<number, Round>(
  fc.sample(anyRound(3, 6), { seed, numRuns: count(300) }).map((round, number) => [number, round]),
);
const outcomes: Outcome[] = [];
let fates: readonly Fate[] = [];

beforeAll(
  async () => {
    const all = [...rounds];
    for (let at = 0; at < all.length; at += batch) {
      // Every other watcher is stopped while the last writes are still warm.
      outcomes.push(await play(new Map(all.slice(at, at + batch)), (at / batch) % 2 === 1));
    }
    fates = outcomes.flatMap(outcome => outcome.fates);
    process.stdout.write(`${report()}\n`);
  },
  60_000 + rounds.size * 1_000,
);

describe(`${rounds.size} rounds of seed ${seed}`, () => {
  it('keep every acknowledged text that could be read', () => {
    const lost = fates.filter(({ isKept, stood }) => !isKept && stood >= readable);
    expect(stories(lost.filter(fate => isSeenBare(fate) && !hadNoProcessor(fate)))).toEqual([]);
  });

  it('keep the last content of every file as the newest version, and nothing settled that nobody wrote', () => {
    expect(outcomes.flatMap(({ wrongs }) => wrongs)).toEqual([]);
  });

  it('name in an incident every text that went from its file, where the store has all that stood there', () => {
    const gone = fates.filter(({ isOnDisk, isSettled, isComplete }) => !isOnDisk && isSettled && isComplete);
    expect(gone.length).toBeGreaterThan(0);
    expect(stories(gone.filter(({ isNamed }) => !isNamed))).toEqual([]);
  });

  it('have texts that stood for moments, and some that were overwritten', () => {
    for (const [i, from] of buckets.slice(0, -1).entries()) {
      expect(fates.filter(({ stood }) => stood >= from && stood < buckets[i + 1]!).length).toBeGreaterThan(0);
    }
  });
});

const isSeenBare = (fate: Fate) => fate.isSeenBare;
/** For half of the time that the text stood, or longer. */
const hadNoProcessor = ({ waited, stood }: Fate) => waited * 2 >= stood;

/** What one needs to play a round again: `UNDERTEXT_SEED`, and what happened in it. */
function stories(of: readonly Fate[]): readonly string[] {
  return of.map(fate => {
    const { done, histories } = outcomes.find(outcome => outcome.fates.includes(fate))!;
    const writes = done.filter(({ path }) => path === fate.path).sort((a, b) => a.start - b.start);
    const begin = writes[0]!.start;
    const short = (text: string) => text.match(/t\d+x\d+/g)?.join(' ') ?? '-';
    return [
      `seed ${seed}, round ${fate.round}: ${fate.token} stood ${fate.stood} ms (the watcher ran ${fate.ran}, waited ${fate.waited}) in ${fate.path}`,
      JSON.stringify(rounds.get(fate.round)),
      ...writes.map(({ start, end, text, token }) => {
        return `  ${start - begin}–${end - begin} µs ${token}: ${text === null ? 'appended' : short(text)}`;
      }),
      ...histories.get(fate.path)!.map(({ text, settled, seenAt }) => {
        return `  kept ${settled ? 'whole  ' : 'unsettled'} ${seenAt}: ${short(text)}`;
      }),
    ].join('\n');
  });
}

function report(): string {
  const lines = buckets.slice(0, -1).map((from, i) => {
    const to = buckets[i + 1]!;
    const inIt = fates.filter(({ stood }) => stood >= from && stood < to);
    const kept = inIt.filter(({ isKept }) => isKept).length;
    const bare = inIt.filter(isSeenBare).length;
    const excused = inIt.filter(fate => !fate.isKept && (!fate.isSeenBare || hadNoProcessor(fate))).length;
    const share = (n: number) => `${((100 * n) / (inIt.length || 1)).toFixed(1)} %`.padStart(8);
    const name = to === Number.POSITIVE_INFINITY ? `> ${from} ms` : `${from}–${to} ms`;
    return `  stood ${name.padEnd(9)} ${String(inIt.length).padStart(6)} texts  kept ${share(kept)}  bare control ${share(bare)}  not to be read ${excused}`;
  });
  const last = fates.filter(({ stood }) => stood === Number.POSITIVE_INFINITY);
  const gone = fates.filter(({ isOnDisk, isSettled, isComplete }) => !isOnDisk && isSettled && isComplete);
  return [
    `survival: seed ${seed}, ${rounds.size} rounds, ${fates.length} acknowledged texts`,
    ...lines,
    `  still there ${String(last.length).padStart(9)} texts  kept ${last.filter(({ isKept }) => isKept).length}`,
    `  overwritten, all kept: ${gone.length}, named by an incident: ${gone.filter(({ isNamed }) => isNamed).length}`,
    `  settled contents that nobody wrote alone: ${outcomes.reduce((sum, { mixed }) => sum + mixed, 0)}`,
  ].join('\n');
}
