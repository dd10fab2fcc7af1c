/** Taking versions out of the history: into the trash, out of the trash, and at once and for good. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UndertextError } from '../../errors.ts';
import type { Time, Version } from '../../model.ts';
import type { Disk } from '../disk.ts';
import type { Catalogue } from '../index/catalogue.ts';
import type { Journals } from '../journal/journals.ts';
import type { Objects } from '../objects.ts';
import { listHeads, removeRefs } from '../refs.ts';
import { type Layout, writeWhole } from '../repository.ts';
import { isNoteLine, readVersion } from '../version-line.ts';
import { type Redo, rewriteMonths } from './rewrite.ts';
import { announceSweep, sweep } from './sweep.ts';
import { listTrash, trashRef } from './trash.ts';

export interface PruneDeps {
  readonly layout: Layout;
  readonly disk: Disk;
  readonly objects: Objects;
  readonly journals: Journals;
  readonly catalogue: Catalogue;
  now(): Time;
  newToken(): string;
  holdsLock(): boolean;
  /** Takes in what other processes have recorded. */
  refresh(): Promise<void>;
  onProgress?(done: number, of: number): void;
}

export function idOfLine(line: string): string {
  return line.slice(0, line.indexOf('\t'));
}

/** Writes the months anew without the versions; the caller holds the lock, has sealed, and makes the index anew. */
export async function dropVersions(deps: PruneDeps, ids: ReadonlySet<string>): Promise<void> {
  const redo: Redo = line => (isNoteLine(line) || !ids.has(idOfLine(line)) ? line : null);
  await rewriteMonths(deps, redo, trashRef(deps.now(), bytesOf(deps, ids)));
}

/** Bytes of the contents that no other version has. Segments are shared among the versions of a log and not counted. */
function bytesOf({ catalogue, objects }: PruneDeps, ids: ReadonlySet<string>): number {
  const contents = new Set<string>();
  for (const { id, blob } of catalogue.all()) if (blob !== null && ids.has(id)) contents.add(blob);
  for (const { id, blob } of catalogue.all()) if (blob !== null && !ids.has(id)) contents.delete(blob);
  return [...contents].reduce((sum, name) => sum + objects.packedBytes(name), 0);
}

/** Lets go of what was trashed before `before`, and of what nothing else leads to. The caller holds the lock, and has sealed. */
export async function emptyTrash(deps: PruneDeps, before: Time): Promise<void> {
  const old = listTrash(deps.layout).filter(({ at }) => at < before);
  if (old.length === 0) return;
  await removeRefs(deps.layout, deps.disk, new Set(old.map(({ ref }) => ref)));
  await sweepUnreachable(deps, new Set());
}

async function sweepUnreachable(deps: PruneDeps, forgotten: ReadonlySet<string>): Promise<readonly string[]> {
  const { layout, disk, objects, journals } = deps;
  await announceSweep(layout, disk, deps.newToken());
  await deps.refresh();
  objects.loadPacks();
  const roots = new Set<string>();
  for (const { commit } of [...listHeads(layout), ...listTrash(layout)]) roots.add(commit);
  for (const { lines } of journals.files) {
    for (const line of lines) {
      const blob = isNoteLine(line) ? null : (readVersion(line, null)?.blob ?? null);
      if (blob !== null) for (const name of objects.withParts(blob)) roots.add(name);
    }
  }
  const options = { roots, forgotten, ...(deps.onProgress ? { onProgress: deps.onProgress } : {}) };
  return await sweep({ ...deps, folder: layout.packs }, layout, options);
}

export interface Forgetting {
  /** The versions whose content goes. */
  readonly versions: readonly Version[];
  /** What the line of a note becomes, so that it tells nothing of that content. */
  redoNote(line: string): string;
}

/**
 * Removes contents for good: each version becomes one without content, the trash is emptied, every pack that has one of
 * them is written anew. The caller holds the lock, has sealed, and makes the index anew.
 * @throws UndertextError `busy` when a journal of a living process still holds it, `damaged` when a pack cannot be read
 */
export async function forgetContents(deps: PruneDeps, { versions, redoNote }: Forgetting): Promise<void> {
  const { layout, disk, journals } = deps;
  const forgotten = contentsOnlyOf(deps, versions);
  const ids = new Set(versions.map(({ id }) => id));
  const redo: Redo = line => {
    if (isNoteLine(line)) return redoNote(line);
    return ids.has(idOfLine(line)) ? withheldLine(line) : line;
  };
  // The journal of another living process is its own: what it tells of the content must be sealed first.
  const isTold = journals.files.some(({ lines }) => lines.some(line => redo(line) !== line));
  if (isTold || [...forgotten].some(name => journals.has(name))) {
    throw new UndertextError(
      'busy',
      'another process has just recorded this content, and has not sealed it yet',
      'run the same command again in a few seconds',
    );
  }
  await writeWhole(disk, layout.root, unfinished, JSON.stringify([...forgotten]));
  await rewriteMonths(deps, redo, null);
  await removeForgotten(deps, forgotten);
}

/** Names the contents that are about to be removed, as long as not all of it is done. */
const unfinished = 'forgetting';

/** Goes on with what a kill has interrupted. The caller holds the lock. */
export async function finishForgetting(deps: PruneDeps): Promise<string | null> {
  const path = join(deps.layout.root, unfinished);
  if (!existsSync(path)) return null;
  const forgotten = readNames(path);
  for (const { blob } of deps.catalogue.all()) {
    if (blob === null || !forgotten.has(blob)) continue;
    // The months were not written anew yet: whoever asked for it asks again.
    rmSync(path);
    return 'a `forget` was interrupted before it had begun: give the command again';
  }
  await removeForgotten(deps, forgotten);
  return 'a `forget` was interrupted, and is finished now';
}

function readNames(path: string): ReadonlySet<string> {
  try {
    return new Set(JSON.parse(readFileSync(path, 'utf8')) as string[]);
  } catch (error) {
    throw new UndertextError(
      'damaged',
      `${path} cannot be read`,
      'run the `forget` again, then remove that file',
      error,
    );
  }
}

async function removeForgotten(deps: PruneDeps, forgotten: ReadonlySet<string>): Promise<void> {
  const { layout, disk, objects } = deps;
  await removeRefs(layout, disk, new Set(listTrash(layout).map(({ ref }) => ref)));
  const left = await sweepUnreachable(deps, forgotten);
  // Findings quote texts; what was set aside as damaged may hold anything.
  for (const place of ['cache', 'quarantine']) rmSync(join(layout.root, place), { recursive: true, force: true });
  for (const name of readdirSync(layout.journals)) {
    if (name.endsWith('.harmed')) rmSync(join(layout.journals, name), { force: true });
  }
  if (left.length === 0 && [...forgotten].every(name => !objects.isStored(name))) {
    rmSync(join(layout.root, unfinished), { force: true });
    await disk.syncFolder(layout.root);
    return;
  }
  throw new UndertextError(
    'damaged',
    `the content is out of the history, but still stands in ${left.length} damaged packs`,
    'run `undertext verify --repair`, then the same command again',
  );
}

/** The objects of these contents; a segment that another log has too is no longer only theirs. */
function contentsOnlyOf({ objects, catalogue }: PruneDeps, versions: readonly Version[]): Set<string> {
  const ids = new Set(versions.map(({ id }) => id));
  const forgotten = new Set<string>();
  const collect = ({ blob, size }: Version, into: (name: string) => void): void => {
    if (blob === null) return;
    into(blob);
    if (objects.isTreeOf(blob, size)) for (const name of objects.partsOf(blob)) into(name);
  };
  for (const version of versions) collect(version, name => forgotten.add(name));
  const kept = new Set<string>();
  for (const version of catalogue.all()) {
    const { id, blob } = version;
    if (blob === null || ids.has(id) || kept.has(blob)) continue;
    kept.add(blob);
    collect(version, name => forgotten.delete(name));
  }
  return forgotten;
}

/** The same version as if it had been a secret from the start: that it stood there, and no more. */
function withheldLine(line: string): string {
  const fields = line.split('\t');
  fields[3] = 'withheld';
  fields[4] = '-';
  fields[5] = fields[5] === '0' ? '0' : '1';
  return fields.join('\t');
}
