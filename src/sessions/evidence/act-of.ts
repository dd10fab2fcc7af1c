/** An act without its texts: names of contents, and fingerprints of lines. */
import type { Act, KnownContent, RawAct } from '../act.ts';
import { blobOf } from '../blob-of.ts';
import type { Content, ToldAct } from '../contents/reconstruct.ts';
import { lineMarks } from './line-mark.ts';

/** `told` is what is known of its contents; of what is forgotten nothing but that it happened is kept. */
export function actOf(raw: RawAct, told: ToldAct | undefined, isForgotten: boolean): Act {
  const {
    before: _,
    after,
    edits: _e,
    patch: _p,
    firstLine: _f,
    isTrimmed: _t,
    isCopy: _c,
    isUnchanged: _u,
    ...rest
  } = raw;
  const facts = rest satisfies Omit<Act, 'before' | 'after'>;
  if (isForgotten) return { ...facts, before: null, after: null };
  const known = { before: nameOf(told?.before), after: nameOf(told?.after) };
  const isNew = told?.before === null ? { isNew: true } : {};
  // A piece, or a copy that fits nothing that is known, is told by its lines.
  const isPiece = raw.kind === 'part' || ((raw.kind === 'given' || raw.kind === 'read') && known.after === null);
  const lines = isPiece && after !== undefined ? { lines: lineMarks(after) } : {};
  return { ...facts, ...known, ...isNew, ...lines };
}

function nameOf(content: Content | null | undefined): KnownContent | null {
  if (!content) return null;
  const { text, tier, isValidated } = content;
  return { blob: blobOf(text), size: Buffer.byteLength(text), tier, isValidated };
}
