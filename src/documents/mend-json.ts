/**
 * Mending JSON member by member. Text is spliced rather than printed anew: comments, order, indentation and the spelling of numbers stay,
 * in the present file as in the members that come back.
 */
import type { Unit } from '../model.ts';
import { align } from './align.ts';
import { countsOf } from './compare.ts';
import { type Document, readText } from './document.ts';
import { trimBlanks } from './fingerprint.ts';
import {
  canonicalJson,
  childrenOf,
  endOf,
  isHookEntry,
  isSetOf,
  type JsonNode,
  type Leaf,
  leavesOf,
  matcherOf,
  nodeAt,
  pointerOf,
  readJson,
} from './json.ts';
import { mostReread } from './limits.ts';
import type { Choice, Conflict, MendedText } from './mended-text.ts';
import { applySplices, lineStart, type Splice, withNewlines } from './splice.ts';

interface JsonMending {
  readonly base: Document | null;
  readonly lost: Document;
  readonly present: Document;
  readonly wanted: ReadonlySet<string>;
  readonly choose?: Choice;
}

type Path = readonly (string | number)[];

export function mendJson({ base, lost, present: before, wanted, choose }: JsonMending): MendedText {
  const source = { text: lost.text, tree: readJson(lost.text).tree! };
  const baseTree = base && readJson(base.text).tree;
  const leaves = leavesOf(source.tree);
  let present = before;
  let partner = align(lost, present);
  const asked = leaves.flatMap((_, index) => (wanted.has(lost.units[index]!.fingerprint) ? [index] : []));
  const already: Unit[] = asked.filter(index => partner[index] !== -1).map(index => lost.units[index]!);
  const restored: Unit[] = [];
  const removed: Unit[] = [];
  const conflicts: Conflict[] = [];
  const open = new Set(asked.filter(index => partner[index] === -1));
  let read = 0;

  for (const index of asked) {
    if (!open.has(index)) continue;
    read += 4 * present.text.length + 50 * present.units.length;
    if (read > mostReread) break;
    const leaf = leaves[index]!;
    const unit = lost.units[index]!;
    const target = { text: present.text, tree: readJson(present.text).tree!, newline: present.newline };
    const stop = firstDifference(leaf, source.tree, target.tree);
    const there = nodeAt(target.tree, stop);
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
    const isElementOnly = leaf.isElement && there?.type === 'array' && stop.length === leaf.path.length;
    const members = isElementOnly
      ? [index]
      : withTheirLists(
          asked.filter(other => open.has(other) && isBelow(leaves[other]!.path, stop)),
          leaves,
        );
    for (const other of members) open.delete(other);
    const text = isElementOnly
      ? slice(source.text, leaf.value)
      : pruned(source, stop, new Set(members.map(other => leaves[other]!)));
    const units = members.map(other => lost.units[other]!);
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
      const former = baseTree && nodeAt(baseTree, leaf.path);
      const isFormer =
        former &&
        childrenOf(former).some(other => canonicalJson(base.text, other) === canonicalJson(target.text, twin));
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
        splices = insertElement(leaf, leaves, source, target, there);
      }
    } else if (isElementOnly) splices = insertElement(leaf, leaves, source, target, there);
    else if (!there) splices = insertMember(stop, text, source, target);
    else {
      const former = baseTree && nodeAt(baseTree, stop);
      const isFormer = former && canonicalJson(base.text, former) === canonicalJson(target.text, there);
      // Only the present side changed it: that is no lost text, and the newer value stays.
      if (former && !isFormer && !choose && canonicalJson(base.text, former) === canonicalJson(source.text, mine)) {
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
    if (!next || !holds(present, next, units, rivals)) {
      ask();
      continue;
    }
    restored.push(...units);
    const left = countsOf(next.units);
    removed.push(...rivals.filter(rival => !left.has(rival.fingerprint)));
    present = next;
    partner = align(lost, present);
    for (const other of [...open]) {
      if (partner[other] === -1) continue;
      open.delete(other);
      already.push(lost.units[other]!);
    }
  }
  // What was too much work is a person's to see.
  const places = new Map(present.units.map(unit => [unit.place, unit]));
  for (const index of open) {
    const unit = lost.units[index]!;
    conflicts.push({ lost: unit, present: places.get(unit.place) ?? present.units[0] ?? unit });
  }
  return { text: present.text, restored, removed, already, conflicts };
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

interface Source {
  readonly text: string;
  readonly tree: JsonNode;
}

interface Target extends Source {
  readonly newline: string;
}

function reread(document: Document, text: string): Document {
  return readText(document.path, document.bytes, text, document.encoding, document.bom, document.format);
}

/** Nothing came but what was asked for, nothing went but what it replaced, and containers that are no longer empty. */
function holds(before: Document, after: Document, added: readonly Unit[], gone: readonly Unit[]): boolean {
  if (after.broken !== null) return false;
  const expected = countsOf([...before.units, ...added]);
  for (const { fingerprint } of gone) expected.set(fingerprint, (expected.get(fingerprint) ?? 0) - 1);
  const found = countsOf(after.units);
  const empty = new Set(
    before.units.filter(unit => /(?:\{\s*\}|\[\s*\])$/.test(unit.text)).map(unit => unit.fingerprint),
  );
  for (const [fingerprint, count] of expected) {
    const now = found.get(fingerprint) ?? 0;
    if (now !== count && !(empty.has(fingerprint) && now < count)) return false;
  }
  return [...found.keys()].every(fingerprint => (expected.get(fingerprint) ?? 0) > 0);
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
function firstDifference(leaf: Leaf, source: JsonNode, target: JsonNode): Path {
  for (let length = 0; length < leaf.path.length; length++) {
    const path = leaf.path.slice(0, length);
    const there = nodeAt(target, path);
    if (!there || there.type !== nodeAt(source, path)!.type) return path;
  }
  return leaf.path;
}

/** Half a command line is worse than none: a list that is gone comes back whole. Of permissions and hooks each one stands for itself. */
function withTheirLists(members: readonly number[], leaves: readonly Leaf[]): readonly number[] {
  const asked = new Set(members);
  const isList = ({ isElement, path }: Leaf): boolean => isElement && path[0] !== 'permissions' && path[0] !== 'hooks';
  const lists = new Set(members.filter(index => isList(leaves[index]!)).map(index => pointerOf(leaves[index]!.path)));
  if (lists.size === 0) return members;
  return leaves.flatMap((leaf, index) =>
    asked.has(index) || (isList(leaf) && lists.has(pointerOf(leaf.path))) ? [index] : [],
  );
}

function isBelow(path: Path, above: Path): boolean {
  return above.every((step, index) => path[index] === step);
}

function slice(text: string, node: JsonNode): string {
  return text.slice(node.offset, endOf(node));
}

/** The value at `path` with nothing in it but the wanted leaves; null when that would move the others of an array. */
function pruned(source: Source, path: Path, wanted: ReadonlySet<Leaf>): string | null {
  const isWanted = new Set([...wanted].map(leaf => leaf.value.offset));
  const unit = indentUnit(source);
  const print = (node: JsonNode, at: Path, indent: string): string | null => {
    const all = leavesOf(node, at);
    const kept = all.filter(leaf => isWanted.has(leaf.value.offset));
    if (kept.length === 0) return null;
    if (kept.length === all.length)
      return moved(slice(source.text, node), indentAt(source.text, node.offset), indent, '\n');
    const inner = indent + unit;
    if (node.type === 'array') {
      if (!isSetOf(pointerOf(at), node)) return null;
      const elements = childrenOf(node).flatMap(child => {
        const entry = [...at, matcherOf(child)];
        if (isHookEntry(entry, child)) return print(child, entry, inner) ?? [];
        return isWanted.has(child.offset)
          ? [moved(slice(source.text, child), indentAt(source.text, child.offset), inner, '\n')]
          : [];
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
  leaves: readonly Leaf[],
  source: Source,
  target: Target,
  array: JsonNode,
): readonly Splice[] {
  const elements = leaves.filter(other => other.isElement && pointerOf(other.path) === pointerOf(leaf.path));
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
  const container = nodeAt(target.tree, above);
  const like = nodeAt(source.tree, above);
  if (!container || !like || key === undefined) return null;
  if (container.type === 'array' && typeof key === 'string') {
    const entries = childrenOf(like);
    const mine = entries.findIndex(entry => matcherOf(entry) === key);
    const standing = entries.map(entry =>
      childrenOf(container).findIndex(other => matcherOf(other) === matcherOf(entry)),
    );
    return insertAmong(container, neighbour(standing, mine), value, entries[mine]!.offset, like, source, target);
  }
  if (container.type === 'array') {
    if (key !== childrenOf(container).length) return null;
    const child = childrenOf(like)[Number(key)]!;
    return insertAmong(container, { after: Number(key) - 1 }, value, child.offset, like, source, target);
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

function insertion(at: number, text: string): Splice {
  return { start: at, end: at, text };
}

function hasLineEnd(text: string, from: number, to: number): boolean {
  return /[\r\n]/.test(text.slice(from, to));
}

function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))![0];
}

/** One step of indentation, as the first of the files that has one does it. */
function indentUnit(...files: readonly Source[]): string {
  for (const { text, tree } of files) {
    const first = childrenOf(tree)[0];
    if (first && hasLineEnd(text, tree.offset, first.offset)) return indentAt(text, first.offset) || '  ';
  }
  return '  ';
}

/**
 * Text that stood at `origin` in the lost file, as the present one would write it: with its indentation, and in a file that is one line
 * with its blanks.
 */
function inStyle(text: string, origin: number, indent: string, source: Source, target: Target): string {
  if (isOneLine(target) && !hasComment(text)) return respaced(text, gapsOf(target, source));
  const steps = { from: indentUnit(source, target), to: indentUnit(target, source) };
  return moved(text, indentAt(source.text, origin), indent, target.newline, steps);
}

/** Whether the file shows by its members that it is meant to be one line. */
function isOneLine({ text, tree }: Source): boolean {
  return childrenOf(tree).length > 0 && !hasLineEnd(text, tree.offset, endOf(tree));
}

function hasComment(text: string): boolean {
  return /\/[/*]/.test(text.replace(/"(?:[^"\\\n\r]|\\.)*"/g, '""'));
}

/** What a file has behind its colons and commas and inside its brackets: nothing, or a blank. */
interface Gaps {
  readonly colon: string;
  readonly comma: string;
  readonly bracket: string;
}

/** A string, or a sign with the blanks behind it. */
const tokens = /"(?:[^"\\\n\r]|\\.)*"|[[{:,][ \t\r\n]*/g;

/** As the file mostly does it; what it never does, as the other one does. */
function gapsOf(...files: readonly Source[]): Gaps {
  const found = files.map(({ text, tree }) => text.slice(tree.offset, endOf(tree)).match(tokens) ?? []);
  const habit = (signs: string, inFiles = found): string | null => {
    for (const all of inFiles) {
      const some = all.filter(token => signs.includes(token[0]!));
      if (some.length > 0) return some.filter(token => token.length > 1).length * 2 > some.length ? ' ' : '';
    }
    return null;
  };
  // Where no comma stands yet, a colon of the same file tells more than a comma of another.
  const comma = found.map(all => habit(',', [all]) ?? habit(':', [all])).find(gap => gap !== null);
  return { colon: habit(':') ?? ' ', comma: comma ?? ' ', bracket: habit('[{') ?? '' };
}

/** The same text in one line. */
function respaced(text: string, { colon, comma, bracket }: Gaps): string {
  const behind: Record<string, string> = { ':': colon, ',': comma, '[': bracket, '{': bracket };
  const all = /"(?:[^"\\\n\r]|\\.)*"|[[{][ \t\r\n]*[\]}]|[ \t\r\n]*[[{\]}:,][ \t\r\n]*/g;
  return text.replace(all, token => {
    if (token[0] === '"') return token;
    const sign = token.replace(/[ \t\r\n]+/g, '');
    if (sign.length > 1) return sign;
    return sign === ']' || sign === '}' ? bracket + sign : sign + behind[sign]!;
  });
}

/** With another indentation; and, where two files differ in it, with another step of indentation. */
function moved(text: string, from: string, to: string, newline: string, steps = { from: '', to: '' }): string {
  const isSame = steps.from === steps.to || steps.from === '';
  const stepped = (line: string): string => {
    const blanks = /^[ \t]*/.exec(line)![0];
    const depth = isSame ? 0 : blanks.length / steps.from.length;
    const isMade = depth > 0 && Number.isInteger(depth) && blanks === steps.from.repeat(depth);
    return isMade ? steps.to.repeat(depth) + line.slice(blanks.length) : line;
  };
  const lines = withNewlines(text, '\n').split('\n');
  return lines
    .map((line, index) => (index > 0 && line.startsWith(from) ? to + stepped(line.slice(from.length)) : line))
    .join(newline);
}
