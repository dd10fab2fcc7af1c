/** What is known of who read and wrote which file: the side that asks. `evidence-file.ts` keeps it. */
import type { Time } from '../model.ts';
import type { Act, Actor, SessionFacts } from './act.ts';

/** One file: the name of its root, and its path in it. */
export interface Place {
  readonly root: string;
  readonly path: string;
}

export interface Evidence {
  /** In the order in which they happened (by `at`); one for all copies of a record. */
  acts(place: Place): readonly Act[];

  /** Every place with acts. */
  paths(): Iterable<Place>;

  session(actor: Actor): SessionFacts | undefined;

  sessions(): readonly SessionFacts[];

  /** Changes whenever `acts(place)` would. */
  signature(place: Place): string;

  /**
   * For each text: does it stand in what this act's actor had in its transcript before the act? Compared are the longest
   * pieces that JSON writes as they are, of every line; a text with fewer than 8 letters or digits is never found.
   * `asked`: what the client put before it without its asking does not count.
   * Null when the transcript is gone, from the disk and from the store.
   */
  hadText(act: Act, texts: readonly string[], how?: 'asked'): Promise<readonly boolean[] | null>;

  /** True when this act's actor was prompted later than `since` and before the act; null when the transcript is gone. */
  wasPrompted(act: Act, since: Time): Promise<boolean | null>;
}
