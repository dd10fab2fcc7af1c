/** Thousands of histories, each from its own seed. */
import { type Base, synthetic } from './bases.ts';
import { type Play, play } from './play.ts';
import type { Random } from './random.ts';
import { random } from './random.ts';
import { wordsOf } from './words.ts';

export interface Generated {
  readonly play: Play;
  /** For what is still to be chosen: which records are left. */
  readonly chance: Random;
}

/** Half of them begin with a real folder where there is one. */
export function* histories(seed: number, count: number, real: readonly Base[]): Iterable<Generated> {
  for (let i = 0; i < count; i++) {
    const chance = random(seed + i);
    const words = wordsOf(chance);
    const base = real.length > 0 && chance.chance(0.5) ? chance.pick(real) : synthetic(chance, words);
    yield { play: play(base, chance, words), chance };
  }
}
