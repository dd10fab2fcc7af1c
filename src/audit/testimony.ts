/** What records say of a write: asked by an audit, answered by `sessions/`. */
import type { Edit, Time, Version, Writer } from '../model.ts';
import type { Sight } from '../rule.ts';

export interface Testimony {
  /** Who wrote a version; null where no record says. */
  writer(version: Version): Promise<Writer | null>;
  /** What the writer of `after` knew of the path when it wrote; null where no record tells of that write. */
  knowledge(edit: Edit): Promise<Knowledge | null>;
  /** True when the record of the second one's write says that exactly the first stood there before it. Left out: never. */
  isBase?(before: Version, after: Version): Promise<boolean>;
  /** What that writer last knew of that path at that moment. */
  seen(writer: Writer, path: string, at: Time): Promise<Sight | null>;
  /** Changes whenever an answer about that path may change. */
  signature(place: { readonly root: string; readonly path: string }): string;
}

/** What one writer knew when it wrote. */
export interface Knowledge {
  readonly writer: Writer;
  /** True when the write took away only what it named itself (an edit, `sed`): then all of that was meant. */
  readonly isPiecemeal: boolean;
  /**
   * The content it last had as a whole, and since when; null when no record says that it ever had one. `asked`: it read or wrote
   * it; `given`: its client put it before it; `start`: unasked, as it began or was taken up again.
   */
  readonly sight: (Sight & { readonly how: 'asked' | 'given' | 'start'; readonly at?: Time }) | null;
  /** True when it read the file later than that, or only then, and what it read is not known. */
  readonly isUnclear: boolean;
  /** When it began; what was written later it can only have met in its transcript. */
  readonly began: Time;
  /** True when its transcript also holds what the client put before it at its start. */
  readonly hasStart: boolean;
  /**
   * True when what stood there before is only supposed: no record holds it and nothing agrees, or the record of the write
   * says that something else stood there. Left out: false.
   */
  readonly isSupposed?: boolean;
  /**
   * For each text: does it stand in the transcript before the write? `asked`: what its client put before it unasked does not
   * count. Null: the transcript is gone.
   */
  hadText(texts: readonly string[], how?: 'asked'): Promise<readonly boolean[] | null>;
  /**
   * Why its client may have put before it, without recording that, what was written at `since`; null when that is not so. Left
   * out: never.
   */
  unrecorded?(since: Time): Promise<string | null>;
}
