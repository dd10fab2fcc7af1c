/** Puts a comment back into JSON: behind what it stood behind, in the object or array it stood in. */
import type { Unit } from '../model.ts';
import type { Alignment } from './align.ts';
import { counterpart } from './compare.ts';
import type { Document } from './document.ts';
import type { Path, Source } from './elements.ts';
import type { Remark } from './json.ts';
import { hasLineEnd, indentAt, indentUnit, insertion, moved } from './json-style.ts';
import { childrenOf, endOf, type JsonNode, readJson } from './json-tree.ts';
import type { Choice } from './mended-text.ts';
import { counterNode, counterparts } from './pair-elements.ts';
import { lineEnd, lineStart, type Splice } from './splice.ts';

interface RemarkMending {
  readonly base: Document | null;
  readonly lost: Document;
  readonly present: Document;
  readonly remark: Remark;
  readonly unit: Unit;
  readonly partner: Alignment;
  readonly choose: Choice | null;
}

interface RemarkStep {
  readonly splices: readonly Splice[];
  /** Comments of the present file that give way to it. */
  readonly rivals: readonly Unit[];
}

/** Null when a person must choose, or when it cannot be put anywhere; `ours` when that person keeps what stands there. */
export function mendRemark(mending: RemarkMending): RemarkStep | 'ours' | null {
  const { base, lost, present, remark, unit, choose } = mending;
  const inLost = new Set(lost.units.map(({ fingerprint }) => fingerprint));
  const strangers = present.units.filter(other => other.kind === 'block' && !inLost.has(other.fingerprint));
  const rival = counterpart(unit, strangers);
  if (rival && choose !== 'both') {
    const isFormer = base?.units.some(({ fingerprint }) => fingerprint === rival.fingerprint) ?? false;
    if (!isFormer && choose === 'ours') return 'ours';
    if (!isFormer && choose !== 'theirs') return null;
    return {
      splices: [{ start: rival.start, end: rival.end, text: laidOut(mending, indentAt(present.text, rival.start)) }],
      rivals: [rival],
    };
  }
  const source: Source = { text: lost.text, tree: readJson(lost.text).tree! };
  const target: Source = { text: present.text, tree: readJson(present.text).tree! };
  return { splices: [placed(mending, source, target, pathTo(source.tree, remark.start))], rivals: [] };
}

function placed(mending: RemarkMending, source: Source, target: Source, path: Path | null): Splice {
  const { lost, present, remark, partner } = mending;
  const { newline, text } = present;
  if (path === null) {
    const isBefore = remark.end <= source.tree.offset;
    if (isBefore) return insertion(0, laidOut(mending, '') + newline);
    const end = text.trimEnd().length;
    return insertion(end, newline + laidOut(mending, ''));
  }
  let above = path;
  while (above.length > 0 && !/object|array/.test(counterNode(source, target, above)?.type ?? ''))
    above = above.slice(0, -1);
  const container = counterNode(source, target, above)!;
  const like = nodeBelow(source.tree, above);
  const children = childrenOf(container);
  const outer = indentAt(text, container.offset);
  const isTall = children[0] ? hasLineEnd(text, container.offset, children[0].offset) : true;
  const indent = children[0] && isTall ? indentAt(text, children[0].offset) : outer + indentUnit(target, source);
  const said = laidOut(mending, indent);

  // What it stands beside, that exists in both versions: members or elements, and other comments.
  const neighbours = [
    ...standingIn(source, target, like, container, above),
    ...lost.units.flatMap((unit, index) => {
      const there = unit.kind === 'block' && partner[index]! >= 0 ? present.units[partner[index]!]! : null;
      const isHere = there && container.offset < there.start && there.end <= endOf(container);
      return isHere ? [{ start: unit.start, end: unit.end, there }] : [];
    }),
  ].sort((a, b) => a.start - b.start);
  const before = neighbours.findLast(({ end }) => end <= remark.start);
  const after = neighbours.find(({ start }) => start >= remark.end);
  if (before) {
    const { end } = before.there;
    const comma = /^\s*,/.exec(text.slice(end, end + 2_000));
    const behind = end + (comma && !hasLineEnd(comma[0], 0, comma[0].length) ? comma[0].length : 0);
    const rest = text.slice(behind, lineEnd(text, behind));
    const isBeside = !hasLineEnd(lost.text, before.end, remark.start);
    if (isBeside && rest.trim() === '') return insertion(behind, ` ${said}`);
    const isLast = /^\s*(?:\/\/.*|\/\*(?:(?!\*\/).)*\*\/\s*)?$/.test(rest);
    if (isLast) return insertion(behind + rest.trimEnd().length, newline + indent + said);
    return insertion(behind, `${newline}${indent}${said}${newline}${indent}`);
  }
  if (after) {
    const { start } = after.there;
    const isFirst = text.slice(lineStart(text, start), start).trim() === '';
    return insertion(start, `${isFirst ? '' : newline + indent}${said}${newline}${indent}`);
  }
  const isOpen = /^[ \t]*[\r\n]/.test(text.slice(container.offset + 1));
  return insertion(container.offset + 1, newline + indent + said + (isOpen ? '' : newline + outer));
}

/** As the present file indents it. */
function laidOut({ lost, present, remark }: RemarkMending, indent: string): string {
  const own = indentAt(lost.text, remark.start);
  return moved(lost.text.slice(remark.start, remark.end), own, indent, present.newline);
}

/** The path of the object or array in which an offset lies; null when it lies outside of all. */
function pathTo(tree: JsonNode, offset: number): Path | null {
  const isIn = (node: JsonNode): boolean =>
    /object|array/.test(node.type) && node.offset < offset && offset < endOf(node);
  if (!isIn(tree)) return null;
  const path: (string | number)[] = [];
  let node: JsonNode | undefined = tree;
  while (node) {
    const children: readonly JsonNode[] = childrenOf(node);
    const index: number = children.findIndex(child =>
      isIn(child.type === 'property' ? (child.children?.[1] ?? child) : child),
    );
    const child: JsonNode | undefined = children[index];
    if (!child) break;
    path.push(child.type === 'property' ? String(child.children?.[0]?.value) : index);
    node = child.type === 'property' ? child.children?.[1] : child;
  }
  return path;
}

function nodeBelow(tree: JsonNode, path: Path): JsonNode {
  let node = tree;
  for (const step of path) {
    node =
      typeof step === 'number'
        ? childrenOf(node)[step]!
        : childrenOf(node).findLast(property => property.children?.[0]?.value === step)!.children![1]!;
  }
  return node;
}

interface Neighbour {
  readonly start: number;
  readonly end: number;
  /** The same in the present file. */
  readonly there: { readonly start: number; readonly end: number };
}

/** Members or elements that stand in both. */
function standingIn(source: Source, target: Source, one: JsonNode, other: JsonNode, path: Path): readonly Neighbour[] {
  const [here, there] = [childrenOf(one), childrenOf(other)];
  const pairs = one.type === 'array' ? counterparts(source, target, path) : null;
  return here.flatMap((child, index): readonly Neighbour[] => {
    const key = child.children?.[0]?.value as unknown;
    const same = pairs ? there[pairs[index]!] : there.find(property => property.children?.[0]?.value === key);
    if (!same) return [];
    return [{ start: child.offset, end: endOf(child), there: { start: same.offset, end: endOf(same) } }];
  });
}
