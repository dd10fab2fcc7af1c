/** Verdicts → recall and precision. */
import type { Certainty } from '../../src/model.ts';
import type { Judged, Loss, Verdict } from './judge.ts';
import type { EventVerdict, Loudness, RowVerdict } from './judge-scenes.ts';
import type { KindId } from './scenes/kinds.ts';

export const certainties: readonly Certainty[] = ['proven', 'likely', 'possible'];

export interface Recall {
  readonly losses: number;
  /** Every lost piece is named by an incident of that write; some of it is; pieces over all. 0 to 1. */
  readonly whole: number;
  readonly some: number;
  readonly pieces: number;
  readonly at: Readonly<Record<Certainty, number>>;
}

export interface Precision {
  readonly count: number;
  /** At least one unit named was lost and unseen; at least half of them; units over all. 0 to 1. */
  readonly any: number;
  readonly most: number;
  readonly units: number;
  /** Of the units that were not: gone but meant; not gone at all (edited, folded, translated, moved). */
  readonly meant: number;
  readonly stands: number;
}

export function recallOf(losses: readonly Loss[]): Recall {
  const sum = (of: (loss: Loss) => number) => losses.reduce((total, loss) => total + of(loss), 0);
  const share = (is: (loss: Loss) => boolean) => losses.filter(is).length / losses.length;
  return {
    losses: losses.length,
    whole: share(({ missed }) => missed.length === 0),
    some: share(({ named }) => named > 0),
    pieces: sum(({ named }) => named) / sum(({ pieces }) => pieces),
    at: {
      proven: share(({ certainty }) => certainty === 'proven'),
      likely: share(({ certainty }) => certainty === 'likely'),
      possible: share(({ certainty }) => certainty === 'possible'),
    },
  };
}

export function precisionOf(judged: readonly Judged[]): Precision {
  const sum = (of: (one: Judged) => number) => judged.reduce((total, one) => total + of(one), 0);
  const [lost, meant, stands] = [sum(one => one.lost), sum(one => one.meant), sum(one => one.stands)];
  return {
    count: judged.length,
    any: judged.filter(one => one.lost > 0).length / judged.length,
    most: judged.filter(isMostlyRight).length / judged.length,
    units: lost / (lost + meant + stands),
    meant,
    stands,
  };
}

function isMostlyRight({ lost, meant, stands }: Judged): boolean {
  return lost > 0 && lost >= meant + stands;
}

/** How often each sign stood at writes that look stale, and how often they were. */
export function calibration(verdicts: readonly Verdict[]) {
  const all = verdicts.flatMap(({ signs }) => signs);
  const names = [...new Set(all.flatMap(({ signs }) => [...signs]))].sort();
  return names.map(name => {
    const share = (hasSign: boolean) => {
      const some = all.filter(({ signs }) => signs.has(name) === hasSign);
      return { count: some.length, right: some.filter(({ isRight }) => isRight).length / some.length };
    };
    return { name, present: share(true), absent: share(false) };
  });
}

/** What was done in the writes that were told at this certainty, though nothing unseen was lost; the most frequent first. */
export function wrongOnes(judged: readonly Judged[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { lost, write } of judged) if (lost === 0) counts.set(write.deed, (counts.get(write.deed) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

export interface Share {
  readonly count: number;
  /** 0 to 1. */
  readonly right: number;
}

/** The table that is read first: how much of what a stale write lost is told, and how often a row is right. */
export interface Headline {
  /** Losses of stale writes on the played files: told at all, and shown without being asked for. */
  readonly told: Share;
  readonly shown: Share;
  /** Losses of the scenes that are shown. */
  readonly sceneLosses: Share;
  /** Events of the scenes that lost nothing and for which no row is shown. */
  readonly quiet: Share;
  readonly likely: Share;
  /** Possible, and shown all the same. */
  readonly possible: Share;
  readonly allShown: Share;
  readonly weak: Share;
}

export function headlineOf(verdicts: readonly Verdict[]): Headline {
  const losses = verdicts.flatMap(verdict => verdict.losses);
  const events = verdicts.flatMap(verdict => verdict.events);
  const rows = verdicts.flatMap(verdict => verdict.rows);
  const at = (...loudness: readonly Loudness[]) =>
    shareOf(
      rows.filter(row => loudness.includes(row.loudness)),
      ({ isRight }) => isRight,
    );
  return {
    told: shareOf(losses, ({ named }) => named > 0),
    shown: shareOf(losses, ({ told }) => isShown(told)),
    sceneLosses: shareOf(
      events.filter(({ isLoss }) => isLoss),
      ({ told }) => isShown(told),
    ),
    quiet: shareOf(
      events.filter(({ isLoss }) => !isLoss),
      ({ told }) => !isShown(told),
    ),
    likely: at('likely'),
    possible: at('shown'),
    allShown: at('likely', 'shown'),
    weak: at('weak'),
  };
}

function isShown(told: Loudness): boolean {
  return told === 'likely' || told === 'shown';
}

function shareOf<T>(all: readonly T[], is: (one: T) => boolean): Share {
  return { count: all.length, right: all.filter(is).length / all.length };
}

/** Of the events of one kind, how each is told. */
export interface KindFigures {
  readonly kind: KindId;
  readonly count: number;
  readonly told: Readonly<Record<Loudness, number>>;
  /** Wrong rows about the ordinary life around its events, or about something else than what was lost. */
  readonly beside: number;
}

export function byKind(kinds: readonly KindId[], verdicts: readonly Verdict[]): readonly KindFigures[] {
  const events = grouped(verdicts.flatMap(verdict => verdict.events));
  const rows = verdicts.flatMap(verdict => verdict.rows);
  return kinds.map(kind => {
    const mine = events.get(kind) ?? [];
    const count = (loudness: Loudness) => mine.filter(({ told }) => told === loudness).length;
    const isBeside = ({ deed, isRight, loudness }: RowVerdict) =>
      loudness !== 'weak' &&
      !isRight &&
      (deed === `${kind} (around it)` || (deed === kind && mine[0]?.isLoss === true));
    return {
      kind,
      count: mine.length,
      told: { likely: count('likely'), shown: count('shown'), weak: count('weak'), 'not told': count('not told') },
      beside: rows.filter(isBeside).length,
    };
  });
}

function grouped(events: readonly EventVerdict[]): ReadonlyMap<KindId, readonly EventVerdict[]> {
  const groups = new Map<KindId, EventVerdict[]>();
  for (const event of events) groups.set(event.kind, [...(groups.get(event.kind) ?? []), event]);
  return groups;
}

/** What was done in the rows of that loudness that are wrong; the most frequent first. */
export function wrongRows(verdicts: readonly Verdict[], loudness: Loudness): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const row of verdicts.flatMap(({ rows }) => rows))
    if (row.loudness === loudness && !row.isRight) counts.set(row.deed, (counts.get(row.deed) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
