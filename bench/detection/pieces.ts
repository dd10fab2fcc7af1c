/**
 * A Markdown text as pieces with a history of their own: what the truth is told in. Cut by lines, without the parser that
 * is judged.
 */

export type PieceKind = 'heading' | 'item' | 'row' | 'text' | 'fixed';

export interface Piece {
  readonly id: number;
  readonly kind: PieceKind;
  readonly text: string;
  /** True when a blank line stands before it. */
  readonly apart: boolean;
  /** Ids of the pieces whose meaning it holds: those it was edited from, or was folded out of. */
  readonly from: ReadonlySet<number>;
}

export type Made = Omit<Piece, 'id' | 'from'>;

const item = /^(?:[-*+]|\d+[.)])\s+\S/;
const fence = /^\s*(```|~~~)/;

/** Frontmatter, code, heads of tables and comments are `fixed`: nobody touches them here. */
export function cut(text: string): readonly Made[] {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n');
  const made: Made[] = [];
  let apart = false;
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]!;
    if (line.trim() === '') {
      apart = true;
      i++;
      continue;
    }
    const [kind, end] = oneFrom(lines, i);
    made.push({ kind, text: lines.slice(i, end).join('\n'), apart });
    apart = false;
    i = end;
  }
  return made;
}

function oneFrom(lines: readonly string[], at: number): readonly [PieceKind, number] {
  const line = lines[at]!;
  const until = (isEnd: (line: string, i: number) => boolean): number => {
    let end = at + 1;
    while (end < lines.length && !isEnd(lines[end]!, end)) end++;
    return end;
  };
  if (at === 0 && line === '---') return ['fixed', Math.min(lines.length, until(other => other === '---') + 1)];
  if (fence.test(line)) {
    const mark = fence.exec(line)![1]!;
    return ['fixed', Math.min(lines.length, until(other => other.trim().startsWith(mark)) + 1)];
  }
  if (line.trim().startsWith('<!--')) {
    return ['fixed', line.includes('-->') ? at + 1 : Math.min(lines.length, until(other => other.includes('-->')) + 1)];
  }
  if (/^#{1,6}\s/.test(line)) return ['heading', at + 1];
  if (item.test(line)) {
    // What is indented below belongs to it, over a blank line too.
    const end = until((other, i) => {
      if (other.trim() === '') return !/^\s{2,}\S/.test(lines[i + 1] ?? '');
      return !/^\s/.test(other) || fence.test(other.trim());
    });
    return ['item', end];
  }
  if (line.startsWith('|')) return /^\|[\s:|-]+\|?$/.test(lines[at + 1] ?? '') ? ['fixed', at + 2] : ['row', at + 1];
  return [
    'text',
    until(other => other.trim() === '' || item.test(other) || /^(#{1,6}\s|\|)/.test(other) || fence.test(other)),
  ];
}

export interface Rendered {
  readonly text: string;
  /** Where each piece stands in it, end exclusive. */
  readonly places: readonly { readonly piece: Piece; readonly start: number; readonly end: number }[];
}

export function render(pieces: readonly Piece[]): Rendered {
  const places: { piece: Piece; start: number; end: number }[] = [];
  let text = '';
  for (const [i, piece] of pieces.entries()) {
    const before = pieces[i - 1];
    const isBlank = before && (piece.apart || needsBlank(before, piece));
    if (isBlank) text += '\n';
    places.push({ piece, start: text.length, end: text.length + piece.text.length });
    text += `${piece.text}\n`;
  }
  return { text, places };
}

/** Without a blank line these two would be one. */
function needsBlank(before: Piece, piece: Piece): boolean {
  if (piece.kind === 'heading' || before.kind === 'heading') return true;
  if (piece.kind === 'row') return before.kind !== 'row' && !before.text.startsWith('|');
  return piece.kind !== before.kind || piece.kind === 'text';
}

/** The places of a section: its heading and all below it, deeper headings too. */
export function sectionAt(pieces: readonly Piece[], at: number): readonly [number, number] {
  const depth = depthOf(pieces[at]!);
  let end = at + 1;
  while (end < pieces.length && !(pieces[end]!.kind === 'heading' && depthOf(pieces[end]!) <= depth)) end++;
  return [at, end];
}

export function depthOf({ text }: Piece): number {
  return /^#*/.exec(text)![0].length;
}
