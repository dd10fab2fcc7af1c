/** A unified diff for a terminal. */
import { jsonText } from './json-text.ts';
import type { Style } from './style.ts';
import { visibleBlock } from './visible.ts';

/** The text of the diff stays as it is but for control characters, which are shown. */
export function coloredDiff(diff: string, style: Style): string {
  return diff
    .split('\n')
    .map(line => paint(visibleBlock(line), style))
    .join('\n');
}

function paint(line: string, style: Style): string {
  if (line.startsWith('---') || line.startsWith('+++')) return style.bold(line);
  if (line.startsWith('@@') || line.startsWith('\\')) return style.dim(line);
  if (line.startsWith('-')) return style.bad(line);
  return line.startsWith('+') ? style.good(line) : line;
}

/** @see schemas/diff.schema.json */
export function diffJson(before: string, after: string, diff: string): string {
  return `${jsonText({ format: 1, before, after, diff }, 2)}\n`;
}
