/** The part of a document that a person means by a name. */
import type { Unit } from '../model.ts';
import { similarity } from './compare.ts';
import type { Document } from './document.ts';
import type { Path } from './elements.ts';
import { flow } from './fingerprint.ts';
import { sectionEnd } from './gather.ts';
import { type Member, membersBelow } from './json.ts';
import { dotted, pointerOf, readJson } from './json-tree.ts';
import { readToml, within } from './toml.ts';

/** A heading with all that stands under it, a member of JSON with all its members, a field with the fields below it. */
export interface Section {
  readonly kind: 'section' | 'member' | 'field';
  readonly name: string;
  /** `Parent > Heading`, `mcpServers.github`, `metadata.type`. */
  readonly path: string;
  readonly units: readonly Unit[];
  /** Of a member: keys and positions from the root. */
  readonly keys: readonly (string | number)[];
  /** Offsets in the document's text. */
  readonly start: number;
  readonly end: number;
}

export interface Found {
  /** Null when nothing or more than one thing is called so. */
  readonly section: Section | null;
  /** Its smallest units. */
  readonly units: readonly Unit[];
  /** What may be meant instead. */
  readonly candidates: readonly string[];
}

/**
 * The section called `name`, upper or lower case: a heading, `Parent > Heading`, a frontmatter key, a JSON pointer, path or key. A part of a
 * name is no name: a slip of the finger must not put the wrong text back.
 */
export function findSection(document: Document, name: string): Found {
  const sections = sectionsOf(document);
  const wanted = plain(name);
  for (const isMeant of [
    (section: Section) =>
      plain(section.path) === wanted ||
      (section.keys.length > 0 && (pointerOf(section.keys) === name || plain(dotted(section.keys)) === wanted)),
    (section: Section) => plain(section.name) === wanted,
  ]) {
    const called = sections.filter(isMeant);
    const headings = called.filter(({ kind }) => kind === 'section');
    const found = headings.length === 1 ? headings : called;
    const [section] = found;
    if (section && found.length === 1) return { section, units: section.units, candidates: [] };
    if (section) return { section: null, units: [], candidates: unique(found.map(({ path }) => path)) };
  }
  const likely = sections
    .slice(0, mostNamed)
    .map(section => ({ section, alike: alikeness(section.name, wanted) }))
    .sort((a, b) => b.alike - a.alike);
  return { section: null, units: [], candidates: unique(likely.map(({ section }) => section.path)).slice(0, 20) };
}

/** So many names are held against a wrong one: 20 µs each. */
const mostNamed = 1_000;

/** Members deeper than this have no name that a person would type, and a thousand lists in lists have 200,000 of them. */
const deepestNamed = 20;

/** All that can be put back by its name, in order of the file. */
export function sectionsOf(document: Document): readonly Section[] {
  if (document.format === 'json') return document.broken === null ? memberSections(document) : [];
  if (document.format === 'toml')
    return document.broken === null && document.limited === null ? tableSections(document) : [];
  const fields = new Map<string, Unit[]>();
  for (const unit of document.units) {
    if (unit.kind !== 'field') continue;
    for (let end = unit.name.indexOf('.'); ; end = unit.name.indexOf('.', end + 1)) {
      const key = end < 0 ? unit.name : unit.name.slice(0, end);
      const below = fields.get(key);
      if (below) below.push(unit);
      else fields.set(key, [unit]);
      if (end < 0) break;
    }
  }
  return [
    ...[...fields].map(([key, units]): Section => {
      return { kind: 'field', name: key, path: key, units, keys: [], ...extent(units) };
    }),
    ...document.units.flatMap((unit, index): readonly Section[] => {
      if (unit.kind !== 'section') return [];
      const path = unit.place === '' ? unit.name : `${unit.place} > ${unit.name}`;
      const units = document.units.slice(index, sectionEnd(document, index));
      return [{ kind: 'section', name: unit.name, path, units, keys: [], ...extent(units) }];
    }),
  ];
}

function memberSections(document: Document): readonly Section[] {
  const { tree } = readJson(document.text);
  const sections: Section[] = [];
  let at = 0;
  const walk = (members: readonly Member[]): void => {
    for (const member of members) {
      const { path, steps, value, start, end } = member;
      while (at < document.units.length && document.units[at]!.end <= start) at++;
      let last = at;
      while (last < document.units.length && document.units[last]!.end <= end) last++;
      const units = document.units.slice(at, last);
      const key = path[path.length - 1]!;
      const name = typeof key === 'string' ? key : dotted(steps);
      // An element of a set is its value: it has no name to ask for.
      if (units[0] && units[0].start >= start && (typeof key === 'string' || units[0].start > start))
        sections.push({ kind: 'member', name, path: dotted(steps), units, keys: path, start, end });
      if (path.length < deepestNamed) walk(membersBelow(value, member));
      at = last;
    }
  };
  if (tree) walk(membersBelow(tree, { path: [], steps: [] }));
  return sections;
}

/** Tables, and the keys in them. */
function tableSections({ text, units, encoding }: Document): readonly Section[] {
  const { file } = readToml(text, encoding);
  const section = (steps: Path, start: number, end: number): Section => {
    const inside = within(units, start, end);
    const name = String(steps[steps.length - 1]);
    return { kind: 'section', name, path: dotted(steps), units: inside, keys: [], start, end };
  };
  return (file?.tables ?? []).flatMap(({ pointer, spot, start, end, entries }) => [
    ...(pointer === '' ? [] : [section(spot.steps, start, end)]),
    ...entries.map(entry => section(entry.spot.steps, entry.start, entry.end)),
  ]);
}

function extent(units: readonly Unit[]): { start: number; end: number } {
  return { start: units[0]!.start, end: units[units.length - 1]!.end };
}

function plain(text: string): string {
  return flow(text.replace(/^#+\s+/, '').replace(/[*_`]/g, '')).toLowerCase();
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/** By words, and by pairs of letters, which finds a slip of the finger. */
function alikeness(name: string, wanted: string): number {
  const letters = (text: string): string => [...text].join(' ');
  return Math.max(similarity(plain(name), wanted), similarity(letters(plain(name)), letters(wanted)));
}
