/**
 * Keeps the evidence beside the versions: one file of lines that are only added to, `<store>/evidence/known`. It holds no
 * text: marks of how far each transcript was read, acts, and what is known of sessions. Promises:
 *
 * 1. What is added at once (acts, and the mark that says their transcript was read so far) is one write: both are there
 *    afterwards, or neither. A line that is lost takes its mark with it, so a later look finds it again.
 * 2. Two processes may add at once; a record that both found is one act.
 * 3. Acts outlive their transcripts.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { errno, UndertextError } from '../../errors.ts';
import type { Root, Time } from '../../model.ts';
import type { Store } from '../../store/store.ts';
import type { Act } from '../act.ts';
import type { Evidence, Place } from '../evidence.ts';
import { actorKey, placeKey } from '../keys.ts';
import { oneOf, richer } from './copies.ts';
import type { KeptSession, Known, Line } from './evidence-lines.ts';
import { decodeLines, encodeLine, knownOf } from './evidence-lines.ts';
import { textsIn } from './had-text.ts';
import { linesOfActor } from './own-lines.ts';
import { promptedIn } from './prompts.ts';
import { askedFor } from './unasked.ts';

/** Below this, a file is not worth to be written anew. */
const smallest = 64 * 1024;

/** So many answers about transcripts are remembered. */
const mostAnswers = 5_000;

export interface EvidenceFile extends Evidence {
  /** How far each transcript of a root was read, by its path. */
  marks(root: string): ReadonlyMap<string, unknown>;
  /** Makes it durable, all or nothing. @throws UndertextError `disk` */
  add(news: readonly Known[]): void;
  /** Takes in what other processes have added since. */
  refresh(): void;
  /** Writes the file anew when most of its lines are out of date. */
  compact(): void;
  /**
   * Lets go of the names of contents and of the lines of acts that this is true for. With `among`, nothing is done where
   * it is true for none of these.
   * @throws UndertextError `busy` when other processes keep adding to it
   */
  strip(isForgotten: (place: Place, at: Time) => boolean, among?: readonly Known[]): void;
  /** Lines that were damaged when the file was read: all transcripts are then read again. */
  readonly damaged: number;
}

export interface EvidenceOptions {
  /** The folder of the store. */
  readonly store: string;
  readonly roots: readonly Root[];
  /** Where kept copies of transcripts are found when theirs are gone; left out: nowhere. */
  readonly kept?: Pick<Store, 'versions' | 'pieces'>;
  /** False: nothing is ever written. */
  readonly isWritable?: boolean;
}

export function evidenceFolder(store: string): string {
  return join(store, 'evidence');
}

export function openEvidence(options: EvidenceOptions): EvidenceFile {
  const folder = evidenceFolder(options.store);
  const file = join(folder, 'known');
  const roots = new Map(options.roots.map(root => [root.name, root]));

  let identity = '';
  let readUpTo = 0;
  let damaged = 0;
  /** Lines that are in the file. */
  let count = 0;
  let marks = new Map<string, Map<string, unknown>>();
  let sessions = new Map<string, KeptSession>();
  /** By id, then by transcript. */
  let copies = new Map<string, Map<string, Act>>();
  let byPlace = new Map<string, Set<string>>();
  let waiting: Line[] = [];
  let hasGrown = false;
  /** What a transcript held up to an act does not change: a watcher asks for it with every new version of a path. */
  const hadBefore = new Map<string, readonly boolean[]>();
  const asked = new Map<string, { readonly acts: readonly Act[]; signature: string | null }>();

  const forget = () => {
    [identity, readUpTo, damaged, count, waiting] = ['', 0, 0, 0, []];
    [marks, sessions, copies, byPlace] = [new Map(), new Map(), new Map(), new Map()];
    asked.clear();
  };

  const take = ({ kind, data }: Known): void => {
    if (kind === 'mark') {
      const of = marks.get(data.root) ?? new Map<string, unknown>();
      marks.set(data.root, of.set(data.transcript, data.mark));
    } else if (kind === 'session') {
      sessions.set(actorKey(data.facts), data);
    } else takeAct(data);
  };

  const takeAct = (act: Act): void => {
    const own = copies.get(act.id) ?? new Map<string, Act>();
    const known = own.get(`${act.root}\0${act.transcript}\0${act.path}`);
    own.set(`${act.root}\0${act.transcript}\0${act.path}`, known ? richer(known, act) : act);
    copies.set(act.id, own);
    const ids = byPlace.get(placeKey(act)) ?? new Set<string>();
    byPlace.set(placeKey(act), ids.add(act.id));
    asked.delete(placeKey(act));
  };

  const takeLine = (line: Line): void => {
    const known = knownOf(line);
    if (known) take(known);
  };

  /** Acts and sessions are parsed when somebody asks for them: to know that nothing is new, marks are enough. */
  const settle = (): void => {
    for (const line of waiting) takeLine(line);
    waiting = [];
  };

  const load = (): void => {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!stats) {
      forget();
      return;
    }
    const same = `${stats.dev}:${stats.ino}`;
    if (same !== identity || stats.size < readUpTo) forget();
    identity = same;
    if (stats.size === readUpTo) return;
    const found = decodeLines(readFrom(file, readUpTo, stats.size));
    readUpTo += found.end;
    damaged += found.damaged;
    count += found.lines.length;
    for (const line of found.lines) {
      if (line.kind === 'mark') takeLine(line);
      else waiting.push(line);
    }
    // What stood in a damaged line is found again only by reading everything again.
    if (found.damaged > 0) marks = new Map();
  };

  const startOf = ({ session, agent }: Act): Time => sessions.get(actorKey({ session, agent }))?.facts.first ?? 0;

  const ask = (place: Place) => {
    settle();
    const key = placeKey(place);
    const known = asked.get(key);
    if (known) return known;
    const acts = [...(byPlace.get(key) ?? [])]
      .map(id => {
        const here = [...copies.get(id)!.values()].filter(act => placeKey(act) === key);
        return oneOf(here, startOf);
      })
      .toSorted((a, b) => a.at - b.at || a.offset - b.offset);
    const answer = { acts, signature: null };
    asked.set(key, answer);
    return answer;
  };

  const everything = (): readonly Known[] => {
    settle();
    return [
      ...[...copies.values()].flatMap(own => [...own.values()].map(data => ({ kind: 'act', data }) as const)),
      ...[...sessions.values()].map(data => ({ kind: 'session', data }) as const),
      ...[...marks].flatMap(([root, of]) =>
        [...of].map(([transcript, mark]) => ({ kind: 'mark', data: { root, transcript, mark } }) as const),
      ),
    ];
  };

  /** False when another process added something meanwhile. */
  const rewrite = (): boolean => {
    const all = everything();
    // What another process added meanwhile would be lost: then it is left for the next time.
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!stats || `${stats.dev}:${stats.ino}` !== identity || stats.size !== readUpTo) return false;
    const temporary = `${file}.${crc32(`${Math.random()}`).toString(16)}.tmp`;
    try {
      append(temporary, all.map(encodeLine).join(''));
      if (statSync(file).size !== readUpTo) {
        rmSync(temporary, { force: true });
        return false;
      }
      renameSync(temporary, file);
      syncFolder(folder);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw refused(error);
    }
    load();
    return true;
  };

  /** True when there was something to let go of. */
  const stripOnce = (isForgotten: (place: Place, at: Time) => boolean): boolean => {
    let isChanged = false;
    for (const own of copies.values()) {
      for (const [key, act] of own) {
        if (!tells(act) || !isForgotten(act, act.at)) continue;
        const { lines: _, ...rest } = act;
        own.set(key, { ...rest, before: null, after: null });
        isChanged = true;
      }
    }
    return isChanged;
  };

  /** What the transcript of an act says, of the first copy that can be read; null when there is none. */
  const fromTranscript = async <Answer>(act: Act, ask: (bytes: Bytes) => Promise<Answer>): Promise<Answer | null> => {
    for (const bytes of transcriptsOf(act, roots, options.kept)) {
      try {
        if (await standsIn(bytes, act)) return await ask(bytes);
      } catch {
        // Deleted, cut or damaged while it was read: the next copy of it is asked.
      }
    }
    return null;
  };

  load();

  return {
    get damaged() {
      return damaged;
    },
    acts: place => ask(place).acts,
    *paths() {
      settle();
      for (const key of byPlace.keys()) {
        const [root, path] = key.split('\0') as [string, string];
        yield { root, path };
      }
    },
    session(actor) {
      settle();
      return sessions.get(actorKey(actor))?.facts;
    },
    sessions() {
      settle();
      return [...sessions.values()].map(({ facts }) => facts);
    },
    signature(place) {
      const answer = ask(place);
      answer.signature ??= crc32(JSON.stringify(answer.acts)).toString(16);
      return answer.signature;
    },
    marks: root => marks.get(root) ?? new Map(),
    async hadText(act, texts, how) {
      const about = [act.id, act.root, act.transcript, act.offset, texts, ...(how ? [how] : [])];
      const question = createHash('sha1').update(JSON.stringify(about)).digest('base64');
      const known = hadBefore.get(question);
      if (known) return known;
      const answer = await fromTranscript(act, bytes => {
        const lines = linesOfActor(bytes(0), act);
        return textsIn(how === 'asked' ? askedFor(lines) : lines, act.offset, texts);
      });
      if (answer === null) return null;
      if (hadBefore.size >= mostAnswers) hadBefore.clear();
      hadBefore.set(question, answer);
      return answer;
    },
    wasPrompted: (act, since) => fromTranscript(act, bytes => promptedIn(linesOfActor(bytes(0), act), since)),
    add(news) {
      if (news.length === 0) return;
      if (options.isWritable === false)
        throw new UndertextError('internal', 'the evidence is only read here', 'report this');
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        append(file, news.map(encodeLine).join(''));
      } catch (error) {
        throw refused(error);
      }
      hasGrown = true;
      load();
    },
    refresh: load,
    compact() {
      if (options.isWritable === false || (readUpTo < smallest && damaged === 0)) return;
      // To count what is out of date takes reading all of it.
      if (!hasGrown && damaged === 0) return;
      hasGrown = false;
      settle();
      const live = [...copies.values()].reduce((sum, own) => sum + own.size, 0) + sessions.size + markCount(marks);
      if (count > 2 * live || damaged > 0) rewrite();
    },
    strip(isForgotten, among) {
      if (among && !among.some(({ kind, data }) => kind === 'act' && tells(data) && isForgotten(data, data.at))) return;
      for (let attempt = 0; attempt < 10; attempt++) {
        load();
        settle();
        if (!stripOnce(isForgotten) || rewrite()) return asked.clear();
        // What is on the disk counts, not what we made of it.
        forget();
      }
      const hint = 'stop `undertext watch`, then give the command again';
      throw new UndertextError('busy', 'another process keeps adding to the evidence', hint);
    },
  };
}

/** True for an act of which more is kept than that it happened. */
function tells({ before, after, lines }: Act): boolean {
  return before !== null || after !== null || lines !== undefined;
}

function markCount(marks: ReadonlyMap<string, ReadonlyMap<string, unknown>>): number {
  return [...marks.values()].reduce((sum, of) => sum + of.size, 0);
}

/** The bytes of a transcript, without so many at its start. */
type Bytes = (from: number) => AsyncIterable<Uint8Array>;

/** A transcript that was written anew has other lines where the act stood: what comes before it says nothing then. */
async function standsIn(bytes: Bytes, { id, offset }: Act): Promise<boolean> {
  const named = Buffer.from(id.split('#')[0]!);
  let rest: Uint8Array = Buffer.alloc(0);
  for await (const chunk of bytes(offset)) {
    const window = Buffer.concat([rest, chunk]);
    const [at, end] = [window.indexOf(named), window.indexOf(0x0a)];
    if (at !== -1 && (end === -1 || at < end)) return true;
    if (end !== -1) return false;
    rest = window.subarray(Math.max(0, window.length - named.length));
  }
  return false;
}

async function* without(start: number, pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let left = start;
  for await (const piece of pieces) {
    if (left < piece.length) yield piece.subarray(left);
    left = Math.max(0, left - piece.length);
  }
}

/** The transcript of an act as it stands on the disk, then as it was kept; those that are too short are not it. */
function* transcriptsOf(
  { root, transcript, offset }: Act,
  roots: ReadonlyMap<string, Root>,
  kept: EvidenceOptions['kept'],
): Iterable<Bytes> {
  // A session may have its transcript in one root and write in another.
  const names = [root, ...[...roots.keys()].filter(name => name !== root)];
  for (const name of names) {
    const folder = roots.get(name)?.path;
    const path = folder === undefined ? null : join(folder, transcript);
    const stats = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
    if (path !== null && stats?.isFile() && stats.size >= offset) {
      yield from => createReadStream(path, { start: from, highWaterMark: from === 0 ? 1024 * 1024 : 64 * 1024 });
    }
  }
  for (const name of names) {
    const versions = kept?.versions({ root: name, path: transcript }) ?? [];
    const version = versions.findLast(each => each.blob !== null && each.size >= offset);
    if (kept && version) yield from => without(from, kept.pieces(version.blob!));
  }
}

function readFrom(file: string, from: number, to: number): Buffer {
  if (from === 0) return readFileSync(file);
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(to - from);
    const length = readSync(fd, bytes, 0, bytes.length, from);
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

/**
 * One write at the end of the file, so that what two processes add never mixes. A line end goes first: what was torn there
 * before stays alone. What a full disk cuts is written again as a whole, or not at all.
 */
function append(file: string, text: string): void {
  const bytes = Buffer.from(`\n${text}`);
  const fd = openSync(file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
  try {
    fchmodSync(fd, 0o600);
    for (let attempt = 0; writeSync(fd, bytes) < bytes.length; attempt++) {
      if (attempt === 2) throw new UndertextError('disk', 'the evidence could not be written whole', 'free some space');
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Windows cannot open folders; there the rename itself is what is durable.
  }
}

function refused(error: unknown): unknown {
  if (error instanceof UndertextError || errno(error) === '') return error;
  const what = `the evidence cannot be written: ${(error as Error).message}`;
  return new UndertextError('disk', what, 'look at the folder of the store and the room on its disk', error);
}
