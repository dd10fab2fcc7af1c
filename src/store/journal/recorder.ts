import { randomBytes } from 'node:crypto';
import { type Disk, discard, diskError } from '../disk.ts';
import { self } from '../lock.ts';
import { encodeLine, encodeObject, type JournaledType, JournalWriter, journalFormat, streamOffset } from './journal.ts';
import type { JournalFile, Journals } from './journals.ts';

/** An object on its way into the journal. */
export interface Deflated {
  readonly type: JournaledType;
  /** Bytes of content. */
  readonly size: number;
  readonly bytes: Uint8Array;
}

function isEmpty({ lines, objects }: JournalFile): boolean {
  return lines.length === 0 && objects.size === 0;
}

/** What this process writes: the journal in use, and its own journals that wait to be sealed. */
export class Recorder {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #journals: Journals;
  /** Tells what this process records from what others do. */
  readonly token = randomBytes(9).toString('base64url');
  readonly #own = new Set<string>();
  /** Objects on their way to the journal in use: a call that comes later fails with them, and need not bring them. */
  #underway = new Set<string>();
  #writer: JournalWriter | null = null;
  #making: Promise<void> | null = null;

  constructor(disk: Disk, folder: string, journals: Journals) {
    this.#disk = disk;
    this.#folder = folder;
    this.#journals = journals;
  }

  /** The names of the journals of this process. */
  get own(): ReadonlySet<string> {
    return this.#own;
  }

  /** The path of the journal in use, which nobody takes away but us. */
  get inUse(): readonly string[] {
    return this.#writer && !this.#writer.isBroken ? [this.#writer.path] : [];
  }

  /** Bytes of the journal in use. */
  get length(): number {
    return this.#writer?.length ?? 0;
  }

  /** Versions and notes in the journal in use. */
  get lines(): number {
    return this.#writer ? this.#fileOf(this.#writer).lines.length : 0;
  }

  isInUse(name: string): boolean {
    return this.#writer?.name === name;
  }

  /** True when the object is durable in a journal of ours. */
  isKept(name: string): boolean {
    return this.#journals.hasOwn(name, this.#own);
  }

  /** Makes objects and lines durable, objects first. @throws UndertextError `disk`; then none of them counts */
  async append(contents: Iterable<[string, Deflated]>, lines: readonly string[]): Promise<void> {
    // Nothing may happen between looking and appending: a seal may turn the journal over.
    while (!this.#writer || this.#writer.isBroken) {
      this.#making ??= this.#make().finally(() => {
        this.#making = null;
      });
      await this.#making;
    }
    const writer = this.#writer;
    const underway = this.#underway;
    const objects = [...contents].filter(([name]) => !underway.has(name) && !this.isKept(name));
    const chunks: Uint8Array[] = [];
    const offsets: number[] = [];
    let length = 0;
    const push = (record: readonly Uint8Array[]): void => {
      for (const chunk of record) {
        chunks.push(chunk);
        length += chunk.length;
      }
    };
    for (const [name, { type, size, bytes }] of objects) {
      offsets.push(length + streamOffset);
      push(encodeObject(type, name, size, bytes));
      underway.add(name);
    }
    for (const line of lines) push(encodeLine(line));
    const file = this.#fileOf(writer);
    try {
      await writer.append(chunks, position => {
        for (const [i, [name, { type, size, bytes }]] of objects.entries()) {
          file.objects.set(name, { type, position: position + offsets[i]!, length: bytes.length, size });
        }
        for (const line of lines) file.lines.push(line);
        file.end = position + length;
      });
    } catch (error) {
      throw diskError(error, 'the store cannot keep anything');
    } finally {
      for (const [name] of objects) underway.delete(name);
    }
  }

  /** Lets the journal in use be sealed; whoever records meanwhile finds the next one ready, unless this is the last. */
  async turnOver(isLast: boolean): Promise<void> {
    const old = this.#writer;
    if (!old || isEmpty(this.#fileOf(old))) return;
    if (isLast) this.#writer = null;
    else await this.#make();
    await old.idle();
  }

  /** These journals were sealed. */
  forget(files: readonly JournalFile[]): void {
    for (const { name } of files) this.#own.delete(name);
  }

  async close(): Promise<void> {
    const writer = this.#writer;
    if (!writer) return;
    await writer.idle();
    if (this.#fileOf(writer).lines.length === 0) discard(writer.path);
  }

  async #make(): Promise<void> {
    const name = `${self().pid}-${randomBytes(6).toString('hex')}.journal`;
    this.#own.add(name);
    try {
      const writer = await JournalWriter.create(this.#disk, this.#folder, name, self());
      this.#journals.adopt(name, writer.fd, { ...self(), format: journalFormat }, writer.length);
      this.#writer = writer;
      this.#underway = new Set();
    } catch (error) {
      this.#own.delete(name);
      throw diskError(error, 'the store cannot keep anything');
    }
  }

  #fileOf(writer: JournalWriter): JournalFile {
    return this.#journals.get(writer.name)!;
  }
}
