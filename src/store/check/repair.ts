/**
 * Repairing: what is damaged is had from another copy, made anew, or said to be lost.
 *
 * The order is what makes a kill harmless: what was found is durable in a new pack before the damaged one goes into the
 * quarantine; objects come before the trees that name them, trees and commits before the heads. Nothing is deleted.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { errno } from '../../errors.ts';
import type { Version } from '../../model.ts';
import { type ObjectType, objectName } from '../blob-name.ts';
import { loosePath } from '../loose.ts';
import type { Objects } from '../objects.ts';
import { openByScan } from '../pack/index-pack.ts';
import { listHeads } from '../refs.ts';
import { storeConfig, writeWhole } from '../repository.ts';
import type { Refetch, Repair } from '../store.ts';
import { isConfigWhole, isHeadWhole } from './check-files.ts';
import { type CheckedObjects, checkObjects } from './check-objects.ts';
import { Finds } from './finds.ts';
import { lostIn } from './lost.ts';
import { mendHistory } from './mend-history.ts';
import { quarantineOf, setAside } from './quarantine.ts';
import { refetchPath } from './refetch.ts';
import type { RepairDeps, RepairLog } from './repair-deps.ts';
import { recordsIn, salvageJournals, takeObject } from './salvage-journals.ts';
import { salvagePacks } from './salvage-packs.ts';
import { isWhole as isWholeIn, wantedBy } from './verify.ts';

/** The caller holds the store's lock, seals afterwards, and makes the history index anew. */
export async function repairStore(deps: RepairDeps, refetch: Refetch): Promise<Repair> {
  const { objects } = deps;
  const log: RepairLog = { rebuilt: [], setAside: [] };
  await mendFiles(deps, log);
  const before = await check(deps);
  await setLooseAside(deps, before, log);
  await salvagePacks(deps, before, log);
  if (log.setAside.length > 0) await deps.readAgain();
  const good = new Map((log.setAside.length > 0 ? await check(deps) : before).good);
  const finds = new Finds(deps);
  const isWhole = (name: string): boolean => good.has(name) || finds.has(name);
  await salvageJournals(deps, isWhole, finds, log);

  const wasMissing = missingVersions(deps, good);
  for (const name of wasMissing.names) {
    if (name === objectName('blob', nothing)) await finds.add(name, 'blob', nothing);
  }
  await searchQuarantine(deps, () => missingVersions(deps, good, finds).names, isWhole, finds);
  for (const versions of byPath(missingVersions(deps, good, finds).versions)) {
    await refetchPath(versions, missingVersions(deps, good, finds, versions).names, isWhole, refetch, finds);
    await finds.flush();
  }
  await finds.flush();
  for (const [name, type] of finds.found) good.set(name, type);

  const losses = missingVersions(deps, good).versions;
  const lostIds = new Set(losses.map(({ id }) => id));
  const isLost = (blob: string): boolean => !isWholeIn(blob, objects, good);
  // What stands in journals alone is not there for a tree yet.
  const isBlob = (name: string): boolean => good.get(name) === 'blob' && objects.isStored(name);
  log.rebuilt.push(...(await mendHistory({ ...deps, isLost, isBlob, knows: id => deps.catalogue().hasVersion(id) })));
  await mendHead(deps, log);

  const told = lostIn(deps.catalogue().notes('lost'), () => false).ids;
  const lost = losses.filter(({ id }) => !told.has(id));
  if (lost.length > 0) {
    const data = { versions: lost.map(({ id }) => id), blobs: lost.map(({ blob }) => blob) };
    await deps.addNotes([{ kind: 'lost', at: deps.now(), data }]);
  }
  const fetched = wasMissing.versions.filter(({ id }) => !lostIds.has(id));
  return { ...log, fetched, lost };
}

const nothing = Buffer.alloc(0);

function check(deps: RepairDeps): Promise<CheckedObjects> {
  return checkObjects(deps, null, (done, of) => deps.onProgress?.(done, of));
}

interface Missing {
  readonly names: ReadonlySet<string>;
  /** Those that want one of the names, oldest first. */
  readonly versions: readonly Version[];
}

/** What versions (of all, or of some) want and cannot have. */
function missingVersions(
  { catalogue, objects }: RepairDeps,
  good: ReadonlyMap<string, ObjectType>,
  finds?: Finds,
  some?: readonly Version[],
): Missing {
  const there = finds ? new Map([...good, ...finds.found]) : good;
  const ids = some && new Set(some.map(({ id }) => id));
  const names = new Set<string>();
  const versions = new Map<string, Version>();
  for (const [name, wanting] of wantedBy(catalogue(), objects, there)) {
    if (there.has(name)) continue;
    for (const version of wanting) {
      if (ids && !ids.has(version.id)) continue;
      names.add(name);
      versions.set(version.id, version);
    }
  }
  return { names, versions: [...versions.values()].sort((a, b) => a.seenAt - b.seenAt) };
}

function byPath(versions: readonly Version[]): Iterable<readonly Version[]> {
  const paths = new Map<string, Version[]>();
  for (const version of versions) {
    const key = `${version.kind}\0${version.root}\0${version.path}`;
    paths.set(key, [...(paths.get(key) ?? []), version]);
  }
  return paths.values();
}

/** What `prepare` leaves as it is when it is there. */
async function mendFiles({ layout, disk }: RepairDeps, log: RepairLog): Promise<void> {
  if (isConfigWhole(readFileSync(join(layout.root, 'config'), 'latin1'))) return;
  log.setAside.push(await setAside(layout, disk, join(layout.root, 'config')));
  await writeWhole(disk, layout.root, 'config', storeConfig);
  log.rebuilt.push('config');
}

async function mendHead({ layout, disk }: RepairDeps, log: RepairLog): Promise<void> {
  if (isHeadWhole(layout)) return;
  const newest = listHeads(layout).reduce<string | null>((ref, head) => {
    return ref === null || head.ref.slice(-7) > ref.slice(-7) ? head.ref : ref;
  }, null);
  await writeWhole(disk, layout.root, 'HEAD', `ref: ${newest ?? 'refs/heads/machine/1970-01'}\n`);
  log.rebuilt.push('HEAD');
}

async function setLooseAside({ layout, disk }: RepairDeps, { bad }: CheckedObjects, log: RepairLog): Promise<void> {
  for (const { name, where } of bad) {
    if (where !== loosePath('objects', name) || !existsSync(join(layout.root, where))) continue;
    log.setAside.push(await setAside(layout, disk, join(layout.root, where), `loose-${name}`));
  }
}

/** Whole copies may stand in what was set aside, now or by an earlier repair. */
async function searchQuarantine(
  { layout, objects }: RepairDeps,
  missing: () => ReadonlySet<string>,
  isWhole: (name: string) => boolean,
  finds: Finds,
): Promise<void> {
  for (const file of listOr(quarantineOf(layout))) {
    const path = join(quarantineOf(layout), file);
    // A tree that was found wants its segments.
    for (let wanted = missing(), size = -1; wanted.size > 0 && wanted.size !== size; wanted = missing()) {
      size = wanted.size;
      if (file.endsWith('.pack')) await searchPack(path.slice(0, -'.pack'.length), objects, wanted, finds);
      else if (/\.(harmed|journal)$/.test(file)) {
        for (const record of recordsIn(readFileSync(path))) {
          if (record.type === 'L' || !wanted.has(record.payload.toString('hex', 0, 20))) continue;
          await takeObject(record, isWhole, finds);
        }
      } else if (/loose-[0-9a-f]{40}$/.test(file)) await takeLoose(path, wanted, finds);
      await finds.flush();
    }
  }
}

async function searchPack(path: string, objects: Objects, wanted: ReadonlySet<string>, finds: Finds): Promise<void> {
  const byName = (name: string) => objects.readStored(name);
  const { pack } = await openByScan(path, byName);
  try {
    for (const name of wanted) {
      const offset = pack.index.find(Buffer.from(name, 'hex'));
      if (offset < 0) continue;
      const { type, content } = pack.read(offset, byName);
      if (objectName(type, content) === name) await finds.add(name, type, content);
    }
  } finally {
    pack.close();
  }
}

async function takeLoose(path: string, wanted: ReadonlySet<string>, finds: Finds): Promise<void> {
  const name = path.slice(-40);
  if (!wanted.has(name)) return;
  try {
    const bytes = inflateSync(readFileSync(path));
    const end = bytes.indexOf(0);
    const type = bytes.toString('latin1', 0, bytes.indexOf(0x20)) as ObjectType;
    const content = bytes.subarray(end + 1);
    if (objectName(type, content) === name) await finds.add(name, type, content);
  } catch {
    // As damaged as it was.
  }
}

function listOr(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  }
}
