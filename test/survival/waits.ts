/**
 * How long a process ran, and how long it could have run and got no processor, moment by moment. What stood while the
 * watcher waited for its turn nobody could have read: a machine that does other work must not look like a defect of it.
 */
import { readFileSync } from 'node:fs';

/** Milliseconds between two looks. */
const every = 2;

interface Sample {
  /** Microseconds of the monotonic clock. */
  readonly at: number;
  readonly ran: number;
  /** Microseconds that the process has waited so far; what it waits now is added when its turn comes. */
  readonly waited: number;
  readonly turns: number;
  /** It waits for the disk and nothing else can wake it (state D). */
  readonly isBlocked: boolean;
}

/** Microseconds. */
export interface Used {
  readonly ran: number;
  /** Ready to run, without a processor. */
  readonly waited: number;
  /** In a call that the disk holds up. */
  readonly blocked: number;
}

export class Waits {
  readonly #folder: string;
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    // Its first thread, which is the one that runs JavaScript (Documentation/scheduler/sched-stats).
    this.#folder = `/proc/${pid}`;
    this.#timer = setInterval(() => this.#look(), every);
    this.#look();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#look();
  }

  /** From the last look before `from` to the first turn after `to`. */
  between(from: number, to: number): Used {
    const first = this.#samples.findLast(({ at }) => at <= from);
    const end = this.#samples.findIndex(({ at }) => at >= to);
    if (!first || end < 0) return { ran: 0, waited: 0, blocked: 0 };
    const next = this.#samples.slice(end).find(({ turns }) => turns > this.#samples[end]!.turns);
    const last = next ?? this.#samples[end]!;
    let blocked = 0;
    for (let i = this.#samples.indexOf(first); i < end; i++) {
      if (this.#samples[i]!.isBlocked) blocked += this.#samples[i + 1]!.at - this.#samples[i]!.at;
    }
    return { ran: last.ran - first.ran, waited: last.waited - first.waited, blocked };
  }

  #look(): void {
    const text = read(`${this.#folder}/schedstat`);
    const state = read(`${this.#folder}/stat`);
    if (text === null || state === null) return;
    const [ran = 0, waited = 0, turns = 0] = text.split(' ').map(Number);
    const at = Number(process.hrtime.bigint() / 1000n);
    this.#samples.push({ at, ran: ran / 1000, waited: waited / 1000, turns, isBlocked: / D /.test(state) });
  }
}

/** Null where the system does not tell: then nothing is put down to waiting. */
function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
