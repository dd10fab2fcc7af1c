/** Which elements of two versions of an array are the same ones. */
import { similarity } from './compare.ts';
import { idOf, isCounted, isStamp, type Path, type Source, shortestText } from './elements.ts';
import { canonicalJson, childrenOf, isHookEntry, type JsonNode, matcherOf, nodeAt } from './json-tree.ts';

/** An array, and where it stands. */
export interface ArrayIn extends Source {
  readonly path: Path;
}

/** How much of what an element says stands in another one, 0 to 1; null when it says nothing by which it could be told apart. */
export type Share = number | null;

/** What must be left of an element that has no id for it to be the same one, edited. */
const edited = 0.4;

/** The same where two writers may each have added one that is built alike. */
const sure = 0.75;

/** The same where both have an id, and another one: entries of one list are often built alike. */
const renamed = 0.9;

/** UTF-16 units: what says less is a state or a counter. */
const telling = 8;

/** Elements of one array that are compared with those of the other, word by word: 10 ms for each 1,000 pairs. */
const mostPairs = 4_000;

/** One word such as `stdio` or `open` stands in many elements. */
const stateWeight = 2;

/** UTF-16 units of a text that count: one long text is not all that an element says. */
const mostWeight = 60;

/** UTF-16 units of an element that are compared. */
const mostCompared = 4_000;

export interface Pairs {
  readonly pairs: readonly number[];
  /** Elements that are paired for nothing but a weak likeness: in a stale write, each writer has added one. */
  readonly doubtful: ReadonlySet<number>;
}

/**
 * For each element of `mine` the index of the element of `theirs` that is the same one, or -1: first those that say the same, then those
 * that say the same under another id, then those of one id, then those that say nearly the same, then, between two of these, those that
 * say nothing, in their order. An id that is counted up is not enough: two writers who start from one version give it to two elements.
 */
export function pairElements(mine: ArrayIn, theirs: ArrayIn): Pairs {
  const [here, there] = [childrenOf(mine.tree), childrenOf(theirs.tree)];
  const pairs = here.map(() => -1);
  const taken = new Set<number>();
  const take = (index: number, other: number | undefined): void => {
    if (other === undefined) return;
    pairs[index] = other;
    taken.add(other);
  };
  const byKey = (keyOf: (source: ArrayIn, element: JsonNode) => string | null): void => {
    const queues = new Map<string, number[]>();
    for (const [other, element] of there.entries()) {
      const key = taken.has(other) ? null : keyOf(theirs, element);
      if (key === null) continue;
      const queue = queues.get(key);
      if (queue) queue.push(other);
      else queues.set(key, [other]);
    }
    if (queues.size === 0) return;
    for (const [index, element] of here.entries()) {
      const key = pairs[index] === -1 ? keyOf(mine, element) : null;
      if (key !== null) take(index, queues.get(key)?.shift());
    }
  };
  byKey(({ text }, element) => canonicalJson(text, element));
  byKey(({ text }, element) => withoutId(text, element));
  byKey(({ path }, element) => {
    if (isHookEntry([...path, 0], element)) return `matcher ${matcherOf(element)}`;
    const id = idOf(element);
    return id && !isCounted(id.value) ? `${id.key} ${id.value}` : null;
  });
  const doubtful = pairAlike(mine, theirs, pairs, taken, take);
  pairSilent(here, there, pairs, taken, take);
  return { pairs, doubtful };
}

/** An element that was given another number says the same; null where it has none, or says nothing beside it. */
function withoutId(text: string, element: JsonNode): string | null {
  const id = idOf(element);
  if (id === null) return null;
  const rest = childrenOf(element).filter(({ children }) => children?.[0]?.value !== id.key);
  const said = rest.map(
    property =>
      `${property.children?.[0]?.value}\0${property.children?.[1] ? canonicalJson(text, property.children[1]) : ''}`,
  );
  const all = said.sort().join('\0');
  return all.length >= 4 * telling ? all : null;
}

function pairAlike(
  mine: ArrayIn,
  theirs: ArrayIn,
  pairs: readonly number[],
  taken: ReadonlySet<number>,
  take: (index: number, other: number) => void,
): ReadonlySet<number> {
  const [here, there] = [childrenOf(mine.tree), childrenOf(theirs.tree)];
  const doubtful = new Set<number>();
  const left = here.flatMap((element, index) => (pairs[index] === -1 && hasMembers(element) ? [index] : []));
  const free = there.flatMap((element, other) => (!taken.has(other) && hasMembers(element) ? [other] : []));
  if (left.length === 0 || free.length === 0) return doubtful;
  const common = commonIn(mine, theirs);
  const said = new Map(free.map(other => [other, sayings(there[other]!)]));
  const reach = Math.max(2, Math.ceil(mostPairs / left.length));
  const found: { readonly index: number; readonly other: number; readonly share: number }[] = [];
  for (const [rank, index] of left.entries()) {
    const words = sayings(here[index]!);
    const middle = Math.round((rank * free.length) / left.length);
    for (const other of free.slice(Math.max(0, middle - reach), middle + reach)) {
      const [id, otherId] = [idOf(here[index]!), idOf(there[other]!)];
      const isSame = id !== null && id.key === otherId?.key && id.value === otherId.value;
      const share = shareOf(words, said.get(other)!, common);
      const least = id && otherId && !isSame ? renamed : edited;
      const isGrown = share === null && isWithin(words, said.get(other)!);
      const isOne = share === null ? isSame || isGrown : share >= least || (isSame && isSilent(there[other]!));
      if (isOne) found.push({ index, other, share: (share ?? 0) + (isSame ? 1 : 0) });
    }
  }
  found.sort((a, b) => b.share - a.share || Math.abs(a.index - a.other) - Math.abs(b.index - b.other));
  for (const { index, other, share } of found) {
    if (pairs[index] !== -1 || taken.has(other)) continue;
    take(index, other);
    if (share > 0 && share < sure) doubtful.add(index);
  }
  return doubtful;
}

/** Elements that say nothing are told apart by their order alone: where as many stand between two others, they are the same ones. */
function pairSilent(
  here: readonly JsonNode[],
  there: readonly JsonNode[],
  pairs: readonly number[],
  taken: ReadonlySet<number>,
  take: (index: number, other: number) => void,
): void {
  let start = 0;
  let otherStart = 0;
  const pairUp = (end: number, otherEnd: number): void => {
    const left = range(start, end).filter(index => hasMembers(here[index]!));
    const free = range(otherStart, otherEnd).filter(other => !taken.has(other) && hasMembers(there[other]!));
    if (left.length !== free.length) return;
    for (const [rank, index] of left.entries()) {
      const [one, other] = [here[index]!, there[free[rank]!]!];
      if (one.type === other.type && isSilent(one)) take(index, free[rank]!);
    }
  };
  const before = [...pairs];
  for (const [index, other] of before.entries()) {
    if (other < otherStart) continue;
    pairUp(index, other);
    start = index + 1;
    otherStart = other + 1;
  }
  pairUp(here.length, there.length);
}

function range(start: number, end: number): readonly number[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
}

function hasMembers(node: JsonNode): boolean {
  return childrenOf(node).length > 0;
}

function isSilent(element: JsonNode): boolean {
  const said = sayings(element);
  return shareOf(said, said, new Set()) === null;
}

/** One value of an element, with the keys that lead to it. */
interface Saying {
  readonly at: string;
  readonly value: string;
  readonly isText: boolean;
}

/** What an element says, its id left out. Numbers and states say little; what is behind the first thousands of characters is left out. */
export function sayings(element: JsonNode): readonly Saying[] {
  const found: Saying[] = [];
  const id = idOf(element)?.key;
  let length = 0;
  const walk = (node: JsonNode, at: string): void => {
    if (length > mostCompared) return;
    if (node.type === 'object') {
      for (const { children } of childrenOf(node)) {
        const [key, value] = children ?? [];
        if (key && value && !(at === '' && key.value === id)) walk(value, `${at}/${key.value}`);
      }
    } else if (node.type === 'array') for (const child of childrenOf(node)) walk(child, `${at}/*`);
    else {
      const value = String(node.value).slice(0, mostCompared);
      length += value.length;
      found.push({ at, value, isText: node.type === 'string' });
    }
  };
  walk(element, '');
  return found;
}

function isState(value: string): boolean {
  return value.length < shortestText && !/[^\p{L}\p{N}_-]/u.test(value);
}

function isWithin(mine: readonly Saying[], theirs: readonly Saying[]): boolean {
  const there = new Set(theirs.map(keyOf));
  return mine.every(one => there.has(keyOf(one)));
}

/** What several elements of an array say tells none of them from the others. */
export function commonIn(...arrays: readonly ArrayIn[]): ReadonlySet<string> {
  const common = new Set<string>();
  for (const { tree } of arrays) {
    const seen = new Set<string>();
    for (const element of childrenOf(tree)) {
      for (const key of new Set(sayings(element).map(keyOf))) (seen.has(key) ? common : seen).add(key);
    }
  }
  return common;
}

function keyOf({ at, value }: Saying): string {
  return `${at}\0${value}`;
}

export function shareOf(mine: readonly Saying[], theirs: readonly Saying[], common: ReadonlySet<string>): Share {
  const left = new Map<string, number>();
  const texts = new Map<string, string[]>();
  for (const one of theirs) {
    left.set(keyOf(one), (left.get(keyOf(one)) ?? 0) + 1);
    if (one.isText) texts.set(one.at, [...(texts.get(one.at) ?? []).slice(-9), one.value]);
  }
  let all = 0;
  let kept = 0;
  for (const one of mine) {
    if (!one.isText || one.value.length < 3 || common.has(keyOf(one))) continue;
    const weight = isState(one.value) ? stateWeight : Math.min(mostWeight, one.value.length);
    const count = left.get(keyOf(one)) ?? 0;
    if (count > 0) {
      left.set(keyOf(one), count - 1);
      all += weight;
      kept += weight;
    } else if (!isStamp(one.value)) {
      all += weight;
      const best = Math.max(0, ...(texts.get(one.at) ?? []).map(other => similarity(one.value, other)));
      if (best >= edited) kept += weight * best;
    }
  }
  return all < telling ? null : kept / all;
}

/** The value of another version that is the same one as the value at `path`; null when there is none. */
export function counterNode(mine: Source, theirs: Source, path: Path): JsonNode | null {
  let [one, other]: readonly (JsonNode | null | undefined)[] = [mine.tree, theirs.tree];
  for (const [depth, step] of path.entries()) {
    if (!one || !other || one.type !== other.type) return null;
    if (typeof step === 'number') {
      const index: number = pairsOf(mine, theirs, one, other, path.slice(0, depth))[step] ?? -1;
      [one, other] = [childrenOf(one)[step], childrenOf(other)[index]];
    } else [one, other] = [nodeAt(one, [step]), nodeAt(other, [step])];
  }
  return other ?? null;
}

/** For each element of the array at `path` the index of its counterpart, or -1. */
export function counterparts(mine: Source, theirs: Source, path: Path): readonly number[] {
  const [one, other] = [nodeAt(mine.tree, path), counterNode(mine, theirs, path)];
  return one && other ? pairsOf(mine, theirs, one, other, path) : [];
}

/** Asked for once for each leaf below them. */
const known = new WeakMap<JsonNode, WeakMap<JsonNode, readonly number[]>>();

function pairsOf(mine: Source, theirs: Source, one: JsonNode, other: JsonNode, path: Path): readonly number[] {
  const ofOne = known.get(one) ?? new WeakMap<JsonNode, readonly number[]>();
  known.set(one, ofOne);
  const remembered = ofOne.get(other);
  if (remembered) return remembered;
  const { pairs, doubtful } = pairElements({ ...mine, tree: one, path }, { ...theirs, tree: other, path });
  // What may be another writer's element stays beside the one that comes back.
  const made = pairs.map((partner, index) => (doubtful.has(index) ? -1 : partner));
  ofOne.set(other, made);
  return made;
}
