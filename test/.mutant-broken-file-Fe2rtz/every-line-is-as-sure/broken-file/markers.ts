/** What a merge leaves in a file that it could not merge. */

export interface Block {
  /** Lines, counted from 1, of its first and its last marker. */
  readonly from: number;
  readonly to: number;
  readonly sides: readonly (readonly string[])[];
}

/** Blocks of conflict markers that stand in the text itself: not indented, not in a fence. */
export function conflictsIn(text: string): readonly Block[] {
  if (!text.includes('<<<<<<<') || !text.includes('>>>>>>>')) return [];
  const blocks: Block[] = [];
  let fence: string | null = null;
  let from = 0;
  let sides: string[][] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1];
    if (from === 0 && mark) {
      if (fence === null) fence = mark;
      else if (mark.startsWith(fence)) fence = null;
    }
    if (fence !== null) continue;
    if (/^<{7}( |$)/.test(line)) [from, sides] = [i + 1, [[]]];
    else if (from > 0 && /^(={7}$|\|{7}( |$))/.test(line)) sides.push([]);
    else if (from > 0 && /^>{7}( |$)/.test(line)) {
      if (sides.length > 1) blocks.push({ from, to: i + 1, sides });
      from = 0;
    } else if (from > 0) sides.at(-1)!.push(line);
  }
  return blocks;
}

/** True when one side is what stood there before: an example in a text about merging is not. */
export function isOf(block: Block, before: string): boolean {
  const lines = new Set(before.split(/\r?\n/).map(line => line.trim()));
  const said = block.sides.map(side => side.map(line => line.trim()).filter(line => line !== ''));
  return said.some(side => side.length > 0 && side.every(line => lines.has(line)));
}
