/** Objects that were found again, on their way into a pack. */
import { deflateSync } from 'node:zlib';
import type { ObjectType } from '../blob-name.ts';
import type { Disk } from '../disk.ts';
import { zlibOptions } from '../journal/deflate-batch.ts';
import type { Objects } from '../objects.ts';
import { type PackEntry, writePack } from '../pack/pack-write.ts';
import type { Layout } from '../repository.ts';

export interface FindsDeps {
  readonly layout: Layout;
  readonly disk: Disk;
  readonly objects: Objects;
  newToken(): string;
}

/** So much waits in memory at most. */
const bytesAtOnce = 16 << 20;

export class Finds {
  readonly #deps: FindsDeps;
  readonly #found = new Map<string, ObjectType>();
  #waiting: PackEntry[] = [];
  #bytes = 0;

  constructor(deps: FindsDeps) {
    this.#deps = deps;
  }

  /** By name, those that are on their way too. */
  get found(): ReadonlyMap<string, ObjectType> {
    return this.#found;
  }

  has(name: string): boolean {
    return this.#found.has(name);
  }

  /** The caller has checked that the content is what the name says. */
  async add(name: string, type: ObjectType, content: Uint8Array): Promise<void> {
    if (this.#found.has(name)) return;
    this.#found.set(name, type);
    const bytes = Buffer.from(deflateSync(content, zlibOptions(content.length)));
    this.#waiting.push({ name, type, size: content.length, base: null, deflated: () => bytes });
    this.#bytes += bytes.length;
    if (this.#bytes >= bytesAtOnce) await this.flush();
  }

  /** They are durable when it resolves. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const { layout, disk, objects, newToken } = this.#deps;
    await writePack(disk, layout.packs, newToken(), this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    objects.loadPacks();
  }
}
