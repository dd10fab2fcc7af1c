/** Smallest units → units as a person counts them. */
import type { Unit } from '../model.ts';
import { countsOf } from './compare.ts';
import { readable } from './decode.ts';
import type { Document } from './document.ts';
import { fingerprint } from './fingerprint.ts';
import { type Member, membersBelow } from './json.ts';
import { dotted, pointerOf, readJson } from './json-tree.ts';
import { countLineEnds } from './splice.ts';
import { readToml, within } from './toml.ts';

/**
 * A section whose heading and all that stands under it is lost is one unit with its whole text, subsections included; so is a member of
 * JSON with all its members. Lost lines of text with nothing between them are one paragraph.
 */
export function gather(lost: readonly Unit[], document: Document): readonly Unit[] {
  const { units } = document;
  const left = countsOf(lost);
  const isLost = units.map(unit => {
    const count = left.get(unit.fingerprint) ?? 0;
    if (count > 0) left.set(unit.fingerprint, count - 1);
    return count > 0;
  });
  // What the document does not hold (a caller's own unit) is not swallowed.
  const strangers = lost.filter(unit => (left.get(unit.fingerprint) ?? 0) > 0);
  if (document.format === 'json' && document.broken === null) return [...wholeMembers(document, isLost), ...strangers];
  if (document.format === 'toml' && document.broken === null && document.limited === null)
    return [...wholeTables(document, isLost), ...strangers];
  const gathered: Unit[] = [];
  for (let index = 0; index < units.length; index++) {
    if (!isLost[index]) continue;
    const unit = units[index]!;
    const end =
      unit.kind === 'section'
        ? sectionEnd(document, index)
        : unit.kind === 'line'
          ? linesEnd(document, index, isLost)
          : index + 1;
    if (end === index + 1 || isLost.slice(index, end).includes(false)) gathered.push(unit);
    else {
      gathered.push(together(document, index, end));
      index = end - 1;
    }
  }
  return [...gathered, ...strangers];
}

/** The highest members of which nothing is left. */
function wholeMembers(document: Document, isLost: readonly boolean[]): readonly Unit[] {
  const { units, text, encoding } = document;
  const { tree } = readJson(text);
  const gathered: Unit[] = [];
  let at = 0;
  /** What stands between members: comments. */
  const take = (end: number): void => {
    for (; at < end; at++) if (isLost[at]) gathered.push(units[at]!);
  };
  const walk = (members: readonly Member[]): void => {
    for (const member of members) {
      const { steps, value, start, end } = member;
      let first = at;
      while (first < units.length && units[first]!.end <= start) first++;
      take(first);
      while (at < units.length && units[at]!.end <= end) at++;
      const all = isLost.slice(first, at);
      if (!all.includes(true)) continue;
      const alone = at - first === 1 ? units[first]! : null;
      if (alone && alone.start === start) gathered.push(alone);
      else if (all.includes(false)) {
        const after = at;
        at = first;
        walk(membersBelow(value, member));
        take(after);
      } else {
        const prints = units.slice(first, at).map(unit => unit.fingerprint);
        gathered.push({
          kind: 'member',
          name: readable(dotted(steps), encoding),
          text: readable(text.slice(start, end), encoding),
          place: readable(pointerOf(steps.slice(0, -1)), encoding),
          fingerprint: fingerprint('member', prints.join(' ')),
          start,
          end,
        });
      }
    }
  };
  if (tree) walk(membersBelow(tree, { path: [], steps: [] }));
  take(units.length);
  return gathered;
}

/** Tables of which nothing is left, else entries, else what is left of them. */
function wholeTables(document: Document, isLost: readonly boolean[]): readonly Unit[] {
  const { units, text, encoding } = document;
  const { file } = readToml(text, encoding);
  const gathered: Unit[] = [];
  const isLeft = new Set(units.flatMap((unit, index) => (isLost[index] ? [] : [unit.start])));
  const covered = (start: number, end: number) => within(units, start, end);
  const isGone = (start: number, end: number) => covered(start, end).every(unit => !isLeft.has(unit.start));
  const whole = (steps: readonly (string | number)[], start: number, end: number): Unit => ({
    kind: 'member',
    name: readable(dotted(steps), encoding),
    text: readable(text.slice(start, end), encoding),
    place: readable(pointerOf(steps.slice(0, -1)), encoding),
    fingerprint: fingerprint(
      'member',
      covered(start, end)
        .map(unit => unit.fingerprint)
        .join(' '),
    ),
    start,
    end,
  });
  const taken = new Set<Unit>();
  const take = (unit: Unit, start: number, end: number): void => {
    gathered.push(unit);
    for (const one of covered(start, end)) taken.add(one);
  };
  for (const { pointer, spot, start, end, entries } of file?.tables ?? []) {
    if (pointer !== '' && isGone(start, end)) take(whole(spot.steps, start, end), start, end);
    else
      for (const entry of entries)
        if (entry.leaves.length > 1 && isGone(entry.start, entry.end))
          take(whole(entry.spot.steps, entry.start, entry.end), entry.start, entry.end);
  }
  for (const [index, unit] of units.entries()) if (isLost[index] && !taken.has(unit)) gathered.push(unit);
  return gathered.sort((a, b) => a.start - b.start);
}

/** Index after the last unit that stands under the heading at `index`. */
export function sectionEnd(document: Document, index: number): number {
  const rank = document.spots[index]!.level;
  let end = index + 1;
  while (end < document.units.length) {
    if (document.units[end]!.kind === 'section' && document.spots[end]!.level <= rank) break;
    end++;
  }
  return end;
}

/** Index after the last lost line that follows without a blank line or a line that is still there. */
function linesEnd(document: Document, index: number, isLost: readonly boolean[]): number {
  let end = index + 1;
  while (
    isLost[end] &&
    countLineEnds(document.text.slice(document.units[end - 1]!.end, document.units[end]!.start)) === 1
  )
    end++;
  return end;
}

function together(document: Document, index: number, end: number): Unit {
  const first = document.units[index]!;
  const members = document.units.slice(index, end);
  const last = members[members.length - 1]!;
  const kind = first.kind === 'line' ? 'paragraph' : first.kind;
  return {
    ...first,
    kind,
    text: readable(document.text.slice(first.start, last.end), document.encoding),
    fingerprint: fingerprint(kind, members.map(unit => unit.fingerprint).join(' ')),
    end: last.end,
  };
}
