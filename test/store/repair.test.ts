/** Damage of every kind: `verify` names it, and `repair` brings back all that stands anywhere still. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Version } from '../../src/model.ts';
import { objectName } from '../../src/store/blob-name.ts';
import { type Disk, realDisk } from '../../src/store/disk.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { type Refetch, type Store, segmentBytes } from '../../src/store/store.ts';
import { seen, textOf } from './contract.ts';
import { fsck, git, hasGit } from './with-git.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-repair-'));
let path: string;
let count = 0;
beforeEach(() => {
  path = join(home, `store-${count++}`);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const may = Date.UTC(2026, 4, 10);
const june = Date.UTC(2026, 5, 10);
const now = june + 86_400_000;
const open = (more: object = {}): Promise<Store> => openGitStore({ path, machine: 'here', now: () => now, ...more });
const key = (path: string) => ({ root: 'claude', path });
const place = (name: string): string => join(path, name);
const files = (folder: string, end = ''): readonly string[] =>
  existsSync(place(folder))
    ? readdirSync(place(folder))
        .filter(name => name.endsWith(end))
        .sort()
    : [];

async function* inPieces(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

/** The files as they stand on the disk. */
type Files = ReadonlyMap<string, Uint8Array>;
const from =
  (disk: Files): Refetch =>
  async ({ path }) => {
    const bytes = disk.get(path);
    return bytes ? inPieces(bytes) : null;
  };
const noDisk: Files = new Map();

/** Bytes that do not deflate, always the same. */
function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, x = seed + 1; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

interface Made {
  readonly disk: Files;
  /** What every version must read as. */
  readonly contents: ReadonlyMap<string, Buffer>;
}

let template: Promise<Made> | null = null;
const templatePath = join(home, 'template');

/** A copy of a store that is made once: two months, two files with a few versions, a deletion, a log that grew, a note; each step is sealed. */
async function aStore(): Promise<Made> {
  template ??= makeTemplate();
  const made = await template;
  cpSync(templatePath, path, { recursive: true });
  return made;
}

async function makeTemplate(): Promise<Made> {
  const store = await open({ path: templatePath });
  const contents = new Map<string, Buffer>();
  const disk = new Map<string, Buffer>();
  const keep = async (name: string, bytes: Buffer | null, at: number): Promise<void> => {
    const isLog = bytes !== null && bytes.length > 128 * 1024;
    const content = isLog ? { blob: await store.keep(inPieces(bytes), bytes.length) } : bytes;
    const [version] = await store.record([{ ...seen(name, bytes, at), content }]);
    if (bytes === null) disk.delete(name);
    else {
      contents.set(version!.id, bytes);
      disk.set(name, bytes);
    }
    await store.seal();
  };
  const log = noise(200_000, 1);
  await keep('notes.md', Buffer.from('first\n'.repeat(20)), may);
  await keep('deep/a/b.md', noise(500, 2), may + 1000);
  await keep('log.jsonl', log, may + 2000);
  await keep('gone.md', Buffer.from('it was here'), may + 3000);
  await store.note([{ kind: 'gap', at: may, data: { why: 'x' } }]);
  await keep('gone.md', null, june);
  await keep('notes.md', Buffer.from('second\n'.repeat(20)), june + 1000);
  await keep('log.jsonl', Buffer.concat([log, noise(5_000, 3)]), june + 2000);
  await keep('deep/a/b.md', noise(600, 4), june + 3000);
  await store.close();
  return { disk, contents };
}

/** Reads all versions; the ids of those that do not read as they did. */
async function unread(store: Store, contents: ReadonlyMap<string, Buffer>): Promise<readonly string[]> {
  const bad: string[] = [];
  for (const [id, bytes] of contents) {
    const [version] = store.withId(id);
    const read = version ? await store.read(version.blob!).catch(() => null) : null;
    if (!read || !Buffer.from(read).equals(bytes)) bad.push(id);
  }
  return bad.sort();
}

const ids = (versions: readonly Version[]): readonly string[] => versions.map(({ id }) => id).sort();

async function expectClean(): Promise<void> {
  const store = await open({ readOnly: true });
  expect((await store.verify()).damage).toEqual([]);
  await store.close();
  if (hasGit) expect(fsck(path)).toBe('');
}

/** Flips a bit in the nth object of a type; gives its name. */
function harmEntry(type: string, nth = 0): string {
  const rows = files('objects/pack', '.idx').flatMap(name =>
    git(path, 'verify-pack', '-v', place(`objects/pack/${name}`))
      .toString()
      .split('\n')
      .filter(row => row.split(' ')[1] === type || row.slice(41).startsWith(`${type} `))
      // A tree of segments is content.
      .filter(row => !/\t[0-9a-f]{12}\n/.test(type === 'tree' ? git(path, 'ls-tree', row.slice(0, 40)).toString() : ''))
      .map(row => ({ name, oid: row.slice(0, 40), offset: Number(row.trim().split(/\s+/)[4]) })),
  );
  const row = rows[nth]!;
  const file = place(`objects/pack/${row.name.replace(/idx$/, 'pack')}`);
  const bytes = readFileSync(file);
  bytes[row.offset + 8]! ^= 0x10;
  rmSync(file);
  writeFileSync(file, bytes);
  return row.oid;
}

describe('damage', () => {
  const flip = (name: string, at: number): void => {
    const bytes = readFileSync(name);
    bytes[at < 0 ? bytes.length + at : at]! ^= 0x20;
    rmSync(name);
    writeFileSync(name, bytes);
  };
  const biggest = (end: string): string =>
    files('objects/pack', end)
      .map(name => place(`objects/pack/${name}`))
      .sort((a, b) => statSync(b).size - statSync(a).size)[0]!;

  it.each<[what: string, harm: () => void, says: RegExp]>([
    ['a head that is garbage', () => writeFileSync(place('refs/heads/here/2026-06'), 'garbage\n'), /names no commit/],
    ['a head that is empty', () => writeFileSync(place('refs/heads/here/2026-06'), ''), /names no commit/],
    ['an older head that is garbage', () => writeFileSync(place('refs/heads/here/2026-05'), 'x'), /names no commit/],
    ['a head that is missing', () => rmSync(place('refs/heads/here/2026-06')), /head is missing/],
    [
      'a head that names a commit that is not there',
      () => writeFileSync(place('refs/heads/here/2026-06'), `${'a'.repeat(40)}\n`),
      /no content|missing/,
    ],
    ['HEAD that is garbage', () => writeFileSync(place('HEAD'), 'x'), /takes the store for no repository/],
    ['HEAD that is missing', () => rmSync(place('HEAD')), /takes the store for no repository/],
    ['format that is garbage', () => writeFileSync(place('format'), '\0\0'), /which format/],
    ['format that is missing', () => rmSync(place('format')), /which format/],
    ['config that is garbage', () => writeFileSync(place('config'), '\0\0\0\0'), /what git needs/],
    ['config that is missing', () => rmSync(place('config')), /what git needs/],
    ['an index of a pack that is missing', () => rmSync(biggest('.idx')), /lost its index/],
    ['an index of a pack that is flipped', () => flip(biggest('.idx'), 1100), /index of the pack/],
    ['an index of a pack whose table is flipped', () => flip(biggest('.idx'), 9), /index of the pack/],
    ['an index of a pack that is cut', () => truncateSync(biggest('.idx'), 500), /cannot be read/],
    ['an index of a pack that is cut to nothing', () => truncateSync(biggest('.idx'), 0), /cannot be read/],
    ['the checksum of a pack', () => flip(biggest('.pack'), -1), /does not have its checksum/],
    ['the history index that is missing', () => rmSync(place('history')), /^$/],
    ['the history index that is flipped', () => flip(place('history'), 300), /^$/],
    ['the history index that is cut', () => truncateSync(place('history'), 200), /^$/],
  ])('of %s costs nothing: it is named, and repaired without the disk', async (_, harm, says) => {
    const { contents } = await aStore();
    harm();
    const reader = await open({ readOnly: true });
    const { damage } = await reader.verify();
    await reader.close();
    expect(damage.map(({ where, what }) => `${where}: ${what}`).join('\n')).toMatch(says);
    const store = await open();
    expect(await store.repair(from(noDisk))).toMatchObject({ lost: [] });
    expect(await unread(store, contents)).toEqual([]);
    expect(store.notes('gap')).toHaveLength(1);
    await store.close();
    await expectClean();
  });

  it.runIf(hasGit).each([
    ['commit', 0],
    ['commit', 3],
    ['commit', 6],
    ['tree', 0],
    ['tree', 5],
    ['tree', 9],
  ] as const)('of a %s (%i) costs no version, and it comes back under the name it had', async (type, nth) => {
    const { contents } = await aStore();
    const heads = git(path, 'for-each-ref').toString();
    const name = harmEntry(type, nth);
    const reader = await open({ readOnly: true });
    const { damage } = await reader.verify();
    expect(damage.map(({ what }) => what).join('\n')).toContain(name);
    expect(damage.some(({ what }) => what.includes('known from the index all the same'))).toBe(true);
    await reader.close();
    const store = await open();
    const { lost, setAside } = await store.repair(from(noDisk));
    expect(lost).toEqual([]);
    expect(setAside.some(file => file.endsWith('.pack'))).toBe(true);
    expect(await unread(store, contents)).toEqual([]);
    await store.close();
    await expectClean();
    expect(git(path, 'for-each-ref').toString()).toBe(heads);
  });

  it('of content that stands on the disk still: it is fetched', async () => {
    const { contents, disk } = await aStore();
    for (const name of files('objects/pack')) rmSync(place(`objects/pack/${name}`));
    const reader = await open({ readOnly: true });
    const { damage } = await reader.verify();
    const hurt = damage.flatMap(({ versions }) => ids(versions));
    expect([...new Set(hurt)].sort()).toEqual([...contents.keys()].sort());
    await reader.close();
    const store = await open();
    const { lost, fetched } = await store.repair(from(disk));
    const newest = [...disk.keys()].map(name => store.latest(key(name))!);
    // The log that was shorter then is the beginning of the one that stands there now.
    const [shorter] = store.versions(key('log.jsonl'));
    expect(ids(fetched)).toEqual(ids([...newest, shorter!]));
    expect(await unread(store, contents)).toEqual(ids(lost));
    expect(lost.length).toBe(contents.size - newest.length - 1);
    await expect(store.read(lost[0]!.blob!)).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining('is lost'),
      hint: expect.stringContaining('undertext log'),
    });
    const again = await store.verify();
    expect(again.lost).toMatchObject([{ at: now }]);
    expect(ids(again.lost[0]!.versions)).toEqual(ids(lost));
    await store.close();
    await expectClean();
  });

  it('of segments of a log that was rewritten in part: those that stand where they stood are fetched', async () => {
    const store = await open();
    const log = noise(segmentBytes * 4 + 100, 7);
    const blob = await store.keep(inPieces(log), log.length);
    const [version] = await store.record([{ ...seen('log', log, may), content: { blob } }]);
    await store.close();
    const pack = place(`objects/pack/${files('objects/pack', '.pack')[0]}`);
    const bytes = readFileSync(pack);
    // Noise stands in the pack as it is.
    const at = bytes.indexOf(log.subarray(segmentBytes + 500, segmentBytes + 520));
    expect(at).toBeGreaterThan(0);
    bytes[at]! ^= 1;
    writeFileSync(pack, bytes);
    const now = Buffer.concat([log.subarray(0, segmentBytes * 2), noise(segmentBytes, 8)]);
    const again = await open();
    expect((await again.verify()).damage.flatMap(({ versions }) => ids(versions))).toContain(version!.id);
    expect(await again.repair(from(new Map([['log', now]])))).toMatchObject({
      lost: [],
      fetched: [{ id: version!.id }],
    });
    expect(Buffer.from(await again.read(blob)).equals(log)).toBe(true);
    await again.close();
    await expectClean();
  });

  it('of a journal in the middle: what stands behind it is taken in', async () => {
    const store = await open();
    const told = [];
    for (let i = 0; i < 6; i++) told.push(...(await store.record([seen('a.md', `text ${i}`, may + i)])));
    const [name] = files('journal', '.journal');
    const bytes = readFileSync(place(`journal/${name}`));
    await store.close();
    rmSync(path, { recursive: true });
    await (await open()).close();
    const at = bytes.indexOf(told[2]!.id);
    bytes[at]! ^= 1;
    writeFileSync(
      place('journal/1-dead.journal'),
      Buffer.from(bytes.toString('latin1').replace(/"pid":\d+/, '"pid":1'), 'latin1'),
    );
    writeFileSync(place('journal/2-beheaded.journal.harmed'), bytes.subarray(20));
    rmSync(place('journal/1-dead.journal'));
    const again = await open();
    expect(again.versions(key('a.md'))).toEqual([]);
    expect((await again.verify()).damage).toMatchObject([{ where: 'journal/2-beheaded.journal.harmed' }]);
    expect(await again.repair(from(noDisk))).toMatchObject({ lost: [], setAside: ['2-beheaded.journal.harmed'] });
    const kept = again.versions(key('a.md'));
    expect(kept.map(({ id }) => id)).toEqual(told.filter((_, i) => i !== 2).map(({ id }) => id));
    for (const { id, blob } of kept) {
      expect(await textOf(again, blob)).toBe(`text ${told.findIndex(version => version.id === id)}`);
    }
    await again.close();
    await expectClean();
  });

  it('of a loose object: it is set aside, and another copy stands for it', async () => {
    const { contents } = await aStore();
    const name = objectName('blob', Buffer.from('second\n'.repeat(20)));
    const file = place(`objects/${name.slice(0, 2)}/${name.slice(2)}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, deflateSync('blob 3\0abc'));
    const store = await open();
    expect((await store.verify()).damage).toMatchObject([{ what: expect.stringContaining('another copy is whole') }]);
    expect(await store.repair(from(noDisk))).toMatchObject({ lost: [], setAside: [`loose-${name}`] });
    expect(await unread(store, contents)).toEqual([]);
    await store.close();
    await expectClean();
  });

  it('that was lost, and whose content comes back, is lost no more', async () => {
    const store = await open();
    const [version] = await store.record([seen('a.md', 'precious', may)]);
    await store.close();
    for (const name of files('objects/pack')) rmSync(place(`objects/pack/${name}`));
    const again = await open();
    expect(ids((await again.repair(from(noDisk))).lost)).toEqual([version!.id]);
    expect((await again.verify()).lost).toHaveLength(1);
    await again.record([seen('b.md', 'precious', june)]);
    expect(await again.verify()).toMatchObject({ damage: [], lost: [] });
    expect(await textOf(again, version!.blob)).toBe('precious');
    await again.close();
    await expectClean();
  });
});

describe('damage that keeps everything from being sealed', () => {
  it.each<[what: string, harm: () => void]>([
    ['a head that is garbage', () => writeFileSync(place('refs/heads/here/2026-06'), 'garbage\n')],
    [
      'a head that names a commit that is not there',
      () => writeFileSync(place('refs/heads/here/2026-06'), `${'a'.repeat(40)}\n`),
    ],
    ['a newest snapshot that is damaged', () => void harmEntry('commit', 7)],
    ['a folder that is damaged', () => void harmEntry('tree', 9)],
  ])('%s: it is made anew at the next start, and nothing is lost', async (_, harm) => {
    const { contents } = await aStore();
    harm();
    const store = await open();
    const [version] = await store.record([seen('deep/a/b.md', 'after the damage', june + 9000)]);
    await store.close();
    // The journal of a living process is its own to seal.
    for (const name of files('journal', '.journal')) {
      const bytes = readFileSync(place(`journal/${name}`)).toString('latin1');
      writeFileSync(place(`journal/${name}`), Buffer.from(bytes.replace(/"start":"/, '"start":"0'), 'latin1'));
    }
    const again = await open();
    expect(await textOf(again, version!.blob)).toBe('after the damage');
    expect(again.withId(version!.id)[0]!.snapshot).not.toBeNull();
    expect(await unread(again, contents)).toEqual([]);
    await again.repair(from(noDisk));
    await again.close();
    await expectClean();
  });

  it('a head that becomes garbage under a running store is put back when it seals', async () => {
    const { contents } = await aStore();
    const store = await open();
    writeFileSync(place('refs/heads/here/2026-06'), '');
    const [version] = await store.record([seen('notes.md', 'still recorded', june + 9000)]);
    await store.seal();
    expect(store.repairs.join()).toContain('put refs/heads/here/2026-06 back');
    await store.close();
    const again = await open();
    expect(await textOf(again, version!.blob)).toBe('still recorded');
    expect(await unread(again, contents)).toEqual([]);
    await again.close();
    await expectClean();
  });
});

describe('a repair that is interrupted', () => {
  it.runIf(hasGit)('at any write or sync is finished by the next, and has lost nothing', async () => {
    let last = 0;
    for (let isDone = false; !isDone; last += 2) {
      path = join(home, `store-${count++}`);
      const { contents } = await aStore();
      harmEntry('commit', 2);
      rmSync(place(`objects/pack/${files('objects/pack', '.idx')[0]}`));
      writeFileSync(place('refs/heads/here/2026-05'), '');
      let calls = 0;
      let isRepairing = false;
      const step = <T>(act: () => T): T => {
        if (isRepairing && calls++ >= last) throw new Error('killed');
        return act();
      };
      const disk: Disk = {
        ...realDisk,
        open: async (...args) => step(() => realDisk.open(...args)),
        write: async (...args) => step(() => realDisk.write(...args)),
        syncData: async fd => step(() => realDisk.syncData(fd)),
        syncFolder: async path => step(() => realDisk.syncFolder(path)),
      };
      const store = await open({ disk });
      isRepairing = true;
      isDone = await store.repair(from(noDisk)).then(
        () => true,
        () => false,
      );
      await store.close();
      const again = await open();
      expect(await again.repair(from(noDisk))).toMatchObject({ lost: [] });
      expect(await unread(again, contents)).toEqual([]);
      await again.close();
      await expectClean();
    }
    expect(last).toBeGreaterThan(10);
  });
});

describe('a sample', () => {
  it('reads its share, the same with the same seed, and says so', async () => {
    const { contents } = await aStore();
    const store = await open({ readOnly: true });
    const { objects } = await store.verify();
    const some = await store.verify(undefined, { share: 0.5, seed: 7 });
    expect(some).toMatchObject({ damage: [], objects, sampled: { share: 0.5, seed: 7 } });
    expect(some.sampled!.objects).toBeGreaterThan(0);
    expect(some.sampled!.objects).toBeLessThan(objects);
    expect(await store.verify(undefined, { share: 0.5, seed: 7 })).toEqual(some);
    expect((await store.verify()).sampled).toBeNull();
    expect(await unread(store, contents)).toEqual([]);
    await store.close();
  });

  it('finds what it reads, and all small things always', async () => {
    await aStore();
    writeFileSync(place('HEAD'), 'x');
    const pack = place(`objects/pack/${files('objects/pack', '.pack')[0]}`);
    const bytes = readFileSync(pack);
    bytes.fill(0x55, 12, bytes.length - 20);
    writeFileSync(pack, bytes);
    const store = await open({ readOnly: true });
    for (const share of [0.01, 1]) {
      const { damage } = await store.verify(undefined, { share, seed: 1 });
      expect(damage.map(({ where }) => where)).toContain('HEAD');
      if (share === 1) expect(damage.some(({ where }) => where.includes('.pack'))).toBe(true);
    }
    await store.close();
  });
});

describe('whatever is harmed', () => {
  const kinds = fc.constantFrom('flip', 'cut', 'remove', 'empty', 'garbage', 'append');
  const harms = fc.array(
    fc.record({ kind: kinds, file: fc.nat(1000), at: fc.double({ min: 0, max: 0.999, noNaN: true }) }),
    { minLength: 1, maxLength: 4 },
  );

  function harm(file: string, kind: string, at: number): void {
    if (!existsSync(file)) return;
    const bytes = readFileSync(file);
    const place = Math.floor(bytes.length * at);
    rmSync(file);
    if (kind === 'remove') return;
    if (kind === 'flip' && bytes.length > 0) bytes[place]! ^= 1 << (place % 8);
    if (kind === 'garbage') bytes.fill(0xa5, place, Math.min(place + 30, bytes.length));
    writeFileSync(file, kind === 'cut' ? bytes.subarray(0, place) : kind === 'empty' ? '' : bytes);
    if (kind === 'append') appendFileSync(file, 'what does not belong here');
  }

  it('`verify` answers, and a repair leaves a sound store that has lost only what it says', async () => {
    await fc.assert(
      fc.asyncProperty(harms, fc.boolean(), async (harms, hasDisk) => {
        path = join(home, `store-${count++}`);
        const { contents, disk } = await aStore();
        const victims = (readdirSync(path, { recursive: true, encoding: 'utf8' }) as string[])
          .filter(name => statSync(place(name)).isFile() && !name.includes('watcher'))
          // A number that is changed there is a store of another format, and refused.
          .filter(name => name !== 'format')
          .sort();
        for (const { kind, file, at } of harms) harm(place(victims[file % victims.length]!), kind, at);

        const reader = await open({ readOnly: true });
        const { damage } = await reader.verify();
        if (damage.length === 0) expect(await unread(reader, contents)).toEqual([]);
        await reader.close();

        const store = await open();
        const { lost } = await store.repair(from(hasDisk ? disk : noDisk));
        const bad = await unread(store, contents);
        const unknown = [...contents.keys()].filter(id => store.withId(id).length === 0);
        // Lines that stood only in what was harmed twice, in commit and index, are gone.
        const isKnown = (id: string): boolean => !unknown.includes(id);
        expect(bad.filter(isKnown)).toEqual(ids(lost).filter(isKnown));
        if (harms.length === 1) expect(unknown).toEqual([]);
        if (hasDisk && unknown.length === 0) {
          for (const [name, bytes] of disk)
            expect(await textOf(store, store.latest(key(name))!.blob)).toBe(Buffer.from(bytes).toString('utf8'));
        }
        expect((await store.verify()).damage).toEqual([]);
        await store.close();
        await expectClean();

        const before = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
        const again = await open();
        expect(await again.repair(from(noDisk))).toEqual({ rebuilt: [], fetched: [], setAside: [], lost: [] });
        await again.close();
        expect(readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()).toEqual(before);
      }),
      {
        numRuns: 20,
        endOnFailure: true,
      },
    );
  });
});
