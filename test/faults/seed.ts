/** Chance that can be played again: `UNDERTEXT_SEED=… npm run test:faults`. */

export const seed = Number(process.env.UNDERTEXT_SEED);
/** All of it, instead of the sample that fits into the minutes CI has. */
export const isFull = process.env.UNDERTEXT_FULL === '1';

export interface Chance {
  /** A whole number below `end`. */
  below(end: number): number;
  pick<T>(list: readonly T[]): T;
  /** True once in `times`. */
  once(times: number): boolean;
  shuffle<T>(list: readonly T[]): T[];
}

/** A stream of its own for each name, so that a test alone meets what it met among the others (mulberry32). */
export function chanceOf(name: string): Chance {
  let state = seed >>> 0;
  for (const letter of name) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    below,
    pick: list => list[below(list.length)]!,
    once: times => below(times) === 0,
    shuffle: list => {
      const rest = [...list];
      return Array.from({ length: rest.length }, () => rest.splice(below(rest.length), 1)[0]!);
    },
  };
}
