/**
 * What stood in one file before and after each act: out of the records themselves, and along the chain from one known
 * content to the next. A content is validated when two ways to it that do not lean on each other agree.
 */
import type { Time } from '../../model.ts';
import type { RawAct, Tier } from '../act.ts';
import { actorKey } from '../keys.ts';
import { lag, lineUp, slack } from './line-up.ts';
import { differOnlyInStamps } from './stamps.ts';
import { madeFrom, madeOf } from './step.ts';

/** A content of the path that is known from elsewhere; `text` is null where nothing stood. LF line ends. */
export interface Sighting {
  readonly at: Time;
  readonly text: string | null;
  /** `backup`: a copy the client made. `version`: of the store, or the disk. `hint`: may be wrong, and validates nothing. */
  readonly source: 'backup' | 'version' | 'hint';
  /** Where a backup lay. */
  readonly from?: 'file-history' | 'backup';
  /** Of a backup: false where only the time of its file tells when it was made. */
  readonly isTimeSure?: boolean;
  /** Of a version: when the file was changed last. */
  readonly mtime?: Time | null;
}

export interface Content {
  readonly text: string;
  readonly tier: Tier;
  readonly isValidated: boolean;
}

/** `before` and `after`: null where nothing stood, undefined where it is not known. */
export interface ToldAct {
  readonly kind: 'act';
  readonly act: RawAct;
  readonly before: Content | null | undefined;
  readonly after: Content | null | undefined;
}

export interface ToldSighting {
  readonly kind: 'sighting';
  readonly sighting: Sighting;
  /** True when a content that an act left is this one. */
  readonly isValidated: boolean;
}

export type Told = ToldAct | ToldSighting;

/** The acts of one path and what else is known of it, in the order in which they must have happened. */
export function reconstruct(acts: readonly RawAct[], sightings: readonly Sighting[] = []): readonly Told[] {
  const entries = inOrder([...acts.map(entryOf), ...sightings.map(entryOfSighting)]);
  const changing = entries.filter(entry => !entry.isTransparent);
  forward(changing);
  backward(changing);
  validate(changing);
  return toldOf(entries);
}

/** A content, as a way leads to it; null: nothing stood there. */
type Text = string | null;

interface Entry {
  readonly act: RawAct | null;
  readonly sighting: Sighting | null;
  readonly asked: Time;
  readonly at: Time;
  readonly by: string | null;
  /** Changes nothing, and does not say for sure what stands there. */
  readonly isTransparent: boolean;
  /** What its own record says, or leads to; undefined: nothing. */
  readonly own: { readonly before: Text | undefined; readonly after: Text | undefined };
  /** True when the record holds both sides, and its patch leads from one to the other. */
  readonly isChecked: boolean;
  /** By the record, else led to by what came before. */
  left: { before: Text | undefined; after: Text | undefined };
  /** By the record, else led back to by what came after. */
  right: { before: Text | undefined; after: Text | undefined };
  /** How `left.before` is known. */
  tier: Tier;
  isBeforeValid: boolean;
  isAfterValid: boolean;
}

const nothing = { before: undefined, after: undefined };

function entryOf(act: RawAct): Entry {
  const { kind, shell, asked, at } = act;
  const own = ownContents(act);
  const saysNothing = kind === 'refused' || kind === 'part' || kind === 'given' || shell === 'run';
  // Not all of it is told, or nothing but that it was as before.
  const isVague = act.after === undefined || act.isUnchanged === true || act.isTrimmed === true;
  return {
    ...blank(asked, at, actorKey(act)),
    act,
    isTransparent: saysNothing || (kind === 'read' && isVague),
    own: shell === 'remove' ? { before: undefined, after: null } : own,
    isChecked: own.isChecked,
  };
}

function entryOfSighting(sighting: Sighting): Entry {
  const { at, text, source } = sighting;
  const own = { before: source === 'hint' ? undefined : text, after: text };
  return { ...blank(at, at, null), sighting, own };
}

function blank(asked: Time, at: Time, by: string | null): Entry {
  return {
    act: null,
    sighting: null,
    asked,
    at,
    by,
    isTransparent: false,
    own: nothing,
    isChecked: false,
    left: nothing,
    right: nothing,
    tier: 'chain',
    isBeforeValid: false,
    isAfterValid: false,
  };
}

interface Own {
  readonly before: Text | undefined;
  readonly after: Text | undefined;
  readonly isChecked: boolean;
}

/** What the record of an act says by itself. */
function ownContents(act: RawAct): Own {
  const { kind, before, after, patch } = act;
  const hasPatch = patch !== undefined && patch.length > 0;
  if (kind === 'read') return { before: after, after, isChecked: false };
  if (kind === 'edit') {
    if (before === undefined) return { before, after, isChecked: false };
    const made = madeOf(act, before ?? '');
    // A record whose text and patch say different things was damaged, or cut.
    if (made === null) return { before: hasPatch || act.edits ? undefined : before, after, isChecked: false };
    return { before, after: after ?? made.text, isChecked: made.isChecked && made.text === (after ?? made.text) };
  }
  if (kind === 'write' && after !== undefined) {
    if (before === null) return { before, after, isChecked: false };
    if (before !== undefined) {
      const isChecked = hasPatch ? madeOf(act, before)?.text === after : before === after && !!patch;
      return { before, after, isChecked };
    }
    return { before: hasPatch ? (madeFrom(act, after) ?? undefined) : undefined, after, isChecked: false };
  }
  return { before, after, isChecked: false };
}

function inOrder(entries: readonly Entry[]): readonly Entry[] {
  return lineUp<Entry, Text | undefined>(entries, undefined, {
    fits: ({ isTransparent, own, act }, content) => {
      if (isTransparent || content === undefined) return undefined;
      if (own.before !== undefined) return own.before === content;
      return act !== null && madeOn(act, content) !== undefined ? true : undefined;
    },
    leaves: ({ isTransparent, own, act }, content) => {
      if (isTransparent) return content;
      if (own.after !== undefined) return own.after;
      return act === null ? undefined : madeOn(act, content);
    },
  });
}

/** True for what makes the next content of the one before. */
function isStep({ kind, shell, edits }: RawAct): boolean {
  return kind === 'edit' || (kind === 'shell' && shell === 'append' && edits !== undefined);
}

/** What an edit left, made on `content`; undefined where it cannot have been, or its patch says otherwise. */
function madeOn(act: RawAct, content: Text | undefined): string | undefined {
  if (!isStep(act) || typeof content !== 'string') return undefined;
  const made = madeOf(act, content);
  const hasPatch = act.patch !== undefined && act.patch.length > 0;
  return made === null || (hasPatch && !made.isChecked) ? undefined : made.text;
}

/** From left to right: what each content makes of the next. */
function forward(entries: readonly Entry[]): void {
  let here: Text | undefined;
  let tier: Tier = 'chain';
  for (const entry of entries) {
    const { act, own } = entry;
    const made = act && own.after === undefined ? madeOn(act, own.before ?? here) : undefined;
    // What an edit cannot have been made on did not stand there.
    const isRefuted = act?.kind === 'edit' && own.after === undefined && made === undefined;
    entry.left = { before: own.before ?? (isRefuted ? undefined : here), after: own.after ?? made };
    if (own.before === null) entry.left.before = null;
    if (own.after === null) entry.left.after = null;
    entry.tier = own.before !== undefined ? 'own record' : tier;
    here = entry.left.after;
    tier = entry.sighting?.source === 'backup' ? 'backup' : 'chain';
  }
}

/** From right to left: what each content can only have come from. It leans on nothing that came before. */
function backward(entries: readonly Entry[]): void {
  let next: Text | undefined;
  for (const entry of entries.toReversed()) {
    const { act, own } = entry;
    const after = next;
    if (entry.sighting?.source === 'hint') {
      entry.right = { before: next, after };
      continue;
    }
    const from = act && isStep(act) && typeof next === 'string' ? madeFrom(act, next) : null;
    next = own.before !== undefined ? own.before : (from ?? undefined);
    entry.right = { before: next, after };
  }
}

/**
 * Two contents that meet between two acts, one from the left and one from the right, are the same: both are right. What
 * is right on one side of an act is right on the other, where its patch, or what it replaced, leaves no choice. Where two
 * hands changed the file at once, either may have been first: then only what a record holds itself can be right.
 */
function validate(entries: readonly Entry[]): void {
  const unsure = inUnsureOrder(entries);
  const mayBe = (entry: Entry, side: 'before' | 'after'): boolean =>
    !unsure.has(entry) || entry.own[side] !== undefined;
  for (const [i, entry] of entries.entries()) {
    if (entry.isChecked) entry.isBeforeValid = entry.isAfterValid = true;
    const next = entries[i + 1];
    if (!next || next.right.before === undefined || !isMet(entry, next.right.before, unsure.has(entry))) continue;
    entry.isAfterValid ||= mayBe(entry, 'after');
    next.isBeforeValid ||= mayBe(next, 'before') && beforeOf(next) === next.right.before;
  }
  for (const entry of entries) {
    const { act } = entry;
    const [before, after] = [beforeOf(entry), afterOf(entry)];
    // What only looks leaves what it saw.
    if (!act || act.kind === 'read') entry.isBeforeValid = entry.isAfterValid ||= entry.isBeforeValid;
    if (!act || typeof before !== 'string' || typeof after !== 'string') continue;
    if (entry.isAfterValid && !entry.isBeforeValid) {
      entry.isBeforeValid = mayBe(entry, 'before') && madeFrom(act, after) === before;
    }
    if (entry.isBeforeValid && !entry.isAfterValid && mayBe(entry, 'after')) {
      const made = madeOf(act, before);
      entry.isAfterValid = made?.isChecked === true && made.text === after;
    }
  }
}

/** Those that changed the file at about the time at which another hand did. */
function inUnsureOrder(entries: readonly Entry[]): ReadonlySet<Entry> {
  const changes = entries.filter(({ act }) => act !== null && act.kind !== 'read');
  const unsure = new Set<Entry>();
  for (const [i, one] of changes.entries()) {
    for (let j = i + 1; j < changes.length && changes[j]!.at <= one.at + 2 * lag; j++) {
      const other = changes[j]!;
      if (other.by === one.by || startOf(other) > one.at + slack || startOf(one) > other.at + slack) continue;
      unsure.add(one).add(other);
    }
  }
  return unsure;
}

/** A file is written right before the result is told, however long somebody was asked whether it may be. */
function startOf({ asked, at }: Entry): Time {
  return Math.max(asked, at - lag);
}

/** True when the entry left exactly this; where it did but for stamps that no record tells, it is said so from now on. */
function isMet(entry: Entry, there: Text, isUnsure: boolean): boolean {
  const { act, left } = entry;
  if (left.after === there) return true;
  const isUntold = act !== null && act.patch === undefined && (act.kind === 'edit' || act.kind === 'write');
  if (!isUntold || isUnsure || typeof left.after !== 'string' || typeof there !== 'string') return false;
  if (!differOnlyInStamps(left.after, there)) return false;
  entry.left = { ...left, after: there };
  return true;
}

function beforeOf({ left, right }: Entry): Text | undefined {
  return left.before !== undefined ? left.before : right.before;
}

function afterOf({ act, left, right }: Entry): Text | undefined {
  if (left.after !== undefined) return left.after;
  return act?.kind === 'edit' || act?.kind === 'write' ? right.after : undefined;
}

function toldOf(entries: readonly Entry[]): readonly Told[] {
  const changing = entries.filter(entry => !entry.isTransparent);
  const all = changing.flatMap(entry => [beforeContent(entry), afterContent(entry)]).filter(isContent);
  const lastOf = new Map<string, Content>();
  let last: Entry | undefined;
  let passed = 0;
  return entries.map((entry): Told => {
    const { act, sighting, by } = entry;
    if (sighting) {
      last = entry;
      passed++;
      return { kind: 'sighting', sighting, isValidated: entry.isBeforeValid || entry.isAfterValid };
    }
    if (!entry.isTransparent) {
      last = entry;
      passed++;
      const after = afterContent(entry);
      if (after && by !== null) lastOf.set(by, after);
      return { kind: 'act', act: act!, before: beforeContent(entry), after };
    }
    const here = last && afterContent(last);
    const next = changing[passed] && beforeContent(changing[passed]!);
    const seen = seenBy(act!, [here, next].filter(isContent), all, lastOf.get(by ?? ''));
    if (seen && by !== null) lastOf.set(by, seen);
    return { kind: 'act', act: act!, before: undefined, after: seen };
  });
}

/** What an act that changes nothing had before it, where it says so. */
function seenBy(
  act: RawAct,
  near: readonly Content[],
  all: readonly Content[],
  last: Content | undefined,
): Content | undefined {
  if (act.kind === 'read' && act.isTrimmed !== true) {
    // The file was what its reader had seen last, or had made of it.
    const text = last?.text ?? act.after;
    if (text === undefined) return undefined;
    return near.find(each => each.text === text) ?? { text, tier: 'chain', isValidated: false };
  }
  if (act.kind === 'part' || act.kind === 'refused' || act.after === undefined) return undefined;
  const said = act.after;
  const isSame = ({ text }: Content) => text === said || (act.isTrimmed === true && text.trim() === said.trim());
  const known = near.find(isSame) ?? all.findLast(isSame);
  if (known) return { ...known, tier: 'own record' };
  return act.isTrimmed ? undefined : { text: said, tier: 'own record', isValidated: false };
}

function beforeContent(entry: Entry): Content | null | undefined {
  const text = beforeOf(entry);
  const tier = entry.left.before === undefined ? 'chain' : entry.tier;
  return typeof text === 'string' ? { text, tier, isValidated: entry.isBeforeValid } : text;
}

function afterContent(entry: Entry): Content | null | undefined {
  const text = afterOf(entry);
  if (typeof text !== 'string') return text;
  const { own } = entry;
  const isOwn = own.after === text;
  const tier = entry.sighting?.source === 'backup' ? 'backup' : isOwn ? 'own record' : 'chain';
  return { text, tier, isValidated: entry.isAfterValid };
}

function isContent(content: Content | null | undefined): content is Content {
  return content !== null && content !== undefined;
}
