/** What git did to a file: a checkout, a pull, a stash, as the reflog of its repository says. */
import { createHash } from 'node:crypto';
import type { Time, Version } from '../model.ts';
import type { Reader } from './reader.ts';
import type { Group, Groups } from './strokes-grouped.ts';

export interface GitMove {
  /** Whole seconds; git writes it down when it is done. */
  readonly at: Time;
  readonly what: 'checkout' | 'stash' | 'rebase' | 'reset' | 'pull' | 'merge' | 'pick' | 'revert' | 'clone';
  /** As the reflog says it: `checkout: moving from main to laptop`. */
  readonly text: string;
  /** When something was committed last before it; null when another move came between, or nothing was. */
  readonly committed: Time | null;
}

/** What is known of the repository that a root lies in: read out of its files, never by running git. */
export interface GitFacts {
  /** What moved the files of the root from one moment to another (both included), oldest first. */
  moves(root: string, from: Time, to: Time): readonly GitMove[];
  /** Whether the repository has that content; null when nobody can say. */
  holds(root: string, blob: string): boolean | null;
  /** When the repository came to have that content; null when nobody can say any more. */
  heldSince(root: string, blob: string): Time | null;
}

export interface GitStroke {
  readonly move: GitMove;
  readonly says: 'kept' | 'meant' | 'unclear';
  readonly why: string;
}

/** A reflog has whole seconds, and is written when all files are. */
const EARLIER_MS = 2_000;
const LATER_MS = 3_000;
/** These put aside what was committed or stashed, and it comes back by the same way. Others bring what somebody changed. */
const aside: readonly GitMove['what'][] = ['checkout', 'stash', 'rebase', 'clone'];

export interface GitStrokes {
  of(version: Version, before: Version | null, group: Group | null): Promise<GitStroke | null>;
  /** What the answer rests on besides the versions. */
  signature(version: Version, before: Version | null, group: Group | null): string;
}

export function gitStrokes(facts: GitFacts | undefined, groups: Groups, reader: Reader): GitStrokes {
  if (!facts) return { of: async () => null, signature: () => '' };
  const holds = async (version: Version): Promise<boolean | null> => {
    if (version.blob === null) return null;
    const plain = facts.holds(version.root, version.blob);
    if (plain !== false || version.kind !== 'file') return plain;
    // Git may keep a text with other line ends than it puts into the folder.
    const bytes = Buffer.from(await reader.bytes(version));
    if (!bytes.includes('\r\n')) return false;
    const lf = Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    return facts.holds(version.root, createHash('sha1').update(`blob ${lf.length}\0`).update(lf).digest('hex'));
  };

  const windowOf = (version: Version, before: Version | null, group: Group | null): readonly [Time, Time] => {
    const { how, kind, at, seenAt, mtime } = version;
    // A scan does not know when a file went: at any time since the last look.
    if (how === 'scan' && kind === 'gone') {
      return [Math.max(groups.lookedBefore(version), before?.seenAt ?? 0), seenAt];
    }
    const written = how === 'event' && mtime !== null && mtime <= at ? Math.max(mtime, at - LATER_MS) : at;
    return [written - EARLIER_MS, (group?.to ?? at) + LATER_MS];
  };

  const moveFor = (version: Version, before: Version | null, group: Group | null): GitMove | null => {
    const { how, kind, root } = version;
    // What git committed long ago was imported; what moved the files of that machine is not known.
    if (how === 'import') return null;
    const moves = facts.moves(root, ...windowOf(version, before, group));
    if (moves.length === 0) return null;
    const isFar = how === 'scan' && kind === 'gone';
    return isFar ? moves.at(-1)! : moves.reduce((a, b) => (distance(b, version) <= distance(a, version) ? b : a));
  };

  return {
    signature(version, before, group) {
      const move = moveFor(version, before, group);
      if (!move) return '';
      const held = [version, before].map(one => (one?.blob ? facts.holds(one.root, one.blob) : null));
      return [move.at, move.text, move.committed, ...held].join('\0');
    },
    async of(version, before, group) {
      const move = moveFor(version, before, group);
      if (!move) return null;
      const isGone = version.kind === 'gone';
      const has = isGone ? null : await holds(version);
      // What no object of git says was written by somebody else.
      if (has === false || (isCommitted(version, move) && !isPutByGit(version, facts))) return null;
      const had = before === null ? true : await holds(before);
      const doing = `git put it there (${move.text})`;
      if (had === false) {
        // Git deletes no file that it does not know.
        if (isGone) return null;
        return { move, says: 'unclear', why: `${doing}, and no object of its repository has the text that went` };
      }
      const isSure = had === true && (isGone || has === true) && !isUncertain(version);
      const says = isSure && aside.includes(move.what) ? 'kept' : 'meant';
      return { move, says, why: `${doing}; its repository has the text that went` };
    },
  };
}

/** A scan found that it went since the last look; a move of that time may have taken it, or somebody did. */
function isUncertain({ how, kind }: Version): boolean {
  return how === 'scan' && kind === 'gone';
}

/** True when something was committed after the write and before the move: it may be that write. */
function isCommitted({ at, mtime }: Version, { committed }: GitMove): boolean {
  return committed !== null && committed + 1_000 > Math.min(at, mtime ?? at);
}

/** True when git had the content before it was written here: what is committed after a write was not. */
function isPutByGit(version: Version, facts: GitFacts): boolean {
  if (version.blob === null) return false;
  const since = facts.heldSince(version.root, version.blob);
  return since !== null && since < (version.mtime ?? version.at);
}

function distance({ at }: GitMove, version: Version): number {
  return Math.abs(at + 500 - version.at);
}
