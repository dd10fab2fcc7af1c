/**
 * Text that keeps its words and lost its line ends, where line ends are what its reader reads it by: Markdown without lines has no headings
 * and no lists, a script without lines is one command.
 */
import { decode } from './decode.ts';
import { formatOf } from './document.ts';

/** Characters of a text that is looked at: 20 ms. */
const longest = 1_000_000;
/** Fewer headings, items and rows are no document. */
const fewest = 3;
/** So many of a hundred characters must still stand, in their order and line by line: the same write may change words as well. */
const share = 75;

const startsBlock = /^\s*(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|\||>|```|~~~)/;
const isByLines = /\.(?:ya?ml|toml|sh|bash|zsh|fish|py)$/i;

/** How many headings, items, rows or lines of code no longer begin a line; 0 when the text still has its lines, or is another one. */
export function flattenedIn(path: string, before: Uint8Array, after: Uint8Array): number {
  const isMarkdown = formatOf(path) === 'markdown';
  if ((!isMarkdown && !isByLines.test(path)) || Math.max(before.length, after.length) > longest) return 0;
  if (lineEndsIn(after) * 2 > lineEndsIn(before)) return 0;
  const [old, young] = [decode(before)?.text ?? '', decode(after)?.text ?? ''];
  const [lines, left] = [solidLines(old), solidLines(young)];
  if (lines.length < fewest + 1 || left.length * 2 > lines.length) return 0;
  const starts = (all: readonly string[]) => all.filter(line => !isMarkdown || startsBlock.test(line)).length;
  const [had, has] = [starts(lines), starts(left)];
  if (had < fewest || has * 2 > had) return 0;
  const said = wordsAlone(young, old);
  let [from, found, missing] = [0, 0, 0];
  const all = wordsAlone(old, old).length;
  for (const line of lines) {
    const words = line.replace(/\s+/g, '');
    const at = said.indexOf(words, from);
    if (at < 0) missing += words.length;
    else {
      found += words.length;
      from = at + words.length;
    }
    if (missing * 100 > all * (100 - share)) return 0;
  }
  return found * 100 >= all * share ? had - has : 0;
}

/** True when nothing but line ends and blanks went. */
export function isOnlyFlattened(before: Uint8Array, after: Uint8Array): boolean {
  const [old, young] = [decode(before)?.text ?? '', decode(after)?.text ?? ''];
  return wordsAlone(old, old) === wordsAlone(young, old);
}

function lineEndsIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

function solidLines(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/).filter(line => line.trim() !== '');
}

/** Without blanks; and without `\n` in two characters where the text before had none: a program wrote the text as it spells it. */
function wordsAlone(text: string, old: string): string {
  const isSpelled = text !== old && /\\n/.test(text) && !/\\n/.test(old);
  const plain = isSpelled
    ? text
        .replace(/\\[rnt]/g, ' ')
        .replace(/\\(["\\])/g, '$1')
        .replace(/^\s*"|"\s*$/g, '')
    : text;
  return plain.replace(/\s+/g, '');
}
