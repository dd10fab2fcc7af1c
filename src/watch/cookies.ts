/**
 * Proof that events still arrive. Node does not tell when the system's queue of events overflows, so we touch a file in
 * a watched folder of our own (as Watchman does): all watches share one queue, and a cookie that does not come means
 * that others did not come either.
 */
import { type FSWatcher, mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Time } from '../model.ts';

export interface CookieOptions {
  readonly now: () => Time;
  /** Where the folder for the cookies is made; it is taken away at the end. */
  readonly within: string;
  /** Put into the folder, so that others can tell whose it is when we are killed. */
  readonly owner?: string;
  /** A cookie must be seen within this time of an idle loop (milliseconds). */
  readonly patience: number;
  /** Events were lost at some time after `since`, when the last cookie came. */
  onLost(since: Time): void;
  readonly watch?: typeof watch;
}

/** How the name of such a folder begins, and the file in it that names its owner. */
export const cookieFolder = 'undertext-cookies-';
export const ownerFile = 'owner';

export class Cookies {
  readonly #options: CookieOptions;
  readonly #folder: string;
  readonly #watcher: FSWatcher;
  #count = 0;
  #seen = 0;
  #lastSeenAt: Time;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: CookieOptions) {
    this.#options = options;
    this.#lastSeenAt = options.now();
    this.#folder = mkdtempSync(join(options.within, cookieFolder));
    if (options.owner !== undefined) writeFileSync(join(this.#folder, ownerFile), options.owner);
    this.#watcher = (options.watch ?? watch)(this.#folder);
    this.#watcher.on('error', () => {});
    this.#watcher.on('change', (_, name) => {
      const number = Number(String(name).slice('cookie-'.length));
      if (!(number > this.#seen)) return;
      this.#seen = number;
      this.#lastSeenAt = options.now();
    });
  }

  /** Touches a cookie, unless one is out already. */
  touch(): void {
    if (this.#isClosed || this.#timer !== null) return;
    const number = ++this.#count;
    try {
      writeFileSync(join(this.#folder, `cookie-${number}`), '');
    } catch {
      return; // No space for a cookie is no proof of anything.
    }
    this.#timer = setTimeout(() => void this.#check(number), this.#options.patience);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#watcher.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #check(number: number): Promise<void> {
    // Time that the loop was busy does not count: what has arrived is heard within two turns.
    for (let turns = 0; turns < 3 && this.#seen < number; turns++) await turn();
    this.#timer = null;
    if (this.#isClosed) return;
    rmSync(join(this.#folder, `cookie-${number}`), { force: true });
    if (this.#seen >= number) return;
    const since = this.#lastSeenAt;
    this.#seen = number;
    this.#lastSeenAt = this.#options.now();
    this.#options.onLost(since);
  }
}
