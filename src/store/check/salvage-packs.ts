/** Packs that are damaged: what is whole in them is packed anew, and they go into the quarantine. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { zlibOptions } from '../journal/deflate-batch.ts';
import { indexPack, openByScan } from '../pack/index-pack.ts';
import type { Stock } from '../pack/pack-plan.ts';
import { packAnew } from '../pack/repack.ts';
import { packStock } from '../pack/stock.ts';
import { brokenIndexes } from './check-files.ts';
import type { CheckedObjects } from './check-objects.ts';
import { indexLonePacks } from './clean-up.ts';
import { keepAside, removePack, setAside } from './quarantine.ts';
import type { RepairDeps, RepairLog } from './repair-deps.ts';

/** As stock git packs. */
const level = 6;

/** Makes indexes anew, and packs of which something is damaged. A new pack stands before the old one goes. */
export async function salvagePacks(deps: RepairDeps, checked: CheckedObjects, log: RepairLog): Promise<void> {
  const { layout, disk, objects } = deps;
  const byName = (name: string) => objects.readStored(name);
  const harmed = new Set([...checked.harmedPacks.keys()].map(({ path }) => path));
  const indexes = new Set(checked.harmedIndexes.map(({ path }) => path));
  for (const name of brokenIndexes(layout, objects)) {
    const path = join(layout.packs, name.slice(0, -'.idx'.length));
    if (existsSync(`${path}.pack`)) indexes.add(path);
    else log.setAside.push(await setAside(layout, disk, `${path}.idx`));
  }
  for (const path of indexes) {
    if (harmed.has(path)) continue;
    log.setAside.push(await keepAside(layout, disk, `${path}.idx`));
    if (await indexPack(disk, path, byName)) log.rebuilt.push(`the index of ${basename(path)}.pack`);
    else harmed.add(path);
  }
  for (const path of harmed) await salvagePack(deps, path, log);
  for (const said of await indexLonePacks(layout, disk, objects)) log.rebuilt.push(said);
  objects.reopenPacks();
}

async function salvagePack(deps: RepairDeps, path: string, log: RepairLog): Promise<void> {
  const { layout, disk, objects, newToken } = deps;
  const { pack } = await openByScan(path, name => objects.readStored(name));
  try {
    for (const file of [`${path}.pack`, `${path}.idx`]) {
      if (existsSync(file)) log.setAside.push(await keepAside(layout, disk, file));
    }
    const made = await packAnew(
      { disk, folder: layout.packs, objects, newToken },
      [pack],
      deflatedAnew(packStock([pack], objects, () => true)),
    );
    deps.mustHoldLock();
    if (made !== path) removePack(path);
    await disk.syncFolder(layout.packs);
    log.rebuilt.push(
      `${pack.index.count} objects of ${basename(path)}.pack, which is damaged, ${made ? `as ${basename(made)}.pack` : ''}`.trim(),
    );
  } finally {
    pack.close();
  }
  objects.reopenPacks();
}

/** Where the streams of a damaged pack end is not known for sure, so none is copied. */
function deflatedAnew(stock: Stock): Stock {
  return {
    names: () => stock.names(),
    find: name => {
      const found = stock.find(name);
      if (!found) return null;
      const deflated = (): Buffer => deflateSync(found.content(), zlibOptions(found.size, level));
      return { ...found, deflated };
    },
  };
}
