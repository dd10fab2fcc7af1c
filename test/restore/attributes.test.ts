/** What a file has besides its text: attributes, access lists, other names, bits of its mode. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepAttributes, type Ran } from '../../src/restore/attributes.ts';
import { modeFromStore } from '../../src/restore/files.ts';
import { place, temporaryFolder } from './place.ts';

const path = 'memory/notes.md';
const base = '# Notes\n\n- one\n- two\n';
const lost = `${base}- lost\n`;
const ours = `${base}- ours\n`;

/** A home in which a line was lost, and what brings it back. */
async function home() {
  const made = place({ keepAttributes });
  const [first, second] = [await made.save(path, base), await made.save(path, lost)];
  const third = await made.save(path, ours);
  const incident = await made.incident(first, second, third);
  const file = join(made.root.path, path);
  return { ...made, file, second, restore: async () => (await made.restoreIncident(incident)).done };
}

const run = (...words: readonly [string, ...string[]]) => spawnSync(words[0], words.slice(1), { encoding: 'utf8' });
const probe = join(temporaryFolder(), 'probe');
writeFileSync(probe, '');
const hasAttributes = run('setfattr', '-n', 'user.probe', '-v', 'x', probe).status === 0;
const hasLists = run('setfacl', '-m', 'u:1:r', probe).status === 0;

describe('extended attributes', () => {
  it.runIf(hasAttributes)('are kept, also of a file that may only be read', async () => {
    const { file, restore } = await home();
    run('setfattr', '-n', 'user.note', '-v', 'keep me', file);
    chmodSync(file, 0o444);
    expect((await restore()).notKept).toEqual([]);
    expect(run('getfattr', '--only-values', '-n', 'user.note', '--absolute-names', file).stdout).toBe('keep me');
    expect(statSync(file).mode & 0o7777).toBe(0o444);
    expect(readFileSync(file, 'utf8')).toContain('- lost');
  });

  it.runIf(hasLists)('and so is an access list', async () => {
    const { file, restore } = await home();
    run('setfacl', '-m', 'u:1:rw', file);
    const before = run('getfacl', '-n', '--absolute-names', file).stdout;
    expect((await restore()).notKept).toEqual([]);
    expect(run('getfacl', '-n', '--absolute-names', file).stdout).toBe(before);
  });

  it('of a file that has none nothing is said', async () => {
    const { restore } = await home();
    expect((await restore()).notKept).toEqual([]);
  });
});

describe('where cp does not copy them', () => {
  const none: Ran = { code: null, out: '' };
  /** Programs by their names, as `keepAttributes` finds them. */
  const withPrograms = (programs: Readonly<Record<string, Ran>>, system = 'linux' as NodeJS.Platform) => {
    const file = join(temporaryFolder(), 'a');
    writeFileSync(file, 'a');
    const handle = openSync(file, 'r');
    const asked: string[] = [];
    const opened = { handle, file };
    const said = keepAttributes(
      opened,
      opened,
      ([name = '']) => {
        asked.push(name);
        return programs[name] ?? none;
      },
      system,
    );
    closeSync(handle);
    return { said, asked };
  };
  const dump = '# file: /proc/self/fd/3\nuser.note=0x41\n';

  it('attr and acl do', () => {
    const programs = {
      cp: { code: 1, out: '' },
      getfattr: { code: 0, out: dump },
      setfattr: { code: 0, out: '' },
      getfacl: { code: 0, out: 'user:1:r--\n' },
      setfacl: { code: 0, out: '' },
    };
    expect(withPrograms(programs)).toEqual({ said: [], asked: ['cp', 'getfattr', 'getfacl', 'setfattr', 'setfacl'] });
  });

  it('what they refuse is named', () => {
    const { said } = withPrograms({ getfattr: { code: 0, out: dump }, getfacl: { code: 0, out: '' } });
    expect(said).toEqual(['the extended attributes (user.note) of the file could not be kept']);
  });

  it('nothing is said where there is nothing', () => {
    expect(withPrograms({ getfattr: { code: 0, out: '' }, getfacl: { code: 0, out: '' } }).said).toEqual([]);
  });

  it('it is said that nobody knows', () => {
    expect(withPrograms({}).said).toEqual([
      'if the file had extended attributes or an access list, they were not kept: no program here can copy them (cp of GNU, or attr and acl)',
    ]);
  });

  it('macOS has programs of its own', () => {
    const xattr = { code: 0, out: '' };
    expect(withPrograms({ xattr }, 'darwin').said).toEqual([]);
    const ls = { code: 0, out: '-rw-r--r--+ 1 me staff 1 a\n 0: user:x allow read\n' };
    expect(withPrograms({ xattr, ls }, 'darwin').said).toEqual([
      'the access list of the file was not kept: set it again with chmod +a',
    ]);
    expect(withPrograms({}, 'win32').said).toEqual([]);
  });

  it.runIf(hasAttributes && hasLists)('they are copied in earnest', () => {
    const folder = temporaryFolder();
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    for (const file of [from, to]) writeFileSync(file, file);
    run('setfattr', '-n', 'user.note', '-v', 'keep me', from);
    run('setfacl', '-m', 'u:1:rw', from);
    const handles = [openSync(from, 'r'), openSync(to, 'r')] as const;
    const said = keepAttributes(
      { handle: handles[0], file: from },
      { handle: handles[1], file: to },
      (words, files, input) => {
        const [name = '', ...rest] = words;
        if (name === 'cp') return none;
        const { status, stdout } = spawnSync(name, rest, {
          stdio: ['pipe', 'pipe', 'ignore', ...files],
          input: input ?? '',
          encoding: 'latin1',
        });
        return { code: status, out: stdout };
      },
    );
    for (const handle of handles) closeSync(handle);
    expect(said).toEqual([]);
    expect(run('getfattr', '--only-values', '-n', 'user.note', '--absolute-names', to).stdout).toBe('keep me');
    expect(run('getfacl', '-n', '--absolute-names', to).stdout).toContain('user:1:rw-');
  });
});

describe('a file with a second name', () => {
  it('is cut off from it, which is said by name', async () => {
    const { root, file, restore } = await home();
    mkdirSync(join(root.path, 'copies'));
    linkSync(file, join(root.path, 'copies/notes.md'));
    const { notKept } = await restore();
    expect(notKept).toEqual([
      'hard link cut: copies/notes.md is a second name of this file and keeps the text from before',
    ]);
    expect(readFileSync(join(root.path, 'copies/notes.md'), 'utf8')).toBe(ours);
    expect(readFileSync(file, 'utf8')).toContain('- lost');
  });

  it('may have it outside of the root', async () => {
    const { root, file, restore } = await home();
    linkSync(file, join(root.path, '../second.md'));
    const { ino } = statSync(file);
    expect((await restore()).notKept).toEqual([
      `hard link cut: the text from before stays at 1 other, not below ${root.path}; find / -xdev -inum ${ino} names it`,
    ]);
  });
});

describe('the mode of a file that comes back', () => {
  it.each([
    [0o644, 0o644],
    [0o600, 0o600],
    [0o755, 0o755],
    [0o4755, 0o755],
    [0o2775, 0o755],
    [0o666, 0o644],
    [0o1777, 0o755],
    [0o440, 0o440],
    [0, 0o644],
  ])('%o is made %o', (mode, made) => expect(modeFromStore(mode)).toBe(made));

  it('gives nobody an id and lets nobody else write', async () => {
    const { file, second, restoreVersion } = await home();
    rmSync(file);
    await restoreVersion({ ...second, mode: 0o6777 });
    expect(statSync(file).mode & 0o7777).toBe(0o755);
  });

  it('a file that is there keeps its own', async () => {
    const { file, restore } = await home();
    chmodSync(file, 0o664);
    await restore();
    expect(statSync(file).mode & 0o7777).toBe(0o664);
  });
});
