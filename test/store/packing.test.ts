/** Packing: few files, small ones, and every version bit by bit as before. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Observation } from '../../src/model.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import type { Store } from '../../src/store/store.ts';
import { seen } from './contract.ts';
import { fsck, git, hasGit } from './with-git.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-packing-'));
let path: string;
let count = 0;
beforeEach(() => {
  path = join(home, `store-${count++}`);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const open = (more: object = {}): Promise<Store> => openGitStore({ path, machine: 'here', ...more });
const day = Date.UTC(2026, 4, 10);
const packs = (): readonly string[] => readdirSync(join(path, 'objects/pack')).filter(name => name.endsWith('.pack'));
const packBytes = (): number => packs().reduce((sum, name) => sum + statSync(join(path, 'objects/pack', name)).size, 0);

async function* whole(bytes: Uint8Array) {
  yield bytes;
}

/** Something that does not deflate to nothing, other text for another seed. */
function text(bytes: number, seed: number): string {
  let state = seed * 2654435761 + 1;
  let made = '';
  while (made.length < bytes) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    made += `${state.toString(36)}${made.length % 5 === 0 ? '\n' : ' '}`;
  }
  return made.slice(0, bytes);
}

describe('what was sealed version by version', () => {
  it('becomes deltas: an edit costs what it changed, in a folder of many files too', async () => {
    const store = await open();
    await store.record(Array.from({ length: 150 }, (_, i) => seen(`memory/f${i}.md`, text(100, i), day + i)));
    await store.seal();
    const before = packBytes();
    const lines = text(6000, 0).split('\n');
    const edits = 60;
    const kept: { blob: string; text: string }[] = [];
    for (let i = 0; i < edits; i++) {
      lines[(i * 7) % lines.length] = text(40, 1000 + i);
      const [version] = await store.record([seen('memory/notes.md', lines.join('\n'), day + 200 + i)]);
      kept.push({ blob: version!.blob!, text: lines.join('\n') });
      await store.seal();
    }
    // One edit alone is 3 KB of text and 4 KB of folder.
    expect((packBytes() - before) / edits).toBeLessThan(2048);
    expect(packs().length).toBeLessThan(12);
    for (const { blob, text } of kept) expect(Buffer.from(await store.read(blob)).toString()).toBe(text);
    await store.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });

  it('grows by what was appended, when it is a log', async () => {
    const store = await open();
    const all = Buffer.from(text(400_000, 5));
    let size = 200_000;
    let blob = await store.keep(whole(all.subarray(0, size)), size);
    const log = () => seen('p/s.jsonl', null, day + size, { kind: 'file', content: { blob }, size, mode: 0o600 });
    await store.record([log()]);
    await store.seal();
    const before = packBytes();
    for (let i = 0; i < 60; i++) {
      const bytes = Math.floor(size / 65536) * 65536;
      size += 2000;
      blob = await store.keep(whole(all.subarray(bytes, size)), size, { blob, bytes });
      await store.record([log()]);
      await store.seal();
    }
    expect((packBytes() - before) / (60 * 2000)).toBeLessThan(3);
    for (const version of store.versions({ root: 'claude', path: 'p/s.jsonl' })) {
      expect(Buffer.from(await store.read(version.blob!)).equals(all.subarray(0, version.size))).toBe(true);
    }
    await store.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });
});

describe('packing', () => {
  it('changes nothing of what `log` lists, whatever was recorded and however often it was sealed', async () => {
    const change = fc.record({
      path: fc.constantFrom('a.md', 'b/c.md', 'b/d/e.md', 'b'),
      text: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 4, max: 9 })),
      isSealed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 12, maxLength: 40 }), async changes => {
        path = join(home, `store-${count++}`);
        const store = await open();
        const told: Observation[] = [];
        for (const [i, { path, text: kind, isSealed }] of changes.entries()) {
          const content = kind === null ? null : text(300 + kind * 100, kind).replace('z', String(i % 3));
          const one = seen(path, content, day + i);
          told.push(one);
          await store.record([one]);
          if (isSealed) await store.seal();
        }
        await store.close();
        const again = await open();
        for (const { root, path, content, seenAt } of told) {
          const version = again.versions({ root, path }).find(version => version.seenAt === seenAt);
          if (content === null) expect(version).toMatchObject({ kind: 'gone', blob: null });
          else expect(Buffer.from(await again.read(version!.blob!)).equals(Buffer.from(content as Buffer))).toBe(true);
        }
        expect((await again.verify()).damage).toEqual([]);
        await again.close();
        if (hasGit) expect(fsck(path)).toBe('');
      }),
      { numRuns: 12 },
    );
  });

  it('leaves a pack that is not whole, and all that would be packed with it, as it is', async () => {
    const store = await open();
    for (let i = 0; i < 4; i++) {
      await store.record([seen('a.md', text(500, i), day + i)]);
      await store.seal();
    }
    await store.close();
    const harmed = join(path, 'objects/pack', packs()[0]!);
    const bytes = readFileSync(harmed);
    bytes[40]! ^= 1;
    rmSync(harmed);
    writeFileSync(harmed, bytes);
    const before = packs();
    const again = await open();
    await again.record([seen('a.md', text(500, 9), day + 9)]);
    await again.seal();
    expect(packs()).toEqual(expect.arrayContaining([...before]));
    expect((await again.verify()).damage).not.toEqual([]);
    await again.close();
  });

  it('spares what a person has marked with `.keep`', async () => {
    const store = await open();
    await store.record([seen('a.md', 'first', day)]);
    await store.seal();
    const [first] = packs();
    writeFileSync(join(path, 'objects/pack', first!.replace(/pack$/, 'keep')), '');
    for (let i = 1; i < 8; i++) {
      await store.record([seen('a.md', text(500, i), day + i)]);
      await store.seal();
    }
    expect(packs()).toContain(first);
    expect(packs().length).toBeLessThan(8);
    await store.close();
  });

  it.runIf(hasGit)('reads what stock git has packed, deltas of every kind', async () => {
    const store = await open();
    for (let i = 0; i < 4; i++) {
      await store.record([seen('b/a.md', `${text(3000, 1)}${i}`, day + i)]);
      await store.seal();
    }
    await store.close();
    git(path, 'repack', '-adfq', '--depth=50', '--window=50');
    const again = await open();
    for (let i = 4; i < 12; i++) {
      await again.record([seen('b/a.md', `${text(3000, 1)}${i}`, day + i)]);
      await again.seal();
    }
    const texts = await Promise.all(
      again.versions({ root: 'claude', path: 'b/a.md' }).map(async ({ blob }) => Buffer.from(await again.read(blob!))),
    );
    expect(texts.map(bytes => bytes.toString().slice(3000))).toEqual(Array.from({ length: 12 }, (_, i) => String(i)));
    await again.close();
    expect(fsck(path)).toBe('');
  });
});
