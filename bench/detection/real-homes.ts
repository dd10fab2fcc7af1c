/** A git history of a public home → its newest files with the times of their commits → what the built program says. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import picomatch from 'picomatch';
import { type RealRun, rowsOf } from './real-figures.ts';
import type { RealHome } from './real-labels.ts';

const program = join(import.meta.dirname, '../../bin/undertext.js');
const maxBuffer = 2 ** 30;

/** The git folder of that home, as `owner+name/repo` or `owner/name`; null where it is absent. */
export function gitFolder(histories: string, { home }: RealHome): string | null {
  const folders = [join(histories, home.replace('/', '+'), 'repo'), join(histories, home)];
  return folders.find(folder => existsSync(folder)) ?? null;
}

export function playHome(folder: string, home: RealHome): RealRun {
  const temporary = mkdtempSync(join(tmpdir(), 'undertext-real-'));
  try {
    const repository = join(temporary, 'repository');
    execFileSync('git', ['clone', '--quiet', '--no-checkout', '--shared', folder, repository], { stdio: 'ignore' });
    git(repository, ['update-ref', '--no-deref', 'HEAD', home.until]);
    const source = join(repository, home.sub ?? '');
    mkdirSync(source, { recursive: true });
    const root = join(temporary, home.root);
    checkOut(repository, home, root);
    return audited(home, source, ['--root', root, '--store', join(temporary, 'store')]);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

function audited({ home, glob }: RealHome, source: string, where: readonly string[]): RealRun {
  const run = (...words: string[]) => {
    const { stdout, stderr } = spawnSync(process.execPath, [program, ...words, ...where], {
      encoding: 'utf8',
      maxBuffer,
      env: { ...process.env, NO_COLOR: '1', COLUMNS: '160' },
    });
    if (stdout === '') throw new Error(`${words[0]} of ${home} said nothing: ${stderr}`);
    return stdout;
  };
  const { imported } = JSON.parse(run('import', '--json', '--git', source, ...(glob ? ['--path', glob] : [])));
  const { incidents } = JSON.parse(run('audit', '--json', '--all'));
  return { home, versions: imported.versions, rows: rowsOf(run('audit')), incidents };
}

/** The files of the newest commit. A file without a time of its own would be as new as the bench. */
function checkOut(repository: string, { sub, glob }: RealHome, root: string): void {
  mkdirSync(root, { recursive: true });
  const wants = glob === undefined ? () => true : picomatch(glob, { dot: true });
  const written = lastWrites(repository, sub);
  for (const line of git(repository, ['ls-tree', '-r', '-z', sub ? `HEAD:${sub}` : 'HEAD'])
    .toString()
    .split('\0')) {
    const [, mode = '', type, blob = '', path = ''] = /^(\d+) (\w+) (\w+)\t(.*)$/s.exec(line) ?? [];
    if (type !== 'blob' || !wants(path)) continue;
    const bytes = contentOf(repository, blob);
    if (bytes === null) continue;
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (mode === '120000') {
      symlinkSync(bytes.toString(), file);
      continue;
    }
    writeFileSync(file, bytes);
    if (mode === '100755') chmodSync(file, 0o755);
    const at = written.get(path);
    if (at !== undefined) utimesSync(file, at, at);
  }
}

/** Path → seconds of the last commit that touched it. */
function lastWrites(repository: string, sub: string | undefined): ReadonlyMap<string, number> {
  const prefix = sub === undefined ? '' : `${sub}/`;
  const words = ['log', '--first-parent', '-m', '--no-renames', '--name-only', '-z', '--format=%x01%ct'];
  const written = new Map<string, number>();
  let at = 0;
  for (const token of git(repository, words).toString().split('\0')) {
    const word = token.replace(/^\n+/, '');
    const path = word.slice(prefix.length);
    if (word.startsWith('\x01')) at = Number(word.slice(1));
    else if (word.startsWith(prefix) && path !== '' && !written.has(path)) written.set(path, at);
  }
  return written;
}

/** Null for what the copy of the repository has left out. */
function contentOf(repository: string, blob: string): Buffer | null {
  const { status, stdout } = spawnSync('git', ['-C', repository, 'cat-file', 'blob', blob], { maxBuffer });
  return status === 0 ? stdout : null;
}

function git(repository: string, words: readonly string[]): Buffer {
  return execFileSync('git', ['-C', repository, '-c', 'core.quotepath=off', ...words], { maxBuffer });
}
