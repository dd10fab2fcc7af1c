/** What mending is given, and what it gives back: bytes, and before that text. */
import type { Unit } from '../model.ts';

/** Where both sides changed one unit: keep the present text, take the lost one, or keep both. */
export type Choice = 'ours' | 'theirs' | 'both';

/** One unit that both sides changed. */
export interface Conflict {
  readonly lost: Unit;
  readonly present: Unit;
}

export interface Mending {
  readonly path: string;
  /** What the two grew from; null when it is not known. */
  readonly base: Uint8Array | null;
  /** The version that had the units. */
  readonly lost: Uint8Array;
  /** What is on disk now; empty when nothing is. */
  readonly present: Uint8Array;
  /** The smallest units of `lost` to put back. */
  readonly fingerprints: readonly string[];
  /** What the write left that took them away; tells what is torn where it broke the file. */
  readonly cause?: Uint8Array | null;
  /** Where both sides changed one unit: keep the present text, take the lost one, or keep both. */
  readonly choose?: Choice;
}

export interface Mended {
  /** The whole new file. With conflicts: everything that needs no choice is in it. */
  readonly bytes: Uint8Array;
  readonly restored: readonly Unit[];
  /** Units of the present file that gave way to one they had been edited into, or to a choice, and what a broken write had torn. */
  readonly removed: readonly Unit[];
  /** What was asked for and stands there already. */
  readonly already: readonly Unit[];
  /** Never guessed: a person must choose. */
  readonly conflicts: readonly Conflict[];
}

export interface MendedText {
  readonly text: string;
  readonly restored: readonly Unit[];
  readonly removed: readonly Unit[];
  readonly already: readonly Unit[];
  readonly conflicts: readonly Conflict[];
}
