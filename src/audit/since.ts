/** In which version each part of a text first stood without a break until a later one. */
import type { PathHistory, Unit, Version } from '../model.ts';
import type { Reader } from './reader.ts';

/** How many versions back the first appearance of a part is looked for, and how many bytes of them are read. */
const mostSteps = 500;
const mostBytes = 32_000_000;

export interface Since {
  readonly version: Version;
  /** True when it may have stood earlier still: what is kept begins there, or that is how far was looked. */
  readonly orEarlier: boolean;
  /** The restore that put it back after it had been away; null when it never was. */
  readonly restored: Version | null;
}

/** A walk back through the versions of a path. Items are whatever is told apart: units, or lines. */
export interface Walk<Item> {
  readonly versions: readonly Version[];
  /** Index of the version that holds all of the items. */
  readonly from: number;
  /** Which of the items stand in that version. Called once for each version, from the newest to the oldest. */
  standing(version: Version, items: ReadonlySet<Item>): Promise<ReadonlySet<Item>>;
  /** False for a moment in which the file was being written, and for a version that nobody can look into. */
  isBreak(version: Version): boolean;
  /** True: what a restore put back is followed to where it stood before it was lost. */
  readonly throughRestores: boolean;
}

/** How far was looked, for all items together. */
export interface Walked<Item> {
  readonly since: ReadonlyMap<Item, Since>;
  /** True when older versions were left because there are too many, or they are too large. */
  readonly isBounded: boolean;
}

export async function walkBack<Item>(items: Iterable<Item>, walk: Walk<Item>): Promise<Walked<Item>> {
  const { versions, from } = walk;
  const first = versions[from]!;
  const since = new Map([...items].map(item => [item, { version: first, orEarlier: false, restored: null } as Since]));
  const open = new Set(since.keys());
  /** Put back by a restore: where they stood before is still looked for. */
  const sought = new Map<Item, Version>();
  let bytes = 0;
  let i = from - 1;
  for (; i >= 0 && i > from - mostSteps && bytes < mostBytes && open.size + sought.size > 0; i--) {
    const version = versions[i]!;
    const here = await walk.standing(version, sought.size === 0 ? open : new Set([...open, ...sought.keys()]));
    bytes += version.size;
    const plain: Since = { version, orEarlier: false, restored: null };
    for (const item of here) {
      const restored = since.get(item)!.restored ?? sought.get(item) ?? null;
      since.set(item, restored === null ? plain : { ...plain, restored });
      if (sought.delete(item)) open.add(item);
    }
    if (!walk.isBreak(version)) continue;
    for (const item of open) {
      if (here.has(item)) continue;
      open.delete(item);
      const { version: start } = since.get(item)!;
      if (walk.throughRestores && start.how === 'restore') sought.set(item, start);
    }
  }
  for (const item of open) since.set(item, { ...since.get(item)!, orEarlier: true });
  return { since: withRestores(since, walk.throughRestores), isBounded: i >= 0 && open.size + sought.size > 0 };
}

/** What a restore put back and no version before it has is the restore's all the same. */
function withRestores<Item>(since: ReadonlyMap<Item, Since>, isAsked: boolean): ReadonlyMap<Item, Since> {
  if (!isAsked) return since;
  const told = ([item, each]: readonly [Item, Since]) =>
    [
      item,
      each.version.how === 'restore' && each.restored === null ? { ...each, restored: each.version } : each,
    ] as const;
  return new Map([...since].map(told));
}

/** The version in which each unit first stood without a break until `version`; a moment of writing is none. */
export async function sinceOf(
  units: readonly Unit[],
  version: Version,
  file: PathHistory,
  pieces: ReadonlySet<string>,
  reader: Reader,
): Promise<ReadonlyMap<Unit, Version>> {
  const { since } = await walkBack(units, {
    versions: file.versions,
    from: indexOf(file, version),
    standing: async (older, items) => {
      const counts = await reader.counts(older);
      return new Set([...items].filter(unit => counts.has(unit.fingerprint)));
    },
    isBreak: ({ id, kind, size }) => kind === 'file' && size > 0 && !pieces.has(id),
    throughRestores: false,
  });
  return new Map([...since].map(([unit, { version }]) => [unit, version]));
}

/** Where a version stands in its history. */
export function indexOf({ versions }: PathHistory, version: Version): number {
  let low = 0;
  let high = versions.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (versions[middle]!.seenAt < version.seenAt) low = middle + 1;
    else high = middle;
  }
  while (low < versions.length - 1 && versions[low]!.id !== version.id) low++;
  return low;
}
