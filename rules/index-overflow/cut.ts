/** Where loading an index ends: text → offset. */

export interface Limits {
  readonly lines: number;
  readonly bytes: number;
}

/**
 * The offset at which what is loaded ends; null when all of it is. As Claude Code counts since 2.1.211: without the
 * frontmatter, without comments that are blocks, without blank lines at either end. Whole lines are cut off.
 */
export function cutOf(text: string, { lines, bytes }: Limits): number | null {
  const end = text.trimEnd().length;
  let at = bodyStart(text);
  let counted = 0;
  let size = 0;
  let hasText = false;
  while (at < end) {
    const comment = commentEnd(text, at);
    if (comment > at) {
      at = comment;
      continue;
    }
    const next = lineEnd(text, at);
    const isBlank = text.slice(at, next).trim() === '';
    if (hasText || !isBlank) {
      hasText = true;
      counted++;
      size += bytesOf(text.slice(at, Math.min(next, end)));
      // What ends a file is not counted, and a comment there is no text.
      if (counted > lines || size > bytes) return onlyComments(text, at, end) ? null : at;
    }
    at = next;
  }
  return null;
}

function onlyComments(text: string, from: number, end: number): boolean {
  let at = from;
  while (at < end) {
    const comment = commentEnd(text, at);
    if (comment > at) at = comment;
    else if (text.slice(at, lineEnd(text, at)).trim() === '') at = lineEnd(text, at);
    else return false;
  }
  return true;
}

function bodyStart(text: string): number {
  return /^\uFEFF?---[ \t]*\r?\n(?:[^\n]*\n)*?---[ \t]*(?:\r?\n|$)/.exec(text)?.[0].length ?? 0;
}

const encoder = new TextEncoder();

function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

/** The offset behind the line in which a comment ends that begins at the start of this line; `at` where none does. */
function commentEnd(text: string, at: number): number {
  if (!/^ {0,3}<!--/.test(text.slice(at, at + 7))) return at;
  const close = text.indexOf('-->', at);
  if (close < 0) return at;
  const next = lineEnd(text, close);
  return text.slice(close + 3, next).trim() === '' ? next : at;
}

/** The offset behind the line end of the line that holds `at`. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}
