/** The past that was never watched: through the built program. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Place } from '../helpers/program.ts';
import { ASession, noon } from '../sessions/a-session.ts';
import { fsck, hasGit } from '../store/with-git.ts';

const memory = 'projects/-home-me-proj/memory/MEMORY.md';
const start = '# Memory\n\n## Build\n\nUse the script.\n';
const withGotchas = `${start}\n## Gotchas\n\nA kettle that whistles is not yet tea.\n`;
const withReviews = `${start}\n## Reviews\n\nAsk for two approvals.\n`;
const minute = 60_000;

interface Report {
  readonly dryRun: boolean;
  readonly imported: {
    readonly versions: number;
    readonly files: number;
    readonly validated: number;
    readonly since: string;
  };
  readonly transcripts: { readonly found: number; readonly read: number } | null;
  readonly git: string | null;
  readonly unreadable: readonly unknown[];
}

interface Row {
  readonly kind: string;
  readonly how: string;
  readonly source: { readonly kind: string; readonly tier: string; readonly validated: boolean } | null;
}

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** A adds a section; C, which had read the file before, writes it over from its old copy. Nobody watched. */
function overwritten(): void {
  const file = place.path(memory);
  tell(
    new ASession('A')
      .read(file, start)
      .at(noon + 10 * minute)
      .write(file, start, withGotchas),
    new ASession('C')
      .read(file, start)
      .at(noon + 20 * minute)
      .write(file, withGotchas, withReviews),
  );
  place.write(memory, withReviews);
  // As a home that was copied: the time of the file says nothing.
  utimesSync(file, (noon + 1e9) / 1000, (noon + 1e9) / 1000);
}

function tell(...sessions: readonly ASession[]): void {
  for (const session of sessions) place.write(`projects/-home-me-proj/${session.file}`, session.text);
}

async function imported(...words: string[]): Promise<Report> {
  const { code, out, err } = await place.run('import', '--json', ...words);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
}

async function log(path: string): Promise<readonly Row[]> {
  return JSON.parse((await place.run('log', path, '--json')).out).versions;
}

describe('undertext import', () => {
  it('makes what was lost before the install an incident that can be restored', async () => {
    overwritten();
    const { code, out } = await place.run('import');
    expect(code).toBe(0);
    expect(out).toContain('imported 3 versions of 1 file, all validated, the oldest of 2026-11-20 12:00');
    const audit = await place.run('audit');
    expect(audit.code).toBe(1);
    const id = /undertext restore (\w+)/.exec(audit.out)![1]!;
    expect((await place.run('restore', id)).code).toBe(0);
    const text = place.read(memory);
    expect([text.includes('## Gotchas'), text.includes('## Reviews')]).toEqual([true, true]);
    if (hasGit) expect(fsck(place.store)).toBe('');
    expect((await place.run('verify')).code).toBe(0);
  });

  it('says of each version where it came from, and adds nothing a second time', async () => {
    overwritten();
    expect((await imported()).imported).toMatchObject({ versions: 3, files: 1, validated: 3 });
    const rows = await log(memory);
    expect(rows.map(({ how, source }) => [how, source?.kind, source?.validated])).toEqual([
      ['import', 'transcript', true],
      ['import', 'transcript', true],
      ['import', 'transcript', true],
      ['scan', undefined, undefined],
    ]);
    expect((await place.run('log', memory)).out).toContain('imported');
    const again = await imported();
    expect([again.imported.versions, again.transcripts]).toMatchObject([0, { found: 2, read: 0 }]);
    expect((await log(memory)).length).toBe(4);
  });

  it('tries without keeping anything', async () => {
    place.write('CLAUDE.md', '# Mine\n');
    await place.run('snapshot');
    const versions = async () => JSON.parse((await place.run('status', '--json')).out).store.versions;
    const before = await versions();
    overwritten();
    const { dryRun, imported: found } = await imported('--dry-run');
    expect([dryRun, found.versions]).toEqual([true, 3]);
    expect(await versions()).toBe(before);
    expect(readdirSync(place.store)).not.toContain('evidence');
  });

  it('tries also where nothing was ever kept', async () => {
    overwritten();
    expect((await imported('--dry-run')).imported.versions).toBe(3);
    expect(existsSync(place.store)).toBe(false);
  });

  it('keeps the evidence for its owner alone, and no word of what was said', async () => {
    overwritten();
    await imported();
    const file = join(place.store, 'evidence/known');
    expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(readFileSync(file, 'utf8')).not.toMatch(/Gotchas|kettle|Reviews/);
  });

  it('never brings back what was forgotten', async () => {
    overwritten();
    await imported();
    expect((await place.run('forget', memory, '--past')).code).toBe(0);
    expect(readFileSync(join(place.store, 'evidence/known'), 'utf8')).not.toContain('"blob"');
    // As if nothing had ever been read.
    rmSync(join(place.store, 'evidence'), { recursive: true });
    expect((await imported()).imported.versions).toBe(0);
    expect((await log(memory)).map(({ kind }) => kind)).toEqual(['withheld', 'withheld', 'file', 'file']);
    expect(readFileSync(join(place.store, 'evidence/known'), 'utf8')).not.toContain('"blob"');
  });

  it('reads transcripts that are not kept, where only their evidence is wanted', async () => {
    overwritten();
    const config = join(place.folder, 'config/undertext/config.json');
    mkdirSync(dirname(config), { recursive: true });
    writeFileSync(config, '{ "transcripts": "evidence" }');
    expect((await imported()).imported.versions).toBe(3);
    expect(await log('projects/-home-me-proj/A.jsonl').catch(() => [])).toEqual([]);
    const { code, err } = await place.run('log', 'projects/-home-me-proj/A.jsonl');
    expect([code, err]).not.toEqual([0, '']);
  });

  it.each([
    ['a glob without git', ['--path', 'x'], 2, '--path is for --git'],
    ['a folder in no repository', ['--git', '.'], 2, 'lies in no git repository'],
  ])('refuses %s', async (_, words, code, what) => {
    const ended = await place.run('import', ...words);
    expect(ended.err).toContain(what);
    expect(ended.err).toContain('hint: ');
    expect(ended.code).toBe(code);
  });
});

describe.skipIf(!hasGit)('undertext import --git (skipped where there is no git)', () => {
  const repo = () => join(place.folder, 'dotfiles');
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=n', '-c', 'user.email=e@x', ...words], {
      cwd: repo(),
      env: {
        PATH: process.env.PATH ?? '',
        HOME: place.folder,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_COMMITTER_DATE: new Date(noon + commits++ * minute).toISOString(),
      },
    });
  let commits = 0;
  const commit = (path: string, text: string) => {
    mkdirSync(dirname(join(repo(), path)), { recursive: true });
    writeFileSync(join(repo(), path), text);
    git('add', '-A');
    git('commit', '-q', '-m', 'x');
  };

  it('brings in every version of a folder that was kept in git', async () => {
    mkdirSync(repo());
    git('init', '-q');
    commit('claude/CLAUDE.md', 'one\n');
    commit('claude/CLAUDE.md', 'one\ntwo\n');
    commit('claude/skills/x/SKILL.md', 'a skill\n');
    place.write('CLAUDE.md', 'one\n');
    const some = await imported('--git', 'dotfiles/claude', '--path', 'skills/**');
    expect([some.imported.versions, some.transcripts, some.git]).toEqual([
      1,
      null,
      join(place.folder, 'dotfiles/claude'),
    ]);
    const { imported: all } = await imported('--git', 'dotfiles/claude');
    expect([all.files, all.validated]).toEqual([1, all.versions]);
    expect((await log('CLAUDE.md')).filter(({ source }) => source?.kind === 'git').length).toBe(2);
    expect((await imported('--git', 'dotfiles/claude')).imported.versions).toBe(0);
    expect((await place.run('cat', 'CLAUDE.md@latest')).out).toBe('one\n');
    expect(fsck(place.store)).toBe('');
  });
});
