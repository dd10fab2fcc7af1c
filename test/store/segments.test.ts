/** Logs as segments: an append costs its tail, the same bytes have the same name, and stock git gets every byte. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { objectName } from '../../src/store/blob-name.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { fanOut, SegmentTree, segmentsOf } from '../../src/store/segments.ts';
import { type Store, segmentBytes } from '../../src/store/store.ts';
import { decodeTree } from '../../src/store/tree.ts';
import { seen } from './contract.ts';
import { fsck, git, hasGit } from './with-git.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-segments-'));
let path: string;
let count = 0;
beforeEach(() => {
  path = join(home, `store-${count++}`);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const open = (more: object = {}): Promise<Store> => openGitStore({ path, machine: 'here', ...more });
const day = Date.UTC(2026, 4, 10);

/** Lines of a log, each different, so many bytes of them. */
function lines(bytes: number, seed = 0): Buffer {
  const text: string[] = [];
  for (let size = 0, i = 0; size < bytes; i++) {
    text.push(`{"n":${i},"seed":${seed},"text":"${((i * 2654435761) >>> 0).toString(36)}"}\n`);
    size += text.at(-1)!.length;
  }
  return Buffer.from(text.join('')).subarray(0, bytes);
}

async function* stream(bytes: Uint8Array, pieces = 3): AsyncGenerator<Uint8Array> {
  const size = Math.ceil(bytes.length / pieces);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const log = (blob: string, size: number, seenAt: number, name = 'p/s.jsonl') =>
  seen(name, null, seenAt, { kind: 'file', content: { blob }, size, mode: 0o600, mtime: seenAt });

async function keptAs(store: Store, bytes: Buffer): Promise<string> {
  return store.keep(stream(bytes), bytes.length);
}

function grownBy(store: Store, blob: string, before: number, all: Buffer): Promise<string> {
  const bytes = Math.floor(before / segmentBytes) * segmentBytes;
  return store.keep(stream(all.subarray(bytes)), all.length, { blob, bytes });
}

const bytesBelow = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

describe('the tree of segments', () => {
  const made = () => {
    const trees = new Map<string, Buffer>();
    const write = (bytes: Buffer): string => {
      const name = objectName('tree', bytes);
      trees.set(name, bytes);
      return name;
    };
    return { write, load: (name: string) => decodeTree(trees.get(name)!) };
  };
  const segment = (i: number): string => objectName('blob', Buffer.from(String(i)));

  it('is the same whether it was made at once or grew, and gives the segments in their order', () => {
    const counts = fc.oneof(
      fc.integer({ min: 1, max: 3 * fanOut }),
      fc.constantFrom(fanOut, fanOut + 1, fanOut ** 2, fanOut ** 2 + 1, fanOut ** 2 + fanOut),
    );
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: fanOut ** 2 }), (first, more) => {
        const { write, load } = made();
        const whole = new SegmentTree(write);
        for (let i = 0; i < first + more; i++) whole.add(segment(i), i * segmentBytes);
        const name = whole.finish();

        const start = new SegmentTree(write);
        for (let i = 0; i < first; i++) start.add(segment(i), i * segmentBytes);
        const grown = SegmentTree.goOn(start.finish(), first * segmentBytes, load, write);
        for (let i = first; i < first + more; i++) grown.add(segment(i), i * segmentBytes);

        expect(grown.finish()).toBe(name);
        expect([...segmentsOf(name, load)]).toEqual(
          Array.from({ length: first + more }, (_, i) => ({ oid: segment(i), offset: i * segmentBytes })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('goes on from a part of a tree as well', () => {
    const { write, load } = made();
    const long = new SegmentTree(write);
    for (let i = 0; i < 1500; i++) long.add(segment(i), i * segmentBytes);
    const root = long.finish();
    for (const kept of [1, 31, 32, 33, 1023, 1024, 1025, 1499, 1500]) {
      const cut = SegmentTree.goOn(root, kept * segmentBytes, load, write);
      cut.add('0'.repeat(40), kept * segmentBytes);
      const plain = new SegmentTree(write);
      for (let i = 0; i < kept; i++) plain.add(segment(i), i * segmentBytes);
      plain.add('0'.repeat(40), kept * segmentBytes);
      expect(cut.finish()).toBe(plain.finish());
    }
    expect(() => SegmentTree.goOn(root, 1501 * segmentBytes, load, write)).toThrow();
  });
});

describe('a log', () => {
  it('gives every byte of every version back, before and after sealing, here and elsewhere', async () => {
    const store = await open();
    const whole = lines(5 * segmentBytes + 17);
    const sizes = [2 * segmentBytes + 1, 3 * segmentBytes, 3 * segmentBytes + 100, whole.length];
    const blobs: string[] = [];
    for (const [i, size] of sizes.entries()) {
      const all = whole.subarray(0, size);
      blobs.push(i === 0 ? await keptAs(store, all) : await grownBy(store, blobs[i - 1]!, sizes[i - 1]!, all));
      await store.record([log(blobs[i]!, size, day + i)]);
      if (i === 1) await store.seal();
    }
    const check = async (from: Store): Promise<void> => {
      const versions = from.versions({ root: 'claude', path: 'p/s.jsonl' });
      expect(versions.map(({ blob }) => blob)).toEqual(blobs);
      for (const [i, { blob }] of versions.entries()) {
        expect(Buffer.from(await from.read(blob!)).equals(whole.subarray(0, sizes[i]))).toBe(true);
        const pieces: Uint8Array[] = [];
        for await (const piece of from.pieces(blob!)) pieces.push(piece);
        expect(Buffer.concat(pieces).equals(whole.subarray(0, sizes[i]))).toBe(true);
      }
    };
    await check(store);
    const reader = await open({ readOnly: true });
    await check(reader);
    await reader.close();
    await store.close();
    const again = await open();
    await check(again);
    expect((await again.verify()).damage).toEqual([]);
    await again.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });

  it('that grows costs its tail', async () => {
    const store = await open();
    const whole = lines(80 * segmentBytes);
    let size = 60 * segmentBytes;
    let blob = await keptAs(store, whole.subarray(0, size));
    await store.record([log(blob, size, day)]);
    await store.seal();
    for (let i = 1; i <= 20; i++) {
      blob = await grownBy(store, blob, size, whole.subarray(0, size + 2000));
      size += 2000;
      await store.record([log(blob, size, day + i)]);
    }
    // At most one segment and its two trees, deflated, for each.
    expect(bytesBelow(join(path, 'journal'))).toBeLessThan(20 * segmentBytes);
    const before = bytesBelow(join(path, 'objects/pack'));
    await store.seal();
    expect(bytesBelow(join(path, 'objects/pack')) - before).toBeLessThan(20 * 6000);
    await store.close();
  });

  it.runIf(hasGit)('is put together by stock git as the page says', async () => {
    const store = await open();
    const whole = lines(40 * segmentBytes + 5);
    const blob = await keptAs(store, whole);
    await store.record([log(blob, whole.length, day), seen('p/notes.md', 'beside it', day)]);
    await store.close();
    const rows = git(path, 'ls-tree', '-r', 'HEAD', '--', 'claude/p/s.jsonl%segments').toString().trim().split('\n');
    const bytes = Buffer.concat(rows.map(row => git(path, 'cat-file', 'blob', row.split(/\s/)[2]!)));
    expect(bytes.equals(whole)).toBe(true);
    expect(git(path, 'show', 'HEAD:claude/p/notes.md').toString()).toBe('beside it');
    expect(fsck(path)).toBe('');
  });

  it.runIf(hasGit)('that shrinks, is deleted and comes again stands once in the tree', async () => {
    const store = await open();
    const big = lines(3 * segmentBytes);
    const names = () => git(path, 'ls-tree', '--name-only', 'HEAD:claude/p').toString().trim().split('\n');
    await store.record([log(await keptAs(store, big), big.length, day), seen('p/x', 'x', day)]);
    await store.seal();
    expect(names()).toEqual(['s.jsonl%segments', 'x']);
    await store.record([seen('p/s.jsonl', 'short', day + 1)]);
    await store.seal();
    expect(names()).toEqual(['s.jsonl', 'x']);
    await store.record([log(await keptAs(store, big), big.length, day + 2)]);
    await store.seal();
    expect(names()).toEqual(['s.jsonl%segments', 'x']);
    await store.record([seen('p/s.jsonl', null, day + 3)]);
    await store.seal();
    expect(names()).toEqual(['x']);
    await store.close();
    expect(fsck(path)).toBe('');
  });

  it('has one name, whether it came as a stream or in one piece', async () => {
    const store = await open();
    const whole = lines(3 * segmentBytes + 9);
    const [first] = await store.record([log(await keptAs(store, whole), whole.length, day)]);
    const [second] = await store.record([seen('p/s.jsonl', whole, day + 1)]);
    expect(second!.blob).toBe(first!.blob);
    const [other] = await store.record([seen('p/picture', whole, day + 2)]);
    expect(other!.blob).toBe(objectName('blob', whole));
    await store.close();
  });

  it('out of the journal of another process is copied, so that nobody waits for its seal', async () => {
    const [one, two] = [await open(), await open()];
    const whole = lines(4 * segmentBytes);
    const blob = await keptAs(one, whole);
    await one.record([log(blob, whole.length, day)]);
    await two.refresh();
    await two.record([log(blob, whole.length, day + 1, 'p/copy.jsonl')]);
    await two.close();
    const reader = await open({ readOnly: true });
    expect(Buffer.from(await reader.read(blob)).equals(whole)).toBe(true);
    await reader.close();
    await one.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });

  it('says when its beginning is not kept, and when it has another length', async () => {
    const store = await open();
    const whole = lines(3 * segmentBytes);
    const beginning = { blob: '0123456789012345678901234567890123456789', bytes: segmentBytes };
    await expect(store.keep(stream(whole), 4 * segmentBytes, beginning)).rejects.toMatchObject({ code: 'not-found' });
    await expect(store.keep(stream(whole), whole.length + 1)).rejects.toMatchObject({ code: 'moved' });
    await expect(store.keep(stream(whole), whole.length - 1)).rejects.toMatchObject({ code: 'moved' });
    await store.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });

  it('whose journal was sealed while it was still being read is whole', async () => {
    const store = await open();
    const whole = lines(60 * segmentBytes);
    async function* slowly() {
      for (let at = 0; at < whole.length; at += 10 * segmentBytes) {
        yield whole.subarray(at, at + 10 * segmentBytes);
        await store.seal();
      }
    }
    const blob = await store.keep(slowly(), whole.length);
    await store.seal();
    await store.record([log(blob, whole.length, day)]);
    await store.close();
    const again = await open();
    expect(Buffer.from(await again.read(blob)).equals(whole)).toBe(true);
    expect((await again.verify()).damage).toEqual([]);
    await again.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });
});
