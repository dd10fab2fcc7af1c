import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { UndertextError } from '../../src/errors.ts';
import { classifier } from '../../src/home/classes.ts';
import { defaultConfig } from '../../src/home/config.ts';
import type { Root } from '../../src/model.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type Disk, observe, realDisk } from '../../src/watch/read.ts';
import { type ScanOptions, scan } from '../../src/watch/scan.ts';
import { cleanUp, rootAt, temporaryFolder } from './observer.ts';

afterEach(cleanUp);

const hour = 3_600_000;

function scene(): {
  root: Root;
  store: Store;
  at(path: string): string;
  look(options?: Partial<ScanOptions>): ReturnType<typeof scan>;
} {
  const root = rootAt(temporaryFolder());
  const store = memoryStore();
  const classify = classifier(defaultConfig, () => false);
  return {
    root,
    store,
    at: path => join(root.path, path),
    look: options => scan({ roots: [root], classify, store, now: Date.now, ...options }),
  };
}

/** Counts how often files are opened. */
function countingDisk(): { disk: Disk; opened: string[] } {
  const opened: string[] = [];
  const disk: Disk = {
    ...realDisk,
    open: path => {
      opened.push(String(path));
      return realDisk.open(path);
    },
  };
  return { disk, opened };
}

describe('a scan', () => {
  it('finds everything once, and nothing the second time', async () => {
    const { at, look } = scene();
    mkdirSync(at('x/y'), { recursive: true });
    mkdirSync(at('node_modules'));
    writeFileSync(at('a.md'), 'one');
    writeFileSync(at('x/y/b.md'), 'two');
    writeFileSync(at('node_modules/c.md'), 'not ours');
    writeFileSync(at('.env'), 'TOKEN');
    symlinkSync('a.md', at('link'));
    const first = await look();
    expect(first.versions.map(({ path, kind, how }) => [path, kind, how]).sort()).toEqual([
      ['.env', 'withheld', 'scan'],
      ['a.md', 'file', 'scan'],
      ['link', 'link', 'scan'],
      ['x/y/b.md', 'file', 'scan'],
    ]);
    expect([first.files, first.folders]).toEqual([4, 3]);
    expect(first.skipped).toEqual([{ root: 'root', path: '.env', why: 'secret' }]);
    expect((await look()).versions).toEqual([]);
  });

  it('does not read what cannot have changed', async () => {
    const { at, look } = scene();
    writeFileSync(at('a.md'), 'one');
    // Seen an hour after it was last touched: its times leave no doubt.
    await look({ now: () => Date.now() + hour });
    const { disk, opened } = countingDisk();
    await look({ disk, now: () => Date.now() + hour });
    expect(opened).toEqual([]);
  });

  it('reads again what was seen too soon after it changed', async () => {
    const { at, look, store } = scene();
    writeFileSync(at('a.md'), 'one');
    await look();
    const { mtimeMs } = statSync(at('a.md'));
    writeFileSync(at('a.md'), 'two');
    utimesSync(at('a.md'), mtimeMs / 1000, mtimeMs / 1000);
    const { versions } = await look();
    expect(versions).toHaveLength(1);
    expect(Buffer.from(await store.read(versions[0]!.blob!)).toString()).toBe('two');
  });

  it('sees a change that hides its mtime and size, by the ctime', async () => {
    const { at, look } = scene();
    writeFileSync(at('a.md'), 'one');
    utimesSync(at('a.md'), 1_000_000, 1_000_000);
    const now = Date.now();
    await look({ now: () => now + 10 });
    writeFileSync(at('a.md'), 'two');
    utimesSync(at('a.md'), 1_000_000, 1_000_000);
    expect((await look()).versions).toHaveLength(1);
  });

  it.each([
    ['the first version of a path is as old as its mtime', -hour, undefined, -hour],
    ['but not of the future', +hour, undefined, 0],
    ['a later one too, when its mtime is after the last look', -hour, -2 * hour, -hour],
    ['a later one whose mtime is older than what we saw since is of now', -3 * hour, -2 * hour, 0],
  ])('%s', async (_, mtime, seenBefore, expected) => {
    const { at, look, store } = scene();
    const now = Math.floor(Date.now() / 1000) * 1000 + 10_000;
    writeFileSync(at('a.md'), 'one');
    if (seenBefore !== undefined) {
      utimesSync(at('a.md'), 1, 1);
      await look({ now: () => now + seenBefore });
    }
    writeFileSync(at('a.md'), 'two');
    utimesSync(at('a.md'), (now + mtime) / 1000, (now + mtime) / 1000);
    await look({ now: () => now });
    expect(store.latest({ root: 'root', path: 'a.md' })!.at).toBe(now + expected);
  });

  it('notices what is gone, and what came back', async () => {
    const { at, look, store } = scene();
    mkdirSync(at('x'));
    writeFileSync(at('x/a.md'), 'one');
    await look();
    renameSync(at('x'), at('y'));
    expect((await look()).versions.map(({ path, kind }) => [path, kind]).sort()).toEqual([
      ['x/a.md', 'gone'],
      ['y/a.md', 'file'],
    ]);
    renameSync(at('y'), at('x'));
    await look();
    expect(store.latest({ root: 'root', path: 'x/a.md' })!.kind).toBe('file');
  });

  it('says what it could not look at, and calls nothing there deleted', async () => {
    const { at, look, store } = scene();
    mkdirSync(at('x'));
    writeFileSync(at('x/a.md'), 'one');
    writeFileSync(at('b.md'), 'one');
    await look();
    appendFileSync(at('b.md'), ' two');
    const refuse = (path: string | Buffer) => {
      if (/\/(x|b\.md)$/.test(String(path))) throw Object.assign(new Error('denied'), { code: 'EACCES' });
    };
    const disk: Disk = {
      ...realDisk,
      list: path => {
        refuse(path);
        return realDisk.list(path);
      },
      open: path => {
        refuse(path);
        return realDisk.open(path);
      },
    };
    const report = await look({ disk });
    expect(report.unreadable).toEqual(
      expect.arrayContaining([
        { root: 'root', path: 'x', why: 'EACCES' },
        { root: 'root', path: 'b.md', why: 'EACCES' },
      ]),
    );
    expect(report.versions).toEqual([]);
    expect(store.latest({ root: 'root', path: 'x/a.md' })!.kind).toBe('file');
  });

  it('a root that is missing is no root whose files were deleted', async () => {
    const { root, at, look, store } = scene();
    writeFileSync(at('a.md'), 'one');
    await look();
    rmSync(root.path, { recursive: true });
    const report = await look();
    expect(report.unreadable).toEqual([{ root: 'root', path: '', why: 'missing' }]);
    expect(store.latest({ root: 'root', path: 'a.md' })!.kind).toBe('file');
  });

  it('a path that is noise by now is not gone', async () => {
    const { at, look, store } = scene();
    writeFileSync(at('a.md'), 'one');
    await look();
    const classify = classifier({ ...defaultConfig, ignore: ['a.md'] }, () => false);
    await look({ classify });
    expect(store.latest({ root: 'root', path: 'a.md' })!.kind).toBe('file');
  });

  it('fails when the store refuses', async () => {
    const { at, look, store } = scene();
    writeFileSync(at('a.md'), 'one');
    const full: Store = {
      ...store,
      record: async () => {
        throw new UndertextError('disk', 'no space left', 'make room');
      },
    };
    await expect(look({ store: full })).rejects.toThrow('no space left');
  });

  it('stops when it is told to', async () => {
    const { at, look } = scene();
    writeFileSync(at('a.md'), 'one');
    expect((await look({ signal: AbortSignal.abort() })).versions).toEqual([]);
  });
});

describe('one look at one path', () => {
  const seen = (root: Root, path: string) => observe(root, path, 'restore', { class: 'authored', now: Date.now });

  it('a file, a link, nothing, a folder', () => {
    const { root, at } = scene();
    writeFileSync(at('a.md'), 'one', { mode: 0o640 });
    symlinkSync('a.md', at('link'));
    mkdirSync(at('x'));
    expect(seen(root, 'a.md')).toMatchObject({ kind: 'file', size: 3, mode: 0o640, how: 'restore', settled: true });
    expect(Buffer.from(seen(root, 'link')!.content as Uint8Array).toString()).toBe('a.md');
    expect(seen(root, 'nothing')).toMatchObject({ kind: 'gone', content: null, mode: 0 });
    expect(seen(root, 'a.md/below')).toMatchObject({ kind: 'gone' });
    expect(seen(root, 'x')).toBeNull();
  });
});
