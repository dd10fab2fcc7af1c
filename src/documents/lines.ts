/**
 * Text without a format: lines, and records that are lines. Paragraphs are put together for people by `gather`: as units they would change
 * whenever one of their lines does, and a file would be all new when its first blank line comes.
 */
import type { UnitKind } from '../model.ts';
import { type Draft, nowhere } from './draft.ts';
import { firstWords, flow, trimBlanks } from './fingerprint.ts';

/** Every line that is not blank, without its line end. */
export function lineDrafts(text: string, kind: 'line' | 'record' = 'line'): readonly Draft[] {
  const drafts: Draft[] = [];
  for (const [start, end] of lineRanges(text)) {
    const line = text.slice(start, end);
    // A record is hashed as it stands: it is written once, and logs are too long for more.
    const canonical = kind === 'record' ? trimBlanks(line) : flow(line);
    if (flow(line) !== '') drafts.push(draft(kind, line, start, canonical));
  }
  return drafts;
}

function draft(kind: UnitKind, text: string, start: number, canonical: string): Draft {
  const trimmed = trimBlanks(text);
  return { kind, name: firstWords(trimmed), place: '', start, end: start + trimmed.length, canonical, spot: nowhere };
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
