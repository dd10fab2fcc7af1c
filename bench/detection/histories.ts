/** Thousands of histories, each from its own seed. */
import { type Base, synthetic } from './bases.ts';
import { type Play, play } from './play.ts';
import type { Random } from './random.ts';
import { random } from './random.ts';
import type { KindId } from './scenes/kinds.ts';
import { alone, withScenes } from './with-scenes.ts';
import { wordsOf } from './words.ts';

export interface Generated {
  readonly play: Play;
  /** For what is still to be chosen: which records are left. */
  readonly chance: Random;
}

/** The scenes of a history are drawn from a seed of their own: its other files are the same with and without them. */
const SCENES = 0x5ce7e5;

/** Half of them begin with a real folder where there is one. Beside it one to three scenes are played. */
export function* histories(seed: number, count: number, real: readonly Base[]): Iterable<Generated> {
  for (let i = 0; i < count; i++) {
    const chance = random(seed + i);
    const words = wordsOf(chance);
    const base = real.length > 0 && chance.chance(0.5) ? chance.pick(real) : synthetic(chance, words);
    const played = play(base, chance, words);
    const beside = random((seed + i) ^ SCENES);
    yield { play: withScenes(played, 1 + beside.int(3), beside, wordsOf(beside)), chance };
  }
}

/** Homes in which nothing happens but one scene: rare kinds get figures of their own. */
export function* scenesOf(seed: number, kinds: readonly KindId[], each: number): Iterable<Generated> {
  for (const [k, kind] of kinds.entries()) {
    for (let i = 0; i < each; i++) {
      const chance = random((seed ^ SCENES) + k * 10_007 + i);
      yield { play: alone(kind, chance, wordsOf(chance)), chance };
    }
  }
}
