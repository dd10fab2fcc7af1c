/** An index that is lost is made anew, byte for byte, and a pack that cannot be read is left as it is. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGitStore } from '../../src/store/git-store.ts';
import { indexPack } from '../../src/store/index-pack.ts';
import { seen, textOf } from './contract.ts';
import { fsck, hasGit } from './with-git.ts';

const path = mkdtempSync(join(tmpdir(), 'undertext-index-'));
const packs = join(path, 'objects/pack');
const named = (end: string): readonly string[] =>
  readdirSync(packs)
    .filter(name => name.endsWith(end))
    .map(name => join(packs, name));
const texts = Array.from({ length: 60 }, (_, i) => `${'a line that stays\n'.repeat(50)}${i}\n`);

/** Whole objects and chains of deltas, in two packs. */
beforeAll(async () => {
  const store = await openGitStore({ path, machine: 'here' });
  await store.record(texts.slice(0, 40).map((text, i) => seen(`${i % 3}.md`, text, i + 1)));
  await store.seal();
  await store.record(texts.slice(40).map((text, i) => seen(`${i % 3}.md`, text, i + 100)));
  await store.close();
});
afterAll(() => rmSync(path, { recursive: true, force: true }));

describe('the index of a pack', () => {
  it('made anew is the one that was written with the pack', () => {
    expect(named('.pack')).toHaveLength(2);
    for (const pack of named('.pack')) {
      expect(indexPack(pack)?.equals(readFileSync(pack.replace(/pack$/, 'idx')))).toBe(true);
    }
  });

  it.each([
    ['gone', (index: string) => rmSync(index)],
    ['empty', (index: string) => truncateSync(index, 0)],
    ['zeros', (index: string) => writeFileSync(index, Buffer.alloc(2000))],
  ])('that is %s is made anew by the next start, which says so', async (_, harm) => {
    for (const index of named('.idx')) harm(index);
    const store = await openGitStore({ path, machine: 'here' });
    expect(store.repairs.filter(repair => /made the index of pack-\w+\.pack anew/.test(repair))).toHaveLength(2);
    const versions = [0, 1, 2].flatMap(i => store.versions({ root: 'claude', path: `${i}.md` }));
    const read = await Promise.all(versions.map(({ blob }) => textOf(store, blob)));
    expect(read.sort()).toEqual([...texts].sort());
    expect((await store.verify()).damage).toEqual([]);
    await store.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });

  it('of a pack that is not whole is not made', () => {
    const bytes = readFileSync(named('.pack')[0]!);
    const copy = join(path, 'copy.pack');
    for (const harmed of [
      bytes.subarray(0, -1),
      bytes.subarray(0, 10),
      Buffer.alloc(0),
      Buffer.from(bytes.toReversed()),
    ]) {
      writeFileSync(copy, harmed);
      expect(indexPack(copy)).toBeNull();
    }
    rmSync(copy);
  });
});
