/** `UNDERTEXT_ROUNDS`: how many; `UNDERTEXT_SEED`: which, to play a failure again. Else a few hundred that are new each time. */
import { randomInt } from 'node:crypto';

export const seed = Number(process.env.UNDERTEXT_SEED ?? randomInt(2 ** 31));

export function count(usual: number): number {
  return Number(process.env.UNDERTEXT_ROUNDS ?? usual);
}
