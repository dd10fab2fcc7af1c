/** Verifying: everything is read back, and what is damaged is told with what it costs. */
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Version } from '../../model.ts';
import { blobName, type ObjectType } from '../blob-name.ts';
import { checkModes } from '../guard.ts';
import type { Catalogue } from '../index/catalogue.ts';
import type { Objects } from '../objects.ts';
import { placesOf } from '../segments.ts';
import type { Damage, Sample, Verification } from '../store.ts';
import { checkFiles, checkLonePacks } from './check-files.ts';
import { checkHistory } from './check-history.ts';
import { type CheckDeps, type CheckedObjects, checkObjects } from './check-objects.ts';
import { lostIn } from './lost.ts';
import { secondOpinion } from './second-opinion.ts';

export interface VerifyDeps extends CheckDeps {
  readonly catalogue: Catalogue;
}

type Report = (where: string, what: string, affected?: readonly Version[]) => void;

/** How many blobs another implementation reads too. */
const sampleSize = 16;

/** Reads everything back: each object by its name, each pack and index by its checksum, each version by its commit. */
export async function verifyStore(
  deps: VerifyDeps,
  onProgress: (done: number, of: number) => void = () => {},
  sample: Sample | null = null,
): Promise<Verification> {
  const { objects, catalogue } = deps;
  const damage: Damage[] = [];
  const report: Report = (where, what, affected = []) => {
    damage.push({ where, what, versions: affected });
  };
  checkFiles(deps, report);
  for (const [where, what] of checkModes(deps.layout)) report(where, what);
  for (const line of catalogue.odd) report('history', `a line that is no version and no note: ${line}`);
  const checked = await checkObjects(deps, sample, onProgress);
  const { good, bad, harmedPacks, harmedIndexes } = checked;
  for (const pack of harmedIndexes) {
    report(join('objects/pack', `${basename(pack.path)}.idx`), 'the index of the pack does not have its checksum');
  }
  for (const [pack, harm] of harmedPacks) report(join('objects/pack', `${basename(pack.path)}.pack`), harm);
  const wanted = wantedBy(catalogue, objects, good);
  const losses = lostIn(catalogue.notes('lost'), name => isWhole(name, objects, good));
  const isTold = ({ id }: Version): boolean => losses.ids.has(id);
  const badNames = new Set<string>();
  for (const { name, where, why } of bad) {
    badNames.add(name);
    if (good.has(name)) report(`${where}: ${why}`, `object ${name} is damaged here; another copy is whole`);
    else report(`${where}: ${why}`, `object ${name} cannot be read back`, wanted.get(name) ?? []);
  }
  for (const [name, versions] of wanted) {
    if (good.has(name) || badNames.has(name)) continue;
    const costs = versions.filter(version => !isTold(version));
    if (costs.length > 0) report('objects', `object ${name} is missing`, costs);
  }
  await checkHistory(deps, {
    commits: [...good].filter(([, type]) => type === 'commit').map(([name]) => name),
    isBlob: name => good.get(name) === 'blob',
    isPicked: name => sample === null || crc32(name, sample.seed) / 2 ** 32 < sample.share,
    report,
  });
  if (damage.length > 0) checkLonePacks(deps, report);
  // It refuses a pack as a whole when one byte is wrong, so of a damaged store it says nothing of use.
  if (damage.length === 0 && sample === null) await askAgain(deps, good, report);
  const lost = losses.losses.map(({ at, versions }) => {
    return { at, versions: versions.map(id => catalogue.get(id)).filter(version => version !== undefined) };
  });
  const sampled = sample && { ...sample, objects: checked.read };
  return { versions: catalogue.size.versions, objects: good.size, damage, lost, sampled };
}

/** True when a content, and every tree and segment of it, has a whole copy. */
export function isWhole(name: string, objects: Objects, good: ReadonlyMap<string, ObjectType>): boolean {
  const type = good.get(name);
  if (type !== 'tree') return type !== undefined;
  return partsOf(name, objects, good, new Set()).next().done === true;
}

/** What versions want: their contents, and of what is kept as segments the trees and segments that cannot be read back. */
export function wantedBy(
  catalogue: Catalogue,
  objects: Objects,
  good: CheckedObjects['good'],
): ReadonlyMap<string, readonly Version[]> {
  const wanted = new Map<string, Version[]>();
  const add = (name: string, versions: readonly Version[]): void => {
    const known = wanted.get(name);
    if (!known) wanted.set(name, [...versions]);
    else for (const version of versions) known.push(version);
  };
  for (const version of catalogue.all()) if (version.blob !== null) add(version.blob, [version]);
  const whole = new Set<string>();
  for (const [log, versions] of [...wanted]) {
    if (good.get(log) !== 'tree') continue;
    for (const name of new Set(partsOf(log, objects, good, whole))) add(name, versions);
  }
  return wanted;
}

/** The trees and segments of a log that cannot be read back. `whole` remembers the trees that have none. */
function* partsOf(
  tree: string,
  objects: Objects,
  good: ReadonlyMap<string, ObjectType>,
  whole: Set<string>,
): Generator<string> {
  if (whole.has(tree)) return;
  let isWhole = true;
  for (const { mode, oid } of segmentPlaces(tree, objects)) {
    const parts = !good.has(oid) ? [oid] : mode === '40000' ? partsOf(oid, objects, good, whole) : [];
    for (const part of parts) {
      isWhole = false;
      yield part;
    }
  }
  if (isWhole) whole.add(tree);
}

/** None when somebody has damaged it since it was found whole. */
function segmentPlaces(tree: string, objects: Objects): ReturnType<typeof placesOf> {
  try {
    return placesOf(objects.readTree(tree));
  } catch {
    return [];
  }
}

/** A sample, spread over all, through another implementation; it takes whole packs into memory, so big ones are spared. */
async function askAgain(
  { path, objects, catalogue }: VerifyDeps,
  good: CheckedObjects['good'],
  report: Report,
): Promise<void> {
  if (objects.packs.some(({ size }) => size > 256 << 20)) return;
  const byBlob = new Map<string, Version>();
  for (const version of catalogue.all()) {
    if (version.blob !== null && good.get(version.blob) === 'blob') byBlob.set(version.blob, version);
  }
  const stored = [...byBlob.keys()].filter(blob => objects.isStored(blob));
  const other = secondOpinion(path);
  for (let i = 0; i < sampleSize && i < stored.length; i++) {
    const blob = stored[Math.floor((i * stored.length) / Math.min(sampleSize, stored.length))]!;
    try {
      if (blobName(await other.readBlob(blob)) === blob) continue;
      report('objects', `isomorphic-git reads other bytes for ${blob}`, [byBlob.get(blob)!]);
    } catch (error) {
      // Its messages go on to ask for a bug report, which is not what a damaged disk needs.
      const [first = ''] = (error as Error).message.split('\n');
      report('objects', `isomorphic-git cannot read ${blob}: ${first}`, [byBlob.get(blob)!]);
    }
  }
}
