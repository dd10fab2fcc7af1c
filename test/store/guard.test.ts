/** Who else may reach into the store: real files, real modes, other owners where we may make some. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { UndertextError } from '../../src/errors.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { seen } from './contract.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-guard-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const hasModes = process.platform !== 'win32';
/** Only the superuser may give files away. */
const isRoot = process.geteuid?.() === 0;
const stranger = 12345;

let path: string;
let count = 0;
beforeEach(() => {
  path = join(home, `store-${count++}`);
});

const open = (more: object = {}) => openGitStore({ path, machine: 'here', ...more });

async function madeStore(): Promise<void> {
  const store = await open();
  await store.record([seen('notes.md', 'one\n', 1_000)]);
  await store.close();
}

async function refusal(more: object = {}): Promise<string> {
  const error = await open(more).then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UndertextError);
  expect(error).toMatchObject({ code: 'refused', hint: expect.stringContaining('undertext verify') });
  return (error as UndertextError).message;
}

async function whatIsSaid(more: object = {}): Promise<string> {
  const store = await open(more);
  const said = store.repairs.join('\n');
  await store.close();
  return said;
}

/** Every file and folder that others may touch in any way. */
function openToOthers(): readonly string[] {
  return ['', ...readdirSync(path, { recursive: true, encoding: 'utf8' })].filter(
    name => (lstatSync(join(path, name)).mode & 0o077) !== 0,
  );
}

const places = ['', 'format', 'HEAD', 'config', 'history', 'journal', 'objects', 'objects/pack', 'refs', 'refs/heads'];

describe.skipIf(!hasModes)('a store that others can read', () => {
  it.each(places)('is closed to them, and that is said: %j', async name => {
    await madeStore();
    const place = join(path, name);
    chmodSync(place, statSync(place).isDirectory() ? 0o755 : 0o644);
    expect(await whatIsSaid()).toBe(`others could read ${name || 'the folder'} of the store; now only you can`);
    expect(openToOthers()).toEqual([]);
    expect(await whatIsSaid()).toBe('');
  });

  it('is closed whole when it was copied without its modes', async () => {
    await madeStore();
    for (const name of ['', ...readdirSync(path, { recursive: true, encoding: 'utf8' })])
      chmodSync(join(path, name), 0o755);
    expect(await whatIsSaid()).toMatch(
      /^others could read the folder, objects, objects\/pack and \d+ more of the store/,
    );
    expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(path, 'objects/pack'))) {
      expect(statSync(join(path, 'objects/pack', name)).mode & 0o077).toBe(0);
    }
  });

  it('is left as it is by who only reads it, who says so', async () => {
    await madeStore();
    chmodSync(path, 0o755);
    expect(await whatIsSaid({ readOnly: true })).toBe(
      `others can read the folder of the store: chmod -R go-rwx ${path}`,
    );
    expect(statSync(path).mode & 0o777).toBe(0o755);
  });

  it('is made private when it was an empty folder before', async () => {
    mkdirSync(path, { mode: 0o755 });
    await madeStore();
    expect(openToOthers()).toEqual([]);
  });
});

describe.skipIf(!hasModes)('a store that others can write to is refused', () => {
  it.each(places)('in %j, by the group and by everybody, for reading and for writing', async name => {
    await madeStore();
    const place = join(path, name);
    const mode = statSync(place).mode & 0o777;
    for (const bit of [0o020, 0o002]) {
      chmodSync(place, mode | bit);
      expect(await refusal()).toContain('others can write to it');
      expect(await refusal({ readOnly: true })).toContain('others can write to it');
      expect(statSync(place).mode & 0o777).toBe(mode | bit);
    }
    chmodSync(place, mode);
    expect(await whatIsSaid()).toBe('');
  });

  it('also a pack, and a journal', async () => {
    await madeStore();
    const [pack] = readdirSync(join(path, 'objects/pack'));
    chmodSync(join(path, 'objects/pack', pack!), 0o666);
    expect(await refusal()).toContain(pack);
  });

  it('also an empty folder that is to become one', async () => {
    mkdirSync(path);
    chmodSync(path, 0o1777);
    expect(await refusal()).toContain('others can write to it');
    expect(readdirSync(path)).toEqual([]);
    expect(statSync(path).mode & 0o7777).toBe(0o1777);
  });

  it('a FIFO in place of a file, which would be waited for', async () => {
    await madeStore();
    for (const name of ['history', 'lock', 'journal/1-x.journal', 'refs/heads/here/2000-01']) {
      const place = join(path, name);
      rmSync(place, { force: true });
      execFileSync('mkfifo', ['-m', '600', place]);
      expect(await refusal({ readOnly: true })).toContain(`${name}: it is neither a file nor a folder`);
      rmSync(place);
    }
  });

  it('a folder in it that is a link', async () => {
    await madeStore();
    renameSync(join(path, 'objects'), `${path}-objects`);
    symlinkSync(`${path}-objects`, join(path, 'objects'));
    expect(await refusal()).toContain('objects: it is a link');
  });
});

describe.skipIf(!hasModes)('the place of the store', () => {
  it('may be a link to a folder of ours', async () => {
    mkdirSync(`${path}-there`, { mode: 0o700 });
    symlinkSync(`${path}-there`, path);
    await madeStore();
    expect(await whatIsSaid()).toBe('');
    expect(existsSync(join(`${path}-there`, 'format'))).toBe(true);
  });

  it('in a folder that everybody may write to is said, unless it is sticky like /tmp', async () => {
    const parent = path;
    mkdirSync(parent);
    path = join(parent, 'store');
    chmodSync(parent, 0o1777);
    await madeStore();
    expect(await whatIsSaid()).toBe('');
    chmodSync(parent, 0o777);
    expect(await whatIsSaid()).toContain('others can put another folder in the place of the store');
  });
});

describe.skipIf(!hasModes || !isRoot)('a store of another user (only the superuser can make one)', () => {
  it.each(['', 'journal', 'objects/pack', 'history'])('is refused: %j is his', async name => {
    await madeStore();
    chownSync(join(path, name), stranger, stranger);
    expect(await refusal()).toContain(`belongs to another user (${stranger})`);
    expect(await refusal({ readOnly: true })).toContain(`belongs to another user (${stranger})`);
  });

  it('is refused when our folder was replaced by his link, or by a link to his folder', async () => {
    await madeStore();
    renameSync(path, `${path}-mine`);
    symlinkSync(`${path}-mine`, path);
    lchownSync(path, stranger, stranger);
    expect(await refusal()).toContain('it is a link of another user');
    rmSync(path);
    cpSync(`${path}-mine`, `${path}-his`, { recursive: true });
    chmodSync(`${path}-his`, 0o700);
    chownSync(`${path}-his`, stranger, stranger);
    symlinkSync(`${path}-his`, path);
    expect(await refusal()).toContain('belongs to another user');
  });
});

describe.skipIf(!hasModes)('verify', () => {
  it('walks the whole store, and names what others can write to', async () => {
    await madeStore();
    const deep = join(path, 'objects/info');
    chmodSync(deep, 0o777);
    const store = await open({ readOnly: true });
    expect((await store.verify()).damage).toEqual([
      { where: 'objects/info', what: 'others can write to it', versions: [] },
    ]);
    chmodSync(deep, 0o700);
    expect((await store.verify()).damage).toEqual([]);
    chmodSync(path, 0o755);
    expect((await store.verify()).damage).toEqual([
      { where: '.', what: 'others can read 1 of its files and folders', versions: [] },
    ]);
    await store.close();
  });
});
