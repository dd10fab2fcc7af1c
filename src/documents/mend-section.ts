/** Puts one section back as it stood, in place of what stands under its name now. */
import { compareUnits } from './compare.ts';
import { encode } from './decode.ts';
import { type Document, parseDocument, readText } from './document.ts';
import { inOneEncoding, type Mended, mend } from './mend.ts';
import { withMember } from './mend-json.ts';
import type { Choice } from './mended-text.ts';
import { type Section, sectionsOf } from './sections.ts';
import { applySplices, lineStart, withNewlines } from './splice.ts';

export interface SectionMending {
  readonly path: string;
  /** The version that had the section. */
  readonly lost: Uint8Array;
  /** What is on disk now; empty when nothing is. */
  readonly present: Uint8Array;
  /** A section of `lost`. */
  readonly section: Section;
  readonly choose?: Choice | undefined;
}

/** Null when the present file has several of that name, or when what follows the section would become part of it. */
export function mendSection({ path, lost, present, section, choose }: SectionMending): Mended | null {
  const sides = inOneEncoding(null, parseDocument(path, lost), parseDocument(path, present));
  const old =
    sides && sectionsOf(sides.lost).find(({ kind, path: at }) => kind === section.kind && at === section.path);
  const now = sides && old && whereIs(old, sides.present);
  if (now === 'many') return null;
  if (!sides || !old || !now || now.kind === 'field') {
    const fingerprints = section.units.map(unit => unit.fingerprint);
    // A field has one value, and the old one is what was asked for.
    const chosen = choose ?? (section.kind === 'field' ? 'theirs' : undefined);
    return mend({ path, base: null, lost, present, fingerprints, ...(chosen && { choose: chosen }) });
  }
  const text = old.kind === 'member' ? withMember(sides.lost, sides.present, old.keys) : withSection(sides, old, now);
  const next = text === null ? null : reread(sides.present, text);
  if (text === null || !next || !holds(sides.present, next, old, now)) return null;
  const { removed, added } = compareUnits(now.units, old.units);
  return {
    bytes: text === sides.present.text ? present : encode(text, sides.present.encoding, sides.present.bom),
    restored: added,
    removed,
    already: compareUnits(old.units, added).removed,
    conflicts: [],
  };
}

/** The section at the same path, or the only one of that name: one that was moved below another heading is still the one. */
function whereIs(old: Section, present: Document): Section | 'many' | null {
  const kin = sectionsOf(present).filter(section => section.kind === old.kind);
  const there = kin.filter(section => section.path === old.path);
  if (old.kind === 'member') return there[there.length - 1] ?? null;
  const called = there.length > 0 ? there : kin.filter(section => section.name === old.name);
  return called.length > 1 ? 'many' : (called[0] ?? null);
}

/** From the line of its heading to the end of its last line; the blank lines behind it stay. */
function withSection({ lost, present }: { lost: Document; present: Document }, old: Section, now: Section): string {
  const text = lost.text.slice(lineStart(lost.text, old.start), old.end);
  const start = lineStart(present.text, now.start);
  return applySplices(present.text, [{ start, end: now.end, text: withNewlines(text, present.newline) }]);
}

/** Nothing but the section is another one. */
function holds(before: Document, after: Document, old: Section, now: Section): boolean {
  if (after.broken !== before.broken) return false;
  const outside = before.units.filter(unit => !now.units.includes(unit));
  const { removed, added } = compareUnits([...outside, ...old.units], after.units);
  return removed.length === 0 && added.length === 0;
}

function reread(document: Document, text: string): Document {
  const { path, bytes, encoding, bom, format } = document;
  return readText(path, bytes, text, encoding, bom, format);
}
