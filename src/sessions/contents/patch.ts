/** A `structuredPatch`, forwards and backwards. It fits where every line of it stands, or it does not fit at all. */
import type { Hunk } from '../act.ts';

/** What the patch makes of a text; null when it does not fit. */
export function patched(text: string, hunks: readonly Hunk[]): string | null {
  const lines = linesOf(text);
  const made: string[] = [];
  let next = 0;
  for (const hunk of hunks) {
    const { old, fresh } = sidesOf(hunk);
    // Where nothing stood, some writers of patches name the line before and some the line itself.
    const start = old.length === 0 ? (lines.length === 0 ? 0 : hunk.oldStart) : hunk.oldStart - 1;
    if (start < next || start + old.length > lines.length) return null;
    if (old.some((line, i) => lines[start + i] !== line)) return null;
    for (; next < start; next++) made.push(lines[next]!);
    for (const line of fresh) made.push(line);
    next = start + old.length;
  }
  for (; next < lines.length; next++) made.push(lines[next]!);
  // Only the last line can be without an end.
  return made.slice(0, -1).every(line => line.endsWith('\n')) ? made.join('') : null;
}

/** The text that the patch made this one of; null when it does not fit. */
export function unpatched(text: string, hunks: readonly Hunk[]): string | null {
  return patched(text, hunks.map(reversed));
}

/** True when the patch leads from one text to the other, in the form in which patches of edits are shown. */
export function fitsShown(before: string, after: string, hunks: readonly Hunk[]): boolean {
  return patched(shown(before), hunks) === shown(after);
}

/** As clients show a text in the patch of an edit: every leading tab is two spaces. */
export function shown(text: string): string {
  return text.includes('\t') ? text.replace(/^\t+/gm, tabs => '  '.repeat(tabs.length)) : text;
}

function reversed({ oldStart, oldLines, newStart, newLines, lines }: Hunk): Hunk {
  return {
    oldStart: newStart,
    oldLines: newLines,
    newStart: oldStart,
    newLines: oldLines,
    lines: lines.map(line => (line[0] === '-' ? `+${line.slice(1)}` : line[0] === '+' ? `-${line.slice(1)}` : line)),
  };
}

function sidesOf({ lines }: Hunk): { readonly old: readonly string[]; readonly fresh: readonly string[] } {
  const old: string[] = [];
  const fresh: string[] = [];
  for (const [i, line] of lines.entries()) {
    // `\ No newline at end of file` speaks of the line before it.
    if (line[0] === '\\') continue;
    const whole = lines[i + 1]?.[0] === '\\' ? line.slice(1) : `${line.slice(1)}\n`;
    if (line[0] !== '+') old.push(whole);
    if (line[0] !== '-') fresh.push(whole);
  }
  return { old, fresh };
}

/** Each with its line end; the last one may have none. */
function linesOf(text: string): readonly string[] {
  return text === '' ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
}
