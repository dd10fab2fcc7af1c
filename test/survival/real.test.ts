/**
 * Real writers, the real watcher: every text whose writer was told that it stands is in the file, or in the store, or
 * nobody could have read it. What nobody could have read is measured: by the times between which the text stood, by a
 * bare `fs.watch` that reads beside us, and by how long the watcher had no processor.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Fate, type Outcome, play, storyOf } from './play.ts';
import { anyRound, type Round } from './schedule.ts';
import { count, seed } from './settings.ts';

/** Milliseconds. What stands as long as this must be kept; design page 5: also when it lived for 10 ms. */
const readable = 10;
/** Rounds under one watcher. */
const batch = 150;
const buckets = [0, 1, 2, 5, readable, 20, 50, Number.POSITIVE_INFINITY];

/** How often a round is played again in which a text was lost. */
const encore = 20;
/** Of what could be read, so much is kept at the first go; a machine has moments that no account of its time shows. */
const share = 0.98;

const rounds = new Map<number, Round>(
  fc.sample(anyRound(3, 6), { seed, numRuns: count(300) }).map((round, number) => [number, round]),
);
const outcomes: Outcome[] = [];
let fates: readonly Fate[] = [];
/** The rounds in which something was lost, played again. */
let again: readonly Fate[] = [];

beforeAll(
  async () => {
    const all = [...rounds];
    for (let at = 0; at < all.length; at += batch) {
      // Every other watcher is stopped while the last writes are still warm.
      outcomes.push(await play(new Map(all.slice(at, at + batch)), (at / batch) % 2 === 1));
    }
    fates = outcomes.flatMap(outcome => outcome.fates);
    const rest = new Set(fates.filter(isLost).map(({ round }) => round));
    if (rest.size > 0) {
      const copies = [...rest].flatMap(n =>
        Array.from({ length: encore }, (_, i) => [(i + 1) * 1e6 + n, rounds.get(n)!] as const),
      );
      const outcome = await play(new Map(copies), true);
      outcomes.push(outcome);
      again = outcome.fates;
    }
    process.stdout.write(`${report()}\n`);
  },
  60_000 + rounds.size * 1_000,
);

describe(`${rounds.size} rounds of seed ${seed}`, () => {
  it('keep the acknowledged texts that could be read', () => {
    const could = fates.filter(fate => (fate.isKept ? fate.stood >= readable : isLost(fate)));
    const kept = could.filter(({ isKept }) => isKept);
    expect(kept.length / could.length, stories(fates.filter(isLost)).join('\n')).toBeGreaterThanOrEqual(share);
  });

  it('keep, when it is done again, what was lost', () => {
    expect(stories(again.filter(isLost))).toEqual([]);
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
/** For half of the time that the text stood, or longer, the watcher could not have run. */
const wasHeldUp = ({ stood, used: { waited, blocked } }: Fate) => (waited + blocked) / 1000 >= stood / 2;

/** It stood long enough, the control read it, and the watcher could have. */
function isLost(fate: Fate): boolean {
  return !fate.isKept && fate.stood >= readable && fate.isSeenBare && !wasHeldUp(fate);
}

/** What one needs to play a round again: `UNDERTEXT_SEED`, and what happened in it. */
function stories(of: readonly Fate[]): readonly string[] {
  return of.map(fate => {
    const { done, histories } = outcomes.find(outcome => outcome.fates.includes(fate))!;
    return [
      `seed ${seed}, round ${fate.round % 1e6}: ${fate.token} stood ${fate.stood} ms (the watcher: ${JSON.stringify(fate.used)} µs) in ${fate.path}`,
      JSON.stringify(rounds.get(fate.round % 1e6)),
      storyOf(fate.path, done, histories.get(fate.path)!),
    ].join('\n');
  });
}

function report(): string {
  const lines = buckets.slice(0, -1).map((from, i) => {
    const to = buckets[i + 1]!;
    const inIt = fates.filter(({ stood }) => stood >= from && stood < to);
    const kept = inIt.filter(({ isKept }) => isKept).length;
    const bare = inIt.filter(isSeenBare).length;
    const excused = inIt.filter(fate => !fate.isKept && (!fate.isSeenBare || wasHeldUp(fate))).length;
    const percent = (n: number) => `${((100 * n) / (inIt.length || 1)).toFixed(1)} %`.padStart(8);
    const name = to === Number.POSITIVE_INFINITY ? `> ${from} ms` : `${from}–${to} ms`;
    return `  stood ${name.padEnd(9)} ${String(inIt.length).padStart(6)} texts  kept ${percent(kept)}  bare control ${percent(bare)}  not to be read ${excused}`;
  });
  const last = fates.filter(({ stood }) => stood === Number.POSITIVE_INFINITY);
  const gone = fates.filter(({ isOnDisk, isSettled, isComplete }) => !isOnDisk && isSettled && isComplete);
  return [
    `survival: seed ${seed}, ${rounds.size} rounds, ${fates.length} acknowledged texts`,
    ...lines,
    `  lost at the first go ${fates.filter(isLost).length}, when done again ${again.filter(isLost).length} of ${again.length}`,
    `  still there ${String(last.length).padStart(9)} texts  kept ${last.filter(({ isKept }) => isKept).length}`,
    `  overwritten, all kept: ${gone.length}, named by an incident: ${gone.filter(({ isNamed }) => isNamed).length}`,
    `  settled contents that nobody wrote alone: ${outcomes.reduce((sum, { mixed }) => sum + mixed, 0)}`,
  ].join('\n');
}
