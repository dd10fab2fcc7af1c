/** Door to `jsonc-parser`: JSON, with or without comments, as a tree. */
import { type Node, type ParseError, parseTree, printParseErrorCode, visit } from 'jsonc-parser';
import { deepestJson } from './limits.ts';

export type JsonNode = Node;

export const tooDeep = `nested deeper than ${deepestJson} levels`;

/** The tree of a file, or why there is none. Comments and trailing commas are welcome. */
export function readJson(text: string): { readonly tree: JsonNode | null; readonly broken: string | null } {
  if (isTooDeep(text)) return { tree: null, broken: tooDeep };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const first = errors[0];
  if (first) {
    const line = text.slice(0, first.offset).split('\n').length;
    return { tree: null, broken: `invalid JSON in line ${line} (${printParseErrorCode(first.error)})` };
  }
  return tree ? { tree, broken: null } : { tree: null, broken: 'no JSON value' };
}

/** What can still be read of broken JSON; null when that is nothing. */
export interface Wreck {
  readonly tree: JsonNode;
  /** Where a reader stumbled, in order. */
  readonly errors: readonly number[];
  /** Offsets of the brackets that are never closed. */
  readonly open: ReadonlySet<number>;
}

export function readWreck(text: string): Wreck | null {
  if (isTooDeep(text)) return null;
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  return tree ? { tree, errors: errors.map(error => error.offset), open: openBrackets(text) } : null;
}

function openBrackets(text: string): ReadonlySet<number> {
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === openBrace || code === openBracket) open.push(at);
    else if (code === closeBrace || code === closeBracket) open.pop();
    else if (code === quote) at = stringEnd(text, at);
    else if (code === slash) at = commentEnd(text, at);
  }
  return new Set(open);
}

/** True for what has hooks for one matcher: each of them can be lost by itself. */
export function isHookEntry(path: readonly (string | number)[], node: JsonNode): boolean {
  if (path[0] !== 'hooks' || path.length !== 3 || node.type !== 'object') return false;
  const hooks = nodeAt(node, ['hooks']);
  return hooks?.type === 'array' && childrenOf(hooks).length > 0;
}

/** What tells an entry of hooks from the others; an empty matcher, or none, fits everything as `*` does. */
export function matcherOf(entry: JsonNode): string {
  const matcher = entry.type === 'object' ? nodeAt(entry, ['matcher'])?.value : undefined;
  return typeof matcher === 'string' && matcher !== '' ? matcher : '*';
}

/** A path as people write it: `mcpServers.github.args`, `projects["/home/x"].history`, `servers[0].port`. */
export function dotted(path: readonly (string | number)[]): string {
  if (path.length === 1 && typeof path[0] === 'string') return path[0];
  let name = '';
  for (const step of path) {
    if (typeof step === 'number') name += `[${step}]`;
    else if (/^\[.*\]$/s.test(step)) name += step;
    else if (/^[\p{L}\p{N}_$@-]+$/u.test(step)) name += `${name === '' ? '' : '.'}${step}`;
    else name += `[${JSON.stringify(step)}]`;
  }
  return name;
}

/** The node at a path; of keys that stand twice the last counts, as for every reader. A name leads into an array to the entry for that matcher. */
export function nodeAt(tree: JsonNode, path: readonly (string | number)[]): JsonNode | null {
  let node: JsonNode | undefined = tree;
  for (const step of path) {
    if (!node) return null;
    const children = childrenOf(node);
    if (typeof step === 'number') node = node.type === 'array' ? children[step] : undefined;
    else if (node.type === 'array') node = children.find(child => child.type === 'object' && matcherOf(child) === step);
    else if (node.type !== 'object') return null;
    else node = children.findLast(property => property.children?.[0]?.value === step)?.children?.[1];
  }
  return node ?? null;
}

export function endOf(node: JsonNode): number {
  return node.offset + node.length;
}

export function pointerOf(path: readonly (string | number)[]): string {
  let pointer = '';
  for (const step of path) pointer += `/${typeof step === 'number' ? step : escapeKey(step)}`;
  return pointer;
}

/** Members of a set stand for themselves, wherever in the array they stand. */
export function isSetOf(pointer: string, array: JsonNode): boolean {
  if (/^\/(?:permissions|hooks)(?:\/|$)/.test(pointer)) return true;
  return childrenOf(array).every(child => child.type !== 'object' && child.type !== 'array');
}

/** The same for equal values: keys sorted, comments and blanks gone, numbers as they are spelled. */
export function canonicalJson(text: string, node: JsonNode): string {
  if (node.type === 'number') return text.slice(node.offset, node.offset + node.length);
  if (node.type === 'array')
    return `[${childrenOf(node)
      .map(child => canonicalJson(text, child))
      .join(',')}]`;
  if (node.type !== 'object') return JSON.stringify(node.value);
  const members = childrenOf(node).flatMap(property => {
    const [key, value] = property.children ?? [];
    return key && value ? [`${JSON.stringify(key.value)}:${canonicalJson(text, value)}`] : [];
  });
  return `{${members.sort().join(',')}}`;
}

export function childrenOf(node: JsonNode): readonly JsonNode[] {
  return node.children ?? [];
}

/** As JSON pointers spell a key (RFC 6901). */
export function escapeKey(key: string): string {
  return /[~/]/.test(key) ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

/** By hand: a regular expression keeps a way back for each character of a string, and a string of some MB is too many. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === openBrace || code === openBracket) {
      if (++depth > deepestJson) return true;
    } else if (code === closeBrace || code === closeBracket) depth--;
    else if (code === quote) at = stringEnd(text, at);
    else if (code === slash) at = commentEnd(text, at);
  }
  return false;
}

const [quote, slash, openBracket, closeBracket, openBrace, closeBrace] = [34, 47, 91, 93, 123, 125];

/** Offset of its closing quote, or of the end of its line when there is none. */
function stringEnd(text: string, start: number): number {
  const stops = /["\\\r\n]/g;
  stops.lastIndex = start + 1;
  for (let match = stops.exec(text); match; match = stops.exec(text)) {
    if (match[0] !== '\\') return match.index;
    stops.lastIndex = match.index + 2;
  }
  return text.length;
}

function commentEnd(text: string, start: number): number {
  const isBlock = text[start + 1] === '*';
  if (!isBlock && text[start + 1] !== '/') return start;
  const ends = isBlock ? /\*\//g : /[\r\n]/g;
  ends.lastIndex = start + 2;
  return ends.test(text) ? ends.lastIndex - 1 : text.length;
}

/** Offsets of a comment, with its marks. */
export interface CommentRange {
  readonly start: number;
  readonly end: number;
}

/** Every comment by itself, in order of the file. */
export function commentsIn(text: string): readonly CommentRange[] {
  if (!/\/[/*]/.test(text)) return [];
  const comments: CommentRange[] = [];
  visit(text, { onComment: (offset, length) => void comments.push({ start: offset, end: offset + length }) });
  return comments;
}
