/** What a parser says of a file, before it becomes a document. */
import type { UnitKind } from '../model.ts';

/** Where a unit stands among the others: what mending needs to put one like it beside it. Numbers are indexes of units. */
export interface Spot {
  /** The heading it stands under; for a heading, the one above it in rank. -1: none. */
  readonly section: number;
  /** Rank of a heading (1–6), nesting of a list item (1 is outermost), else 0. */
  readonly level: number;
  /** Equal for the items of one list with all that is nested in it, the rows of one table, the fields of one frontmatter. -1: none. */
  readonly group: number;
  /** The list item it is nested in; -1: none. */
  readonly parent: number;
}

/** A unit before it has a fingerprint. */
export interface Draft {
  readonly kind: UnitKind;
  readonly name: string;
  readonly place: string;
  readonly start: number;
  readonly end: number;
  /** What the fingerprint is made from. */
  readonly canonical: string;
  readonly spot: Spot;
  /** The fingerprint, where it is known already; that of bare bytes is another. */
  readonly print?: string;
}

export interface Parsed {
  readonly drafts: readonly Draft[];
  /** Why it is none of its format; the caller then reads it as lines. */
  readonly broken: string | null;
}

export const nowhere: Spot = { section: -1, level: 0, group: -1, parent: -1 };
