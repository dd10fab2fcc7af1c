import { randomBytes } from 'node:crypto';
import { existsSync, fstatSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import { UndertextError } from '../errors.ts';
import type { Note, Observation, Time, Version } from '../model.ts';
import { blobName } from './blob-name.ts';
import { cleanUp, indexLonePacks } from './check/clean-up.ts';
import { sayLost } from './check/lost.ts';
import { mendHistory } from './check/mend-history.ts';
import { repairStore } from './check/repair.ts';
import type { RepairDeps } from './check/repair-deps.ts';
import { verifyStore } from './check/verify.ts';
import { type Disk, diskError, realDisk } from './disk.ts';
import { guardStore } from './guard.ts';
import { type Catalogue, emptyCatalogue } from './index/catalogue.ts';
import { HistoryIndex } from './index/history-index.ts';
import { zlibOptions } from './journal/deflate-batch.ts';
import { DeflateHelper } from './journal/deflate-helper.ts';
import { deflateNew } from './journal/deflate-new.ts';
import { isHarmed } from './journal/journal.ts';
import { type JournalFile, Journals } from './journal/journals.ts';
import { copyOf, gather, keepSegments } from './journal/keep.ts';
import { type Deflated, Recorder } from './journal/recorder.ts';
import { holderInWords, isForeign, isLock, type Lock, lockHolder, mayLive, tryLock } from './lock.ts';
import { Objects } from './objects.ts';
import { packSmall } from './pack/repack.ts';
import { Presence } from './presence.ts';
import { dropVersions, emptyTrash, finishForgetting, forgetContents, type PruneDeps } from './prune/prune.ts';
import { sweepMark } from './prune/sweep.ts';
import { trashBytes } from './prune/trash.ts';
import { harmedHeads, listHeads, machineName, monthOf, moveHead, refOf } from './refs.ts';
import { bytesBelow, inspect, type Layout, layoutOf, prepare } from './repository.ts';
import { sealJournals } from './seal.ts';
import { startsWith } from './starts-with.ts';
import {
  type Beginning,
  type Dropped,
  type Holder,
  keptWhole,
  type Lease,
  type PathKey,
  type Post,
  type Refetch,
  type Repair,
  type Room,
  type Sample,
  type Store,
  type StoreSize,
  trashKeptFor,
  type Verification,
} from './store.ts';
import { makeFreeId, makeId } from './version-id.ts';
import { formatNote, formatVersion, isNoteLine, type KeptNote, readNote } from './version-line.ts';

export interface GitStoreOptions {
  readonly path: string;
  /** What this machine is called among the heads; the host's name when left out. */
  readonly machine?: string;
  readonly now?: () => Time;
  readonly readOnly?: boolean;
  /** How bytes reach the disk; tests make it fail. */
  readonly disk?: Disk;
  /** What this process does, for those who wait for it: `snapshot`. */
  readonly command?: string;
  /** Hears for whom we wait, once it takes longer. */
  readonly onWait?: (who: Holder) => void;
  /** As `usualPatience`; tests wait less. */
  readonly patience?: Partial<Patience>;
}

/** How long somebody else may hold the lock of the store (milliseconds). */
export interface Patience {
  /** Before it is said, … */
  readonly say: number;
  /** … before a seal is left to a later one, … */
  readonly seal: number;
  /** … when nothing can be done without it, … */
  readonly work: number;
  /** … and at the end of a command: what is in the journal then is sealed by whoever opens the store next. */
  readonly close: number;
}

const usualPatience: Patience = { say: 2_000, seal: 10_000, work: 30_000, close: 1_000 };

/** The journal becomes a pack when it has been quiet for this long, … */
const sealWhenQuietMs = 1500;
/** … after this long of work, … */
const sealAtLeastEveryMs = 5000;
/** … or at this size, so that a seal holds little at a time. */
const sealAtBytes = 64 << 20;
const sealAtLines = 5_000;
/** After a seal that failed (a full disk), the next one is tried this much later. */
const sealAgainMs = 30_000;
/** Bytes that are packed together: beside a watcher's work, or while somebody waits for a command to end. */
const packAtEase = 128 << 20;
const packInHaste = 2 << 20;
/** Each round of a repair reads the whole store; damage that a round brings to light is mended by the next. */
const mostRepairRounds = 4;
/** Seals take seconds; the watcher of another host says something more seldom. */
const foreignSealMaxAge = 15 * 60_000;
const foreignPostMaxAge = 24 * 60 * 60_000;
/** A restore takes moments, and nobody should wait a day for one that died elsewhere. */
const foreignMaxAgeOf: Readonly<Record<Post, number>> = { watcher: foreignPostMaxAge, restore: foreignSealMaxAge };
/** A living process seals what it records within seconds; a journal of another host that waits this long is orphaned. */
const foreignJournalMaxAge = 60 * 60_000;

/** Opens the store in `path`, and makes it when there is none. @throws UndertextError `disk`, `refused`, `newer-format` */
export async function openGitStore(options: GitStoreOptions): Promise<Store> {
  const store = new GitStore(options);
  await store.open();
  return store;
}

type Progress = (done: number, of: number) => void;

class GitStore implements Store {
  readonly path: string;
  readonly repairs: string[] = [];
  readonly #layout: Layout;
  readonly #disk: Disk;
  readonly #isReadOnly: boolean;
  readonly #machine: string;
  readonly #now: () => Time;
  readonly #about: { readonly command: string } | null;
  readonly #onWait: ((who: Holder) => void) | undefined;
  readonly #patience: Patience;
  readonly #catalogue: Catalogue = emptyCatalogue(
    () => this.#history.tables,
    () => this.#readHistoryAnew(),
  );
  readonly #journals: Journals;
  readonly #objects: Objects;
  readonly #history: HistoryIndex;
  readonly #recorder: Recorder;
  readonly #presence: Presence;
  readonly #helper = new DeflateHelper();
  readonly #calls = new Set<Promise<unknown>>();
  #sealing: Promise<void> = Promise.resolve();
  #quietTimer: NodeJS.Timeout | null = null;
  #workTimer: NodeJS.Timeout | null = null;
  #isAutoSealing = false;
  #counter = 0;
  /** The last sweep that this process knows of, … */
  #sweepMark = '';
  /** … and the one before which a content was kept that no version names yet. */
  readonly #keptAt = new Map<string, string>();
  #closing: Promise<void> | null = null;

  constructor(options: GitStoreOptions) {
    this.path = resolve(options.path);
    this.#layout = layoutOf(this.path);
    this.#disk = options.disk ?? realDisk;
    this.#isReadOnly = options.readOnly ?? false;
    this.#machine = machineName(options.machine ?? hostname());
    this.#now = options.now ?? Date.now;
    this.#about = options.command === undefined ? null : { command: options.command };
    this.#onWait = options.onWait;
    this.#patience = { ...usualPatience, ...options.patience };
    this.#journals = new Journals(this.#layout.journals);
    this.#objects = new Objects(this.#layout, this.#journals);
    this.#history = new HistoryIndex(this.#layout);
    this.#recorder = new Recorder(this.#disk, this.#layout.journals, this.#journals);
    this.#presence = new Presence(this.#layout, () => this.#recorder.inUse);
  }

  async open(): Promise<void> {
    const state = inspect(this.#layout);
    if (this.#isReadOnly && state === 'nothing') {
      const hint = 'run `undertext watch` or `undertext snapshot` first';
      throw new UndertextError('not-found', `there is no store in ${this.path}`, hint);
    }
    this.repairs.push(...guardStore(this.#layout, { isReadOnly: this.#isReadOnly }));
    if (!this.#isReadOnly) {
      this.repairs.push(...(await prepare(this.#layout, this.#disk, refOf(this.#machine, monthOf(this.#now())))));
    }
    this.#objects.loadPacks();
    if (!this.#isReadOnly) this.#presence.begin();
    await this.refresh();
    if (!this.#isReadOnly) await this.#tidy();
  }

  async record(observations: readonly Observation[]): Promise<readonly Version[]> {
    this.#mustWrite();
    return this.#untilDone(this.#record(observations));
  }

  async #record(observations: readonly Observation[]): Promise<readonly Version[]> {
    if (observations.length === 0) return [];
    const mark = this.#noticeSweep();
    const named = await Promise.all(observations.map(observation => this.#named(observation)));
    const { blobs, deflated } = await deflateNew(named, this.#isKept, this.#helper);
    const versions = observations.map((observation, i) => this.#toVersion(observation, blobs[i]!));
    await this.#recorder.append(deflated, versions.map(formatVersion));
    this.#presence.mustBeThere();
    // What was kept before may be going right now: everything is brought along that is not ours already.
    if (sweepMark(this.#layout) !== mark) await this.#keepAgain(named);
    for (const version of versions) this.#catalogue.add(version);
    this.#scheduleSeal();
    return versions;
  }

  /** Content that is named must be kept by us; bytes of what is known as a log become segments, as all of it are. */
  async #named(observation: Observation): Promise<Observation> {
    const { content, root, path, size } = observation;
    if (content === null) return observation;
    if (!(content instanceof Uint8Array)) {
      const isSwept = (this.#keptAt.get(content.blob) ?? this.#sweepMark) !== this.#sweepMark;
      this.#keptAt.delete(content.blob);
      if (isSwept || !this.#isKept(content.blob)) await this.#bringOver(content.blob, isSwept);
      return observation;
    }
    if (size <= keptWhole) return observation;
    const known = this.#catalogue.latest({ root, path })?.blob;
    if (!known || !this.#objects.isTree(known)) return observation;
    return { ...observation, content: { blob: await this.#keep(inOnePiece(content), size) } };
  }

  async keep(content: AsyncIterable<Uint8Array>, size: number, beginning?: Beginning): Promise<string> {
    this.#mustWrite();
    return this.#untilDone(size > keptWhole ? this.#keep(content, size, beginning) : this.#keepWhole(content, size));
  }

  async #keep(content: AsyncIterable<Uint8Array>, size: number, beginning?: Beginning): Promise<string> {
    const mark = this.#noticeSweep();
    const name = await keepSegments(content, size, beginning ?? null, {
      isKept: this.#isKept,
      readTree: name => this.#objects.readTree(name),
      append: objects => this.#append(objects),
    });
    this.#keptAt.set(name, mark);
    return name;
  }

  async #keepWhole(content: AsyncIterable<Uint8Array>, size: number): Promise<string> {
    const bytes = await gather(content, size);
    const name = blobName(bytes);
    if (this.#isKept(name)) return name;
    await this.#append(new Map([[name, { type: 'blob', size, bytes: deflateSync(bytes, zlibOptions(size)) }]]));
    return name;
  }

  /** Somebody has swept: what was found whole before may stand nowhere now. */
  #noticeSweep(): string {
    const mark = sweepMark(this.#layout);
    if (mark !== this.#sweepMark) this.#objects.forgetSound();
    this.#sweepMark = mark;
    return mark;
  }

  async #keepAgain(observations: readonly Observation[]): Promise<void> {
    this.#noticeSweep();
    const isOurs = (name: string): boolean => this.#recorder.isKept(name);
    const { deflated } = await deflateNew(observations, isOurs, this.#helper);
    await this.#append(deflated);
    for (const { content } of observations) {
      if (content === null || content instanceof Uint8Array) continue;
      await this.#append(copyOf(content.blob, isOurs, name => this.#objects.read(name), true));
    }
  }

  async #append(objects: ReadonlyMap<string, Deflated>): Promise<void> {
    if (objects.size === 0) return;
    await this.#recorder.append(objects, []);
    this.#scheduleSeal();
  }

  /** Another process's journal may have the content. */
  #bringOver(name: string, isThorough: boolean): Promise<void> {
    return this.#append(copyOf(name, this.#isKept, object => this.#objects.read(object), isThorough));
  }

  async read(blob: string): Promise<Uint8Array> {
    try {
      return await this.#objects.readContent(blob);
    } catch (error) {
      throw sayLost(error, blob, this.#catalogue.notes('lost'));
    }
  }

  async *pieces(blob: string): AsyncIterable<Uint8Array> {
    try {
      yield* this.#objects.pieces(blob);
    } catch (error) {
      throw sayLost(error, blob, this.#catalogue.notes('lost'));
    }
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

  byPath(): readonly (readonly Version[])[] {
    return this.#catalogue.byPath();
  }

  withId(prefix: string): readonly Version[] {
    return this.#catalogue.withId(prefix);
  }

  async note(notes: readonly Note[]): Promise<void> {
    this.#mustWrite();
    return this.#untilDone(this.#note(notes));
  }

  async #note(notes: readonly Note[]): Promise<void> {
    if (notes.length === 0) return;
    const kept = notes.map((note): KeptNote => {
      const data: unknown = JSON.parse(JSON.stringify(note.data ?? null));
      return { id: makeId(['note', this.#recorder.token, this.#counter++]), note: { ...note, data } };
    });
    await this.#recorder.append([], kept.map(formatNote));
    this.#presence.mustBeThere();
    for (const note of kept) this.#catalogue.addNote(note);
    this.#scheduleSeal();
  }

  notes(kind: Note['kind']): readonly Note[] {
    return this.#catalogue.notes(kind);
  }

  /** Journals first: what leaves them stands in the index before they go. */
  async refresh(): Promise<void> {
    this.#takeInLines(this.#journals.readTails(this.#recorder.own));
    this.#takeInHistory();
  }

  #takeInHistory(): void {
    while (!this.#history.takeIn(this.#catalogue, this.#objects)) {
      this.#catalogue.clear();
      for (const { lines } of this.#journals.files) this.#takeInLines(lines);
    }
  }

  #readHistoryAnew(): void {
    this.#history.distrust();
    this.#catalogue.clear();
    for (const { lines } of this.#journals.files) this.#takeInLines(lines);
    this.#takeInHistory();
  }

  isThere(): boolean {
    return this.#presence.isThere();
  }

  async seal(): Promise<void> {
    this.#mustWrite();
    if (await this.#hasUnsealed()) await this.#sealInTurn(this.#patience.seal);
  }

  /** Asked without the lock: a watcher that has nothing to do writes nothing, and wakes no disk. */
  async #hasUnsealed(): Promise<boolean> {
    await this.refresh();
    const { own } = this.#recorder;
    const isFull = ({ lines, objects, torn }: JournalFile): boolean => lines.length + objects.size + torn > 0;
    return (
      this.#history.isBehind ||
      this.#history.isOutOfDate ||
      this.#journals.files.some(file => isFull(file) && (own.has(file.name) || this.#isOrphaned(file)))
    );
  }

  async claim(post: Post, about: unknown): Promise<Lease | Holder> {
    this.#mustWrite();
    const answer = this.#tryLock(join(this.path, post), about, foreignMaxAgeOf[post]);
    if (!isLock(answer)) return toHolder(answer);
    return {
      update: async next => answer.update(next),
      release: async () => answer.release(),
    };
  }

  async holder(post: Post): Promise<Holder | null> {
    const holder = lockHolder(join(this.path, post), foreignMaxAgeOf[post]);
    return holder && toHolder(holder);
  }

  async size(): Promise<StoreSize> {
    return { path: this.path, bytes: bytesBelow(this.path), ...this.#catalogue.size };
  }

  async drop(versions: ReadonlySet<string>, onProgress?: Progress): Promise<Dropped> {
    this.#mustWrite();
    return this.#untilDone(
      this.#clean(onProgress, async deps => {
        const known = new Set([...versions].filter(id => this.#catalogue.hasVersion(id)));
        if (known.size === 0) return { versions: 0, until: null };
        await dropVersions(deps, known);
        return { versions: known.size, until: deps.now() + trashKeptFor };
      }),
    );
  }

  async emptyTrash(before: Time, onProgress?: Progress): Promise<number> {
    this.#mustWrite();
    return this.#untilDone(
      this.#clean(onProgress, async deps => {
        const bytes = bytesBelow(this.path);
        await emptyTrash(deps, before);
        return Math.max(0, bytes - bytesBelow(this.path));
      }),
    );
  }

  async forget(versions: readonly Version[], redoNote: (note: Note) => Note): Promise<number> {
    this.#mustWrite();
    const redoLine = (line: string): string => {
      const kept = readNote(line);
      if (!kept) return line;
      const redone = redoNote(kept.note);
      return redone === kept.note ? line : formatNote({ id: kept.id, note: redone });
    };
    return this.#untilDone(
      this.#clean(undefined, async deps => {
        const bytes = bytesBelow(this.path);
        await forgetContents(deps, { versions, redoNote: redoLine });
        return Math.max(0, bytes - bytesBelow(this.path));
      }),
    );
  }

  /** Runs what takes something away: alone in this process, under the lock, with everything sealed; the index follows. */
  #clean<T>(onProgress: Progress | undefined, work: (deps: PruneDeps) => Promise<T>): Promise<T> {
    return this.#alone('the store cannot be cleaned', async lock => {
      await this.#sealNow(lock);
      return await work(this.#pruneDeps(lock, onProgress)).finally(() => this.#followCommits());
    });
  }

  /** Runs something alone in this process, under the lock. */
  #alone<T>(failed: string, work: (lock: Lock) => Promise<T>): Promise<T> {
    const turn = this.#sealing
      .catch(() => {})
      .then(async () => {
        const lock = await this.#waitForLock(this.#patience.work);
        try {
          return await work(lock);
        } catch (error) {
          throw diskError(error, failed);
        } finally {
          lock.release();
        }
      });
    this.#sealing = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  #pruneDeps(lock: Lock, onProgress?: Progress): PruneDeps {
    return {
      layout: this.#layout,
      disk: this.#disk,
      objects: this.#objects,
      journals: this.#journals,
      catalogue: this.#catalogue,
      now: this.#now,
      newToken: () => randomBytes(6).toString('hex'),
      holdsLock: () => lock.isOurs(),
      refresh: () => this.refresh(),
      ...(onProgress ? { onProgress } : {}),
    };
  }

  /** Makes the history index anew. */
  async #readAnew(): Promise<void> {
    this.#history.remove();
    await this.refresh();
    await this.#history.append(this.#disk, []);
  }

  async startsWith(whole: string, part: string): Promise<boolean> {
    return startsWith(this.#objects, whole, part);
  }

  async room(): Promise<Room> {
    const { bsize, bavail, blocks } = await statfs(this.path);
    const bytes = bytesBelow(this.path);
    return { bytes, trash: trashBytes(this.#layout), free: bavail * bsize, total: blocks * bsize };
  }

  async verify(onProgress?: Progress, sample?: Sample): Promise<Verification> {
    await this.refresh();
    this.#objects.loadPacks();
    const { path } = this;
    const deps = { path, layout: this.#layout, objects: this.#objects, journals: this.#journals };
    return verifyStore({ ...deps, catalogue: this.#catalogue }, onProgress, sample);
  }

  async repair(refetch: Refetch, onProgress?: Progress): Promise<Repair> {
    this.#mustWrite();
    return this.#untilDone(
      this.#alone('the store cannot be repaired', async lock => {
        await this.refresh();
        this.#objects.reopenPacks();
        // What the dead have left is looked into; heads that are damaged keep it from being sealed until they are mended.
        await this.#sealNow(lock).catch(() => {});
        const done = {
          rebuilt: [] as string[],
          fetched: [] as Version[],
          setAside: [] as string[],
          lost: [] as Version[],
        };
        // What a mended commit or journal names is looked for in the next round; the last one finds nothing to do.
        for (let round = 0; round < mostRepairRounds; round++) {
          const { rebuilt, fetched, setAside, lost } = await this.#repairAndSeal(lock, refetch, onProgress);
          done.rebuilt.push(...rebuilt);
          done.fetched.push(...fetched);
          done.setAside.push(...setAside);
          done.lost.push(...lost);
          if (rebuilt.length + fetched.length + setAside.length + lost.length === 0) break;
        }
        return { ...done, lost: done.lost.filter(version => !this.#isReadable(version)) };
      }),
    );
  }

  /** What one round takes for lost, a later one may have found. */
  #isReadable({ blob }: Version): boolean {
    try {
      if (blob === null || this.#objects.read(blob).type === 'blob') return true;
      for (const part of this.#objects.partsOf(blob)) this.#objects.read(part);
      return true;
    } catch {
      return false;
    }
  }

  async #repairAndSeal(lock: Lock, refetch: Refetch, onProgress?: Progress): Promise<Repair> {
    const repair = await repairStore(this.#repairDeps(lock, onProgress), refetch);
    await this.#readAnew();
    await this.#sealNow(lock);
    return repair;
  }

  /** Seals; heads, commits or trees that are damaged would keep everything from being sealed for ever. */
  async #mendAndSeal(lock: Lock): Promise<void> {
    await this.refresh();
    await this.#mendHeads();
    const isHarmed = listHeads(this.#layout).some(({ commit }) => !this.#objects.isStored(commit));
    if (isHarmed || harmedHeads(this.#layout).length > 0) await this.#mend(lock);
    try {
      await this.#sealNow(lock);
    } catch (error) {
      if (!(error instanceof UndertextError) || !['damaged', 'not-found'].includes(error.code)) throw error;
      if (!(await this.#mend(lock))) throw error;
      await this.#sealNow(lock);
    }
  }

  /** False when nothing is to be made anew. What content is damaged is for `verify` to say. */
  async #mend(lock: Lock): Promise<boolean> {
    const said = await mendHistory({
      ...this.#pruneDeps(lock),
      isBlob: name => this.#objects.isStored(name),
      // Whether it is a blob or a tree is to be known.
      isLost: blob => !this.#objects.isSound(blob),
      knows: id => this.#catalogue.hasVersion(id),
    });
    for (const what of said) this.repairs.push(`made ${what} anew: what was there is damaged`);
    if (said.length > 0) await this.#readAnew();
    return said.length > 0;
  }

  #repairDeps(lock: Lock, onProgress?: Progress): RepairDeps {
    const { path } = this;
    return {
      ...this.#pruneDeps(lock, onProgress),
      path,
      catalogue: () => this.#catalogue,
      readAgain: async () => this.#readHistoryAnew(),
      mustHoldLock: () => {
        if (!lock.isOurs()) throw new Error('the lock of the store was taken away');
      },
      appendLines: async lines => {
        await this.#recorder.append([], lines);
        this.#takeInLines(lines);
      },
      addNotes: notes => this.#note(notes),
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopTimers();
    await Promise.allSettled(this.#calls);
    // What cannot be sealed now stays in the journal, and the next one who opens the store seals it.
    if (!this.#isReadOnly) await this.#sealInTurn(this.#patience.close).catch(() => {});
    await this.#helper.close();
    await this.#recorder.close();
    this.#journals.close();
    this.#objects.close();
    this.#history.close();
  }

  /** `close` waits for what was begun before it. */
  async #untilDone<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }

  #mustWrite(): void {
    if (this.#closing)
      throw new UndertextError('internal', 'the store is closed', 'this is a defect; please report it');
    if (this.#isReadOnly)
      throw new UndertextError('refused', 'the store is open for reading only', 'open it without `readOnly`');
    this.#presence.mustBeThere();
  }

  /** True when the object need not be written again: it is durable, and whole. */
  readonly #isKept = (name: string): boolean => this.#recorder.isKept(name) || this.#objects.isSound(name);

  #toVersion(observation: Observation, blob: string | null): Version {
    const { root, path, kind, at, seenAt, size, mode, mtime, how, settled } = observation;
    const parts = [this.#recorder.token, this.#counter++, root, path, seenAt, blob];
    const id = makeFreeId(parts, this.#catalogue.hasVersion);
    return { id, root, path, kind, at, seenAt, blob, size, mode, mtime, how, settled, snapshot: null };
  }

  #takeInLines(lines: readonly string[]): void {
    for (const line of lines) {
      if (isNoteLine(line)) this.#catalogue.addNoteLine(line);
      else if (!this.#catalogue.hasVersion(line.slice(0, line.indexOf('\t')))) this.#catalogue.addLine(line, null);
    }
  }

  #scheduleSeal(): void {
    if (this.#closing) return;
    if (this.#isJournalFull()) {
      this.#autoSeal();
      return;
    }
    if (this.#quietTimer) this.#quietTimer.refresh();
    else this.#quietTimer = setTimeout(() => this.#autoSeal(), sealWhenQuietMs).unref();
    this.#workTimer ??= setTimeout(() => this.#autoSeal(), sealAtLeastEveryMs).unref();
  }

  #isJournalFull(): boolean {
    return this.#recorder.length >= sealAtBytes || this.#recorder.lines >= sealAtLines;
  }

  #stopTimers(): void {
    if (this.#quietTimer) clearTimeout(this.#quietTimer);
    if (this.#workTimer) clearTimeout(this.#workTimer);
    this.#quietTimer = null;
    this.#workTimer = null;
  }

  /** Seals beside the work; what fails is tried again, and nothing is lost meanwhile. */
  #autoSeal(): void {
    if (this.#isAutoSealing || this.#closing) return;
    this.#isAutoSealing = true;
    this.#stopTimers();
    this.#sealInTurn(0)
      .catch(() => {
        this.#workTimer ??= setTimeout(() => this.#autoSeal(), sealAgainMs).unref();
      })
      .finally(() => {
        this.#isAutoSealing = false;
        // What was recorded during the seal wants one of its own.
        if (this.#isJournalFull()) this.#autoSeal();
      });
  }

  #sealInTurn(patience: number): Promise<void> {
    this.#sealing = this.#sealing.catch(() => {}).then(() => this.#sealUnderLock(patience));
    return this.#sealing;
  }

  async #sealUnderLock(patience: number): Promise<void> {
    const lock = await this.#waitForLock(patience);
    try {
      await this.#sealNow(lock);
    } catch (error) {
      throw diskError(error, 'the journal cannot be made a pack');
    } finally {
      lock.release();
    }
  }

  async #sealNow(lock: Lock): Promise<void> {
    await this.refresh();
    await this.#mendHeads();
    const { own } = this.#recorder;
    const orphans = new Set(this.#journals.files.filter(file => !own.has(file.name) && this.#isOrphaned(file)));
    // Between the reading and the look whether it lives, it may have recorded once more, and died.
    if (orphans.size > 0) await this.refresh();
    await this.#remakeIndex();
    await this.#recorder.turnOver(this.#closing !== null);
    const files = this.#journals.files.filter(file =>
      own.has(file.name) ? !this.#recorder.isInUse(file.name) : orphans.has(file),
    );
    for (const file of files) this.#sayWhatIsLeft(file);
    if (files.length === 0 && !this.#history.isBehind) return await this.#writeTables();
    await sealJournals(
      {
        layout: this.#layout,
        disk: this.#disk,
        objects: this.#objects,
        journals: this.#journals,
        catalogue: this.#catalogue,
        history: this.#history,
        machine: this.#machine,
        now: this.#now,
        token: randomBytes(6).toString('hex'),
        holdsLock: () => lock.isOurs(),
      },
      files,
    );
    this.#recorder.forget(files);
    await this.#pack(lock);
    await this.#writeTables();
  }

  /** Takes in commits that were written anew. */
  async #followCommits(): Promise<void> {
    await this.refresh();
    await this.#remakeIndex();
  }

  /** Makes the history index anew when the commits are others than those it was made from. */
  async #remakeIndex(): Promise<void> {
    if (!this.#history.isOutOfDate) return;
    try {
      await this.#history.rewrite(this.#disk, this.#history.blocksOfCommits(this.#objects));
    } catch (error) {
      // A commit cannot be read: `verify` names it, and until then the commits are read at each opening.
      if (!(error instanceof UndertextError)) throw error;
    }
    this.#takeInHistory();
  }

  async #writeTables(): Promise<void> {
    if (!(await this.#history.writeTables(this.#disk, this.#catalogue))) this.#readHistoryAnew();
  }

  /** What goes wrong in packing leaves all as it was; a full disk is told when something is to be kept. */
  async #pack(lock: Lock): Promise<void> {
    const most = this.#isAutoSealing ? packAtEase : packInHaste;
    const newToken = (): string => randomBytes(6).toString('hex');
    const deps = { disk: this.#disk, folder: this.#layout.packs, objects: this.#objects, newToken };
    try {
      await packSmall({ ...deps, holdsLock: () => lock.isOurs() }, most);
    } catch (error) {
      this.repairs.push(`the packs were left as they are: ${(error as Error).message}`);
    }
  }

  /** A head that is gone, or names what is no commit, is put where the history index has it. */
  async #mendHeads(): Promise<void> {
    const heads = new Map(listHeads(this.#layout).map(({ ref, commit }) => [ref, commit]));
    let isMended = false;
    for (const [ref, tip] of this.#history.tips) {
      const commit = heads.get(ref) ?? null;
      if ((commit !== null && this.#objects.isSound(commit)) || !this.#objects.isSound(tip)) continue;
      await moveHead(this.#layout, this.#disk, ref, commit, tip);
      this.repairs.push(
        `put ${ref} back to ${tip.slice(0, 10)}: ${commit === null ? 'it was gone' : 'it named no commit'}`,
      );
      isMended = true;
    }
    if (isMended) this.#readHistoryAnew();
  }

  #isOrphaned({ owner, fd, lines }: JournalFile): boolean {
    if (!isForeign(owner)) return !mayLive(owner);
    return lines.length > 0 && Date.now() - fstatSync(fd).mtimeMs > foreignJournalMaxAge;
  }

  #sayWhatIsLeft({ name, fd, owner, lines, end, torn }: JournalFile): void {
    if (this.#recorder.own.has(name)) return;
    if (torn > 0 && isHarmed(fd, end, end + torn)) {
      this.repairs.push(`a record in ${name} was changed on the disk; what follows it is kept in ${name}.harmed`);
    } else if (torn > 0) this.repairs.push(`cut ${torn} bytes of a record that process ${owner.pid} did not finish`);
    if (lines.length > 0) this.repairs.push(`sealed ${lines.length} records of process ${owner.pid}, which is dead`);
  }

  async #waitForLock(patience: number): Promise<Lock> {
    this.#presence.mustBeThere();
    const since = performance.now();
    for (let isSaid = false; ; ) {
      const answer = this.#tryLock(this.#layout.lock, this.#about, foreignSealMaxAge);
      if (isLock(answer)) return answer;
      const waited = performance.now() - since;
      if (waited >= patience) {
        throw new UndertextError(
          'busy',
          `${holderInWords(toHolder(answer))} holds the lock of the store`,
          'wait for it; nothing is lost meanwhile',
        );
      }
      if (!isSaid && waited >= this.#patience.say && patience > this.#patience.close) {
        isSaid = true;
        this.#onWait?.(toHolder(answer));
      }
      await delay(5 + Math.random() * 20);
    }
  }

  #tryLock(path: string, about: unknown, foreignMaxAge: number) {
    const said = (repair: string): number => this.repairs.push(repair);
    try {
      return tryLock({ path, about, now: this.#now(), foreignMaxAge, said });
    } catch (error) {
      throw diskError(error, 'the store cannot be locked');
    }
  }

  /** Posts of the dead are free for whoever claims them; a file that says otherwise is only in the way. */
  #freePosts(): void {
    for (const post of ['watcher', 'restore'] as const) {
      const path = join(this.path, post);
      if (!existsSync(path)) continue;
      const answer = this.#tryLock(path, null, foreignMaxAgeOf[post]);
      if (isLock(answer)) answer.release();
    }
  }

  /** Seals what the dead have left, and removes their temporary files; leaves it to whoever is at it already. */
  async #tidy(): Promise<void> {
    const lock = this.#tryLock(this.#layout.lock, this.#about, foreignSealMaxAge);
    if (!isLock(lock)) return;
    try {
      cleanUp(this.#layout);
      this.#freePosts();
      this.repairs.push(...(await indexLonePacks(this.#layout, this.#disk, this.#objects)));
      await this.#mendAndSeal(lock);
      const finished = await finishForgetting(this.#pruneDeps(lock));
      if (finished === null) return;
      this.repairs.push(finished);
      await this.#followCommits();
    } catch (error) {
      const left = diskError(error, 'journals of the dead were left as they are');
      if (!(left instanceof UndertextError)) throw error;
      this.repairs.push(left.message);
    } finally {
      lock.release();
    }
  }
}

async function* inOnePiece(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

function toHolder({ pid, host, since, about }: Holder): Holder {
  return { pid, host, since, about };
}
