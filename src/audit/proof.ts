/** Whether the writer of a stale write had seen what it removed: what records say for it, and against it. */
import type { Time, Unit, Version, Writer } from '../model.ts';
import type { RemovedUnit } from '../rule.ts';
import { clocks } from '../rule.ts';
import type { Knowledge } from './testimony.ts';

/** A text with fewer letters and digits stands in many a transcript by chance. */
const TELLING = 8;
/** So many characters of an id are said. */
const ofId = 8;

export interface Proof {
  /** As they came; what its writer had met is `seen`. */
  readonly removed: readonly RemovedUnit[];
  /** What a stale or blind write took away: of the gap, or unseen. */
  readonly overwritten: ReadonlySet<Unit>;
  /** True when its writer was shown nothing of it, and a session that is known for sure, another one, wrote some of it. */
  readonly isProven: boolean;
  readonly evidence: readonly string[];
}

export interface Ground {
  readonly knowledge: Knowledge | null;
  /** True when a record says from which version it wrote. */
  readonly isRead: boolean;
  /** What came after the version it wrote from. */
  readonly gap: ReadonlySet<Unit>;
  writer(version: Version): Promise<Writer | null>;
}

export async function proofOf(traced: readonly RemovedUnit[], ground: Ground): Promise<Proof> {
  const { knowledge, gap } = ground;
  const missing = traced.filter(({ fate }) => fate === 'lost');
  if (knowledge === null || missing.length === 0) {
    return { removed: traced, overwritten: gap, isProven: false, evidence: [] };
  }
  const had = await whatItHad(missing, knowledge, gap);
  const removed = traced.map(entry =>
    entry.fate === 'lost' && had?.get(entry.unit) === 'had' ? { ...entry, fate: 'seen' as const } : entry,
  );
  const isUnseen = ({ unit, since }: RemovedUnit) =>
    had?.get(unit) === 'never' && (knowledge.hasStart || knowledge.began < since.at);
  const lost = removed.filter(entry => entry.fate === 'lost' && (gap.has(entry.unit) || isUnseen(entry)));
  const authors = await authorsOf(lost, ground);
  const mayBeProven =
    knowledge.writer.certainty === 'proven' &&
    !knowledge.isUnclear &&
    knowledge.isSupposed !== true &&
    lost.length > 0 &&
    lost.every(isUnseen) &&
    authors.some(({ writer }) => writer?.certainty === 'proven' && writer.kind === 'session') &&
    authors.every(({ writer }) => !isSameWriter(writer, knowledge.writer));
  const unrecorded = mayBeProven ? ((await knowledge.unrecorded?.(authors[0]!.at)) ?? null) : null;
  return {
    removed,
    overwritten: new Set(lost.map(({ unit }) => unit)),
    isProven: mayBeProven && unrecorded === null,
    evidence: lost.length === 0 ? [] : inSentences(lost, authors, had, unrecorded, ground),
  };
}

/** True when two versions are of one hand: of one session, and of the same sub-agent of it or of none. */
export function isSameWriter(a: Writer | null | undefined, b: Writer): boolean {
  return a != null && a.kind !== 'unknown' && a.kind === b.kind && a.id === b.id && a.agent === b.agent;
}

/**
 * `shown`: its client put the text before the writer, which never asked for it, and what it wrote goes on from a version
 * without that text.
 */
type Had = ReadonlyMap<Unit, 'had' | 'shown' | 'never'>;

/** What of it stands in the writer's transcript before the write; what is too short to tell goes with the rest. */
async function whatItHad(
  missing: readonly RemovedUnit[],
  knowledge: Knowledge,
  gap: ReadonlySet<Unit>,
): Promise<Had | null> {
  const units = missing.map(({ unit }) => unit);
  const telling = units.filter(isTelling);
  if (telling.length === 0) return null;
  const texts = telling.map(({ text }) => text);
  const answers = await knowledge.hadText(texts);
  if (answers === null) return null;
  const isOfGap = telling.some((unit, i) => answers[i] && gap.has(unit));
  const asked = isOfGap ? ((await knowledge.hadText(texts, 'asked')) ?? answers) : answers;
  const had = new Map(
    telling.map((unit, i) => [unit, !answers[i] ? 'never' : asked[i] || !gap.has(unit) ? 'had' : 'shown'] as const),
  );
  const all = [...had.values()];
  const rest = all.includes('never') ? 'never' : all.includes('shown') ? 'shown' : 'had';
  for (const unit of units) if (!had.has(unit)) had.set(unit, rest === 'shown' && !gap.has(unit) ? 'had' : rest);
  return had;
}

function isTelling({ text }: Unit): boolean {
  return (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) >= TELLING;
}

interface Author {
  readonly at: Time;
  readonly writer: Writer | null;
}

/** Who wrote what is lost: one entry for each version in which a part of it first stood. */
async function authorsOf(lost: readonly RemovedUnit[], { writer }: Ground): Promise<readonly Author[]> {
  const versions = new Map(lost.map(({ since }) => [since.id, since]));
  const authors: Author[] = [];
  for (const version of versions.values()) authors.push({ at: version.at, writer: await writer(version) });
  return authors.sort((a, b) => a.at - b.at);
}

/** That its writer may have known the text comes first: then it is not proven. */
function inSentences(
  lost: readonly RemovedUnit[],
  authors: readonly Author[],
  had: Had | null,
  unrecorded: string | null,
  { knowledge, isRead }: Ground,
): readonly string[] {
  const { sight, writer, isUnclear } = knowledge!;
  const among = [writer, ...authors.map(author => author.writer)];
  const who = called(writer, among);
  const newest = Math.max(...authors.map(({ at }) => at));
  const [, ...times] = clocks([newest, ...authors.map(({ at }) => at)], newest);
  const of = authors.map(
    (author, i) => `${author.writer ? called(author.writer, among) : 'somebody no record names'} at ${times[i]}`,
  );
  const wasShown = lost.some(({ unit }) => had?.get(unit) === 'shown');
  const isGiven = sight?.how === 'start' && wasShown;
  const later =
    isGiven && sight.at !== undefined && sight.at >= newest
      ? `, ${inTime(sight.at - newest)} after the text was written`
      : '';
  return [
    ...(isGiven
      ? [`${who} may have known the text: ${sight.evidence}${later}, without its asking`]
      : wasShown
        ? [`${who} may have known the text: the client had put it before it, without its asking`]
        : []),
    ...(unrecorded === null ? [] : [`${who} may have known the text: ${unrecorded}`]),
    ...(isGiven
      ? []
      : isRead && sight
        ? [`${who} wrote from what it had: ${sight.evidence}`]
        : isUnclear
          ? [`${who} had read or changed the file before, but what it had then is not known`]
          : [`by the records ${who} had never read the whole file`]),
    `the text was written by ${of.slice(0, 3).join(', ')}${of.length > 3 ? ` and ${of.length - 3} more` : ''}`,
    had === null
      ? `whether ${who} had met the text elsewhere cannot be said: its transcript is gone, or the text is too short to tell`
      : wasShown
        ? `nothing that ${who} asked for before its write holds the text`
        : unrecorded !== null
          ? `nothing of the text stands in the transcript of ${who} before its write`
          : `nothing of the text stands in what ${who} had before its write`,
  ];
}

/** `83 ms`, `4 s`. */
function inTime(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 1_000)} s`;
}

/**
 * `session "fix the buffer"`, `sub-agent a77… of session "…"`; `likely session …` where it is not proven. Of `among`, two
 * with one label carry the beginning of their ids.
 */
function called({ kind, id, label, agent, certainty }: Writer, among: readonly (Writer | null)[]): string {
  const isShared = among.some(other => other !== null && other.id !== id && other.label === label);
  const name = label === '' ? id.slice(0, ofId) : `"${label}"${isShared ? ` (${id.slice(0, ofId)}…)` : ''}`;
  const part = agent === undefined ? '' : `sub-agent ${agent.slice(0, ofId)} of `;
  return `${certainty === 'proven' ? '' : `${certainty === 'likely' ? 'likely' : 'possibly'} `}${part}${kind} ${name}`;
}
