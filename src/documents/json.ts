/** JSON as units: members by pointer, elements of arrays by what they are, comments. */
import type { Encoding } from './decode.ts';
import { type Draft, nowhere, type Parsed } from './draft.ts';
import { calledBy, type Path, slice } from './elements.ts';
import { firstWords, trimBlanks } from './fingerprint.ts';
import {
  type CommentRange,
  canonicalJson,
  childrenOf,
  commentsIn,
  dotted,
  endOf,
  escapeKey,
  isHookEntry,
  isSetOf,
  type JsonNode,
  nodeAt,
  pointerOf,
  readJson,
  tooDeep,
} from './json-tree.ts';
import { mostPointers, mostUnits, TooMuch } from './limits.ts';
import { countLineEnds, lineStart } from './splice.ts';

/** A member that has no members itself, or an element of an array that is its own value. */
export interface Leaf {
  /** Keys and numbers from the root; of an element, those of its array. */
  readonly path: Path;
  /** The same, with what an element is called in place of its number. */
  readonly steps: Path;
  /** What the fingerprint is made from, without the value. */
  readonly print: string;
  readonly isElement: boolean;
  readonly value: JsonNode;
  /** With its key. */
  readonly start: number;
  readonly end: number;
}

/** A value on the way down. */
export interface Spot {
  readonly path: Path;
  readonly steps: Path;
  readonly print: string;
}

interface Walk {
  readonly encoding: Encoding;
  readonly comments: readonly CommentRange[];
  readonly leaves: Leaf[];
  /** Objects and arrays that are no leaves, in order of the file. */
  readonly containers: { readonly node: JsonNode; readonly steps: Path }[];
}

/** Leaves in order of the file. An empty object or array is one, unless a comment stands in it. */
export function leavesOf(node: JsonNode, path: Path, text: string, encoding: Encoding = 'utf8'): readonly Leaf[] {
  return walkOf(node, path, commentsIn(text), encoding).leaves;
}

/** The leaves of a value that stands in another format: no comment is looked for. `start`: of the first leaf, with its key. */
export function leavesBelow(node: JsonNode, spot: Spot, start: number, encoding: Encoding): readonly Leaf[] {
  const walk: Walk = { encoding, comments: [], leaves: [], containers: [] };
  collect(node, spot, start, walk);
  return walk.leaves;
}

function walkOf(node: JsonNode, path: Path, comments: readonly CommentRange[], encoding: Encoding): Walk {
  const walk: Walk = { encoding, comments, leaves: [], containers: [] };
  collect(node, { path, steps: path, print: pointerOf(path) }, node.offset, walk);
  return walk;
}

/** `print` is made step by step: each level would else spell all levels above it again. */
function collect(node: JsonNode, spot: Spot, start: number, walk: Walk): void {
  const { path, steps, print } = spot;
  const children = childrenOf(node);
  const isContainer = node.type === 'object' || node.type === 'array';
  if (children.length === 0) {
    if (isContainer && hasCommentIn(node, walk)) walk.containers.push({ node, steps });
    else walk.leaves.push({ ...spot, isElement: false, value: node, start, end: endOf(node) });
    return;
  }
  walk.containers.push({ node, steps });
  if (node.type === 'object') {
    for (const { children: pair, offset } of children) {
      const [key, value] = pair ?? [];
      if (!key || !value) continue;
      const name = String(key.value);
      if (name === 'matcher' && isHookEntry(path, node)) continue; // it is where they stand, not one of them
      const below = { path: [...path, name], steps: [...steps, name], print: `${print}/${escapeKey(name)}` };
      collect(value, below, offset, walk);
    }
    return;
  }
  // Permissions and hooks are known by their values even where they are objects.
  const isSet = isSetOf(pointerOf(path), node);
  for (const [index, child] of children.entries()) {
    const at = [...path, index];
    if (childrenOf(child).length > 0 ? !isSet || isHookEntry(at, child) : hasCommentIn(child, walk)) {
      const called = calledBy(child, at, walk.encoding);
      const below = { path: at, steps: [...steps, called.step], print: `${print}/${escapeKey(called.print)}` };
      collect(child, below, child.offset, walk);
    } else {
      const end = endOf(child);
      walk.leaves.push({ path, steps, print: `${print}/*`, isElement: true, value: child, start: child.offset, end });
    }
  }
}

function hasCommentIn(node: JsonNode, { comments }: Walk): boolean {
  if (comments.length === 0) return false;
  const first = firstFrom(comments, node.offset);
  return first < comments.length && comments[first]!.start < endOf(node);
}

/** Index of the first comment that starts at or behind an offset. */
function firstFrom(comments: readonly CommentRange[], offset: number): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comments[middle]!.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Lines of comment that follow each other, or one comment in the midst of others. */
export interface Remark {
  /** Of the object or array it stands in. */
  readonly steps: Path;
  readonly start: number;
  readonly end: number;
}

/** What the units of a file are made of, in order of the file. */
export type Piece = { readonly leaf: Leaf; readonly remark: null } | { readonly leaf: null; readonly remark: Remark };

export function piecesOf(text: string, tree: JsonNode, encoding: Encoding = 'utf8'): readonly Piece[] {
  const comments = commentsIn(text);
  const { leaves, containers } = walkOf(tree, [], comments, encoding);
  const remarks = remarksOf(text, comments, leaves, containers);
  const pieces: Piece[] = [];
  let next = 0;
  for (const leaf of leaves) {
    while (next < remarks.length && remarks[next]!.start < leaf.start) {
      pieces.push({ leaf: null, remark: remarks[next++]! });
    }
    pieces.push({ leaf, remark: null });
  }
  for (const remark of remarks.slice(next)) pieces.push({ leaf: null, remark });
  return pieces;
}

/** A comment within a leaf is a part of it. */
function remarksOf(
  text: string,
  comments: readonly CommentRange[],
  leaves: readonly Leaf[],
  containers: Walk['containers'],
): readonly Remark[] {
  const remarks: Remark[] = [];
  const open: { readonly node: JsonNode; readonly steps: Path }[] = [];
  let leaf = 0;
  let container = 0;
  let isOwnLine = false;
  for (const { start, end } of comments) {
    while (leaf < leaves.length && leaves[leaf]!.end <= start) leaf++;
    if (leaf < leaves.length && leaves[leaf]!.start < start) continue;
    while (container < containers.length && containers[container]!.node.offset < start)
      open.push(containers[container++]!);
    while (open.length > 0 && endOf(open[open.length - 1]!.node) <= start) open.pop();
    const last = remarks[remarks.length - 1];
    const between = last && text.slice(last.end, start);
    if (last && isOwnLine && between!.trim() === '' && countLineEnds(between!) === 1) {
      remarks[remarks.length - 1] = { ...last, end };
      continue;
    }
    isOwnLine = text.slice(lineStart(text, start), start).trim() === '';
    if (remarkText(text.slice(start, end)) !== '') remarks.push({ steps: open.at(-1)?.steps ?? [], start, end });
    else isOwnLine = false;
  }
  return remarks;
}

/** What a comment says: without its marks, its indentation and the blanks at the end of its lines. */
export function remarkText(text: string): string {
  return text
    .split(/\r\n|\n|\r/)
    .map(line => trimBlanks(line.replace(/^\s*(?:\/\/+|\/\*+|\*+(?!\/)|#+)?\s?/, '').replace(/\s*\*+\/\s*$/, '')))
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}

/** @throws TooMuch */
export function parseJson(text: string, encoding: Encoding): Parsed {
  const { tree, broken } = readJson(text);
  if (broken === tooDeep) throw new TooMuch(tooDeep);
  if (!tree) return { drafts: [], broken };
  const pieces = piecesOf(text, tree, encoding);
  let pointers = 0;
  for (const { leaf, remark } of pieces) {
    for (const step of (leaf ?? remark).steps) pointers += typeof step === 'string' ? step.length + 1 : 2;
  }
  if (pointers > mostPointers) throw new TooMuch('very long keys, nested deeply');
  if (pieces.length > mostUnits) throw new TooMuch(`more than ${mostUnits.toLocaleString('en')} members`);
  return {
    drafts: pieces.map(({ leaf, remark }) => (leaf ? draftOf(text, leaf) : remarkDraft(text, remark))),
    broken: null,
  };
}

export function draftOf(text: string, { steps, print, isElement, value, start, end }: Leaf): Draft {
  const pointer = pointerOf(steps);
  const canonical = `${print}\0${canonicalJson(text, value)}`;
  const place = isElement ? pointer : pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')));
  const above = dotted(steps);
  const name = !isElement ? above : `${above}${above === '' ? '' : ': '}${labelOf(text, value)}`;
  return { kind: 'member', name, place, start, end, canonical, spot: nowhere };
}

export function remarkDraft(text: string, { steps, start, end }: Remark): Draft {
  const said = remarkText(text.slice(start, end));
  return { kind: 'block', name: firstWords(said), place: pointerOf(steps), start, end, canonical: said, spot: nowhere };
}

/** A member of an object or an element of an array, whatever it holds. */
export interface Member {
  readonly path: Path;
  readonly steps: Path;
  readonly value: JsonNode;
  /** With its key. */
  readonly start: number;
  readonly end: number;
}

/** The members right below a value, in order of the file. */
export function membersBelow(node: JsonNode, above: Pick<Member, 'path' | 'steps'>): readonly Member[] {
  return childrenOf(node).flatMap((child, index): readonly Member[] => {
    const [key, value] = node.type === 'object' ? (child.children ?? []) : [null, child];
    if (key === undefined || !value) return [];
    const path = [...above.path, key === null ? index : String(key.value)];
    const step = key === null ? calledBy(value, path, 'utf8').step : String(key.value);
    return [{ path, steps: [...above.steps, step], value, start: child.offset, end: endOf(child) }];
  });
}

/** What an element of a set is called: its own name where it has one, else its value. */
function labelOf(text: string, value: JsonNode): string {
  if (value.type === 'string') return firstWords(String(value.value));
  return ownName(value, [...identities, 'matcher', 'command']) ?? firstWords(slice(text, value));
}

/** Keys whose value tells one hook or permission from the others. */
const identities = ['id', 'name'];

function ownName(node: JsonNode, keys: readonly string[]): string | null {
  if (node.type !== 'object') return null;
  for (const key of keys) {
    const value = nodeAt(node, [key]);
    if (value && /string|number/.test(value.type) && value.value !== '') return firstWords(String(value.value));
  }
  return null;
}

/** The `id` or `name` of an object in the spelling of a file; null when it has none, or is no object. */
export function identityOf(text: string): string | null {
  if (!text.startsWith('{')) return null;
  const { tree } = readJson(text);
  return tree && ownName(tree, identities);
}
