/** What became of the members of a JSON file from one version to the next, seen together: a fingerprint alone knows no second version. */
import type { Unit } from '../model.ts';
import { similarity, wordsOf } from './compare.ts';
import { linesKept } from './diff.ts';
import type { Document } from './document.ts';
import { idOf, type Path, type Source } from './elements.ts';
import { leavesOf, remarkText } from './json.ts';
import {
  canonicalJson,
  childrenOf,
  endOf,
  isHookEntry,
  isSetOf,
  type JsonNode,
  pointerOf,
  readJson,
} from './json-tree.ts';
import { lineRanges } from './lines.ts';
import { commonIn, pairElements, sayings, shareOf } from './pair-elements.ts';

/** `stands`: here or elsewhere in the file. `edited`: it has another value. `lost`: whatever stands in its place is another thing. */
export type MemberFate = 'stands' | 'edited' | 'lost';

/**
 * Null for units that must be judged by themselves, and where one of the two cannot be read as JSON. `isStrict`: an element without an id
 * that is merely like one that came is another one; two writers who add to a list add what is built alike.
 */
export function memberFates(before: Document, after: Document): (unit: Unit, isStrict?: boolean) => MemberFate | null {
  if (before.format !== 'json' || after.format !== 'json') return () => null;
  if (before.broken !== null || after.broken !== null || before.limited !== null || after.limited !== null)
    return () => null;
  let compared: Comparison | null = null;
  return (unit, isStrict = false) => {
    compared ??= compare(before, after);
    return compared.fateOf(unit, isStrict);
  };
}

interface Comparison {
  fateOf(unit: Unit, isStrict: boolean): MemberFate | null;
}

/** A value and all below it, where the other version has none. */
interface Subtree {
  readonly node: JsonNode;
  readonly path: Path;
  /** With its key. */
  readonly start: number;
}

/** What must be left of a member for it to be the same one at another place: of one key, and of another. */
const movedAs = { sameKey: 0.5, otherKey: 0.7 };

/** UTF-16 units: shorter values stand in many places. */
const telling = 8;

/** How much of a sentence must be left for it to be the same one (0 to 1): of two writers each adds one like those that are there. */
const reworded = 0.75;

/** UTF-16 units of members that came, in which those that went are looked for. */
const mostMoved = 5_000_000;

/** Members that went times members that came, compared word by word. */
const mostMoves = 2_000;

function compare(before: Document, after: Document): Comparison {
  const mine: Source = { text: before.text, tree: readJson(before.text).tree! };
  const theirs: Source = { text: after.text, tree: readJson(after.text).tree! };
  const leaves = leavesOf(mine.tree, [], before.text, before.encoding);
  const fates = new Map<number, MemberFate>();
  const doubted = new Set<number>();
  const gone: Subtree[] = [];
  const came: Subtree[] = [];

  const mark = (start: number, end: number, fate: MemberFate): void => {
    for (let at = firstFrom(leaves, start); at < leaves.length && leaves[at]!.start < end; at++) {
      fates.set(leaves[at]!.start, fate);
    }
  };

  const walk = (one: JsonNode, other: JsonNode, path: Path, start: number): void => {
    const isContainer = one.type === 'object' || one.type === 'array';
    if (!isContainer || childrenOf(one).length === 0) {
      const isSame = isContainer
        ? one.type === other.type
        : canonicalJson(mine.text, one) === canonicalJson(theirs.text, other);
      mark(start, endOf(one), isSame ? 'stands' : 'edited');
      if (isContainer && one.type === other.type)
        for (const child of childrenOf(other)) came.push(subtree(child, path));
    } else if (one.type !== other.type) {
      gone.push({ node: one, path, start });
      came.push({ node: other, path, start: other.offset });
    } else if (one.type === 'object') walkObject(one, other, path);
    else walkArray(one, other, path);
  };

  const walkObject = (one: JsonNode, other: JsonNode, path: Path): void => {
    const there = new Map(childrenOf(other).map(property => [String(property.children?.[0]?.value), property]));
    const seen = new Set<string>();
    for (const property of childrenOf(one)) {
      const [key, value] = property.children ?? [];
      if (!key || !value) continue;
      const name = String(key.value);
      seen.add(name);
      const now = there.get(name)?.children?.[1];
      if (now) walk(value, now, [...path, name], property.offset);
      else gone.push({ node: value, path: [...path, name], start: property.offset });
    }
    for (const [name, property] of there) if (!seen.has(name)) came.push(subtree(property, path));
  };

  const walkArray = (one: JsonNode, other: JsonNode, path: Path): void => {
    const [here, there] = [childrenOf(one), childrenOf(other)];
    const isSet = isSetOf(pointerOf(path), one);
    const isValue = (child: JsonNode, index: number): boolean =>
      childrenOf(child).length === 0 || (isSet && !isHookEntry([...path, index], child));
    const { pairs, doubtful } = pairElements({ ...mine, tree: one, path }, { ...theirs, tree: other, path });
    const taken = new Set(pairs);
    const values: JsonNode[] = [];
    let common: ReadonlySet<string> | null = null;
    for (const [index, child] of here.entries()) {
      const partner = pairs[index] === -1 ? undefined : there[pairs[index]!];
      if (isValue(child, index)) {
        const isEmpty = /object|array/.test(child.type) && childrenOf(child).length === 0;
        const isSame = partner && canonicalJson(mine.text, child) === canonicalJson(theirs.text, partner);
        if (isSame || isEmpty) mark(child.offset, endOf(child), 'stands');
        else values.push(child);
        continue;
      }
      if (!partner) {
        gone.push({ node: child, path: [...path, index], start: child.offset });
        mark(child.offset, endOf(child), 'lost');
        continue;
      }
      walk(child, partner, [...path, index], child.offset);
      if (doubtful.has(index)) {
        for (let at = firstFrom(leaves, child.offset); at < leaves.length && leaves[at]!.start < endOf(child); at++)
          doubted.add(leaves[at]!.start);
      }
      const id = idOf(child);
      if (id === null || canonicalJson(mine.text, child) === canonicalJson(theirs.text, partner)) continue;
      common ??= commonIn({ ...mine, tree: one, path }, { ...theirs, tree: other, path });
      if (isEmptied(child, partner, common)) {
        for (let at = firstFrom(leaves, child.offset); at < leaves.length && leaves[at]!.start < endOf(child); at++) {
          if (fates.get(leaves[at]!.start) === 'edited') fates.set(leaves[at]!.start, 'lost');
        }
      }
    }
    findReworded(
      values,
      there.filter((_, index) => !taken.has(index)),
      path,
    );
    for (const [index, child] of there.entries())
      if (!taken.has(index)) came.push({ node: child, path: [...path, index], start: child.offset });
  };

  /** A sentence of a list that was worded anew; a permission and a command are other ones with each word. */
  const findReworded = (values: readonly JsonNode[], others: readonly JsonNode[], path: Path): void => {
    if (path[0] === 'permissions' || path[0] === 'hooks' || values.length * others.length > mostMoves) return;
    const left = new Set(others.filter(isSentence));
    for (const one of values.filter(isSentence)) {
      const other = [...left].find(({ value }) => similarity(one.value, value) >= reworded);
      if (!other) continue;
      left.delete(other);
      mark(one.offset, endOf(one), 'edited');
    }
  };

  /** Of one id, but nothing is left of what it said. */
  const isEmptied = (one: JsonNode, other: JsonNode, common: ReadonlySet<string>): boolean => {
    const has = sayings(other);
    return shareOf(sayings(one), has, common) === 0 && shareOf(has, has, new Set()) === null;
  };

  walk(mine.tree, theirs.tree, [], mine.tree.offset);
  findMoved(gone, came, mine, theirs, (one, other) => {
    mark(one.start, endOf(one.node), other ? 'lost' : 'stands');
    if (other) walk(one.node, other.node, one.path, one.start);
  });
  const lines = linesOf(before, after);

  const isLost = (fate: MemberFate | undefined): boolean => fate === undefined || fate === 'lost';
  for (const { node, start } of gone) {
    const first = firstFrom(leaves, start);
    let isWhole = true;
    for (let at = first; at < leaves.length && leaves[at]!.start < endOf(node) && isWhole; at++) {
      isWhole = isLost(fates.get(leaves[at]!.start));
    }
    if (isWhole && lines.stand(start, endOf(node))) mark(start, endOf(node), 'stands');
  }
  return {
    fateOf: (unit, isStrict) => {
      if (lines.all || (unit.kind === 'block' && lines.stand(unit.start, unit.end))) return 'stands';
      if (unit.kind !== 'member') return null;
      return isStrict && doubted.has(unit.start) ? 'lost' : (fates.get(unit.start) ?? null);
    },
  };
}

function isSentence({ type, value }: JsonNode): boolean {
  return type === 'string' && wordsOf(String(value)).length >= 4 && String(value).includes(' ');
}

/** A property, or an element. */
function subtree(node: JsonNode, path: Path): Subtree {
  const [key, value] = node.type === 'property' ? (node.children ?? []) : [];
  return { node: value ?? node, path: key ? [...path, String(key.value)] : path, start: node.offset };
}

/** Members that stand at another place of the file now: as they were (`other` is null then), or edited. */
function findMoved(
  gone: readonly Subtree[],
  came: readonly Subtree[],
  mine: Source,
  theirs: Source,
  onFound: (one: Subtree, other: Subtree | null) => void,
): void {
  if (gone.length === 0 || came.length === 0) return;
  const taken = new Set<JsonNode>();
  const byValue = new Map<string, Subtree[]>();
  const all: Subtree[] = [];
  let length = 0;
  const open = [...came].reverse();
  while (open.length > 0 && length < mostMoved) {
    const one = open.pop()!;
    all.push(one);
    for (const [index, child] of childrenOf(one.node).entries())
      open.push(child.type === 'property' ? subtree(child, one.path) : subtree(child, [...one.path, index]));
    const value = canonicalJson(theirs.text, one.node);
    length += value.length + 10;
    if (value.length < telling) continue;
    const queue = byValue.get(value);
    if (queue) queue.push(one);
    else byValue.set(value, [one]);
  }
  const left: Subtree[] = [];
  for (const one of gone) {
    const queue = byValue.get(canonicalJson(mine.text, one.node));
    let other = queue?.shift();
    while (other && taken.has(other.node)) other = queue?.shift();
    if (!other) left.push(one);
    else {
      taken.add(other.node);
      onFound(one, null);
    }
  }
  const groups = all.filter(({ node }) => childrenOf(node).length > 0);
  if (left.length * groups.length > mostMoves) return;
  for (const one of left) {
    if (childrenOf(one.node).length === 0) continue;
    const had = sayings(one.node);
    const best = groups
      .filter(({ node }) => !taken.has(node) && node.type === one.node.type)
      .map(other => {
        const isNamesake = nameOf(one) === nameOf(other);
        const share = shareOf(had, sayings(other.node), new Set()) ?? 0;
        return { other, share, isMoved: share >= (isNamesake ? movedAs.sameKey : movedAs.otherKey) };
      })
      .filter(({ isMoved }) => isMoved)
      .sort((a, b) => b.share - a.share)[0];
    if (!best) continue;
    taken.add(best.other.node);
    onFound(one, best.other);
  }
}

function nameOf({ node, path }: Subtree): string {
  const id = idOf(node);
  return id ? id.value : String(path[path.length - 1]);
}

/** Index of the first leaf that starts at or behind an offset. */
function firstFrom(leaves: readonly { readonly start: number }[], offset: number): number {
  let low = 0;
  let high = leaves.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (leaves[middle]!.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Lines {
  /** Every line stands in the other text, in order: something was put in, nothing taken out. */
  readonly all: boolean;
  /** Whether all lines of a part do. */
  stand(start: number, end: number): boolean;
}

/** Indentation, the comma at the end and the marks of a comment are left out: what was switched off by them stands there. */
function linesOf(before: Document, after: Document): Lines {
  const ranges = [...lineRanges(before.text)];
  const said = ({ text }: Document, [start, end]: readonly [number, number]): string =>
    remarkText(text.slice(start, end)).trim().replace(/,$/, '');
  const mine = ranges.map(range => said(before, range));
  const theirs = [...lineRanges(after.text)].map(range => said(after, range)).filter(line => line !== '');
  const spoken = mine.filter(line => line !== '');
  let at = 0;
  for (const line of theirs) if (spoken[at] === line) at++;
  let kept: ReadonlySet<number> | null = null;
  return {
    all: at === spoken.length,
    stand: (start, end) => {
      kept ??= linesKept(mine, theirs);
      const first = lineAt(ranges, start);
      const last = lineAt(ranges, Math.max(start, end - 1));
      for (let line = first; line <= last; line++) if (mine[line] !== '' && !kept.has(line)) return false;
      return true;
    },
  };
}

/** Index of the line that holds an offset. */
function lineAt(ranges: readonly (readonly [number, number])[], offset: number): number {
  let low = 0;
  let high = ranges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ranges[middle]![0] <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
