/** A folder on the way to the target that becomes another one, or a link, while a restore is at work. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UndertextError } from '../../src/errors.ts';
import { isOdd, lookAt } from '../../src/restore/disk.ts';
import { planVersion } from '../../src/restore/plan.ts';
import { isSameWay, wayTo } from '../../src/restore/way.ts';
import { type Change, change } from '../../src/restore/write.ts';
import { place, temporaryFolder } from './place.ts';

const present = Buffer.from('present\n');
const bytes = Buffer.from('restored\n');

/** Every file below a folder with its text; links with where they lead. */
function everything(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map(name => {
        const stat = lstatSync(join(folder, name));
        return [name, stat.isFile() ? readFileSync(join(folder, name), 'utf8') : stat.isDirectory() ? '/' : '→'];
      }),
  );
}

interface Scene {
  /** `home/a/b/notes.md` is the target. */
  readonly home: string;
  readonly target: string;
  /** A folder of somebody else: with a file of the same name and the same text. */
  readonly outside: string;
}

function scene(hasFile: boolean, hasFolders: boolean): Scene {
  const top = temporaryFolder();
  const home = join(top, 'home');
  const outside = join(top, 'outside');
  mkdirSync(join(home, hasFolders ? 'a/b' : 'a'), { recursive: true });
  mkdirSync(join(outside, 'b'), { recursive: true });
  for (const folder of [outside, join(outside, 'b')]) if (hasFile) writeFileSync(join(folder, 'notes.md'), present);
  const target = join(home, 'a/b/notes.md');
  if (hasFile) writeFileSync(target, present);
  return { home, target, outside };
}

/** What somebody puts in the place of a folder that he has moved away. */
const swaps: Readonly<Record<string, (folder: string, outside: string) => void>> = {
  'a link to a folder elsewhere': (folder, outside) => symlinkSync(outside, folder),
  'a folder of his own with the same files': folder => {
    mkdirSync(join(folder, 'b'), { recursive: true });
    for (const inner of [folder, join(folder, 'b')]) writeFileSync(join(inner, 'notes.md'), present);
  },
  'a link to the very folder that was there': folder => symlinkSync(`${folder}.old`, folder),
  'a file': folder => writeFileSync(folder, 'no folder\n'),
  nothing: () => {},
};

const works: Readonly<Record<string, { hasFile: boolean; hasFolders: boolean; change: Omit<Change, 'target'> }>> = {
  'a file is replaced': { hasFile: true, hasFolders: true, change: { present, bytes, mode: 0o644 } },
  'a file is made': { hasFile: false, hasFolders: true, change: { present: null, bytes, mode: 0o644 } },
  'a file is made in a new folder': {
    hasFile: false,
    hasFolders: false,
    change: { present: null, bytes, mode: 0o644 },
  },
  'a file is removed': { hasFile: true, hasFolders: true, change: { present, bytes: null, mode: 0 } },
};

/** Where a folder can be held, nothing of ours is left in one that was taken away; elsewhere nobody can find it again. */
const canHold = existsSync('/proc/self/fd');

const moments = ['beforeRename', 'afterLook'] as const;
const folders = ['a', 'a/b', ''] as const;
const cases = Object.keys(works).flatMap(work =>
  folders.flatMap(folder =>
    Object.keys(swaps).flatMap(swap => moments.map(moment => ({ work, folder: folder || 'the root', swap, moment }))),
  ),
);

describe('while a folder on the way is swapped, nothing is written anywhere else, and nothing is left', () => {
  it.each(cases)('$work, $folder becomes $swap, at $moment', async ({ work, folder, swap, moment }) => {
    const { hasFile, hasFolders, change: wanted } = works[work]!;
    const { home, target, outside } = scene(hasFile, hasFolders);
    const swapped = folder === 'the root' ? home : join(home, folder);
    const way = wayTo(target);
    const before = { outside: everything(outside), inside: everything(join(home, 'a')) };
    let his: Record<string, string> = {};
    const act = () => {
      renameSync(swapped, `${swapped}.old`);
      swaps[swap]!(swapped, outside);
      if (existsSync(swapped) && lstatSync(swapped).isDirectory()) his = everything(swapped);
    };
    const error = await change({ ...wanted, target, way, [moment]: act }).catch((error: UndertextError) => error);
    expect(error).toMatchObject({ code: 'moved' });
    expect(everything(outside)).toEqual(before.outside);
    if (lstatSync(swapped, { throwIfNoEntry: false })?.isDirectory()) expect(everything(swapped)).toEqual(his);
    // What was moved away is as it was: no temporary file, no half of ours.
    const kept = folder === 'a/b' ? join(home, 'a/b.old') : folder === 'a' ? `${swapped}.old/b` : `${swapped}.old/a/b`;
    if (!canHold) return;
    if (hasFolders) expect(everything(kept)).toEqual(hasFile ? { 'notes.md': 'present\n' } : {});
    // A folder that we made and he took away stays with him, empty.
    else expect(existsSync(kept) ? everything(kept) : {}).toEqual({});
  });

  it.each(cases.filter(({ moment }) => moment === 'beforeRename'))(
    '$work, $folder became $swap between the plan and the first step',
    async ({ work, folder, swap }) => {
      const { hasFile, hasFolders, change: wanted } = works[work]!;
      const { home, target, outside } = scene(hasFile, hasFolders);
      const swapped = folder === 'the root' ? home : join(home, folder);
      const way = wayTo(target);
      // Where the folder is to be made it is not there to be swapped.
      if (!existsSync(swapped)) return;
      renameSync(swapped, `${swapped}.old`);
      swaps[swap]!(swapped, outside);
      const before = everything(join(home, '..'));
      const error = await change({ ...wanted, target, way }).catch((error: UndertextError) => error);
      expect(['moved', 'disk']).toContain((error as UndertextError).code);
      expect(everything(join(home, '..'))).toEqual(before);
    },
  );
});

describe('a whole restore', () => {
  async function story() {
    const outside = temporaryFolder();
    mkdirSync(join(outside, 'b'));
    let act: () => void = () => {};
    const home = place({ beforeRename: () => act() });
    const old = await home.save('a/b/notes.md', 'old\n');
    const newer = await home.save('a/b/notes.md', 'present\n');
    const folder = join(home.root.path, 'a/b');
    const swap = () => {
      renameSync(folder, `${folder}.old`);
      symlinkSync(outside, folder);
      act = () => {};
    };
    const meanwhile = (what: () => void) => {
      act = what;
    };
    return { home, old, newer, outside, folder, swap, meanwhile };
  }

  it('is refused when its folder becomes a link that leads out of the root', async () => {
    const { home, old, outside, folder, swap, meanwhile } = await story();
    writeFileSync(join(outside, 'notes.md'), 'present\n');
    meanwhile(swap);
    const error = await home.restoreVersion(old).catch((error: UndertextError) => error);
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('behind a link that leads out') });
    expect(everything(outside)).toEqual({ b: '/', 'notes.md': 'present\n' });
    if (canHold) expect(everything(`${folder}.old`)).toEqual({ 'notes.md': 'present\n' });
    expect(home.deps.store.notes('restore')).toEqual([]);
  });

  it('also when it is taken back', async () => {
    const { home, old, outside, folder, swap, meanwhile } = await story();
    await home.restoreVersion(old);
    meanwhile(swap);
    const error = await home.undo().catch((error: UndertextError) => error);
    expect(error).toMatchObject({ code: 'refused' });
    expect(everything(outside)).toEqual({ b: '/' });
    if (canHold) expect(everything(`${folder}.old`)).toEqual({ 'notes.md': 'old\n' });
  });

  it('is planned again when the folder was replaced by another one of the root', async () => {
    const { home, old, folder, meanwhile } = await story();
    meanwhile(() => {
      renameSync(folder, `${folder}.old`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'notes.md'), 'his\n');
      meanwhile(() => {});
    });
    const { done } = await home.restoreVersion(old);
    expect(home.text('a/b/notes.md')).toBe('old\n');
    // What stood in the new folder is kept, as before every restore.
    expect(Buffer.from(await home.deps.store.read(done.before!.blob!)).toString()).toBe('his\n');
    if (canHold) expect(everything(`${folder}.old`)).toEqual({ 'notes.md': 'present\n' });
  });

  it('with --to is never written through a link, nor over anything', async () => {
    const { home, old, outside, folder, meanwhile } = await story();
    const { store } = home.deps;
    const to = join(folder, 'copy.md');
    const secret = join(outside, 'secret');
    const restoreTo = () => home.run('a/b/notes.md', disk => planVersion({ disk, store, version: old, to }));
    symlinkSync(secret, to);
    expect(await restoreTo().catch((error: UndertextError) => error.code)).toBe('refused');
    expect(existsSync(secret)).toBe(false);
    // A link that leads to the same text is a link all the same.
    writeFileSync(secret, 'old\n');
    expect(await restoreTo().catch((error: UndertextError) => error.code)).toBe('refused');
    renameSync(to, `${to}.link`);
    meanwhile(() => {
      symlinkSync(secret, to);
      meanwhile(() => {});
    });
    expect(await restoreTo().catch((error: UndertextError) => error.code)).toBe('refused');
    expect(readFileSync(secret, 'utf8')).toBe('old\n');
    renameSync(to, `${to}.link2`);
    meanwhile(() => {
      renameSync(folder, `${folder}.old`);
      symlinkSync(outside, folder);
      meanwhile(() => {});
    });
    // In the next try the path itself lies behind a link that leads out of the root.
    const error = await restoreTo().catch((error: UndertextError) => error.code);
    expect(error).toBe('refused');
    expect(everything(outside)).toEqual({ b: '/', secret: 'old\n' });
  });

  it('of a file beside the root is not led away either', async () => {
    let act: () => void = () => {};
    const home = place({ beside: ['../beside.json'], beforeRename: () => act() });
    const old = await home.save('../beside.json', '{"a":1}\n');
    await home.save('../beside.json', '{"a":2}\n');
    const folder = join(home.root.path, '..');
    const outside = temporaryFolder();
    act = () => {
      renameSync(folder, `${folder}.old`);
      symlinkSync(outside, folder);
      act = () => {
        throw new Error('planned again');
      };
    };
    await expect(home.restoreVersion(old)).rejects.toThrow();
    expect(everything(outside)).toEqual({});
    expect(readFileSync(`${folder}.old/beside.json`, 'utf8')).toBe('{"a":2}\n');
  });
});

describe('a history that somebody else made', () => {
  it.each(['../../etc/passwd', '/etc/passwd', 'a/../../x', 'a/./b', 'a//b', '..', '.', '', 'a/', 'nul\0byte'])(
    'leads nowhere: %j',
    async path => {
      const home = place();
      const [version] = await home.deps.store.record([
        {
          root: 'home',
          path,
          kind: 'file',
          at: 1,
          seenAt: 1,
          content: Buffer.from('his\n'),
          size: 4,
          mode: 0o644,
          mtime: 1,
          how: 'event',
          settled: true,
        },
      ]);
      const before = everything(join(home.root.path, '..'));
      const error = await home.restoreVersion(version!).catch((error: UndertextError) => error);
      expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('is not a file of') });
      expect(everything(join(home.root.path, '..'))).toEqual(before);
    },
  );

  it('leads nowhere on Windows either', () => {
    expect(['a\\..\\..\\b', 'C:b', 'a/b:c', '..\\x'].map(path => isOdd(path, '\\'))).toEqual([true, true, true, true]);
    expect(['a\\..\\b', 'C:b', 'a b/c'].map(path => isOdd(path, '/'))).toEqual([false, false, false]);
  });
});

describe('the way to a file', () => {
  it('is the same as long as nobody puts another folder there', () => {
    const { target, home } = scene(true, true);
    const way = wayTo(target);
    writeFileSync(join(home, 'a/b/more.md'), 'more\n');
    expect(isSameWay(wayTo(target), way)).toBe(true);
    mkdirSync(join(home, 'a/b/notes'));
    expect(isSameWay(wayTo(join(home, 'a/b/notes/x')), way)).toBe(false);
  });

  it('is taken before anything else is looked at', async () => {
    const home = place();
    await home.save('a/notes.md', 'one\n');
    const disk = await lookAt(home.root, 'a/notes.md', home.deps);
    expect(isSameWay(disk.way, wayTo(disk.target))).toBe(true);
  });
});
