/**
 * Mending JSON member by member. Text is spliced rather than printed anew: comments, order, indentation and the spelling of numbers stay,
 * in the present file as in the members that come back.
 */
import type { Unit } from '../model.ts';
import { type Alignment, align } from './align.ts';
import { countsOf } from './compare.ts';
import type { Document } from './document.ts';
import { type Path, type Source, slice } from './elements.ts';
import { trimBlanks } from './fingerprint.ts';
import { type Leaf, leavesOf, type Piece, piecesOf } from './json.ts';
import {
  gapsOf,
  hasLineEnd,
  indentAt,
  indentUnit,
  inStyle,
  insertion,
  isOneLine,
  moved,
  type Target,
} from './json-style.ts';
import {
  canonicalJson,
  childrenOf,
  endOf,
  isHookEntry,
  type JsonNode,
  nodeAt,
  pointerOf,
  readJson,
} from './json-tree.ts';
import { mostReread } from './limits.ts';
import { holds, reread } from './mend-holds.ts';
import { mendRemark } from './mend-remark.ts';
import type { Choice, Conflict, MendedText } from './mended-text.ts';
import { counterNode, counterparts } from './pair-elements.ts';
import { applySplices, type Splice } from './splice.ts';

interface JsonMending {
  readonly base: Document | null;
  readonly lost: Document;
  readonly present: Document;
  readonly wanted: ReadonlySet<string>;
  readonly choose?: Choice;
}

export function mendJson({ base, lost, present: before, wanted, choose }: JsonMending): MendedText {
  const source = { text: lost.text, tree: readJson(lost.text).tree! };
  const baseTree = base && readJson(base.text).tree;
  const pieces = piecesOf(lost.text, source.tree, lost.encoding);
  const former = base && baseTree ? { text: base.text, tree: baseTree } : null;
  let present = before;
  const alignWith = (document: Document): Alignment => alignMembers(source, pieces, lost, document);
  let partner = alignWith(present);
  const asked = pieces.flatMap((_, index) => (wanted.has(lost.units[index]!.fingerprint) ? [index] : []));
  const already: Unit[] = asked.filter(index => partner[index] !== -1).map(index => lost.units[index]!);
  const restored: Unit[] = [];
  const removed: Unit[] = [];
  const conflicts: Conflict[] = [];
  const open = new Set(asked.filter(index => partner[index] === -1));
  let read = 0;

  for (const index of asked) {
    const { leaf } = pieces[index]!;
    if (!open.has(index) || !leaf) continue;
    // Each level of lists in lists is paired anew.
    read += (4 + leaf.path.length) * present.text.length + 50 * present.units.length;
    if (read > mostReread) break;
    const unit = lost.units[index]!;
    const target = { text: present.text, tree: readJson(present.text).tree!, newline: present.newline };
    const stop = firstDifference(leaf, source, target);
    const there = counterNode(source, target, stop);
    const mine = nodeAt(source.tree, stop)!;
    if (
      there &&
      !leaf.isElement &&
      childrenOf(mine).length === 0 &&
      mine.type === there.type &&
      /object|array/.test(there.type)
    ) {
      open.delete(index);
      already.push(unit); // an empty container that has members by now
      continue;
    }
    if (there && !leaf.isElement && canonicalJson(source.text, mine) === canonicalJson(target.text, there)) {
      open.delete(index);
      already.push(unit); // in an element that says something else by now
      continue;
    }
    const isElementOnly = leaf.isElement && there?.type === 'array' && stop.length === leaf.path.length;
    const members = isElementOnly
      ? [index]
      : withTheirLists(
          asked.filter(other => open.has(other) && isBelow(pieces[other]!.leaf?.path, stop)),
          pieces,
          stop,
        );
    for (const other of members) open.delete(other);
    const whole: Range[] = [];
    const text = isElementOnly
      ? slice(source.text, leaf.value)
      : pruned(source, stop, new Set(members.map(other => pieces[other]!.leaf!)), whole);
    // Comments come back with what they stand in.
    const isWithin = ({ start, end }: Range): boolean => whole.some(range => range.start <= start && end <= range.end);
    const remarks = pieces.flatMap(({ remark }, other) => (remark && isWithin(remark) ? [other] : []));
    for (const other of remarks) open.delete(other);
    const units = [...members, ...remarks].map(other => lost.units[other]!);
    const rivals =
      there && !isElementOnly
        ? present.units.filter(other => other.start < endOf(there) && there.offset < other.end)
        : [];
    const ask = (): void => {
      const rival = rivals[0] ?? present.units.find(other => other.place === unit.place) ?? present.units[0] ?? unit;
      for (const one of units) conflicts.push({ lost: one, present: rival });
    };
    if (text === null) {
      ask();
      continue;
    }
    let splices: readonly Splice[] | null;
    const twin = isElementOnly && there ? twinOf(leaf, there, target, source) : null;
    if (there && twin) {
      const had = former && counterNode(source, former, leaf.path);
      const isFormer =
        had && childrenOf(had).some(other => canonicalJson(former.text, other) === canonicalJson(target.text, twin));
      rivals.push(...present.units.filter(other => other.start === twin.offset && other.end === endOf(twin)));
      if (!isFormer && choose === 'ours') continue;
      if (!isFormer && choose !== 'theirs' && choose !== 'both') {
        ask();
        continue;
      }
      const indent = indentAt(target.text, twin.offset);
      if (isFormer || choose === 'theirs')
        splices = [
          { start: twin.offset, end: endOf(twin), text: inStyle(text, leaf.value.offset, indent, source, target) },
        ];
      else {
        rivals.length = 0;
        splices = insertElement(leaf, pieces, source, target, there);
      }
    } else if (isElementOnly) splices = insertElement(leaf, pieces, source, target, there);
    else if (!there) splices = insertMember(stop, text, source, target);
    else {
      const had = former && counterNode(source, former, stop);
      const isFormer = had && canonicalJson(former.text, had) === canonicalJson(target.text, there);
      // Only the present side changed it: that is no lost text, and the newer value stays.
      if (had && !isFormer && !choose && canonicalJson(former.text, had) === canonicalJson(source.text, mine)) {
        already.push(...units);
        continue;
      }
      if (!isFormer && choose === 'ours') continue;
      if (!isFormer && choose !== 'theirs') {
        ask();
        continue;
      }
      const indent = indentAt(target.text, there.offset);
      splices = [{ start: there.offset, end: endOf(there), text: inStyle(text, mine.offset, indent, source, target) }];
    }
    const next = splices && reread(present, applySplices(present.text, splices));
    if (!next || !holds(present, next, units, rivals, isEmpty)) {
      ask();
      continue;
    }
    restored.push(...units);
    const left = countsOf(next.units);
    removed.push(...rivals.filter(rival => !left.has(rival.fingerprint)));
    present = next;
    partner = alignWith(present);
    for (const other of [...open]) {
      if (partner[other] === -1) continue;
      open.delete(other);
      already.push(lost.units[other]!);
    }
  }
  for (const index of [...open]) {
    const { remark } = pieces[index]!;
    read += 4 * present.text.length + 50 * present.units.length;
    if (!remark || read > mostReread) continue;
    open.delete(index);
    const unit = lost.units[index]!;
    const step = mendRemark({ base, lost, present, remark, unit, partner, choose: choose ?? null });
    if (step === 'ours') continue;
    const next = step && reread(present, applySplices(present.text, step.splices));
    if (!step || !next || !holds(present, next, [unit], step.rivals, isEmpty)) {
      conflicts.push({ lost: unit, present: step?.rivals[0] ?? present.units[0] ?? unit });
      continue;
    }
    restored.push(unit);
    removed.push(...step.rivals);
    present = next;
    partner = alignWith(present);
  }
  // What was too much work is a person's to see.
  const places = new Map(present.units.map(unit => [unit.place, unit]));
  for (const index of open) {
    const unit = lost.units[index]!;
    conflicts.push({ lost: unit, present: places.get(unit.place) ?? present.units[0] ?? unit });
  }
  return { text: present.text, restored, removed, already, conflicts };
}

/** Equal members of elements with one name that are doubled, looked for one by one. */
const mostDoubled = 2_000;

/** Of members that say the same in elements of one name, those stand in the present file whose element does. */
function alignMembers(source: Source, pieces: readonly Piece[], lost: Document, present: Document): Alignment {
  const partner = [...align(lost, present)];
  const groups = new Map<string, number[]>();
  for (const [index, { leaf }] of pieces.entries()) {
    if (!leaf || leaf.isElement || !leaf.path.some(step => typeof step === 'number')) continue;
    const print = lost.units[index]!.fingerprint;
    const group = groups.get(print);
    if (group) group.push(index);
    else groups.set(print, [index]);
  }
  let target: Source | null = null;
  let asked = 0;
  for (const group of groups.values()) {
    const theirs = group.map(index => partner[index]!).filter(other => other !== -1);
    if (theirs.length === 0 || theirs.length === group.length || asked + group.length > mostDoubled) continue;
    asked += group.length;
    target ??= { text: present.text, tree: readJson(present.text).tree! };
    const there = (index: number): boolean => counterNode(source, target!, pieces[index]!.leaf!.path) !== null;
    const [here, gone] = [group.filter(there), group.filter(index => !there(index))];
    for (const [rank, index] of [...here, ...gone].entries()) partner[index] = theirs[rank] ?? -1;
  }
  return partner;
}

/** The present text with the value at `path` as the lost version had it; null when there is none to replace. */
export function withMember(lost: Document, present: Document, path: Path): string | null {
  const [source, tree] = [readJson(lost.text).tree, readJson(present.text).tree];
  const [mine, there] = [source && nodeAt(source, path), tree && nodeAt(tree, path)];
  if (!source || !tree || !mine || !there) return null;
  const target = { text: present.text, tree, newline: present.newline };
  const text = inStyle(
    slice(lost.text, mine),
    mine.offset,
    indentAt(present.text, there.offset),
    { text: lost.text, tree: source },
    target,
  );
  return applySplices(present.text, [{ start: there.offset, end: endOf(there), text }]);
}

/** An empty object or list. */
function isEmpty({ text }: Unit): boolean {
  return /(?:\{\s*\}|\[\s*\])$/.test(text);
}

/** The hook of the same command that stands there otherwise, and that the lost version has not beside it. */
function twinOf(leaf: Leaf, array: JsonNode, target: Source, source: Source): JsonNode | null {
  if (leaf.path[0] !== 'hooks' || leaf.value.type !== 'object') return null;
  const command = nodeAt(leaf.value, ['command'])?.value;
  if (typeof command !== 'string') return null;
  const theirs = childrenOf(nodeAt(source.tree, leaf.path)!).map(other => canonicalJson(source.text, other));
  const twins = childrenOf(array).filter(
    other => other.type === 'object' && nodeAt(other, ['command'])?.value === command,
  );
  return twins.find(other => !theirs.includes(canonicalJson(target.text, other))) ?? null;
}

/** The shortest path to the leaf at which the present file has nothing, or something else than a container of that kind. */
function firstDifference(leaf: Leaf, source: Source, target: Source): Path {
  for (let length = 0; length < leaf.path.length; length++) {
    const path = leaf.path.slice(0, length);
    const there = counterNode(source, target, path);
    if (!there || there.type !== nodeAt(source.tree, path)!.type) return path;
  }
  return leaf.path;
}

/**
 * Half a command line is worse than none: a list that is gone comes back whole, and so does an element of an array. Of permissions and
 * hooks each one stands for itself.
 */
function withTheirLists(members: readonly number[], pieces: readonly Piece[], stop: Path): readonly number[] {
  const wholeOf = ({ isElement, path }: Leaf): string | null => {
    if (path[0] === 'permissions' || path[0] === 'hooks') return null;
    const number = path.findIndex((step, index) => index >= stop.length - 1 && typeof step === 'number');
    if (number >= 0) return pointerOf(path.slice(0, number + 1));
    return isElement ? `${pointerOf(path)}/*` : null;
  };
  const asked = new Set(members);
  const wholes = new Set(members.flatMap(index => wholeOf(pieces[index]!.leaf!) ?? []));
  if (wholes.size === 0) return members;
  return pieces.flatMap(({ leaf }, index) => {
    const whole = leaf && isBelow(leaf.path, stop) ? wholeOf(leaf) : null;
    return asked.has(index) || (whole !== null && wholes.has(whole)) ? [index] : [];
  });
}

function isBelow(path: Path | undefined, above: Path): boolean {
  return path !== undefined && above.every((step, index) => path[index] === step);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The value at `path` with nothing in it but the wanted leaves. `whole`: gets what of the source stands in it as it stood. */
function pruned(source: Source, path: Path, wanted: ReadonlySet<Leaf>, whole: Range[]): string | null {
  const isWanted = new Set([...wanted].map(leaf => leaf.value.offset));
  const unit = indentUnit(source);
  const asItStood = (node: JsonNode, indent: string): string => {
    whole.push({ start: node.offset, end: endOf(node) });
    return moved(slice(source.text, node), indentAt(source.text, node.offset), indent, '\n');
  };
  const print = (node: JsonNode, at: Path, indent: string): string | null => {
    const all = leavesOf(node, at, source.text);
    const kept = all.filter(leaf => isWanted.has(leaf.value.offset));
    if (kept.length === 0) return null;
    if (kept.length === all.length) return asItStood(node, indent);
    const inner = indent + unit;
    if (node.type === 'array') {
      const elements = childrenOf(node).flatMap((child, index): readonly string[] => {
        const below = isWanted.has(child.offset) ? asItStood(child, inner) : print(child, [...at, index], inner);
        return below === null ? [] : [below];
      });
      return `[\n${elements.map(element => inner + element).join(',\n')}\n${indent}]`;
    }
    const isEntry = isHookEntry(at, node);
    const members = childrenOf(node).flatMap(property => {
      const [key, value] = property.children ?? [];
      if (isEntry && key?.value === 'matcher') return [inner + slice(source.text, property)];
      const text = key && value && print(value, [...at, String(key.value)], inner);
      return text ? [`${inner}${slice(source.text, key)}: ${text}`] : [];
    });
    return `{\n${members.join(',\n')}\n${indent}}`;
  };
  const node = nodeAt(source.tree, path)!;
  return print(node, path, indentAt(source.text, node.offset));
}

/** Sets by union: behind the neighbour it stood behind, before the one it stood before, or last. */
function insertElement(
  leaf: Leaf,
  pieces: readonly Piece[],
  source: Source,
  target: Target,
  array: JsonNode,
): readonly Splice[] {
  const at = pointerOf(leaf.path);
  const elements = pieces.flatMap(({ leaf: other }) =>
    other?.isElement && pointerOf(other.path) === at ? [other] : [],
  );
  const names = new Map<string, number>();
  for (const [index, child] of childrenOf(array).entries()) {
    const name = canonicalJson(target.text, child);
    if (!names.has(name)) names.set(name, index);
  }
  const standing = elements.map(other => names.get(canonicalJson(source.text, other.value)) ?? -1);
  const text = slice(source.text, leaf.value);
  const like = nodeAt(source.tree, leaf.path)!;
  return insertAmong(array, neighbour(standing, elements.indexOf(leaf)), text, leaf.value.offset, like, source, target);
}

function insertMember(path: Path, value: string, source: Source, target: Target): readonly Splice[] | null {
  const above = path.slice(0, -1);
  const key = path[path.length - 1];
  const container = counterNode(source, target, above);
  const like = nodeAt(source.tree, above);
  if (!container || !like || key === undefined) return null;
  if (container.type === 'array') {
    const mine = Number(key);
    const standing = counterparts(source, target, above);
    const { offset } = childrenOf(like)[mine]!;
    return insertAmong(container, neighbour(standing, mine), value, offset, like, source, target);
  }
  const keys = childrenOf(container).map(property => property.children?.[0]?.value as unknown);
  const properties = childrenOf(like);
  const mine = properties.findLastIndex(property => property.children?.[0]?.value === key);
  const property = properties[mine]!;
  const standing = properties.map(other => keys.indexOf(other.children?.[0]?.value as unknown));
  const head = source.text.slice(property.offset, property.children![1]!.offset);
  return insertAmong(container, neighbour(standing, mine), head + value, property.offset, like, source, target);
}

type Neighbour = { readonly after: number } | { readonly before: number };

function neighbour(standing: readonly number[], index: number): Neighbour {
  for (let other = index - 1; other >= 0; other--) if (standing[other]! >= 0) return { after: standing[other]! };
  for (let other = index + 1; other < standing.length; other++)
    if (standing[other]! >= 0) return { before: standing[other]! };
  return { after: Number.POSITIVE_INFINITY };
}

/** Puts a member or element into a container, with the comma where it belongs and the comment of its neighbour left alone. */
function insertAmong(
  container: JsonNode,
  where: Neighbour,
  text: string,
  origin: number,
  like: JsonNode,
  source: Source,
  target: Target,
): readonly Splice[] {
  const children = childrenOf(container);
  const { newline } = target;
  const outer = indentAt(target.text, container.offset);
  const first = children[0];
  const isTall = first
    ? hasLineEnd(target.text, container.offset, first.offset)
    : !isOneLine(target) && hasLineEnd(source.text, like.offset, childrenOf(like)[0]!.offset);
  const indent = !isTall ? outer : first ? indentAt(target.text, first.offset) : outer + indentUnit(target, source);
  const member = inStyle(text, origin, indent, source, target);
  const gap = isTall ? newline + indent : gapsOf({ text: target.text, tree: container }, target, source).comma;
  if (!first) {
    const isOpen = hasLineEnd(target.text, container.offset, endOf(container));
    return [insertion(container.offset + 1, isTall ? gap + member + (isOpen ? '' : newline + outer) : member)];
  }
  if ('before' in where) return [insertion(children[where.before]!.offset, `${member},${gap}`)];
  const at = endOf(children[Math.min(where.after, children.length - 1)]!);
  const rest = /^[ \t]*(,?)[ \t]*(?:\/\/[^\r\n]*|\/\*(?:(?!\*\/)[^\r\n])*\*\/)[ \t]*(?=[\r\n])/.exec(
    target.text.slice(at, at + 2000),
  );
  if (!rest || !isTall) return [insertion(at, `,${gap}${member}`)];
  const end = at + trimBlanks(rest[0]).length;
  return rest[1] ? [insertion(end, `${gap}${member},`)] : [insertion(at, ','), insertion(end, gap + member)];
}
