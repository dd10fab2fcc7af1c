/** Tables without borders that fit the terminal. The door to cli-table3. */
import Table from 'cli-table3';
import type { Style } from './style.ts';
import { columns, cut, wrap } from './width.ts';

/** Text of a cell, without control characters; a colour is put on after it was fitted. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

const gap = 2;
const narrowest = 6;
/** More lines than this in one cell are cut: a table is for finding, `show` is for reading. */
const mostLines = 6;

/** Below this many columns each record is a block of its own: in a table every cell would be broken into pieces. */
const narrowestTable = 70;

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(gap),
};

/** No line is longer than `style.width` as long as six columns for each cell fit; long cells wrap. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], style: Style): string {
  if (style.width < narrowestTable && rows.length > 0) return blocks(head, rows, style);
  const widths = share(
    head.map((name, at) => [name, ...rows.map(row => textOf(row[at]!))]),
    style.width - gap * (head.length - 1),
  );
  const drawn = new Table({
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    head: head.map((name, at) => style.dim(cut(name, widths[at]!))),
  });
  for (const row of rows) drawn.push(row.map((cell, at) => draw(cell, widths[at]!)));
  return drawn
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n');
}

/** The first cell as a title, the others below it, each behind its name; empty cells are left out. */
function blocks(head: readonly string[], rows: readonly (readonly Cell[])[], style: Style): string {
  const indent = Math.max(...head.slice(1).map(columns)) + 4;
  return rows
    .map(([title = '', ...cells]) => {
      const lines = cells.flatMap((cell, at) => {
        if (textOf(cell) === '') return [];
        const name = style.dim(`  ${head[at + 1]}`.padEnd(indent));
        return draw(cell, style.width - indent)
          .split('\n')
          .map((line, row) => (row === 0 ? name : ' '.repeat(indent)) + line);
      });
      return [draw(title, style.width), ...lines].join('\n');
    })
    .join('\n\n');
}

function draw(cell: Cell, width: number): string {
  const lines = wrap(textOf(cell), width);
  const last = cut(`${lines[mostLines - 1]} …`, width);
  const shown = lines.length <= mostLines ? lines : [...lines.slice(0, mostLines - 1), last];
  return (typeof cell === 'string' ? shown : shown.map(cell.paint)).join('\n');
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** The widest columns give way first, all to the same width; words and folder names stay whole as long as there is room. */
function share(texts: readonly (readonly string[])[], room: number): readonly number[] {
  const natural = texts.map(cells => longest(cells, /\n/));
  const whole = texts.map(cells => longest(cells, /\s|(?<=\/)/));
  const least = shrink(room, limit => whole.map(width => Math.min(width, limit)), Math.max(...whole));
  const widths = shrink(
    room,
    limit => natural.map((width, column) => Math.min(width, Math.max(limit, least[column]!))),
    Math.max(...natural),
  );
  return withSpare(widths, natural, room);
}

/** The widths at the largest limit that fits. */
function shrink(room: number, at: (limit: number) => readonly number[], most: number): readonly number[] {
  let limit = most;
  while (limit > narrowest && sum(at(limit)) > room) limit--;
  return at(limit);
}

/** What rounding left over goes to the first columns that can use it. */
function withSpare(widths: readonly number[], natural: readonly number[], room: number): readonly number[] {
  let spare = Math.max(0, room - sum(widths));
  return widths.map((width, column) => {
    const more = Math.min(natural[column]! - width, spare);
    spare -= more;
    return width + more;
  });
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0);
}

function longest(texts: readonly string[], ends: RegExp): number {
  let most = 0;
  for (const text of texts) for (const part of text.split(ends)) most = Math.max(most, columns(part));
  return most;
}
