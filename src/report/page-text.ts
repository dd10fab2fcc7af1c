/** A rule's page as a person reads it in a terminal: paragraphs fitted to its width, examples as they stand. */
import type { Style } from './style.ts';
import { visible, visibleBlock } from './visible.ts';
import { wrap } from './width.ts';

export function pageText(page: string, style: Style): string {
  const lines: string[] = [];
  for (const part of partsOf(page)) {
    if (part.kind === 'code') lines.push(...codeLines(part.lines, style));
    else if (part.kind === 'heading') lines.push(style.bold(visible(part.lines[0]!.replace(/^#+ /, ''))));
    else if (part.kind === 'table') lines.push(...part.lines.map(line => visible(line)));
    else lines.push(...textLines(part.lines, style.width));
  }
  return lines.join('\n').trimEnd().replace(/^\n+/, '');
}

interface Part {
  readonly kind: 'code' | 'heading' | 'table' | 'text';
  readonly lines: readonly string[];
}

/** Blocks of lines that belong together; an empty line is a block of its own. */
function partsOf(page: string): readonly Part[] {
  const parts: { kind: Part['kind']; lines: string[] }[] = [];
  let fence: string | null = null;
  for (const line of page.replaceAll('\r', '').split('\n')) {
    const last = parts.at(-1);
    const mark = /^(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== null) {
      if (line.trimEnd() === fence) fence = null;
      else last!.lines.push(line);
    } else if (mark !== undefined) {
      fence = mark;
      parts.push({ kind: 'code', lines: [line.slice(mark.length)] });
    } else if (/^#+ /.test(line)) parts.push({ kind: 'heading', lines: [line] });
    else if (/^\s*\|/.test(line)) {
      if (last?.kind === 'table') last.lines.push(line);
      else parts.push({ kind: 'table', lines: [line] });
    } else if (last?.kind !== 'text' || line.trim() === '' || last.lines[0]!.trim() === '' || isItem(line)) {
      parts.push({ kind: 'text', lines: [line] });
    } else last.lines.push(line);
  }
  return parts;
}

const isItem = (line: string) => /^\s*([-*+]|\d+[.)]) /.test(line);

/** The first line of a block of code is what stood behind its fence. */
function codeLines([head = '', ...lines]: readonly string[], { dim }: Style): readonly string[] {
  const title = /^story (.+)$/.exec(head)?.[1];
  const shown = lines.map(line => `    ${visibleBlock(line)}`);
  return title === undefined ? shown : [dim(`  example: ${visible(title)}`), ...shown];
}

/** One paragraph or item; of a link its text is enough. */
function textLines(lines: readonly string[], width: number): readonly string[] {
  const text = lines.map((line, at) => (at === 0 ? line.trimEnd() : line.trim())).join(' ');
  const plain = visible(text.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1').replaceAll('**', ''));
  const indent = ' '.repeat(/^\s*(?:(?:[-*+]|\d+[.)]) )?/.exec(plain)![0].length);
  const [first = '', ...rest] = wrap(plain.trimStart(), width - indent.length);
  const head = plain.slice(0, plain.length - plain.trimStart().length);
  return [`${head}${first}`, ...rest.map(line => `${indent}${line}`)];
}
