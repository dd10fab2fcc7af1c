/**
 * What a disk may hold after the power went. It is fed with the log of preload.mjs.
 *
 * What POSIX promises, and no more: `fsync` of a file makes its content durable, not its name; `fsync` of a folder makes
 * its names durable, not what they name. Everything else may have reached the disk or not, each for itself and in any
 * order; of a write, single sectors may have, or zeros. A rename within a folder is one change.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Chance } from './seed.ts';

export interface Operation {
  readonly op:
    | 'start'
    | 'said'
    | 'open'
    | 'create'
    | 'file'
    | 'write'
    | 'sync'
    | 'truncate'
    | 'rename'
    | 'link'
    | 'remove'
    | 'mkdir';
  /** Its place in the order of its process; what came later than `upTo` a sync does not cover. */
  readonly at: number;
  readonly upTo: number;
  readonly path: string;
  readonly to: string;
  readonly fd: number;
  readonly position: number;
  readonly length: number;
  readonly bytes: string;
  readonly empties?: boolean;
  readonly text: string;
}

interface Write {
  readonly at: number;
  readonly position: number;
  /** Null: the file is cut, or lengthened, to `position`. */
  readonly bytes: Buffer | null;
}

class File {
  durable: Buffer = Buffer.alloc(0);
  pending: Write[] = [];
  /** As the running system sees it: where an append goes. */
  size = 0;
}

interface Change {
  readonly at: number;
  readonly names: ReadonlyMap<string, Node | null>;
}

class Folder {
  durable = new Map<string, Node>();
  pending: Change[] = [];
  now = new Map<string, Node>();
}

type Node = File | Folder;

const sector = 512;

export class DiskModel {
  readonly #base: string;
  readonly #root: Folder;
  #open = new Map<number, Node>();
  #before = 0;
  #last = 0;

  /** What stands below `base` now is durable; `leave` names what there is no part of it. */
  constructor(base: string, leave: readonly string[]) {
    this.#base = base;
    this.#root = read(base, leave);
  }

  apply(operation: Operation): void {
    if (operation.op === 'start') {
      // Another process: it has other handles, and counts anew.
      this.#open = new Map();
      this.#before = this.#last;
      return;
    }
    const at = this.#before + (operation.at ?? 0);
    this.#last = Math.max(this.#last, at);
    this.#apply({ ...operation, at, upTo: this.#before + (operation.upTo ?? operation.at) });
  }

  #apply(it: Operation): void {
    switch (it.op) {
      case 'open': {
        const node = this.#find(it.path);
        if (node) this.#open.set(it.fd, node);
        return;
      }
      case 'create': {
        const file = this.#fileAt(it.path, it.at);
        if (it.empties && file.size > 0) write(file, it.at, 0, null);
        this.#open.set(it.fd, file);
        return;
      }
      case 'file': {
        const file = this.#fileAt(it.path, it.at);
        if (file.size > 0) write(file, it.at, 0, null);
        write(file, it.at, 0, Buffer.from(it.bytes, 'base64'));
        return;
      }
      case 'write': {
        const file = this.#open.get(it.fd) as File;
        write(file, it.at, it.position ?? file.size, Buffer.from(it.bytes, 'base64'));
        return;
      }
      case 'truncate':
        write(this.#open.get(it.fd) as File, it.at, it.length, null);
        return;
      case 'sync':
        sync(this.#open.get(it.fd)!, it.upTo);
        return;
      case 'mkdir':
        if (!this.#find(it.path)) this.#change(it.at, [it.path, new Folder()]);
        return;
      case 'link':
        this.#change(it.at, [it.to, this.#find(it.path)!]);
        return;
      case 'remove':
        if (this.#find(it.path)) this.#change(it.at, [it.path, null]);
        return;
      case 'rename':
        this.#change(it.at, [it.to, this.#find(it.path)!], [it.path, null]);
        return;
      default:
    }
  }

  /** Writes to `folder` what the disk may hold if the power goes now. */
  cut(folder: string, chance: Chance): void {
    // Some disks lose nearly nothing, some nearly all: what is in between comes seldom when every coin is fair.
    const lossOf = chance.pick([0, 10, 50, 90, 100]);
    const isLost = (): boolean => chance.below(100) < lossOf;
    const contents = new Map<File, Buffer>();
    const put = (node: Node, path: string): void => {
      if (node instanceof File) {
        const bytes = contents.get(node) ?? remains(node, isLost, chance);
        contents.set(node, bytes);
        writeFileSync(path, bytes, { mode: 0o600 });
        return;
      }
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const names = new Map(node.durable);
      for (const { names: changed } of node.pending) if (!isLost()) rename(names, changed);
      for (const [name, child] of names) put(child, join(path, name));
    };
    put(this.#root, folder);
  }

  #find(path: string): Node | null {
    let node: Node = this.#root;
    for (const name of relative(this.#base, path).split('/')) {
      if (name === '') continue;
      const next: Node | undefined = node instanceof Folder ? node.now.get(name) : undefined;
      if (!next) return null;
      node = next;
    }
    return node;
  }

  #fileAt(path: string, at: number): File {
    const there = this.#find(path);
    if (there) return there as File;
    const file = new File();
    this.#change(at, [path, file]);
    return file;
  }

  /** Names in one folder change together; those of two folders each for itself. */
  #change(at: number, ...entries: [path: string, node: Node | null][]): void {
    for (const folderPath of new Set(entries.map(([path]) => dirname(path)))) {
      const folder = this.#find(folderPath) as Folder;
      const names = new Map(
        entries.filter(([path]) => dirname(path) === folderPath).map(([path, node]) => [basename(path), node]),
      );
      folder.pending.push({ at, names });
      rename(folder.now, names);
    }
  }
}

function read(path: string, leave: readonly string[]): Node & Folder {
  const folder = new Folder();
  for (const name of readdirSync(path)) {
    const child = join(path, name);
    if (leave.includes(name)) continue;
    folder.durable.set(name, statSync(child).isDirectory() ? read(child, []) : wholeFile(child));
  }
  folder.now = new Map(folder.durable);
  return folder;
}

function wholeFile(path: string): File {
  const file = new File();
  file.durable = readFileSync(path);
  file.size = file.durable.length;
  return file;
}

function write(file: File, at: number, position: number, bytes: Buffer | null): void {
  file.pending.push({ at, position, bytes });
  file.size = bytes === null ? position : Math.max(file.size, position + bytes.length);
}

function sync(node: Node, upTo: number): void {
  if (node instanceof File) {
    for (const { at, position, bytes } of node.pending)
      if (at <= upTo) node.durable = written(node.durable, position, bytes);
    node.pending = node.pending.filter(({ at }) => at > upTo);
    return;
  }
  for (const { at, names } of node.pending) if (at <= upTo) rename(node.durable, names);
  node.pending = node.pending.filter(({ at }) => at > upTo);
}

function rename(names: Map<string, Node>, changed: ReadonlyMap<string, Node | null>): void {
  for (const [name, node] of changed) {
    if (node) names.set(name, node);
    else names.delete(name);
  }
}

function written(content: Buffer, position: number, bytes: Buffer | null): Buffer {
  const length = bytes === null ? position : Math.max(content.length, position + bytes.length);
  const next = Buffer.alloc(length);
  content.copy(next, 0, 0, Math.min(content.length, length));
  bytes?.copy(next, position);
  return next;
}

/** What is left of a file whose last writes were not synced: each came, or not, or as zeros, or in part. */
function remains(file: File, isLost: () => boolean, chance: Chance): Buffer {
  let content = file.durable;
  for (const { position, bytes } of file.pending) {
    if (isLost()) continue;
    content = written(content, position, bytes && arrived(content, position, bytes, chance));
  }
  return content;
}

function arrived(content: Buffer, position: number, bytes: Buffer, chance: Chance): Buffer {
  const how = chance.pick(['whole', 'whole', 'zeros', 'torn']);
  if (how === 'whole') return bytes;
  return how === 'zeros' ? Buffer.alloc(bytes.length) : torn(content, position, bytes, chance);
}

/** Some sectors as they were (zeros behind the end), some as they were meant. */
function torn(content: Buffer, position: number, bytes: Buffer, chance: Chance): Buffer {
  const mixed = written(
    content,
    position + bytes.length > content.length ? position + bytes.length : content.length,
    null,
  );
  const old = mixed.subarray(position, position + bytes.length);
  const result = Buffer.from(bytes);
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + sector - ((position + at) % sector));
    if (chance.once(2)) old.copy(result, at, at, end);
    at = end;
  }
  return result;
}
