/** Reads every object back, wherever it stands: journals, packs, loose files. */
import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32, inflateSync } from 'node:zlib';
import { type ObjectType, objectName } from '../blob-name.ts';
import { readObjectRecord } from '../journal/journal.ts';
import type { Journals } from '../journal/journals.ts';
import { loosePath, readLoose } from '../loose.ts';
import type { Objects } from '../objects.ts';
import { sumOf } from '../pack/index-pack.ts';
import type { Pack, RawObject } from '../pack/pack-read.ts';
import type { Layout } from '../repository.ts';
import type { Sample } from '../store.ts';

export interface CheckDeps {
  readonly path: string;
  readonly layout: Layout;
  readonly objects: Objects;
  readonly journals: Journals;
}

/** A copy of an object that is not what its name says. */
export interface BadCopy {
  readonly name: string;
  /** File of the store. */
  readonly where: string;
  readonly why: string;
}

export interface CheckedObjects {
  /** The objects that have a whole copy; in a sample, also those that were only seen to be there. */
  readonly good: ReadonlyMap<string, ObjectType>;
  readonly bad: readonly BadCopy[];
  /** Packs that are not what they should be, with what is wrong. */
  readonly harmedPacks: ReadonlyMap<Pack, string>;
  /** Packs whose index alone is damaged. */
  readonly harmedIndexes: readonly Pack[];
  /** Objects that were read. */
  readonly read: number;
}

/** Objects are picked by their names, so a seed picks the same ones wherever they stand. */
function isPicked(name: string, sample: Sample | null): boolean {
  return sample === null || crc32(name, sample.seed) / 2 ** 32 < sample.share;
}

export async function checkObjects(
  { path, layout, objects, journals }: CheckDeps,
  sample: Sample | null,
  onProgress: (done: number, of: number) => void,
): Promise<CheckedObjects> {
  const good = new Map<string, ObjectType>();
  const bad: BadCopy[] = [];
  const harmedPacks = new Map<Pack, string>();
  const harmedIndexes: Pack[] = [];
  const loose = objects.listLoose();
  let done = 0;
  let read = 0;
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
  const check = (name: string, where: string, readIt: () => RawObject): boolean => {
    read++;
    try {
      const { type, content } = readIt();
      if (objectName(type, content) === name) {
        good.set(name, type);
        return true;
      }
      bad.push({ name, where, why: 'the bytes do not hash to the name' });
    } catch (error) {
      bad.push({ name, where, why: (error as Error).message });
    }
    return false;
  };

  for (const pack of objects.packs) {
    const where = join('objects/pack', `${basename(pack.path)}.pack`);
    const isIndexWhole = pack.index.isWhole();
    if (!isIndexWhole) harmedIndexes.push(pack);
    let harm = sample === null ? await harmOf(pack, isIndexWhole) : null;
    for (let i = 0; i < pack.index.count; i++) {
      const name = pack.index.name(i);
      const offset = pack.index.offset(i);
      if (isPicked(name, sample)) {
        const isWhole = check(name, where, () => {
          if (pack.crcOf(i) !== pack.index.crc(i)) throw new Error('the entry does not have its checksum');
          return pack.read(offset, base => objects.readStored(base));
        });
        if (!isWhole && isIndexWhole) harm ??= 'objects in the pack are damaged';
      } else {
        const type = typeOr(pack, offset);
        if (type) good.set(name, type);
        else check(name, where, () => pack.read(offset, base => objects.readStored(base)));
      }
      await step();
    }
    if (harm !== null) harmedPacks.set(pack, harm);
  }
  for (const name of loose) {
    const where = loosePath('objects', name);
    if (!existsSync(join(path, where))) continue;
    check(name, where, () => readLoose(layout.objects, name)!);
    await step();
  }
  for (const file of journals.files) {
    for (const [name, place] of file.objects) {
      check(name, relative(path, file.path), () => {
        const content = inflateSync(readObjectRecord(file.fd, place));
        return { type: place.type, content };
      });
      await step();
    }
  }
  onProgress(of, of);
  return { good, bad, harmedPacks, harmedIndexes, read };
}

async function harmOf(pack: Pack, isIndexWhole: boolean): Promise<string | null> {
  const { sum, isRight } = await sumOf(pack);
  if (isRight && (!isIndexWhole || sum.equals(pack.index.packSum))) return null;
  return 'the pack does not have its checksum';
}

function typeOr(pack: Pack, offset: number): ObjectType | null {
  try {
    return pack.typeAt(offset);
  } catch {
    return null;
  }
}
