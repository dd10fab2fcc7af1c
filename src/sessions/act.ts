/** What one session did to one path, or learned of it: one shape for all versions of the client. */
import type { Time } from '../model.ts';

/**
 * `read`: the whole content, on request. `given`: the whole content, put before the session without its asking (at its
 * start, after a compaction). `part`: a piece of it (a partial read, the snippet of a reminder, a copy that was cut).
 * `write`: the whole content, written by a tool. `edit`: pieces replaced, which takes away only what its caller named.
 * `shell`: a shell command that changed the path. `refused`: a tool said no, and the file stayed as it was.
 */
export type ActKind = 'read' | 'given' | 'part' | 'write' | 'edit' | 'shell' | 'refused';

/**
 * What a shell command did: `write` (all of the content is in the command), `replace` (all of it, from elsewhere: a pipe,
 * `cp`, `mv` onto it), `append`, `edit` (`sed -i`), `remove` (`rm`, `mv` away), `run` (a script that names the path).
 */
export type ShellDeed = 'write' | 'replace' | 'append' | 'edit' | 'remove' | 'run';

/** Whose act it is: a session, or a sub-agent of it. Each knows only what it was told itself. */
export interface Actor {
  /** The session's id, as the client spells it. */
  readonly session: string;
  /** The sub-agent's id; null for the session itself. */
  readonly agent: string | null;
}

interface ActFacts extends Actor {
  /**
   * `tool_use_id` of the call; for what is no call `<uuid of the record>#<number>`. The same in every copy of a record.
   * A shell command that names several files has an act of the same id for each; what it shows of one is `<id>#shown`.
   */
  readonly id: string;
  readonly kind: ActKind;
  /** Name of the tool (`Read`, `Write`, `Bash` …), or of the attachment (`instructions`, `nested_memory` …). */
  readonly tool: string;
  /** Root and path as everywhere: the path relative to the root, with `/`. */
  readonly root: string;
  readonly path: string;
  /** When it was called, and when its result came; equal for what is no call. A write lies between the two. */
  readonly asked: Time;
  readonly at: Time;
  /** The transcript, relative to its root, and the first byte of the line of the call in it. */
  readonly transcript: string;
  readonly offset: number;
  readonly shell?: ShellDeed;
  /**
   * `modified`: refused because the file had changed since it was read. `unread`: refused because it was never read.
   * `stale-recovered`: an edit of a copy that was out of date, applied to the present file.
   */
  readonly why?: 'modified' | 'unread' | 'other' | 'stale-recovered';
  /** True where a record of a later time stands before it in its transcript: the copy of a fork, not its owner's. */
  readonly isLate?: boolean;
}

/** An act as a transcript tells it: with texts, LF line ends, a BOM kept. Undefined where the record does not say. */
export interface RawAct extends ActFacts {
  /** Of a write or an edit: what stood there before (`originalFile`); null when the record says that there was nothing. */
  readonly before?: string | null;
  /** Of a write: what stands there after. Of `read`, `given` and `part`: what was seen. */
  readonly after?: string;
  /** Of an edit: what was replaced, in its order. Of a shell's `append`: one without `old`, whose `new` is what was added. */
  readonly edits?: readonly { readonly old: string; readonly new: string; readonly all: boolean }[];
  /** The `structuredPatch` of the result; leading tabs of its lines may be shown as two spaces (facts: edits only). */
  readonly patch?: readonly Hunk[];
  /** The first line of a `part` in the file, from 1, where that is known. */
  readonly firstLine?: number;
  /** True for a copy that the client trimmed at its ends (`instructions`). */
  readonly isTrimmed?: boolean;
  /** True for a copy without result object, as forks of 1.0.x leave: another copy of the same act is better. */
  readonly isCopy?: boolean;
  /** Of a `read`: the client said "as you read it last" and nothing else; `after` is then what that read showed, if known. */
  readonly isUnchanged?: boolean;
}

export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** Each with ` `, `-` or `+` in front. */
  readonly lines: readonly string[];
}

/**
 * How a content is known. `own record`: the record of the act itself holds it. `chain`: made from an earlier content and
 * what the act changed. `backup`: a copy the client made. `git`: out of a git history.
 */
export type Tier = 'own record' | 'chain' | 'backup' | 'git';

/** A content by git's name of its text with LF line ends; `size` in bytes of that. */
export interface KnownContent {
  readonly blob: string;
  readonly size: number;
  readonly tier: Tier;
  /** True when something independent agrees: a patch that fits both ways, the next known content, a backup, the disk. */
  readonly isValidated: boolean;
}

/** An act as the evidence keeps it: no text, only names of contents and fingerprints of lines. */
export interface Act extends ActFacts {
  /** What stood there before a write or an edit; null when nothing did, or it is not known (`isNew` says which). */
  readonly before: KnownContent | null;
  readonly isNew?: boolean;
  /** What stands there after it; of `read` and `given`: what was seen. Null when it is not known, or nothing is left. */
  readonly after: KnownContent | null;
  /** Of a `part`, and of a trimmed copy that fits no known content: `lineMark` of each line that is not blank. */
  readonly lines?: readonly string[];
  /** Who else has a copy of it in the own transcript, as a fork has: what its owner learned of it, they know too. */
  readonly knownTo?: readonly Actor[];
}

/** What is known of a session besides its acts. No prompt but the label. */
export interface SessionFacts extends Actor {
  /** Its title, else its first prompt: one line, at most 60 characters; null when it has neither. */
  readonly label: string | null;
  readonly branch: string | null;
  /** The folder it was started in, as it spells it. */
  readonly cwd: string | null;
  /** Version of the client, of its newest record that names one. */
  readonly version: string | null;
  /** Of its first and last record with a time. */
  readonly first: Time;
  readonly last: Time;
  /** Relative to the root. */
  readonly transcript: string;
}
