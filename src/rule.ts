/** What a rule author imports; published as `undertext/rule`. How to write one: `rules/README.md`. */
import picomatch from 'picomatch';
import type {
  Base,
  Certainty,
  Damage,
  Edit,
  FileClass,
  Finding,
  FolderHistory,
  PathHistory,
  Severity,
  Time,
  Unit,
  Version,
  Writer,
} from './model.ts';
import { localClock, marked } from './moments.ts';

export type {
  Base,
  Certainty,
  Damage,
  DamagedLine,
  DamageKind,
  Edit,
  FileClass,
  Finding,
  FolderHistory,
  PathHistory,
  Severity,
  Time,
  Unit,
  Version,
  Writer,
} from './model.ts';

/** Where a unit that stood before an edit went. Only `lost` is a loss. */
export type Fate =
  | 'lost'
  | 'back' // it came back at once, while the file was still being written
  | 'edited' // a similar unit stands in its place
  | 'moved' // it stands elsewhere in this file, or in another file of the root that changed around then
  | 'seen' // it was meant: whoever removed it had read it, or the file it pointed to was deleted around then
  | 'noise'; // counters, stamps, caches: nobody misses them

export interface RemovedUnit {
  readonly unit: Unit;
  readonly fate: Fate;
  /** The version in which the unit first stood without a break until this edit. */
  readonly since: Version;
  /** True: this file or section is emptied or filled anew in most of its other edits, as a form or an inbox is. Left out: false. */
  readonly isUsual?: boolean;
}

/** What one edit took away, and from which version it grew. */
export interface Account {
  readonly edit: Edit;
  /** The version `after` grew from. `edit.before` itself when nothing older fits better. */
  readonly base: Base;
  /** True when `base` is older than `edit.before`: a stale write. */
  readonly isStale: boolean;
  /** True when, by the records, its writer had never been given the file as a whole. */
  readonly isBlind: boolean;
  /** True when more than half of the units changed and no older base fits. */
  readonly isRewrite: boolean;
  /** Units of `before` that `after` does not have, in their order. */
  readonly removed: readonly RemovedUnit[];
  /**
   * The share (0 to 1) of the words that only the lost units said which stand in what the write added: much of it, and they
   * were worded anew.
   */
  readonly wordsLeft: number;
  /** Units of `after` that its base does not have: what its writer added. Worked out when it is asked for: ask last. */
  readonly added: readonly Unit[];
  /**
   * Units of the stale gap: what `base → before` added and `after` does not have; and, of a blind write, those that by the
   * records its writer had never seen.
   */
  readonly overwritten: readonly Unit[];
  /** How sure it is that the writer had not seen what is `overwritten`; `possible` when nothing is. */
  readonly certainty: Certainty;
  /** True when records speak, or nothing in the write speaks for a writer who had the newest version. Of what is `possible` only that is worth a look. */
  readonly isClear: boolean;
  /** What records say of it, in sentences: who wrote, from what, whose text it was. Empty where none does. */
  readonly evidence: readonly string[];
}

/** What a writer last knew of a path, and how we know. */
export interface Sight {
  readonly version: Version;
  readonly evidence: string;
}

/** What happened to several files of a root in one moment, or what git did to one: as far as it can be named. */
export interface Stroke {
  /** The same for all versions of the stroke. */
  readonly id: string;
  /**
   * `went-back`: files went back to the byte to what stood there at one earlier moment. `git`: a checkout, pull, stash or the
   * like. `update`: a program replaced the files that it had brought. `format`: every file kept its words. `sync`: a sync
   * tool brought the files.
   */
  readonly kind: 'went-back' | 'git' | 'update' | 'format' | 'sync';
  /** The first and the last write of it. */
  readonly from: Time;
  readonly to: Time;
  /** How many files it changed. */
  readonly files: number;
  /** Of `went-back`: the newest moment at which all of that stood there; else null. */
  readonly backTo: Time | null;
  /**
   * What it says of text that goes with this version. `lost`: it is a loss, by several files that agree. `kept`: nothing is
   * lost, the text is where the program keeps it, or every word stands. `meant`: it may well have been meant. `unclear`: the
   * stroke has a name, and that says nothing of the text.
   */
  readonly says: 'lost' | 'kept' | 'meant' | 'unclear';
  /** One sentence for the evidence. */
  readonly why: string;
}

/** All a rule is given besides the history: no disk, no store, no clock, no console. */
export interface RuleTools<Options extends object = object> {
  readonly options: Options;
  units(version: Version): Promise<readonly Unit[]>;
  /** Decoded; '' for what is no file. */
  text(version: Version): Promise<string>;
  /** As it stands in the file; empty for what is no file. */
  bytes(version: Version): Promise<Uint8Array>;
  /** Why it could not be read as the format that its name says; null when it could. */
  broken(version: Version): Promise<string | null>;
  /** What became of the units that an edit took away; computed once per edit and shared by the rules. */
  account(edit: Edit): Promise<Account>;
  /** What an edit damaged in a text that otherwise stands: characters, records that were emptied, line ends. */
  damage(edit: Edit): Promise<Damage>;
  /** What that writer last knew of that path at that moment; null when there is no evidence. */
  seen(writer: Writer, path: string, at: Time): Promise<Sight | null>;
  /** Who wrote a version; null where no record says. */
  writer(version: Version): Promise<Writer | null>;
  /** What happened in the moment of that version in several files, or by git; null where nothing has a name. */
  stroke(version: Version): Promise<Stroke | null>;
  /**
   * The path, relative to the root, that a path leads to as people write it in the file `from`: `~/x`, `$HOME/x`, absolute,
   * or relative to its folder. Null when it leads out of the root or to what is not kept, of which nothing is known.
   */
  pathOf(written: string, from: { readonly root: string; readonly path: string }): string | null;
  /** True for what stood there when undertext first looked at the root: nobody knows what made it so. */
  isFirstLook(version: Version): boolean;
  /** True when the file says in its first line, or the configuration does, that this rule shall leave it alone. */
  ignores(file: PathHistory): Promise<boolean>;
}

/** One kind of silent damage. `id` = file name = page name = test name = entry in `rules/index.ts`. */
export interface Rule<Options extends object = object> {
  readonly id: string;
  /** One sentence, past tense: what happened and what it cost. */
  readonly summary: string;
  readonly severity: Severity;
  /** The defaults; their types are the options' types. */
  readonly options: Options;
  /** Of which classes the files are that `checkPath` is asked for; left out: `authored` and `state`. */
  readonly classes?: readonly FileClass[];
  /** Looks at one path through time. */
  checkPath?(file: PathHistory, tools: RuleTools<Options>): Promise<readonly Finding[]>;
  /** Looks at one folder's files through time. */
  checkFolder?(folder: FolderHistory, tools: RuleTools<Options>): Promise<readonly Finding[]>;
}

/** True for the paths that a glob fits; `*` stays within a folder, `**` does not, and names with a dot are names. */
export function glob(pattern: string): (path: string) => boolean {
  return picomatch(pattern, { dot: true });
}

/** Words by which people and programs call what is kept and no longer used. */
const setAside =
  /(^|[-_. ])(trash(ed)?|recycled?|bak|back-?ups?|disabled|inactive|unused|old|orig|archived?|archives|attic|deprecated|retired|obsolete|removed|deleted|corrupt(ed)?|quarantined?)(?=[-_. ~\d]|$)/i;
/** What the client finds by itself, without a line that names it. */
const loaded = /(^|\/)(skills|commands|agents|rules|output-styles|workflows|routines|themes|scheduled-tasks)\//;
const alsoRead = /(^|\/)((agent-)?memory\/|(CLAUDE(\.local)?|AGENTS|MEMORY)\.md$)/;

/**
 * True when whoever reads a file at `from` does not look at `to`: its folder or name says that it is set aside
 * (`.trash/`, `archive/`, `x.md.bak`), it is hidden among files that the client loads, or it left them for a folder that
 * the client does not load.
 */
export function isOutOfReach(to: string, from: string): boolean {
  const own = new Set(from.split('/'));
  const fresh = to.split('/').filter(part => !own.has(part));
  if (fresh.some(part => setAside.test(part)) || nameOf(to).startsWith(`${nameOf(from)}.`)) return true;
  if (!loaded.test(from)) return false;
  const inside = loaded.exec(to);
  if (inside === null) return !alsoRead.test(to);
  const below = to
    .slice(inside.index + inside[0].length)
    .split('/')
    .slice(0, -1);
  return below.some(part => /^[._]/.test(part) && !own.has(part));
}

const made = new Map<string, (path: string) => boolean>();

/** True when one of the globs fits, as options list them; each is made once. */
export function fitsAny(path: string, globs: readonly string[]): boolean {
  return globs.some(pattern => {
    const fits = made.get(pattern) ?? glob(pattern);
    made.set(pattern, fits);
    return fits(path);
  });
}

/**
 * When a version was written, as far as that is known: a scan reads a file long after its write, and no write is later than
 * its reading. For everything that asks how far apart two writes are; only the order within one path goes by `seenAt`.
 */
export function timeOfWrite({ at, seenAt }: Version): Time {
  return Math.min(at, seenAt);
}

/** `a/b/c.md` → `a/b`; '' for what lies in the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** `a/b/c.md` → `c.md` */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * A moment for a message: people see `14:02:50` by their clock, with its date when that is not the day of `near`; programs
 * see ISO 8601.
 */
export function clock(time: Time, near: Time = time): string {
  return marked(time, { date: !isSameDay(time, near), milliseconds: false });
}

/** Several moments beside each other: with milliseconds when two of them would else look the same. */
export function clocks(times: readonly Time[], near: Time): readonly string[] {
  const shown = times.map(time => ({ date: !isSameDay(time, near), milliseconds: false }));
  const short = times.map((time, i) => localClock(time, shown[i]!));
  const isClear = times.every((time, i) =>
    short.every((text, j) => text !== short[i] || Math.abs(times[j]! - time) < 1),
  );
  return times.map((time, i) => marked(time, { ...shown[i]!, milliseconds: !isClear }));
}

function isSameDay(time: Time, other: Time): boolean {
  return new Date(time).toDateString() === new Date(other).toDateString();
}

/** `is` for what `inWords` calls one thing, `are` for more. */
export function isOrAre(units: readonly Unit[]): 'is' | 'are' {
  return /^1 (?!.* and )/.test(inWords(units)) ? 'is' : 'are';
}

/** True when the unit stands under this heading, or under a heading below it. */
export function isUnder(unit: Unit, heading: Unit): boolean {
  const place = heading.place === '' ? heading.name : `${heading.place} > ${heading.name}`;
  return unit.place === place || unit.place.startsWith(`${place} > `);
}

/** True for an entry that is ticked off or struck out: such entries are cleared away. */
export function isTickedOff({ kind, text }: Unit): boolean {
  return kind === 'list-item' && /^(?:[-*+]|\d+[.)])\s+(?:\[[xX]\]|~~)/.test(text);
}

/** `2 list items and 1 section`: what stands under a section in the list is counted as that section. */
export function inWords(units: readonly Unit[]): string {
  const sections = units.filter(unit => unit.kind === 'section');
  const isInside = (unit: Unit) => sections.some(section => section !== unit && isUnder(unit, section));
  const counts = new Map<string, number>();
  for (const unit of units) {
    if (!isInside(unit)) counts.set(unit.kind, (counts.get(unit.kind) ?? 0) + 1);
  }
  const parts = [...counts].map(([kind, n]) => `${n} ${kind.replace('-', ' ')}${n === 1 ? '' : 's'}`);
  return parts.length < 2 ? (parts[0] ?? 'nothing') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** `a, b and c`, or `a, b, c and 4 more`. */
export function listed(names: readonly string[], most = 3): string {
  const more = names.length - most;
  if (more > 0) return `${names.slice(0, most).join(', ')} and ${more} more`;
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** A unit that stands for a whole file, where what is wrong is no piece of its text. */
export function fileUnit(path: string, name = nameOf(path)): Unit {
  return { kind: 'file', name, text: path, place: '', fingerprint: `file ${path}`, start: 0, end: 0 };
}

/** How many edits back `brokenBy` looks. */
const EDITS_BACK = 300;

/**
 * Since when a file names what is not there: the deletion of the target, or the write that brought its name when that was
 * later. Null when the first look found it so.
 */
export async function brokenBy(
  file: PathHistory,
  target: PathHistory | undefined,
  isNamedIn: (version: Version) => Promise<boolean>,
  tools: Pick<RuleTools, 'isFirstLook'>,
): Promise<Version | null> {
  const death = target?.versions.findLast(({ kind, how }) => kind === 'gone' && how !== 'restore') ?? null;
  let first = file.versions.at(-1)!;
  for (const { before, after } of file.edits.slice(-EDITS_BACK).reverse()) {
    if (death && after.at <= death.at) return death;
    if (!(await isNamedIn(before))) return after;
    first = before;
  }
  if (death && first.at <= death.at) return death;
  return tools.isFirstLook(first) ? null : first;
}

/**
 * Asks of a path whether a file, a link or a folder stands there now. Null where that lies behind a link, of which nothing
 * is known. As on a disk that tells neither upper from lower case nor one spelling of an accent from another.
 */
export function standing(files: readonly PathHistory[]): (path: string) => boolean | null {
  const plain = (path: string) => path.normalize('NFC').toLowerCase();
  const there = new Set<string>();
  const links = new Set<string>();
  for (const file of files) {
    const newest = file.versions.at(-1);
    if (!newest || newest.kind === 'gone') continue;
    const path = plain(file.path);
    if (newest.kind === 'link') links.add(path);
    for (const place of [path, ...foldersAbove(path)]) {
      if (there.has(place)) break;
      there.add(place);
    }
  }
  return path => {
    if (there.has(plain(path))) return true;
    return foldersAbove(plain(path)).some(folder => links.has(folder)) ? null : false;
  };
}

/** `a/b/c.md` → `['a/b', 'a']`. */
function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.push(path.slice(0, at));
  return folders;
}
