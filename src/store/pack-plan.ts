/** What goes into a pack when journals are sealed: each object once, as a delta of what stood there before when that is shorter. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { deflateSync, inflateSync } from 'node:zlib';
import type { Version } from '../model.ts';
import { objectName } from './blob-name.ts';
import { zlibOptions } from './deflate-batch.ts';
import { makeDelta } from './delta.ts';
import { type ObjectPlace, readObjectRecord } from './journal.ts';
import type { JournalFile } from './journals.ts';
import { loosePath } from './loose.ts';
import type { Objects } from './objects.ts';
import type { PackEntry } from './pack-write.ts';
import { placesOf } from './segments.ts';
import { decodeTree, type TreeEntry } from './tree.ts';
import type { WrittenTree } from './tree-editor.ts';

/** Deeper chains make reading slow. */
const deepestDelta = 32;
/** Bigger ones are not compared: it would hold the loop. */
const biggestDelta = 4 << 20;
/** Packs carry what stock git writes by default. */
const level = 6;
const sliceMs = 2;

export interface Written extends WrittenTree {
  /** Place in the list; null when the store has the object already. */
  readonly place: number | null;
  readonly content: Buffer;
  readonly depth: number;
}

/** What was written last for one path: what the next version of it is compared with. */
export interface Chain {
  /** A blob, or the last segment of a log with its offset. */
  tail: { readonly offset: number; readonly written: Written } | null;
  /** Trees of segments, by depth. */
  readonly trees: (Written | null)[];
}

interface Journaled {
  readonly file: JournalFile;
  readonly place: ObjectPlace;
}

export class PackPlan {
  readonly list: PackEntry[] = [];
  /** Loose files that are not whole, of objects that are in the list. */
  readonly damagedCopies: string[] = [];
  /** Contents that stand nowhere (a journal was harmed): no tree may name them, and `verify` names their versions. */
  readonly lost = new Set<string>();
  readonly #files: readonly JournalFile[];
  readonly #objects: Objects;
  readonly #folder: string;
  readonly #places = new Map<string, Written>();
  readonly #trees = new Set<string>();

  constructor(files: readonly JournalFile[], objects: Objects, folder: string) {
    this.#files = files;
    this.#folder = folder;
    this.#objects = objects;
  }

  load(oid: string): Map<string, TreeEntry> {
    return decodeTree(this.#objects.readStored(oid, 'tree').content);
  }

  write(bytes: Buffer, last: WrittenTree | null): Written {
    return this.add('tree', bytes, last as Written | null);
  }

  /** A commit or a tree, as a delta of `last` when that is shorter. */
  add(type: 'commit' | 'tree', content: Buffer, last: Written | null): Written {
    const oid = objectName(type, content);
    const known = this.#places.get(oid);
    if (known) return known;
    const isStored = this.#objects.isSound(oid);
    const written = isStored ? { oid, place: null, content, depth: 0 } : this.#push(oid, type, content, last, null);
    this.#remember(written);
    return written;
  }

  /** True for a content that is kept as segments. */
  isTree(name: string): boolean {
    const journaled = this.#find(name);
    if (journaled) return journaled.place.type === 'tree';
    if (this.#trees.has(name)) return true;
    if (!this.#objects.isStored(name) || !this.#objects.isTree(name)) return false;
    this.#trees.add(name);
    return true;
  }

  /** The content of a version. `isBase`: another version of the path follows, which may become a delta of this one. */
  addContent(name: string, chain: Chain, isBase: boolean): void {
    const isWhole = this.isTree(name)
      ? this.#addSegments(name, chain, 0, isBase)
      : this.#addBlob(name, chain, 0, isBase);
    if (!isWhole) this.lost.add(name);
  }

  /** An object of a journal that no version names (yet): segments of a log that is still being read. */
  addOther(name: string): void {
    if (this.#places.has(name) || this.#objects.isSound(name)) return;
    const journaled = this.#find(name);
    if (journaled) this.#copy(name, journaled);
  }

  /** Only what the journals have is added: what a stored tree names is stored. False when something stands nowhere. */
  #addSegments(tree: string, chain: Chain, depth: number, isBase: boolean): boolean {
    if (this.#places.has(tree) || this.#objects.isSound(tree)) return true;
    const journaled = this.#find(tree);
    if (!journaled) return false;
    const content = inflateSync(readObjectRecord(journaled.file.fd, journaled.place));
    const places = placesOf(decodeTree(content));
    for (const [i, { mode, oid, offset }] of places.entries()) {
      const mayGrow = isBase && i === places.length - 1;
      const isWhole =
        mode === '40000'
          ? this.#addSegments(oid, chain, depth + 1, mayGrow)
          : this.#addBlob(oid, chain, offset, mayGrow);
      if (!isWhole) return false;
    }
    const written = this.#push(tree, 'tree', content, chain.trees[depth] ?? null, null);
    chain.trees[depth] = written;
    this.#remember(written);
    return true;
  }

  /** False when it stands nowhere. */
  #addBlob(name: string, chain: Chain, offset: number, isBase: boolean): boolean {
    if (this.#places.has(name) || this.#objects.isSound(name)) return true;
    const journaled = this.#find(name);
    if (!journaled) return this.#objects.isStored(name);
    if (this.#objects.hasLoose(name)) this.damagedCopies.push(loosePath(this.#folder, name));
    const last = chain.tail?.offset === offset ? chain.tail.written : null;
    if (journaled.place.size > biggestDelta || !(last || isBase)) {
      this.#copy(name, journaled);
      return true;
    }
    const read = () => readObjectRecord(journaled.file.fd, journaled.place);
    const deflated = read();
    const written = this.#push(name, 'blob', inflateSync(deflated), last, { length: deflated.length, read });
    this.#remember(written);
    chain.tail = isBase ? { offset, written } : null;
    return true;
  }

  #find(name: string): Journaled | null {
    for (const file of this.#files) {
      const place = file.objects.get(name);
      if (place) return { file, place };
    }
    return null;
  }

  /** As it stands in the journal. */
  #copy(name: string, { file, place }: Journaled): void {
    const written = { oid: name, place: this.list.length, content: nothing, depth: deepestDelta };
    this.list.push({
      name,
      type: place.type,
      size: place.size,
      base: null,
      deflated: () => readObjectRecord(file.fd, place),
    });
    this.#places.set(name, written);
  }

  /** Only the chain that is being written keeps its contents; one that comes again starts a new chain. */
  #remember(written: Written): void {
    this.#places.set(written.oid, { ...written, content: nothing, depth: deepestDelta });
  }

  #push(
    name: string,
    type: PackEntry['type'],
    content: Buffer,
    last: Written | null,
    whole: { length: number; read(): Buffer } | null,
  ): Written {
    const place = this.list.length;
    const isNear = last !== null && last.place !== null && last.depth < deepestDelta;
    const delta = isNear ? makeDelta(last.content, content) : null;
    const short = delta && deflatedTight(delta);
    if (short && short.length < (whole?.length ?? content.length)) {
      this.list.push({ name, type, size: delta.length, base: last!.place, deflated: () => short });
      return { oid: name, place, content, depth: last!.depth + 1 };
    }
    const deflated = whole ? whole.read : constant(deflatedTight(content));
    this.list.push({ name, type, size: content.length, base: null, deflated });
    return { oid: name, place, content, depth: 0 };
  }
}

const nothing = Buffer.alloc(0);

/** Without the room that was left for what does not deflate: thousands of these wait for the pack to be written. */
function deflatedTight(content: Buffer): Buffer {
  return Buffer.from(deflateSync(content, zlibOptions(content.length, level)));
}

function constant(bytes: Buffer): () => Buffer {
  return () => bytes;
}

/** Adds the contents in their order; the chain of a path is kept in hand until its last one. */
export async function addContents(plan: PackPlan, versions: readonly Version[]): Promise<void> {
  const left = new Map<string, number>();
  const keyOf = ({ root, path }: Version): string => `${root}\0${path}`;
  for (const version of versions) left.set(keyOf(version), (left.get(keyOf(version)) ?? 0) + 1);
  const chains = new Map<string, Chain>();
  const pause = pauses();
  for (const version of versions) {
    const key = keyOf(version);
    const rest = left.get(key)! - 1;
    left.set(key, rest);
    const chain = chains.get(key) ?? { tail: null, trees: [] };
    if (version.blob !== null) plan.addContent(version.blob, chain, rest > 0);
    if (rest === 0) chains.delete(key);
    else chains.set(key, chain);
    await pause();
  }
}

/** Adds what stands in the journals besides: it may be named by a version that is still to come. */
export async function addOthers(plan: PackPlan, files: readonly JournalFile[]): Promise<void> {
  const pause = pauses();
  for (const { objects } of files) {
    for (const name of objects.keys()) {
      plan.addOther(name);
      await pause();
    }
  }
}

/** Lets others have their turn when this has held the loop for long enough. */
function pauses(): () => Promise<void> | undefined {
  let turn = performance.now();
  return () => {
    if (performance.now() - turn <= sliceMs) return undefined;
    return nextTurn().then(() => {
      turn = performance.now();
    });
  };
}
