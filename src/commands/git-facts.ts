/** What an audit may know of the repositories that the roots lie in. */
import type { AuditInput } from '../audit/run-audit.ts';
import type { Version } from '../model.ts';
import { type GitReader, gitReader } from '../sessions/past/git-reflog.ts';
import { importedOf } from '../sessions/past/imported.ts';
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
  let sources: ReturnType<typeof importedOf> | null = null;
  const sourceOf = ({ id, how }: Version) => {
    if (how !== 'import') return undefined;
    sources ??= importedOf(setup.store.notes('import'));
    return sources.get(id);
  };
  return {
    isAnnounced: version => sourceOf(version)?.isRevert === true,
    messageOf: version => sourceOf(version)?.message ?? null,
    git: {
      moves: (root, from, to) => ask(root, [], folder => reader.moves(folder, from, to)),
      holds: (root, blob) => ask(root, null, folder => reader.holds(folder, blob)),
      heldSince: (root, blob) => ask(root, null, folder => reader.heldSince(folder, blob)),
    },
  };
}
