/** Mending JSON that no reader takes any more: the lost version, and into it what only the wreck has. */
import type { Unit } from '../model.ts';
import { decode, encode } from './decode.ts';
import { type Document, parseDocument, readText } from './document.ts';
import { type Path, slice } from './elements.ts';
import { fingerprint } from './fingerprint.ts';
import { leavesOf, piecesOf, remarkText } from './json.ts';
import {
  canonicalJson,
  childrenOf,
  commentsIn,
  dotted,
  endOf,
  isHookEntry,
  type JsonNode,
  matcherOf,
  nodeAt,
  pointerOf,
  readJson,
  readWreck,
  type Wreck,
} from './json-tree.ts';
import { mendJson, withMember } from './mend-json.ts';
import type { Mended, Mending } from './mended-text.ts';
import { counterNode } from './pair-elements.ts';

/** What stays or goes as one: a value, a list, or an element of permissions or hooks. */
interface Atom {
  readonly path: Path;
  readonly isElement: boolean;
  readonly value: JsonNode;
  /** How deep the containers lie that it stands in and that are never closed. */
  readonly unclosed: readonly number[];
}

interface Salvage {
  readonly atoms: readonly Atom[];
  readonly torn: readonly Unit[];
}

/** Null when it is not known what to keep: two versions side by side, or a lost version of which only a part was asked for. */
export function mendWreck(mending: Mending, lost: Document, present: Document): Mended | null {
  const { base, fingerprints } = mending;
  const text = spelledLike(lost, present);
  if (lost.broken !== null || lost.format !== 'json' || /^(?:<{7}|={7}|>{7})/m.test(text)) return null;
  const source = readJson(lost.text).tree;
  if (!source) return null;
  const salvage = salvageFrom(text);
  // Half an object is worse than none where the lost version has not the other half.
  const isHalf = ({ path, unclosed }: Atom): boolean =>
    unclosed.some(depth => !/object|array/.test(nodeAt(source, path.slice(0, depth))?.type ?? ''));
  const atoms = salvage.atoms.filter(atom => !isHalf(atom));
  const torn = [
    ...salvage.torn,
    ...salvage.atoms.filter(isHalf).map(({ path, value }) => tornUnit(dotted(path), slice(text, value))),
  ];
  const wanted = new Set(fingerprints);
  const pieces = piecesOf(lost.text, source, lost.encoding);
  const stands = new Set(
    atoms.flatMap(atom => {
      if (atom.isElement) return [keyOf({ print: `${pointerOf(atom.path)}/*`, value: atom.value }, text)];
      return leavesOf(atom.value, atom.path, text, lost.encoding).map(leaf => keyOf(leaf, text));
    }),
  );
  const remarks = new Set(commentsIn(text).map(({ start, end }) => remarkText(text.slice(start, end))));
  const missing = lost.units.filter((_, index) => {
    const { leaf, remark } = pieces[index]!;
    if (leaf) return !stands.has(keyOf(leaf, lost.text));
    // A torn file has its comments one by one.
    return !remarkText(lost.text.slice(remark.start, remark.end))
      .split('\n')
      .every(line => remarks.has(line.trim()) || line.trim() === '');
  });
  if (!missing.every(unit => wanted.has(unit.fingerprint))) return null;
  if (mending.choose === 'theirs' || atoms.length === 0) {
    return { bytes: mending.lost, restored: missing, removed: torn, already: [], conflicts: [] };
  }
  const former = base && parseDocument(mending.path, base);
  const formerTree = former && former.broken === null ? readJson(former.text).tree : null;
  const isNews = (atom: Atom): boolean => {
    if (hasAtom(source, lost.text, atom, text)) return false;
    return !(formerTree && hasAtom(formerTree, former!.text, atom, text));
  };
  const news = atoms.filter(isNews);
  const mended = news.length === 0 ? lost.text : withNews(lost, text, source, atoms, news);
  if (mended === null) return null;
  const next = read(lost, mended);
  if (next.broken !== null) return null;
  // A newer value stands where the lost one stood: that one does not come back.
  const prints = new Set(next.units.map(unit => unit.fingerprint));
  return {
    bytes: mended === lost.text ? mending.lost : encode(mended, lost.encoding, lost.bom),
    restored: missing.filter(unit => prints.has(unit.fingerprint)),
    removed: torn,
    already: missing.filter(unit => !prints.has(unit.fingerprint)),
    conflicts: [],
  };
}

/** A letter that the break cut in two makes bytes of the whole text: then it is read with a gap where that letter stood. */
function spelledLike(lost: Document, { text, encoding }: Document): string {
  return encoding === 'bytes' && lost.encoding !== 'bytes' ? Buffer.from(text, 'latin1').toString('utf8') : text;
}

/**
 * Asked units in whose place a value stands that the breaking write had set: it is newer than the lost one, and is kept. A write breaks a
 * file when no reader takes what it leaves, or when it leaves a stub.
 */
export function isKeptFrom(
  cause: Uint8Array,
  lost: Document,
  present: Document,
  asked: readonly Unit[],
): readonly Unit[] {
  if (lost.format !== 'json' || lost.broken !== null) return [];
  const broken = parseDocument(lost.path, cause);
  if (broken.limited !== null || (broken.broken === null && !isStub(broken, lost))) return [];
  const text = decode(cause.filter(byte => byte !== 0))?.text ?? '';
  const [source, there] = [readJson(lost.text).tree, readJson(present.text).tree];
  if (!source || !there) return [];
  const values = new Map(
    salvageFrom(text)
      .atoms.filter(atom => !atom.isElement)
      .map(atom => [pointerOf(atom.path), canonicalJson(text, atom.value)]),
  );
  const isAsked = new Set(asked.map(unit => unit.fingerprint));
  const pieces = piecesOf(lost.text, source, lost.encoding);
  return lost.units.filter((unit, index) => {
    const { leaf } = pieces[index]!;
    if (!isAsked.has(unit.fingerprint) || !leaf) return false;
    const { path } = leaf;
    const now = counterNode({ text: lost.text, tree: source }, { text: present.text, tree: there }, path);
    const mine = nodeAt(source, path)!;
    const value = values.get(pointerOf(path));
    return (
      now !== null &&
      value !== undefined &&
      value === canonicalJson(present.text, now) &&
      value !== canonicalJson(lost.text, mine)
    );
  });
}

/** A few members that a program begins with, where many stood: nobody wrote that on purpose. */
function isStub(left: Document, lost: Document): boolean {
  return left.units.length <= mostInStub && left.units.length * 4 <= lost.units.length;
}

/** The stubs that were seen have two to five members. */
const mostInStub = 8;

/** What stands whole in a text, and what is torn. */
function salvageFrom(text: string): Salvage {
  const wreck = readWreck(text);
  if (!wreck) return { atoms: [], torn: text.trim() === '' ? [] : [tornUnit('the whole text', text)] };
  const { tree, errors, open } = wreck;
  const atoms: Atom[] = [];
  const torn: Unit[] = [];
  const collect = (node: JsonNode, path: Path, above: readonly number[]): void => {
    const unclosed = open.has(node.offset) ? [...above, path.length] : above;
    const isSet = node.type === 'array' && (path[0] === 'permissions' || path[0] === 'hooks');
    if (childrenOf(node).length > 0 && node.type === 'object') {
      for (const property of childrenOf(node)) {
        const [key, value] = property.children ?? [];
        const at = [...path, String(key?.value)];
        if (key?.value === 'matcher' && isHookEntry(path, node)) continue;
        if (value) collect(value, at, unclosed);
        else if (key) torn.push(tornUnit(dotted(at), slice(text, property)));
      }
    } else if (childrenOf(node).length > 0 && isSet) {
      for (const child of childrenOf(node)) {
        const entry = [...path, matcherOf(child)];
        if (isHookEntry(entry, child)) collect(child, entry, unclosed);
        else if (isTorn(child, wreck, text)) torn.push(tornUnit(dotted(path), slice(text, child)));
        else atoms.push({ path, isElement: true, value: child, unclosed });
      }
    } else if (isTorn(node, wreck, text)) torn.push(tornUnit(dotted(path), slice(text, node)));
    else if (path.length > 0 && !isEmptied(node)) atoms.push({ path, isElement: false, value: node, unclosed: above });
  };
  collect(tree, [], []);
  const left = text.slice(endOf(tree));
  if (errors.some(offset => offset >= endOf(tree)) && left.trim() !== '')
    torn.push(tornUnit('what stood behind the end', left.trim()));
  return { atoms, torn };
}

/** An empty object or list in a broken file says nothing. */
function isEmptied(node: JsonNode): boolean {
  return (node.type === 'object' || node.type === 'array') && childrenOf(node).length === 0;
}

/** A reader stumbled in it; or it is a number or a word that something else than a sign or a blank ends. */
function isTorn(node: JsonNode, { errors, open }: Wreck, text: string): boolean {
  const end = endOf(node);
  if (open.has(node.offset) || errors.some(offset => offset >= node.offset && offset < end)) return true;
  if (node.type === 'object' || node.type === 'array') {
    for (const offset of open) if (offset >= node.offset && offset < end) return true;
    return false;
  }
  if (text.slice(node.offset, end).includes('\ufffd')) return true;
  return node.type !== 'string' && !/^[\s,}\]/]/.test(text.slice(end, end + 1));
}

function tornUnit(name: string, text: string): Unit {
  return { kind: 'member', name, text, place: '', fingerprint: fingerprint('member', text), start: 0, end: 0 };
}

function keyOf({ print, value }: { readonly print: string; readonly value: JsonNode }, text: string): string {
  return `${print}\0${canonicalJson(text, value)}`;
}

function hasAtom(tree: JsonNode, text: string, { path, isElement, value }: Atom, atomText: string): boolean {
  const there = nodeAt(tree, path);
  const wanted = canonicalJson(atomText, value);
  if (!there) return false;
  if (!isElement) return canonicalJson(text, there) === wanted;
  return childrenOf(there).some(child => canonicalJson(text, child) === wanted);
}

/** The lost text with the news of the wreck in it, each beside its neighbours there; null when they do not fit. */
function withNews(
  lost: Document,
  wreck: string,
  source: JsonNode,
  atoms: readonly Atom[],
  news: readonly Atom[],
): string | null {
  const rescued = read(lost, printed(atoms, wreck, 0));
  const wanted = new Set(read(lost, printed(news, wreck, 0)).units.map(unit => unit.fingerprint));
  let document = lost;
  for (const atom of news) {
    if (atom.isElement || !nodeAt(source, atom.path)) continue;
    const text = withMember(rescued, document, atom.path);
    if (text === null) return null;
    document = read(lost, text);
  }
  const { text, conflicts } = mendJson({ base: null, lost: rescued, present: document, wanted, choose: 'theirs' });
  return conflicts.length > 0 ? null : text;
}

function read({ path, bytes, encoding, bom }: Document, text: string): Document {
  return readText(path, bytes, text, encoding, bom, 'json');
}

/** The atoms alone, as JSON: what they stand in is written anew, they themselves as they were spelled. */
function printed(atoms: readonly Atom[], text: string, depth: number): string {
  const blanks = '  '.repeat(depth + 1);
  if (atoms.every(atom => atom.isElement && atom.path.length === depth))
    return `[\n${atoms.map(atom => blanks + slice(text, atom.value)).join(',\n')}\n${'  '.repeat(depth)}]`;
  const groups = new Map<string, Atom[]>();
  for (const atom of atoms) {
    const key = String(atom.path[depth]);
    groups.set(key, [...(groups.get(key) ?? []), atom]);
  }
  const isList = depth === 2 && atoms[0]!.path[0] === 'hooks';
  const members = [...groups].map(([key, group]) => {
    const [first] = group;
    if (isList && first!.path.length === depth) return group.map(atom => blanks + slice(text, atom.value)).join(',\n');
    if (isList) {
      const rest = printed(group, text, depth + 1).slice(1);
      return `${blanks}{${key === '*' ? '' : `\n${blanks}  "matcher": ${JSON.stringify(key)},`}${rest}`;
    }
    const isValue = group.length > 0 && !first!.isElement && first!.path.length === depth + 1;
    return `${blanks}${JSON.stringify(key)}: ${isValue ? slice(text, group[group.length - 1]!.value) : printed(group, text, depth + 1)}`;
  });
  const [open, close] = isList ? '[]' : '{}';
  return `${open}\n${members.join(',\n')}\n${'  '.repeat(depth)}${close}`;
}
