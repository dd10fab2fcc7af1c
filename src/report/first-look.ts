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
    .sort((a, b) => sum(b) - sum(a) || (a.folder < b.folder ? -1 : 1));
}

/** `projects/x/memory: 12 index-drift, 3 bad-frontmatter` */
export function oldDriftLines(folders: readonly OldDrift[]): readonly string[] {
  const shown = folders.slice(0, mostFolders);
  const left = folders.length - shown.length;
  return [
    ...shown.map(({ root, folder, rules }) => {
      const counts = Object.entries(rules).map(([rule, number]) => `${number} ${visible(rule)}`);
      return `${folder === '' ? `the root ${visible(root)}` : visible(folder)}: ${counts.join(', ')}`;
    }),
    ...(left > 0 ? [`… ${count(left, 'more folder')}`] : []),
  ];
}

function sum({ rules }: OldDrift): number {
  return Object.values(rules).reduce((total, number) => total + number, 0);
}

function mostThenName(a: readonly [string, number], b: readonly [string, number]): number {
  return b[1] - a[1] || (a[0] < b[0] ? -1 : 1);
}
