/** Text inside Markdown that stands for itself, and that a person can still read as it is. */
import { visible } from './visible.ts';

/**
 * Escapes what Markdown would obey in the middle of a line, and nothing else: `snake_case`, `a < b` and `C:\x` stay as they
 * are. Never the first thing of a line.
 */
export function escaped(text: string): string {
  return text
    .replace(/\\(?=[!-/:-@[-`{-~])/g, '\\\\')
    .replace(/[`*[\]~]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/<(?=[A-Za-z/!?])|&(?=#|[A-Za-z][A-Za-z0-9]*;)/g, '\\$&');
}

/** A fence longer than any inside. */
export function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}\n${text}\n${fence}`;
}

export function code(text: string): string {
  const shown = visible(text);
  const ticks = '`'.repeat(longestRun(shown) + 1);
  const isPlain = !/^[ `]|[ `]$/.test(shown) && shown !== '';
  return isPlain ? `${ticks}${shown}${ticks}` : `${ticks} ${shown} ${ticks}`;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [ticks] of text.matchAll(/`+/g)) longest = Math.max(longest, ticks.length);
  return longest;
}
