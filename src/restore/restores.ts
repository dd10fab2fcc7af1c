/** The record of every restore: notes of kind `restore`, which are only ever added. */
import { randomInt } from 'node:crypto';
import { UndertextError } from '../errors.ts';
import type { Note, Time } from '../model.ts';

export interface RestoreRecord {
  /** Seven characters that begin with `r`; incident ids have six. */
  readonly id: string;
  readonly kind: 'incident' | 'version' | 'section' | 'undo';
  readonly root: string;
  readonly path: string;
  readonly at: Time;
  /** Id of the version that stood there before; null when there was no file. */
  readonly before: string | null;
  /** Id of the version that the restore left; null when it took the file away. */
  readonly after: string | null;
  readonly incident: string | null;
  /** The restore that this one took back. */
  readonly undoes: string | null;
  /** Those of one command that restored several files have the same; `undo` takes them back together. Left out: it was alone. */
  readonly batch?: string;
  /** Of an incident whose lost text does not all stand there after it, and of an undo of that; left out where it does. */
  readonly decision?: Decision;
}

/** That lost text stays away: the present file says something else in its place. */
export interface Decision {
  /** What the person chose; null where nothing had to be asked. */
  readonly choice: 'ours' | 'theirs' | 'both' | null;
  /** Of so many lost units … */
  readonly of: number;
  /** … so many do not stand there. */
  readonly left: number;
}

/** By incident: the last restore that decided about it and stands, or else when the last one was taken back. */
export function decisionsOf(records: readonly RestoreRecord[]): ReadonlyMap<string, DecidedAt> {
  // An undo comes later than what it takes back, and may itself be taken back.
  const undone = new Map<string, Time>();
  for (const { id, undoes, at } of records.toReversed()) {
    if (typeof undoes === 'string' && !undone.has(id)) undone.set(undoes, at);
  }
  const decisions = new Map<string, DecidedAt>();
  for (const { id, kind, incident, at, decision } of records) {
    if (kind !== 'incident' || incident === null || !decision) continue;
    const undoneAt = undone.get(id) ?? null;
    if (undoneAt === null) decisions.set(incident, { ...decision, at, undoneAt });
    else if (decisions.get(incident)?.undoneAt !== null) decisions.set(incident, { ...decision, at, undoneAt });
  }
  return decisions;
}

export interface DecidedAt extends Decision {
  readonly at: Time;
  /** Null while it stands. */
  readonly undoneAt: Time | null;
}

const letters = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Every restore, oldest first. */
export function restoresOf(notes: readonly Note[]): readonly RestoreRecord[] {
  return notes.filter(note => note.kind === 'restore' && isRecord(note.data)).map(note => note.data as RestoreRecord);
}

/** False for what a store that somebody else made may say. */
function isRecord(data: unknown): boolean {
  const { id, root, path } = (data ?? {}) as Partial<Record<string, unknown>>;
  return [id, root, path].every(value => typeof value === 'string');
}

/**
 * The restores that `undo` means, newest first: the last one, or what a prefix of an id, an incident, a batch or a path
 * names. Of a batch all of them, unless one is named by its own id. @throws UndertextError `not-found`
 */
export function pickRestores(records: readonly RestoreRecord[], named?: string): readonly RestoreRecord[] {
  if (named !== undefined) {
    const found = records.filter(record => record.id.startsWith(named));
    const own = found.find(record => record.id === named) ?? (found.length === 1 ? found[0] : undefined);
    if (own !== undefined) return [own];
    const last = records.findLast(record => isMeant(record, named));
    if (last !== undefined) return last.batch === named ? batchOf(last, records) : [last];
    throw unknownRestore(records, found, named);
  }
  const last = records.at(-1);
  if (last !== undefined) return batchOf(last, records);
  throw new UndertextError(
    'not-found',
    'there is no restore to take back',
    '`undertext audit` lists what can be restored',
  );
}

function isMeant({ incident, batch, path }: RestoreRecord, named: string): boolean {
  return incident === named || batch === named || path === named || path.endsWith(`/${named}`);
}

function batchOf(last: RestoreRecord, records: readonly RestoreRecord[]): readonly RestoreRecord[] {
  if (last.batch === undefined) return [last];
  return records.filter(({ batch }) => batch === last.batch).toReversed();
}

function unknownRestore(records: readonly RestoreRecord[], found: readonly RestoreRecord[], named: string) {
  const known = (found.length > 0 ? found : records).slice(-5).map(({ id }) => id);
  return new UndertextError(
    'not-found',
    found.length > 0 ? `${named} names ${found.length} restores` : `there is no restore ${named}`,
    known.length > 0 ? `the last ones are ${known.join(', ')}` : 'nothing was restored yet',
  );
}

/** An id no record has. `random(n)` gives a whole number below n. */
export function newRestoreId(
  records: readonly RestoreRecord[],
  random: (below: number) => number = below => randomInt(below),
): string {
  return freshId('r', new Set(records.map(({ id }) => id)), random);
}

/** The name of several restores of one command: seven characters that begin with `b`. */
export function newBatchId(records: readonly RestoreRecord[]): string {
  return freshId('b', new Set(records.flatMap(({ batch }) => batch ?? [])), below => randomInt(below));
}

function freshId(first: string, taken: ReadonlySet<string>, random: (below: number) => number): string {
  for (;;) {
    const id = first + Array.from({ length: 6 }, () => letters[random(letters.length)]).join('');
    if (!taken.has(id)) return id;
  }
}

export function restoreNote(record: RestoreRecord): Note {
  return { kind: 'restore', at: record.at, data: record };
}
