import {
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
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { blobName } from '../../src/store/blob-name.ts';
import { secondOpinion } from '../../src/store/check/second-opinion.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import type { Store } from '../../src/store/store.ts';
import { seen, textOf } from './contract.ts';
import { fsck, git, hasGit } from './with-git.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-git-store-'));
let path: string;
let count = 0;
beforeEach(() => {
  path = join(home, `store-${count++}`);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const month = Date.UTC(2026, 4, 10);
const open = (more: object = {}): Promise<Store> => openGitStore({ path, machine: 'here', ...more });
const files = (folder: string): readonly string[] =>
  readdirSync(join(path, folder), { recursive: true, encoding: 'utf8' }).filter(name =>
    statSync(join(path, folder, name)).isFile(),
  );

async function recorded(texts: readonly string[], name = 'notes.md'): Promise<void> {
  const store = await open();
  for (const [i, text] of texts.entries()) await store.record([seen(name, text, month + i)]);
  await store.close();
}

describe('reopened', () => {
  it('has everything, whether it was sealed or not', async () => {
    const first = await open();
    const [sealed] = await first.record([seen('a', 'sealed', 1)]);
    await first.seal();
    const [journaled] = await first.record([seen('a', 'journaled', 2)]);
    await first.note([{ kind: 'gap', at: 1, data: { why: 'x' } }]);
    const second = await open({ readOnly: true });
    expect(second.versions({ root: 'claude', path: 'a' }).map(({ id }) => id)).toEqual([sealed!.id, journaled!.id]);
    expect(await textOf(second, sealed!.blob)).toBe('sealed');
    expect(await textOf(second, journaled!.blob)).toBe('journaled');
    expect(second.notes('gap')).toHaveLength(1);
    await first.close();
    await second.refresh();
    expect(second.versions({ root: 'claude', path: 'a' }).every(({ snapshot }) => snapshot !== null)).toBe(true);
    expect(second.notes('gap')).toHaveLength(1);
    expect(await textOf(second, journaled!.blob)).toBe('journaled');
    await second.close();
    const third = await open();
    expect(third.versions({ root: 'claude', path: 'a' })).toEqual(
      [sealed!, journaled!].map(version => ({ ...version, snapshot: expect.stringMatching(/^[0-9a-f]{40}$/) })),
    );
    expect(third.repairs).toEqual([]);
    expect(await third.size()).toMatchObject({ versions: 2, sealed: 2 });
    expect(files('journal')).toEqual([]);
    await third.close();
  });

  it.each([
    ['missing', () => rmSync(join(path, 'history'))],
    ['shorter than its commits', () => truncateSync(join(path, 'history'), statSync(join(path, 'history')).size - 300)],
    ['cut in the middle of a line', () => truncateSync(join(path, 'history'), 40)],
    ['empty', () => truncateSync(join(path, 'history'), 0)],
    [
      'damaged',
      () => {
        const bytes = readFileSync(join(path, 'history'));
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(join(path, 'history'), bytes);
      },
    ],
  ])('makes the index again when it is %s', async (_, harm) => {
    const store = await open();
    for (let i = 0; i < 5; i++) {
      await store.record([
        seen(`tab\there ü ${i % 2}`, `text ${i}`, month + i, { settled: i % 2 === 0, mtime: 1.5, mode: 0o4755 }),
      ]);
      await store.note([{ kind: 'incident', at: i, data: { i } }]);
      await store.seal();
    }
    const before = {
      versions: [...store.paths()],
      notes: store.notes('incident'),
      all: [0, 1].map(i => store.versions({ root: 'claude', path: `tab\there ü ${i}` })),
    };
    await store.close();
    const whole = readFileSync(join(path, 'history'), 'utf8');
    harm();
    for (const readOnly of [true, false]) {
      const again = await open({ readOnly });
      expect({
        versions: [...again.paths()],
        notes: again.notes('incident'),
        all: [0, 1].map(i => again.versions({ root: 'claude', path: `tab\there ü ${i}` })),
      }).toEqual(before);
      await again.close();
    }
    expect(readFileSync(join(path, 'history'), 'utf8')).toBe(whole);
  });
});

describe.skipIf(!hasGit)('stock git', () => {
  it('finds each version in exactly one tree, in order, and nothing to complain of', async () => {
    const store = await open();
    const texts = Array.from(
      { length: 80 },
      (_, i) => `# Notes\n\n${'the same line\n'.repeat(40)}${i}\n${'and more\n'.repeat(40)}`,
    );
    for (const [i, text] of texts.entries())
      await store.record([seen('a/notes.md', text, month + i), seen(`b/${i % 3}`, `${i}`, month + i)]);
    await store.seal();
    expect(fsck(path)).toBe('');
    const versions = store.versions({ root: 'claude', path: 'a/notes.md' });
    expect(versions).toHaveLength(80);
    for (const [i, { snapshot }] of versions.entries()) {
      expect(git(path, 'show', `${snapshot}:claude/a/notes.md`).toString()).toBe(texts[i]);
    }
    const log = git(path, 'log', '--format=%H', '--', 'claude/a/notes.md').toString().trim().split('\n');
    expect(log).toEqual(versions.map(({ snapshot }) => snapshot).reverse());
    expect(
      git(
        path,
        'verify-pack',
        '-v',
        ...files('objects/pack')
          .filter(name => name.endsWith('.idx'))
          .map(name => join(path, 'objects/pack', name)),
      ).toString(),
    ).toMatch(/chain length = \d+/);
    const other = secondOpinion(path);
    for (const i of [0, 1, 40, 79]) {
      expect(Buffer.from(await other.readPath(versions[i]!.snapshot!, 'claude/a/notes.md')).toString()).toBe(texts[i]);
      expect(await textOf(store, versions[i]!.blob)).toBe(texts[i]);
    }
    expect(await store.verify()).toMatchObject({ versions: 160, damage: [] });
    await store.close();
  });

  it('sees the trailers', async () => {
    await recorded(['one', 'two']);
    const log = git(path, 'log', '--format=%(trailers:key=Version,valueonly)').toString();
    expect(log.trim().split(/\n+/)).toHaveLength(2);
    expect(log).toContain('\tclaude\tnotes.md\tfile\t');
    expect(git(path, 'log', '-1', '--format=%s %an').toString()).toBe('claude/notes.md undertext\n');
  });

  it('sees files become folders, folders become files, and both go', async () => {
    const store = await open();
    const tree = (): string => git(path, 'ls-tree', '-r', 'HEAD', '--format=%(objectmode) %(path)').toString().trim();
    await store.record([
      seen('x', 'file', 1),
      seen('y/z', 'below', 2),
      seen('run', '#!', 3, { mode: 0o755 }),
      seen('l', 'x', 4, { kind: 'link', mode: 0o777 }),
    ]);
    await store.seal();
    expect(tree()).toBe('120000 claude/l\n100755 claude/run\n100644 claude/x\n100644 claude/y/z');
    const [x, below, y] = await store.record(
      [seen('x', null, 5), seen('x/deep/er', 'below', 6), seen('y', 'file', 7), seen('y/z', null, 8)].slice(1, 4),
    );
    await store.seal();
    expect(tree()).toBe('120000 claude/l\n100755 claude/run\n100644 claude/x/deep/er\n100644 claude/y');
    expect([x, below, y].every(Boolean)).toBe(true);
    await store.record([
      seen('x/deep/er', null, 9),
      seen('l', null, 10),
      seen('run', null, 11),
      seen('s', null, 12, { kind: 'withheld', size: 1 }),
    ]);
    await store.seal();
    expect(tree()).toBe('100644 claude/y');
    await store.record([seen('y', null, 13)]);
    await store.seal();
    expect(tree()).toBe('');
    expect(fsck(path)).toBe('');
    expect(await store.verify()).toMatchObject({ damage: [] });
    await store.close();
  });

  it('has a head per month, and the months are tied by a trailer', async () => {
    let now = Date.UTC(2026, 4, 31, 23, 59);
    const store = await open({ now: () => now });
    await store.record([seen('a', 'may', now)]);
    await store.seal();
    const may = git(path, 'rev-parse', 'HEAD').toString().trim();
    now += 120_000;
    await store.record([seen('a', 'still may', now - 119_000), seen('a', 'june', now), seen('b', 'june', now)]);
    await store.close();
    expect(git(path, 'for-each-ref', '--format=%(refname)').toString().trim().split('\n')).toEqual([
      'refs/heads/here/2026-05',
      'refs/heads/here/2026-06',
    ]);
    expect(git(path, 'symbolic-ref', 'HEAD').toString().trim()).toBe('refs/heads/here/2026-06');
    const stillMay = git(path, 'rev-parse', 'here/2026-05').toString().trim();
    expect(git(path, 'rev-parse', `${stillMay}^`).toString().trim()).toBe(may);
    expect(git(path, 'log', '--format=%P|%(trailers:key=Continues,valueonly)', 'HEAD').toString().trim()).toBe(
      `|${stillMay}`,
    );
    expect(git(path, 'show', 'HEAD:claude/a').toString()).toBe('june');
    expect(fsck(path)).toBe('');
    rmSync(join(path, 'history'));
    const again = await open();
    expect(
      await Promise.all(again.versions({ root: 'claude', path: 'a' }).map(({ blob }) => textOf(again, blob))),
    ).toEqual(['may', 'still may', 'june']);
    await again.close();
  });

  it('reads what `keep` has streamed, and nothing temporary stays', async () => {
    const store = await open();
    const piece = Buffer.alloc(1 << 16, 'undertext ');
    async function* big() {
      for (let i = 0; i < 200; i++) yield piece;
    }
    const blob = await store.keep(big(), 200 << 16);
    await store.record([seen('big', null, 1, { kind: 'file', content: { blob }, size: 200 << 16, mode: 0o600 })]);
    await store.close();
    const parts = git(path, 'ls-tree', '-r', 'HEAD', '--', 'claude/big%segments').toString().trim().split('\n');
    expect(parts).toHaveLength(200);
    const names = parts.map(line => line.split(/\s/)[2]!);
    const bytes = Buffer.concat(names.map(name => git(path, 'cat-file', 'blob', name)));
    expect(bytes.equals(Buffer.concat(Array.from({ length: 200 }, () => piece)))).toBe(true);
    expect(fsck(path)).toBe('');
    expect(files('objects').filter(name => name.includes('tmp'))).toEqual([]);
  });

  it('passes `git fsck` between any two steps, and after a gc by hand everything is still read', async () => {
    const store = await open();
    expect(fsck(path)).toBe('');
    for (let i = 0; i < 6; i++) {
      await store.record([seen(`f${i % 2}`, `text ${i}`, month + i)]);
      expect(fsck(path)).toBe('');
      await store.seal();
      expect(fsck(path)).toBe('');
    }
    git(path, 'pack-refs', '--all');
    git(path, 'repack', '-adf');
    await store.record([seen('f0', 'after', month + 9)]);
    await store.seal();
    expect(fsck(path)).toBe('');
    for (const { blob } of store.versions({ root: 'claude', path: 'f0' })) await store.read(blob!);
    expect(await store.verify()).toMatchObject({ versions: 7, damage: [] });
    await store.close();
  });
});

describe('many small packs', () => {
  it('become one by and by, and every version is still read, by everybody', async () => {
    const reader = await open();
    const store = await open();
    const texts = Array.from({ length: 80 }, (_, i) => `${'a line that stays\n'.repeat(30)}${i}`);
    for (const [i, text] of texts.entries()) {
      await store.record([seen('a/notes.md', text, month + i), seen('a/notes.md', `${text}!`, month + i + 0.5)]);
      await store.seal();
    }
    const packs = files('objects/pack').filter(name => name.endsWith('.pack'));
    expect(packs.length).toBeLessThan(40);
    expect(packs.length).toBeGreaterThan(0);
    if (hasGit) {
      expect(fsck(path)).toBe('');
      expect(git(path, 'rev-list', '--count', 'HEAD').toString().trim()).toBe('160');
    }
    await reader.refresh();
    for (const some of [store, reader]) {
      const versions = some.versions({ root: 'claude', path: 'a/notes.md' });
      expect(versions).toHaveLength(160);
      for (const [i, text] of texts.entries()) expect(await textOf(some, versions[i * 2]!.blob)).toBe(text);
    }
    expect(await store.verify()).toMatchObject({ damage: [] });
    await Promise.all([store.close(), reader.close()]);
  });

  it('that a killed merge has left beside the merged one go with the next', async () => {
    const store = await open();
    const kept = new Map<string, Buffer>();
    for (let i = 0; i < 70; i++) {
      await store.record([seen('a', `text ${i}`, month + i)]);
      await store.seal();
      if (i === 20)
        for (const name of files('objects/pack')) kept.set(name, readFileSync(join(path, 'objects/pack', name)));
    }
    await store.close();
    for (const [name, bytes] of kept) writeFileSync(join(path, 'objects/pack', name), bytes);
    const again = await open();
    for (let i = 70; i < 110; i++) {
      await again.record([seen('a', `text ${i}`, month + i)]);
      await again.seal();
    }
    expect(files('objects/pack').filter(name => kept.has(name))).toEqual([]);
    if (hasGit) expect(fsck(path)).toBe('');
    expect(await again.verify()).toMatchObject({ versions: 110, damage: [] });
    await again.close();
  });
});

describe('what it writes', () => {
  it('is for its owner only, whatever the umask is', async () => {
    const before = process.umask(0);
    try {
      await recorded(['one', 'two']);
    } finally {
      process.umask(before);
    }
    for (const name of ['.', ...readdirSync(path, { recursive: true, encoding: 'utf8' })]) {
      const stat = statSync(join(path, name));
      expect([name, (stat.mode & 0o777).toString(8)]).toEqual([name, stat.isDirectory() ? '700' : '600']);
    }
  });

  it('is not written twice, unless what stands there is damaged', async () => {
    const text = 'a text that stands in the store once\n'.repeat(50);
    await recorded([text]);
    const store = await open();
    const size = () => files('journal').reduce((sum, name) => sum + statSync(join(path, 'journal', name)).size, 0);
    await store.record([seen('copy', text, 2)]);
    expect(size()).toBeLessThan(400);
    await store.close();

    const pack = files('objects/pack')
      .filter(name => name.endsWith('.pack'))
      .map(name => join(path, 'objects/pack', name))
      .find(name => statSync(name).size > 0)!;
    const harmed = await open();
    const [version] = harmed.versions({ root: 'claude', path: 'notes.md' });
    await harmed.close();
    for (const name of files('objects/pack').filter(name => name.endsWith('.pack'))) {
      const bytes = readFileSync(join(path, 'objects/pack', name));
      bytes.fill(0x55, 12, bytes.length - 20);
      writeFileSync(join(path, 'objects/pack', name), bytes);
    }
    expect(existsSync(pack)).toBe(true);
    rmSync(join(path, 'journal'), { recursive: true });
    const again = await open({ readOnly: true });
    await expect(again.read(version!.blob!)).rejects.toMatchObject({ code: 'damaged' });
    const { damage } = await again.verify();
    expect(damage.flatMap(({ versions }) => versions.map(({ id }) => id))).toContain(version!.id);
    await again.close();
  });

  it('repairs by writing: content that is recorded again is whole again', async () => {
    const blob = blobName(Buffer.from('big content'));
    const object = join(path, 'objects', blob.slice(0, 2), blob.slice(2));
    await (await open()).close();
    mkdirSync(join(object, '..'));
    writeFileSync(object, deflateSync('blob 11\0big content').subarray(0, 5));
    const store = await open();
    await expect(store.read(blob)).rejects.toMatchObject({ code: 'damaged' });
    const [version] = await store.record([seen('a', 'big content', 1)]);
    expect(version!.blob).toBe(blob);
    expect(await textOf(store, blob)).toBe('big content');
    await store.close();
    const again = await open();
    expect(await textOf(again, blob)).toBe('big content');
    expect((await again.verify()).damage).toEqual([]);
    if (hasGit) expect(fsck(path)).toBe('');
    await again.close();
  });
});

describe('a big group', () => {
  it('is deflated by two threads in the built program, and reads back the same', async () => {
    const built: typeof import('../../src/store/git-store.ts') = await import(
      new URL('../../dist/src/store/git-store.js', import.meta.url).href
    );
    const store = await built.openGitStore({ path, machine: 'here' });
    const texts = Array.from({ length: 500 }, (_, i) => `${i}\n`.repeat((i * 37) % 3000));
    const groups = [texts.slice(0, 250), texts.slice(250)].map(group =>
      store.record(group.map((text, i) => seen(`f${i}`, text, i))),
    );
    const versions = (await Promise.all(groups)).flat();
    for (const [i, { blob }] of versions.entries()) expect(await textOf(store, blob)).toBe(texts[i]);
    await store.close();
    const again = await open();
    expect(await again.verify()).toMatchObject({ versions: 500, damage: [] });
    await again.close();
  });
});

describe('a place that is no good', () => {
  it.each([
    ['a file', () => writeFileSync(path, 'x'), 'disk'],
    [
      'below a file',
      () => {
        writeFileSync(path, 'x');
        path = join(path, 'below');
      },
      'disk',
    ],
    [
      'a folder with other things',
      () => {
        mkdirSync(path);
        writeFileSync(join(path, 'thesis.doc'), 'x');
      },
      'refused',
    ],
    [
      'a store of a newer format',
      () => {
        mkdirSync(path);
        writeFileSync(join(path, 'format'), 'undertext store 3\n');
      },
      'newer-format',
    ],
    [
      'a format file of something else',
      () => {
        mkdirSync(path);
        writeFileSync(join(path, 'format'), 'hello\n');
      },
      'refused',
    ],
  ])('%s is said, with a way out', async (_, make, code) => {
    make();
    for (const readOnly of [false, true]) {
      await expect(open({ readOnly })).rejects.toMatchObject({
        name: 'UndertextError',
        code,
        hint: expect.stringMatching(/\w/),
      });
    }
  });

  it('an empty folder will do, and a folder whose parents are missing', async () => {
    mkdirSync(path);
    await (await open()).close();
    path = join(path, '..', `deep-${count}`, 'er', 'store');
    await (await open()).close();
    expect(existsSync(join(path, 'HEAD'))).toBe(true);
  });

  it('one that is left half made is finished', async () => {
    mkdirSync(path);
    writeFileSync(join(path, 'tmp_format_abc'), 'undert');
    await (await open()).close();
    rmSync(join(path, 'HEAD'));
    rmSync(join(path, 'journal'), { recursive: true });
    const store = await open();
    await store.record([seen('a', 'x', 1)]);
    await store.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });

  it('read-only: there must be a store, it writes nothing, and recording is refused', async () => {
    await expect(open({ readOnly: true })).rejects.toMatchObject({ code: 'not-found' });
    expect(existsSync(path)).toBe(false);
    await recorded(['one']);
    const everything = () =>
      readdirSync(path, { recursive: true, encoding: 'utf8' }).map(name => [name, statSync(join(path, name)).mtimeMs]);
    const before = everything();
    const store = await open({ readOnly: true });
    expect(await textOf(store, store.latest({ root: 'claude', path: 'notes.md' })!.blob)).toBe('one');
    await expect(store.record([seen('a', 'x', 1)])).rejects.toMatchObject({ code: 'refused' });
    await expect(store.note([])).rejects.toMatchObject({ code: 'refused' });
    await expect(store.seal()).rejects.toMatchObject({ code: 'refused' });
    expect(await store.holder('watcher')).toBeNull();
    await store.close();
    expect(everything()).toEqual(before);
  });
});
