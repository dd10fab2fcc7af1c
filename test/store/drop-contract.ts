/** What every store promises about what leaves it. */
import { describe, expect, it } from 'vitest';
import { isHolder, type Store, trashKeptFor } from '../../src/store/store.ts';
import { seen, textOf } from './contract.ts';

/** `now` stands still until the story moves it. */
export interface Clock {
  at: number;
}

export function dropContract(name: string, open: (now: () => number) => Promise<Store>): void {
  describe(`${name} lets go`, () => {
    const withStore = (story: (store: Store, clock: Clock) => Promise<void>) => async () => {
      const clock = { at: Date.parse('2026-11-24T12:00:00Z') };
      const store = await open(() => clock.at);
      try {
        await story(store, clock);
      } finally {
        await store.close();
      }
    };
    const key = { root: 'claude', path: 'a.md' };

    it(
      'of the versions that are named, and of no others; notes stay',
      withStore(async (store, { at }) => {
        const versions = await store.record([1, 2, 3].map(n => seen('a.md', `text ${n}`, at + n)));
        const [other] = await store.record([seen('b.md', 'text 1', at + 4)]);
        await store.note([{ kind: 'root', at, data: { name: 'claude' } }]);
        const done = await store.drop(new Set([versions[0]!.id, versions[1]!.id]));
        expect(done).toEqual({ versions: 2, until: at + trashKeptFor });
        expect(store.versions(key).map(({ id }) => id)).toEqual([versions[2]!.id]);
        expect(store.latest(key)?.id).toBe(versions[2]!.id);
        expect(store.withId(versions[0]!.id)).toEqual([]);
        expect((await store.size()).versions).toBe(2);
        expect(store.notes('root')).toHaveLength(1);
        // `b.md` holds the same content as the first one that went.
        expect(await textOf(store, other!.blob)).toBe('text 1');
        expect(await textOf(store, versions[2]!.blob)).toBe('text 3');
      }),
    );

    it(
      'of a path as a whole, which can come back',
      withStore(async (store, { at }) => {
        const versions = await store.record([seen('a.md', 'one', at), seen('a.md', null, at + 1)]);
        await store.drop(new Set(versions.map(({ id }) => id)));
        expect(store.versions(key)).toEqual([]);
        expect(store.latest(key)).toBeUndefined();
        expect([...store.paths()]).toEqual([]);
        const [again] = await store.record([seen('a.md', 'one', at + 2)]);
        expect(await textOf(store, again!.blob)).toBe('one');
        expect(store.versions(key)).toHaveLength(1);
      }),
    );

    it(
      'of nothing, when nothing is named',
      withStore(async (store, { at }) => {
        await store.record([seen('a.md', 'one', at)]);
        expect(await store.drop(new Set())).toEqual({ versions: 0, until: null });
        expect(store.versions(key)).toHaveLength(1);
      }),
    );

    it(
      'of the trash, when its time has come',
      withStore(async (store, clock) => {
        const big = Buffer.alloc(100_000, 'x');
        const versions = await store.record([seen('a.md', big, clock.at), seen('a.md', 'small', clock.at + 1)]);
        await store.drop(new Set([versions[0]!.id]));
        const { bytes, trash } = await store.room();
        expect(trash).toBeGreaterThan(0);
        expect(bytes).toBeGreaterThan(trash);
        expect(await store.emptyTrash(clock.at - 1)).toBe(0);
        clock.at += trashKeptFor + 1;
        expect(await store.emptyTrash(clock.at - trashKeptFor)).toBeGreaterThan(0);
        expect((await store.room()).trash).toBe(0);
      }),
    );

    it(
      'knows what begins with what',
      withStore(async (store, { at }) => {
        const [long, short, other] = await store.record([
          seen('a.md', 'one two', at),
          seen('b.md', 'one', at),
          seen('c.md', 'one three', at),
        ]);
        expect(await store.startsWith(long!.blob!, short!.blob!)).toBe(true);
        expect(await store.startsWith(long!.blob!, long!.blob!)).toBe(true);
        expect(await store.startsWith(short!.blob!, long!.blob!)).toBe(false);
        expect(await store.startsWith(other!.blob!, long!.blob!)).toBe(false);
        await expect(store.startsWith(long!.blob!, '0'.repeat(40))).rejects.toMatchObject({ code: 'not-found' });
      }),
    );

    it(
      'one post is not the other',
      withStore(async store => {
        const watcher = await store.claim('watcher', null);
        const restore = await store.claim('restore', null);
        expect([isHolder(watcher), isHolder(restore)]).toEqual([false, false]);
        expect(isHolder(await store.claim('restore', null))).toBe(true);
        if (!isHolder(restore)) await restore.release();
        expect(await store.holder('restore')).toBeNull();
        expect(await store.holder('watcher')).not.toBeNull();
      }),
    );

    it(
      'says how much room there is',
      withStore(async (store, { at }) => {
        await store.record([seen('a.md', 'one', at)]);
        const { bytes, free, total } = await store.room();
        expect(bytes).toBeGreaterThan(0);
        expect(total).toBeGreaterThanOrEqual(free);
      }),
    );
  });
}
