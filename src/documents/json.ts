/** Door to `jsonc-parser`: the members of JSON, with or without comments. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { type Draft, nowhere, type Parsed } from './draft.ts';
import { firstWords } from './fingerprint.ts';

export type JsonNode = Node;

/** Deeper files than this are read as lines: every reader of JSON we know recurses. */
const deepest = 200;

/** The tree of a file, or why there is none. Comments and trailing commas are welcome. */
export function readJson(text: string): { readonly tree: JsonNode | null; readonly broken: string | null } {
  if (isTooDeep(text)) return { tree: null, broken: `nested deeper than ${deepest} levels` };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const first = errors[0];
  if (first) {
    const line = text.slice(0, first.offset).split('\n').length;
    return { tree: null, broken: `invalid JSON in line ${line} (${printParseErrorCode(first.error)})` };
  }
  return tree ? { tree, broken: null } : { tree: null, broken: 'no JSON value' };
}

/** A member that has no members itself, or an element of a set. */
export interface Leaf {
  /** Keys and positions from the root; of an element, those of its array. */
  readonly path: readonly (string | number)[];
  readonly isElement: boolean;
  readonly value: JsonNode;
  /** With its key. */
  readonly start: number;
  readonly end: number;
}

/** Leaves in order of the file. An empty object or array is one. */
export function leavesOf(
  node: JsonNode,
  path: readonly (string | number)[] = [],
  start = node.offset,
): readonly Leaf[] {
  const children = childrenOf(node);
  if (node.type === 'object' && children.length > 0) {
    return children.flatMap(property => {
      const [key, value] = property.children ?? [];
      return key && value ? leavesOf(value, [...path, String(key.value)], property.offset) : [];
    });
  }
  if (node.type === 'array' && children.length > 0) {
    if (!isSetOf(pointerOf(path), node))
      return children.flatMap((child, index) => leavesOf(child, [...path, index], child.offset));
    return children.map(child => ({ path, isElement: true, value: child, start: child.offset, end: endOf(child) }));
  }
  return [{ path, isElement: false, value: node, start, end: endOf(node) }];
}

export function parseJson(text: string): Parsed {
  const { tree, broken } = readJson(text);
  if (!tree) return { drafts: [], broken };
  return { drafts: leavesOf(tree).map(leaf => draftOf(text, leaf)), broken: null };
}

function draftOf(text: string, { path, isElement, value, start, end }: Leaf): Draft {
  const pointer = pointerOf(path);
  const canonical = `${pointer}${isElement ? '/*' : ''}\0${canonicalJson(text, value)}`;
  const place = isElement ? pointer : pointerOf(path.slice(0, -1));
  const above = dotted(path);
  const name = !isElement ? above : `${above}${above === '' ? '' : ': '}${labelOf(text, value)}`;
  return { kind: 'member', name, place, start, end, canonical, spot: nowhere };
}

/** A member of an object or an element of an array, whatever it holds. */
export interface Member {
  readonly path: readonly (string | number)[];
  readonly value: JsonNode;
  /** With its key. */
  readonly start: number;
  readonly end: number;
}

/** The members right below a value that stands at `path`, in order of the file. */
export function membersBelow(node: JsonNode, path: readonly (string | number)[]): readonly Member[] {
  return childrenOf(node).flatMap((child, index): readonly Member[] => {
    const [key, value] = node.type === 'object' ? (child.children ?? []) : [null, child];
    if (key === undefined || !value) return [];
    const step = key === null ? index : String(key.value);
    return [{ path: [...path, step], value, start: child.offset, end: endOf(child) }];
  });
}

/** A path as people write it: `mcpServers.github.args`, `projects["/home/x"].history`, `servers[0].port`. */
export function dotted(path: readonly (string | number)[]): string {
  if (path.length === 1 && typeof path[0] === 'string') return path[0];
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      return /^[\p{L}\p{N}_$@-]+$/u.test(step) ? `${index === 0 ? '' : '.'}${step}` : `[${JSON.stringify(step)}]`;
    })
    .join('');
}

/** What an element of a set is called: its own name where it has one, else its value. */
function labelOf(text: string, value: JsonNode): string {
  if (value.type === 'string') return firstWords(String(value.value));
  return ownName(value, [...identities, 'matcher']) ?? firstWords(text.slice(value.offset, endOf(value)));
}

/** Keys whose value tells one object of an array from the others. */
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

/** The node at a path; of keys that stand twice the last counts, as for every reader. */
export function nodeAt(tree: JsonNode, path: readonly (string | number)[]): JsonNode | null {
  let node: JsonNode | undefined = tree;
  for (const step of path) {
    if (!node) return null;
    const children = childrenOf(node);
    if (typeof step === 'number') node = node.type === 'array' ? children[step] : undefined;
    else if (node.type !== 'object') return null;
    else node = children.findLast(property => property.children?.[0]?.value === step)?.children?.[1];
  }
  return node ?? null;
}

export function endOf(node: JsonNode): number {
  return node.offset + node.length;
}

export function pointerOf(path: readonly (string | number)[]): string {
  return path.map(step => `/${escapeKey(String(step))}`).join('');
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
function escapeKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  const tokens = /"(?:[^"\\\n\r]|\\.)*"?|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/|[[{\]}]/g;
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    const token = match[0];
    if (token === '[' || token === '{') {
      if (++depth > deepest) return true;
    } else if (token === ']' || token === '}') depth--;
  }
  return false;
}
