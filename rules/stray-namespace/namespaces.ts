/** Which folders are the own memory of a branch, a worktree or a session, beside a main one: paths → namespaces. */
import type { PathHistory } from '../../src/rule.ts';

export interface Namespace {
  /** What a person would call it: `feat-x`. */
  readonly name: string;
  /** The folder of its notes. */
  readonly folder: string;
  /** The memory folder its notes belong to. */
  readonly main: string;
  /** True when its name alone says whose it is, as the client makes them. */
  readonly isCertain: boolean;
}

/** What a branch is called, in a path: `feat-x`, `fix/y`, `PROJ-12`, an id. */
const branch =
  /^(?:(?:feat|feature|fix|bugfix|hotfix|chore|refactor|spike|wip|wt|worktree|branch|pr|issue)s?[-_].+|[A-Z]{2,10}-\d+.*|[0-9a-f]{8}-[0-9a-f]{4}-.*|[0-9a-f]{12,40})$/;
const branchFolders = /^(?:feat|feature|fix|bugfix|hotfix|chore|refactor|branches|worktrees?)$/;
const trunks = /^(?:main|master|trunk|develop)$/;

/** Folders below a memory folder that are named like a branch, or are a whole memory with an index of its own. */
export function namespacesBelow(
  main: string,
  files: readonly PathHistory[],
  ignored: readonly string[],
): readonly Namespace[] {
  const found = new Map<string, Namespace>();
  const start = main === '' ? 0 : main.length + 1;
  for (const { path } of files) {
    const parts = path.slice(start).split('/');
    if (parts.length < 2 || parts.length > 3 || !path.endsWith('.md')) continue;
    const names = parts.slice(0, -1);
    if (names.some(name => /^[._]/.test(name) || ignored.includes(name))) continue;
    const isBranch =
      names.length === 1 ? branch.test(names[0]!) || trunks.test(names[0]!) : branchFolders.test(names[0]!);
    const isWhole = names.length === 1 && parts.at(-1) === 'MEMORY.md';
    if (!isBranch && !isWhole) continue;
    const folder = path.slice(0, path.lastIndexOf('/'));
    found.set(folder, {
      name: names.join('/'),
      folder,
      main,
      isCertain: isWhole || (found.get(folder)?.isCertain ?? false),
    });
  }
  return [...found.values()];
}

/** Projects that are a worktree or a branch of another one, both with a memory: `projects/<p>--claude-worktrees-<x>`. */
export function namespacesBeside(projects: string, files: readonly PathHistory[]): readonly Namespace[] {
  const names = new Set<string>();
  for (const { path } of files) {
    const name = /^([^/]+)\/memory\/[^/]+\.md$/.exec(path.slice(projects.length + 1))?.[1];
    if (name !== undefined) names.add(name);
  }
  return [...names].flatMap(name => {
    for (let at = name.lastIndexOf('-'); at > 0; at = name.lastIndexOf('-', at - 1)) {
      const repository = name.slice(0, at);
      if (!names.has(repository)) continue;
      const rest = name.slice(at + 1);
      const worktree = /^-?(?:claude-|git-|\.?)?worktrees?-(.+)$/.exec(rest)?.[1];
      if (worktree === undefined && !branch.test(rest)) continue;
      const folder = (of: string) => `${projects}/${of}/memory`;
      return [
        { name: worktree ?? rest, folder: folder(name), main: folder(repository), isCertain: worktree !== undefined },
      ];
    }
    return [];
  });
}
