/** The evidence, as an audit asks for it: who wrote a version, and what its writer had seen by then. */
import type { Edit, Time, Version, Writer } from '../model.ts';
import type { Act, Actor } from './act.ts';
import type { Attribution } from './attribute.ts';
import { attribute, isSupposed } from './attribute.ts';
import { blobOfBytes } from './blob-of.ts';
import type { Evidence, Place } from './evidence.ts';
import { placeKey } from './keys.ts';
import type { Viewpoint } from './knowledge.ts';
import { isHis, isWhole, lastKnown, mayBeGivenUnsaid, recordsChanges } from './knowledge.ts';
import { firstInARow, type Named, standing } from './named.ts';

export interface TestifyDeps {
  readonly evidence: Evidence;
  /** All versions of a path, oldest first. */
  versions(place: Place): readonly Version[];
  read(blob: string): Promise<Uint8Array>;
  /** `13:58:02`, as the reports say it. */
  clock(time: Time): string;
}

/** A version that a writer had, and how we know. */
export interface Sight {
  readonly version: Version;
  readonly evidence: string;
  /** `start`: put before the session unasked, as it began or was taken up again. */
  readonly how: 'asked' | 'given' | 'start';
  readonly at: Time;
}

export interface Knowledge {
  readonly writer: Writer;
  readonly isPiecemeal: boolean;
  readonly sight: Sight | null;
  readonly isUnclear: boolean;
  readonly began: Time;
  readonly hasStart: boolean;
  readonly isSupposed: boolean;
  hadText(texts: readonly string[], how?: 'asked'): Promise<readonly boolean[] | null>;
  unrecorded(since: Time): Promise<string | null>;
}

export interface Testimony {
  writer(version: Version): Promise<Writer | null>;
  /** True when the record of the second one's write says that exactly the first stood there before it. */
  isBase(before: Version, after: Version): Promise<boolean>;
  /** The act that made the version; null where no record tells. */
  act(version: Version): Promise<Act | null>;
  knowledge(edit: Edit): Promise<Knowledge | null>;
  seen(writer: Writer, path: string, at: Time): Promise<Sight | null>;
  signature(place: Place): string;
  /** All versions of a path, with the names of their contents as records know them. */
  named(place: Place): Promise<readonly Named[]>;
}

/** Answers for one path, worked out once. */
interface PathAnswers {
  readonly named: readonly Named[];
  readonly attributions: ReadonlyMap<string, Attribution>;
  /** Where each version stands among them, by its id. */
  readonly places: ReadonlyMap<string, number>;
  /** Names of contents that no record holds, and nothing agrees with. */
  readonly supposed: ReadonlySet<string>;
}

/** Our own writes need no record. */
const ourselves: Writer = { kind: 'tool', id: 'undertext', label: 'undertext', certainty: 'proven' };

export function testify(deps: TestifyDeps): Testimony {
  const { evidence } = deps;
  const answers = new Map<string, Promise<PathAnswers>>();
  const answersOf = (place: Place): Promise<PathAnswers> => {
    const key = placeKey(place);
    const known = answers.get(key) ?? workOut(place, deps);
    answers.set(key, known);
    return known;
  };
  const attributionOf = async (version: Version) => {
    if (evidence.acts(version).length === 0) return null;
    const { named, places, attributions } = await answersOf(version);
    // A content that was seen again and again is of whoever wrote it first.
    const first = firstInARow(named, places.get(version.id) ?? -1);
    return attributions.get((first ?? version).id) ?? null;
  };

  /** `until`: what was seen from then on is not what it had. */
  const sightOf = async (place: Place, acts: readonly Act[], viewpoint: Viewpoint, until: Time) => {
    const { whole, isUnclear } = lastKnown(acts, viewpoint);
    if (!whole) return { sight: null, isUnclear };
    const { named } = await answersOf(place);
    const version = standing(
      named.filter(each => each.version.seenAt < until),
      whole.content.blob,
      whole.act.at,
    );
    if (!version) return { sight: null, isUnclear: true };
    const how = howSeen(whole.act, acts, viewpoint, evidence.session(viewpoint)?.first ?? 0);
    const { at } = whole.act;
    return { sight: { version, how, at, evidence: inWords(whole.act, deps.clock(at)) }, isUnclear };
  };

  return {
    async writer(version) {
      if (version.how === 'restore') return ourselves;
      const attribution = await attributionOf(version);
      return attribution && writerOf(attribution, evidence);
    },
    async isBase(before, after) {
      const content = (await attributionOf(after))?.act.before ?? null;
      if (content === null || isSupposed(content)) return false;
      const { named, places } = await answersOf(before);
      return named[places.get(before.id) ?? -1]?.name === content.blob;
    },
    act: async version => (await attributionOf(version))?.act ?? null,
    async knowledge({ before, after }) {
      const attribution = await attributionOf(after);
      if (!attribution) return null;
      const { act } = attribution;
      const acts = evidence.acts(after);
      const viewpoint = { ...act, at: act.asked };
      const { sight, isUnclear } = await sightOf(after, acts, viewpoint, after.seenAt);
      const isGiven = acts.some(each => each.tool === 'instructions' && each.at <= act.asked && isHis(each, viewpoint));
      return {
        writer: writerOf(attribution, evidence),
        isPiecemeal: !isWhole(act),
        sight,
        isUnclear,
        began: evidence.session(act)?.first ?? 0,
        hasStart: isGiven || !mayBeGivenUnsaid(after.path, evidence.session(act)?.version ?? null),
        isSupposed: isOnlySupposed(before, act, await answersOf(before)),
        hadText: (texts, how) => evidence.hadText(act, texts, how),
        unrecorded: since => unrecorded(act, acts, isGiven, since, evidence),
      };
    },
    async seen(writer, path, at) {
      for (const place of evidence.paths()) {
        if (place.path !== path || writer.kind !== 'session') continue;
        const viewpoint = { session: writer.id, agent: writer.agent ?? null, at };
        const { sight } = await sightOf(place, evidence.acts(place), viewpoint, Number.POSITIVE_INFINITY);
        if (sight) return sight;
      }
      return null;
    },
    signature: place => (evidence.acts(place).length === 0 ? '' : evidence.signature(place)),
    named: async place => (await answersOf(place)).named,
  };
}

async function workOut(place: Place, deps: TestifyDeps): Promise<PathAnswers> {
  const acts = deps.evidence.acts(place);
  const versions = deps.versions(place);
  const told = acts.flatMap(({ before, after }) => [before, after]).filter(content => content !== null);
  const known = new Set(told.map(({ blob }) => blob));
  const supposed = new Set(told.filter(isSupposed).map(({ blob }) => blob));
  for (const content of told) if (!isSupposed(content)) supposed.delete(content.blob);
  const foreign = versions.filter(({ blob, kind }) => kind === 'file' && blob !== null && !known.has(blob));
  const names = (await hasCrlf(foreign, deps)) ? await lfNames(foreign, deps) : new Map<string, string>();
  const nameOf = ({ kind, blob }: Version) => (kind === 'file' && blob !== null ? (names.get(blob) ?? blob) : null);
  const named = versions.map((version): Named => ({ version, name: nameOf(version) }));
  const places = new Map(named.map(({ version: { id } }, i) => [id, i]));
  return { named, attributions: attribute(named, acts), places, supposed };
}

/** So many versions are asked whether their path has Windows' line ends; a path seldom has both. */
const asked = 8;

async function hasCrlf(versions: readonly Version[], deps: TestifyDeps): Promise<boolean> {
  const step = Math.max(1, Math.ceil(versions.length / asked));
  const some = versions.filter((_, i) => i % step === 0 || i === versions.length - 1);
  for (const { blob } of some) if ((await bytesOf(blob!, deps)).includes('\r\n')) return true;
  return false;
}

/** Records hold contents with LF line ends: the names that these contents would have then. */
async function lfNames(versions: readonly Version[], deps: TestifyDeps): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { blob } of versions) {
    const bytes = await bytesOf(blob!, deps);
    if (!bytes.includes('\r\n')) continue;
    names.set(blob!, blobOfBytes(Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')));
  }
  return names;
}

/** What cannot be read back is of nobody. */
async function bytesOf(blob: string, { read }: TestifyDeps): Promise<Buffer> {
  return Buffer.from(await read(blob).catch(() => new Uint8Array()));
}

/** True for a version that was imported out of contents that are only supposed, or that the record of the write denies. */
function isOnlySupposed({ id, how }: Version, act: Act, { named, places, supposed }: PathAnswers): boolean {
  const name = named[places.get(id) ?? -1]?.name ?? null;
  if (name === null) return false;
  if (act.before !== null && !isSupposed(act.before) && act.before.blob !== name) return true;
  return how === 'import' && supposed.has(name);
}

function writerOf({ act, certainty }: Attribution, evidence: Evidence): Writer {
  return { ...sessionWriter(act, evidence), certainty };
}

/** A session as a writer; its label is its title, else its first prompt. */
export function sessionWriter(actor: Actor, evidence: Pick<Evidence, 'session'>): Omit<Writer, 'certainty'> {
  const { session, agent } = actor;
  const facts = evidence.session({ session, agent: null }) ?? evidence.session(actor);
  return { kind: 'session', id: session, label: facts?.label ?? '', ...(agent === null ? {} : { agent }) };
}

/** A client reads what it puts before a session as it begins within so long of its first record (milliseconds). */
const startMs = 5_000;

function howSeen(act: Act, acts: readonly Act[], viewpoint: Viewpoint, began: Time): Sight['how'] {
  if (act.kind !== 'given') return 'asked';
  const earlier = acts.filter(other => other.at < act.at && isHis(other, viewpoint));
  // Taken up again: a file that it had asked for before is put before it anew, with its instructions.
  if (act.tool === 'instructions' && earlier.some(({ kind }) => kind !== 'given' && kind !== 'refused')) return 'start';
  // A mention of the person or a compaction is no start.
  return earlier.length === 0 && act.tool !== 'file' && act.at - began < startMs ? 'start' : 'given';
}

/**
 * Why the client of a writer may have put before it what was written at `since`, without a word in the transcript; null when
 * everything it may have shown is on record.
 */
async function unrecorded(
  act: Act,
  acts: readonly Act[],
  hasGiven: boolean,
  since: Time,
  evidence: Evidence,
): Promise<string | null> {
  const facts = evidence.session(act);
  const version = facts?.version ?? evidence.session({ ...act, agent: null })?.version ?? null;
  const client = version === null ? 'its client' : `Claude Code ${version}`;
  const own = acts.filter(other => other.id !== act.id && other.asked <= act.asked && isHis(other, act));
  const isUnsaid = !hasGiven && mayBeGivenUnsaid(act.path, version);
  const first = Math.min((facts?.first ?? 0) + startMs, ...own.map(({ asked }) => asked));
  if (isUnsaid && since <= first) return `${client} does not record what it puts before a session as it begins`;
  const isNoted = own.length > 0 && !recordsChanges(version);
  if ((!isUnsaid && !isNoted) || !(await evidence.wasPrompted(act, since))) return null;
  return isNoted
    ? `${client} shows changed files at the next prompt, and does not record that`
    : `${client} does not record what it puts before a session that is taken up again`;
}

function inWords({ kind, tool }: Act, at: string): string {
  if (kind === 'given') return `the client gave it the file at ${at} (${tool})`;
  if (kind === 'read') return `it read the file at ${at} (${tool})`;
  return `it wrote the file at ${at} (${tool})`;
}
