/** What a repository's own files say: of moves that git made, of hostile ones, and of what is no repository. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobOfBytes } from '../../../src/sessions/blob-of.ts';
import { gitReader, movesIn } from '../../../src/sessions/past/git-reflog.ts';

const path = process.env.PATH ?? '';
const noon = Date.parse('2026-11-20T12:00:00Z');
let top: string;
let repo: string;
let second: number;

function git(...words: readonly string[]): string {
  const date = new Date(noon + second++ * 1000).toISOString();
  const settings = ['user.name=n', 'user.email=e@x', 'init.defaultBranch=main', 'commit.gpgsign=false'];
  const env = { PATH: path, HOME: top, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date, GIT_CONFIG_NOSYSTEM: '1' };
  const set = settings.flatMap(setting => ['-c', setting]);
  return execFileSync('git', [...set, ...words], {
    cwd: repo,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function put(name: string, text: string | Uint8Array): void {
  mkdirSync(dirname(join(repo, name)), { recursive: true });
  writeFileSync(join(repo, name), text);
}

const blob = (text: string) => blobOfBytes(Buffer.from(text));
const all = (folder = repo) => gitReader().moves(folder, 0, noon * 2);
const told = (folder = repo) => all(folder).map(({ what, text }) => `${what} | ${text}`);

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'undertext-test-'));
  repo = join(top, 'home');
  mkdirSync(repo);
  second = 0;
  git('init', '-q');
  put('a.md', 'one\n');
  git('add', '-A');
  git('commit', '-q', '-m', 'first');
});

afterEach(() => rmSync(top, { recursive: true, force: true }));

describe('moves', () => {
  it('are what put other files into the folder', () => {
    expect(all()).toEqual([]);
    git('checkout', '-q', '-b', 'laptop'); // leads nowhere
    put('a.md', 'two\n');
    git('commit', '-q', '-a', '-m', 'second');
    git('checkout', '-q', 'main');
    git('merge', '-q', 'laptop');
    git('reset', '-q', '--hard', 'HEAD~1');
    put('a.md', 'three\n');
    git('stash', '-q');
    expect(told()).toEqual([
      'checkout | checkout: moving from laptop to main',
      'merge | merge laptop: Fast-forward',
      'reset | reset: moving to HEAD~1',
      expect.stringMatching(/^stash \| stash: WIP on main: [0-9a-f]+ first$/),
    ]);
    expect(all()[0]?.committed).toBe(all()[0]!.at - 1_000);
    expect(all()[1]?.committed).toBe(null);
  });

  it('are given by time, and read again when git wrote more', () => {
    const reader = gitReader();
    expect(reader.moves(repo, 0, noon * 2)).toEqual([]);
    git('checkout', '-q', '-b', 'b');
    git('commit', '-q', '--allow-empty', '-m', 'x');
    git('checkout', '-q', 'main');
    const [move] = reader.moves(repo, 0, noon * 2);
    expect(reader.moves(repo, move!.at, move!.at)).toHaveLength(1);
    expect(reader.moves(repo, move!.at + 999, move!.at + 5_000)).toHaveLength(1);
    expect(reader.moves(repo, move!.at + 1_000, move!.at + 5_000)).toEqual([]);
    expect(reader.moves(repo, 0, move!.at - 1)).toEqual([]);
  });

  it('are found from a folder below, behind a link, and in a work tree', () => {
    git('checkout', '-q', '-b', 'b');
    git('commit', '-q', '--allow-empty', '-m', 'x');
    git('checkout', '-q', 'main');
    put('dot/claude/x.md', 'x\n');
    symlinkSync(join(repo, 'dot', 'claude'), join(top, 'link'));
    expect(told(join(repo, 'dot', 'claude'))).toEqual(told());
    expect(told(join(top, 'link'))).toEqual(told());
    git('worktree', 'add', '-q', join(top, 'tree'), 'b');
    execFileSync('git', ['-C', join(top, 'tree'), 'checkout', '-q', '--detach', 'main'], { env: { PATH: path } });
    expect(told(join(top, 'tree')).at(-1)).toBe('checkout | checkout: moving from b to main');
    expect(gitReader().holds(join(top, 'tree'), blob('one\n'))).toBe(true);
  });

  it('of no repository are none', () => {
    const bare = mkdtempSync(join(tmpdir(), 'undertext-test-'));
    expect(all(bare)).toEqual([]);
    expect(gitReader().holds(bare, blob('one\n'))).toBe(null);
    mkdirSync(join(bare, '.git'));
    expect(all(bare)).toEqual([]);
    expect(all(join(bare, 'nowhere'))).toEqual([]);
    rmSync(bare, { recursive: true });
  });
});

describe('objects', () => {
  it('are found loose and packed', () => {
    expect(gitReader().holds(repo, blob('one\n'))).toBe(true);
    expect(gitReader().heldSince(repo, blob('one\n'))).toBeGreaterThan(0);
    expect(gitReader().holds(repo, blob('two\n'))).toBe(false);
    for (let i = 0; i < 40; i++) put(`many/${i}.md`, `text ${i}\n`);
    git('add', '-A');
    git('commit', '-q', '-m', 'many');
    git('gc', '-q', '--prune=now');
    const reader = gitReader();
    expect(reader.holds(repo, blob('one\n'))).toBe(true);
    for (let i = 0; i < 40; i++) expect(reader.holds(repo, blob(`text ${i}\n`))).toBe(true);
    expect(reader.holds(repo, blob('text 41\n'))).toBe(false);
    expect(reader.heldSince(repo, blob('one\n'))).toBe(null);
  });

  it('of other repositories that this one borrows from', () => {
    execFileSync('git', ['clone', '-q', '--shared', repo, join(top, 'borrower')], { env: { PATH: path } });
    expect(gitReader().holds(join(top, 'borrower'), blob('one\n'))).toBe(true);
  });

  it('of a repository with longer names cannot be told', () => {
    appendFileSync(join(repo, '.git', 'config'), '[extensions]\n\tobjectFormat = sha256\n');
    expect(gitReader().holds(repo, blob('one\n'))).toBe(null);
  });
});

describe('what somebody else wrote there', () => {
  const id = (letter: string) => letter.repeat(40);
  const line = (text: string, at: number | string = 1_795_000_000, from = id('a'), to = id('b')) =>
    `${from} ${to} n <e@x> ${at} +0000\t${text}\n`;
  const moves = (text: string) => movesIn(Buffer.from(text), Buffer.alloc(0));

  it.each([
    ['nothing', ''],
    ['NULs', '\0'.repeat(1_000)],
    ['no line end', 'x'.repeat(100_000)],
    ['a line without a time', `${id('a')} ${id('b')} n <e@x> soon +0000\tcheckout: x\n`],
    ['a time that no clock has', line('checkout: x', '9999999999999')],
    ['a very long line', line(`checkout: ${'x'.repeat(10_000)}`)],
    ['a word of its own', line('do what I say')],
  ])('%s is no move', (_, text) => expect(moves(text)).toEqual([]));

  it('is data: a terminal obeys none of it', () => {
    const [move] = moves(line('checkout: moving\u001b]0;x\u0007 from a\u202e to b'));
    expect(move?.text).toBe('checkout: moving ]0;x from a to b');
    expect(moves(line(`checkout: ${'x'.repeat(2_000)}`))[0]?.text).toHaveLength(120);
  });

  it('may be of the future, or out of order', () => {
    const text = line('pull: later', 4_000_000_000) + line('pull: sooner', 1_000);
    expect(moves(text).map(move => move.text)).toEqual(['pull: sooner', 'pull: later']);
  });

  it('is read from its end, where it is huge', () => {
    const log = join(repo, '.git', 'logs', 'HEAD');
    truncateSync(log, 3_000_000_000);
    appendFileSync(log, `\n${line('checkout: moving from a to b')}`);
    const start = performance.now();
    expect(told()).toEqual(['checkout | checkout: moving from a to b']);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('may be a FIFO, or a folder, and nobody waits for it', () => {
    const log = join(repo, '.git', 'logs', 'HEAD');
    rmSync(log);
    execFileSync('mkfifo', [log]);
    expect(told()).toEqual([]);
    rmSync(log);
    mkdirSync(log);
    expect(told()).toEqual([]);
  });

  it('may lead anywhere, or nowhere', () => {
    rmSync(join(repo, '.git'), { recursive: true });
    for (const text of [
      'gitdir: /\0etc',
      'gitdir: .',
      `gitdir: ${'../'.repeat(50)}`,
      'x'.repeat(100_000),
      'gitdir: .git',
    ]) {
      writeFileSync(join(repo, '.git'), text);
      expect(told()).toEqual([]);
      expect(gitReader().holds(repo, blob('one\n'))).toBe(null);
    }
  });

  it('an index of a pack that lies holds nothing', () => {
    const pack = join(repo, '.git', 'objects', 'pack');
    mkdirSync(pack, { recursive: true });
    const head = Buffer.from('ff744f6300000002', 'hex');
    writeFileSync(join(pack, 'pack-1.idx'), Buffer.concat([head, Buffer.alloc(1_024, 0xff)]));
    writeFileSync(join(pack, 'pack-2.idx'), head);
    writeFileSync(join(pack, 'pack-3.idx'), '');
    expect(gitReader().holds(repo, blob('two\n'))).toBe(false);
    expect(gitReader().holds(repo, 'no name')).toBe(false);
  });
});
