import { Worker } from 'node:worker_threads';
import type { Batch } from './deflate-batch.ts';

/** A helper that has had nothing to do for this long lets go of its memory. */
const idleMs = 5000;

/** A second thread for a big group of small contents (a first snapshot); one at a time in zlib's pool would cost more. */
export class DeflateHelper {
  #worker: Worker | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #waiting: { resolve(answer: readonly Uint8Array[]): void; reject(error: unknown): void }[] = [];
  /** Only built code has a worker to load; from source everything is deflated in the caller's thread. */
  readonly isThere = import.meta.url.endsWith('.js');

  /** Deflates the contents, in their order. */
  deflate(contents: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const lengths = contents.map(({ length }) => length);
    const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    for (const content of contents) {
      bytes.set(content, at);
      at += content.length;
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      const worker = this.#start();
      worker.ref();
      worker.postMessage({ lengths, bytes } satisfies Batch, [bytes.buffer]);
    });
  }

  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(): Worker {
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => void this.#closeWhenIdle(), idleMs).unref();
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('./deflate-worker.js', import.meta.url));
    worker.on('message', ({ lengths, bytes }: Batch) => {
      let end = 0;
      const parts = lengths.map(length => {
        end += length;
        return bytes.subarray(end - length, end);
      });
      this.#waiting.shift()?.resolve(parts);
      // Only who waits for an answer keeps the process alive.
      if (this.#waiting.length === 0) worker.unref();
    });
    worker.on('error', error => {
      this.#worker = null;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
    this.#worker = worker;
    return worker;
  }

  async #closeWhenIdle(): Promise<void> {
    this.#timer = null;
    if (this.#waiting.length === 0) await this.close();
    else this.#start();
  }
}
