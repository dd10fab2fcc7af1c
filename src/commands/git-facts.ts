/** What an audit may know of the repositories that the roots lie in. */
import type { AuditInput } from '../audit/run-audit.ts';
import type { Version } from '../model.ts';
import { commitsOf } from '../sessions/past/commits.ts';
import { type GitReader, gitReader } from '../sessions/past/git-reflog.ts';
import type { Setup } from './setup.ts';

const readers = new WeakMap<Setup, GitReader>();

/** A repository is looked for once in each command; its reflog is read again whenever git wrote it. */
export function gitFactsOf(setup: Setup): Pick<AuditInput, 'git' | 'isAnnounced' | 'messageOf'> {
  const reader = readers.get(setup) ?? gitReader();
  readers.set(setup, reader);
  const folders = new Map(setup.roots.map(root => [root.name, root.path]));
  const ask = <T>(root: string, otherwise: T, question: (folder: string) => T): T => {
    const folder = folders.get(root);
    return folder === undefined ? otherwise : question(folder);
  };
  let commits: ReturnType<typeof commitsOf> | null = null;
  const commitOf = ({ id }: Version) => {
    commits ??= commitsOf(setup.store.notes('commit'));
    return commits.get(id);
  };
  return {
    isAnnounced: version => commitOf(version)?.isRevert === true,
    messageOf: version => commitOf(version)?.message ?? null,
    git: {
      moves: (root, from, to) => ask(root, [], folder => reader.moves(folder, from, to)),
      holds: (root, blob) => ask(root, null, folder => reader.holds(folder, blob)),
      heldSince: (root, blob) => ask(root, null, folder => reader.heldSince(folder, blob)),
    },
  };
}
