import { closeSync, fstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errno, UndertextError } from '../../errors.ts';
import { openNow } from '../read-now.ts';
import {
  type JournalHeader,
  type JournalPart,
  journalFormat,
  type ObjectPlace,
  readHeader,
  readRecords,
} from './journal.ts';

/** A journal as it stands on disk, ours or another process's. */
export interface JournalFile {
  readonly name: string;
  readonly path: string;
  readonly fd: number;
  readonly owner: JournalHeader;
  /** Position up to which it has been read. */
  end: number;
  /** Bytes behind `end` that are no whole record. */
  torn: number;
  readonly lines: string[];
  /** By name. */
  readonly objects: Map<string, ObjectPlace>;
}

/** All journals: what is recorded and not in a pack yet. */
export class Journals {
  readonly #folder: string;
  readonly #files = new Map<string, JournalFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  get files(): readonly JournalFile[] {
    return [...this.#files.values()];
  }

  get(name: string): JournalFile | undefined {
    return this.#files.get(name);
  }

  /** Takes up a journal this process has just made. */
  adopt(name: string, fd: number, owner: JournalHeader, end: number): JournalFile {
    const file = { name, path: join(this.#folder, name), fd, owner, end, torn: 0, lines: [], objects: new Map() };
    this.#files.set(name, file);
    return file;
  }

  /**
   * Reads what others have appended since; journals that are gone were sealed, and are forgotten.
   * Journals named in `own` are ours: what stands in them is known.
   */
  readTails(own: ReadonlySet<string>): readonly string[] {
    const names = new Set(this.#list());
    for (const file of this.files) if (!names.has(file.name) && !own.has(file.name)) this.drop(file.name);
    const lines: string[] = [];
    for (const name of names) {
      if (own.has(name)) continue;
      const file = this.#files.get(name) ?? this.#open(name);
      if (file) for (const line of this.#readTail(file).lines) lines.push(line);
    }
    return lines;
  }

  has(name: string): boolean {
    for (const file of this.#files.values()) if (file.objects.has(name)) return true;
    return false;
  }

  /** True when the object is durable because this process made it so. */
  hasOwn(name: string, own: ReadonlySet<string>): boolean {
    for (const file of this.#files.values()) if (own.has(file.name) && file.objects.has(name)) return true;
    return false;
  }

  /** The object's places in the journals. */
  *find(name: string): Iterable<{ readonly file: JournalFile; readonly place: ObjectPlace }> {
    for (const file of this.files) {
      const place = file.objects.get(name);
      if (place) yield { file, place };
    }
  }

  /** Forgets a journal; its versions stand in commits now, or it is gone. */
  drop(name: string): void {
    const file = this.#files.get(name);
    if (!file) return;
    this.#files.delete(name);
    closeSync(file.fd);
  }

  close(): void {
    for (const { name } of this.files) this.drop(name);
  }

  #list(): readonly string[] {
    try {
      return readdirSync(this.#folder)
        .filter(name => name.endsWith('.journal'))
        .sort();
    } catch (error) {
      if (errno(error) === 'ENOENT') return [];
      throw error;
    }
  }

  #open(name: string): JournalFile | null {
    let fd: number;
    try {
      fd = openNow(join(this.#folder, name));
    } catch (error) {
      if (errno(error) === 'ENOENT') return null;
      throw error;
    }
    const start = readHeader(fd);
    // A journal has its header before its name: this one was harmed, and `verify` names it.
    if (!start) {
      closeSync(fd);
      return null;
    }
    if (start.header.format > journalFormat) {
      closeSync(fd);
      throw new UndertextError(
        'newer-format',
        `the journal ${name} has format ${start.header.format}, and this undertext knows only format ${journalFormat}`,
        'install the undertext that wrote it: npm install -g undertext@latest',
      );
    }
    return this.adopt(name, fd, start.header, start.end);
  }

  #readTail(file: JournalFile): JournalPart {
    const { size } = fstatSync(file.fd);
    const part = readRecords(file.fd, file.end, size);
    for (const { name, ...place } of part.objects) file.objects.set(name, place);
    for (const line of part.lines) file.lines.push(line);
    file.end = part.end;
    file.torn = part.torn;
    return part;
  }
}
