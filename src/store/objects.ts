import { inflateSync } from 'node:zlib';
import { UndertextError } from '../errors.ts';
import { blobName } from './blob-name.ts';
import type { Journals } from './journals.ts';
import { noSuchBlob } from './memory-store.ts';
import type { Layout } from './repository.ts';

/** Finds objects wherever they stand: journals, packs, loose files. What it returns hashes to its name. */
export class Objects {
  readonly #journals: Journals;

  constructor(_layout: Layout, journals: Journals) {
    this.#journals = journals;
  }

  /** True when the store can give the blob back. */
  isSound(blob: string): boolean {
    return this.#journals.has(blob);
  }

  /** @throws UndertextError `not-found`, or `damaged` when no copy of it is whole */
  async readBlob(blob: string): Promise<Buffer> {
    let damaged: string | null = null;
    for (const { where, deflated } of this.#journals.find(blob)) {
      try {
        const bytes = inflateSync(deflated());
        if (blobName(bytes) === blob) return bytes;
      } catch {
        // The next copy may be whole.
      }
      damaged = where;
    }
    if (damaged === null) throw noSuchBlob(blob);
    throw new UndertextError(
      'damaged',
      `the content ${blob} cannot be read back from ${damaged}`,
      'run `undertext verify`',
    );
  }
}
