/** What moved the files of a repository, as its reflog says: checkouts, pulls, stashes. `sources.md` says what it proves. */
import { join } from 'node:path';
import type { Time } from '../../model.ts';
import { type GitObjects, gitObjects, type Repository, readEnd, repositoryOf, stampOf } from './git-files.ts';

export interface GitMove {
  /** Whole seconds. */
  readonly at: Time;
  readonly what: 'checkout' | 'stash' | 'rebase' | 'reset' | 'pull' | 'merge' | 'pick' | 'revert' | 'clone';
  /** As the reflog says it, without what a terminal would obey. */
  readonly text: string;
  /** When something was committed last before it; null when another move came between, or nothing was. */
  readonly committed: Time | null;
}

/** Asked by the absolute path of a folder that may lie in a repository. */
export interface GitReader {
  moves(folder: string, from: Time, to: Time): readonly GitMove[];
  /** Null when nobody can say. */
  holds(folder: string, blob: string): boolean | null;
  heldSince(folder: string, blob: string): Time | null;
}

/** Bytes of a reflog that are read, from its end: some five thousand moves. */
const MOST = 1_000_000;
/** Longer lines are none of git's; of the text so much is kept. */
const LINE = 4_000;
const TEXT = 120;
/** No clock says more (seconds). */
const LATEST = 8.64e12;

interface Entry {
  readonly at: Time;
  readonly text: string;
  /** False when the move leads to the commit that it came from. */
  readonly leadsOn: boolean;
}

interface Opened {
  readonly repository: Repository;
  readonly objects: GitObjects | null;
  stamp: string;
  moves: readonly GitMove[];
}

/** Reads each repository when it is asked for first, and its reflog again when that was written. */
export function gitReader(): GitReader {
  const opened = new Map<string, Opened | null>();
  const open = (folder: string): Opened | null => {
    const known = opened.get(folder);
    if (known !== undefined) return known;
    const repository = repositoryOf(folder);
    const made = repository && { repository, objects: gitObjects(repository), stamp: '', moves: [] };
    opened.set(folder, made);
    return made;
  };
  return {
    moves(folder, from, to) {
      const there = open(folder);
      if (!there) return [];
      const { own, common } = there.repository;
      const [head, stash] = [join(own, 'logs', 'HEAD'), join(common, 'logs', 'refs', 'stash')];
      const stamp = `${stampOf(head)}\0${stampOf(stash)}`;
      if (stamp !== there.stamp) {
        const [moved, stashed] = [readEnd(head, MOST), readEnd(stash, MOST)];
        there.moves = movesIn(moved ?? Buffer.alloc(0), stashed ?? Buffer.alloc(0));
        there.stamp = stamp;
      }
      // The second in which it was is a whole one.
      return there.moves.filter(({ at }) => at + 1_000 > from && at <= to);
    },
    holds(folder, blob) {
      const objects = open(folder)?.objects;
      return objects ? objects.find(blob) !== null : null;
    },
    heldSince: (folder, blob) => open(folder)?.objects?.find(blob)?.since ?? null,
  };
}

/** The moves that a reflog tells of, oldest first. A stash is told by its own log; in that of HEAD it is a reset. */
export function movesIn(head: Uint8Array, stash: Uint8Array): readonly GitMove[] {
  const stashes = new Map(entriesIn(stash).map(({ at, text }) => [at, text]));
  const moves: GitMove[] = [];
  let committed: Time | null = null;
  for (const { at, text, leadsOn } of entriesIn(head)) {
    const what = whatIs(text);
    if (what === 'commit') committed = at;
    if (what === null || what === 'commit') continue;
    const stashed = what === 'reset' ? (stashes.get(at) ?? stashes.get(at - 1_000)) : undefined;
    if (stashed !== undefined) moves.push({ at, what: 'stash', text: `stash: ${stashed}`.slice(0, TEXT), committed });
    else if (leadsOn || what === 'reset') moves.push({ at, what, text, committed });
    // The files are as it put them: what is committed later was written later.
    if (leadsOn) committed = null;
  }
  return moves.sort((a, b) => a.at - b.at);
}

const line = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) [^\n]*> (\d{1,13}) [+-]\d{4}\t(.*)$/;

function entriesIn(bytes: Uint8Array): readonly Entry[] {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  return lines.flatMap((text): readonly Entry[] => {
    if (text.length > LINE) return [];
    const [, from, to, seconds, said = ''] = line.exec(text) ?? [];
    if (seconds === undefined || Number(seconds) > LATEST) return [];
    const plain = said.replace(/[\p{C}\s]+/gu, ' ').trim();
    return [{ at: Number(seconds) * 1_000, text: plain.slice(0, TEXT), leadsOn: from !== to }];
  });
}

const kinds: readonly (readonly [RegExp, GitMove['what'] | 'commit'])[] = [
  [/^commit\b/, 'commit'],
  [/^checkout:/, 'checkout'],
  [/^pull\b/, 'pull'],
  [/^rebase\b/, 'rebase'],
  [/^reset:/, 'reset'],
  [/^merge\b/, 'merge'],
  [/^revert:/, 'revert'],
  [/^(cherry-pick|am)\b/, 'pick'],
  [/^clone:/, 'clone'],
];

function whatIs(text: string): GitMove['what'] | 'commit' | null {
  return kinds.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
