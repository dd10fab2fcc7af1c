/** A store that stops recording before its disk is full, as a full disk stops everybody. */
import { UndertextError } from '../errors.ts';
import type { Observation } from '../model.ts';
import type { Room, Store } from './store.ts';

/** How often the disk is asked how much room there is. */
const askEvery = 30_000;

/** Asks at most every 30 seconds, by a clock that is never set; `anew` asks now. */
export type RoomAsker = (anew?: boolean) => Promise<Room>;

export function roomAsker(store: Pick<Store, 'room'>, elapsed: () => number = () => performance.now()): RoomAsker {
  let asked: Promise<Room> | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  return (anew = false) => {
    if (asked === null || anew || elapsed() - askedAt >= askEvery) {
      askedAt = elapsed();
      asked = store.room();
      asked.catch(() => {
        asked = null;
      });
    }
    return asked;
  };
}

/**
 * `record` and `keep` refuse (`disk`) while fewer than `minFree` bytes are free. Restores go on: they are small, and
 * somebody waits for them. Notes go on too, or the gap could not be written down.
 */
export function withReserve(store: Store, room: RoomAsker, minFree: number): Store {
  const check = async (): Promise<void> => {
    // A disk that cannot even be asked will say so itself.
    const found = await room().catch(() => null);
    if (found === null || found.free >= minFree) return;
    const { free } = found;
    throw new UndertextError(
      'disk',
      `only ${inMegabytes(free)} MB are free on the disk of the store, so nothing is recorded`,
      `make room on that disk; recording goes on by itself with ${inMegabytes(minFree)} MB (keep.minFree in the configuration)`,
    );
  };
  const own: Pick<Store, 'record' | 'keep'> = {
    record: async (observations: readonly Observation[]) => {
      if (observations.some(({ how }) => how !== 'restore')) await check();
      return await store.record(observations);
    },
    keep: async (content, size, beginning) => {
      await check();
      return await store.keep(content, size, beginning);
    },
  };
  // Everything else is the store's own, with its own `this`.
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'record' || name === 'keep') return own[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function inMegabytes(bytes: number): number {
  return Math.floor(bytes / 1e6);
}
