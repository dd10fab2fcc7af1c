/** What mending gives back, before it is bytes again. */
import type { Unit } from '../model.ts';

/** Where both sides changed one unit: keep the present text, take the lost one, or keep both. */
export type Choice = 'ours' | 'theirs' | 'both';

/** One unit that both sides changed. */
export interface Conflict {
  readonly lost: Unit;
  readonly present: Unit;
}

export interface MendedText {
  readonly text: string;
  readonly restored: readonly Unit[];
  readonly removed: readonly Unit[];
  readonly already: readonly Unit[];
  readonly conflicts: readonly Conflict[];
}
