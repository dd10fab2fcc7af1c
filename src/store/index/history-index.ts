/**
 * The history index: what the commits say of versions and notes, so that opening needs no commits.
 *
 * The file `history` has the lines, and the tables say where in it they stand; what came after the last table is read
 * into the catalogue. All of it is a cache, and only the commits count: the last commit the index has of each head must
 * be the head or an ancestor of it, or the index is out of date as a whole and is read from the commits again.
 */
import { randomBytes } from 'node:crypto';
import { constants, fstatSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errno, UndertextError } from '../../errors.ts';
import { decodeCommit, type SnapshotCommit } from '../commit.ts';
import type { Disk } from '../disk.ts';
import type { Objects } from '../objects.ts';
import { pauses } from '../pauses.ts';
import { type Head, listHeads } from '../refs.ts';
import type { Layout } from '../repository.ts';
import { isNoteLine, readNote } from '../version-line.ts';
import type { Catalogue } from './catalogue.ts';
import { encodeBlock, type HistoryBlock, historyStart, linesOf, readBlocks } from './history-block.ts';
import { inChunks } from './in-chunks.ts';
import { OutOfDate } from './out-of-date.ts';
import { SharedFile } from './shared-file.ts';
import { Table } from './table.ts';
import { findTables, removeTables, writeChunks, writeTable } from './table-files.ts';
import { mergeTables } from './table-merge.ts';
import { tablesOf } from './table-rows.ts';
import { Tables } from './tables.ts';

export type { HistoryBlock } from './history-block.ts';

export interface HistoryLimits {
  /** So many lines behind the last table are worth a new one; reading them at open takes some 30 ms. */
  readonly tableLines: number;
  /** A longer tail is not read into the catalogue at open: a table of it is made in memory. */
  readonly longTailBytes: number;
  /** Rows are sorted in runs of this many, each in one turn of the loop. */
  readonly sortedAtOnce: number;
}

const usualLimits: HistoryLimits = { tableLines: 10_000, longTailBytes: 4 << 20, sortedAtOnce: 8_192 };
/** A table is merged with newer ones that have at least half as many lines: few tables, and few copies of each line. */
const mergeFactor = 2;

export class HistoryIndex {
  readonly #layout: Layout;
  readonly #limits: HistoryLimits;
  readonly #notes = new Set<string>();
  /** Read from commits; not in the file yet. */
  readonly #unwritten = new Map<string, HistoryBlock>();
  /** The last commit of each ref that was taken in. */
  readonly #tips = new Map<string, string>();
  #file: SharedFile | null = null;
  #tables = new Tables(null, []);
  /** Up to where the file was read. */
  #end = 0;
  /** Lines behind the tables. */
  #tailLines = 0;
  #isOutOfDate = false;
  /** False when a table was not what it should be: then those on the disk are made anew. */
  #trustsTables = true;
  /** True when commits could not be read: the file would lack them for ever, so it is not written. */
  #isCut = false;
  /** True when there is another file since, by our own doing. */
  #isReplaced = false;

  constructor(layout: Layout, limits = usualLimits) {
    this.#layout = layout;
    this.#limits = limits;
  }

  get tables(): Tables {
    return this.#tables;
  }

  /** True when the note is in a commit. */
  hasNote(id: string): boolean {
    return this.#notes.has(id);
  }

  /** Ref → the last commit of it that was taken in. */
  get tips(): ReadonlyMap<string, string> {
    return this.#tips;
  }

  /** True when the file lacks something that commits have. */
  get isBehind(): boolean {
    return this.#unwritten.size > 0;
  }

  /** True when the commits are not those the file was made from; `rewrite` makes it anew. */
  get isOutOfDate(): boolean {
    return this.#isOutOfDate;
  }

  /**
   * Takes in what was sealed since. False when what was taken in before no longer holds (the file was made anew, or the
   * commits were): then everything is forgotten here, and the caller empties the catalogue and asks again.
   */
  takeIn(catalogue: Catalogue, objects: Objects): boolean {
    if (this.#isReplaced) {
      this.#forget();
      return false;
    }
    try {
      if (this.#readFile(catalogue) && this.#readCommits(catalogue, objects)) return true;
    } catch (error) {
      if (!(error instanceof OutOfDate)) throw error;
      this.distrust();
    }
    return false;
  }

  /** A line or a table was not what it should be: everything is forgotten, and read without the tables. */
  distrust(): void {
    this.#trustsTables = false;
    this.#forget();
  }

  /**
   * Adds blocks to the file, behind what it lacked; the caller holds the lock and has just taken in what there is.
   * It need not be durable: what is missing is read from the commits.
   */
  async append(disk: Disk, added: readonly HistoryBlock[]): Promise<void> {
    const blocks = [...this.#unwritten.values(), ...added];
    // What is not written now is taken in from its commit, as what others have sealed.
    if (blocks.length === 0 || this.#isOutOfDate || this.#isCut || this.#isReplaced) return;
    const fd = await disk.open(this.#layout.history, openFlags, 0o600);
    try {
      const { ino, size } = fstatSync(fd);
      // The file we have read was removed: in a new one ours would lack what stood before, so it is left to the next.
      if (this.#end > 0 && ino !== this.#file?.inode) return;
      const start = this.#end;
      if (size > start) await disk.truncate(fd, start);
      const chunks = blocks.map(encodeBlock);
      if (start === 0) chunks.unshift(Buffer.from(historyStart));
      await disk.write(fd, chunks, start);
      this.#file ??= SharedFile.open(this.#layout.history);
      const end = chunks.reduce((sum, chunk) => sum + chunk.length, start);
      // Somebody may have taken it in meanwhile.
      if (this.#end < end) this.#tailLines += blocks.reduce((sum, { lines }) => sum + lines.length, 0);
      this.#end = Math.max(this.#end, end);
    } finally {
      await disk.close(fd);
    }
    for (const { commit, ref, lines } of blocks) {
      this.#unwritten.delete(commit);
      this.#tips.set(ref, commit);
      for (const line of lines) {
        const note = isNoteLine(line) ? readNote(line) : null;
        if (note) this.#notes.add(note.id);
      }
    }
  }

  /**
   * Replaces the file by one of these blocks, whole or not at all, and removes the tables. The caller holds the lock,
   * and takes in what there is then.
   */
  async rewrite(disk: Disk, blocks: Iterable<HistoryBlock> | AsyncIterable<HistoryBlock>): Promise<void> {
    const temporary = join(this.#layout.root, `tmp_history_${randomBytes(6).toString('hex')}`);
    try {
      await writeChunks(disk, temporary, inChunks(bytesOf(blocks)));
      removeTables(this.#layout.tables, []);
      renameSync(temporary, this.#layout.history);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    this.#trustsTables = true;
    this.#isReplaced = true;
  }

  /** The blocks of all commits, oldest first in each head; reads them one by one. @throws UndertextError `damaged` */
  *blocksOfCommits(objects: Objects): Generator<HistoryBlock> {
    for (const head of listHeads(this.#layout)) {
      const names = new Names();
      for (let commit: string | null = head.commit; commit !== null; ) {
        names.push(commit);
        commit = decodeCommit(objects.readStored(commit, 'commit').content).parent;
      }
      for (const commit of names.backwards()) {
        yield { commit, ref: head.ref, lines: decodeCommit(objects.readStored(commit, 'commit').content).lines };
      }
    }
  }

  /** Removes the file and the tables, so that they are made anew from the commits. The caller holds the lock. */
  remove(): void {
    removeTables(this.#layout.tables, []);
    rmSync(this.#layout.history, { force: true });
    this.#isReplaced = true;
  }

  /**
   * Makes a table of the lines behind the last one when there are many of them, and lets go of their versions in memory.
   * The caller holds the lock. It is a cache: a disk that refuses is no error. False when a table was not what it should
   * be: then `distrust` is called for.
   */
  async writeTables(disk: Disk, catalogue: Catalogue): Promise<boolean> {
    if (this.#isOutOfDate || this.#isReplaced || this.isBehind || !this.#file) return true;
    try {
      if (!this.#trustsTables) removeTables(this.#layout.tables, []);
      this.#trustsTables = true;
      const inMemory = this.#tables.list.filter(table => !table.isInFile);
      const lines = inMemory.reduce((sum, table) => sum + table.count('lines'), this.#tailLines);
      if (lines >= this.#limits.tableLines) await this.#writeTable(disk, catalogue, lines);
      return true;
    } catch (error) {
      if (error instanceof OutOfDate) return false;
      if (errno(error) === '') throw error;
      return true;
    }
  }

  close(): void {
    this.#forget();
  }

  async #writeTable(disk: Disk, catalogue: Catalogue, tailLines: number): Promise<void> {
    const file = this.#file!.hold();
    const asked = this.#tables;
    asked.hold();
    try {
      const kept = asked.list.filter(table => table.isInFile);
      const merged = asked.list.filter(table => !table.isInFile);
      for (let lines = tailLines; kept.length > 0 && kept.at(-1)!.count('lines') <= mergeFactor * lines; ) {
        lines += kept.at(-1)!.count('lines');
        merged.unshift(kept.pop()!);
      }
      const pause = pauses();
      const end = this.#end;
      for (const table of tablesOf(file, endOf(asked.list), end, this.#limits.sortedAtOnce)) {
        if (table) merged.push(table);
        await pause();
      }
      if (endOf(merged) !== end) return;
      const table = await writeTable(disk, this.#layout.tables, mergeTables(merged, kept));
      if (!table) return;
      if (this.#tables !== asked) return table.release();
      this.#useTables([...kept.map(table => table.hold()), table]);
      removeTables(this.#layout.tables, this.#tables.list);
      catalogue.forgetSealed();
      this.#readBehind(catalogue);
    } finally {
      asked.release();
      file.release();
    }
  }

  /** False when the file is not the one that was read before. */
  #readFile(catalogue: Catalogue): boolean {
    const stat = statSync(this.#layout.history, { throwIfNoEntry: false });
    if (this.#file && (stat?.ino !== this.#file.inode || stat.size < this.#end)) {
      this.#forget();
      return false;
    }
    if (!stat || this.#isOutOfDate) return true;
    if (!this.#file) {
      const file = SharedFile.open(this.#layout.history);
      if (!file) return true;
      if (this.#tips.size > 0) {
        // There was no file, and what was read from commits may be older than what this one was made from.
        file.release();
        this.#forget();
        return false;
      }
      this.#file = file;
      if (file.read(0, historyStart.length).toString('latin1') !== historyStart) return true;
      this.#end = historyStart.length;
      if (this.#trustsTables) this.#adoptTables(catalogue);
    }
    // A file without its first line is none of ours, and is written anew.
    if (this.#end === 0 || stat.size <= this.#end) return true;
    this.#readTail(catalogue);
    if (this.#tailLines >= this.#limits.tableLines && this.#trustsTables) this.#adoptTables(catalogue);
    return true;
  }

  #readTail(catalogue: Catalogue): void {
    const size = this.#file!.size;
    if (size - this.#end > this.#limits.longTailBytes) this.#makeTables(catalogue, size);
    for (const block of readBlocks(this.#file!, this.#end, size)) {
      const lines = linesOf(block);
      this.#unwritten.delete(block.commit);
      this.#take({ commit: block.commit, ref: block.ref, lines }, catalogue);
      this.#tailLines += lines.length;
      this.#end = block.end;
    }
  }

  /** Uses the tables on the disk, when they cover more than those in use, and reads what stands behind them. */
  #adoptTables(catalogue: Catalogue): void {
    const [before, read] = [endOf(this.#tables.list), this.#end];
    const list = findTables(this.#layout.tables, this.#file!);
    if (list.length === 0 || endOf(list) <= before) {
      for (const table of list) table.release();
      return;
    }
    this.#useTables(list);
    this.#dropWritten(read);
    this.#takeTables(catalogue);
    this.#readBehind(catalogue);
  }

  /** What is known without asking the tables, and what need not be in memory any more. */
  #takeTables(catalogue: Catalogue): void {
    for (const { head } of this.#tables.list) for (const { ref, commit } of head.tips) this.#tips.set(ref, commit);
    for (const line of this.#tables.notes()) this.#takeNote(line, catalogue);
    catalogue.forgetSealed();
  }

  /** What stands behind the tables, in the file and in commits alone. */
  #readBehind(catalogue: Catalogue): void {
    this.#readTail(catalogue);
    for (const block of this.#unwritten.values()) this.#take(block, catalogue);
  }

  /** Tables in memory, of a tail that is too long to be read into the catalogue. */
  #makeTables(catalogue: Catalogue, size: number): void {
    const kept = this.#tables.list;
    const from = endOf(kept);
    const made: Table[] = [];
    for (const table of tablesOf(this.#file!, from, size, this.#limits.sortedAtOnce)) if (table) made.push(table);
    if (made.length === 0) return;
    const table = Table.open(Buffer.concat([...mergeTables(made, kept)]))!;
    this.#useTables([...kept.map(table => table.hold()), table]);
    this.#dropWritten(from);
    this.#takeTables(catalogue);
  }

  /** What tables have stands in the file. */
  #dropWritten(from: number): void {
    if (this.#unwritten.size === 0) return;
    for (const { commit } of readBlocks(this.#file!, from, this.#end)) this.#unwritten.delete(commit);
  }

  /** Takes over the tables; what stands behind them is read next. */
  #useTables(list: readonly Table[]): void {
    this.#tables.release();
    this.#tables = new Tables(this.#file, list);
    this.#tailLines = 0;
    this.#end = endOf(list);
  }

  /** False when the commits are not those that were taken in. */
  #readCommits(catalogue: Catalogue, objects: Objects): boolean {
    const isThere = (heads: readonly Head[]) =>
      [...this.#tips.keys()].every(known => heads.some(({ ref }) => ref === known));
    let heads = listHeads(this.#layout);
    // Stock git, packing the refs, moves one from a file to another under our eyes.
    if (!isThere(heads)) heads = listHeads(this.#layout);
    const blocks: HistoryBlock[] = [];
    // Nobody of ours removes a head: what it had stays known, and whoever seals puts it back.
    if (!isThere(heads)) this.#isCut = true;
    let holds = true;
    for (const head of heads) {
      const tip = this.#tips.get(head.ref);
      if (tip === head.commit) continue;
      const walked = this.#walk(head, tip, objects);
      for (const block of walked.blocks) blocks.push(block);
      if (walked.end === 'cut') this.#isCut = true;
      if (walked.end === 'root' && tip !== undefined) holds = false;
    }
    if (!holds) {
      this.#forget();
      this.#file = SharedFile.open(this.#layout.history);
      this.#isOutOfDate = this.#file !== null;
      return false;
    }
    for (const block of blocks) {
      this.#unwritten.set(block.commit, block);
      this.#take(block, catalogue);
    }
    return true;
  }

  /** From the head down to the tip, the root, or a commit that cannot be read: `verify` names that one. */
  #walk({ ref, commit: head }: Head, tip: string | undefined, objects: Objects) {
    const blocks: HistoryBlock[] = [];
    const walked = (end: 'tip' | 'root' | 'cut') => ({ blocks: blocks.reverse(), end });
    for (let commit: string | null = head; commit !== null; ) {
      if (commit === tip) return walked('tip');
      try {
        const { parent, lines }: SnapshotCommit = decodeCommit(objects.readStored(commit, 'commit').content);
        blocks.push({ commit, ref, lines });
        commit = parent;
      } catch (error) {
        if (!(error instanceof UndertextError)) throw error;
        return walked('cut');
      }
    }
    return walked('root');
  }

  #take({ commit, ref, lines }: HistoryBlock, catalogue: Catalogue): void {
    this.#tips.set(ref, commit);
    for (const line of lines) {
      if (isNoteLine(line)) this.#takeNote(line, catalogue);
      else catalogue.addLine(line, commit);
    }
  }

  #takeNote(line: string, catalogue: Catalogue): void {
    const note = catalogue.addNoteLine(line);
    if (note) this.#notes.add(note.id);
  }

  #forget(): void {
    this.#tables.release();
    this.#tables = new Tables(null, []);
    this.#file?.release();
    this.#file = null;
    this.#notes.clear();
    this.#unwritten.clear();
    this.#tips.clear();
    this.#end = 0;
    this.#tailLines = 0;
    this.#isOutOfDate = false;
    this.#isCut = false;
    this.#isReplaced = false;
  }
}

const openFlags = constants.O_RDWR | constants.O_CREAT;

function endOf(list: readonly Table[]): number {
  return list.at(-1)?.head.to ?? historyStart.length;
}

async function* bytesOf(blocks: Iterable<HistoryBlock> | AsyncIterable<HistoryBlock>): AsyncGenerator<Buffer> {
  yield Buffer.from(historyStart);
  for await (const block of blocks) yield encodeBlock(block);
}

/** Names of commits, twenty bytes each: there may be a million. */
class Names {
  #bytes = Buffer.alloc(20 * 1024);
  #used = 0;

  push(name: string): void {
    if (this.#used === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], this.#used * 2);
    this.#used += this.#bytes.write(name, this.#used, 'hex');
  }

  *backwards(): Generator<string> {
    for (let at = this.#used - 20; at >= 0; at -= 20) yield this.#bytes.toString('hex', at, at + 20);
  }
}
