/** What one audit takes, and what all its steps share. */
import { createHash } from 'node:crypto';
import type { Edit, Note, PathHistory, Time, Unit, Version } from '../model.ts';
import type { Moments } from '../moments.ts';
import type { Account, Rule } from '../rule.ts';
import type { AccountDeps } from './account.ts';
import { accountOf } from './account.ts';
import type { Elsewhere } from './elsewhere.ts';
import { elsewhere } from './elsewhere.ts';
import type { Habits } from './habits.ts';
import { habitsOf } from './habits.ts';
import type { Reader } from './reader.ts';
import { unitReader } from './reader.ts';
import { withoutGrownLogs } from './scope.ts';
import type { Decided } from './states.ts';
import type { Strokes } from './strokes.ts';
import { strokes } from './strokes.ts';
import type { GitFacts } from './strokes-git.ts';
import type { Mark, ReadySuppression, Suppression } from './suppression.ts';
import { readySuppressions } from './suppression.ts';
import type { Testimony } from './testimony.ts';
import { isBrisk, tornVersions, withoutDetours, withoutTorn } from './torn.ts';

/** Goes up when the same history may give other findings: what was cached before is then computed anew. */
export const CODE_VERSION = 31;
/** Accounts are shared by the rules of one path: with the next path these go when they are so many, … */
const ACCOUNTS = 200;
/** … and when one path alone has more. */
const ACCOUNTS_OF_ONE = 10_000;

export interface AuditInput {
  readonly histories: readonly PathHistory[];
  /** `${root}\0${path}` that changed: these and the folders that hold them are looked at, nothing else. */
  readonly only?: ReadonlySet<string>;
  read(blob: string): Promise<Uint8Array>;
  readonly rules: readonly Rule[];
  /** By rule id; what is given replaces the rule's defaults key by key; false switches a rule off. */
  readonly options: Readonly<Record<string, object | false>>;
  isNoise(path: string, unit: Unit): boolean;
  readonly notes: readonly Note[];
  readonly now: Time;
  /** How messages and evidence write a moment; notes for the ledger keep it marked. Left out: by the local clock. */
  readonly moments?: Moments;
  /** Leaves out incidents that were caused before. */
  readonly since?: Time;
  /**
   * True where versions were taken out of the history around that time. What was lost there stands in the ledger since
   * before; what looks lost now may only look so, as the steps in between are gone.
   */
  isThinned?(place: { readonly root: string; readonly path: string }, at: Time): boolean;
  readonly cache?: AuditCache;
  /** By incident: what a restore decided about it. Left out: none did. */
  readonly decisions?: ReadonlyMap<string, Decided>;
  /** What records say: who wrote, and what a writer knew. Without it everything is told by content alone. */
  readonly testimony?: Testimony;
  /** Where a path leads that stands in a text: see `RuleTools`. Left out: nowhere. */
  pathOf?(written: string, from: { readonly root: string; readonly path: string }): string | null;
  /** True for versions that stood there when the root was first looked at. Left out: none did. */
  isFirstLook?(version: Version): boolean;
  /** What is known of the repositories that roots lie in. Left out: they lie in none. */
  readonly git?: GitFacts;
  /** True when whoever committed an imported version said that it takes back an earlier one. Left out: nobody did. */
  isAnnounced?(version: Version): boolean;
  /** What whoever committed an imported version said. Left out: nobody said anything. */
  messageOf?(version: Version): string | null;
  /** What the configuration wants to be left alone. */
  readonly suppress?: readonly Suppression[];
  /** False: what was wrong when a root was first looked at is told as everything else. Left out: it is only counted. */
  readonly hasBaseline?: boolean;
  /** Gives up on a check that never ends, by an error with the code `ETIMEDOUT`: that rule is not asked again. Left out: nobody does. */
  patience?<T>(rule: Rule, check: Promise<T>): Promise<T>;
  onProgress?(done: number, of: number): void;
  /** Aborted: the run ends with the signal's reason as its error, at the next document or comparison. */
  readonly signal?: AbortSignal;
  /** Lets go first whoever waits for the loop: called between pieces of work that are no longer than one document. */
  turn?(): Promise<void>;
}

export interface FailedRule {
  /** `*`: no rule could look at it. */
  readonly rule: string;
  readonly path: string;
  readonly message: string;
}

/** A path that was compared in a cheaper way, because its versions are too long, too deep or too different. */
export interface Limited {
  readonly root: string;
  readonly path: string;
  readonly why: string;
}

export interface Again {
  readonly at: Time;
  readonly only: ReadonlySet<string>;
}

/** A deletion that a watcher saw a moment ago: what says that it was meant may still come. */
export interface Waiting {
  readonly root: string;
  readonly path: string;
  readonly rule: string;
  /** From then on it is judged. */
  readonly until: Time;
}

/** Values are plain JSON. */
export interface AuditCache {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

export interface ActiveRule {
  readonly rule: Rule;
  readonly options: object;
}

/** Everything one run shares. */
export interface Run {
  readonly input: AuditInput;
  readonly rules: readonly ActiveRule[];
  /** What the rules and their options are, in one word: part of every key of the cache. */
  readonly setting: string;
  readonly reader: Reader;
  readonly elsewhere: Elsewhere;
  readonly strokes: Strokes;
  readonly files: ReadonlyMap<string, PathHistory>;
  /** The history without torn versions in its edits. */
  whole(file: PathHistory): Promise<PathHistory>;
  account(edit: Edit): Promise<Account>;
  readonly suppressions: readonly ReadySuppression[];
  /** By blob: the rules that its text wants to be left alone by. */
  readonly marked: Map<string, readonly Mark[]>;
  readonly failed: FailedRule[];
  /** Rules that waited for ever once. */
  readonly givenUp: Set<Rule>;
  readonly limited: Limited[];
  readonly waiting: Waiting[];
  again: Again | null;
}

export function prepare(given: AuditInput): Run {
  const files = new Map(given.histories.map(file => [keyOf(file), file]));
  const { only, ...rest } = given;
  const input: AuditInput = only ? { ...rest, only: withoutGrownLogs(only, files) } : given;
  const turn = async () => {
    await input.turn?.();
    input.signal?.throwIfAborted();
  };
  const reader = unitReader(blob => input.read(blob), input.isNoise, turn);
  const rules = input.rules.flatMap(rule => {
    const options = input.options[rule.id];
    return options === false ? [] : [{ rule, options: { ...rule.options, ...options } }];
  });
  const failed: FailedRule[] = [];
  const unreadable = (path: string, error: unknown) => {
    input.signal?.throwIfAborted();
    failed.push(failure('*', path, error));
  };
  const others = elsewhere(input.histories, reader, unreadable, turn);
  /** Of the path asked for last: the rules look at one path after the other. */
  let habits: Promise<Habits> | null = null;
  let habitsPath = '';
  const deps: AccountDeps = {
    reader,
    elsewhere: others,
    isNoise: input.isNoise,
    habits: file => {
      if (keyOf(file) !== habitsPath) habits = null;
      habitsPath = keyOf(file);
      habits ??= wholeOf(file).then(({ history }) => habitsOf(history, reader, unit => input.isNoise(file.path, unit)));
      return habits;
    },
    ...(input.testimony ? { testimony: input.testimony } : {}),
  };
  const accounts = new Map<string, Promise<Account>>();
  let lastPath = '';
  const wholes = new Map<string, Promise<Whole>>();
  const wholeOf = (file: PathHistory) => remember(wholes, keyOf(file), () => wholeHistory(file, reader, input));
  return {
    input,
    rules,
    setting: createHash('sha1')
      .update(
        JSON.stringify([CODE_VERSION, rules.map(({ rule, options }) => [rule.id, options]), input.suppress ?? []]),
      )
      .digest('hex'),
    reader,
    elsewhere: others,
    strokes: strokes(input.histories, {
      reader,
      ...(input.git ? { git: input.git } : {}),
      ...(input.testimony ? { testimony: input.testimony } : {}),
      ...(input.isAnnounced ? { isAnnounced: version => input.isAnnounced!(version) } : {}),
    }),
    files,
    // A log only grows: no part of it is a file being written.
    whole: async file => (file.class === 'log' ? file : (await wholeOf(file)).history),
    account: edit => {
      const key = keyOf(edit.after);
      if (accounts.size >= (key === lastPath ? ACCOUNTS_OF_ONE : ACCOUNTS)) accounts.clear();
      lastPath = key;
      return remember(accounts, `${edit.before.id} ${edit.after.id}`, async () => {
        const file = files.get(keyOf(edit.after));
        if (!file) throw new Error(`no history of ${edit.after.path}`);
        await turn();
        return accountOf(edit, file, (await wholeOf(file)).pieces, deps);
      });
    },
    suppressions: readySuppressions(input.suppress ?? []),
    marked: new Map(),
    failed,
    givenUp: new Set(),
    limited: [],
    waiting: [],
    again: null,
  };
}

interface Whole {
  readonly history: PathHistory;
  /** Ids of versions that were only a part of a write. */
  readonly pieces: ReadonlySet<string>;
}

async function wholeHistory(
  file: PathHistory,
  reader: Reader,
  { cache, testimony }: Pick<AuditInput, 'cache' | 'testimony'>,
): Promise<Whole> {
  if (!isBrisk(file.versions)) return { history: withoutDetours(file), pieces: new Set() };
  const key = `torn ${CODE_VERSION} ${signatureOf(file)}\0${testimony?.signature(file) ?? ''}`;
  const { torn, pieces } = await cached(cache, key, async () => {
    const isBase = async (a: Version, b: Version) => (await testimony?.isBase?.(a, b)) ?? false;
    const found = await tornVersions(file.versions, version => reader.bytes(version), isBase);
    return { torn: [...found.torn], pieces: [...found.pieces] };
  });
  return { history: withoutDetours(withoutTorn(file, new Set(torn))), pieces: new Set(pieces) };
}

export function failure(rule: string, path: string, error: unknown): FailedRule {
  return { rule, path, message: error instanceof Error ? error.message : String(error) };
}

export function postpone(run: Run, at: Time, place: { readonly root: string; readonly path: string }): void {
  const { again } = run;
  run.again = { at: Math.min(at, again?.at ?? at), only: new Set([...(again?.only ?? []), keyOf(place)]) };
}

export function keyOf({ root, path }: { readonly root: string; readonly path: string }): string {
  return `${root}\0${path}`;
}

/** Changes with every version that comes, and with every content that is forgotten. */
export function signatureOf(file: PathHistory): string {
  const newest = file.versions.at(-1);
  // That a version was a restore may become known later than the version itself.
  const restores = file.versions.reduce((count, { how }) => count + Number(how === 'restore'), 0);
  const withheld = file.versions.reduce((count, { kind }) => count + Number(kind === 'withheld'), 0);
  const { root, path, versions } = file;
  return [root, path, file.class, newest?.id, newest?.settled, versions.length, restores, withheld].join('\0');
}

export async function cached<T>(cache: AuditCache | undefined, key: string, make: () => Promise<T>): Promise<T> {
  const known = cache?.get(key) as { readonly value: T } | undefined;
  if (known) return known.value;
  const value = await make();
  cache?.set(key, { value });
  return value;
}

function remember<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
