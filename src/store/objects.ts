import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { inflate, inflateSync, type ZlibOptions } from 'node:zlib';
import { errno, UndertextError } from '../errors.ts';
import { noSuchBlob } from './blob-errors.ts';
import { type ObjectType, objectName } from './blob-name.ts';
import { readObjectRecord } from './journal/journal.ts';
import type { Journals } from './journal/journals.ts';
import { loosePath, readLoose } from './loose.ts';
import { Pack, type RawObject } from './pack/pack-read.ts';
import type { Layout } from './repository.ts';
import { placesOf, segmentsOf } from './segments.ts';
import { keptWhole } from './store.ts';
import { decodeTree, type TreeEntry } from './tree.ts';

/** Above this, inflating goes to another thread. */
const inflateHere = 256 * 1024;
const inflateElsewhere = promisify<Uint8Array, ZlibOptions, Buffer>(inflate);
/** How many names are remembered as read back and found whole. */
const mostSound = 200_000;
/** Deltas on bases that are named (packs by others have them) lean on each other no deeper; deeper ones go in a circle. */
const deepestBase = 256;

/** Finds objects wherever they stand: journals, packs, loose files. What it returns hashes to its name. */
export class Objects {
  readonly #layout: Layout;
  readonly #journals: Journals;
  readonly #packs = new Map<string, Pack>();
  readonly #sound = new Set<string>();
  #baseDepth = 0;
  /** The folders that hold loose objects; few, so that a look-up seldom asks the disk. */
  #looseFolders: ReadonlySet<string> = new Set();

  constructor(layout: Layout, journals: Journals) {
    this.#layout = layout;
    this.#journals = journals;
  }

  get packs(): readonly Pack[] {
    return [...this.#packs.values()];
  }

  /** Takes up new packs and lets go of those that are gone. */
  loadPacks(): void {
    this.#looseFolders = new Set(listOr(this.#layout.objects).filter(name => name.length === 2));
    const names = new Set(this.#listPacks());
    for (const [name, pack] of this.#packs) {
      if (names.has(name)) continue;
      this.#packs.delete(name);
      pack.close();
      // What was whole in it may stand nowhere now.
      this.#sound.clear();
    }
    for (const name of names) {
      if (this.#packs.has(name)) continue;
      try {
        this.#packs.set(name, new Pack(join(this.#layout.packs, name)));
      } catch {
        // Damaged or vanishing: what stands in it is looked for elsewhere, and `verify` names it.
      }
    }
  }

  /** Opens all packs again: a file may have been replaced by another one of the same name. */
  reopenPacks(): void {
    this.close();
    this.#sound.clear();
    this.loadPacks();
  }

  /** True when the object stands in a pack or a loose file, whether it is whole or not. */
  isStored(name: string): boolean {
    return this.#isPacked(name) || this.hasLoose(name);
  }

  hasLoose(name: string): boolean {
    return this.#looseFolders.has(name.slice(0, 2)) && existsSync(loosePath(this.#layout.objects, name));
  }

  /** True for a tree that can be read back: a content of that name is kept as segments. */
  isTree(name: string): boolean {
    try {
      return this.read(name).type === 'tree';
    } catch {
      return false;
    }
  }

  /**
   * The same of a content of that size, without reading what is surely none: up to `keptWhole` a content is a blob, and its
   * entry says so.
   */
  isTreeOf(name: string, size: number): boolean {
    return (size > keptWhole || this.#packedType(name) !== 'blob') && this.isTree(name);
  }

  #packedType(name: string): ObjectType | null {
    const key = Buffer.from(name, 'hex');
    for (const pack of this.#packs.values()) {
      const offset = pack.index.find(key);
      try {
        if (offset >= 0) return pack.typeAt(offset);
      } catch {
        return null;
      }
    }
    return null;
  }

  /** A content, and when it stands in a journal as segments: what its trees name, down to what is stored. */
  *withParts(name: string): Generator<string> {
    yield name;
    const journaled = this.#journals.has(name) ? this.#readJournaled(name) : null;
    if (journaled?.type !== 'tree') return;
    for (const { oid } of placesOf(decodeTree(journaled.content))) yield* this.withParts(oid);
  }

  /** Every tree and segment of a content that is kept as segments, without itself. */
  *partsOf(tree: string): Generator<string> {
    for (const { mode, oid } of placesOf(this.readTree(tree))) {
      yield oid;
      if (mode === '40000') yield* this.partsOf(oid);
    }
  }

  /** Forgets what was read back whole: somebody may have removed it since. */
  forgetSound(): void {
    this.#sound.clear();
    this.loadPacks();
  }

  /** Bytes of an object as it stands in a pack; 0 when it stands in none. */
  packedBytes(name: string): number {
    const key = Buffer.from(name, 'hex');
    for (const pack of this.#packs.values()) {
      const place = pack.index.position(key);
      if (place >= 0) return pack.lengthOf(place);
    }
    return 0;
  }

  /** The names of all loose objects. */
  listLoose(): readonly string[] {
    return listOr(this.#layout.objects)
      .filter(folder => /^[0-9a-f]{2}$/.test(folder))
      .flatMap(folder => listOr(join(this.#layout.objects, folder)).map(rest => folder + rest))
      .filter(name => /^[0-9a-f]{40}$/.test(name));
  }

  /** True when the object is durable in a pack or a loose file, and was read back whole once. */
  isSound(name: string): boolean {
    if (this.#sound.has(name)) return true;
    if (!this.isStored(name)) return false;
    try {
      this.readStored(name);
    } catch {
      return false;
    }
    if (this.#sound.size > mostSound) this.#sound.clear();
    this.#sound.add(name);
    return true;
  }

  /** The content of that name, a blob or a tree of segments, in pieces. @throws UndertextError `not-found` or `damaged` */
  async *pieces(name: string): AsyncGenerator<Buffer> {
    const { type, content } = await this.#readAnywhere(name);
    if (type === 'blob') yield content;
    else if (type !== 'tree') throw damaged(name, `a ${type}, which is no content,`);
    else
      for (const { oid } of segmentsOf(name, tree => this.readTree(tree)))
        yield (await this.#readAnywhere(oid)).content;
  }

  /** The same, in one piece. */
  async readContent(name: string): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.pieces(name)) pieces.push(piece);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** The object out of a journal, a pack or a loose file. @throws UndertextError `not-found` or `damaged` */
  read(name: string): RawObject {
    return this.#readJournaled(name) ?? this.readStored(name);
  }

  /** @throws UndertextError `not-found` or `damaged` */
  readTree(name: string): ReadonlyMap<string, TreeEntry> {
    const { type, content } = this.read(name);
    if (type !== 'tree') throw damaged(name, `a ${type} that should be a tree`);
    return decodeTree(content);
  }

  /** The object out of a pack or a loose file. @throws UndertextError `not-found` or `damaged` */
  readStored(name: string, type?: RawObject['type']): RawObject {
    let object = this.#tryStored(name);
    if (object === null || typeof object === 'string') {
      this.loadPacks();
      object = this.#tryStored(name);
    }
    if (typeof object === 'string') throw damaged(name, object);
    if (object === null) throw noSuchBlob(name);
    if (type && object.type !== type) throw damaged(name, `a ${object.type} that should be a ${type}`);
    return object;
  }

  close(): void {
    for (const pack of this.packs) pack.close();
    this.#packs.clear();
  }

  /** The object; or where a damaged copy of it stands; or null. */
  #tryStored(name: string): RawObject | string | null {
    let where: string | null = null;
    const key = Buffer.from(name, 'hex');
    for (const pack of this.#packs.values()) {
      const offset = pack.index.find(key);
      if (offset < 0) continue;
      try {
        const object = pack.read(offset, base => this.#base(base));
        if (objectName(object.type, object.content) === name) return object;
      } catch {
        // Another copy may be whole.
      }
      where = basename(`${pack.path}.pack`);
    }
    try {
      const object = readLoose(this.#layout.objects, name);
      if (object === null) return where;
      if (objectName(object.type, object.content) === name) return object;
    } catch {
      // Said below.
    }
    return loosePath('objects', name);
  }

  async #readAnywhere(name: string): Promise<RawObject> {
    for (const { file, place } of this.#journals.find(name)) {
      if (place.size <= inflateHere) break;
      try {
        const content = await inflateElsewhere(readObjectRecord(file.fd, place), { maxOutputLength: place.size + 1 });
        if (objectName(place.type, content) === name) return { type: place.type, content };
      } catch {
        // It may have been sealed underway, or another copy may be whole.
      }
    }
    return this.read(name);
  }

  /** Looked for once: each level that looked twice would double the work of the one above. @throws Error */
  #base(name: string): RawObject {
    if (this.#baseDepth >= deepestBase) throw new Error('the deltas never end');
    this.#baseDepth++;
    try {
      const object = this.#tryStored(name);
      if (object === null || typeof object === 'string') throw new Error(`the base ${name} cannot be read`);
      return object;
    } finally {
      this.#baseDepth--;
    }
  }

  #readJournaled(name: string): RawObject | null {
    for (const { file, place } of this.#journals.find(name)) {
      try {
        const content = inflateSync(readObjectRecord(file.fd, place), { maxOutputLength: place.size + 1 });
        if (objectName(place.type, content) === name) return { type: place.type, content };
      } catch {
        // It may have been sealed underway, or another copy may be whole.
      }
    }
    return null;
  }

  #isPacked(name: string): boolean {
    const key = Buffer.from(name, 'hex');
    for (const pack of this.#packs.values()) if (pack.index.find(key) >= 0) return true;
    return false;
  }

  #listPacks(): readonly string[] {
    return listOr(this.#layout.packs)
      .filter(name => name.endsWith('.idx') && name.startsWith('pack-'))
      .map(name => name.slice(0, -4));
  }
}

function listOr(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  }
}

function damaged(name: string, where: string): UndertextError {
  const hint = 'run `undertext verify` to see which versions it affects';
  return new UndertextError('damaged', `the content ${name} cannot be read back: ${where} is damaged`, hint);
}
