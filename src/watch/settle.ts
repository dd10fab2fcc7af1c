/**
 * When to look, and what to believe. A path is read at once when an event comes, and again when it has been quiet;
 * a writer that never rests is read again and again all the same.
 */
/** Milliseconds. */
export interface Timing {
  /** A path is quiet when nothing was heard of it for this long … */
  readonly quiet: number;
  /** … and is looked at anyway this long after the first event. */
  readonly atMost: number;
  /** What was read at once is held this long: what stands still until then is whole. */
  readonly hold: number;
  /** The same two for logs that are too long to be read at every line. */
  readonly logQuiet: number;
  readonly logAtMost: number;
}

export const usualTiming: Timing = { quiet: 60, atMost: 500, hold: 2, logQuiet: 2_000, logAtMost: 30_000 };

/**
 * Keys that come due a fixed time after they were put, oldest first. Putting a key again starts its time anew when
 * `restarts`, else changes nothing. All in a map's own order, so thousands of keys cost no more than a few. Times are of
 * a clock that is never set.
 */
export class Delay<K> {
  readonly #after: number;
  readonly #restarts: boolean;
  readonly #since = new Map<K, number>();

  constructor(after: number, restarts: boolean) {
    this.#after = after;
    this.#restarts = restarts;
  }

  get size(): number {
    return this.#since.size;
  }

  has(key: K): boolean {
    return this.#since.has(key);
  }

  put(key: K, now: number): void {
    if (this.#since.has(key)) {
      if (!this.#restarts) return;
      this.#since.delete(key);
    }
    this.#since.set(key, now);
  }

  remove(key: K): void {
    this.#since.delete(key);
  }

  /** Takes out what is due, or everything. */
  take(now: number = Number.POSITIVE_INFINITY): readonly K[] {
    const due: K[] = [];
    for (const [key, since] of this.#since) {
      if (now - since < this.#after) break;
      due.push(key);
    }
    for (const key of due) this.#since.delete(key);
    return due;
  }

  /** When the next one is due; null when nothing waits. */
  next(): number | null {
    for (const since of this.#since.values()) return since + this.#after;
    return null;
  }
}

/**
 * True when a content that was soon followed by another was whole: the second does not merely go on where the first
 * stopped, and it is not the first cut to its length, as when a shorter text is written over a longer one in place
 * (`sizeBefore`: how long that one was). What the second still has is not lost whatever the first was, and what was cut
 * stood there before too, so a wrong "no" costs nothing.
 */
export function wasWhole(first: Uint8Array, second: Uint8Array | null, sizeBefore: number | null): boolean {
  if (first.length === 0) return false;
  if (second === null || second.length === 0) return true;
  if (second.length < first.length) return first.length !== sizeBefore || !startsWith(first, second);
  return !startsWith(second, first);
}

function startsWith(whole: Uint8Array, start: Uint8Array): boolean {
  return Buffer.compare(start, whole.subarray(0, start.length)) === 0;
}
