/** How a JSON file is laid out: indentation, blanks, line ends; and text of another file, laid out so. */

import type { Source } from './elements.ts';
import { childrenOf, endOf } from './json-tree.ts';
import { lineStart, type Splice, withNewlines } from './splice.ts';

/** What text is put into. */
export interface Target extends Source {
  readonly newline: string;
}

export function insertion(at: number, text: string): Splice {
  return { start: at, end: at, text };
}

export function hasLineEnd(text: string, from: number, to: number): boolean {
  return /[\r\n]/.test(text.slice(from, to));
}

export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))![0];
}

/** One step of indentation, as the first of the files that has one does it. */
export function indentUnit(...files: readonly Source[]): string {
  for (const { text, tree } of files) {
    const first = childrenOf(tree)[0];
    if (first && hasLineEnd(text, tree.offset, first.offset)) return indentAt(text, first.offset) || '  ';
  }
  return '  ';
}

/**
 * Text that stood at `origin` in the lost file, as the present one would write it: with its indentation, and in a file that is one line
 * with its blanks.
 */
export function inStyle(text: string, origin: number, indent: string, source: Source, target: Target): string {
  if (isOneLine(target) && !hasComment(text)) return respaced(text, gapsOf(target, source));
  const steps = { from: indentUnit(source, target), to: indentUnit(target, source) };
  return moved(text, indentAt(source.text, origin), indent, target.newline, steps);
}

/** Whether the file shows by its members that it is meant to be one line. */
export function isOneLine({ text, tree }: Source): boolean {
  return childrenOf(tree).length > 0 && !hasLineEnd(text, tree.offset, endOf(tree));
}

function hasComment(text: string): boolean {
  return /\/[/*]/.test(text.replace(/"(?:[^"\\\n\r]|\\.)*"/g, '""'));
}

/** What a file has behind its colons and commas and inside its brackets: nothing, or a blank. */
interface Gaps {
  readonly colon: string;
  readonly comma: string;
  readonly bracket: string;
}

/** A string, or a sign with the blanks behind it. */
const tokens = /"(?:[^"\\\n\r]|\\.)*"|[[{:,][ \t\r\n]*/g;

/** As the file mostly does it; what it never does, as the other one does. */
export function gapsOf(...files: readonly Source[]): Gaps {
  const found = files.map(({ text, tree }) => text.slice(tree.offset, endOf(tree)).match(tokens) ?? []);
  const habit = (signs: string, inFiles = found): string | null => {
    for (const all of inFiles) {
      const some = all.filter(token => signs.includes(token[0]!));
      if (some.length > 0) return some.filter(token => token.length > 1).length * 2 > some.length ? ' ' : '';
    }
    return null;
  };
  // Where no comma stands yet, a colon of the same file tells more than a comma of another.
  const comma = found.map(all => habit(',', [all]) ?? habit(':', [all])).find(gap => gap !== null);
  return { colon: habit(':') ?? ' ', comma: comma ?? ' ', bracket: habit('[{') ?? '' };
}

/** The same text in one line. */
function respaced(text: string, { colon, comma, bracket }: Gaps): string {
  const behind: Record<string, string> = { ':': colon, ',': comma, '[': bracket, '{': bracket };
  const all = /"(?:[^"\\\n\r]|\\.)*"|[[{][ \t\r\n]*[\]}]|[ \t\r\n]*[[{\]}:,][ \t\r\n]*/g;
  return text.replace(all, token => {
    if (token[0] === '"') return token;
    const sign = token.replace(/[ \t\r\n]+/g, '');
    if (sign.length > 1) return sign;
    return sign === ']' || sign === '}' ? bracket + sign : sign + behind[sign]!;
  });
}

/** With another indentation; and, where two files differ in it, with another step of indentation. */
export function moved(text: string, from: string, to: string, newline: string, steps = { from: '', to: '' }): string {
  const isSame = steps.from === steps.to || steps.from === '';
  const stepped = (line: string): string => {
    const blanks = /^[ \t]*/.exec(line)![0];
    const depth = isSame ? 0 : blanks.length / steps.from.length;
    const isMade = depth > 0 && Number.isInteger(depth) && blanks === steps.from.repeat(depth);
    return isMade ? steps.to.repeat(depth) + line.slice(blanks.length) : line;
  };
  const lines = withNewlines(text, '\n').split('\n');
  return lines
    .map((line, index) => (index > 0 && line.startsWith(from) ? to + stepped(line.slice(from.length)) : line))
    .join(newline);
}
