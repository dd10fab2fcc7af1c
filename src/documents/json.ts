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

/** Leaf members in order of the file. */
export function parseJson(text: string): Parsed {
  const { tree, broken } = readJson(text);
  if (!tree) return { drafts: [], broken };
  const drafts: Draft[] = [];
  const visit = (node: JsonNode, pointer: string, place: string, name: string, start: number): void => {
    const children = childrenOf(node);
    if (node.type === 'object' && children.length > 0) {
      for (const property of children) {
        const [key, value] = property.children ?? [];
        if (!key || !value) continue;
        visit(value, `${pointer}/${escapeKey(String(key.value))}`, pointer, String(key.value), property.offset);
      }
    } else if (node.type === 'array' && children.length > 0) {
      const isSet = isSetOf(pointer, node);
      for (const [index, child] of children.entries()) {
        if (isSet) drafts.push(element(text, child, pointer));
        else visit(child, `${pointer}/${index}`, pointer, String(index), child.offset);
      }
    } else {
      drafts.push({
        kind: 'member',
        name,
        place,
        start,
        end: node.offset + node.length,
        canonical: `${pointer}\0${canonicalJson(text, node)}`,
        spot: nowhere,
      });
    }
  };
  visit(tree, '', '', '', tree.offset);
  return { drafts, broken: null };
}

/** Members of a set stand for themselves, wherever in the array they stand. */
export function isSetOf(pointer: string, array: JsonNode): boolean {
  if (/^\/(?:permissions|hooks)(?:\/|$)/.test(pointer)) return true;
  return childrenOf(array).every(child => child.type !== 'object' && child.type !== 'array');
}

/** The canonical spelling of an element of the set at `pointer`. */
export function canonicalElement(text: string, element: JsonNode, pointer: string): string {
  return `${pointer}/*\0${canonicalJson(text, element)}`;
}

function element(text: string, child: JsonNode, pointer: string): Draft {
  const name = firstWords(
    child.type === 'string' ? String(child.value) : text.slice(child.offset, child.offset + child.length),
  );
  return {
    kind: 'member',
    name,
    place: pointer,
    start: child.offset,
    end: child.offset + child.length,
    canonical: canonicalElement(text, child, pointer),
    spot: nowhere,
  };
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
