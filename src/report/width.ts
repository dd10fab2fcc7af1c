/** How many columns text takes on a terminal, and text cut and wrapped to fit. Text without colour codes. */

const wide =
  /[\u1100-\u115f\u231a\u231b\u23e9-\u23ec\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f1e6}-\u{1f1ff}\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const nothing = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Each of these takes one column; most text is made of nothing else. */
const plain = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2190-\u22ff]*$/;

const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Columns of one line. */
export function columns(text: string): number {
  if (plain.test(text)) return text.length;
  let sum = 0;
  for (const { segment } of segments.segment(text)) sum += columnsOf(segment);
  return sum;
}

function columnsOf(grapheme: string): number {
  if (wide.test(grapheme) || grapheme.includes('\ufe0f')) return 2;
  return nothing.test(grapheme[0]!) && grapheme.length === 1 ? 0 : 1;
}

/** The text when it fits, else its beginning and `…`. */
export function cut(text: string, width: number): string {
  if (columns(text) <= width) return text;
  return `${fitting(text, width - 1).trimEnd()}…`;
}

/** Lines of at most `width` columns, broken at blanks; a word longer than a line is broken behind a `/`, or anywhere. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap(line => wrapLine(line, Math.max(2, width)));
}

function wrapLine(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = line;
  while (columns(rest) > width) {
    const end = breakIn(rest, fitting(rest, width));
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  lines.push(rest);
  return lines;
}

/** Where `text` is broken when only `most` of it fits. */
function breakIn(text: string, most: string): number {
  const blank = text[most.length] === ' ' ? most.length : most.lastIndexOf(' ');
  if (most.slice(0, Math.max(0, blank)).trim() !== '') return blank;
  const slash = most.lastIndexOf('/') + 1;
  return slash > 1 ? slash : Math.max(1, most.length);
}

/** The longest beginning that takes at most `width` columns. */
function fitting(text: string, width: number): string {
  if (plain.test(text)) return text.slice(0, width);
  let sum = 0;
  for (const { segment, index } of segments.segment(text)) {
    sum += columnsOf(segment);
    if (sum > width) return text.slice(0, index);
  }
  return text;
}
