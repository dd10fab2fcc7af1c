/**
 * Whether the store on the disk still is the one that was opened. A person may delete its folder, move it away or put
 * another in its place while we run; what is written then goes into files that no name leads to.
 */
import { lstatSync, statSync } from 'node:fs';
import { UndertextError } from '../errors.ts';
import type { Layout } from './repository.ts';

export class Presence {
  readonly #layout: Layout;
  readonly #journals: () => Iterable<string>;
  #opened = '';

  /** `journals`: the paths of our own journals, which nobody else takes away. */
  constructor(layout: Layout, journals: () => Iterable<string>) {
    this.#layout = layout;
    this.#journals = journals;
  }

  /** The store is open: this is the one from now on. */
  begin(): void {
    this.#opened = this.#identity();
  }

  isThere(): boolean {
    return this.#opened === '' || (this.#identity() === this.#opened && this.#hasJournals());
  }

  /** @throws UndertextError `disk` */
  mustBeThere(): void {
    if (this.isThere()) return;
    throw new UndertextError(
      'disk',
      `the store ${this.#layout.root} was deleted or replaced while it was in use`,
      'nothing is kept in it any more; run the command again',
    );
  }

  /** The store may hang on a link; below it there are none. */
  #identity(): string {
    const { root, journals, packs, heads } = this.#layout;
    return [statSync, lstatSync, lstatSync, lstatSync]
      .map((ask, i) => {
        try {
          const { dev, ino } = ask([root, journals, packs, heads][i]!);
          return `${dev}:${ino}`;
        } catch {
          return 'gone';
        }
      })
      .join();
  }

  #hasJournals(): boolean {
    for (const path of this.#journals()) {
      try {
        if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
      } catch {
        return false;
      }
    }
    return true;
  }
}
