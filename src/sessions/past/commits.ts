/** What commits said of the versions that they made: notes of kind `commit`. */
import type { Note, Time } from '../../model.ts';

export interface Commit {
  /** Without its trailers; never ''. */
  readonly message: string;
  /** True when it says that it takes back an earlier one. */
  readonly isRevert: boolean;
}

export interface Committed {
  /** Of the version. */
  readonly id: string;
  readonly commit: Commit;
}

/** As a note has it: what one commit said stands there once, for all of its files. */
interface Told {
  readonly commits: readonly Commit[];
  /** The version, and the index of its commit. */
  readonly versions: readonly (readonly [id: string, commit: number])[];
}

/** One note tells of so many versions at most. */
const perNote = 500;

export function commitNotes(committed: readonly Committed[], at: Time): readonly Note[] {
  const notes: Note[] = [];
  for (let i = 0; i < committed.length; i += perNote) {
    const part = committed.slice(i, i + perNote);
    const indexes = new Map<string, number>();
    const commits: Commit[] = [];
    const versions = part.map(({ id, commit }) => {
      const { message, isRevert } = commit;
      const index = indexes.get(message) ?? commits.push({ message, isRevert }) - 1;
      indexes.set(message, index);
      return [id, index] as const;
    });
    notes.push({ kind: 'commit', at, data: { commits, versions } satisfies Told });
  }
  return notes;
}

/** By the id of the version. */
export function commitsOf(notes: readonly Note[]): ReadonlyMap<string, Commit> {
  const known = new Map<string, Commit>();
  for (const { kind, data } of notes) {
    const { commits, versions } = ((kind === 'commit' ? data : null) ?? {}) as Partial<Told>;
    if (!Array.isArray(commits) || !Array.isArray(versions)) continue;
    for (const [id, index] of versions as Told['versions']) {
      const commit = (commits as readonly Partial<Commit>[])[index];
      if (typeof commit?.message !== 'string') continue;
      known.set(id, { message: commit.message, isRevert: commit.isRevert === true });
    }
  }
  return known;
}
