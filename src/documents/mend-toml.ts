/** Mending TOML: tables, keys, values of lists and comments come back behind what they stood behind, by splicing text. */
import type { Unit } from '../model.ts';
import { align } from './align.ts';
import { counterpart, countsOf } from './compare.ts';
import type { Document } from './document.ts';
import { canonicalJson, childrenOf, endOf, type JsonNode } from './json-tree.ts';
import { mostReread } from './limits.ts';
import { holds, reread } from './mend-holds.ts';
import type { Choice, Conflict, MendedText } from './mended-text.ts';
import { applySplices, lineEnd, lineStart, type Splice, withNewlines } from './splice.ts';
import { readToml, type TomlEntry, type TomlFile, type TomlPiece, type TomlTable } from './toml.ts';

interface TomlMending {
  readonly base: Document | null;
  readonly lost: Document;
  readonly present: Document;
  readonly wanted: ReadonlySet<string>;
  readonly choose?: Choice;
}

/** What is put back at once, and what of the present file gives way to it; null where a person must choose. */
interface Step {
  readonly splices: readonly Splice[];
  /** Indexes of the units of the lost version that come back with it. */
  readonly units: readonly number[];
  readonly rivals: readonly Unit[];
}

interface Scene {
  readonly base: Document | null;
  readonly lost: Document;
  readonly source: TomlFile;
  readonly present: Document;
  readonly target: TomlFile;
  readonly choose: Choice | null;
  readonly isAsked: (index: number) => boolean;
}

export function mendToml({ base, lost, present: before, wanted, choose }: TomlMending): MendedText {
  const source = readToml(lost.text, lost.encoding).file!;
  let present = before;
  let partner = align(lost, present);
  const asked = lost.units.flatMap(({ fingerprint }, index) => (wanted.has(fingerprint) ? [index] : []));
  const open = new Set(asked.filter(index => partner[index] === -1));
  const already = asked.filter(index => !open.has(index)).map(index => lost.units[index]!);
  const [restored, removed, conflicts]: [Unit[], Unit[], Conflict[]] = [[], [], []];
  let read = 0;
  for (const index of asked) {
    read += 4 * present.text.length + 50 * present.units.length;
    if (!open.has(index) || read > mostReread) continue;
    const target = readToml(present.text, present.encoding).file!;
    const isAsked = (other: number) => open.has(other);
    const scene: Scene = { base, lost, source, present, target, choose: choose ?? null, isAsked };
    const step = stepFor(index, scene);
    for (const other of step?.units ?? [index]) open.delete(other);
    if (step?.splices.length === 0) continue;
    const next = step && reread(present, applySplices(present.text, step.splices));
    const units = (step?.units ?? []).map(other => lost.units[other]!);
    if (!step || !next || !holds(present, next, units, step.rivals, isEmpty)) {
      const rival = step?.rivals[0] ?? rivalsOf(index, scene)[0] ?? present.units[0] ?? lost.units[index]!;
      for (const other of step?.units ?? [index]) conflicts.push({ lost: lost.units[other]!, present: rival });
      continue;
    }
    restored.push(...units);
    const left = countsOf(next.units);
    removed.push(...step.rivals.filter(({ fingerprint }) => !left.has(fingerprint)));
    present = next;
    partner = align(lost, present);
    for (const other of [...open]) {
      if (partner[other] === -1) continue;
      open.delete(other);
      already.push(lost.units[other]!);
    }
  }
  // What was too much work is a person's to see.
  for (const index of open)
    conflicts.push({ lost: lost.units[index]!, present: present.units[0] ?? lost.units[index]! });
  return { text: present.text, restored, removed, already, conflicts };
}

/** An empty list or table, or the heading of a table. */
function isEmpty({ text }: Unit): boolean {
  return /[[{]\s*[\]}]$|^\[/.test(text);
}

function stepFor(index: number, scene: Scene): Step | null {
  const piece = scene.source.pieces[index]!;
  if (piece.remark) return remarkStep(index, piece, scene);
  const table = tableLike(piece.table, scene);
  if (!table) return tableStep(piece.table, scene);
  if (!piece.entry) return { splices: [], units: [index], rivals: [] };
  const entry = entryLike(piece.entry, table);
  if (!entry) return entryStep(piece.table, piece.entry, table, scene);
  return valueStep(index, piece.entry, entry, scene);
}

function tableLike({ spot }: TomlTable, { target }: Scene): TomlTable | undefined {
  const known = tablesOf.get(target) ?? new Map(target.tables.toReversed().map(table => [table.spot.print, table]));
  tablesOf.set(target, known);
  return known.get(spot.print);
}

function entryLike({ spot }: TomlEntry, table: TomlTable): TomlEntry | undefined {
  const known = entriesOf.get(table) ?? new Map(table.entries.map(entry => [entry.spot.print, entry]));
  entriesOf.set(table, known);
  return known.get(spot.print);
}

/** Asked for once for each table and entry of the lost version. */
const tablesOf = new WeakMap<TomlFile, ReadonlyMap<string, TomlTable>>();
const entriesOf = new WeakMap<TomlTable, ReadonlyMap<string, TomlEntry>>();

/** Indexes of the pieces that lie within a part of the lost text. */
function indexesIn({ source }: Scene, start: number, end: number): readonly number[] {
  return source.pieces.flatMap((piece, index) => {
    const at = (piece.leaf ?? piece.remark).start;
    return at >= start && at < end ? [index] : [];
  });
}

/** A table that is gone: with all of it that was asked for, behind the table it stood behind. */
function tableStep(table: TomlTable, scene: Scene): Step {
  const { lost, present, source, target, isAsked } = scene;
  const entries = table.entries.filter(({ start, end }) => indexesIn(scene, start, end).some(isAsked));
  const isWhole = entries.length === table.entries.length;
  const end = lineEnd(lost.text, table.end);
  const head = lost.text.slice(table.start, lineEnd(lost.text, table.headEnd));
  const lines = entries.map(entry => lost.text.slice(entry.start, lineEnd(lost.text, entry.end)));
  const text = isWhole ? lost.text.slice(table.start, end) : [head, ...lines].join('\n');
  const units = isWhole
    ? indexesIn(scene, table.start, end)
    : [
        ...indexesIn(scene, table.start, lineEnd(lost.text, table.headEnd)),
        ...entries.flatMap(entry => indexesIn(scene, entry.start, lineEnd(lost.text, entry.end))),
      ];
  const { newline } = present;
  const said = withNewlines(text, newline);
  const rank = source.tables.indexOf(table);
  const before = source.tables
    .slice(0, rank)
    .reverse()
    .map(other => tableLike(other, scene))
    .find(isFilled);
  const after = source.tables
    .slice(rank + 1)
    .map(other => tableLike(other, scene))
    .find(other => other !== undefined);
  if (before) {
    // A comment that it stood behind belongs to the table above; a header within a table would take what follows it.
    const remark = lastBefore(table.start, before, scene);
    const at = lineEnd(present.text, Math.max(before.end, remark?.there.end ?? 0));
    return { splices: [insertion(at, newline + newline + said)], units, rivals: [] };
  }
  if (after && after !== target.tables[0]) {
    const at = lineStart(present.text, after.start);
    return { splices: [insertion(at, said + newline + newline)], units, rivals: [] };
  }
  const at = present.text.trimEnd().length;
  return { splices: [insertion(at, at === 0 ? said + newline : newline + newline + said)], units, rivals: [] };
}

/** The part before the first header is a place only when something stands in it. */
function isFilled(table: TomlTable | undefined): table is TomlTable {
  return table !== undefined && (table.pointer !== '' || table.entries.length > 0);
}

/** A key that is gone: in its table, behind the key it stood behind. */
function entryStep(from: TomlTable, entry: TomlEntry, table: TomlTable, scene: Scene): Step {
  const { lost, present } = scene;
  const end = lineEnd(lost.text, entry.end);
  const units = indexesIn(scene, entry.start, end);
  const said = withNewlines(lost.text.slice(entry.start, end), present.newline);
  const rank = from.entries.indexOf(entry);
  const before = from.entries
    .slice(0, rank)
    .reverse()
    .map(other => entryLike(other, table))
    .find(Boolean);
  const after = from.entries
    .slice(rank + 1)
    .map(other => entryLike(other, table))
    .find(Boolean);
  const spot = lastBefore(entry.start, table, scene);
  const above = spot?.there.end ?? before?.end ?? (table.pointer === '' ? null : table.headEnd);
  if (before || spot || (!after && above !== null))
    return { splices: [behind(present, above!, said)], units, rivals: [] };
  const at = after ? lineStart(present.text, after.start) : 0;
  return { splices: [insertion(at, said + present.newline)], units, rivals: [] };
}

/** The last entry or comment in front of an offset of the lost text that stands in that table of the present one. */
function lastBefore(offset: number, table: TomlTable, scene: Scene): Standing | undefined {
  const { tables } = scene.target;
  const end = tables[tables.indexOf(table) + 1]?.start ?? Number.POSITIVE_INFINITY;
  const start = table.pointer === '' ? 0 : table.headEnd;
  return spotsIn(scene).findLast(spot => spot.end <= offset && spot.there.start >= start && spot.there.end <= end);
}

/** As a line of its own behind the line on which something ends. */
function behind({ text, newline }: Document, end: number, said: string): Splice {
  return insertion(lineEnd(text, end), newline + said);
}

/** Another value stands there: what a list or an inline table lacks is put in, an older value gives way, else a person must choose. */
function valueStep(index: number, mine: TomlEntry, theirs: TomlEntry, scene: Scene): Step | null {
  const { base, lost, present, choose } = scene;
  const { leaf } = scene.source.pieces[index]!;
  if (leaf && leaf.start !== mine.start) {
    const splice = childSplice(leaf.start, mine.value, theirs.value, scene);
    return splice && { splices: [splice], units: [index], rivals: [] };
  }
  const rivals = rivalsOf(index, scene);
  if (mine.value.type === theirs.value.type && /object|array/.test(mine.value.type))
    return { splices: [], units: [index], rivals };
  const isFormer = rivals.every(
    rival => base?.units.some(({ fingerprint }) => fingerprint === rival.fingerprint) ?? false,
  );
  if (!isFormer && choose === 'ours') return { splices: [], units: [index], rivals };
  if (!isFormer && choose !== 'theirs') return null;
  const text = withNewlines(lost.text.slice(mine.start, mine.end), present.newline);
  return {
    splices: [{ start: theirs.start, end: theirs.end, text }],
    units: indexesIn(scene, mine.start, mine.end),
    rivals,
  };
}

/** The units that stand where the asked one stood. */
function rivalsOf(index: number, scene: Scene): readonly Unit[] {
  const { table, entry } = scene.source.pieces[index]!;
  const there = table && tableLike(table, scene);
  const other = there && entry && entryLike(entry, there);
  return other ? scene.present.units.filter(({ start }) => start >= other.start && start < other.end) : [];
}

/** An element of a list or a key of an inline table, beside the one it stood beside. */
function childSplice(offset: number, one: JsonNode, other: JsonNode, { lost, present }: Scene): Splice | null {
  if (one.type !== other.type || !/object|array/.test(one.type)) return null;
  const [here, there] = [childrenOf(one), childrenOf(other)];
  const rank = here.findIndex(child => child.offset <= offset && offset < endOf(child));
  const child = here[rank];
  if (!child) return null;
  const sameAs = (wanted: JsonNode): JsonNode | undefined =>
    there.find(next =>
      wanted.type === 'property'
        ? next.children?.[0]?.value === wanted.children?.[0]?.value
        : canonicalJson(present.text, next) === canonicalJson(lost.text, wanted),
    );
  const twin = sameAs(child);
  if (twin && child.type === 'property')
    return childSplice(offset, child.children![1]!, twin.children![1]!, { lost, present } as Scene);
  const text = lost.text.slice(child.offset, endOf(child));
  const before = here.slice(0, rank).reverse().map(sameAs).find(Boolean);
  const first = there[0];
  if (!first) return insertion(other.offset + 1, one.type === 'object' ? ` ${text} ` : text);
  const start = lineStart(present.text, first.offset);
  const isTall = start > other.offset && present.text.slice(start, first.offset).trim() === '';
  const gap = isTall ? present.newline + present.text.slice(start, first.offset) : ' ';
  if (before) return insertion(endOf(before), `,${gap}${text}`);
  const after = here
    .slice(rank + 1)
    .map(sameAs)
    .find(Boolean);
  return after ? insertion(after.offset, `${text},${gap}`) : insertion(endOf(there.at(-1)!), `,${gap}${text}`);
}

/** Comments: behind the entry, header or comment they stood behind, else before the one that follows. */
function remarkStep(index: number, { remark }: TomlPiece, scene: Scene): Step | null {
  const { base, lost, present, choose } = scene;
  const unit = lost.units[index]!;
  const inLost = countsOf(lost.units);
  const rival = counterpart(
    unit,
    present.units.filter(other => other.kind === 'block' && !inLost.has(other.fingerprint)),
  );
  const said = withNewlines(lost.text.slice(remark!.start, remark!.end), present.newline);
  if (rival && choose !== 'both') {
    const isFormer = base?.units.some(({ fingerprint }) => fingerprint === rival.fingerprint) ?? false;
    if (!isFormer && choose === 'ours') return { splices: [], units: [index], rivals: [] };
    if (!isFormer && choose !== 'theirs') return null;
    return { splices: [{ start: rival.start, end: rival.end, text: said }], units: [index], rivals: [rival] };
  }
  const spots = spotsIn(scene);
  const before = spots.findLast(({ end }) => end <= remark!.start);
  const after = spots.find(({ start }) => start >= remark!.end);
  const isAbove = after && /^[ \t]*(?:\r\n|\n|\r)[ \t]*$/.test(lost.text.slice(remark!.end, after.start));
  if (before && !isAbove) {
    const isBeside = !/[\r\n]/.test(lost.text.slice(before.end, remark!.start));
    const rest = present.text.slice(before.there.end, lineEnd(present.text, before.there.end));
    if (isBeside && rest.trim() === '')
      return { splices: [insertion(before.there.end, ` ${said}`)], units: [index], rivals: [] };
    const blank = /\n[ \t]*\r?\n/.test(lost.text.slice(before.end, remark!.start)) ? present.newline : '';
    return { splices: [behind(present, before.there.end, blank + said)], units: [index], rivals: [] };
  }
  const at = after ? lineStart(present.text, after.there.start) : 0;
  return { splices: [insertion(at, said + present.newline)], units: [index], rivals: [] };
}

/** A part of the lost text that stands in the present one too. */
interface Standing {
  readonly start: number;
  readonly end: number;
  readonly there: { readonly start: number; readonly end: number };
}

/** Headers, entries and comments that stand in both files, in order of the lost one. */
function spotsIn(scene: Scene): readonly Standing[] {
  const { lost, present, source } = scene;
  const partner = align(lost, present);
  const found = source.tables.flatMap(table => {
    const there = tableLike(table, scene);
    if (!there) return [];
    const head =
      table.pointer === ''
        ? []
        : [{ start: table.start, end: table.headEnd, there: { start: there.start, end: there.headEnd } }];
    const entries = table.entries.flatMap(entry => {
      const other = entryLike(entry, there);
      return other ? [{ start: entry.start, end: entry.end, there: { start: other.start, end: other.end } }] : [];
    });
    return [...head, ...entries];
  });
  const remarks = source.pieces.flatMap(({ remark }, index) => {
    const there = remark && partner[index] !== -1 ? present.units[partner[index]!] : null;
    return remark && there ? [{ start: remark.start, end: remark.end, there }] : [];
  });
  return [...found, ...remarks].sort((a, b) => a.start - b.start);
}

function insertion(at: number, text: string): Splice {
  return { start: at, end: at, text };
}
