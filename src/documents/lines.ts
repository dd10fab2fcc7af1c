/**
 * Text without a format: lines, and records that are lines. Paragraphs are put together for people by `gather`: as units they would change
 * whenever one of their lines does, and a file would be all new when its first blank line comes.
 */
import type { UnitKind } from '../model.ts';
import { type Draft, nowhere } from './draft.ts';
import { firstWords, flow, trimBlanks } from './fingerprint.ts';
import { lineStart } from './splice.ts';

/** Every line that is not blank, without its line end; null when there are more than `most`. */
export function lineDrafts(text: string, most: number, kind: 'line' | 'record' = 'line'): readonly Draft[] | null {
  const drafts: Draft[] = [];
  // From one character that is not blank to the next: millions of blank lines cost nothing.
  const solid = /[^ \t\r\n\f\v]/g;
  const ends = /[\r\n]/g;
  for (let match = solid.exec(text); match; match = solid.exec(text)) {
    if (drafts.length === most) return null;
    ends.lastIndex = match.index;
    const end = ends.exec(text)?.index ?? text.length;
    const start = lineStart(text, match.index);
    drafts.push(draft(kind, trimBlanks(text.slice(start, end)), start));
    solid.lastIndex = end;
  }
  return drafts;
}

function draft(kind: UnitKind, line: string, start: number): Draft {
  // A record is hashed as it stands: it is written once, and logs are too long for more.
  const canonical = kind === 'record' ? line : flow(line);
  return { kind, name: firstWords(line), place: '', start, end: start + line.length, canonical, spot: nowhere };
}

/** Lines with their `\n`, so that what is joined again is what was split. */
export function linesWithEnds(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    lines.push(text.slice(start, end + 1));
    start = end + 1;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}

/** Start and end of every line, line ends left out; `\r\n`, `\n` and a lone `\r` end a line. */
export function* lineRanges(text: string, from = 0): Generator<readonly [number, number]> {
  const ends = /\r\n|\n|\r/g;
  ends.lastIndex = from;
  let start = from;
  for (let match = ends.exec(text); match; match = ends.exec(text)) {
    yield [start, match.index];
    start = ends.lastIndex;
  }
  if (start < text.length) yield [start, text.length];
}
