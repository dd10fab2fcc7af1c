/** Times and places nobody watched: told at once, kept in the store, and closed when they end. */
import type { Gap, Note, Time } from '../model.ts';

export interface GapDeps {
  readonly now: () => Time;
  note(note: Note): void;
  tell(gap: Gap): void;
}

export class Gaps {
  readonly #deps: GapDeps;
  readonly #open = new Map<string, Gap>();

  constructor(deps: GapDeps) {
    this.#deps = deps;
  }

  has(key: string): boolean {
    return this.#open.has(key);
  }

  /** Keys of the open gaps that start so. */
  keys(prefix: string): readonly string[] {
    return [...this.#open.keys()].filter(key => key.startsWith(prefix));
  }

  /** A gap that lasts; nothing happens when it is open already. */
  open(key: string, gap: Omit<Gap, 'to' | 'from'> & { readonly from?: Time }): void {
    if (this.#open.has(key)) return;
    const whole: Gap = { ...gap, from: gap.from ?? this.#deps.now(), to: null };
    this.#open.set(key, whole);
    this.#say(whole);
  }

  close(key: string): void {
    const gap = this.#open.get(key);
    if (gap === undefined) return;
    this.#open.delete(key);
    this.#say({ ...gap, to: this.#deps.now() });
  }

  /** A gap that is over. */
  add(gap: Gap): void {
    this.#say(gap);
  }

  #say(gap: Gap): void {
    this.#deps.note({ kind: 'gap', at: this.#deps.now(), data: gap });
    this.#deps.tell(gap);
  }
}
