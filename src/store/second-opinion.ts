/** Another reader of git repositories, so that ours does not vouch for itself. The only door to isomorphic-git. */
import * as fs from 'node:fs';
import git from 'isomorphic-git';

export interface SecondOpinion {
  /** Bytes of a blob. */
  readBlob(name: string): Promise<Uint8Array>;
  /** Bytes of what stands at a path of a commit's tree. */
  readPath(commit: string, path: string): Promise<Uint8Array>;
}

/** What isomorphic-git reads out of the repository in `gitdir`; what it has read of packs stays in memory until let go. */
export function secondOpinion(gitdir: string): SecondOpinion {
  const cache = {};
  return {
    readBlob: async oid => (await git.readBlob({ fs, gitdir, cache, oid })).blob,
    readPath: async (oid, filepath) => (await git.readBlob({ fs, gitdir, cache, oid, filepath })).blob,
  };
}
