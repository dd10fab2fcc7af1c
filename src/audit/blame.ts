/** Who wrote what stands in a version: each unit, or each line, with the version in which it first stood without a break. */
import { coarseChanges } from '../documents/coarse-diff.ts';
import type { Document } from '../documents/document.ts';
import { lineRanges } from '../documents/lines.ts';
import type { PathHistory, Unit, Version, Writer } from '../model.ts';
import type { Reader } from './reader.ts';
import { indexOf, type Since, walkBack } from './since.ts';
import { isBrisk, isShort, tornVersions } from './torn.ts';

export interface Blame extends Since {
  /** Null: nobody knows. At most `possible` for what may be older than the version it was first seen in. */
  readonly writer: Writer | null;
}

export interface BlamedUnit extends Blame {
  readonly unit: Unit;
  /** How deep it stands below headings, list items or members: 0 for the outermost. */
  readonly depth: number;
}

export interface BlamedLine extends Blame {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

export interface Blamed<Row> {
  readonly rows: readonly Row[];
  /** What must be said beside it: what was too much to be looked at, or could not be read. */
  readonly limits: readonly string[];
}

export interface BlameDeps {
  readonly reader: Reader;
  /** Who wrote a version; null where that is not known. */
  writer(version: Version): Promise<Writer | null>;
  /** True when the evidence says that nothing stood there before this version. */
  isCreation?(version: Version): Promise<boolean>;
}

export async function blameUnits(file: PathHistory, version: Version, deps: BlameDeps): Promise<Blamed<BlamedUnit>> {
  const document = await deps.reader.document(version);
  const walk = { standing: unitsIn(deps.reader), of: document.units };
  const { found, limits } = await trace(file, version, deps, walk);
  const depths = depthsOf(document);
  const rows = document.units.map((unit, i) => ({ unit, depth: depths[i]!, ...found(unit) }));
  return { rows, limits: document.limited === null ? limits : [document.limited, ...limits] };
}

export async function blameLines(file: PathHistory, version: Version, deps: BlameDeps): Promise<Blamed<BlamedLine>> {
  const { text } = await deps.reader.document(version);
  const lines = linesOf(text).map((line, i): Line => ({ at: i, text: line }));
  const walk = { standing: linesIn(lines, deps.reader), of: lines };
  const { found, limits } = await trace(file, version, deps, walk);
  return { rows: lines.map(line => ({ line: line.at + 1, text: line.text, ...found(line) })), limits };
}

/** `isWhole`: false for a piece of a write. */
type Standing<Item> = (version: Version, items: ReadonlySet<Item>, isWhole: boolean) => Promise<ReadonlySet<Item>>;

async function trace<Item>(
  file: PathHistory,
  version: Version,
  deps: BlameDeps,
  { standing, of }: { readonly standing: Standing<Item>; readonly of: readonly Item[] },
): Promise<{ readonly found: (item: Item) => Blame; readonly limits: readonly string[] }> {
  const { versions } = file;
  const unread: Version[] = [];
  const torn = await tornIn(file, deps.reader);
  const { since, isBounded } = await walkBack(of, {
    versions,
    from: indexOf(file, version),
    standing: async (older, items) => {
      // Whoever is not there to be looked into takes nothing away.
      if (older.kind !== 'file') return new Set<Item>();
      try {
        return await standing(older, items, isBreak(older, versions, torn));
      } catch {
        unread.push(older);
        return new Set<Item>();
      }
    },
    isBreak: older => isBreak(older, versions, torn) && !unread.includes(older),
    throughRestores: true,
  });
  const blames = new Map<Since, Blame>();
  const bySince = new Map<string, Blame>();
  for (const each of new Set(since.values())) {
    const key = `${each.version.id} ${each.orEarlier} ${each.restored?.id}`;
    const blame = bySince.get(key) ?? (await blameOf(each, file, torn, deps));
    bySince.set(key, blame);
    blames.set(each, blame);
  }
  const limits = [
    ...(isBounded ? ['the history is long: its older versions were not looked at'] : []),
    ...(unread.length > 0 ? [`${unread.length} of its versions could not be read back`] : []),
  ];
  return { found: item => blames.get(since.get(item)!)!, limits };
}

async function blameOf(since: Since, file: PathHistory, torn: ReadonlySet<string>, deps: BlameDeps): Promise<Blame> {
  const version = await wholeOf(since.version, file, torn, deps);
  const orEarlier = since.orEarlier && !(await deps.isCreation?.(version));
  const writer = await deps.writer(version);
  // Whoever wrote the first version we have need not have written what stands in it.
  const weak = writer !== null && orEarlier ? { ...writer, certainty: 'possible' as const } : writer;
  return { version, orEarlier, restored: since.restored, writer: weak };
}

/** The version that a piece of it was a part of, unless that piece is known as somebody's own. */
async function wholeOf(
  version: Version,
  { versions }: PathHistory,
  torn: ReadonlySet<string>,
  deps: BlameDeps,
): Promise<Version> {
  let i = versions.findIndex(({ id }) => id === version.id);
  while (torn.has(versions[i]?.id ?? '') && versions[i + 1] && (await deps.writer(versions[i]!)) === null) i++;
  return versions[i] ?? version;
}

/** Pieces of writes; none where they cannot be read. */
async function tornIn({ versions }: PathHistory, reader: Reader): Promise<ReadonlySet<string>> {
  if (!isBrisk(versions)) return new Set();
  const { torn } = await tornVersions(versions, version => reader.bytes(version).catch(() => new Uint8Array()));
  return torn;
}

/** A file that was away for moments was being written; a secret, and what was forgotten, may well have held it all. */
function isBreak(version: Version, versions: readonly Version[], torn: ReadonlySet<string>): boolean {
  if (torn.has(version.id) || version.kind === 'withheld') return false;
  if (version.kind !== 'gone' && version.size > 0) return true;
  const next = versions[versions.indexOf(version) + 1];
  return next === undefined || !isShort(version, next);
}

/** Of equal units those stay that stand at the same place; where fewer stand there, the last ones are new. */
function unitsIn(reader: Reader): Standing<Unit> {
  return async (version, items) => {
    const places = new Map<string, string[]>();
    for (const { fingerprint, place } of await reader.units(version)) {
      const list = places.get(fingerprint);
      if (list) list.push(place);
      else places.set(fingerprint, [place]);
    }
    const here = new Set<Unit>();
    for (const isPlace of [true, false]) {
      for (const unit of items) {
        const list = here.has(unit) ? undefined : places.get(unit.fingerprint);
        const at = list === undefined ? -1 : isPlace ? list.indexOf(unit.place) : 0;
        if (list === undefined || list.length === 0 || at < 0) continue;
        list.splice(at, 1);
        here.add(unit);
      }
    }
    return here;
  };
}

interface Line {
  readonly at: number;
  readonly text: string;
}

/** Lines are followed as a diff sees them; one that moved, and stands once in both, is followed too. */
function linesIn(lines: readonly Line[], reader: Reader): Standing<Line> {
  let newer: readonly string[] = lines.map(({ text }) => text);
  /** Where each line stands in `newer`. */
  let spots: ReadonlyMap<Line, number> = new Map(lines.map(line => [line, line.at]));
  return async (version, items, isWhole) => {
    const older = linesOf((await reader.document(version)).text);
    const partners = partnersOf(newer, older);
    const taken = new Set(partners.values());
    const free = freeIn(older, taken);
    const here = new Map<Line, number>();
    for (const line of items) {
      const spot = spots.get(line);
      const partner = spot === undefined ? undefined : partners.get(spot);
      const at = partner ?? (line.text.trim() === '' ? undefined : free.get(line.text));
      if (at === undefined || at < 0) continue;
      if (partner === undefined) free.delete(line.text);
      here.set(line, at);
    }
    // The version before a piece of a write is held against what came after the piece.
    if (isWhole) {
      newer = older;
      spots = here;
    }
    return new Set(here.keys());
  };
}

/** For lines of the one text the line of the other that is the same one. Most versions change a few lines: only what lies between is compared. */
function partnersOf(one: readonly string[], other: readonly string[]): ReadonlyMap<number, number> {
  const partners = new Map<number, number>();
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) partners.set(start, start++);
  let [end, otherEnd] = [one.length, other.length];
  while (end > start && otherEnd > start && one[end - 1] === other[otherEnd - 1]) partners.set(--end, --otherEnd);
  let [at, otherAt] = [start, start];
  const pairUp = (until: number) => {
    while (at < until) partners.set(at++, otherAt++);
  };
  for (const change of coarseChanges(one.slice(start, end), other.slice(start, otherEnd))) {
    pairUp(start + change.start);
    at = start + change.end;
    otherAt = start + change.otherEnd;
  }
  pairUp(end);
  return partners;
}

/** Lines that no other is the partner of, by their text; -1 for one that stands there twice. */
function freeIn(lines: readonly string[], taken: ReadonlySet<number>): Map<string, number> {
  const free = new Map<string, number>();
  for (const [i, line] of lines.entries()) if (!taken.has(i)) free.set(line, free.has(line) ? -1 : i);
  return free;
}

function linesOf(text: string): readonly string[] {
  return [...lineRanges(text)].map(([start, end]) => text.slice(start, end));
}

/** Under how many headings and list items, or in how many members, each unit stands. */
function depthsOf({ units, spots, format }: Document): readonly number[] {
  const depths: number[] = [];
  for (const [i, { section, parent }] of spots.entries()) {
    const above = parent >= 0 ? parent : section;
    const ofPointer = format === 'json' && units[i]!.kind === 'member' ? units[i]!.place.split('/').length - 1 : 0;
    depths.push(above >= 0 && above < i ? depths[above]! + 1 : ofPointer);
  }
  return depths;
}
