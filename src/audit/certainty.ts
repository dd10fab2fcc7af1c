/** How sure it is that the writer of a stale write had not seen what it removed, as far as the content tells. */
import { similarity } from '../documents/compare.ts';
import type { Certainty, Time, Unit, Version } from '../model.ts';
import type { Account, RemovedUnit } from '../rule.ts';
import { isUnder } from '../rule.ts';
import type { Fit } from './base.ts';
import { hasMargin } from './base.ts';
import type { Counts } from './counts.ts';
import { allTerms, isEchoed, mayBeOf } from './origin.ts';

/**
 * For so long an older base with an addition of its own is a sign of a second writer (milliseconds). In the histories of public
 * homes every such write that came later was of a writer who replaced the newest text.
 */
const SESSION_MS = 3 * 3_600_000;
/** Within this time two writers may each have put a section at one place in the middle of a file (milliseconds). */
const SAME_PLACE_MS = 30 * 60_000;
/** Two writers often follow one pattern of line; only lines as alike as this (0 to 1) are one line, edited. */
export const SAME_LINE = 0.75;
/** Who rewrites a line from its older wording changes hardly anything else (units). */
const FEW = 2;

export interface Signs {
  /** How the older version explains the write; null when the base is known, or comes out of one line that two writers changed. */
  readonly fit: Fit | null;
  readonly isProven: boolean;
  /** True when records tell of the writer, and it may have missed any part of the file. */
  readonly mayHaveMissed: boolean;
  readonly unitsBefore: readonly Unit[];
  readonly unitsAfter: readonly Unit[];
  readonly unitsOfBase: readonly Unit[];
  writtenAt(version: Version): Time;
}

type Judged = Omit<Account, 'isRewrite' | 'certainty' | 'isClear'>;

/**
 * False when the write speaks for the version it replaced at least as much as for an older one: its writer worded anew or
 * moved what had come since, or nothing of the older version but its headings stands in it.
 */
export function isBelievable(
  traced: readonly RemovedUnit[],
  gap: ReadonlySet<Unit>,
  fit: Fit,
  older: readonly Unit[],
  after: Counts,
): boolean {
  const known = knownAmong(
    traced.filter(({ unit }) => gap.has(unit)),
    traced,
  ).length;
  if (!hasMargin({ ...fit, undone: fit.undone - known, kept: fit.kept + known })) return false;
  return older.some(unit => unit.kind !== 'section' && after.has(unit.fingerprint));
}

/** What the writer worded anew or moved: it had read it. */
function knownAmong(some: readonly RemovedUnit[], traced: readonly RemovedUnit[]): readonly RemovedUnit[] {
  // Sections that two writers add are often built alike: what stands below a lost heading went with it.
  const headings = traced.flatMap(({ unit, fate }) => (unit.kind === 'section' && fate === 'lost' ? [unit] : []));
  return some.filter(
    ({ unit, fate }) => fate === 'moved' || (fate === 'edited' && !headings.some(heading => isUnder(unit, heading))),
  );
}

/**
 * Only signs of two writers earn `likely`: an addition of its own beside the loss, within the time that a session may hold an
 * old copy. An exact older content may be an undo, a setting switched back is one writer, and what usually goes from this
 * file went as usual.
 */
export function judge(account: Judged, signs: Signs): Pick<Account, 'certainty' | 'isClear'> {
  const { base, isStale, removed, added, overwritten } = account;
  const { fit, isProven, mayHaveMissed } = signs;
  const sure = (certainty: Certainty) => ({ certainty, isClear: certainty !== 'possible' });
  if (isProven) return sure('proven');
  const isKnown = mayHaveMissed ? !isStale : base.how === 'known';
  if (overwritten.length > 0 && isKnown) return sure('likely');
  const gone = removed.filter(({ fate }) => fate === 'lost');
  const lost = gone.filter(({ unit }) => overwritten.includes(unit));
  if (lost.length === 0) return sure('possible');
  if (fit === null) return { certainty: 'possible', isClear: gone.length <= FEW && added.length <= FEW };
  const age = signs.writtenAt(account.edit.after) - Math.max(...lost.map(({ since }) => signs.writtenAt(since)));
  const isReplaced = isReplacedAtItsPlace(lost, signs);
  // Lines of a broken file are found again in the members of the mended one, whoever mended it.
  const kinds = new Set(signs.unitsAfter.map(({ kind }) => kind));
  const came = removed.filter(
    ({ unit, since }) => kinds.has(unit.kind) && signs.writtenAt(since) > signs.writtenAt(base.version),
  );
  const isClear =
    fit.kept === 0 &&
    knownAmong(came, removed).length === 0 &&
    !hadIt(account, gone, lost, signs) &&
    (age <= SAME_PLACE_MS || !isReplaced);
  const keys = new Set(signs.unitsAfter.map(keyOf));
  const isToggle = lost.every(({ unit }) => hasKey(unit) && keys.has(keyOf(unit)));
  const isUsual = lost.every(entry => entry.isUsual === true);
  const hasOwn = fit.distance > 0 && added.length > 0;
  const isLikely =
    isClear && hasOwn && !isToggle && !isUsual && !isReplaced && age <= SESSION_MS && !isOfOnePattern(account, lost);
  return { certainty: isLikely ? 'likely' : 'possible', isClear };
}

/**
 * Signs that the writer had what is missing: it repeats words that came only with it, or it takes away more of what it had for
 * sure than of what it may have missed.
 */
function hadIt(
  { added }: Judged,
  gone: readonly RemovedUnit[],
  lost: readonly RemovedUnit[],
  { unitsOfBase }: Signs,
): boolean {
  if (gone.length > 2 * lost.length) return true;
  const known = allTerms(unitsOfBase);
  // Elements of one list repeat the words of their keys and of each other's values.
  return lost.some(({ unit }) => !hasKey(unit) && isEchoed(unit, added, known));
}

/** True when each lost line has one like it among those that came: two lines of a list that follows one pattern, or one line edited. */
function isOfOnePattern({ added }: Judged, lost: readonly RemovedUnit[]): boolean {
  return lost.every(({ unit }) =>
    added.some(
      other =>
        !hasKey(unit) &&
        other.kind === unit.kind &&
        mayBeOf(unit, other) &&
        similarity(unit.text, other.text) >= SAME_LINE,
    ),
  );
}

/**
 * True when a section went from the middle of its file or chapter and another one stands exactly there: its successor, as well
 * as the section of a second writer. At the end, where everybody adds, it proves nothing.
 */
function isReplacedAtItsPlace(lost: readonly RemovedUnit[], { unitsBefore, unitsAfter }: Signs): boolean {
  const [first] = lost.map(({ unit }) => unit).filter(({ kind }) => kind === 'section');
  if (!first) return false;
  const still = new Set(unitsAfter.map(({ fingerprint }) => fingerprint));
  const from = unitsBefore.indexOf(first);
  const next = unitsBefore.slice(from).find(({ fingerprint }) => still.has(fingerprint));
  if (!next || (next.kind === 'section' && rankOf(next) < rankOf(first))) return false;
  const at = unitsAfter.findIndex(({ fingerprint }) => fingerprint === next.fingerprint);
  const known = new Set(unitsBefore.map(({ fingerprint }) => fingerprint));
  for (let i = at - 1; i >= 0 && !known.has(unitsAfter[i]!.fingerprint); i--) {
    if (unitsAfter[i]!.kind === 'section') return true;
  }
  return false;
}

/** `## Deploy` is of rank 2; a heading with a line below it counts as one of rank 1. */
function rankOf({ text }: Unit): number {
  return /^#{1,6}/.exec(text)?.[0].length ?? 1;
}

/** A field or member has a key, and what stands under the same key later is its new value. */
export function hasKey(unit: Unit): boolean {
  return unit.kind === 'field' || unit.kind === 'member';
}

function keyOf({ kind, place, name }: Unit): string {
  return `${kind}\0${place}\0${name}`;
}
