/** Text without a format: records, paragraphs, lines. */
import type { UnitKind } from '../model.ts';
import { type Draft, nowhere } from './draft.ts';
import { firstWords, flow } from './fingerprint.ts';

/** Every line that is not blank, without its line end. */
export function lineDrafts(text: string, kind: 'line' | 'record' = 'line'): readonly Draft[] {
  const drafts: Draft[] = [];
  for (const [start, end] of lineRanges(text)) {
    const line = text.slice(start, end);
    // A record is hashed as it stands: it is written once, and logs are too long for more.
    const canonical = kind === 'record' ? line.replace(/[ \t]+$/, '') : flow(line);
    if (flow(line) !== '') drafts.push(draft(kind, line, start, canonical));
  }
  return drafts;
}

/** Runs of lines between blank lines; single lines when nothing is blank between them. */
export function textDrafts(text: string): readonly Draft[] {
  const runs: { start: number; end: number; lines: number }[] = [];
  let isOpen = false;
  for (const [start, end] of lineRanges(text)) {
    if (flow(text.slice(start, end)) === '') isOpen = false;
    else if (isOpen) {
      const last = runs[runs.length - 1]!;
      last.end = end;
      last.lines++;
    } else {
      runs.push({ start, end, lines: 1 });
      isOpen = true;
    }
  }
  if (runs.length <= 1) return lineDrafts(text);
  return runs.map(run => {
    const slice = text.slice(run.start, run.end);
    return draft(run.lines === 1 ? 'line' : 'paragraph', slice, run.start, flow(slice));
  });
}

function draft(kind: UnitKind, text: string, start: number, canonical: string): Draft {
  const trimmed = text.replace(/[ \t\f\v]+$/, '');
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
