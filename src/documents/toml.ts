/** Door to `toml-eslint-parser`: TOML as tables and keys, with the places where they stand. */
import { type AST, parseTOML } from 'toml-eslint-parser';
import type { Encoding } from './decode.ts';
import type { Draft, Parsed } from './draft.ts';
import { calledBy } from './elements.ts';
import { draftOf, type Leaf, leavesBelow, type Remark, remarkDraft, remarkText, type Spot } from './json.ts';
import { type CommentRange, escapeKey, type JsonNode, pointerOf } from './json-tree.ts';
import { longestToml, mostPointers, mostUnits, TooMuch } from './limits.ts';
import { countLineEnds, lineStart } from './splice.ts';

/** A key with its value. */
export interface TomlEntry {
  readonly spot: Spot;
  readonly start: number;
  readonly end: number;
  readonly value: JsonNode;
  readonly leaves: readonly Leaf[];
}

/** A header with what stands under it; the first has none. */
export interface TomlTable {
  /** Equal for the same table of two versions. */
  readonly pointer: string;
  readonly spot: Spot;
  readonly start: number;
  /** Of the header. */
  readonly headEnd: number;
  /** Of the last entry. */
  readonly end: number;
  readonly entries: readonly TomlEntry[];
}

/** What the units of a file are made of, in order of the file: a leaf of an entry, a table without entries, or comments. */
export type TomlPiece =
  | { readonly table: TomlTable; readonly entry: TomlEntry | null; readonly leaf: Leaf; readonly remark: null }
  | { readonly table: null; readonly entry: null; readonly leaf: null; readonly remark: Remark };

export interface TomlFile {
  readonly tables: readonly TomlTable[];
  readonly pieces: readonly TomlPiece[];
}

/** @throws TooMuch */
export function readToml(
  text: string,
  encoding: Encoding,
): { readonly file: TomlFile | null; readonly broken: string | null } {
  if (text.length > longestToml) throw new TooMuch(`longer than ${longestToml / 1_000} thousand characters`);
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text, { tomlVersion: '1.1.0' });
  } catch (error) {
    if (error instanceof RangeError) throw new TooMuch('nested too deeply');
    const { lineNumber, message } = error as { lineNumber?: number; message: string };
    return { file: null, broken: `invalid TOML in line ${lineNumber ?? '?'} (${message})` };
  }
  const [top] = program.body;
  const root: Spot = { path: [], steps: [], print: '' };
  const tables: TomlTable[] = [];
  const first = top.body.filter(node => node.type === 'TOMLKeyValue');
  const start = first[0]?.range[0] ?? 0;
  tables.push(tableOf('', root, start, start, first, text, encoding));
  for (const node of top.body) {
    if (node.type !== 'TOMLTable') continue;
    const spot = spotOf(node, text, encoding);
    const headEnd =
      text.indexOf(node.kind === 'array' ? ']]' : ']', node.key.range[1]) + (node.kind === 'array' ? 2 : 1);
    tables.push(tableOf(pointerOf(spot.steps), spot, node.range[0], headEnd, node.body, text, encoding));
  }
  const comments = (program.comments ?? []).map(({ range: [from, to] }) => ({ start: from, end: to }));
  return { file: { tables, pieces: piecesOf(tables, comments, text) }, broken: null };
}

/** @throws TooMuch */
export function parseToml(text: string, encoding: Encoding): Parsed {
  const { file, broken } = readToml(text, encoding);
  if (!file) return { drafts: [], broken };
  let pointers = 0;
  for (const { leaf, remark } of file.pieces) {
    for (const step of (leaf ?? remark).steps) pointers += typeof step === 'string' ? step.length + 1 : 2;
  }
  if (pointers > mostPointers) throw new TooMuch('very long keys, nested deeply');
  if (file.pieces.length > mostUnits) throw new TooMuch(`more than ${mostUnits.toLocaleString('en')} keys`);
  return {
    drafts: file.pieces.map(({ leaf, remark }): Draft => (leaf ? draftOf(text, leaf) : remarkDraft(text, remark))),
    broken: null,
  };
}

/** Where a table stands; one of several of a name is known as elements of JSON are. */
function spotOf({ resolvedKey, body }: AST.TOMLTable, text: string, encoding: Encoding): Spot {
  let spot: Spot = { path: [], steps: [], print: '' };
  for (const [depth, step] of resolvedKey.entries()) {
    const path = [...spot.path, step];
    if (typeof step === 'string') spot = below(spot, step);
    else if (depth === resolvedKey.length - 1) {
      const called = calledBy(objectOf(body, text), path, encoding);
      spot = { path, steps: [...spot.steps, called.step], print: `${spot.print}/${escapeKey(called.print)}` };
    } else spot = { path, steps: [...spot.steps, step], print: `${spot.print}/*` };
  }
  return spot;
}

function below({ path, steps, print }: Spot, key: string): Spot {
  return { path: [...path, key], steps: [...steps, key], print: `${print}/${escapeKey(key)}` };
}

function tableOf(
  pointer: string,
  spot: Spot,
  start: number,
  headEnd: number,
  body: readonly AST.TOMLKeyValue[],
  text: string,
  encoding: Encoding,
): TomlTable {
  const entries = body.map((node): TomlEntry => {
    const at = keysOf(node.key).reduce(below, spot);
    const value = jsonOf(node.value, text);
    const [from, to] = node.range;
    // The value of a key alone begins with the key; what stands in an array or inline table is a leaf by itself.
    const leaves = leavesBelow(value, at, from, encoding);
    return { spot: at, start: from, end: to, value, leaves };
  });
  return { pointer, spot, start, headEnd, end: entries.at(-1)?.end ?? headEnd, entries };
}

function keysOf({ keys }: AST.TOMLKey): readonly string[] {
  return keys.map(key => (key.type === 'TOMLBare' ? key.name : key.value));
}

function objectOf(body: readonly AST.TOMLKeyValue[], text: string): JsonNode {
  return { type: 'object', offset: 0, length: 0, children: body.map(node => propertyOf(node, text)) };
}

function propertyOf(node: AST.TOMLKeyValue, text: string): JsonNode {
  const [start, end] = node.range;
  const keys = keysOf(node.key);
  const value = keys.slice(1).reduceRight<JsonNode>(
    (inner, key) => ({
      type: 'object',
      offset: start,
      length: end - start,
      children: [property(key, inner, start, end)],
    }),
    jsonOf(node.value, text),
  );
  return property(keys[0] ?? '', value, start, end);
}

function property(key: string, value: JsonNode, start: number, end: number): JsonNode {
  return {
    type: 'property',
    offset: start,
    length: end - start,
    children: [{ type: 'string', offset: start, length: key.length, value: key }, value],
  };
}

/** As a value of JSON: dates and numbers as they are spelled. */
function jsonOf(node: AST.TOMLContentNode, text: string): JsonNode {
  const [offset, end] = node.range;
  const at = { offset, length: end - offset };
  if (node.type === 'TOMLArray') return { type: 'array', ...at, children: node.elements.map(one => jsonOf(one, text)) };
  if (node.type === 'TOMLInlineTable')
    return { type: 'object', ...at, children: node.body.map(one => propertyOf(one, text)) };
  if (node.kind === 'string') return { type: 'string', ...at, value: node.value };
  if (node.kind === 'boolean') return { type: 'boolean', ...at, value: node.value };
  return { type: 'number', ...at, value: text.slice(offset, end) };
}

function piecesOf(tables: readonly TomlTable[], comments: readonly CommentRange[], text: string): readonly TomlPiece[] {
  const pieces: TomlPiece[] = [];
  for (const table of tables) {
    for (const entry of table.entries)
      for (const leaf of entry.leaves) pieces.push({ table, entry, leaf, remark: null });
    if (table.entries.length > 0 || table.pointer === '') continue;
    const { spot, start, headEnd } = table;
    const value: JsonNode = { type: 'object', offset: start, length: headEnd - start };
    pieces.push({ table, entry: null, leaf: { ...spot, isElement: false, value, start, end: headEnd }, remark: null });
  }
  const leaves = pieces.map(({ leaf }) => leaf!);
  for (const remark of remarksOf(tables, leaves, comments, text))
    pieces.push({ table: null, entry: null, leaf: null, remark });
  return pieces.sort((a, b) => (a.leaf ?? a.remark).start - (b.leaf ?? b.remark).start);
}

/** Lines of comment that follow each other are one. */
function remarksOf(
  tables: readonly TomlTable[],
  leaves: readonly Leaf[],
  comments: readonly CommentRange[],
  text: string,
): readonly Remark[] {
  const remarks: Remark[] = [];
  let leaf = 0;
  let table = 0;
  let isOwnLine = false;
  for (const { start, end } of comments) {
    while (leaf < leaves.length && leaves[leaf]!.end <= start) leaf++;
    if (leaf < leaves.length && leaves[leaf]!.start < start) continue;
    while (table + 1 < tables.length && tables[table + 1]!.start < start) table++;
    const last = remarks.at(-1);
    const between = last && text.slice(last.end, start);
    if (last && isOwnLine && between!.trim() === '' && countLineEnds(between!) === 1) {
      remarks[remarks.length - 1] = { ...last, end };
      continue;
    }
    isOwnLine = text.slice(lineStart(text, start), start).trim() === '';
    if (remarkText(text.slice(start, end)) !== '') remarks.push({ steps: tables[table]!.spot.steps, start, end });
    else isOwnLine = false;
  }
  return remarks;
}

/** Those of a list in order that lie within a part of the text. */
export function within<T extends { readonly start: number; readonly end: number }>(
  all: readonly T[],
  start: number,
  end: number,
): readonly T[] {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  let last = low;
  while (last < all.length && all[last]!.end <= end) last++;
  return all.slice(low, last);
}
