/** The way to a loss: who knew what, and wrote what, from the version that the loss grew from to the one that caused it. */
import type { Deed, Incident, Time, TimelineStep, Version, Writer } from '../model.ts';
import type { Act, Actor } from './act.ts';
import { isChange } from './attribute.ts';
import type { Evidence } from './evidence.ts';
import { isHis, isSeeing, isWhole, lastKnown } from './knowledge.ts';
import { type Named, standing } from './named.ts';
import { sessionWriter, type Testimony } from './testify.ts';

/** A step, and for a write the versions before and after it, whose difference nobody here can read. */
export interface Step extends Omit<TimelineStep, 'plus' | 'minus'> {
  readonly edit: { readonly before: Version | null; readonly after: Version } | null;
}

export interface TimelineDeps {
  readonly evidence: Pick<Evidence, 'acts' | 'session'>;
  readonly testimony: Pick<Testimony, 'writer' | 'act' | 'named'>;
}

/** What does not fit on a screen is not read; what is dropped is the oldest of what is not needed. */
const mostSteps = 12;
/** A version that nobody wrote and that lived for so short a time is a piece of the next one. */
const torn = 3_000;

/** Oldest first; none when no record tells of any of it. */
export async function timelineOf(
  { root, path, lost, cause, base }: Pick<Incident, 'root' | 'path' | 'lost' | 'cause' | 'base'>,
  deps: TimelineDeps,
): Promise<readonly Step[]> {
  const acts = deps.evidence.acts({ root, path });
  if (lost === null || cause === null || acts.length === 0) return [];
  const versions = await deps.testimony.named({ root, path });
  const last = indexOf(versions, cause.version);
  if (last < 0) return [];
  const needed = new Set([lost.version, cause.version]);
  const losing = indexOf(versions, lost.version);
  const first = Math.max(0, Math.min(indexOf(versions, base?.version ?? ''), losing - 1));
  const steps: Ranked[] = [];
  for (let i = first + 1; i <= last; i++) {
    if (!(await isStep(versions, i, needed, deps))) continue;
    steps.push(...(await writeAnd(versions, i, acts, needed, deps)));
  }
  if (steps.every(({ act }) => act === null)) return [];
  return withWhatItHeld(inShort(steps), { versions, losing, last, base }).map(({ rank: _, act: __, ...step }) => step);
}

interface Loss {
  readonly versions: readonly Named[];
  /** Where the version with what is lost stands among them, and the one without. */
  readonly losing: number;
  readonly last: number;
  readonly base: Incident['base'];
}

/**
 * Which of what was read or given held what is lost; and, where that was the last its writer had, from which version the write
 * goes on all the same: the incident says that, too.
 */
function withWhatItHeld(steps: readonly Ranked[], { versions, losing, last, base }: Loss): readonly Ranked[] {
  const held = (step: Ranked): boolean => {
    const at = step.edit === null && step.version !== null ? indexOf(versions, step.version) : -1;
    return losing >= 0 && at >= losing && at < last;
  };
  const cause = steps.at(-1);
  const shown = steps.findLast(step => step.edit === null && isSameActor(step.act, cause?.act ?? null));
  const isShown =
    shown?.did === 'was given' && held(shown) && base !== null && indexOf(versions, base.version) < losing;
  return steps.map(step => ({
    ...step,
    ...(held(step) ? { holdsLost: true as const } : {}),
    ...(step === cause && isShown && step.of === null ? { from: base.at } : {}),
  }));
}

function isSameActor(a: Act | null, b: Act | null): boolean {
  return a !== null && b !== null && (isHis(a, b) || isHis(b, a));
}

interface Ranked extends Step {
  /** 0: must be shown; the greater, the sooner it is dropped. */
  readonly rank: number;
  readonly act: Act | null;
}

async function isStep(
  versions: readonly Named[],
  i: number,
  needed: ReadonlySet<string>,
  { testimony }: TimelineDeps,
): Promise<boolean> {
  const { version, name } = versions[i]!;
  if (needed.has(version.id)) return true;
  if (!version.settled || (name !== null && name === versions[i - 1]?.name)) return false;
  const next = versions[i + 1]?.version;
  const isShort = next !== undefined && next.seenAt - version.seenAt < torn;
  return !isShort || (await testimony.writer(version)) !== null;
}

/** A write, what its writer had seen before it, and when it was refused. */
async function writeAnd(
  versions: readonly Named[],
  i: number,
  acts: readonly Act[],
  needed: ReadonlySet<string>,
  deps: TimelineDeps,
): Promise<readonly Ranked[]> {
  const { version } = versions[i]!;
  const before = versions[i - 1]?.version ?? null;
  const [act, writer] = [await deps.testimony.act(version), await deps.testimony.writer(version)];
  const rank = needed.has(version.id) ? 0 : 2;
  const step: Ranked = {
    at: version.at,
    who: writer && withFacts(writer, act, deps),
    did: act ? deedOf(act) : version.how === 'restore' ? 'restored' : version.kind === 'gone' ? 'removed' : 'wrote',
    version: version.id,
    of: null,
    edit: { before, after: version },
    act,
    rank,
  };
  if (act === null) return [step];
  const { whole, isUnclear } = lastKnown(acts, { session: act.session, agent: act.agent, at: act.asked });
  const his = acts.filter(each => each.id !== act.id && isHis(each, act) && each.at <= act.asked);
  const seen = whole?.act ?? his.findLast(isSeeing) ?? null;
  const isStale =
    isWhole(act) && !isUnclear && whole !== null && isOlder(versions, i, whole.content.blob, whole.act.at);
  // Where it read once more, and nobody knows what, that matters as much as what is known.
  const later = his.filter(each => each.at > (seen?.at ?? 0) && (each.kind === 'refused' || isSeeing(each))).slice(-2);
  // It did not ask for what it was given: what it had asked for before may be what it wrote from.
  const asked = seen?.kind === 'given' ? his.findLast(each => each.kind === 'read' && each.at < seen.at) : undefined;
  return [
    ...(asked ? [seeing(asked, versions, deps, rank + 1)] : []),
    ...(seen ? [seeing(seen, versions, deps, rank)] : []),
    ...later.map(each => seeing(each, versions, deps, rank + 1)),
    { ...step, of: isStale ? whole.act.at : null },
  ];
}

/** True when others had written between what it knew and what it replaced. */
function isOlder(versions: readonly Named[], i: number, name: string, at: Time): boolean {
  if (versions[i - 1]?.name === name) return false;
  return versions.slice(0, i).some(({ version, name: other }) => version.at > at && other !== name);
}

function seeing(act: Act, versions: readonly Named[], deps: TimelineDeps, rank: number): Ranked {
  const version = act.after ? standing(versions, act.after.blob, act.at) : null;
  return {
    at: act.at,
    who: withFacts({ ...sessionWriter(act, deps.evidence), certainty: 'proven' }, act, deps),
    did: deedOf(act),
    version: version?.id ?? null,
    of: null,
    edit: null,
    act,
    rank,
  };
}

function deedOf({ kind, shell }: Act): Deed {
  if (kind === 'shell') return shellDeeds[shell ?? 'run'];
  return deeds[kind];
}

const deeds = {
  read: 'read',
  given: 'was given',
  part: 'read a part of',
  write: 'wrote',
  edit: 'edited',
  refused: 'was refused',
} as const;

const shellDeeds = {
  write: 'overwrote',
  replace: 'overwrote',
  run: 'overwrote',
  append: 'appended to',
  edit: 'edited',
  remove: 'removed',
} as const;

/** With the branch and the folder it works in, where the session says so. */
function withFacts(writer: Writer, actor: Actor | null, { evidence }: TimelineDeps): Writer {
  if (actor === null) return writer;
  const main = evidence.session({ session: actor.session, agent: null });
  const own = evidence.session({ session: actor.session, agent: actor.agent });
  const [branch, cwd] = [own?.branch ?? main?.branch ?? null, own?.cwd ?? main?.cwd ?? null];
  return { ...writer, ...(branch === null ? {} : { branch }), ...(cwd === null ? {} : { cwd }) };
}

/** Each once, in order; when there are too many, the least needed go, the oldest of them first. */
function inShort(steps: readonly Ranked[]): readonly Ranked[] {
  const byKey = new Map<string, Ranked>();
  for (const step of steps) {
    // What somebody knows by its own write is told as the version it made.
    const isOfVersion = step.edit !== null || (step.version !== null && step.act !== null && isChange(step.act));
    const key = isOfVersion ? `v ${step.version}` : `a ${step.act?.id}`;
    const known = byKey.get(key);
    const better = known && (known.edit !== null || step.edit === null) ? known : step;
    byKey.set(key, { ...better, rank: Math.min(step.rank, known?.rank ?? step.rank) });
  }
  const all = [...byKey.values()].sort((a, b) => a.at - b.at);
  const surplus = all.length - mostSteps;
  if (surplus <= 0) return all;
  const dropped = new Set([...all].sort((a, b) => b.rank - a.rank || a.at - b.at).slice(0, surplus));
  return all.filter(step => !dropped.has(step));
}

function indexOf(versions: readonly Named[], id: string): number {
  return versions.findIndex(({ version }) => version.id === id);
}
