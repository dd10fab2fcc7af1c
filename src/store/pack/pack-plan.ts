/** What goes into a pack: each object once, as a delta of what stood there before when that is shorter. */
import { deflateSync } from 'node:zlib';
import type { Version } from '../../model.ts';
import { type ObjectType, objectName } from '../blob-name.ts';
import { zlibOptions } from '../journal/deflate-batch.ts';
import type { Objects } from '../objects.ts';
import { pauses } from '../pauses.ts';
import { placesOf } from '../segments.ts';
import { decodeTree, type TreeEntry } from '../tree.ts';
import type { WrittenTree } from '../tree-editor.ts';
import { makeDelta } from './delta.ts';
import type { PackEntry } from './pack-write.ts';

/** Deeper chains make reading slow. */
const deepestDelta = 32;
/** Bigger ones are not compared: it would hold the loop. */
const biggestDelta = 4 << 20;
/** Packs carry what stock git writes by default. */
const level = 6;

/** An object as it stands in what is being packed. */
export interface Stocked {
  readonly type: ObjectType;
  readonly size: number;
  /** @throws Error when it is damaged */
  content(): Buffer;
  /** The zlib stream of the whole content; null when it stands there as a delta. */
  readonly deflated: (() => Buffer) | null;
}

/** The objects a plan may take: those of journals that are sealed, or of packs that are packed anew. */
export interface Stock {
  find(name: string): Stocked | null;
  names(): Iterable<string>;
}

export interface Written extends WrittenTree {
  /** The plan that has it, and its place there; null when it stands elsewhere. */
  readonly plan: PackPlan | null;
  readonly place: number;
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

export interface PlanDeps {
  readonly stock: Stock;
  readonly objects: Objects;
  /** True for an object that stands whole where it will stay, so that it is not wanted again. */
  isElsewhere(name: string): boolean;
}

export class PackPlan {
  readonly list: PackEntry[] = [];
  /** Contents that stand nowhere (a journal was harmed): no tree may name them, and `verify` names their versions. */
  readonly lost = new Set<string>();
  readonly #deps: PlanDeps;
  readonly #places = new Map<string, Written>();
  readonly #trees = new Set<string>();

  constructor(deps: PlanDeps) {
    this.#deps = deps;
  }

  has(name: string): boolean {
    return this.#places.has(name);
  }

  load(oid: string): Map<string, TreeEntry> {
    return decodeTree(this.#deps.objects.readStored(oid, 'tree').content);
  }

  write(bytes: Buffer, last: WrittenTree | null): Written {
    return this.add('tree', bytes, last as Written | null);
  }

  /** A commit or a tree, as a delta of `last` when that is shorter. */
  add(type: 'commit' | 'tree', content: Buffer, last: Written | null): Written {
    const oid = objectName(type, content);
    const known = this.#places.get(oid);
    if (known) return known;
    const isElsewhere = this.#deps.isElsewhere(oid);
    const written = isElsewhere
      ? { oid, plan: null, place: -1, content, depth: 0 }
      : this.#push(oid, type, content, last, null);
    this.#remember(written);
    return written;
  }

  /** True for a content that is kept as segments. */
  isTree(name: string): boolean {
    const stocked = this.#deps.stock.find(name);
    if (stocked) return stocked.type === 'tree';
    if (this.#trees.has(name)) return true;
    if (!this.#deps.objects.isStored(name) || !this.#deps.objects.isTree(name)) return false;
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

  /** An object of the stock that nothing leads to: segments of a log that is still being read. */
  addOther(name: string): void {
    if (this.#places.has(name) || this.#deps.isElsewhere(name)) return;
    const stocked = this.#deps.stock.find(name);
    if (stocked) this.#copy(name, stocked);
  }

  /** Only what the stock has is added: what a tree that stands elsewhere names stands there too. False: something is lost. */
  #addSegments(tree: string, chain: Chain, depth: number, isBase: boolean): boolean {
    if (this.#places.has(tree) || this.#deps.isElsewhere(tree)) return true;
    const stocked = this.#deps.stock.find(tree);
    if (!stocked) return this.#deps.objects.isStored(tree);
    const content = contentOf(stocked);
    if (!content) return false;
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
    if (this.#places.has(name) || this.#deps.isElsewhere(name)) return true;
    const stocked = this.#deps.stock.find(name);
    if (!stocked) return this.#deps.objects.isStored(name);
    const last = chain.tail?.offset === offset ? chain.tail.written : null;
    if (stocked.size > biggestDelta || !(last || isBase)) {
      this.#copy(name, stocked);
      return true;
    }
    const content = contentOf(stocked);
    // It goes as it stands, and `verify` says what is wrong with it.
    if (!content) {
      this.#copy(name, stocked);
      return true;
    }
    const written = this.#push(name, 'blob', content, last, stocked);
    this.#remember(written);
    chain.tail = isBase ? { offset, written } : null;
    return true;
  }

  /** As it stands in the stock, if it is whole there. */
  #copy(name: string, stocked: Stocked): void {
    const place = this.list.length;
    const deflated = stocked.deflated ?? constant(deflatedTight(stocked.content()));
    this.list.push({ name, type: stocked.type, size: stocked.size, base: null, deflated });
    this.#places.set(name, { oid: name, plan: this, place, content: nothing, depth: deepestDelta });
  }

  /** Only the chain that is being written keeps its contents; one that comes again starts a new chain. */
  #remember(written: Written): void {
    this.#places.set(written.oid, { ...written, content: nothing, depth: deepestDelta });
  }

  #push(name: string, type: PackEntry['type'], content: Buffer, last: Written | null, whole: Stocked | null): Written {
    const place = this.list.length;
    const isNear = last !== null && last.plan === this && last.depth < deepestDelta;
    const delta = isNear ? makeDelta(last.content, content) : null;
    const short = delta && deflatedTight(delta);
    // A third of the content is about what it deflates to.
    if (short && short.length < content.length / 3) {
      this.list.push({ name, type, size: delta.length, base: last!.place, deflated: () => short });
      return { oid: name, plan: this, place, content, depth: last!.depth + 1 };
    }
    const deflated = whole?.deflated ?? constant(deflatedTight(content));
    this.list.push({ name, type, size: content.length, base: null, deflated });
    return { oid: name, plan: this, place, content, depth: 0 };
  }
}

const nothing = Buffer.alloc(0);

/** Null when it is damaged. */
function contentOf(stocked: Stocked): Buffer | null {
  try {
    return stocked.content();
  } catch {
    return null;
  }
}

function constant(bytes: Buffer): () => Buffer {
  return () => bytes;
}

/** Without the room that was left for what does not deflate: thousands of these wait for the pack to be written. */
function deflatedTight(content: Buffer): Buffer {
  return Buffer.from(deflateSync(content, zlibOptions(content.length, level)));
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

/** Adds what stands in the stock besides: it may be named by a version that is still to come. */
export async function addOthers(plan: PackPlan, names: Iterable<string>): Promise<void> {
  const pause = pauses();
  for (const name of names) {
    plan.addOther(name);
    await pause();
  }
}
