/** A folder of a root becomes a link: what it leads to is not the root's. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { classifier } from '../../src/home/classes.ts';
import { defaultConfig } from '../../src/home/config.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { type Disk, realDisk } from '../../src/watch/read.ts';
import { scan } from '../../src/watch/scan.ts';
import { cleanUp, observer, rootAt, temporaryFolder } from './observer.ts';

afterEach(cleanUp);

/** A root with `a/b/f.md`, and beside it a folder with the same names and another text. */
function places() {
  const folder = temporaryFolder();
  const at = (path: string) => join(folder, path);
  for (const [place, text] of [
    ['root/a/b', 'inside'],
    ['outside/b', 'OUTSIDE'],
  ] as const) {
    mkdirSync(at(place), { recursive: true });
    writeFileSync(at(`${place}/f.md`), text);
  }
  return {
    root: rootAt(at('root')),
    at,
    swap: () => {
      renameSync(at('root/a'), at('kept'));
      symlinkSync(at('outside'), at('root/a'));
    },
    swapBack: () => {
      rmSync(at('root/a'));
      renameSync(at('kept'), at('root/a'));
    },
  };
}

it.each([
  ['the system tells', false],
  ['the disk is asked again and again', true],
])(
  'its files are gone, nothing behind it is kept, and a folder in its place is followed again, when %s',
  async (_, polling) => {
    const { root, at, swap, swapBack } = places();
    const { untilText, texts } = await observer({ root, polling });
    swap();
    await untilText('a/b/f.md', null);
    await untilText('a', at('outside'));
    writeFileSync(at('outside/b/f.md'), 'OUTSIDE, AND NEW');
    writeFileSync(at('outside/b/g.md'), 'OUTSIDE, AND NEW');
    writeFileSync(at('root/told.md'), 'one');
    await untilText('told.md', 'one');
    swapBack();
    await untilText('a/b/f.md', 'inside');
    writeFileSync(at('root/a/b/f.md'), 'inside again');
    await untilText('a/b/f.md', 'inside again');
    expect((await texts('a/b/f.md')).filter(text => text?.includes('OUTSIDE'))).toEqual([]);
    expect(await texts('a/b/g.md')).toEqual([]);
  },
);

it.each(['before a file is opened', 'before it is listed', 'before it is gone into'])(
  'a scan keeps nothing from outside when the swap comes %s',
  async when => {
    const { root, swap, swapBack } = places();
    const store = memoryStore();
    const classify = classifier(defaultConfig);
    let isSwapped = false;
    const once = () => {
      if (!isSwapped) swap();
      isSwapped = true;
    };
    const disk: Disk = {
      ...realDisk,
      open: path => {
        if (when === 'before a file is opened') once();
        return realDisk.open(path);
      },
      list: path => {
        const isIt = String(path).endsWith(when === 'before it is listed' ? 'root/a/b' : 'root/a');
        if (isIt && when !== 'before a file is opened') once();
        return realDisk.list(path);
      },
    };
    const look = async (given: Disk) => scan({ roots: [root], classify, store, now: Date.now, disk: given });
    await look(disk);
    const textOf = async () => {
      const latest = store.latest({ root: 'root', path: 'a/b/f.md' });
      return latest?.blob ? Buffer.from(await store.read(latest.blob)).toString() : undefined;
    };
    expect(isSwapped).toBe(true);
    expect(await textOf()).toBeUndefined();
    swapBack();
    await look(realDisk);
    expect(await textOf()).toBe('inside');
    swap();
    await look(realDisk);
    expect(store.latest({ root: 'root', path: 'a/b/f.md' })?.kind).toBe('gone');
  },
);
