/** `forget` writes a month anew from the first commit that changes: what stands before it keeps its name. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openGitStore } from '../../src/store/git-store.ts';
import { seen } from './contract.ts';

it('commits before the secret keep their names, later ones do not, and its text is gone', async () => {
  const path = mkdtempSync(join(tmpdir(), 'undertext-test-'));
  try {
    const start = Date.parse('2026-11-20T12:00:00Z');
    const store = await openGitStore({ path, machine: 'here', now: () => start + 60_000 });
    for (const [i, name] of ['a.md', 'b.md', 'secret.md', 'c.md', 'd.md'].entries()) {
      await store.record([seen(name, `text of ${name}`, start + i * 1_000)]);
      await store.seal();
    }
    const commitOf = (name: string) => store.latest({ root: 'claude', path: name })!.snapshot;
    const names = ['a.md', 'b.md', 'c.md', 'd.md'];
    const before = names.map(commitOf);
    expect(new Set(before).size).toBe(4);
    const secret = store.latest({ root: 'claude', path: 'secret.md' })!;
    await store.forget([secret], note => note);
    const after = names.map(commitOf);
    expect(after.map((commit, i) => commit === before[i])).toEqual([true, true, false, false]);
    for (const name of names) {
      const { blob } = store.latest({ root: 'claude', path: name })!;
      expect(Buffer.from(await store.read(blob!)).toString()).toBe(`text of ${name}`);
    }
    await expect(store.read(secret.blob!)).rejects.toThrow();
    expect((await store.verify()).damage).toEqual([]);
    await store.close();
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
});
