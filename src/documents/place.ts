/** Where in the present file a run of lost units belongs, and the text that goes there. */
import type { Alignment } from './align.ts';
import { similarity } from './compare.ts';
import type { Document } from './document.ts';
import { sectionEnd } from './gather.ts';
import { bodyStart } from './markdown.ts';
import { countLineEnds, lineEnd, lineStart, type Splice, withNewlines } from './splice.ts';

/** Units `first` to `last` of the lost version, which stand together there. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

interface Spots {
  readonly lost: Document;
  readonly present: Document;
  readonly partner: Alignment;
}

/** A gap in the present file: behind unit `after`, before unit `before`; as siblings of a list or table, or as blocks. */
interface Gap {
  readonly side: 'after' | 'before';
  /** Index of the unit it touches. */
  readonly unit: number;
  /** The unit whose indentation and marker it takes on: an item beside it. */
  readonly like?: number;
  /** It becomes the first item below `unit`. */
  readonly nested?: boolean;
}

/**
 * As much of what is to be put back as belongs in one place, beginning with unit `first`: a heading with all that follows it down to
 * the next above its rank; otherwise neighbours of one list, one table, one section.
 */
export function runFrom(first: number, isWanted: (index: number) => boolean, lost: Document): Run {
  const { units, spots } = lost;
  const head = spots[first]!;
  let last = first;
  while (last + 1 < units.length && isWanted(last + 1)) {
    const next = spots[last + 1]!;
    const isHeading = units[last + 1]!.kind === 'section';
    if (units[first]!.kind === 'section') {
      if (isHeading && next.level < head.level) break;
    } else {
      if (isHeading || next.section !== head.section || next.group !== head.group) break;
      if (next.parent !== head.parent && next.parent < first) break;
    }
    last++;
  }
  return { first, last };
}

/**
 * Ways to put the run into the present text, the best first. The caller takes the first that changes nothing else. With a `rival`, the unit
 * of the present file that stands in its place, it goes right above that.
 */
export function* waysToInsert(run: Run, spots: Spots, rival?: number): Generator<Splice> {
  if (rival !== undefined) {
    const isItem = spots.present.spots[rival]!.group >= 0 && spots.lost.spots[run.first]!.group >= 0;
    yield fill({ side: 'before', unit: rival, ...(isItem && { like: rival }) }, run, spots, false);
  }
  const gap = spots.lost.units[run.first]!.kind === 'section' ? gapForSection(run, spots) : gapForLeaves(run, spots);
  if (gap) {
    yield fill(gap, run, spots, false);
    yield fill(gap, run, spots, true);
  }
  const { present } = spots;
  const last = present.units.length - 1;
  if (last >= 0 && present.units[last]!.kind !== 'field') {
    yield fill({ side: 'after', unit: last }, run, spots, false);
    yield fill({ side: 'after', unit: last }, run, spots, true);
  }
  const first = present.units.findIndex(unit => unit.kind !== 'field');
  if (first >= 0) yield fill({ side: 'before', unit: first }, run, spots, true);
  else yield intoEmptyBody(run, spots);
}

/** Sections go to where a section may begin, so that they swallow nothing. */
function gapForSection(run: Run, { lost, present, partner }: Spots): Gap | null {
  const { level } = lost.spots[run.first]!;
  const mayStandBefore = (index: number) =>
    present.units[index]!.kind === 'section' && present.spots[index]!.level <= level;
  // The rest of its section is still there: the heading goes above it.
  const next = run.last + 1;
  let head = run.last;
  while (lost.units[head]!.kind !== 'section' || lost.spots[head]!.level > level) head--;
  if (next < sectionEnd(lost, head) && isAnchor(next, lost, present, partner)) {
    return { side: 'before', unit: firstOfList(partner[next]!, run, present, partner) };
  }
  for (let index = run.first - 1; index >= 0; index--) {
    if (!isAnchor(index, lost, present, partner)) continue;
    let at = partner[index]! + 1;
    while (at < present.units.length && !mayStandBefore(at)) at++;
    return at < present.units.length ? { side: 'before', unit: at } : lastGap(present);
  }
  for (let index = next; index < lost.units.length; index++) {
    if (!isAnchor(index, lost, present, partner)) continue;
    let at = partner[index]!;
    while (at >= 0 && !mayStandBefore(at)) at--;
    if (at >= 0) return { side: 'before', unit: at };
  }
  return null;
}

function gapForLeaves(run: Run, spots: Spots): Gap | null {
  const { lost, present, partner } = spots;
  const { group, level, parent, section } = lost.spots[run.first]!;
  if (group >= 0) {
    // What was nested in it is still there: it goes right above that.
    const child = run.last + 1;
    const isChild =
      child < lost.units.length && lost.spots[child]!.parent >= run.first && lost.spots[child]!.group === group;
    if (isChild && partner[child]! >= 0) return { side: 'before', unit: partner[child]! };
    const isSibling = (index: number) => lost.spots[index]!.parent === parent && lost.spots[index]!.level === level;
    for (let index = run.first - 1; index >= 0 && lost.spots[index]!.group === group; index--) {
      const at = partner[index]!;
      if (at < 0) continue;
      if (isSibling(index)) return { side: 'after', unit: subtreeEnd(at, present), like: at };
      if (index === parent) return { side: 'after', unit: at, like: at, nested: true };
    }
    for (let index = run.last + 1; index < lost.units.length && lost.spots[index]!.group === group; index++) {
      if (partner[index]! >= 0 && isSibling(index))
        return { side: 'before', unit: partner[index]!, like: partner[index]! };
    }
    if (level > 1 || lost.units[run.first]!.kind === 'table-row') {
      const homes = new Set(
        partner.flatMap((at, mine) => (at >= 0 && lost.spots[mine]!.group === group ? [present.spots[at]!.group] : [])),
      );
      const kin = present.spots.findIndex((spot, index) => spot.group >= 0 && holdsKin(run, index, spots, homes));
      if (kin >= 0) return { side: 'after', unit: groupEnd(kin, present), like: groupEnd(kin, present) };
    }
  }
  // Between the same two as before, also when these have become one list without it.
  const [above, below] = [partner[run.first - 1] ?? -1, partner[run.last + 1] ?? -1];
  if (group < 0 && above >= 0 && below === above + 1 && present.units[above]!.kind !== 'field')
    return { side: 'after', unit: above };
  for (let index = run.first - 1; index > section; index--) {
    if (!isAnchor(index, lost, present, partner) || lost.units[index]!.kind === 'field') continue;
    if (lost.spots[index]!.section === section) return { side: 'after', unit: groupEnd(partner[index]!, present) };
  }
  // It stood right behind its heading.
  if (section >= 0 && section === run.first - 1 && partner[section]! >= 0)
    return { side: 'after', unit: partner[section]! };
  for (let index = run.last + 1; index < lost.units.length && lost.units[index]!.kind !== 'section'; index++) {
    if (isAnchor(index, lost, present, partner))
      return { side: 'before', unit: firstOfList(partner[index]!, run, present, partner) };
  }
  return underHeading(section, spots);
}

/** Directly below its heading; at the end of the nearest section above when the heading is gone for good. */
function underHeading(section: number, { lost, present, partner }: Spots): Gap | null {
  if (section < 0) {
    const first = present.units.findIndex(unit => unit.kind === 'section');
    return first >= 0 ? { side: 'before', unit: first } : lastGap(present);
  }
  const same = partner[section]! >= 0 ? partner[section]! : headingLike(section, lost, present);
  if (same >= 0) return { side: 'after', unit: same };
  for (let above = lost.spots[section]!.section; above >= 0; above = lost.spots[above]!.section) {
    if (partner[above]! >= 0) return { side: 'after', unit: sectionEnd(present, partner[above]!) - 1 };
  }
  return lastGap(present);
}

function headingLike(section: number, lost: Document, present: Document): number {
  const heading = lost.units[section]!;
  return present.units.findIndex(unit => unit.kind === 'section' && similarity(unit.name, heading.name) >= 0.5);
}

function lastGap(present: Document): Gap | null {
  const unit = present.units.length - 1;
  return unit >= 0 && present.units[unit]!.kind !== 'field' ? { side: 'after', unit } : null;
}

/** A rule or a bare marker says nothing about where it stands, unless it kept its place. */
function isAnchor(index: number, lost: Document, present: Document, partner: Alignment): boolean {
  const at = partner[index]!;
  if (at < 0) return false;
  if (lost.units[index]!.place === present.units[at]!.place) return true;
  return /[\p{L}\p{N}]/u.test(lost.units[index]!.text);
}

/** A list or table of the same section that holds items of the same list, so that an orphan has a home. */
function holdsKin(run: Run, index: number, { lost, present, partner }: Spots, homes: ReadonlySet<number>): boolean {
  const { section } = lost.spots[run.first]!;
  if (present.units[index]!.kind !== lost.units[run.first]!.kind || present.spots[index]!.level > 1) return false;
  if (homes.has(present.spots[index]!.group)) return true;
  return (
    section >= 0 && partner[section] === present.spots[index]!.section && present.units[index]!.kind === 'table-row'
  );
}

function subtreeEnd(item: number, document: Document): number {
  const inside = new Set([item]);
  let end = item;
  while (end + 1 < document.units.length && inside.has(document.spots[end + 1]!.parent)) inside.add(++end);
  return end;
}

/** The last unit of the list or table that `index` is part of; blocks do not go between its items. */
function groupEnd(index: number, document: Document): number {
  const { group } = document.spots[index]!;
  let end = index;
  while (group >= 0 && end + 1 < document.units.length && document.spots[end + 1]!.group === group) end++;
  return end;
}

/** Where the list of an item begins, as far as it did not stand above the run: two lists become one when what parted them goes. */
function firstOfList(index: number, run: Run, present: Document, partner: Alignment): number {
  const stood = new Set(partner.slice(0, run.first));
  const { group } = present.spots[index]!;
  let start = index;
  while (group >= 0 && start > 0 && present.spots[start - 1]!.group === group && !stood.has(start - 1)) start--;
  return start;
}

function outermost(index: number, document: Document): number {
  const { group } = document.spots[index]!;
  let start = index;
  while (group >= 0 && start > 0 && document.spots[start - 1]!.group === group) start--;
  return start;
}

/** The text of the run with the line ends around it, in the present file's own style. `apart`: blank lines on both sides. */
function fill(gap: Gap, run: Run, spots: Spots, apart: boolean): Splice {
  const { lost, present, partner } = spots;
  const { newline } = present;
  const text = runText(run, gap, spots);
  const isBeside = gap.like !== undefined && !apart;
  const before = gap.side === 'after' ? gap.unit : gap.unit - 1;
  const after = before + 1;
  const start = present.units[before] ? lineEnd(present.text, present.units[before].end) : 0;
  const end = present.units[after] ? lineStart(present.text, present.units[after].start) : present.text.length;
  // Line ends wanted between the run and its neighbours: as they were in the lost version where they are the same two.
  const wantedBefore = wantedGap(run.first - 1, run.first, before);
  const wantedAfter = wantedGap(run.last, run.last + 1, after);
  const there = countLineEnds(present.text.slice(start, end));
  const moreAfter = isBeside || !present.units[after] ? 0 : Math.max(0, wantedAfter - there);
  const moreBefore = isBeside || !present.units[before] ? 0 : Math.max(0, wantedBefore - there);
  // The gap that is there goes to the side that had such a gap before.
  const isMovable =
    !isBeside && present.units[before] && present.units[after] && present.units[before].kind !== 'field';
  const [spareAfter, spareBefore] = [Math.max(0, there - wantedAfter), Math.max(0, there - wantedBefore)];
  const isAfter = isMovable && spareAfter !== spareBefore ? spareAfter < spareBefore : gap.side === 'after';
  if (isAfter) return insertion(start, newline.repeat(wantedBefore) + text + newline.repeat(moreAfter));
  return insertion(end, newline.repeat(moreBefore) + text + newline.repeat(wantedAfter));

  function wantedGap(one: number, other: number, neighbour: number): number {
    if (apart) return 2;
    const habit = gap.like === undefined ? null : gap.nested ? 1 : habitOf(gap.like, spots, run);
    if (habit !== null) return habit;
    const beside = one < run.first ? one : other;
    if (partner[beside] !== undefined && partner[beside] === neighbour && neighbour >= 0)
      return gapIn(lost, one, other);
    const kind = lost.units[run.first]!.kind;
    return gap.like !== undefined || kind === 'line' || kind === 'record' ? 1 : 2;
  }
}

function insertion(at: number, text: string): Splice {
  return { start: at, end: at, text };
}

function gapIn(document: Document, one: number, other: number): number {
  return Math.max(1, countLineEnds(document.text.slice(document.units[one]!.end, document.units[other]!.start)));
}

/** The line ends that stand between the items around; of a list with one item, those of the lost version; null when they differ. */
function habitOf(item: number, { lost, present }: Spots, run: Run): number | null {
  const around = gapsOfGroup(present, item);
  const gaps = around.length > 0 ? around : gapsOfGroup(lost, run.first);
  if (gaps.every(gap => gap > 1)) return gaps.length > 0 ? 2 : 1;
  return gaps.every(gap => gap === 1) ? 1 : null;
}

function gapsOfGroup(document: Document, item: number): readonly number[] {
  const { group } = document.spots[item]!;
  const gaps: number[] = [];
  for (let index = outermost(item, document) + 1; index <= groupEnd(item, document); index++) {
    if (group >= 0) gaps.push(gapIn(document, index - 1, index));
  }
  return gaps;
}

/** The run as it stood, with the indentation and the marker of the item it comes to stand beside. */
function runText(run: Run, gap: Gap, { lost, present }: Spots): string {
  const first = lost.units[run.first]!;
  const from = lineStart(lost.text, first.start);
  const lead = lost.text.slice(from, first.start);
  const isOwnLine = /^[ \t]*$/.test(lead);
  const body = lost.text.slice(first.start, lost.units[run.last]!.end);
  if (gap.like === undefined) {
    const text =
      isOwnLine && lost.spots[run.first]!.parent < 0 ? lead + body : shifted(body, isOwnLine ? lead : '', '');
    return withNewlines(text, present.newline);
  }
  const like = present.units[gap.like]!;
  const beside = present.text.slice(lineStart(present.text, like.start), like.start).replace(/[^ \t]/g, ' ');
  const indent = gap.nested ? beside + ' '.repeat(markerWidth(present.text.slice(like.start, like.end))) : beside;
  const text = indent + shifted(body, isOwnLine ? lead : '', indent);
  if (gap.nested || first.kind !== 'list-item' || like.kind !== 'list-item') return withNewlines(text, present.newline);
  return withNewlines(withMarkerOf(present.text.slice(like.start, like.end), text, indent), present.newline);
}

function markerWidth(item: string): number {
  const marker = /^(?:[-*+]|\d{1,9}[.)])[ \t]{1,4}/.exec(item)?.[0] ?? '- ';
  return marker.length;
}

function shifted(text: string, from: string, to: string): string {
  if (from === to) return text;
  return text.replace(/(\r\n|\n|\r)([ \t]*)/g, (whole, end: string, blanks: string, offset: number) => {
    const rest = text[offset + whole.length];
    if (rest === undefined || rest === '\n' || rest === '\r') return whole;
    return blanks.startsWith(from) ? end + to + blanks.slice(from.length) : whole;
  });
}

/** A list takes one kind of marker: two kinds would be two lists. */
function withMarkerOf(like: string, text: string, indent: string): string {
  const theirs = /^(?:([-*+])|(\d{1,9})([.)]))/.exec(like);
  const lines = text.split(/(?<=\n|\r(?!\n))/);
  return lines
    .map(line => {
      if (!line.startsWith(indent) || !theirs) return line;
      const mine = /^(?:[-*+]|(\d{1,9})[.)])(?=[ \t\r\n]|$)/.exec(line.slice(indent.length));
      if (!mine) return line;
      const marker = theirs[1] ?? `${mine[1] ?? Number(theirs[2]) + 1}${theirs[3]}`;
      return marker.length === mine[0].length || lines.length === 1
        ? indent + marker + line.slice(indent.length + mine[0].length)
        : line;
    })
    .join('');
}

function intoEmptyBody(run: Run, { lost, present }: Spots): Splice {
  const { text, newline } = present;
  const at = bodyStart(text);
  const body = withNewlines(
    lost.text.slice(lineStart(lost.text, lost.units[run.first]!.start), lost.units[run.last]!.end),
    newline,
  );
  if (at === 0) return insertion(0, body + (text === '' ? newline : ''));
  const hasEnd = /[\r\n]/.test(text[at - 1]!);
  return insertion(at, hasEnd ? newline + body + newline : newline + newline + body);
}
