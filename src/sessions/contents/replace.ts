/** What an edit says it replaced, forwards and backwards. */
import type { RawAct } from '../act.ts';

export type Edits = NonNullable<RawAct['edits']>;

/** What the edits make of a text; null when one of them cannot have been made there. */
export function edited(text: string, edits: Edits): string | null {
  let now: string | null = text;
  for (const edit of edits) {
    now = editedOnce(now, edit);
    if (now === null) return null;
  }
  return now;
}

/** The only text of which the edits make this one; null when there is none, or there may be several. */
export function unedited(text: string, edits: Edits): string | null {
  let now = text;
  for (const { old, new: fresh } of edits.toReversed()) {
    if (fresh === '' || occurrences(now, fresh) !== 1) return null;
    const at = now.indexOf(fresh);
    now = now.slice(0, at) + old + now.slice(at + fresh.length);
  }
  return edited(now, edits) === text ? now : null;
}

function editedOnce(text: string, { old, new: fresh, all }: Edits[number]): string | null {
  // An edit of nothing makes a file, or fills one that is empty.
  if (old === '') return text.trim() === '' ? fresh : null;
  const count = occurrences(text, old);
  // The tool refuses what it does not find, and what stands there more than once.
  if (count === 0 || (count > 1 && !all)) return null;
  // What goes without anything in its place takes the end of its line with it.
  const taken = fresh === '' && !old.endsWith('\n') && text.includes(`${old}\n`) ? `${old}\n` : old;
  return all ? text.replaceAll(taken, () => fresh) : text.replace(taken, () => fresh);
}

/** Those that overlap count too. */
function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) count++;
  return count;
}
