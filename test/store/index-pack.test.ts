/** Indexes made by reading packs: byte by byte what stock git makes, and what is whole in a pack that is not. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { realDisk } from '../../src/store/disk.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { indexPack, openByScan } from '../../src/store/pack/index-pack.ts';
import type { Store } from '../../src/store/store.ts';
import { seen, textOf } from './contract.ts';
import { fsck, git, hasGit } from './with-git.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-index-pack-'));
let path: string;
let count = 0;
beforeEach(() => {
  path = join(home, `store-${count++}`);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const may = Date.UTC(2026, 4, 10);
const open = (more: object = {}): Promise<Store> => openGitStore({ path, machine: 'here', ...more });
const packs = (): readonly string[] =>
  readdirSync(join(path, 'objects/pack'))
    .filter(name => name.endsWith('.pack'))
    .map(name => join(path, 'objects/pack', name.slice(0, -5)));
const alone = (): never => {
  throw new Error('it stands nowhere else');
};

/** Forty versions of a file, so that there are deltas, and one that does not deflate. */
async function aStore(): Promise<void> {
  const store = await open();
  for (let i = 0; i < 40; i++) {
    const text = Array.from({ length: 60 }, (_, line) => (line === i ? `changed ${i}` : `line ${line}`)).join('\n');
    await store.record([seen('a.md', text, may + i)]);
  }
  await store.record([
    seen(
      'b.bin',
      Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 7919) >> 5),
      may + 50,
    ),
  ]);
  await store.close();
}

async function namesIn(pack: string): Promise<readonly string[]> {
  const opened = await openByScan(pack, alone);
  opened.pack.close();
  return [...opened.pack.index.names()];
}

describe('a pack is read without its index', () => {
  it('and gets the index it had', async () => {
    await aStore();
    for (const pack of packs()) {
      const had = readFileSync(`${pack}.idx`);
      rmSync(`${pack}.idx`);
      expect(await indexPack(realDisk, pack, alone)).toBe(true);
      expect(readFileSync(`${pack}.idx`).equals(had)).toBe(true);
    }
  });

  it.runIf(hasGit).each([
    ['offsets', ['--delta-base-offset']],
    ['names', []],
  ] as const)('that stock git has made, with deltas by %s, and gets the index git makes', async (_, options) => {
    await aStore();
    const folder = join(home, `made-${count}`);
    mkdirSync(folder);
    const listed = git(path, 'rev-list', '--objects', '--all').toString();
    const sum = git(
      path,
      ...['pack-objects', '--revs', '--all', '--window=50', '--no-reuse-delta', ...options, join(folder, 'pack')],
    );
    const pack = join(folder, `pack-${sum.toString().trim()}`);
    const had = readFileSync(`${pack}.idx`);
    expect(await indexPack(realDisk, pack, alone)).toBe(true);
    expect(readFileSync(`${pack}.idx`).equals(had)).toBe(true);
    expect((await namesIn(pack)).length).toBe(listed.trim().split('\n').length);
  });

  it('at any place damaged, and what is whole elsewhere in it is found; it is never taken for whole', async () => {
    await aStore();
    const [pack] = packs();
    const bytes = readFileSync(`${pack}.pack`);
    const all = await namesIn(pack!);
    const folder = join(home, `harmed-${count}`);
    mkdirSync(folder);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const harmed = Buffer.from(bytes);
        harmed[at]! ^= change;
        writeFileSync(join(folder, 'pack-1.pack'), harmed);
        expect(await indexPack(realDisk, join(folder, 'pack-1'), alone)).toBe(false);
        const found = await namesIn(join(folder, 'pack-1'));
        // What is damaged is one entry, and the deltas that lean on it.
        const outside = at < 12 || at >= bytes.length - 20;
        if (outside) expect([...found].sort()).toEqual([...all].sort());
        else expect(all.filter(name => !found.includes(name)).length).toBeLessThan(40);
        expect(found.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a pack that has lost its index', () => {
  it('gets it back when the store is opened', async () => {
    await aStore();
    for (const pack of packs()) rmSync(`${pack}.idx`);
    const store = await open();
    expect(store.repairs.join()).toContain('made the index of');
    const versions = store.versions({ root: 'claude', path: 'a.md' });
    expect(versions).toHaveLength(40);
    for (const { blob } of versions) expect(await textOf(store, blob)).toContain('changed');
    expect((await store.verify()).damage).toEqual([]);
    await store.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });

  it('and is damaged itself is set aside, not removed', async () => {
    await aStore();
    const extra = join(path, 'objects/pack', `pack-${'a'.repeat(40)}.pack`);
    copyFileSync(`${packs()[0]}.pack`, extra);
    const bytes = readFileSync(extra).subarray(0, 700);
    writeFileSync(extra, bytes);
    const store = await open();
    expect(store.repairs.join()).toContain('quarantine');
    expect(readFileSync(join(path, 'quarantine', `pack-${'a'.repeat(40)}.pack`)).equals(bytes)).toBe(true);
    await store.close();
  });
});
