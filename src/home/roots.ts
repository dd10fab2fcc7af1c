/** Which folders are watched, and where in them a path lies that a person typed. */
import { existsSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { errno, UndertextError } from '../errors.ts';
import type { Root } from '../model.ts';
import type { Config } from './config.ts';

export interface RootsInput {
  /** `--root`, as typed. */
  readonly given: readonly string[];
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly cwd: string;
}

interface Wanted {
  readonly path: string;
  readonly name: string | undefined;
  readonly beside: readonly string[];
}

/**
 * `--root`, else the configuration's roots, else `$CLAUDE_CONFIG_DIR`, else `~/.claude` with `~/.claude.json` beside it.
 * A root may be missing (a watcher waits for it). The same folder twice is one root.
 * @throws UndertextError `usage` for a root that is a file, or that lies inside another one
 */
export function resolveRoots(input: RootsInput): readonly Root[] {
  const real = new Map<string, Wanted>();
  for (const wanted of wantedRoots(input)) {
    refuseFile(wanted.path);
    const place = realPath(wanted.path);
    if (!real.has(place)) real.set(place, wanted);
  }
  refuseNested([...real].map(([place, { path }]) => ({ place, path })));
  const taken = new Set<string>();
  return [...real.values()].map(wanted => ({
    name: uniqueName(wanted, taken),
    path: wanted.path,
    beside: wanted.beside,
  }));
}

/**
 * The root a typed path belongs to, and the path inside it; null when it lies in none.
 * Absolute, relative to the current folder, or relative to a root; what exists goes before what does not.
 */
export function locate(argument: string, roots: readonly Root[], cwd: string): { root: Root; path: string } | null {
  const candidates = [inRoots(resolve(cwd, argument), roots)];
  if (!isAbsolute(argument)) {
    for (const root of roots) candidates.push(inRoots(resolve(root.path, argument), [root]));
  }
  const found = candidates.filter(candidate => candidate !== null);
  return found.find(({ root, path }) => existsSync(join(root.path, path))) ?? found[0] ?? null;
}

function wantedRoots({ given, config, env, home, cwd }: RootsInput): readonly Wanted[] {
  const absolute = (path: string) => resolve(cwd, path.replace(/^~(?=$|[/\\])/, home));
  const configured = given.length > 0 ? given.map(path => ({ path, name: undefined })) : config.roots;
  if (configured.length > 0) {
    return configured.map(({ path, name }) => ({
      path: absolute(path),
      name: name ?? (isConfigDir(absolute(path), env, cwd) ? 'claude' : undefined),
      beside: besideOf(absolute(path)),
    }));
  }
  if (env.CLAUDE_CONFIG_DIR) return [{ path: absolute(env.CLAUDE_CONFIG_DIR), name: 'claude', beside: [] }];
  return [{ path: join(home, '.claude'), name: 'claude', beside: ['../.claude.json'] }];
}

function isConfigDir(path: string, env: RootsInput['env'], cwd: string): boolean {
  return !!env.CLAUDE_CONFIG_DIR && resolve(cwd, env.CLAUDE_CONFIG_DIR) === path;
}

function besideOf(path: string): readonly string[] {
  const hasConfig = basename(path) === '.claude' && existsSync(join(dirname(path), '.claude.json'));
  return hasConfig && !existsSync(join(path, '.claude.json')) ? ['../.claude.json'] : [];
}

function refuseFile(path: string): void {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (error) {
    if (errno(error) === 'ENOTDIR')
      throw new UndertextError(
        'usage',
        `${path} cannot be a folder: a part of its path is a file`,
        'name a folder with --root',
        error,
      );
    return; // Missing or not readable: the watcher waits for it and says so.
  }
  if (!stats.isDirectory())
    throw new UndertextError(
      'usage',
      `${path} is not a folder`,
      `name the folder that holds it: --root ${dirname(path)}`,
    );
}

function refuseNested(folders: readonly { readonly place: string; readonly path: string }[]): void {
  for (const outer of folders) {
    const inner = folders.find(folder => folder !== outer && isInside(folder.place, outer.place));
    if (inner !== undefined) {
      const message = `${inner.path} lies inside ${outer.path}, which is a root already`;
      throw new UndertextError('usage', message, 'leave one of the two out; a root is watched at any depth');
    }
  }
}

function uniqueName({ name, path }: Wanted, taken: Set<string>): string {
  // `claude` is kept for homes of Claude Code, however they are called on disk.
  const own = basename(path).replace(/^\.+/, '') || 'root';
  const wish = name ?? (basename(path) !== '.claude' && own === 'claude' ? 'claude-folder' : own);
  let candidate = wish;
  for (let count = 2; taken.has(candidate); count++) candidate = `${wish}-${count}`;
  taken.add(candidate);
  return candidate;
}

function inRoots(path: string, roots: readonly Root[]): { root: Root; path: string } | null {
  for (const root of roots) {
    const inside = within(path, root.path) ?? within(realParent(path), realPath(root.path));
    if (inside !== null) return { root, path: inside };
    const beside = root.beside.find(name => join(root.path, name) === path);
    if (beside !== undefined) return { root, path: beside };
  }
  return null;
}

function within(path: string, folder: string): string | null {
  return isInside(path, folder) ? relative(folder, path).split(sep).join('/') : null;
}

function isInside(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The path with the links of its folders resolved, but not its own: a link in a root is a file of that root. */
function realParent(path: string): string {
  return join(realPath(dirname(path)), basename(path));
}

/** As much of the path as exists, with links resolved. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPath(folder), basename(path));
  }
}
