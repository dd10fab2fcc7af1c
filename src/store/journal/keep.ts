/** Content that comes as a stream: cut into segments, hashed and deflated underway, never held as a whole. */
import { promisify } from 'node:util';
import { deflate, deflateSync, type ZlibOptions } from 'node:zlib';
import { changedUnderway } from '../blob-errors.ts';
import { objectName } from '../blob-name.ts';
import { placesOf, SegmentTree } from '../segments.ts';
import { type Beginning, segmentBytes } from '../store.ts';
import { decodeTree, type TreeEntry } from '../tree.ts';
import { zlibOptions } from './deflate-batch.ts';
import type { Deflated } from './recorder.ts';

export interface KeepDeps {
  /** True when an object need not be written again. */
  isKept(name: string): boolean;
  /** @throws UndertextError `not-found` or `damaged` */
  readTree(name: string): ReadonlyMap<string, TreeEntry>;
  /** Makes objects durable, in their order. */
  append(objects: ReadonlyMap<string, Deflated>): Promise<void>;
}

/** So much is deflated, in zlib's own threads, while the part before it is on its way to the disk. */
const partBytes = 4 << 20;

const deflateElsewhere = promisify<Uint8Array, ZlibOptions, Buffer>(deflate);

/**
 * Keeps a stream of `size` bytes as segments and gives the name of their tree. With a beginning, the stream is what
 * stands behind it.
 * @throws UndertextError `moved` when the stream has another length; what came of it is durable and harms nobody
 */
export async function keepSegments(
  content: AsyncIterable<Uint8Array>,
  size: number,
  beginning: Beginning | null,
  deps: KeepDeps,
): Promise<string> {
  const part = new Part(deps);
  const write = (tree: Buffer): string => part.addTree(tree);
  const tree = beginning
    ? SegmentTree.goOn(beginning.blob, beginning.bytes, name => deps.readTree(name), write)
    : new SegmentTree(write);
  let at = beginning?.bytes ?? 0;
  for await (const segment of inSegments(content)) {
    if (at + segment.length > size) throw changedUnderway(size, at + segment.length);
    tree.add(part.addSegment(segment), at);
    at += segment.length;
    if (part.bytes >= partBytes) await part.flush();
  }
  if (at !== size) throw changedUnderway(size, at);
  // A tree stands behind what it names.
  await part.flush();
  const name = tree.finish();
  await part.flush();
  await part.written;
  return name;
}

/** A stream in one piece. @throws UndertextError `moved` when it has another length */
export async function gather(content: AsyncIterable<Uint8Array>, size: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== size) throw changedUnderway(size, bytes.length);
  return bytes;
}

/** A stream, cut where segments are cut. */
export async function* inSegments(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let segment = Buffer.allocUnsafeSlow(segmentBytes);
  let filled = 0;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length; ) {
      const some = chunk.subarray(at, at + segmentBytes - filled);
      segment.set(some, filled);
      filled += some.length;
      at += some.length;
      if (filled < segmentBytes) continue;
      yield segment;
      segment = Buffer.allocUnsafeSlow(segmentBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield segment.subarray(0, filled);
}

/** What is deflated together and written together. */
class Part {
  readonly #deps: KeepDeps;
  #objects = new Map<string, Deflated | Promise<Deflated>>();
  /** Settles when all that was flushed is durable. */
  written: Promise<void> = Promise.resolve();
  bytes = 0;

  constructor(deps: KeepDeps) {
    this.#deps = deps;
  }

  addSegment(content: Uint8Array): string {
    const name = objectName('blob', content);
    const size = content.length;
    if (this.#isNew(name)) {
      const options = zlibOptions(size);
      this.#objects.set(
        name,
        size < segmentBytes
          ? { type: 'blob', size, bytes: deflateSync(content, options) }
          : deflateElsewhere(content, options).then((bytes): Deflated => ({ type: 'blob', size, bytes })),
      );
    }
    this.bytes += size;
    return name;
  }

  addTree(content: Buffer): string {
    const name = objectName('tree', content);
    const size = content.length;
    if (this.#isNew(name)) {
      this.#objects.set(name, { type: 'tree', size, bytes: deflateSync(content, zlibOptions(size)) });
    }
    return name;
  }

  /** Hands over what has come, as soon as what was handed over before is durable. */
  async flush(): Promise<void> {
    const objects = this.#objects;
    this.#objects = new Map();
    this.bytes = 0;
    await this.written;
    this.written = this.#write(objects);
    // It is awaited at the next turn; until then nobody listens.
    this.written.catch(() => {});
  }

  async #write(objects: ReadonlyMap<string, Deflated | Promise<Deflated>>): Promise<void> {
    if (objects.size === 0) return;
    const deflated = new Map<string, Deflated>();
    for (const [name, object] of objects) deflated.set(name, await object);
    await this.#deps.append(deflated);
  }

  #isNew(name: string): boolean {
    return !this.#objects.has(name) && !this.#deps.isKept(name);
  }
}

/**
 * The objects of a content that are not kept, what they name before them: they stand in another process's journal, or
 * where somebody may remove them. What is kept is not looked into, unless it is to be `thorough`. `read` gives an object
 * from anywhere.
 */
export function copyOf(
  name: string,
  isKept: (name: string) => boolean,
  read: (name: string) => { readonly type: string; readonly content: Buffer },
  isThorough = false,
): ReadonlyMap<string, Deflated> {
  const copied = new Map<string, Deflated>();
  const seen = new Set<string>();
  const copy = (name: string): void => {
    if (seen.has(name) || (!isThorough && isKept(name))) return;
    seen.add(name);
    const { type, content } = read(name);
    if (type === 'tree') for (const { oid } of placesOf(decodeTree(content))) copy(oid);
    if (isKept(name)) return;
    const bytes = deflateSync(content, zlibOptions(content.length));
    copied.set(name, { type: type === 'tree' ? 'tree' : 'blob', size: content.length, bytes });
  };
  copy(name);
  return copied;
}
