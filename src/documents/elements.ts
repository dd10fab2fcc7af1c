/** By what an element of an array is known: its id and its text, never its number. */
import { hash } from 'node:crypto';
import type { Encoding } from './decode.ts';
import { firstWords } from './fingerprint.ts';
import { childrenOf, endOf, isHookEntry, type JsonNode, matcherOf, nodeAt } from './json-tree.ts';

export type Path = readonly (string | number)[];

/** A JSON value and the text it stands in. */
export interface Source {
  readonly text: string;
  readonly tree: JsonNode;
}

/** What an element is called. */
export interface Called {
  /** In names and pointers: `[id=e-7]`, the first words of its text, or its number where it says nothing. */
  readonly step: string | number;
  /** In fingerprints: the id, and a hash of the longest text beside it. Two writers may give one id to two elements. */
  readonly print: string;
}

/** Keys whose value usually tells one object of an array from the others, the best first. */
const ids = ['id', 'uuid', 'guid', '_id', 'key', 'name', 'slug'];

/** UTF-16 units: a longer value is a text, not an id. */
const longestId = 100;

/** Keys of what an element says, where a shorter text tells more than a longer path or state beside it. */
const texts =
  /^(?:title|label|subject|text|content|message|summary|description|note|body|what|prompt|command|path|file|url)$/i;

/** UTF-16 units: a shorter value is a state such as `in_progress`, which changes and stands in many elements. */
export const shortestText = 12;

/** A time or a bare number. */
const stamp = /^\d{4}-\d\d-\d\d(?:[T ][\d:.,]+(?:Z|[+-][\d:]+)?)?$|^\d+$/;

/** True for texts that change with every write and say nothing of their own. */
export function isStamp(text: string): boolean {
  return stamp.test(text);
}

/** `path`: where the element stands. `encoding`: of the text, so that one element has one print in each. */
export function calledBy(element: JsonNode, path: Path, encoding: Encoding): Called {
  if (isHookEntry(path, element)) return { step: matcherOf(element), print: matcherOf(element) };
  const number = path[path.length - 1]!;
  const id = idOf(element);
  const main = mainText(element, id?.key ?? null);
  const hashed = main === null ? '' : `~${digest(main, encoding)}`;
  if (id) return { step: `[${id.key}=${id.value}]`, print: `[${id.key}=${id.value}]${hashed}` };
  return main === null ? { step: number, print: '*' } : { step: `[${label(main)}]`, print: hashed };
}

/** The id of an object of an array; null when it has none. */
export function idOf(element: JsonNode): { readonly key: string; readonly value: string } | null {
  if (element.type !== 'object') return null;
  for (const key of ids) {
    const node = nodeAt(element, [key]);
    if (!node || !/string|number/.test(node.type)) continue;
    const value = String(node.value);
    if (value !== '' && value.length <= longestId) return { key, value };
  }
  return null;
}

/** True for an id that is counted up: two writers who start from one version give the same one. */
export function isCounted(id: string): boolean {
  return id.length <= shortestText && /\d$/.test(id);
}

/** The longest text of an object by which it may be known, its id left out. Without an id any text will do. */
function mainText(element: JsonNode, id: string | null): string | null {
  let best: { readonly rank: number; readonly value: string } | null = null;
  for (const { children } of element.type === 'object' ? childrenOf(element) : []) {
    const [key, node] = children ?? [];
    if (key?.value === id || node?.type !== 'string' || node.value === '') continue;
    const value = String(node.value);
    const isLong = value.length >= shortestText || value.includes(' ');
    const rank = texts.test(String(key?.value)) ? 3 : isStamp(value) ? 0 : isLong ? 2 : 1;
    if (id !== null && rank < 2) continue;
    if (!best || rank > best.rank || (rank === best.rank && value.length > best.value.length)) best = { rank, value };
  }
  return best?.value ?? null;
}

function digest(text: string, encoding: Encoding): string {
  return hash('sha1', encoding === 'bytes' ? Buffer.from(text, 'latin1') : text, 'hex').slice(0, 12);
}

function label(text: string): string {
  const words = firstWords(text);
  return words.length <= 40 ? words : `${words.slice(0, 40).replace(/[\ud800-\udbff]$/, '')}…`;
}

export function slice(text: string, node: JsonNode): string {
  return text.slice(node.offset, endOf(node));
}
