/**
 * The history index: every version and note that is in a commit, one line each, so that opening needs no commits.
 *
 *     undertext history 1
 *     @<commit> <ref> <bytes of the lines that follow> <their CRC-32>
 *     <line of version-line.ts>
 *     …
 *
 * It is a cache. A block counts only when it is whole; from the first that is not, the commits are asked again.
 */
import { closeSync, constants, fstatSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { errno } from '../errors.ts';
import { decodeCommit } from './commit.ts';
import type { Disk } from './disk.ts';
import type { Objects } from './objects.ts';
import { openNow } from './read-now.ts';
import { type Head, listHeads } from './refs.ts';
import type { Layout } from './repository.ts';
import { isNoteLine } from './version-line.ts';

export interface HistoryBlock {
  readonly commit: string;
  readonly ref: string;
  readonly lines: readonly string[];
}

const firstLine = 'undertext history 1\n';

export function encodeBlock({ commit, ref, lines }: HistoryBlock): Buffer {
  const body = Buffer.from(lines.map(line => `${line}\n`).join(''));
  return Buffer.concat([Buffer.from(`@${commit} ${ref} ${body.length} ${crc32(body)}\n`), body]);
}

export class HistoryIndex {
  readonly #layout: Layout;
  readonly #known = new Set<string>();
  readonly #notes = new Set<string>();
  /** Read from commits; not in the file yet. */
  readonly #unwritten = new Map<string, HistoryBlock>();
  readonly #tips = new Map<string, string>();
  /** Which file was read, and up to where. */
  #inode = -1;
  #end = 0;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** True when the note is in a commit. */
  hasNote(id: string): boolean {
    return this.#notes.has(id);
  }

  /** Hands over the blocks that stand behind what was read before; all of them when the file was made anew. */
  readTail(take: (block: HistoryBlock) => void): void {
    const file = readFrom(this.#layout.history, this.#inode, this.#end);
    if (!file) return;
    this.#inode = file.inode;
    this.#end = file.from;
    let at = 0;
    if (this.#end === 0) {
      if (file.bytes.toString('latin1', 0, firstLine.length) !== firstLine) return;
      at = firstLine.length;
    }
    while (at < file.bytes.length) {
      const lineEnd = file.bytes.indexOf(0x0a, at);
      if (lineEnd < 0) break;
      const match = /^@([0-9a-f]{40}) (\S+) (\d+) (\d+)$/.exec(file.bytes.toString('latin1', at, lineEnd));
      if (!match) break;
      const end = lineEnd + 1 + Number(match[3]);
      const body = file.bytes.subarray(lineEnd + 1, end);
      if (end > file.bytes.length || crc32(body) !== Number(match[4])) break;
      const lines = body.toString('utf8').split('\n');
      lines.pop();
      this.#unwritten.delete(match[1]!);
      this.#take({ commit: match[1]!, ref: match[2]!, lines }, take);
      at = end;
    }
    this.#end += at;
  }

  /** Hands over what is in commits and not in the index, oldest first. */
  readCommits(objects: Objects, take: (block: HistoryBlock) => void): void {
    for (const head of listHeads(this.#layout)) {
      if (this.#tips.get(head.ref) === head.commit) continue;
      for (const block of this.#walk(head, objects)) {
        this.#unwritten.set(block.commit, block);
        this.#take(block, take);
      }
    }
  }

  /** True when the file lacks something that commits have. */
  get isBehind(): boolean {
    return this.#unwritten.size > 0;
  }

  /**
   * Adds blocks to the file, behind what it lacked; the caller holds the lock and has just read the tail.
   * It need not be durable: what is missing is read from the commits.
   */
  async append(disk: Disk, added: readonly HistoryBlock[]): Promise<void> {
    const blocks = [...this.#unwritten.values(), ...added];
    for (const block of added) this.#take(block, () => {});
    if (blocks.length === 0) return;
    const fd = await disk.open(this.#layout.history, openFlags, 0o600);
    try {
      const { ino, size } = fstatSync(fd);
      // The file we have read was removed: in a new one ours would lack what stood before, so it is left to the next.
      if (this.#end > 0 && ino !== this.#inode) return;
      if (size > this.#end) await disk.truncate(fd, this.#end);
      const chunks = blocks.map(encodeBlock);
      if (this.#end === 0) chunks.unshift(Buffer.from(firstLine));
      await disk.write(fd, chunks, this.#end);
      this.#inode = ino;
      this.#end += chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      this.#unwritten.clear();
    } finally {
      await disk.close(fd);
    }
  }

  #take(block: HistoryBlock, take: (block: HistoryBlock) => void): void {
    this.#known.add(block.commit);
    this.#tips.set(block.ref, block.commit);
    for (const line of block.lines) if (isNoteLine(line)) this.#notes.add(line.slice(1, line.indexOf('\t')));
    take(block);
  }

  #walk(head: Head, objects: Objects): readonly HistoryBlock[] {
    const blocks: HistoryBlock[] = [];
    for (let commit: string | null = head.commit; commit !== null && !this.#known.has(commit); ) {
      const { parent, lines }: { parent: string | null; lines: readonly string[] } = decodeCommit(
        objects.readStored(commit, 'commit').content,
      );
      blocks.push({ commit, ref: head.ref, lines });
      commit = parent;
    }
    return blocks.reverse();
  }
}

/** No history is that long; a file that is costs a look at the commits, as a missing one does. */
const biggestFile = 2 ** 31 - 1;
const openFlags = constants.O_RDWR | constants.O_CREAT;

function readFrom(path: string, inode: number, end: number): { inode: number; from: number; bytes: Buffer } | null {
  let fd: number;
  try {
    fd = openNow(path);
  } catch (error) {
    if (errno(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const { ino, size } = fstatSync(fd);
    if (size > biggestFile) return null;
    const from = ino === inode && size >= end ? end : 0;
    const bytes = Buffer.allocUnsafe(size - from);
    let filled = 0;
    while (filled < bytes.length) {
      const got = readSync(fd, bytes, filled, bytes.length - filled, from + filled);
      if (got === 0) break;
      filled += got;
    }
    return { inode: ino, from, bytes: bytes.subarray(0, filled) };
  } finally {
    closeSync(fd);
  }
}
