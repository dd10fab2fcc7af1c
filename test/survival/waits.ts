/**
 * How long a process ran, and how long it could have run and got no processor, moment by moment. What a text stood while the watcher waited
 * for its turn nobody could have read, and a machine that does other work must not look like a defect of the watcher.
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
}

export class Waits {
  readonly #file: string;
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    // Its first thread, which is the one that runs JavaScript (Documentation/scheduler/sched-stats).
    this.#file = `/proc/${pid}/schedstat`;
    this.#timer = setInterval(() => this.#look(), every);
    this.#look();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#look();
  }

  /** Microseconds of both from the last look before `from` to the first turn after `to`. */
  between(from: number, to: number): { readonly ran: number; readonly waited: number } {
    const first = this.#samples.findLast(({ at }) => at <= from);
    const end = this.#samples.findIndex(({ at }) => at >= to);
    if (!first || end < 0) return { ran: 0, waited: 0 };
    const next = this.#samples.slice(end).find(({ turns }) => turns > this.#samples[end]!.turns);
    const last = next ?? this.#samples[end]!;
    return { ran: last.ran - first.ran, waited: last.waited - first.waited };
  }

  #look(): void {
    const text = read(this.#file);
    if (text === null) return;
    const [ran = 0, waited = 0, turns = 0] = text.split(' ').map(Number);
    this.#samples.push({ at: Number(process.hrtime.bigint() / 1000n), ran: ran / 1000, waited: waited / 1000, turns });
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
