/** Chance with a seed: the same seed gives the same history on every machine. */

export interface Random {
  /** 0 to n - 1. */
  int(n: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
  /** Another order of the same. */
  shuffled<T>(list: readonly T[]): readonly T[];
}

export function random(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (n: number): number => Math.floor(next() * n);
  return {
    int,
    chance: share => next() < share,
    pick: list => list[int(list.length)]!,
    weighted: weights => {
      const entries = Object.entries<number>(weights);
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      const found = entries.find(([, weight]) => {
        left -= weight;
        return left < 0;
      });
      return (found ?? entries.at(-1)!)[0] as never;
    },
    shuffled: list => {
      const left = [...list];
      return list.map(() => left.splice(int(left.length), 1)[0]!);
    },
  };
}
