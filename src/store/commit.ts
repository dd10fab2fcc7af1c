/**
 * Commits, and what ours say in their trailers (git's Documentation/user-manual, "Commit object"):
 *
 *     Continues: <head of the month before>        on the first commit of a month, which has no parent
 *     Version: <line of version-line.ts>           one for each version that came with this commit
 *     Note: <line of version-line.ts>
 *
 * From them alone the history index can be made again.
 */
import type { Time } from '../model.ts';

export interface SnapshotCommit {
  readonly tree: string;
  readonly parent: string | null;
  readonly continues: string | null;
  readonly lines: readonly string[];
}

const trailer = /^(Version|Note|Continues): (.*)$/;

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
      ...commit.lines.map(line => (line.startsWith('!') ? `Note: ${line}` : `Version: ${line}`)),
      '',
    ].join('\n'),
  );
}

export function decodeCommit(content: Buffer): SnapshotCommit {
  const text = content.toString('utf8');
  const end = text.indexOf('\n\n');
  const head = text.slice(0, end < 0 ? text.length : end);
  const lines: string[] = [];
  let continues: string | null = null;
  for (const line of end < 0 ? [] : text.slice(end + 2).split('\n')) {
    const match = trailer.exec(line);
    if (match?.[1] === 'Continues') continues = match[2]!;
    else if (match) lines.push(match[2]!);
  }
  return {
    tree: /^tree ([0-9a-f]{40})$/m.exec(head)?.[1] ?? '',
    parent: /^parent ([0-9a-f]{40})$/m.exec(head)?.[1] ?? null,
    continues,
    lines,
  };
}
