import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/store/memory-store.ts';
import { roomAsker, withReserve } from '../../src/store/reserve.ts';
import { seen } from './contract.ts';

function scene() {
  const state = { free: 1e9, now: 0, asked: 0 };
  const store = memoryStore({ now: () => state.now, disk: () => ({ free: state.free, total: 1e12 }) });
  const room = async () => {
    state.asked++;
    return await store.room();
  };
  const asker = roomAsker({ room }, () => state.now);
  return { state, store, asker, reserved: withReserve(store, asker, 500e6) };
}

async function* pieces() {
  yield Buffer.from('big');
}

describe('a store with a reserve', () => {
  it('records while there is room', async () => {
    const { reserved } = scene();
    await reserved.record([seen('a', 'one', 1)]);
    expect(reserved.versions({ root: 'claude', path: 'a' })).toHaveLength(1);
    expect(await reserved.keep(pieces(), 3)).toMatch(/^[0-9a-f]{40}$/);
  });

  it('refuses before the disk is full, and says what to do', async () => {
    const { state, reserved, store } = scene();
    state.free = 312e6;
    const refusal = {
      code: 'disk',
      message: expect.stringContaining('only 312 MB'),
      hint: expect.stringContaining('500 MB'),
    };
    await expect(reserved.record([seen('a', 'one', 1)])).rejects.toMatchObject(refusal);
    await expect(reserved.keep(pieces(), 3)).rejects.toMatchObject(refusal);
    expect([...store.paths()]).toEqual([]);
  });

  it('lets restores and notes through', async () => {
    const { state, reserved } = scene();
    state.free = 0;
    await reserved.note([{ kind: 'gap', at: 1, data: null }]);
    expect(await reserved.record([seen('a', 'one', 1, { how: 'restore' })])).toHaveLength(1);
  });

  it('goes on when there is room again; it looks at most every 30 seconds', async () => {
    const { state, reserved } = scene();
    state.free = 0;
    await expect(reserved.record([seen('a', 'one', 1)])).rejects.toThrow();
    state.free = 1e9;
    state.now = 29_999;
    await expect(reserved.record([seen('a', 'one', 1)])).rejects.toThrow();
    state.now = 30_000;
    expect(await reserved.record([seen('a', 'one', 1)])).toHaveLength(1);
    expect(state.asked).toBe(2);
  });

  it('records when nobody can say how much room there is', async () => {
    const { store } = scene();
    const reserved = withReserve(store, () => Promise.reject(new Error('no')), 500e6);
    expect(await reserved.record([seen('a', 'one', 1)])).toHaveLength(1);
  });

  it('asks at once when that is wanted, and again after a refusal', async () => {
    const state = { fails: true };
    const room = async () => {
      if (state.fails) throw new Error('no');
      return { bytes: 1, trash: 0, free: 1, total: 1 };
    };
    const asker = roomAsker({ room }, () => 0);
    await expect(asker()).rejects.toThrow('no');
    state.fails = false;
    expect(await asker(true)).toMatchObject({ bytes: 1 });
    expect(await asker()).toMatchObject({ bytes: 1 });
  });
});
