/** The last changes of all files, or of one folder: for somebody who knows a time, not a path. */
import { forgottenOf } from '../history/forgotten.ts';
import { inARow } from '../history/history.ts';
import type { Root, Time, Version } from '../model.ts';
import type { ChangeRow, ChangesReport } from '../report/changes-table.ts';
import { importedOf } from '../sessions/past/imported.ts';
import { placesIn } from './places-in.ts';
import type { Setup } from './setup.ts';
import { testimonyOf } from './testimony.ts';

export interface Within {
  /** Null: all roots. */
  readonly folder: { readonly root: Root; readonly path: string } | null;
  readonly since: Time | null;
  readonly until: Time | null;
  /** At most so many rows, the newest ones; infinite for all. */
  readonly limit: number;
}

interface Change {
  readonly version: Version;
  /** What stood there before; null for a file that was created, or not known before. */
  readonly before: Version | null;
  /** Versions of the same log that this row stands for as well. */
  readonly others: number;
}

/**
 * Newest first. What a root held when it was first looked at is no change: it is only counted. A log grows by a line every
 * few moments, so all its versions make one row. Versions that were read while a file was being written are left out.
 */
export async function recentChanges(setup: Setup, within: Within): Promise<ChangesReport> {
  const { changes, firstSeen } = changesWithin(setup, within);
  const newest = changes.toSorted((a, b) => b.version.at - a.version.at || b.version.seenAt - a.version.seenAt);
  const shown = newest.slice(0, within.limit);
  const forgotten = forgottenOf(setup.store.notes('forgotten'));
  const sources = importedOf(setup.store.notes('import'));
  const testimony = testimonyOf(setup);
  const rows: ChangeRow[] = [];
  for (const { version, before, others } of shown) {
    rows.push({
      root: version.root,
      path: version.path,
      version,
      writer: await testimony.writer(version),
      forgotten: forgotten.get(version.id)?.at ?? null,
      source: sources.get(version.id) ?? null,
      change: setup.json ? '' : await changeIn(setup, before, version, others),
    });
  }
  const folder = within.folder;
  return {
    folder: folder === null ? null : { root: folder.root.name, path: folder.path, place: folder.root.path },
    rows,
    more: newest.length - shown.length,
    firstSeen,
  };
}

function changesWithin(setup: Setup, within: Within): { changes: readonly Change[]; firstSeen: number } {
  const { isFirstLook } = placesIn(setup);
  const roots = new Map(setup.roots.map(root => [root.name, root]));
  const changes: Change[] = [];
  let firstSeen = 0;
  for (const versions of setup.store.byPath()) {
    const [first] = versions;
    const root = roots.get(first?.root ?? '');
    if (first === undefined || root === undefined || !isWithin(first, within.folder)) continue;
    const own = changesOfPath(versions).filter(({ version: { at } }) => {
      return (within.since === null || at >= within.since) && (within.until === null || at <= within.until);
    });
    const real = own.filter(({ version }) => !isFirstLook?.(version));
    firstSeen += own.length - real.length;
    const isLog = setup.classify(root, first.path) === 'log' && !setup.json;
    if (isLog && real.length > 1) changes.push({ ...real.at(-1)!, others: real.length - 1 });
    else changes.push(...real);
  }
  return { changes, firstSeen };
}

/** Oldest first; an unsettled version counts only while nothing came after it. */
function changesOfPath(versions: readonly Version[]): readonly Change[] {
  const whole = inARow(versions.filter((version, at) => version.settled || at === versions.length - 1));
  return whole.map((version, at) => ({ version, before: whole[at - 1] ?? null, others: 0 }));
}

function isWithin({ root, path }: Version, folder: Within['folder']): boolean {
  if (folder === null) return true;
  return root === folder.root.name && (folder.path === '' || path.startsWith(`${folder.path}/`));
}

async function changeIn(setup: Setup, before: Version | null, version: Version, others: number): Promise<string> {
  if (others > 0) return `and ${others} changes before`;
  // Reading what documents say takes longer to load than all the rest.
  const { changesOf } = await import('./what-changed.ts');
  if (before === null && version.kind === 'file') return 'created';
  return (await changesOf(setup, before === null ? [version] : [before, version])).at(-1)!;
}
