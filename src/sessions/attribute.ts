/**
 * Who wrote each version of a path. Proven: a record's content is the version's, exactly, and the order fits (the time of
 * the call, or what stood there before). Likely: the path, and the time within the call. Time and path alone never make
 * a name that is certain: measured elsewhere, that is wrong in half of the cases.
 */
import type { Time, Version } from '../model.ts';
import type { Act, Actor, KnownContent } from './act.ts';
import type { Named } from './named.ts';

export interface Attribution {
  readonly act: Act;
  readonly certainty: 'proven' | 'likely';
}

/** Two clocks of one machine that were asked in turn may differ by this (milliseconds). */
const JITTER = 5;
/** A result is written 1 to 95 ms after the file, on a quiet machine (milliseconds). */
const LATE = 500;

/** By the id of the version. `versions` in the order in which they were seen, `acts` in that in which they happened. */
export function attribute(versions: readonly Named[], acts: readonly Act[]): ReadonlyMap<string, Attribution> {
  const found = new Map<string, Attribution>();
  const changes = acts.filter(isChange);
  if (changes.length === 0) return found;
  const byContent = new Map<string, Act[]>();
  for (const act of changes) {
    if (act.after) byContent.set(act.after.blob, [...(byContent.get(act.after.blob) ?? []), act]);
  }
  const open = [...versions.entries()].flatMap(([i, { version, name }]) => {
    const previous = versions[i - 1] ?? null;
    if (version.how === 'restore' || (previous && isSame(previous, versions[i]!))) return [];
    return [{ version, previous, exact: name === null ? [] : (byContent.get(name) ?? []) }];
  });
  for (const { version, previous, exact } of open) {
    const answer = inTime(version, previous, exact);
    if (answer) found.set(version.id, answer);
  }
  // One act made one version: the same content at another time is somebody else's, who brought it back.
  const spent = new Set([...found.values()].map(({ act }) => act));
  for (const { version, previous, exact } of open) {
    if (found.has(version.id)) continue;
    const isLeft = (act: Act) => !spent.has(act);
    const answer = outOfTime(version, previous, exact.filter(isLeft));
    if (!answer) continue;
    found.set(version.id, answer);
    spent.add(answer.act);
  }
  // Of a call whose own content was seen nothing else is left to be.
  const left = changes.filter(act => !spent.has(act));
  for (const { version, previous } of open) {
    const answer = found.has(version.id) ? null : byTime(version, previous, left);
    if (answer) found.set(version.id, answer);
  }
  return found;
}

/** True for what may have changed the file. */
export function isChange({ kind }: Act): boolean {
  return kind === 'write' || kind === 'edit' || kind === 'shell';
}

/** True for a content that no record holds, and that nothing independent agrees with. */
export function isSupposed({ tier, isValidated }: KnownContent): boolean {
  return tier === 'chain' && !isValidated;
}

/** A session, or one of its sub-agents: each knows only what it was told itself. */
export function isSameActor(a: Actor, b: Actor): boolean {
  return a.session === b.session && a.agent === b.agent;
}

/** Of those that left exactly this content: who did it then. */
function inTime(version: Version, previous: Named | null, acts: readonly Act[]): Attribution | null {
  const then = acts.filter(act => fitsBetween(act, version, previous?.version ?? null));
  const followed = then.filter(act => follows(act, previous));
  const candidates = followed.length > 0 ? followed : then;
  if (candidates.length === 0) return null;
  const act = nearest(candidates, version.at);
  const isOne = candidates.every(other => isSameActor(other, act));
  // What was imported out of a mere supposition agrees with nothing but itself.
  const isItself = version.how === 'import' && isSupposed(act.after!);
  return { act, certainty: isOne && !isItself ? 'proven' : 'likely' };
}

/** What was seen before it was called, or stood there after, can only be of a machine with another clock. */
function outOfTime(version: Version, previous: Named | null, acts: readonly Act[]): Attribution | null {
  const followed = acts.filter(act => follows(act, previous));
  if (followed.length > 0) return { act: nearest(followed, version.at), certainty: 'likely' };
  const [only, ...others] = acts.filter(({ asked }) => asked <= version.seenAt + JITTER);
  return only && others.length === 0 ? { act: only, certainty: 'likely' } : null;
}

/** True when what stood there before it is what it was made on. */
function follows({ before, isNew }: Act, previous: Named | null): boolean {
  return previous?.name
    ? before?.blob === previous.name
    : isNew === true && (previous === null || previous.version.kind === 'gone');
}

/** The write lies between the call and its result; what stood before it was seen before its result. */
function fitsBetween({ asked, at }: Act, version: Version, previous: Version | null): boolean {
  return asked <= version.seenAt + JITTER && (previous === null || at >= previous.seenAt - JITTER);
}

function byTime(version: Version, previous: Named | null, changes: readonly Act[]): Attribution | null {
  // An imported content is somebody's by its content, or stood there before the call that tells of it.
  if (version.how === 'import' && version.kind !== 'gone') return null;
  const wrote = version.kind === 'gone' ? version.at : (version.mtime ?? version.at);
  const removes = (act: Act) => act.kind === 'shell' && (act.shell === 'remove' || act.shell === 'run');
  const late = version.kind === 'gone' || version.mtime === null ? LATE : JITTER;
  const acts = changes.filter(
    act =>
      act.asked - JITTER <= wrote &&
      wrote <= act.at + late &&
      fitsBetween(act, version, previous?.version ?? null) &&
      (version.kind === 'gone' ? removes(act) : act.shell !== 'remove'),
  );
  const [first] = acts;
  if (!first || !acts.every(act => isSameActor(act, first))) return null;
  return { act: nearest(acts, wrote), certainty: 'likely' };
}

function nearest(acts: readonly Act[], at: Time): Act {
  return acts.reduce((a, b) => (Math.abs(b.at - at) < Math.abs(a.at - at) ? b : a));
}

function isSame(a: Named, b: Named): boolean {
  return a.version.kind === b.version.kind && a.name === b.name && a.name !== null;
}
