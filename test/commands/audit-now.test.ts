/** What is forgotten while an audit reads it comes back neither by the ledger nor by the cache. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { auditNow, cacheFile, savedCache } from '../../src/commands/audit-now.ts';
import type { Setup } from '../../src/commands/setup.ts';
import { forgottenNote } from '../../src/history/forgotten.ts';
import { defaultConfig } from '../../src/home/config.ts';
import type { Version } from '../../src/model.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { seen } from '../store/contract.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-audit-now-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const noon = Date.UTC(2026, 10, 20, 12);
const texts = ['- one\n', '- one\n- the key\n', '- one\n- three\n'];

let count = 0;

async function place(): Promise<{ setup: Setup; store: Store; leak: Version }> {
  const store = memoryStore();
  const versions = await store.record(texts.map((text, i) => seen('notes.md', text, noon + 60_000 * i)));
  const setup = {
    access: 'write',
    store,
    storePath: join(home, String(count++)),
    config: defaultConfig,
    rules,
    hasOwnRules: false,
    roots: [{ name: 'claude', path: home, beside: [] }],
    classify: () => 'authored',
    world: { now: () => noon + 3_600_000 },
  } as unknown as Setup;
  return { setup, store, leak: versions[1]! };
}

async function forget(store: Store, leak: Version): Promise<void> {
  await store.forget([leak], note => note);
  await store.note([forgottenNote({ versions: [leak.id], paths: [], reason: null }, noon)]);
}

describe('an audit', () => {
  it('books what it found, and saves its findings', async () => {
    const { setup, store } = await place();
    const cache = savedCache(setup);
    await auditNow(setup, { cache });
    expect(JSON.stringify(store.notes('incident'))).toContain('the key');
    await cache.save({ isComplete: true });
    expect(existsSync(cacheFile(setup.storePath))).toBe(true);
  });

  it('looks again when something was forgotten before it has booked', async () => {
    const { setup, store, leak } = await place();
    let isForgotten = false;
    const during: Store = {
      ...store,
      versions: key => store.versions(key),
      read: async blob => {
        const bytes = await store.read(blob);
        // The last content it needs has been read by then.
        if (!isForgotten && blob === leak.blob) {
          isForgotten = true;
          await forget(store, leak);
        }
        return bytes;
      },
    };
    const { incidents } = await auditNow({ ...setup, store: during }, { cache: savedCache(setup) });
    expect(isForgotten).toBe(true);
    expect(incidents).toEqual([]);
    expect(store.notes('incident')).toEqual([]);
  });

  it('saves nothing when something was forgotten since', async () => {
    const { setup, store, leak } = await place();
    const cache = savedCache(setup);
    await auditNow(setup, { cache });
    await forget(store, leak);
    await cache.save({ isComplete: false });
    expect(existsSync(cacheFile(setup.storePath))).toBe(false);
  });

  it('removes what it saved when something was forgotten meanwhile', async () => {
    const { setup, store, leak } = await place();
    let refreshes = 0;
    // `save` looks before and after it writes.
    const refresh = async () => {
      if (++refreshes === 2) await forget(store, leak);
    };
    const cache = savedCache({ ...setup, store: { ...store, refresh } });
    cache.set('quoting', 'the key');
    await cache.save({ isComplete: true });
    expect(refreshes).toBe(2);
    expect(existsSync(cacheFile(setup.storePath))).toBe(false);
  });
});
