/**
 * Door to micromark and mdast: the blocks of Markdown as CommonMark (and GitHub's tables) see them.
 *
 * Parsing is cut at places where CommonMark starts afresh whatever stood before: an unindented line after a blank one that is
 * no list marker, outside fences and HTML that reach over blank lines. What a cut holds depends on its own text alone, so
 * it is remembered: the versions of one file share most of it. Plain paragraphs, headings and one-line items, which are nearly all,
 * are told by their first characters; everything else goes to micromark.
 */
import type { ListItem, Nodes, RootContent, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import type { UnitKind } from '../model.ts';
import type { Draft, Spot } from './draft.ts';
import { fingerprint, firstWords, flow, trimBlanks, verbatim } from './fingerprint.ts';
import { deepestBlock, longestHeading, mostBlockWork, mostUnits, TooMuch } from './limits.ts';
import { lineRanges } from './lines.ts';
import { afterLineEnd } from './splice.ts';
import { fieldsOf } from './yaml.ts';

/** A unit within a cut: offsets from the start of the cut, group and parent counted from its first. */
export interface Piece {
  readonly kind: UnitKind;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly canonical: string;
  readonly level: number;
  readonly group: number;
  readonly parent: number;
}

/** What stands in one cut, or in the frontmatter: the same object wherever the same text was read not long ago. */
export interface Part {
  readonly pieces: readonly Piece[];
  /** Fingerprints of the pieces, of text that is no bare bytes. */
  readonly prints: readonly string[];
}

/** A text that was cut and read, but whose units were not made yet: most are never asked for. */
export interface Cuttings {
  readonly parts: readonly Part[];
  readonly count: number;
  drafts(): readonly Draft[];
}

/**
 * Leaf units in order of the file: fields, headings, blocks, list items each without the items nested in it, table rows.
 * A string says why it is no Markdown.
 * @throws TooMuch
 */
export function readMarkdown(text: string): Cuttings | string {
  const front = frontmatterOf(text);
  if (front === 'unclosed') return 'the frontmatter is not closed';
  const parts: Part[] = [];
  const offsets: number[] = [];
  let count = 0;
  const add = (offset: number, part: Part): void => {
    offsets.push(offset);
    parts.push(part);
    count += part.pieces.length;
  };
  if (front) add(front.start, frontPart(text.slice(front.start, front.end)));
  cutUp(text, front?.after ?? 0, (offset, part) => {
    if (count > mostUnits) throw new TooMuch(`more than ${mostUnits.toLocaleString('en')} blocks`);
    add(offset, part);
  });
  return { parts, count, drafts: () => draftsOf(parts, offsets, front !== null) };
}

function draftsOf(parts: readonly Part[], offsets: readonly number[], hasFront: boolean): readonly Draft[] {
  const drafts: Draft[] = [];
  let groups = 0;
  const above: { index: number; level: number; name: string }[] = [];
  let place = '';
  for (const [number, { pieces, prints }] of parts.entries()) {
    const isFront = hasFront && number === 0;
    const offset = offsets[number]!;
    const first = drafts.length;
    let highest = isFront ? 0 : -1;
    for (const [at, piece] of pieces.entries()) {
      const { kind, name, canonical, level } = piece;
      if (kind === 'section') {
        while (above.length > 0 && above[above.length - 1]!.level >= level) above.pop();
        place = above.map(heading => heading.name).join(' > ');
      }
      const spot: Spot = {
        section: above[above.length - 1]?.index ?? -1,
        level,
        group: piece.group < 0 ? -1 : groups + piece.group,
        parent: piece.parent < 0 ? -1 : first + piece.parent,
      };
      highest = Math.max(highest, piece.group);
      drafts.push({
        kind,
        name,
        place: isFront ? 'frontmatter' : place,
        start: offset + piece.start,
        end: offset + piece.end,
        canonical,
        spot,
        print: prints[at]!,
      });
      if (kind !== 'section') continue;
      above.push({ index: drafts.length - 1, level, name });
      place = place === '' ? name : `${place} > ${name}`;
    }
    groups += highest + 1;
  }
  return drafts;
}

function frontPart(text: string): Part {
  const known = fronts.get(text);
  if (known) return known;
  const own = ownCopy(text);
  const pieces = fieldsOf(own).map(
    ({ key, start, end, canonical }): Piece => ({
      kind: 'field',
      name: key,
      start,
      end,
      canonical,
      level: 0,
      group: 0,
      parent: -1,
    }),
  );
  return remember(fronts, own, partOf(pieces));
}

function partOf(pieces: readonly Piece[]): Part {
  return { pieces, prints: pieces.map(({ kind, canonical }) => fingerprint(kind, canonical)) };
}

/** The lines between the fences at the very start; `after` is the offset of the line after the closing fence. */
export function frontmatterOf(text: string): { start: number; end: number; after: number } | 'unclosed' | null {
  const opening = /^---[ \t]*(?:\r\n|\n|\r)/.exec(text);
  if (!opening) return null;
  const closing = /^---[ \t]*(?:\r\n|\n|\r|$)/gm;
  closing.lastIndex = opening[0].length;
  const match = closing.exec(text);
  if (match && /[\r\n]/.test(text[match.index - 1]!)) {
    return { start: opening[0].length, end: match.index, after: match.index + match[0].length };
  }
  // A first line of dashes with no partner is a rule, unless a field follows it.
  return /^[A-Za-z_][\w.-]*:(?:[ \t]|[\r\n]|$)/.test(text.slice(opening[0].length, opening[0].length + 200))
    ? 'unclosed'
    : null;
}

/** Where the text after the frontmatter begins. */
export function bodyStart(text: string): number {
  const front = frontmatterOf(text);
  return front && front !== 'unclosed' ? front.after : 0;
}

/** What may hide a blank line from its surroundings. */
const mayReachOver = /`{3}|~{3}|<(?:[!?]|script|pre|style|textarea)/i;

function cutUp(text: string, from: number, found: (offset: number, part: Part) => void): void {
  const starts = safeStarts(text, from);
  const fences = fencesOf(text);
  const work = { left: mostBlockWork };
  let at = 0;
  let start = starts[0] ?? text.length;
  while (start < text.length) {
    const fenceEnd = fences.endOf(start);
    if (fenceEnd > 0) {
      found(start, fencePart(text.slice(start, fenceEnd)));
      start = nextText(text, fenceEnd);
      continue;
    }
    while (at < starts.length && starts[at]! <= start) at++;
    for (let count = 0; ; count = count * 2 + 1) {
      const end = starts[at + count] ?? text.length;
      const part = partIn(text.slice(start, end), end === text.length, work);
      if (!part) continue;
      found(start, part);
      start = end;
      break;
    }
  }
}

interface Fences {
  /** Offset of the end of the unindented fence that opens at `start`, closed or open to the end of the text; 0 when none does. */
  endOf(start: number): number;
}

function fencesOf(text: string): Fences {
  // The shortest fence of each kind that was looked for in vain: no longer one need be looked for further on.
  const missing: Record<string, number> = { '`': Number.POSITIVE_INFINITY, '~': Number.POSITIVE_INFINITY };
  const closingOf = (sign: string, length: number, from: number): number => {
    if (length >= missing[sign]!) return 0;
    const closing = new RegExp(`^ {0,3}${sign}{${length},}[ \\t]*$`, 'gm');
    closing.lastIndex = from;
    const found = closing.exec(text);
    if (found) return found.index + trimBlanks(found[0]).length;
    missing[sign] = length;
    return 0;
  };
  return {
    endOf: start => {
      const opening = /(`{3,})[^`\r\n]*$|(~{3,})[^\r\n]*$/my;
      opening.lastIndex = start;
      const match = opening.exec(text);
      if (!match) return 0;
      const fence = (match[1] ?? match[2])!;
      const closed = closingOf(fence[0]!, fence.length, afterLineEnd(text, opening.lastIndex));
      return closed > 0 ? closed : start + trimBlanks(text.slice(start)).length;
    },
  };
}

/** Offset of the first line after `offset` that is not blank. */
function nextText(text: string, offset: number): number {
  for (const [start, end] of lineRanges(text, offset)) {
    if (start > offset && trimBlanks(text.slice(start, end)) !== '') return start;
  }
  return text.length;
}

/**
 * Offsets of lines where a block may start afresh: after a heading every line does, after a blank line those that no list can claim, and an
 * unindented fence does anywhere but in HTML.
 */
function safeStarts(text: string, from: number): readonly number[] {
  const starts: number[] = [];
  let before: 'heading' | 'blank' | 'text' = 'heading';
  let mayBeHtml = false;
  for (const [start, end] of lineRanges(text, from)) {
    const line = text.slice(start, end);
    if (trimBlanks(line) === '') {
      if (before === 'text') before = 'blank';
      mayBeHtml = false;
      continue;
    }
    const isFresh: boolean = before === 'heading' || (before === 'blank' && !/^[ \t\-*+0-9]/.test(line));
    const isStart: boolean = isFresh || (!mayBeHtml && /^(?:`{3}|~{3})/.test(line));
    if (isStart) starts.push(start);
    mayBeHtml ||= /^ {0,3}</.test(line);
    before = isStart && atx.test(line) ? 'heading' : 'text';
  }
  return starts;
}

const atx = /^#{1,6}[ \t]+[^ \t#\r\n]/;

/** Null when the cut ends inside a fence or HTML that reaches over its end. */
function partIn(text: string, isLast: boolean, work: { left: number }): Part | null {
  const cut = cuts.get(text) ?? readCut(text);
  // Also for what is remembered: the same text must be read in the same way every time.
  work.left -= cut.work;
  if (work.left < 0) throw new TooMuch('lists, tables or quotes too long or too involved');
  return isLast || !cut.mayReachOver ? cut.part() : cut.probed();
}

/** A cut as it was read. */
interface Cut {
  /** What it took a parser, and takes again whenever it stands in a text. */
  readonly work: number;
  readonly mayReachOver: boolean;
  part(): Part;
  probed(): Part | null;
}

function readCut(text: string): Cut {
  const own = ownCopy(text);
  const plain = plainPieces(own) ?? plainTable(own);
  if (plain) {
    const part = partOf(plain);
    return remember(cuts, own, { work: 0, mayReachOver: false, part: () => part, probed: () => part });
  }
  let part: Part | null = null;
  let probed: Part | null | undefined;
  return remember(cuts, own, {
    work: workOf(own),
    mayReachOver: mayReachOver.test(own),
    part: () => {
      part ??= partOf(parseCut(own, false)!);
      return part;
    },
    probed: () => {
      if (probed !== undefined) return probed;
      const pieces = parseCut(own, true);
      probed = pieces && partOf(pieces);
      return probed;
    },
  });
}

function fencePart(text: string): Part {
  const known = fenced.get(text);
  if (known) return known;
  const own = ownCopy(text);
  return remember(fenced, own, partOf([blockPiece(own, 0, own.length, true)]));
}

/** Bounded: forget everything when they are full, which costs one parse. */
const cuts = new Map<string, Cut>();
const fenced = new Map<string, Part>();
const fronts = new Map<string, Part>();
const mostRemembered = 8_000_000;
let remembered = 0;

function remember<T>(memory: Map<string, T>, text: string, value: T): T {
  remembered += text.length + 200;
  if (remembered > mostRemembered) {
    for (const each of [cuts, fenced, fronts]) each.clear();
    remembered = text.length;
  }
  memory.set(text, value);
  return value;
}

/** A piece of a text would else keep all of it in memory. */
function ownCopy(text: string): string {
  return ` ${text}`.slice(1);
}

/** First characters that can only begin a paragraph, and of these those that may also begin an item. */
const plainStart = /^(?:["'(A-Za-z\u0080-\uffff]|\*\*[A-Za-z]|`[^`])/;
const plainItem = /^( *)(?:([-*+])|(\d{1,9})([.)])) (?=["'([A-Za-z\u0080-\uffff]|\*\*[A-Za-z[]|`[^`]|\d{1,9}[^\d.)])/;

/** One heading, or a paragraph and the items of one list after it, all of them single paragraphs; null when it takes a parser to tell. */
function plainPieces(cut: string): readonly Piece[] | null {
  const pieces: Piece[] = [];
  // The items that are open at this line, outermost first: `content` is the column where what is nested must begin.
  const above: { readonly index: number; readonly content: number; readonly marker: string }[] = [];
  let isAfterBlank = false;
  for (const [start, end] of lineRanges(cut)) {
    const line = trimBlanks(cut.slice(start, end));
    if (line === '') {
      isAfterBlank = true;
      continue;
    }
    const last = pieces[pieces.length - 1];
    const item = plainItem.exec(line);
    if (item) {
      const column = item[1]!.length;
      const marker = (item[2] ?? item[4])!;
      let sibling: string | null = null;
      while (above.length > 0 && column < above[above.length - 1]!.content) sibling = above.pop()!.marker;
      const parent = above[above.length - 1];
      if (column - (parent?.content ?? 0) > (parent ? 3 : 0)) return null;
      // A new list may have to stand behind a blank line, and another marker is another list.
      if (sibling === null ? item[3] !== undefined && item[3] !== '1' : sibling !== marker) return null;
      if (last?.kind === 'section') return null;
      above.push({ index: pieces.length, content: item[0].length, marker });
      const text = line.slice(column);
      pieces.push(itemPiece(text, start + column, start + line.length, above.length, 0, parent?.index ?? -1, false));
    } else if (last && !isAfterBlank && last.kind !== 'section' && plainStart.test(line.trimStart())) {
      if (start - last.start > 4000) return null; // joined line by line, which takes too long for long ones
      const text = cut.slice(last.start, start + line.length);
      pieces.pop();
      if (last.kind === 'block') pieces.push(blockPiece(text, 0, text.length, false));
      else pieces.push(itemPiece(text, 0, text.length, last.level, last.group, last.parent, false));
      pieces.push({ ...pieces.pop()!, start: last.start, end: start + line.length });
    } else if (!last && plainStart.test(line)) pieces.push(blockPiece(cut, start, start + line.length, false));
    else if (!last && atx.test(line)) pieces.push(headingPiece(line, start, start + line.length));
    else return null;
    isAfterBlank = false;
  }
  return pieces;
}

const dashes = /^\|(?:[ \t]*:?-+:?[ \t]*\|)+$/;

/** A table all of whose lines stand between bars, with as many dashes as heads, and nothing behind it; null when it takes a parser. */
function plainTable(cut: string): readonly Piece[] | null {
  if (cut[0] !== '|' || cut.includes('\\')) return null;
  const lines: (readonly [start: number, end: number])[] = [];
  let isOver = false;
  for (const [start, lineEnd] of lineRanges(cut)) {
    const line = trimBlanks(cut.slice(start, lineEnd));
    if (line === '') isOver = true;
    else if (isOver || line.length < 3 || line[0] !== '|' || line[line.length - 1] !== '|') return null;
    else lines.push([start, start + line.length]);
  }
  const [head, under, ...rows] = lines;
  if (!head || !under || !dashes.test(cut.slice(...under))) return null;
  if (bars(cut.slice(...head)) !== bars(cut.slice(...under))) return null;
  return [
    rowPiece(cut, head[0], under[1], true, 0),
    ...rows.map(([start, end]) => rowPiece(cut, start, end, false, 0)),
  ];
}

/** Inline syntax says nothing about units and takes most of the time. */
const blocksOnly = {
  disable: {
    null: [
      'attention',
      'autolink',
      'characterEscape',
      'characterReference',
      'codeText',
      'hardBreakEscape',
      'htmlText',
      'labelEnd',
      'labelStartImage',
      'labelStartLink',
    ],
  },
};

function parseCut(cut: string, mustProbe: boolean): readonly Piece[] | null {
  const { children } = fromMarkdown(mustProbe ? `${cut}\n# probe\n` : cut, {
    extensions: [gfmTable(), blocksOnly],
    mdastExtensions: [gfmTableFromMarkdown()],
  });
  if (mustProbe) {
    const probe = children.pop();
    if (probe?.type !== 'heading' || probe.position!.start.offset! < cut.length) return null;
  }
  const pieces: Piece[] = [];
  let groups = 0;
  for (const node of children) {
    const [start, end] = rangeOf(cut, node);
    if (node.type === 'heading') pieces.push(headingPiece(cut.slice(start, end), start, end, node.depth));
    else if (node.type === 'list') collectItems(cut, node.children, 1, groups++, -1, pieces);
    else if (node.type === 'table') collectRows(cut, node, groups++, pieces);
    else pieces.push(blockPiece(cut, start, end, node.type === 'code' || node.type === 'html'));
  }
  return pieces;
}

function collectItems(
  cut: string,
  items: readonly ListItem[],
  level: number,
  group: number,
  parent: number,
  pieces: Piece[],
): void {
  for (const item of items) {
    const own = item.children.findIndex(child => child.type === 'list');
    const children = own < 0 ? item.children : item.children.slice(0, own);
    const [start, whole] = rangeOf(cut, item);
    const last = children[children.length - 1];
    const end = last
      ? rangeOf(cut, last)[1]
      : own < 0
        ? whole
        : start + trimBlanks(markerOf(cut.slice(start, whole))).length;
    const index = pieces.length;
    pieces.push(itemPiece(cut.slice(start, end), start, end, level, group, parent, children.some(isVerbatim)));
    if (own < 0) continue;
    for (const child of item.children.slice(own) as RootContent[]) {
      if (child.type === 'list') collectItems(cut, child.children, level + 1, group, index, pieces);
      else {
        const [from, to] = rangeOf(cut, child);
        pieces.push({ ...blockPiece(cut, from, to, isVerbatim(child)), level: level + 1, group, parent: index });
      }
    }
  }
}

/** The header row and the line of dashes below it are one unit. */
function collectRows(cut: string, table: Table, group: number, pieces: Piece[]): void {
  for (const [index, row] of table.children.entries()) {
    const [start, rowEnd] = rangeOf(cut, row);
    let end = rowEnd;
    if (index === 0) {
      const next = /(?:\r\n|\n|\r)[^\r\n]*/y;
      next.lastIndex = cut.slice(rowEnd).search(/[\r\n]|$/) + rowEnd;
      end = next.lastIndex + trimBlanks(next.exec(cut)?.[0] ?? '').length;
    }
    pieces.push(rowPiece(cut, start, end, index === 0, group));
  }
}

function rowPiece(cut: string, start: number, end: number, isHead: boolean, group: number): Piece {
  const cells = cut
    .slice(start, end)
    .split(/\r\n|\n|\r/)
    .map(line => cellsOf(line));
  const canonical = isHead ? cells[0]! : cells.join('\n');
  const name = firstWords(cells[0]!.split('|')[0]!);
  return { kind: 'table-row', name, start, end, canonical, level: 0, group, parent: -1 };
}

function headingPiece(text: string, start: number, end: number, depth?: number): Piece {
  const hashes = /^#{1,6}/.exec(text)?.[0];
  const bare = hashes
    ? withoutClosing(text.slice(hashes.length))
    : text.replace(/(?:\r\n|\n|\r)[ \t]*(?:=+|-+)[ \t]*$/, '');
  const canonical = flow(bare);
  const name = canonical.length > longestHeading ? `${canonical.slice(0, longestHeading)}…` : canonical;
  return { kind: 'section', name, start, end, canonical, level: depth ?? hashes!.length, group: -1, parent: -1 };
}

/** `## Heading ##` is called `Heading`, `## C#` is called `C#`. */
function withoutClosing(text: string): string {
  const line = trimBlanks(text);
  let end = line.length;
  while (end > 0 && line[end - 1] === '#') end--;
  return end === 0 || line[end - 1] === ' ' || line[end - 1] === '\t' ? line.slice(0, end) : line;
}

/** Cells without their padding, joined by one bar. */
function cellsOf(row: string): string {
  const cells = row.split('|').map(flow);
  if (cells[0] === '') cells.shift();
  if (cells[cells.length - 1] === '') cells.pop();
  return cells.join('|');
}

function blockPiece(cut: string, start: number, end: number, asItStands: boolean): Piece {
  const text = cut.slice(start, end);
  const canonical = asItStands ? verbatim(text) : flow(text);
  const name = firstWords(text.replace(/^(?:(?:`{3,}|~{3,})(?![`~])[^\r\n]*[\r\n]+|<!--|>)\s*/, '') || text);
  return { kind: 'block', name, start, end, canonical, level: 0, group: -1, parent: -1 };
}

function itemPiece(
  text: string,
  start: number,
  end: number,
  level: number,
  group: number,
  parent: number,
  asItStands: boolean,
): Piece {
  const body = text.slice(markerOf(text).length);
  const canonical = asItStands ? verbatim(body) : flow(body);
  return { kind: 'list-item', name: itemName(body), start, end, canonical, level, group, parent };
}

function markerOf(text: string): string {
  return /^(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$|(?=[\r\n]))/.exec(text)?.[0] ?? '';
}

/** An item that begins with a link is called by the link's text. */
function itemName(body: string): string {
  const text = body.replace(/^\[[ xX]\][ \t]+/, '').replace(/^[*_`~]+(?=\S)/, '');
  const link = /^\[\[([^\]|\r\n]+)|^\[([^\]\r\n]+)\]\(/.exec(text);
  return link ? flow(link[1] ?? link[2]!).replace(/[*_`]/g, '') : firstWords(text);
}

function isVerbatim(node: Nodes): boolean {
  return node.type === 'code' || node.type === 'html';
}

function rangeOf(cut: string, node: Nodes): [number, number] {
  const start = node.position!.start.offset!;
  let end = Math.min(node.position!.end.offset!, cut.length);
  while (end > start && /[ \t\r\n]/.test(cut[end - 1]!)) end--;
  return [start, end];
}

/**
 * What micromark will take for it, in lines. A call costs two; a line costs more with the blocks it may stand in and the bars that may part
 * its cells; of many lines in one block it looks through all again and again.
 * @throws TooMuch where blocks are nested too deeply
 */
function workOf(cut: string): number {
  let [lines, depths] = [0, 0];
  for (const [start, end] of lineRanges(cut)) {
    lines++;
    depths += depthOf(cut, start, end);
  }
  return 2 + lines + depths / 2 + (lines / 60) ** 2 + bars(cut) / 3 + cut.length / 200;
}

function bars(cut: string): number {
  let count = 0;
  for (let at = cut.indexOf('|'); at >= 0; at = cut.indexOf('|', at + 1)) count++;
  return count;
}

/** How many blocks the marks at the start of a line may open or go on with, its indentation counted as half of that of a list item. */
function depthOf(cut: string, start: number, end: number): number {
  let depth = 0;
  let indent = 0;
  for (let at = start; at < end; at++) {
    const char = cut[at]!;
    if (char === ' ' || char === '\t') indent++;
    else if (char === '>' || (/[-*+]/.test(char) && /[ \t]/.test(cut[at + 1] ?? ' '))) depth++;
    else if (/\d/.test(char) && /^\d{1,9}[.)](?:[ \t]|$)/.test(cut.slice(at, Math.min(at + 12, end)))) {
      depth++;
      while (/\d/.test(cut[at]!)) at++;
    } else break;
    if (depth > deepestBlock || indent > deepestBlock * 4) {
      throw new TooMuch(`blocks nested deeper than ${deepestBlock} levels`);
    }
  }
  return depth + indent / 4;
}
