import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import { errno } from '../errors.ts';
import type { Version } from '../model.ts';
import { blobName, type ObjectType, objectName } from './blob-name.ts';
import type { Catalogue } from './catalogue.ts';
import { decodeCommit } from './commit.ts';
import { checkModes } from './guard.ts';
import { isHarmed, readObjectRecord } from './journal.ts';
import type { Journals } from './journals.ts';
import { loosePath, readLoose } from './loose.ts';
import type { Objects } from './objects.ts';
import type { Pack, RawObject } from './pack-read.ts';
import { listHeads } from './refs.ts';
import { harmedFiles, type Layout } from './repository.ts';
import { secondOpinion } from './second-opinion.ts';
import { placesOf } from './segments.ts';
import type { Damage, Verification } from './store.ts';
import { decodeTree } from './tree.ts';
import { formatVersion, isNoteLine } from './version-line.ts';

export interface VerifyDeps {
  readonly path: string;
  readonly layout: Layout;
  readonly objects: Objects;
  readonly journals: Journals;
  readonly catalogue: Catalogue;
}

type Report = (where: string, what: string, affected?: readonly Version[]) => void;

/** How many blobs another implementation reads too. */
const sampleSize = 16;
const chunk = 1 << 20;

/** Reads everything back: each object by its name, each pack and index by its checksum, each version by its commit. */
export async function verifyStore(
  deps: VerifyDeps,
  onProgress: (done: number, of: number) => void = () => {},
): Promise<Verification> {
  const { objects, journals, layout, catalogue } = deps;
  const versions = [...catalogue.all()];
  const byBlob = new Map<string, Version[]>();
  for (const version of versions) {
    if (version.blob !== null) byBlob.set(version.blob, [...(byBlob.get(version.blob) ?? []), version]);
  }
  const damage: Damage[] = [];
  const report: Report = (where, what, affected = []) => {
    damage.push({ where, what, versions: affected });
  };

  const good = new Map<string, ObjectType>();
  const bad = new Map<string, string>();
  const loose = objects.listLoose();
  let done = 0;
  let of = loose.length;
  for (const { index } of objects.packs) of += index.count;
  for (const { objects } of journals.files) of += objects.size;
  let turn = performance.now();
  const step = async (): Promise<void> => {
    done++;
    if (performance.now() - turn < 20) return;
    onProgress(done, of);
    await nextTurn();
    turn = performance.now();
  };

  /** Reads an object and notes whether it is what its name says. */
  const check = (name: string, where: string, read: () => RawObject): void => {
    try {
      const { type, content } = read();
      if (objectName(type, content) === name) good.set(name, type);
      else bad.set(name, `${where}: the bytes do not hash to the name`);
    } catch (error) {
      bad.set(name, `${where}: ${(error as Error).message}`);
    }
  };

  for (const [where, what] of checkModes(layout)) report(where, what);
  for (const line of catalogue.odd) report('history', `a line that is no version and no note: ${line}`);
  for (const name of listOr(layout.journals)) {
    if (name.endsWith('.journal') && !journals.get(name)) report(join('journal', name), 'the journal has no header');
  }
  for (const name of harmedFiles(layout))
    report(name, 'the file is not what it should be; the next start writes it anew');
  for (const { name, fd, end, torn, path } of journals.files) {
    if (torn > 0 && isHarmed(fd, end, end + torn)) {
      report(relative(deps.path, path), `a record of ${name} was changed on the disk; it and what follows is not read`);
    }
  }
  for (const name of brokenIndexes(deps)) report(join('objects/pack', name), 'the index of the pack cannot be read');
  for (const pack of objects.packs) {
    const where = join('objects/pack', `${basename(pack.path)}.pack`);
    if (!pack.index.isWhole())
      report(where.replace(/pack$/, 'idx'), 'the index of the pack does not have its checksum');
    if (!(await hasItsSum(pack))) report(where, 'the pack does not have its checksum');
    for (let i = 0; i < pack.index.count; i++) {
      const name = pack.index.name(i);
      check(name, where, () => pack.read(pack.index.offset(i), base => objects.readStored(base)));
      await step();
    }
  }
  for (const name of loose) {
    check(name, loosePath('objects', name), () => readLoose(layout.objects, name)!);
    await step();
  }
  for (const file of journals.files) {
    for (const [name, place] of file.objects) {
      check(name, relative(deps.path, file.path), () => {
        const content = inflateSync(readObjectRecord(file.fd, place), { maxOutputLength: place.size + 1 });
        return { type: place.type, content };
      });
      await step();
    }
  }

  const affected = new Map<string, readonly Version[]>(byBlob);
  const whole = new Set<string>();
  for (const [log, versions] of byBlob) {
    if (good.get(log) !== 'tree') continue;
    for (const name of partsOf(log, objects, good, whole))
      affected.set(name, [...(affected.get(name) ?? []), ...versions]);
  }
  for (const [name, why] of bad) {
    if (good.has(name)) report(why, `object ${name} is damaged here; another copy is whole`);
    else report(why, `object ${name} cannot be read back`, affected.get(name) ?? []);
  }
  for (const [name, versions] of affected) {
    if (!good.has(name) && !bad.has(name)) report('objects', `object ${name} is missing`, versions);
  }
  compareWithCommits(deps, versions, report);
  // It refuses a pack as a whole when one byte is wrong, so of a damaged store it says nothing of use.
  if (damage.length === 0)
    await askAgain(
      deps,
      [...byBlob.keys()].filter(name => good.get(name) === 'blob'),
      byBlob,
      report,
    );
  onProgress(of, of);
  return { versions: versions.length, objects: good.size, damage };
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
  for (const { mode, oid } of placesOf(objects.readTree(tree))) {
    const parts = !good.has(oid) ? [oid] : mode === '40000' ? partsOf(oid, objects, good, whole) : [];
    for (const part of parts) {
      isWhole = false;
      yield part;
    }
  }
  if (isWhole) whole.add(tree);
}

async function hasItsSum(pack: Pack): Promise<boolean> {
  const hash = createHash('sha1');
  const end = pack.size - 20;
  for (let at = 0; at < end; at += chunk) {
    hash.update(pack.bytes(at, Math.min(chunk, end - at)));
    await nextTurn();
  }
  const sum = hash.digest();
  return sum.equals(pack.bytes(end, 20)) && sum.equals(pack.index.packSum);
}

/** Every version that has a commit stands in that commit's trailers, and every trailer is a version we know. */
function compareWithCommits(
  { layout, objects, catalogue }: VerifyDeps,
  versions: readonly Version[],
  report: Report,
): void {
  const inCommits = new Set<string>();
  const seen = new Set<string>();
  const trees = new Set<string>();
  for (const { ref, commit: tip } of listHeads(layout)) {
    for (let commit: string | null = tip; commit !== null && !seen.has(commit); ) {
      seen.add(commit);
      try {
        const { parent, tree, lines }: ReturnType<typeof decodeCommit> = decodeCommit(
          objects.readStored(commit, 'commit').content,
        );
        for (const line of lines) if (!isNoteLine(line)) inCommits.add(`${commit} ${withoutPrevious(line)}`);
        checkTree(objects, tree, trees, (oid, why) => report(ref, `tree ${oid} of commit ${commit}: ${why}`));
        commit = parent;
      } catch (error) {
        report(ref, `commit ${commit}: ${(error as Error).message}`);
        break;
      }
    }
  }
  const strays = versions.filter(
    version => version.snapshot !== null && !inCommits.has(`${version.snapshot} ${formatVersion(version)}`),
  );
  if (strays.length > 0) report('history', `${strays.length} versions of the index are not in their commits`, strays);
  const unknown = [...inCommits].filter(line => !catalogue.hasVersion(line.slice(41, line.indexOf('\t'))));
  if (unknown.length > 0) report('history', `${unknown.length} versions of the commits are not in the index`);
}

function withoutPrevious(line: string): string {
  return line.slice(0, line.lastIndexOf('\t'));
}

function checkTree(objects: Objects, oid: string, seen: Set<string>, report: (oid: string, why: string) => void): void {
  if (seen.has(oid)) return;
  seen.add(oid);
  try {
    for (const entry of decodeTree(objects.readStored(oid, 'tree').content).values()) {
      if (entry.mode === '40000') checkTree(objects, entry.oid, seen, report);
      else if (!objects.isStored(entry.oid)) report(entry.oid, 'it is missing');
    }
  } catch (error) {
    report(oid, (error as Error).message);
  }
}

/** A sample, spread over all, through another implementation; it takes whole packs into memory, so big ones are spared. */
async function askAgain(
  { path, objects }: VerifyDeps,
  blobs: readonly string[],
  byBlob: ReadonlyMap<string, readonly Version[]>,
  report: Report,
): Promise<void> {
  if (objects.packs.some(({ size }) => size > 256 << 20)) return;
  const stored = blobs.filter(blob => objects.isStored(blob));
  const other = secondOpinion(path);
  for (let i = 0; i < sampleSize && i < stored.length; i++) {
    const blob = stored[Math.floor((i * stored.length) / Math.min(sampleSize, stored.length))]!;
    try {
      if (blobName(await other.readBlob(blob)) === blob) continue;
      report('objects', `isomorphic-git reads other bytes for ${blob}`, byBlob.get(blob) ?? []);
    } catch (error) {
      // Its messages go on to ask for a bug report, which is not what a damaged disk needs.
      const [first = ''] = (error as Error).message.split('\n');
      report('objects', `isomorphic-git cannot read ${blob}: ${first}`, byBlob.get(blob) ?? []);
    }
  }
}

function brokenIndexes({ layout, objects }: VerifyDeps): readonly string[] {
  const open = new Set(objects.packs.map(({ path }) => `${basename(path)}.idx`));
  return listOr(layout.packs).filter(name => name.endsWith('.idx') && name.startsWith('pack-') && !open.has(name));
}

function listOr(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  }
}
