/** Incidents that one stroke made are told as one: the first of them, and how many are alike. */
import type { Incident } from '../model.ts';
import { isDeletion } from './loss.ts';
import { count } from './sizes.ts';
import type { Style } from './style.ts';
import { clock } from './times.ts';
import { inWords } from './units.ts';
import { visible } from './visible.ts';
import { worstFirst } from './weight.ts';

/** The worst of them first. */
export type Alike = readonly [Incident, ...Incident[]];

/** Fewer than these are told one by one. */
const fewest = 4;
/** Files of one moment are one event, however few they are that went back together, … */
const fewestBack = 2;
/** … and from so many on whatever happened to them. */
const fewestAtOnce = 3;
const mostNames = 3;
/** Causes as far apart as this belong to one stroke in one tree of folders, … */
const strokeMs = 10 * 60_000;
/** … and these to one stroke anywhere, unless files were deleted: who sweeps several places may have meant one of them. */
const momentMs = 15_000;

type Group = [Incident, ...Incident[]];

/** In the same order; each with those that are alike, or alone where they are few. */
export function alike(incidents: readonly Incident[]): readonly Alike[] {
  const groupOf = groupsOf(incidents);
  return incidents.flatMap((incident): readonly Alike[] => {
    const group = groupOf.get(incident)!;
    if (group.length < fewestOf(group)) return [[incident]];
    return group[0] === incident ? [group] : [];
  });
}

function fewestOf(group: Group): number {
  if (wentBack(group[0]) !== null) return fewestBack;
  return group.every(incident => incident === group[0] || isOfOneMoment(group[0], incident)) ? fewestAtOnce : fewest;
}

function groupsOf(incidents: readonly Incident[]): ReadonlyMap<Incident, Group> {
  const byKind = new Map<string, Group[]>();
  const groupOf = new Map<Incident, Group>();
  for (const incident of incidents) {
    const kind = kindOf(incident);
    const groups = byKind.get(kind) ?? [];
    byKind.set(kind, groups);
    const group = wentBack(incident) === null ? groups.find(([first]) => isOfOneStroke(first, incident)) : groups[0];
    if (group) group.push(incident);
    else groups.push([incident]);
    groupOf.set(incident, group ?? groups.at(-1)!);
  }
  return groupOf;
}

/** An open incident, and with it those that are alike: what `audit` tells as one, and as many fewer as there are. */
export function alikeTo(incident: Incident, incidents: readonly Incident[]): Alike {
  const told = incidents.filter(({ state }) => state === 'open').toSorted(worstFirst);
  const groups = groupsOf(told);
  const own = told.find(({ id }) => id === incident.id);
  return [incident, ...((own && groups.get(own)) ?? []).filter(({ id }) => id !== incident.id)];
}

/** `lost: 12 sections in 12 files`, or `index-drift 5 times`. */
export function alikeInWords(group: Alike): string {
  const [{ lost, findings }] = group;
  const rules = [...new Set(findings.map(({ rule }) => visible(rule)))].join(', ');
  const files = pathsOf(group).length;
  const units = inWords(group.flatMap(({ units }) => units));
  const what = lost === null ? rules : `lost: ${units}`;
  const back = wentBack(group[0]);
  if (back !== null && files > 1) {
    const then = back.backTo === null ? '' : ` to ${clock(back.backTo, group[0].cause?.at ?? back.to)}`;
    return `${count(files, 'file')} were set back${then} in one moment; ${what}`;
  }
  if (files > 1 && group.every(isDeletion)) return `${count(files, 'file')} deleted, with ${units}`;
  if (files === 1) return lost === null ? `${what} ${group.length} times` : `${what}, ${group.length} times`;
  return `${what} in ${count(files, 'file')}`;
}

/** `a.md, b.md, c.md and 9 more`, relative to the folder of all; '' when it is one file. */
export function namesOf(group: Alike): string {
  const paths = pathsOf(group);
  if (paths.length === 1) return '';
  const folder = commonFolder(paths);
  const names = paths.map(path => visible(folder === '' ? path : path.slice(folder.length + 1))).sort();
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
  return names.slice(0, mostNames).join(', ') + more;
}

/** The path of one file, the folder of several with a `/` behind it. `within` says how a path of a root is written. */
export function placeOf(group: Alike, within: Style['place'] = ({ root, path }) => path || root): string {
  const [{ root }] = group;
  const [path = '', ...others] = pathsOf(group);
  if (others.length === 0) return within({ root, path });
  return `${within({ root, path: commonFolder([path, ...others]) })}/`;
}

function pathsOf(group: Alike): readonly string[] {
  return [...new Set(group.map(({ path }) => path))];
}

/** The deepest folder that holds all of their files; '' is the root. */
function commonFolder(paths: readonly string[]): string {
  const [first = '', ...others] = paths.map(path => path.split('/').slice(0, -1));
  const parts = [...first];
  for (const other of others) while (parts.some((part, i) => other[i] !== part)) parts.pop();
  return parts.join('/');
}

/** The stroke in which several files went back; null for everything else. */
function wentBack({ stroke }: Incident): NonNullable<Incident['stroke']> | null {
  return stroke?.kind === 'went-back' ? stroke : null;
}

function kindOf(incident: Incident): string {
  const { root, findings, certainty, severity, state, lost, restore } = incident;
  const back = wentBack(incident);
  // One copy of an old tree took all of it, whichever rule saw which part.
  if (back !== null) return JSON.stringify([root, back.id, state, lost === null, restore === null]);
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  return JSON.stringify([root, rules, certainty, severity, state, lost === null, restore === null]);
}

function isOfOneStroke(a: Incident, b: Incident): boolean {
  if (isOfOneMoment(a, b)) return true;
  if ((a.cause === null) !== (b.cause === null)) return false;
  if (a.cause && b.cause && Math.abs(a.cause.at - b.cause.at) > strokeMs) return false;
  return isSameTree(treeOf(a.path), treeOf(b.path));
}

function isOfOneMoment(a: Incident, b: Incident): boolean {
  if (a.path === b.path || !a.cause || !b.cause || !a.lost || !b.lost || isDeletion(a)) return false;
  return Math.abs(a.cause.at - b.cause.at) <= momentMs;
}

/** `skills/a/SKILL.md` → `skills`; `projects/x/memory/a.md` → `projects/x`; `memory/a.md` → `memory`. */
function treeOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  return (folders.length > 1 ? folders.slice(0, -1) : folders).join('/');
}

function isSameTree(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
