import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work may hold the loop before others get their turn: a file may be rewritten every millisecond. */
const sliceMs = 2;

/** Lets everybody else go on when this has gone on for a while; called between any two steps, it costs next to nothing. */
export function pauses(): () => Promise<void> | undefined {
  let turn = performance.now();
  return () => {
    if (performance.now() - turn <= sliceMs) return undefined;
    return nextTurn().then(() => {
      turn = performance.now();
    });
  };
}
