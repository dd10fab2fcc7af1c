/** From the content before an act to the one after it, and back. */
import type { RawAct } from '../act.ts';
import { fitsShown, patched, shown, unpatched } from './patch.ts';
import { edited, unedited } from './replace.ts';
import { differOnlyInStamps, withFrontMatterOf } from './stamps.ts';

export interface Made {
  readonly text: string;
  /** True when the patch of the record leads from one content to the other. */
  readonly isChecked: boolean;
}

/**
 * What an edit leaves where `before` stood; null when it cannot have been made there. The patch tells it exactly when it
 * fits as it is; where tabs are shown as spaces it only checks what replacing gives, but for the front matter, which the
 * client may stamp.
 */
export function madeOf({ kind, edits, patch }: RawAct, before: string): Made | null {
  // What a shell appends comes behind what is there, whatever that ends with.
  if (kind === 'shell') return edits ? { text: before + addedBy(edits), isChecked: false } : null;
  const replaced = edits ? edited(before, edits) : null;
  if (!patch || patch.length === 0) return replaced === null ? null : { text: replaced, isChecked: false };
  if (replaced !== null && fitsShown(before, replaced, patch)) return { text: replaced, isChecked: true };
  const exact = patched(before, patch);
  if (exact !== null) {
    const agrees = replaced === null ? !edits : differOnlyInStamps(exact, replaced);
    return { text: exact, isChecked: agrees };
  }
  const asShown = patched(shown(before), patch);
  if (replaced === null || asShown === null) return null;
  const stamped = withFrontMatterOf(replaced, asShown);
  return fitsShown(before, stamped, patch) ? { text: stamped, isChecked: true } : null;
}

/** The only content that the act can have been made on when it left `after`; null when it does not tell. */
export function madeFrom(act: RawAct, after: string): string | null {
  const { edits, patch, kind } = act;
  if (patch && patch.length > 0) {
    const exact = unpatched(after, patch);
    if (exact !== null && (kind === 'write' || leadsTo(act, exact, after))) return exact;
  }
  if (kind === 'shell' && edits) {
    const added = addedBy(edits);
    return added !== '' && after.endsWith(added) ? after.slice(0, after.length - added.length) : null;
  }
  if (kind === 'write' || !edits) return null;
  const before = unedited(after, edits);
  return before !== null && leadsTo(act, before, after) ? before : null;
}

/** Lines that were taken away may be shown with spaces for their tabs: then what the edit replaced is not found there. */
function leadsTo(act: RawAct, before: string, after: string): boolean {
  const made = madeOf(act, before);
  return made?.text === after && (made.isChecked || !act.patch || act.patch.length === 0);
}

function addedBy(edits: NonNullable<RawAct['edits']>): string {
  return edits.map(edit => edit.new).join('');
}
