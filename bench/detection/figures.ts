/** Verdicts → recall and precision. */
import type { Certainty } from '../../src/model.ts';
import type { Judged, Loss, Verdict } from './judge.ts';

export const certainties: readonly Certainty[] = ['proven', 'likely', 'possible'];

export interface Recall {
  readonly losses: number;
  /** Every lost piece is named by an incident of that write; some of it is; pieces over all. 0 to 1. */
  readonly whole: number;
  readonly some: number;
  readonly pieces: number;
  readonly at: Readonly<Record<Certainty, number>>;
}

export interface Precision {
  readonly count: number;
  /** At least one unit named was lost and unseen; at least half of them; units over all. 0 to 1. */
  readonly any: number;
  readonly most: number;
  readonly units: number;
  /** Of the units that were not: gone but meant; not gone at all (edited, folded, translated, moved). */
  readonly meant: number;
  readonly stands: number;
}

export function recallOf(losses: readonly Loss[]): Recall {
  const sum = (of: (loss: Loss) => number) => losses.reduce((total, loss) => total + of(loss), 0);
  const share = (is: (loss: Loss) => boolean) => losses.filter(is).length / losses.length;
  return {
    losses: losses.length,
    whole: share(({ missed }) => missed.length === 0),
    some: share(({ named }) => named > 0),
    pieces: sum(({ named }) => named) / sum(({ pieces }) => pieces),
    at: {
      proven: share(({ certainty }) => certainty === 'proven'),
      likely: share(({ certainty }) => certainty === 'likely'),
      possible: share(({ certainty }) => certainty === 'possible'),
    },
  };
}

export function precisionOf(judged: readonly Judged[]): Precision {
  const sum = (of: (one: Judged) => number) => judged.reduce((total, one) => total + of(one), 0);
  const [lost, meant, stands] = [sum(one => one.lost), sum(one => one.meant), sum(one => one.stands)];
  return {
    count: judged.length,
    any: judged.filter(one => one.lost > 0).length / judged.length,
    most: judged.filter(isMostlyRight).length / judged.length,
    units: lost / (lost + meant + stands),
    meant,
    stands,
  };
}

function isMostlyRight({ lost, meant, stands }: Judged): boolean {
  return lost > 0 && lost >= meant + stands;
}

/** How often each sign stood at writes that look stale, and how often they were. */
export function calibration(verdicts: readonly Verdict[]) {
  const all = verdicts.flatMap(({ signs }) => signs);
  const names = [...new Set(all.flatMap(({ signs }) => [...signs]))].sort();
  return names.map(name => {
    const share = (hasSign: boolean) => {
      const some = all.filter(({ signs }) => signs.has(name) === hasSign);
      return { count: some.length, right: some.filter(({ isRight }) => isRight).length / some.length };
    };
    return { name, present: share(true), absent: share(false) };
  });
}

/** What was done in the writes that were told at this certainty, though nothing unseen was lost; the most frequent first. */
export function wrongOnes(judged: readonly Judged[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { lost, write } of judged) if (lost === 0) counts.set(write.deed, (counts.get(write.deed) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
