/**
 * Which versions of a path stay, which may go, and why. Plain data in, plain data out; nothing is removed here.
 *
 * By time: everything at first, then the last of each hour, then the last of each day (UTC), for ever. Of a log, which
 * only grows, the last of each day soon: a later version begins with all of an earlier one. What must not go stays
 * whatever its age: what an incident or a restore needs, the newest, a deletion between two versions that stay, and the
 * last version that holds a text no other that stays holds.
 *
 * The store relies on this: the last version of a path that stays in a month (UTC) is the last one the path had in that
 * month, so that the end of a month looks the same before and after.
 */
import type { FileClass, Time, Version } from '../../model.ts';
import { monthOf } from '../refs.ts';

/** How long what is kept, in days. */
export interface KeepDays {
  /** Every version, … */
  readonly allDays: number;
  /** … then the last of each hour up to this age, then the last of each day. */
  readonly hourlyDays: number;
  /** Logs: every version up to this age, then the last of each day. */
  readonly logDays: number;
  /** Logs whose file is gone for longer than this go whole, when nothing points to them. */
  readonly goneLogDays: number;
}

export type KeptFor =
  | 'new'
  | 'hour'
  | 'day'
  /** Only where the cap thins further. */
  | 'week'
  | 'month'
  | 'newest'
  | 'needed'
  /** It stands between two versions that stay, and says that the file was gone between them. */
  | 'deletion'
  /** It is the last that holds a text that is in no other version that stays. */
  | 'text'
  /** Others of its month stay, and a month ends as it ended. */
  | 'end-of-month';

export type DroppedFor =
  /** A later version of its hour or day stays, and every text of it is in one that stays. */
  | 'thinned'
  /** A later version of the log begins with all of it. */
  | 'contained'
  /** The log's file is gone for long, and nothing points to it. */
  | 'gone-log'
  /** The store is at its cap. */
  | 'cap';

export type Verdict =
  | {
      readonly version: Version;
      readonly keep: true;
      readonly why: KeptFor;
      /** What needs it: `incident k7f3qz`. */
      readonly by: string | null;
    }
  | {
      readonly version: Version;
      readonly keep: false;
      readonly why: DroppedFor;
      /** It was the last that held a text: the text goes with it. Only under the cap. */
      readonly hadLastText: boolean;
    };

/** One verdict for each version of a path, oldest first. */
export interface PathPlan {
  readonly root: string;
  readonly path: string;
  readonly class: FileClass;
  readonly verdicts: readonly Verdict[];
  /** Why the path must not go whole: an incident names it, or the session that wrote it. */
  readonly pointedAt: string | null;
}

export interface PathVersions {
  readonly root: string;
  readonly path: string;
  readonly class: FileClass;
  /** Oldest first. */
  readonly versions: readonly Version[];
}

export interface RetentionDeps {
  readonly now: Time;
  readonly keep: KeepDays;
  /** Version id → what needs it: `incident k7f3qz`, `restore rm4xk7q`. */
  readonly needed: ReadonlyMap<string, string>;
  /** What points to a path as a whole; null when nothing does. */
  pointedAt(file: PathVersions): string | null;
  /** What a version says, in pieces that can be lost by themselves, without noise. */
  texts(version: Version): Promise<ReadonlySet<string>>;
  startsWith(whole: string, part: string): Promise<boolean>;
  /** Called between two versions that had to be read: lets others have a turn. */
  rest?(): Promise<void>;
}

const hour = 3_600_000;
export const day = 24 * hour;

/** What happens to each version of one path. Planning again after it was carried out drops nothing more. */
export async function planPath(file: PathVersions, deps: RetentionDeps): Promise<PathPlan> {
  const pointedAt = deps.pointedAt(file);
  const base = { root: file.root, path: file.path, class: file.class, pointedAt };
  if (pointedAt === null && isLongGoneLog(file, deps)) {
    return { ...base, verdicts: file.versions.map(version => dropped(version, 'gone-log')) };
  }
  const newest = newestOf(file.versions);
  const verdicts = file.versions.map((_, at) => keptFirst(file, at, newest.has(at), deps));
  if (verdicts.includes(null)) {
    if (file.class === 'log') await judgeLog(file, verdicts, deps);
    else await judgeTexts(file, verdicts, deps);
  }
  return { ...base, verdicts: settled(verdicts as Verdict[]) };
}

export function kept(version: Version, why: KeptFor, by: string | null = null): Verdict {
  return { version, keep: true, why, by };
}

export function dropped(version: Version, why: DroppedFor, hadLastText = false): Verdict {
  return { version, keep: false, why, hadLastText };
}

/** The slot of time a version falls into; two versions of one slot give the same number or word. */
export const slotOf: Readonly<Record<'hour' | 'day' | 'week' | 'month', (at: Time) => number | string>> = {
  hour: at => Math.floor(at / hour),
  day: at => Math.floor(at / day),
  // A quarter of a month, so that the last of a slot is also the last of its month.
  week: at => `${monthOf(at)} ${Math.min(3, Math.floor((new Date(at).getUTCDate() - 1) / 7))}`,
  month: at => monthOf(at),
};

/** True for the last version of its slot. */
export function isLastOf(slot: keyof typeof slotOf, versions: readonly Version[], at: number): boolean {
  const next = versions[at + 1];
  return next === undefined || slotOf[slot](next.seenAt) !== slotOf[slot](versions[at]!.seenAt);
}

/** Places of the newest version, and of the newest content when the file is gone. */
export function newestOf(versions: readonly Version[]): ReadonlySet<number> {
  return new Set([versions.length - 1, versions.findLastIndex(({ kind }) => kind !== 'gone')]);
}

/**
 * The end of every plan: a deletion between two versions that stay is kept (the last of several), and where anything of
 * a month stays, its last version does. What stays for one reason may ask for more of the other, so both are asked until
 * nothing comes.
 */
export function settled(verdicts: readonly Verdict[]): readonly Verdict[] {
  let result = verdicts;
  for (;;) {
    const next = withMonthEnds(withDeletions(result));
    if (next.every((verdict, at) => verdict.keep === result[at]!.keep)) return next;
    result = next;
  }
}

function withDeletions(verdicts: readonly Verdict[]): readonly Verdict[] {
  const result = [...verdicts];
  let isAfterKept = false;
  let deletion = -1;
  let isSaid = false;
  for (const [at, { version, keep }] of verdicts.entries()) {
    if (version.kind === 'gone') {
      if (keep) isSaid = true;
      else deletion = at;
    } else if (keep) {
      if (isAfterKept && deletion >= 0 && !isSaid) result[deletion] = kept(verdicts[deletion]!.version, 'deletion');
      isAfterKept = true;
      deletion = -1;
      isSaid = false;
    }
  }
  return result;
}

function withMonthEnds(verdicts: readonly Verdict[]): readonly Verdict[] {
  const months = new Set(verdicts.filter(({ keep }) => keep).map(({ version }) => monthOf(version.seenAt)));
  const versions = verdicts.map(({ version }) => version);
  return verdicts.map((verdict, at) =>
    verdict.keep || !isLastOf('month', versions, at) || !months.has(monthOf(verdict.version.seenAt))
      ? verdict
      : kept(verdict.version, 'end-of-month'),
  );
}

/** UTC month of a moment. */
/** What stays without a look at content; null when that look decides. */
function keptFirst(
  { versions, class: fileClass }: PathVersions,
  at: number,
  isNewest: boolean,
  deps: RetentionDeps,
): Verdict | null {
  const version = versions[at]!;
  const { allDays, hourlyDays, logDays } = deps.keep;
  const age = deps.now - version.seenAt;
  const needed = deps.needed.get(version.id);
  if (needed !== undefined) return kept(version, 'needed', needed);
  if (age <= (fileClass === 'log' ? logDays : allDays) * day) return kept(version, 'new');
  if (isNewest) return kept(version, 'newest');
  if (isLastOf('day', versions, at)) return kept(version, 'day');
  if (fileClass === 'log' || age > hourlyDays * day || !isLastOf('hour', versions, at)) return null;
  return kept(version, 'hour');
}

function isLongGoneLog({ class: fileClass, versions }: PathVersions, { now, keep, needed }: RetentionDeps): boolean {
  const newest = versions.at(-1);
  if (fileClass !== 'log' || newest?.kind !== 'gone') return false;
  return now - newest.seenAt > keep.goneLogDays * day && !versions.some(({ id }) => needed.has(id));
}

/** Newest first: an earlier version of a log goes when the next one that stays begins with all of it. */
async function judgeLog(file: PathVersions, verdicts: (Verdict | null)[], deps: RetentionDeps): Promise<void> {
  let later: Version | null = null;
  for (let at = verdicts.length - 1; at >= 0; at--) {
    const version = file.versions[at]!;
    if (verdicts[at] === null) {
      const isHeld = version.blob === null || (later !== null && (await beginsWith(later, version, deps)));
      verdicts[at] = isHeld ? dropped(version, 'contained') : kept(version, 'text');
    }
    if (verdicts[at]!.keep && version.blob !== null) later = version;
  }
}

async function beginsWith(later: Version, version: Version, deps: RetentionDeps): Promise<boolean> {
  if (later.kind !== version.kind) return false;
  if (later.blob === version.blob) return true;
  if (version.kind !== 'file' || later.size < version.size) return false;
  await deps.rest?.();
  return await deps.startsWith(later.blob!, version.blob!);
}

/** Newest first: a version goes when each text of it is in one that stays. Most are found in a neighbour. */
async function judgeTexts(file: PathVersions, verdicts: (Verdict | null)[], deps: RetentionDeps): Promise<void> {
  const covered = new Set<string>();
  const staying = [...verdicts.keys()].filter(at => verdicts[at] !== null);
  const blobs = new Set([null, ...staying.map(at => file.versions[at]!.blob)]);
  const unread = new Neighbours(staying);
  const textsOf = async (at: number): Promise<ReadonlySet<string>> => {
    await deps.rest?.();
    return await deps.texts(file.versions[at]!);
  };
  const isCovered = async (texts: ReadonlySet<string>, at: number): Promise<boolean> => {
    for (const text of texts) {
      while (!covered.has(text)) {
        const near = unread.nearest(at);
        if (near === undefined) return false;
        for (const other of await textsOf(near)) covered.add(other);
      }
    }
    return true;
  };
  for (let at = verdicts.length - 1; at >= 0; at--) {
    if (verdicts[at] !== null) continue;
    const version = file.versions[at]!;
    verdicts[at] = dropped(version, 'thinned');
    if (blobs.has(version.blob)) continue;
    const texts = await textsOf(at);
    if (await isCovered(texts, at)) continue;
    verdicts[at] = kept(version, 'text');
    blobs.add(version.blob);
    for (const text of texts) covered.add(text);
  }
}

/** Places that are taken once each, the nearest first, seen from a place that only goes down. */
class Neighbours {
  readonly #below: number[];
  readonly #above: number[] = [];

  constructor(places: readonly number[]) {
    this.#below = [...places];
  }

  nearest(from: number): number | undefined {
    while (this.#below.length > 0 && this.#below.at(-1)! > from) this.#above.push(this.#below.pop()!);
    const [below, above] = [this.#below.at(-1), this.#above.at(-1)];
    if (below === undefined) return this.#above.pop();
    if (above === undefined || from - below < above - from) return this.#below.pop();
    return this.#above.pop();
  }
}
