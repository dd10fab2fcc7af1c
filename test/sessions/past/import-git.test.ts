import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classifier } from '../../../src/home/classes.ts';
import { defaultConfig } from '../../../src/home/config.ts';
import type { Observation } from '../../../src/model.ts';
import { commitsOf } from '../../../src/sessions/past/commits.ts';
import { openGitHistory } from '../../../src/sessions/past/git-history.ts';
import { importGit } from '../../../src/sessions/past/import-git.ts';
import { importer } from '../../../src/sessions/past/importer.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import { seen } from '../../store/contract.ts';

const path = process.env.PATH ?? '';
const noon = Date.parse('2026-11-20T12:00:00Z');
let repo: string;
let minute: number;

function git(...words: readonly string[]): string {
  const date = new Date(noon + minute * 60_000).toISOString();
  const who = [
    '-c',
    'user.name=n',
    '-c',
    'user.email=e@x',
    '-c',
    'init.defaultBranch=main',
    '-c',
    'commit.gpgsign=false',
  ];
  const env = { PATH: path, HOME: repo, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date, GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', [...who, ...words], {
    cwd: repo,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function put(files: Readonly<Record<string, string | Uint8Array | null>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(repo, name);
    mkdirSync(dirname(file), { recursive: true });
    if (text === null) rmSync(file);
    else writeFileSync(file, text);
  }
}

function commit(files: Readonly<Record<string, string | Uint8Array | null>>): void {
  put(files);
  git('add', '-A');
  git('commit', '-q', '-m', 'x', '--allow-empty');
  minute++;
}

beforeEach(() => {
  repo = mkdtempSync(join(tmpdir(), 'undertext-test-'));
  minute = 0;
  git('init', '-q');
});
afterEach(() => rmSync(repo, { recursive: true, force: true }));

const root = { name: 'claude', path: '/nowhere/.claude', beside: [] };

async function imported(
  folder = repo,
  before: readonly Observation[] = [],
  wants: (path: string) => boolean = () => true,
) {
  const store = memoryStore();
  await store.record(before);
  const history = await openGitHistory({ folder, path });
  const deps = { store, now: () => noon + 1e9, isForgotten: () => false, look: () => null };
  try {
    const { added, skipped } = await importGit({
      root,
      history,
      store,
      importer: importer(deps),
      classify: classifier(defaultConfig),
      wants,
    });
    const lines = [];
    for (const newest of store.paths()) {
      for (const { path, kind, blob, seenAt } of store.versions(newest)) {
        const text = blob === null ? kind : `${Buffer.from(await store.read(blob))}`.trim();
        lines.push(`${path} ${text}@${Math.floor((seenAt - noon) / 60_000)}`);
      }
    }
    return { lines: lines.sort(), added, skipped, store };
  } finally {
    history.close();
  }
}

const hasGit = (() => {
  try {
    execFileSync('git', ['--version'], { env: { PATH: path } });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasGit)('a folder that was kept in git (skipped where there is no git)', () => {
  it('every version of every file, at the time of its commit', async () => {
    commit({ 'CLAUDE.md': 'one\n', 'memory/a.md': 'a\n' });
    commit({ 'CLAUDE.md': 'two\n' });
    commit({ 'memory/a.md': null });
    const { lines, added } = await imported();
    expect(lines).toEqual(['CLAUDE.md one@0', 'CLAUDE.md two@1', 'memory/a.md a@0', 'memory/a.md gone@2']);
    expect(added.every(({ kind, tier, validated }) => kind === 'git' && tier === 'git' && validated)).toBe(true);
  });

  it('a renamed file is gone, and another one is there', async () => {
    commit({ 'a.md': 'one\n' });
    git('mv', 'a.md', 'b.md');
    commit({});
    expect((await imported()).lines).toEqual(['a.md gone@1', 'a.md one@0', 'b.md one@1']);
  });

  it('of a merge what it brought into the line of first parents, when it was merged', async () => {
    commit({ 'a.md': 'one\n' });
    git('checkout', '-q', '-b', 'side');
    commit({ 'b.md': 'side\n' });
    commit({ 'b.md': 'side two\n' });
    git('checkout', '-q', 'main');
    commit({ 'a.md': 'two\n' });
    git('merge', '-q', '-m', 'm', 'side');
    expect((await imported()).lines).toEqual(['a.md one@0', 'a.md two@3', 'b.md side two@4']);
  });

  it('of a commit that says that it reverts, that it does', async () => {
    commit({ 'a.md': 'one\n' });
    commit({ 'a.md': 'one\ntwo\n' });
    git('revert', '--no-edit', 'HEAD');
    minute++;
    commit({ 'a.md': 'one\nthree\n' });
    const history = await openGitHistory({ folder: repo, path });
    const said: boolean[] = [];
    for await (const { commit } of history.changes()) said.push(commit.isRevert);
    history.close();
    expect(said).toEqual([false, false, true, false]);
  });

  it.each<[string, boolean]>([
    ['Revert "add the lamp"', true],
    ['refactor: Restore the old layout', true],
    ['fix(hooks): roll back the check', true],
    ['docs: how to restore a file', false],
    ['a restored chair', false],
  ])('%s', async (message, isRevert) => {
    writeFileSync(join(repo, 'a.md'), 'one\n');
    git('add', '.');
    git('commit', '-q', '-m', `${message}\n\n- a.md: more of it\n\nCo-Authored-By: Nobody <n@example.com>`);
    const history = await openGitHistory({ folder: repo, path });
    for await (const change of history.changes()) {
      expect(change.commit).toEqual({ isRevert, message: `${message}\n\n- a.md: more of it` });
    }
    history.close();
    expect.hasAssertions();
  });

  it('what commits say is known of versions that were kept before, too, and told once', async () => {
    commit({ 'a.md': 'one\n' });
    commit({ 'a.md': 'two\n' });
    const { store } = await imported(repo, [
      seen('a.md', 'two\n', noon + 9 * 60_000, { how: 'scan', mtime: noon + 60_000 }),
    ]);
    const said = commitsOf(store.notes('commit'));
    expect(store.versions({ root: 'claude', path: 'a.md' }).map(({ how, id }) => [how, said.has(id)])).toEqual([
      ['import', true],
      ['scan', true],
    ]);
  });

  it('commits of one second keep their order', async () => {
    for (const text of ['one\n', 'two\n', 'three\n']) {
      commit({ 'a.md': text });
      minute = 0;
    }
    const { store } = await imported();
    const versions = store.versions({ root: 'claude', path: 'a.md' });
    const texts = await Promise.all(versions.map(async ({ blob }) => `${Buffer.from(await store.read(blob!))}`));
    expect(texts).toEqual(['one\n', 'two\n', 'three\n']);
    expect(new Set(versions.map(({ seenAt }) => seenAt)).size).toBe(3);
  });

  it('a folder of a repository, a bare one, the folder `.git`', async () => {
    commit({ 'home/CLAUDE.md': 'one\n', 'outside.md': 'x\n' });
    commit({ 'home/CLAUDE.md': 'two\n' });
    expect((await imported(join(repo, 'home'))).lines).toEqual(['CLAUDE.md one@0', 'CLAUDE.md two@1']);
    git('clone', '-q', '--bare', '.', 'bare.git');
    const all = ['home/CLAUDE.md one@0', 'home/CLAUDE.md two@1', 'outside.md x@0'];
    expect((await imported(join(repo, 'bare.git'))).lines).toEqual(all);
    expect((await imported(join(repo, '.git'))).lines).toEqual(all);
  });

  it('never secrets, logs and caches; only what was asked for', async () => {
    const files = {
      '.credentials.json': '{}',
      'history.jsonl': '{}\n',
      'debug/x.txt': 'x',
      'a.md': 'a\n',
      'b.md': 'b\n',
    };
    commit(files);
    expect((await imported()).lines).toEqual(['a.md a@0', 'b.md b@0']);
    expect((await imported(repo, [], name => name === 'b.md')).lines).toEqual(['b.md b@0']);
  });

  it('what the store has from about that time is not there twice, whatever its line ends are', async () => {
    commit({ 'a.md': 'one\ntwo\n', 'b.md': 'b\n' });
    const soon = noon + 500;
    const before = [seen('a.md', 'one\r\ntwo\r\n', soon), seen('b.md', 'b\n', noon - 1e6), seen('b.md', 'c\n', soon)];
    expect((await imported(repo, before)).added).toEqual([]);
  });

  it('names and bytes of any kind, links, an executable', async () => {
    const bytes = Uint8Array.from([0, 255, 10, 13, 0]);
    put({ 'ein größeres\nZeichen.md': 'x\n', 'a.md': bytes });
    symlinkSync('a.md', join(repo, 'l.md'));
    git('add', '-A');
    git('update-index', '--chmod=+x', 'a.md');
    git('commit', '-q', '-m', 'x');
    const { store, lines } = await imported();
    expect(lines.map(line => line.split('@')[0])).toContain('ein größeres\nZeichen.md x');
    const [file] = store.versions({ root: 'claude', path: 'a.md' });
    expect([Buffer.from(await store.read(file!.blob!)).equals(Buffer.from(bytes)), file!.mode]).toEqual([true, 0o755]);
    expect(store.versions({ root: 'claude', path: 'l.md' })[0]!.kind).toBe('link');
  });

  it('runs nothing that the repository or the person has set up', async () => {
    commit({ 'a.md': 'a\n', '.gitattributes': '*.md diff=evil\n' });
    const trap = join(repo, 'trapped');
    for (const name of ['core.fsmonitor', 'diff.evil.textconv', 'diff.external', 'core.pager', 'core.sshCommand']) {
      git('config', name, `touch ${trap}; true`);
    }
    await imported();
    expect(existsSync(trap)).toBe(false);
  });

  it('a repository without a commit has no past', async () => {
    expect((await imported()).lines).toEqual([]);
  });

  it('is refused clearly where there is nothing to be read', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'undertext-test-'));
    try {
      await expect(openGitHistory({ folder: empty, path })).rejects.toThrow(/lies in no git repository/);
      await expect(openGitHistory({ folder: join(empty, 'x'), path })).rejects.toThrow(/git is not there/);
      await expect(openGitHistory({ folder: empty, path, program: 'no-such-git' })).rejects.toThrow(/git is not there/);
    } finally {
      rmSync(empty, { recursive: true });
    }
  });
});
