/** A unified diff for a terminal. */
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
