/** For somebody who knows a name or a time, not an id: `log`, `ls`, `restore` of a folder, and their undo. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Desk } from './helpers/in-process.ts';

let desk: Desk;
/** The time between the two states of the home. */
let between: string;

beforeEach(async () => {
  desk = new Desk({
    'CLAUDE.md': '# Rules\n\n- be kind\n',
    'skills/pdf/SKILL.md': '# pdf\n',
    'skills/cite/SKILL.md': '# cite\n',
    'skills/same.md': '# Same\n',
  });
  await desk.run('snapshot');
  between = String((await versions('skills/pdf/SKILL.md'))[0]!.seenAt);
  desk.write('skills/pdf/SKILL.md', '# pdf\n\n- reads\n');
  desk.delete('skills/cite');
  desk.write('skills/new.md', '# New\n');
  await desk.run('snapshot');
});
afterEach(() => desk.remove());

interface LogVersion {
  readonly root: string;
  readonly path: string;
  readonly version: string;
  readonly seenAt: string;
  readonly kind: string;
}

async function versions(...words: readonly string[]): Promise<readonly LogVersion[]> {
  return JSON.parse((await desk.run('log', ...words, '--json')).out).versions;
}

describe('log', () => {
  it('without an argument lists the last changes of all files, and counts what was there before', async () => {
    const { code, out } = await desk.run('log');
    expect(code).toBe(0);
    const rows = out.split('\n').filter(line => /\d\d:\d\d/.test(line));
    expect(rows.map(row => /(?:skills|CLAUDE)\S*/.exec(row)![0]).toSorted()).toEqual([
      'skills/cite/SKILL.md',
      'skills/new.md',
      'skills/pdf/SKILL.md',
    ]);
    expect(out).toMatch(/4 files not listed: already there when undertext first looked\n$/);
  });

  it('of a folder names its files from there on', async () => {
    const { out } = await desk.run('log', 'pdf');
    expect(out).toMatch(/^skills\/pdf\n\n.*\n.*\bSKILL.md\b.*unknown/);
  });

  it('of a name is that of the file', async () => {
    expect((await desk.run('log', 'same.md')).out).toBe((await desk.run('log', 'skills/same.md')).out);
  });

  it('takes as many as one wants, and says how to see the others', async () => {
    const { out } = await desk.run('log', '-n', '1');
    expect(out).toMatch(/… 2 older changes: undertext log --limit 3\n/);
    expect(out.match(/SKILL\.md|new\.md/g)).toHaveLength(1);
  });

  it('takes a span of time', async () => {
    expect((await desk.run('log', '--until', '2000-01-01')).out).toMatch(/^no changes are kept\n/);
    expect((await versions('--since', '2000-01-01')).length).toBeGreaterThan(2);
  });

  it('says for a program whose each version is', async () => {
    const all = await versions('skills');
    expect(all.map(({ path, kind }) => `${kind} ${path}`)).toContain('gone skills/cite/SKILL.md');
  });
});

describe('ls', () => {
  it('lists a folder, and what was deleted in it', async () => {
    const { code, out } = await desk.run('ls', 'skills');
    expect(code).toBe(0);
    expect(out).toMatch(/^skills\n\nname .*\npdf\/ +1 file .*\nnew.md +6 B .*\nsame.md .*/);
    expect(out).toContain('deleted in folders: cite/ (1)');
    expect((await desk.run('ls', 'skills/cite')).out).toMatch(/deleted +size +when +last version\nSKILL.md/);
  });

  it('lists it as it was at a time, and says what became of each file', async () => {
    const { out } = await desk.run('ls', 'skills', '--at', between);
    expect(out).toMatch(/cite\/ .*1 deleted\n/);
    expect(out).toMatch(/same.md .* same\n/);
    expect(out).not.toContain('new.md');
  });

  it('without an argument begins with the watched folder', async () => {
    expect((await desk.run('ls')).out).toMatch(/\nskills\/ +3 files /);
  });

  it('of one file is its row', async () => {
    const { folders } = JSON.parse((await desk.run('ls', 'same.md', '--json')).out);
    expect(folders).toMatchObject([{ path: 'skills/same.md', folders: [], files: [{ state: 'same', size: 7 }] }]);
  });
});

describe('restore of a folder', () => {
  const state = () => ['skills/pdf/SKILL.md', 'skills/cite/SKILL.md', 'skills/new.md'].map(path => desk.read(path));
  const now = ['# pdf\n\n- reads\n', null, '# New\n'];
  const then = ['# pdf\n', '# cite\n', '# New\n'];

  it('shows its plan and writes nothing with --dry-run', async () => {
    const { code, out } = await desk.run('restore', 'skills', '--at', between, '--dry-run');
    expect(code).toBe(0);
    expect(out).toMatch(/cite\/SKILL.md .*deleted since: would be put back/);
    expect(out).toMatch(/new.md .*created since: stays/);
    expect(out).toContain('1 file unchanged');
    expect(out).toContain(`nothing was written\nto do it: undertext restore skills --at ${between}\n`);
    expect(state()).toEqual(now);
  });

  it('puts back what was changed and deleted, leaves what is new, and one undo takes all of it back', async () => {
    const { code, out } = await desk.run('restore', 'skills', '--at', between);
    expect([code, state()]).toEqual([0, then]);
    const undo = /to take it all back: undertext (undo b\w+)\n$/.exec(out)![1]!;
    expect((await desk.run(...undo.split(' '))).code).toBe(0);
    expect(state()).toEqual(now);
    // The last one is the undo of the two files.
    expect((await desk.run('undo')).code).toBe(0);
    expect(state()).toEqual(then);
  });

  it('says so when every file is as it was', async () => {
    await desk.run('restore', 'skills', '--at', between);
    expect((await desk.run('restore', 'skills', '--at', between)).out).toContain(
      'nothing to do: no file was changed or deleted since',
    );
  });
});

it('undo takes the path of a restored file', async () => {
  await desk.run('restore', 'skills/pdf/SKILL.md', '--at', between);
  await desk.run('restore', 'skills/cite/SKILL.md', '--at', between);
  expect((await desk.run('undo', 'pdf/SKILL.md')).code).toBe(0);
  expect([desk.read('skills/pdf/SKILL.md'), desk.read('skills/cite/SKILL.md')]).toEqual([
    '# pdf\n\n- reads\n',
    '# cite\n',
  ]);
});

describe('restore without an argument', () => {
  it('has nothing to list', async () => {
    expect(await desk.run('restore')).toMatchObject({ code: 0, out: expect.stringContaining('no open incidents') });
  });

  it('lists what is open, each with its command, and writes nothing', async () => {
    desk.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
    await desk.run('snapshot');
    desk.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
    const { code, out } = await desk.run('restore');
    expect(code).toBe(1);
    expect(out).toMatch(/undertext restore [a-z2-9]{6}\n/);
    expect(desk.read('CLAUDE.md')).toContain('bold');
  });
});

describe('accept and reopen', () => {
  it('close and open again; what is resolved is refused, and --all has the reason', async () => {
    desk.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
    await desk.run('snapshot');
    desk.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
    const id = /restore ([a-z2-9]{6})\n/.exec((await desk.run('restore')).out)![1]!;
    expect((await desk.run('accept', id, '--reason', 'tidied up')).code).toBe(0);
    expect((await desk.run('audit')).code).toBe(0);
    expect((await desk.run('audit', '--all')).out).toContain('tidied up');
    expect((await desk.run('reopen', id)).out).toMatch(new RegExp(`^${id} is open again\n`));
    await desk.run('restore', id);
    const refused = await desk.run('accept', id, '--reason', 'meant');
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining(`${id} is resolved: its text is back`)]);
    expect((await desk.run('restore', id)).out).toMatch(
      /^nothing to do: ~\/.claude\/CLAUDE.md has that text already\n/,
    );
  });
});

describe('where the commands are printed', () => {
  it('they are run by npx where undertext is not on the path, with the options of the call', async () => {
    desk.env = { ...desk.env, PATH: '' };
    const { err } = await desk.run('log', 'CLAUD.md', '--root', desk.home);
    expect(err).toContain('did you mean CLAUDE.md?');
    const { err: more } = await desk.run('cat', 'nothing-like-it', '--root', desk.home);
    expect(more).toContain(`\`npx undertext ls --root ${desk.home}\``);
  });

  it('are ASCII in a locale without UTF-8, and so is the rest', async () => {
    desk.write('notes/Größe.md', '# Größe\n');
    await desk.run('snapshot');
    desk.env = { ...desk.env, LC_ALL: 'C' };
    const { out } = await desk.run('log', '-n', '1');
    expect(out).toMatch(/^[\x00-\x7f]*$/);
    expect(out).toContain('notes/Gr\\xf6\\xdfe.md');
    expect((await desk.run('cat', 'notes/Gr\\xf6\\xdfe.md')).out).toBe('# Größe\n');
    expect(out).toContain('... 3 older changes');
    desk.env = { ...desk.env, LC_ALL: 'de_DE.UTF-8' };
    expect((await desk.run('log', '-n', '1')).out).toContain('… 3 older changes');
  });

  it('errors are wrapped on a terminal and stay whole lines elsewhere', async () => {
    desk.columns = 50;
    const { err } = await desk.run('cat', 'nothing-like-it');
    expect(err.split('\n').filter(line => line.length > 50)).toEqual([]);
    desk.columns = null;
    expect((await desk.run('cat', 'nothing-like-it')).err.trimEnd().split('\n')).toHaveLength(2);
  });

  it('-V is the version', async () => {
    expect((await desk.run('-V')).out).toBe((await desk.run('--version')).out);
    expect((await desk.run('log', '-V')).out).toMatch(/^undertext \d/);
  });
});
