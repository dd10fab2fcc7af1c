/** Another reader of git repositories, so that ours does not vouch for itself. The only door to isomorphic-git. */
import * as fs from 'node:fs';

export interface SecondOpinion {
  /** Bytes of a blob. */
  readBlob(name: string): Promise<Uint8Array>;
  /** Bytes of what stands at a path of a commit's tree. */
  readPath(commit: string, path: string): Promise<Uint8Array>;
}

/** What isomorphic-git reads out of the repository in `gitdir`; what it has read of packs stays in memory until let go. */
export function secondOpinion(gitdir: string): SecondOpinion {
  const cache = {};
  // Loaded when it is asked: it is 15 MB of memory, and few ever verify.
  const read = async (oid: string, filepath?: string): Promise<Uint8Array> => {
    const { default: git } = await import('isomorphic-git');
    return (await git.readBlob({ fs, gitdir, cache, oid, ...(filepath === undefined ? {} : { filepath }) })).blob;
  };
  return { readBlob: oid => read(oid), readPath: read };
}
