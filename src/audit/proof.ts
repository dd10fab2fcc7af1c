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
  /** True when all of that is unseen, and a session that is known for sure, another one, wrote some of it. */
  readonly isProven: boolean;
  readonly evidence: readonly string[];
}

export interface Ground {
  readonly knowledge: Knowledge | null;
  /** True when a record says from which version it wrote. */
  readonly isRead: boolean;
  /** What came after the version it wrote from. */
  readonly gap: ReadonlySet<Unit>;
  /** What it was given unasked, and was written in the moment in which it began: that is no sight of it. */
  readonly late: ReadonlySet<Unit>;
  writer(version: Version): Promise<Writer | null>;
}

export async function proofOf(traced: readonly RemovedUnit[], ground: Ground): Promise<Proof> {
  const { knowledge, gap, late } = ground;
  const missing = traced.filter(({ fate }) => fate === 'lost');
  if (knowledge === null || missing.length === 0) {
    return { removed: traced, overwritten: gap, isProven: false, evidence: [] };
  }
  const had = await whatItHad(missing, knowledge, late);
  const removed = traced.map(entry =>
    entry.fate === 'lost' && had?.get(entry.unit) ? { ...entry, fate: 'seen' as const } : entry,
  );
  const isUnseen = ({ unit, since }: RemovedUnit) =>
    had?.get(unit) === false && (knowledge.hasStart || knowledge.began < since.at || late.has(unit));
  const lost = removed.filter(entry => entry.fate === 'lost' && (gap.has(entry.unit) || isUnseen(entry)));
  const authors = await authorsOf(lost, ground);
  const isProven =
    knowledge.writer.certainty === 'proven' &&
    !knowledge.isUnclear &&
    knowledge.isSupposed !== true &&
    lost.length > 0 &&
    lost.every(isUnseen) &&
    authors.some(({ writer }) => writer?.certainty === 'proven' && writer.kind === 'session') &&
    authors.every(({ writer }) => !isSameWriter(writer, knowledge.writer));
  return {
    removed,
    overwritten: new Set(lost.map(({ unit }) => unit)),
    isProven,
    evidence: lost.length === 0 ? [] : inSentences(lost, authors, had, ground),
  };
}

/** True when two versions are of one hand: of one session, and of the same sub-agent of it or of none. */
export function isSameWriter(a: Writer | null | undefined, b: Writer): boolean {
  return a != null && a.kind !== 'unknown' && a.kind === b.kind && a.id === b.id && a.agent === b.agent;
}

type Had = ReadonlyMap<Unit, boolean>;

/** What of it stands in the writer's transcript before the write; what is too short to tell goes with the rest. */
async function whatItHad(
  missing: readonly RemovedUnit[],
  knowledge: Knowledge,
  late: ReadonlySet<Unit>,
): Promise<Had | null> {
  const units = missing.map(({ unit }) => unit);
  const telling = units.filter(isTelling);
  if (telling.length === 0) return null;
  const answers = await knowledge.hadText(telling.map(({ text }) => text));
  if (answers === null) return null;
  const had = new Map(telling.map((unit, i) => [unit, answers[i]! && !late.has(unit)]));
  const hadAll = [...had.values()].every(Boolean);
  for (const unit of units) if (!had.has(unit)) had.set(unit, hadAll);
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

function inSentences(
  lost: readonly RemovedUnit[],
  authors: readonly Author[],
  had: Had | null,
  { knowledge, isRead, late }: Ground,
): readonly string[] {
  const { sight, writer, isUnclear } = knowledge!;
  const among = [writer, ...authors.map(author => author.writer)];
  const who = called(writer, among);
  const newest = Math.max(...authors.map(({ at }) => at));
  const [, ...times] = clocks([newest, ...authors.map(({ at }) => at)], newest);
  const of = authors.map(
    (author, i) => `${author.writer ? called(author.writer, among) : 'somebody no record names'} at ${times[i]}`,
  );
  const isLate = lost.some(({ unit }) => late.has(unit));
  return [
    isLate && sight
      ? `${who} never asked for the file: ${sight.evidence}, in the moment in which the text was written`
      : isRead && sight
        ? `${who} wrote from what it had: ${sight.evidence}`
        : isUnclear
          ? `${who} had read or changed the file before, but what it had then is not known`
          : `by the records ${who} had never read the whole file`,
    `the text was written by ${of.slice(0, 3).join(', ')}${of.length > 3 ? ` and ${of.length - 3} more` : ''}`,
    had === null
      ? `whether ${who} had met the text elsewhere cannot be said: its transcript is gone, or the text is too short to tell`
      : isLate
        ? 'it never asked for the text before its write'
        : `nothing of the text stands in what ${who} had before its write`,
  ];
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
