/** What every store promises, whatever it keeps things in. */
import { describe, expect, it } from 'vitest';
import type { Note, Observation } from '../../src/model.ts';
import type { Store } from '../../src/store/store.ts';
import { gapsOf, isHolder } from '../../src/store/store.ts';

export function seen(
  path: string,
  content: string | Uint8Array | null,
  seenAt: number,
  more: Partial<Observation> = {},
): Observation {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return {
    root: 'claude',
    path,
    kind: bytes === null ? 'gone' : 'file',
    at: seenAt,
    seenAt,
    content: bytes,
    size: bytes?.length ?? 0,
    mode: bytes === null ? 0 : 0o644,
    mtime: bytes === null ? null : seenAt,
    how: 'event',
    settled: true,
    ...more,
  };
}

export async function textOf(store: Store, blob: string | null): Promise<string> {
  return Buffer.from(await store.read(blob!)).toString('utf8');
}

export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} keeps its promises`, () => {
    const withStore = (story: (store: Store) => Promise<void>) => async () => {
      const store = await open();
      try {
        await story(store);
      } finally {
        await store.close();
      }
    };

    it(
      'gives a version to each observation, in their order, and every byte back',
      withStore(async store => {
        const versions = await store.record([seen('a.md', 'one', 1), seen('b.md', 'two', 2), seen('a.md', 'three', 3)]);
        expect(versions.map(({ path }) => path)).toEqual(['a.md', 'b.md', 'a.md']);
        expect(await Promise.all(versions.map(({ blob }) => textOf(store, blob)))).toEqual(['one', 'two', 'three']);
        expect(versions[0]).toMatchObject({
          root: 'claude',
          kind: 'file',
          at: 1,
          seenAt: 1,
          size: 3,
          mode: 0o644,
          mtime: 1,
          how: 'event',
          settled: true,
        });
        expect(versions[0]!.blob).toBe('43dd47ea691c90a5fa7827892c70241913351963');
        for (const { id } of versions) expect(id).toMatch(/^[abcdefghijkmnpqrstuvwxyz2-9]{10}$/);
        expect(new Set(versions.map(({ id }) => id)).size).toBe(3);
      }),
    );

    it(
      'keeps bytes that are no text, no bytes at all, and a megabyte',
      withStore(async store => {
        const contents = [
          new Uint8Array(0),
          Uint8Array.from([0, 255, 13, 10, 26, 0]),
          new Uint8Array(1 << 20).map((_, i) => (i * i) >> 3),
        ];
        const versions = await store.record(contents.map((content, i) => seen(`f${i}`, content, i)));
        for (const [i, { blob }] of versions.entries())
          expect(Buffer.from(await store.read(blob!)).equals(contents[i]!)).toBe(true);
      }),
    );

    it(
      'does not mind when the caller goes on to use the buffer',
      withStore(async store => {
        const buffer = Buffer.from('as it was');
        const [version] = await store.record([seen('a', buffer, 1)]);
        buffer.fill(0);
        expect(await textOf(store, version!.blob)).toBe('as it was');
      }),
    );

    it(
      'answers from memory: versions by time, the newest, every path, prefixes of ids',
      withStore(async store => {
        const late = await store.record([seen('a.md', 'late', 30)]);
        const early = await store.record([seen('a.md', 'early', 10)]);
        const [other] = await store.record([seen('a.md', 'elsewhere', 40, { root: 'other' })]);
        const key = { root: 'claude', path: 'a.md' };
        expect(store.versions(key)).toEqual([...early, ...late]);
        expect(store.latest(key)).toEqual(late[0]);
        expect(store.versions({ root: 'claude', path: 'never' })).toEqual([]);
        expect(store.latest({ root: 'claude', path: 'never' })).toBeUndefined();
        expect(new Set([...store.paths()].map(({ id }) => id))).toEqual(new Set([late[0]!.id, other!.id]));
        expect(new Set(store.byPath())).toEqual(new Set([store.versions(key), [other]]));
        expect(store.withId(late[0]!.id)).toEqual(late);
        expect(store.withId(late[0]!.id.slice(0, 6)).map(({ id }) => id)).toContain(late[0]!.id);
        expect(store.withId('0')).toEqual([]);
      }),
    );

    it(
      'what it has handed out does not change when more is recorded',
      withStore(async store => {
        await store.record([seen('a', 'one', 1)]);
        const before = store.versions({ root: 'claude', path: 'a' });
        await store.record([seen('a', 'two', 2)]);
        expect(before).toHaveLength(1);
      }),
    );

    it(
      'keeps deletions, links and secrets without content',
      withStore(async store => {
        const versions = await store.record([
          seen('link', 'target', 1, { kind: 'link', mode: 0o777 }),
          seen('secret', null, 2, { kind: 'withheld', size: 1, mode: 0o600, mtime: 2 }),
          seen('link', null, 3),
        ]);
        expect(versions.map(({ kind, blob, size }) => [kind, blob === null, size])).toEqual([
          ['link', false, 6],
          ['withheld', true, 1],
          ['gone', true, 0],
        ]);
      }),
    );

    it(
      'keeps a stream, and refuses one of another length',
      withStore(async store => {
        async function* stream() {
          yield Buffer.from('one ');
          yield Buffer.from('two');
        }
        const blob = await store.keep(stream(), 7);

        expect(await textOf(store, blob)).toBe('one two');
        const [version] = await store.record([
          seen('big', null, 1, { kind: 'file', content: { blob }, size: 7, mode: 0o600 }),
        ]);
        expect(version!.blob).toBe(blob);
        await expect(store.keep(stream(), 8)).rejects.toMatchObject({ code: 'moved' });
        await expect(store.keep(stream(), 6)).rejects.toMatchObject({ code: 'moved' });
      }),
    );

    it(
      'says when it does not have what is asked for',
      withStore(async store => {
        const blob = '0123456789012345678901234567890123456789';
        await expect(store.read(blob)).rejects.toMatchObject({ code: 'not-found' });
        await expect(store.record([seen('a', null, 1, { kind: 'file', content: { blob } })])).rejects.toMatchObject({
          code: 'not-found',
        });
        expect(store.versions({ root: 'claude', path: 'a' })).toEqual([]);
      }),
    );

    it(
      'keeps notes of each kind, oldest first',
      withStore(async store => {
        const gap = { from: 5, to: null, why: 'no watcher', root: null, paths: [] };
        const notes: Note[] = [
          { kind: 'gap', at: 2, data: gap },
          { kind: 'incident', at: 1, data: { text: 'tab\tnewline\nand ü' } },
          { kind: 'gap', at: 1, data: { ...gap, from: 1 } },
          { kind: 'gap', at: 3, data: { ...gap, to: 9 } },
        ];
        await store.note(notes);
        expect(store.notes('gap')).toEqual([notes[2], notes[0], notes[3]]);
        expect(store.notes('incident')).toEqual([notes[1]]);
        expect(gapsOf(store.notes('gap')).map(({ from, to }) => [from, to])).toEqual([
          [1, null],
          [5, 9],
        ]);
      }),
    );

    it(
      'keeps everything of many overlapping calls',
      withStore(async store => {
        const calls = Array.from({ length: 200 }, (_, i) => store.record([seen(`f${i % 20}`, `content ${i}`, i)]));
        const versions = (await Promise.all(calls)).flat();
        expect(new Set(versions.map(({ id }) => id)).size).toBe(200);
        for (let i = 0; i < 20; i++) expect(store.versions({ root: 'claude', path: `f${i}` })).toHaveLength(10);
        expect((await store.size()).versions).toBe(200);
      }),
    );

    it(
      'gives a post to one only',
      withStore(async store => {
        expect(await store.holder('watcher')).toBeNull();
        const lease = await store.claim('watcher', { roots: 1 });
        if (isHolder(lease)) throw new Error('nobody else is here');
        expect(await store.claim('watcher', {})).toMatchObject({ about: { roots: 1 } });
        await lease.update({ roots: 2 });
        expect(await store.holder('watcher')).toMatchObject({ about: { roots: 2 } });
        await lease.release();
        expect(await store.holder('watcher')).toBeNull();
        const again = await store.claim('watcher', null);
        expect(isHolder(again)).toBe(false);
        if (!isHolder(again)) await again.release();
      }),
    );

    it(
      'is the same after sealing, and verifies',
      withStore(async store => {
        await store.record([seen('a/b', 'one', 1), seen('a/b', 'two', 2), seen('c', 'three', 3)]);
        const before = store.versions({ root: 'claude', path: 'a/b' }).map(({ id, blob }) => [id, blob]);
        await store.seal();
        await store.record([seen('a/b', 'four', 4)]);
        expect(
          store
            .versions({ root: 'claude', path: 'a/b' })
            .map(({ id, blob }) => [id, blob])
            .slice(0, 2),
        ).toEqual(before);
        expect(await textOf(store, before[0]![1]!)).toBe('one');
        expect(await store.verify()).toMatchObject({ versions: 4, damage: [] });
        expect(await store.size()).toMatchObject({ versions: 4, since: 1 });
      }),
    );

    it('finishes what was begun before it is closed, and refuses what comes later', async () => {
      const store = await open();
      const call = store.record([seen('a', Buffer.alloc(300_000, 'x'), 1)]);
      await store.close();
      expect(await call).toHaveLength(1);
      if (name !== 'the memory store') await expect(store.record([seen('a', 'late', 2)])).rejects.toThrow('closed');
    });

    it('may be closed twice', async () => {
      const store = await open();
      await store.close();
      await store.close();
    });
  });
}
