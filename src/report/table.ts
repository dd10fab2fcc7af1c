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
  const widths = share(
    head.map((name, at) => Math.max(columns(name), ...rows.map(row => longest(row[at]!)))),
    style.width - gap * (head.length - 1),
  );
  const drawn = new Table({
    chars: noBorders,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    head: head.map((name, at) => style.dim(cut(name, widths[at]!))),
  });
  drawn.push(...rows.map(row => row.map((cell, at) => draw(cell, widths[at]!))));
  return drawn
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n');
}

function draw(cell: Cell, width: number): string {
  const { text, paint } = typeof cell === 'string' ? { text: cell, paint: (line: string) => line } : cell;
  const lines = wrap(text, width);
  const shown =
    lines.length <= mostLines ? lines : [...lines.slice(0, mostLines - 1), cut(`${lines[mostLines - 1]} …`, width)];
  return shown.map(paint).join('\n');
}

function longest(cell: Cell): number {
  const text = typeof cell === 'string' ? cell : cell.text;
  return Math.max(...text.split('\n').map(columns));
}

/** The widest columns give way first, all to the same width, none below the narrowest. */
function share(natural: readonly number[], room: number): readonly number[] {
  let limit = Math.max(...natural);
  const sum = () => natural.reduce((total, width) => total + Math.min(width, limit), 0);
  while (limit > narrowest && sum() > room) limit--;
  let spare = room - sum();
  return natural.map(width => {
    const given = Math.min(width, limit);
    const more = Math.max(0, Math.min(width - given, spare));
    spare -= more;
    return given + more;
  });
}
