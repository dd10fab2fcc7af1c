/** The nouns of undertext, and only they: readonly data, no behaviour. */

/** A moment: milliseconds since the epoch (UTC), as `Date.now()` gives it; may carry a fraction. */
export type Time = number;

/** A watched folder. Paths of its files are relative to `path`, with `/`. */
export interface Root {
  /** What a person calls it: `claude` for `~/.claude`. Unique among the roots of one run. */
  readonly name: string;
  /** Absolute path of the folder. */
  readonly path: string;
  /** Files outside the folder that belong to it, relative to `path`: `../.claude.json`. No others may leave the folder. */
  readonly beside: readonly string[];
}

/**
 * What a file is to its reader. `authored`: written by people and models, precious. `state`: settings and registries.
 * `log`: only grows. `noise`: caches, not kept. `secret`: never stored; only that it exists and whether it is empty.
 */
export type FileClass = 'authored' | 'state' | 'log' | 'noise' | 'secret';

/** `file` and `link` have a blob (a link's blob is its target); `withheld` is a secret; `gone` is a deletion. */
export type VersionKind = 'file' | 'link' | 'withheld' | 'gone';

/** How we came to know of a version: told by the operating system, found by a scan, written by a restore, or imported. */
export type How = 'event' | 'scan' | 'restore' | 'import';

/** One file as one snapshot holds it. */
export interface Version {
  /** Ten characters of `a-z2-9`, unique in the store; any unique prefix names it too. */
  readonly id: string;
  readonly root: string;
  readonly path: string;
  readonly kind: VersionKind;
  /** When this content came to stand there, as well as we know: the reading time of an event, the mtime a scan found. */
  readonly at: Time;
  /** When we read it. The versions of a path are ordered by this. */
  readonly seenAt: Time;
  /** Git's SHA-1 of the content, 40 hex; null for `gone` and `withheld`. */
  readonly blob: string | null;
  /** Bytes of content; 0 for `gone`; for `withheld` 0 when empty, else 1. */
  readonly size: number;
  /** Permission bits (`st_mode & 0o7777`); 0 for `gone`. */
  readonly mode: number;
  readonly mtime: Time | null;
  readonly how: How;
  /** False when the file moved under our hands while it was read: such a version raises no incident by itself. */
  readonly settled: boolean;
  /** The commit that holds it; null until it is sealed. */
  readonly snapshot: string | null;
}

/** What was seen of one path at one moment, before the store gave it an id. */
export interface Observation {
  readonly root: string;
  readonly path: string;
  readonly kind: VersionKind;
  readonly at: Time;
  readonly seenAt: Time;
  /** The bytes, or the id of a blob the store already has; null for `gone` and `withheld`. */
  readonly content: Uint8Array | { readonly blob: string } | null;
  readonly size: number;
  readonly mode: number;
  readonly mtime: Time | null;
  readonly how: How;
  readonly settled: boolean;
}

/** A time or a place nobody watched, so that nothing can be said. */
export interface Gap {
  readonly from: Time;
  /** Null while it lasts. */
  readonly to: Time | null;
  readonly why: string;
  readonly root: string | null;
  /** The places, relative to the root; empty means all of it. */
  readonly paths: readonly string[];
}

/** Two versions of a path that follow each other. */
export interface Edit {
  readonly before: Version;
  readonly after: Version;
}

/** One path through time, oldest first; versions with the same content that follow each other are one. */
export interface PathHistory {
  readonly root: string;
  readonly path: string;
  readonly class: FileClass;
  readonly versions: readonly Version[];
  readonly edits: readonly Edit[];
}

/** All paths below one folder through time. */
export interface FolderHistory {
  readonly root: string;
  /** Relative to the root; '' is the root itself. */
  readonly path: string;
  /** Every path at any depth below it, also those that are gone now. */
  readonly files: readonly PathHistory[];
}

export type UnitKind =
  | 'section'
  | 'block'
  | 'list-item'
  | 'table-row'
  | 'field'
  | 'member'
  | 'record'
  | 'paragraph'
  | 'line'
  | 'file';

/** The smallest thing that can be lost by itself. */
export interface Unit {
  readonly kind: UnitKind;
  /** What a person would call it: a heading, a link's text, a key, the first words. */
  readonly name: string;
  /** As it stands in the file, without its line ending. A section found by parsing is its heading line alone. */
  readonly text: string;
  /** Where it stands: headings joined by ` > `, a JSON pointer, or ''. */
  readonly place: string;
  /** Equal for units that say the same: ignores trailing blanks, line endings, list markers, key order, wrapping. */
  readonly fingerprint: string;
  /** Where it stands in the decoded text: offsets in UTF-16 units, end exclusive. */
  readonly start: number;
  readonly end: number;
}

/** Who wrote a version. */
export interface Writer {
  readonly kind: 'session' | 'person' | 'tool' | 'unknown';
  readonly id: string;
  /** What a person calls it: the title or the first words of a session; '' when it has none. */
  readonly label: string;
  /** Of a session: its sub-agent that wrote; left out when it wrote itself. Each knows only what it was told itself. */
  readonly agent?: string;
  readonly certainty: Certainty;
  /** Of a session, where it says so: the branch and the folder it works in. */
  readonly branch?: string;
  readonly cwd?: string;
}

/** `proven`: evidence says who had seen what. `likely`: the content says so. `possible`: gone, but it may have been meant. */
export type Certainty = 'proven' | 'likely' | 'possible';

export type Severity = 'high' | 'medium' | 'low';

/** The version a writer started from. */
export interface Base {
  readonly version: Version;
  readonly how: 'known' | 'inferred';
}

/** What one rule saw. */
export interface Finding {
  readonly path: string;
  readonly message: string;
  readonly certainty: Certainty;
  /** Left out: the rule's own. */
  readonly severity?: Severity;
  /** The version that had it; null when nothing was lost. */
  readonly lost: Version | null;
  /** The version that took it away, or that broke the present state, where history knows. */
  readonly cause: Version | null;
  readonly base: Base | null;
  /** What is lost (or, where nothing was lost, what is wrong). */
  readonly units: readonly Unit[];
  readonly evidence: readonly string[];
  /** Other paths this finding speaks about: the file an index no longer names. */
  readonly related?: readonly string[];
  /** What to do where nothing can be put back: one sentence without a full stop. */
  readonly advice?: string;
  /** Lines that no version ever had and that would put `path` in order: `restore` offers to add them. */
  readonly proposed?: readonly string[];
  /** True: it speaks of what stands now, and is over as soon as it is no longer so, whether or not its text came back. */
  readonly standing?: boolean;
  /**
   * What went: parts of a text, or all of a file. Where a commit says of it that it was to go, the finding becomes possible
   * and low. Left out: no commit can excuse it.
   */
  readonly goes?: 'text' | 'file';
}

/**
 * What became of the characters of a line. `replaced`: U+FFFD. `questioned`: question marks. `control`: NUL or control characters.
 * `misread`: what their bytes say in another encoding. `dropped`: nothing. `recoded`: the same ones, no longer in UTF-8.
 * `garbled`: others, each always the same. `emptied`: a record that has lost all it said and kept its id.
 */
export type DamageKind =
  | 'replaced'
  | 'questioned'
  | 'control'
  | 'misread'
  | 'dropped'
  | 'recoded'
  | 'garbled'
  | 'emptied';

/** A line of which a write damaged characters, and nothing else. */
export interface DamagedLine {
  readonly kind: DamageKind;
  /** Of `misread`: in which way; else ''. */
  readonly how: string;
  /** Numbers of the line before and after, from 0. */
  readonly line: number;
  readonly afterLine: number;
  /** What it said and what it says, as far as it can be read. */
  readonly text: string;
  readonly became: string;
  /** Where it stands in the decoded text of the version before, as a unit's offsets do. */
  readonly start: number;
  readonly end: number;
  /** So many characters were damaged. */
  readonly characters: number;
}

/** What a write did to the characters of a text that otherwise stands. */
export interface Damage {
  readonly lines: readonly DamagedLine[];
  /** Lines that the same write damaged and also edited: nobody can say what they should be. */
  readonly edited: readonly DamagedLine[];
  /** So many lines kept their characters above ASCII. */
  readonly kept: number;
  /** So many headings, items and rows (in a script: lines) no longer begin a line, because the text lost its line ends. */
  readonly flattened: number;
}

export type IncidentState = 'open' | 'resolved' | 'accepted';

/** A finding inside an incident, with the rule that made it. */
export interface RuleFinding {
  readonly rule: string;
  readonly message: string;
  readonly evidence: readonly string[];
}

/** A version as an incident names it. */
export interface VersionAt {
  readonly version: string;
  readonly at: Time;
  readonly writer: Writer | null;
  readonly blob: string | null;
}

/** What somebody did to the path of an incident, or learned of it. */
export type Deed =
  | 'read'
  | 'was given'
  | 'read a part of'
  | 'wrote'
  | 'edited'
  | 'appended to'
  | 'overwrote'
  | 'removed'
  | 'was refused'
  | 'restored';

/** One step on the way to a loss: who knew what, and did what. */
export interface TimelineStep {
  readonly at: Time;
  /** Null: nobody knows. */
  readonly who: Writer | null;
  readonly did: Deed;
  /** The version that was seen or made; null when none is kept of it. */
  readonly version: string | null;
  /** Of a write: when its writer had last seen the path; null when that was the newest content, or is not known. */
  readonly of: Time | null;
  /** Of a write that caused a loss although its writer had been shown what is lost: when the version came that it goes on from. */
  readonly from?: Time;
  /** Of a version that was read or given: true when it holds what is lost. */
  readonly holdsLost?: true;
  /** What came and what went with it, in short words: `1 section`. */
  readonly plus: readonly string[];
  readonly minus: readonly string[];
}

/** All findings about one overwrite. */
export interface Incident {
  /** Six characters of `a-z2-9`, the same on every machine and every run. */
  readonly id: string;
  readonly state: IncidentState;
  readonly severity: Severity;
  readonly certainty: Certainty;
  readonly root: string;
  readonly path: string;
  readonly message: string;
  readonly lost: VersionAt | null;
  readonly cause: VersionAt | null;
  readonly base: (VersionAt & { readonly how: 'known' | 'inferred' }) | null;
  /** As a person would count them: a section that is lost whole is one unit. */
  readonly units: readonly Unit[];
  /** The fingerprints of the smallest units that are lost: what `restore` puts back. */
  readonly fingerprints: readonly string[];
  readonly findings: readonly RuleFinding[];
  /** The command that brings the text back, or adds what is proposed; null when there is neither. */
  readonly restore: string | null;
  /** What to do where nothing can be put back; left out where there is nothing to say. */
  readonly advice?: string;
  /** Lines that no version ever had and that `restore` would add; left out where there are none. */
  readonly proposed?: readonly string[];
  /** True: it speaks of what stands now, and is over as soon as it is no longer so. Left out: false. */
  readonly standing?: boolean;
  /** What happened to several files in the moment in which its text went (`rule.ts` says the kinds); left out where that has no name. */
  readonly stroke?: {
    /** The same for all incidents of the stroke. */
    readonly id: string;
    readonly kind: 'went-back' | 'git' | 'update' | 'format' | 'sync';
    readonly from: Time;
    readonly to: Time;
    /** How many files it changed. */
    readonly files: number;
    /** The earlier moment to which files went back; null where they did not. */
    readonly backTo: Time | null;
  };
  /** Why it was accepted, or who put the text back. */
  readonly closed: string | null;
  /** True: it is accepted for no other reason than that it was so when undertext first looked. Left out: false. */
  readonly baseline?: boolean;
  /** When its text was forgotten; left out while there is one. */
  readonly forgotten?: Time;
  /** Who knew what when, oldest first; left out where there is no evidence. */
  readonly timeline?: readonly TimelineStep[];
}

/**
 * What the store keeps besides versions: roots, gaps, the ledger of incidents, restores, what was forgotten, what was lost,
 * where imported versions came from.
 */
export interface Note {
  readonly kind: 'root' | 'gap' | 'incident' | 'restore' | 'forgotten' | 'prune' | 'lost' | 'import' | 'commit';
  readonly at: Time;
  /** Plain JSON; the part that writes a kind knows its shape. */
  readonly data: unknown;
}
