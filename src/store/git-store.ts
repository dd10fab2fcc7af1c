import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflate, deflateSync } from 'node:zlib';
import { UndertextError } from '../errors.ts';
import type { Note, Observation, Time, Version } from '../model.ts';
import { blobName } from './blob-name.ts';
import { type Catalogue, emptyCatalogue } from './catalogue.ts';
import { type Disk, diskError, realDisk } from './disk.ts';
import { blobOffset, encodeBlob, encodeLine, JournalWriter, journalFormat } from './journal.ts';
import { type JournalFile, Journals } from './journals.ts';
import { self } from './lock.ts';
import { noSuchBlob } from './memory-store.ts';
import { Objects } from './objects.ts';
import { inspect, type Layout, layoutOf, prepare } from './repository.ts';
import type { Holder, Lease, PathKey, Store, StoreSize, Verification } from './store.ts';
import { makeFreeId, makeId } from './version-id.ts';
import { formatNote, formatVersion, isNoteLine, type KeptNote, parseNote } from './version-line.ts';

export interface GitStoreOptions {
  readonly path: string;
  /** What this machine is called among the heads; the host's name when left out. */
  readonly machine?: string;
  readonly now?: () => Time;
  readonly readOnly?: boolean;
  readonly disk?: Disk;
}

/** Below this, a hop to another thread costs more than deflating here. */
const deflateHere = 64 * 1024;
/** How long preparing a big group may hold the loop before others get their turn. */
const sliceMs = 8;
/** zlib level: 1 costs an eighth more space than 6 and a quarter of its time. */
const level = 1;

const deflateElsewhere = promisify<Uint8Array, { level: number }, Buffer>(deflate);

/** Opens the store in `path`, and makes it when there is none. */
export async function openGitStore(options: GitStoreOptions): Promise<Store> {
  const store = new GitStore(options);
  await store.open();
  return store;
}

interface Prepared {
  readonly observation: Observation;
  readonly blob: string | null;
}

class GitStore implements Store {
  readonly path: string;
  readonly repairs: string[] = [];
  readonly #layout: Layout;
  readonly #disk: Disk;
  readonly #isReadOnly: boolean;
  readonly #machine: string;
  readonly #now: () => Time;
  readonly #catalogue: Catalogue = emptyCatalogue();
  readonly #journals: Journals;
  readonly #objects: Objects;
  /** Blobs that are on their way to the journal. */
  readonly #underway = new Map<string, number>();
  #writer: Promise<JournalWriter> | null = null;
  #counter = 0;
  #isClosed = false;

  constructor(options: GitStoreOptions) {
    this.path = resolve(options.path);
    this.#layout = layoutOf(this.path);
    this.#disk = options.disk ?? realDisk;
    this.#isReadOnly = options.readOnly ?? false;
    this.#machine = options.machine ?? hostname();
    this.#now = options.now ?? Date.now;
    this.#journals = new Journals(this.#layout.journals);
    this.#objects = new Objects(this.#layout, this.#journals);
  }

  async open(): Promise<void> {
    const state = inspect(this.#layout);
    if (this.#isReadOnly && state === 'nothing') {
      throw new UndertextError(
        'not-found',
        `there is no store in ${this.path}`,
        'run `undertext watch` or `undertext snapshot` first',
      );
    }
    if (!this.#isReadOnly)
      await prepare(
        this.#layout,
        this.#disk,
        `refs/heads/${this.#machine}/${new Date(this.#now()).toISOString().slice(0, 7)}`,
      );
    await this.refresh();
  }

  async record(observations: readonly Observation[]): Promise<readonly Version[]> {
    this.#mustWrite();
    if (observations.length === 0) return [];
    const { prepared, deflated } = await this.#prepare(observations);
    const writer = await this.#openWriter();
    const versions = prepared.map(({ observation, blob }) => this.#toVersion(writer.name, observation, blob));
    const blobs = [...deflated].filter(([name]) => !this.#isKept(name));
    const lines = versions.map(formatVersion);
    await this.#append(
      writer,
      blobs.map(([name, { size, bytes }]) => ({ name, size, deflated: bytes })),
      lines,
    );
    for (const version of versions) this.#catalogue.add(version);
    return versions;
  }

  async keep(_content: AsyncIterable<Uint8Array>, _size: number): Promise<string> {
    throw new Error('soon');
  }

  async read(blob: string): Promise<Uint8Array> {
    return this.#objects.readBlob(blob);
  }

  versions(key: PathKey): readonly Version[] {
    return this.#catalogue.versions(key);
  }

  latest(key: PathKey): Version | undefined {
    return this.#catalogue.latest(key);
  }

  paths(): Iterable<Version> {
    return this.#catalogue.paths();
  }

  withId(prefix: string): readonly Version[] {
    return this.#catalogue.withId(prefix);
  }

  async note(notes: readonly Note[]): Promise<void> {
    this.#mustWrite();
    if (notes.length === 0) return;
    const writer = await this.#openWriter();
    const kept = notes.map((note): KeptNote => {
      const data: unknown = JSON.parse(JSON.stringify(note.data ?? null));
      return { id: makeId(['note', writer.name, this.#counter++]), note: { ...note, data } };
    });
    await this.#append(writer, [], kept.map(formatNote));
    for (const note of kept) this.#catalogue.addNote(note);
  }

  notes(kind: Note['kind']): readonly Note[] {
    return this.#catalogue.notes(kind);
  }

  async refresh(): Promise<void> {
    const own = new Set<string>();
    if (this.#writer) own.add((await this.#writer).name);
    this.#takeIn(this.#journals.readTails(own));
  }

  async seal(): Promise<void> {
    if (this.#writer) await (await this.#writer).idle();
  }

  async claim(_post: 'watcher', about: unknown): Promise<Lease | Holder> {
    void about;
    return { update: async () => {}, release: async () => {} };
  }

  async holder(_post: 'watcher'): Promise<Holder | null> {
    return null;
  }

  async size(): Promise<StoreSize> {
    let since: Time | null = null;
    let sealed = 0;
    for (const { seenAt, snapshot } of this.#catalogue.all()) {
      since = Math.min(since ?? seenAt, seenAt);
      if (snapshot !== null) sealed++;
    }
    return { path: this.path, bytes: 0, versions: this.#catalogue.size, since, sealed };
  }

  async verify(): Promise<Verification> {
    return { versions: this.#catalogue.size, objects: 0, damage: [] };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#writer) await (await this.#writer).idle();
    this.#journals.close();
  }

  #mustWrite(): void {
    if (this.#isClosed) throw new UndertextError('internal', 'the store is closed', 'report this');
    if (this.#isReadOnly)
      throw new UndertextError('refused', 'the store was opened for reading', 'leave out `readOnly`');
  }

  #isKept(blob: string): boolean {
    return this.#underway.has(blob) || this.#objects.isSound(blob);
  }

  async #prepare(observations: readonly Observation[]) {
    const deflated = new Map<string, { size: number; bytes: Uint8Array }>();
    const prepared: Prepared[] = [];
    const elsewhere: Promise<unknown>[] = [];
    let sliceEnd = performance.now() + sliceMs;
    for (const observation of observations) {
      const { content } = observation;
      if (!(content instanceof Uint8Array)) {
        if (content && !this.#isKept(content.blob)) throw noSuchBlob(content.blob);
        prepared.push({ observation, blob: content?.blob ?? null });
        continue;
      }
      const name = blobName(content);
      prepared.push({ observation, blob: name });
      if (deflated.has(name) || this.#isKept(name)) continue;
      if (content.length < deflateHere)
        deflated.set(name, { size: content.length, bytes: deflateSync(content, { level }) });
      else {
        deflated.set(name, { size: content.length, bytes: new Uint8Array() });
        const work = deflateElsewhere(content, { level }).then(bytes =>
          deflated.set(name, { size: content.length, bytes }),
        );
        elsewhere.push(work);
      }
      if (performance.now() > sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + sliceMs;
      }
    }
    await Promise.all(elsewhere);
    return { prepared, deflated };
  }

  #toVersion(journal: string, observation: Observation, blob: string | null): Version {
    const { content: _, ...rest } = observation;
    const parts = [journal, this.#counter++, rest.root, rest.path, rest.seenAt, blob];
    return { ...rest, id: makeFreeId(parts, this.#catalogue.hasVersion), blob, snapshot: null };
  }

  async #openWriter(): Promise<JournalWriter> {
    if (this.#writer && (await this.#writer).isBroken) this.#writer = null;
    this.#writer ??= this.#makeWriter();
    return this.#writer;
  }

  async #makeWriter(): Promise<JournalWriter> {
    const name = `${self().pid}-${randomBytes(6).toString('hex')}.journal`;
    try {
      const made = await JournalWriter.create(this.#disk, this.#layout.journals, name, self());
      this.#journals.adopt(name, made.fd, { ...self(), format: journalFormat }, made.length);
      return made;
    } catch (error) {
      this.#writer = null;
      throw diskError(error, 'the store cannot keep anything');
    }
  }

  async #append(
    writer: JournalWriter,
    blobs: readonly { name: string; size: number; deflated: Uint8Array }[],
    lines: readonly string[],
  ): Promise<void> {
    const chunks: Uint8Array[] = [];
    const offsets: number[] = [];
    let length = 0;
    const push = (record: readonly Uint8Array[]): void => {
      for (const chunk of record) {
        chunks.push(chunk);
        length += chunk.length;
      }
    };
    for (const { name, size, deflated } of blobs) {
      offsets.push(length + blobOffset);
      push(encodeBlob(name, size, deflated));
      this.#underway.set(name, (this.#underway.get(name) ?? 0) + 1);
    }
    for (const line of lines) push(encodeLine(line));
    try {
      const position = await writer.append(chunks);
      const file = this.#fileOf(writer);
      for (const [i, { name, size, deflated }] of blobs.entries()) {
        file.blobs.set(name, { position: position + offsets[i]!, length: deflated.length, size });
      }
      for (const line of lines) file.lines.push(line);
      file.end = position + length;
    } catch (error) {
      throw diskError(error, 'the store cannot keep anything');
    } finally {
      for (const { name } of blobs) this.#underway.delete(name);
    }
  }

  #fileOf(writer: JournalWriter): JournalFile {
    return this.#journals.files.find(({ name }) => name === writer.name)!;
  }

  #takeIn(lines: readonly string[]): void {
    for (const line of lines) {
      if (isNoteLine(line)) this.#catalogue.addNote(parseNote(line));
      else if (!this.#catalogue.hasVersion(line.slice(0, line.indexOf('\t')))) this.#catalogue.addLine(line, null);
    }
  }
}
