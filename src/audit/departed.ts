/** Entries of an index whose file went around then: they go with it, whatever form they are written in. */
import { posix } from 'node:path';
import type { Unit } from '../model.ts';

/** Within so many characters an entry says what it is about. */
const HEAD = 200;

/**
 * True for a list item, row, heading or paragraph that begins with the name of a file that went, or with a path that leads to
 * it: in a code span, in bold, before a colon or dash, in the first cell. Also for what stands below such a heading.
 */
export function entryOfDeparted(departures: Iterable<string>, index: string): (unit: Unit) => boolean {
  const names = new Set<string>();
  for (const path of departures) for (const name of namesOf(path, posix.dirname(index))) names.add(name);
  if (names.size === 0) return () => false;
  return unit => {
    if (unit.place.split(' > ').some(heading => names.has(plain(heading)))) return true;
    return leadsOf(unit).some(lead => names.has(lead));
  };
}

/** `skills/a/SKILL.md`, `skills/a`, `a/SKILL.md`, `a`: from the root, from the folder of the index, and by name alone. */
function namesOf(path: string, folder: string): readonly string[] {
  const isSkill = posix.basename(path) === 'SKILL.md';
  const place = isSkill ? posix.dirname(path) : path.replace(/\.[^./]+$/, '');
  const near = (of: string) => posix.relative(folder, of);
  // The file of a skill has no name of its own, and a part of one is called by its path.
  return [path, place, near(path), near(place), posix.basename(place), ...(isSkill ? [] : [posix.basename(path)])];
}

function leadsOf({ kind, name, text }: Unit): readonly string[] {
  if (kind === 'section') return [plain(name)];
  if (kind !== 'list-item' && kind !== 'table-row' && kind !== 'block') return [];
  const head = text.slice(0, HEAD).replace(/^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?|^\s*\|/, '');
  const span = /`([^`\n]+)`/.exec(head)?.[1];
  const lead = /^\s*(?:\*\*|__)?(.+?)(?:\*\*|__)?\s*(?:[:|(]|\s[-–—]\s|$)/m.exec(head)?.[1];
  return [span, lead].filter(found => found !== undefined).map(plain);
}

function plain(text: string): string {
  return text
    .replace(/[`*]/g, '')
    .trim()
    .replace(/^(?:~\/\.claude|\.)\//, '')
    .replace(/\/$/, '');
}
