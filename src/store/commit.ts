/**
 * Commits, and what ours say in their trailers (git's Documentation/user-manual, "Commit object"):
 *
 *     Continues: <head of the month before>        on the first commit of a month, which has no parent
 *     Was: <commit>                                it stands for that commit, which was written anew (rewrite.ts)
 *     Version: <line of version-line.ts>           one for each version that came with this commit
 *     Note: <line of version-line.ts>
 *
 * From them alone the history index can be made again.
 */
import type { Time, Version } from '../model.ts';
import { escapeField } from './version-line.ts';

export interface SnapshotCommit {
  readonly tree: string;
  readonly parent: string | null;
  readonly continues: string | null;
  /** The commit it stands for, when it was written anew. */
  readonly was?: string | null;
  readonly lines: readonly string[];
}

export interface DatedCommit extends SnapshotCommit {
  readonly was: string | null;
  /** Whole seconds of it. */
  readonly at: Time;
}

/** A line ends at a line feed and nowhere else: names may hold what JavaScript takes for the end of a line (U+2028). */
const trailer = /^(Version|Note|Continues|Was): (.*)$/s;

export function encodeCommit(commit: SnapshotCommit, subject: string, machine: string, at: Time): Buffer {
  const seconds = Math.max(0, Math.floor(at / 1000)) || 0;
  const who = `undertext <undertext@${machine}> ${seconds} +0000`;
  return Buffer.from(
    [
      `tree ${commit.tree}`,
      ...(commit.parent ? [`parent ${commit.parent}`] : []),
      `author ${who}`,
      `committer ${who}`,
      '',
      subject,
      '',
      ...(commit.continues ? [`Continues: ${commit.continues}`] : []),
      ...(commit.was ? [`Was: ${commit.was}`] : []),
      ...commit.lines.map(line => (line.startsWith('!') ? `Note: ${line}` : `Version: ${line}`)),
      '',
    ].join('\n'),
  );
}

export function decodeCommit(content: Buffer): DatedCommit {
  const text = content.toString('utf8');
  const end = text.indexOf('\n\n');
  const head = text.slice(0, end < 0 ? text.length : end);
  const lines: string[] = [];
  let continues: string | null = null;
  let was: string | null = null;
  for (const line of end < 0 ? [] : text.slice(end + 2).split('\n')) {
    const match = trailer.exec(line);
    if (match?.[1] === 'Continues') continues = match[2]!;
    else if (match?.[1] === 'Was') was = match[2]!;
    else if (match) lines.push(match[2]!);
  }
  return {
    tree: /^tree ([0-9a-f]{40})$/m.exec(head)?.[1] ?? '',
    parent: /^parent ([0-9a-f]{40})$/m.exec(head)?.[1] ?? null,
    continues,
    was,
    at: Number(/^committer .* (\d+) [+-]\d{4}$/m.exec(head)?.[1] ?? 0) * 1000,
    lines,
  };
}

/** What `git log` shows of a snapshot. */
export function subjectOf(versions: readonly Version[]): string {
  const [first] = versions;
  if (!first) return 'notes';
  const name = `${escapeField(first.root)}/${escapeField(first.path)}`;
  return versions.length === 1 ? name : `${name} and ${versions.length - 1} more`;
}
