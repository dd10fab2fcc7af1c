/** What was wrong already when undertext first looked: counted by folder, so that nobody has to read it to be rid of it. */
import type { Incident } from '../model.ts';
import { count } from './sizes.ts';
import { visible } from './visible.ts';

/** One folder, with how often each rule has something to say there. */
export interface OldDrift {
  readonly root: string;
  /** '' is the root itself. */
  readonly folder: string;
  readonly rules: Readonly<Record<string, number>>;
}

const mostFolders = 10;
const fewestSiblings = 4;

/** The folders with most of it first. A wrong that is about several files or lines counts once for each. */
export function oldDrift(incidents: readonly Incident[]): readonly OldDrift[] {
  const folders = new Map<string, { root: string; folder: string; rules: Map<string, number> }>();
  for (const { root, path, units, findings, baseline } of incidents) {
    if (baseline !== true) continue;
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const key = `${root}\0${folder}`;
    const known = folders.get(key) ?? { root, folder, rules: new Map() };
    folders.set(key, known);
    for (const rule of new Set(findings.map(finding => finding.rule))) {
      known.rules.set(rule, (known.rules.get(rule) ?? 0) + Math.max(1, units.length));
    }
  }
  return [...folders.values()]
    .map(({ rules, ...place }) => ({ ...place, rules: Object.fromEntries([...rules].sort(mostThenName)) }))
    .sort(mostFirst);
}

/** `projects/x/memory: 12 index-drift, 3 bad-frontmatter`; of many folders side by side `skills/*: 13 bad-frontmatter`. */
export function oldDriftLines(folders: readonly OldDrift[]): readonly string[] {
  const rows = folded(folders);
  const shown = rows.slice(0, mostFolders);
  const left = rows.length - shown.length;
  return [
    ...shown.map(({ root, folder, rules }) => {
      const counts = Object.entries(rules).map(([rule, number]) => `${number} ${visible(rule)}`);
      return `${folder === '' ? `the root ${visible(root)}` : visible(folder)}: ${counts.join(', ')}`;
    }),
    ...(left > 0 ? [`… ${count(left, 'more folder')}`] : []),
  ];
}

/** Folders beside each other that have the same to say, from four on, are one row. */
function folded(folders: readonly OldDrift[]): readonly OldDrift[] {
  const bySiblings = new Map<string, OldDrift[]>();
  for (const each of folders) {
    const parent = each.folder.slice(0, Math.max(0, each.folder.lastIndexOf('/')));
    const key = JSON.stringify([
      each.root,
      parent === '' ? each.folder : `${parent}/*`,
      Object.keys(each.rules).sort(),
    ]);
    bySiblings.set(key, [...(bySiblings.get(key) ?? []), each]);
  }
  return [...bySiblings]
    .flatMap(([key, siblings]) => {
      const [root, folder] = JSON.parse(key) as [string, string];
      return siblings.length < fewestSiblings ? siblings : [{ root, folder, rules: together(siblings) }];
    })
    .sort(mostFirst);
}

function together(folders: readonly OldDrift[]): Readonly<Record<string, number>> {
  const rules = new Map<string, number>();
  for (const each of folders)
    for (const [rule, number] of Object.entries(each.rules)) rules.set(rule, (rules.get(rule) ?? 0) + number);
  return Object.fromEntries([...rules].sort(mostThenName));
}

function mostFirst(a: OldDrift, b: OldDrift): number {
  return sum(b) - sum(a) || (a.folder < b.folder ? -1 : 1);
}

function sum({ rules }: OldDrift): number {
  return Object.values(rules).reduce((total, number) => total + number, 0);
}

function mostThenName(a: readonly [string, number], b: readonly [string, number]): number {
  return b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
}
