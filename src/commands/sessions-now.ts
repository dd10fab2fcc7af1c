/** Sessions, what they know, and which of it is out of date, out of evidence and the living. */
import { join } from 'node:path';
import { type Reader, unitReader } from '../audit/reader.ts';
import { compareUnits, counterpart } from '../documents/compare.ts';
import { gather } from '../documents/gather.ts';
import { isNoiseUnit } from '../home/noise-units.ts';
import type { Time, Version } from '../model.ts';
import type { SessionRow, SessionsReport, StaleRow } from '../report/sessions-text.ts';
import type { Act, Actor, SessionFacts } from '../sessions/act.ts';
import type { Coverage } from '../sessions/collect.ts';
import type { Evidence, Place } from '../sessions/evidence.ts';
import { actorKey } from '../sessions/keys.ts';
import { type LiveCoverage, type LiveReading, type LiveSession, liveSessions } from '../sessions/live.ts';
import { type PathUse, type StaleCopy, staleOf, useOf } from '../sessions/stale.ts';
import type { Testimony } from '../sessions/testify.ts';
import { processes } from './processes.ts';
import type { Setup } from './setup.ts';
import { evidenceOf, testimonyOf } from './testimony.ts';

export interface SessionsAsked {
  /** Also those that ended since; null: all that are known, and stale copies of the ended ones. */
  readonly since: Time | null;
}

export interface Sources {
  readonly evidence: Evidence;
  readonly testimony: Testimony;
  readonly live: LiveReading;
  /** What became of the transcripts. */
  readonly coverage: Pick<Coverage, 'transcripts' | 'damaged' | 'unreadable'>;
}

/** A sub-agent says nowhere whether it lives, and an old client neither: who wrote so recently may. */
const recent = 10 * 60_000;
/** Larger versions are not compared. */
const largest = 32_000_000;

export async function sessionsNow(
  setup: Setup,
  asked: SessionsAsked,
  sources: Partial<Sources> = {},
): Promise<SessionsReport> {
  const evidence = sources.evidence ?? evidenceOf(setup);
  const testimony = sources.testimony ?? testimonyOf(setup);
  const live = sources.live ?? (await everybody(setup));
  const now = setup.world.now();
  const listed = listedActors(evidence, live, asked, now);
  const uses = await usesOf(setup, listed, evidence, testimony, now);
  const isWanted = ({ alive, agent }: Listed, used: readonly PathUse[]) =>
    used.length > 0 || (agent === null && (alive !== false || asked.since === null));
  const rows = listed
    .map(actor => [actor, uses.get(actorKey(actor)) ?? []] as const)
    .filter(([actor, used]) => isWanted(actor, used));
  const stale: StaleRow[] = [];
  const reader = unitReader(
    blob => setup.store.read(blob),
    () => false,
  );
  for (const [actor, used] of rows) {
    if (actor.alive === false && asked.since !== null) continue;
    for (const use of used) {
      const row = await staleRow(actor, use, setup, testimony, reader);
      if (row) stale.push(row);
    }
  }
  return {
    since: asked.since,
    sessions: rows.map(([actor, used]) => sessionRow(actor, used)).sort(livingFirst),
    stale: stale.sort((a, b) => Number(b.units.length > 0) - Number(a.units.length > 0) || b.now.at - a.now.at),
    coverage: {
      transcripts: sources.coverage?.transcripts ?? 0,
      damaged: sources.coverage?.damaged ?? 0,
      unreadable: (sources.coverage?.unreadable ?? []).filter(isTranscript),
      live: live.coverage,
    },
  };
}

/** The clients of all roots. */
async function everybody({ roots, world }: Setup): Promise<LiveReading> {
  const ask = processes(world.platform);
  const readings = await Promise.all(roots.map(root => liveSessions(join(root.path, 'sessions'), ask)));
  const coverage = readings.map(reading => reading.coverage).reduce(together, nobody);
  return { sessions: readings.flatMap(reading => reading.sessions), coverage };
}

const nobody: LiveCoverage = { files: 0, alive: 0, elsewhere: 0, dead: 0, taken: 0, broken: 0, left: 0 };

function together(a: LiveCoverage, b: LiveCoverage): LiveCoverage {
  return {
    files: a.files + b.files,
    alive: a.alive + b.alive,
    elsewhere: a.elsewhere + b.elsewhere,
    dead: a.dead + b.dead,
    taken: a.taken + b.taken,
    broken: a.broken + b.broken,
    left: a.left + b.left,
  };
}

interface Listed extends Actor {
  readonly facts: SessionFacts | null;
  /** Of the session itself, also for its sub-agents: they have no title of their own. */
  readonly main: SessionFacts | null;
  readonly live: LiveSession | null;
  readonly alive: boolean | null;
}

function listedActors(evidence: Evidence, live: LiveReading, asked: SessionsAsked, now: Time): readonly Listed[] {
  const living = new Map(live.sessions.toReversed().map(session => [session.session, session]));
  const known = new Map<string, SessionFacts>();
  for (const facts of evidence.sessions()) known.set(actorKey(facts), facts);
  const aliveOf = ({ session, agent, last }: SessionFacts): boolean | null => {
    const client = living.get(session);
    const isRecent = now - last < recent;
    if (!client) return live.coverage.files === 0 && isRecent ? null : false;
    if (agent !== null && !isRecent) return false;
    return client.isSure ? true : null;
  };
  const listed = [...known.values()].map((facts): Listed => {
    const { session, agent } = facts;
    const main = known.get(actorKey({ session, agent: null })) ?? null;
    return { session, agent, facts, main, live: living.get(session) ?? null, alive: aliveOf(facts) };
  });
  const silent = [...living.values()].filter(({ session }) => !known.has(actorKey({ session, agent: null })));
  return [
    ...listed.filter(({ facts, alive }) => alive !== false || asked.since === null || facts!.last >= asked.since),
    ...silent.map((client): Listed => {
      const alive = client.isSure ? true : null;
      return { session: client.session, agent: null, facts: null, main: null, live: client, alive };
    }),
  ];
}

/** What each did to the paths of the roots, newest first. */
async function usesOf(
  { roots }: Setup,
  listed: readonly Listed[],
  evidence: Evidence,
  testimony: Testimony,
  now: Time,
): Promise<ReadonlyMap<string, readonly PathUse[]>> {
  const names = new Set(roots.map(root => root.name));
  const wanted = new Map(listed.map(actor => [actorKey(actor), actor]));
  const uses = new Map<string, PathUse[]>();
  for (const place of evidence.paths()) {
    if (!names.has(place.root)) continue;
    const acts = evidence.acts(place);
    const actors = new Set(acts.flatMap(handsOf).filter(key => wanted.has(key)));
    if (actors.size === 0) continue;
    const named = await testimony.named(place);
    for (const key of actors) {
      const { session, agent } = wanted.get(key)!;
      const use = useOf(place, acts, named, { session, agent, at: now });
      if (use) uses.set(key, [...(uses.get(key) ?? []), use]);
    }
  }
  for (const used of uses.values()) used.sort((a, b) => lastOf(b) - lastOf(a));
  return uses;
}

/** Its owner, and who has a copy of it. */
function handsOf(act: Act): readonly string[] {
  return [act, ...(act.knownTo ?? [])].map(actorKey);
}

function lastOf({ read, wrote }: Pick<PathUse, 'read' | 'wrote'>): Time {
  return Math.max(read ?? 0, wrote ?? 0);
}

function sessionRow(actor: Listed, used: readonly PathUse[]): SessionRow {
  const { session, agent, facts, main, live, alive } = actor;
  return {
    id: session,
    agent,
    label: live?.name ?? main?.label ?? facts?.label ?? null,
    branch: facts?.branch ?? main?.branch ?? null,
    cwd: facts?.cwd ?? live?.cwd ?? null,
    version: facts?.version ?? live?.version ?? null,
    pid: alive === false ? null : (live?.pid ?? null),
    alive,
    first: facts?.first ?? live?.since ?? null,
    last: facts?.last ?? null,
    paths: used.map(({ place, read, wrote, knows }) => ({
      root: place.root,
      path: place.path,
      read,
      wrote,
      knows: knows && { version: knows.version?.id ?? null, at: knows.at, how: knows.how },
    })),
  };
}

function livingFirst(a: SessionRow, b: SessionRow): number {
  const rank = ({ alive }: SessionRow) => (alive === false ? 1 : 0);
  const last = (row: SessionRow) => row.last ?? row.first ?? 0;
  return rank(a) - rank(b) || last(b) - last(a);
}

/** Null when its copy is fresh, or nothing that matters would come or go with it. */
async function staleRow(
  actor: Listed,
  use: PathUse,
  setup: Setup,
  testimony: Testimony,
  reader: Reader,
): Promise<StaleRow | null> {
  const isOwn = async (version: Version) => {
    const writer = await testimony.writer(version);
    return writer?.kind === 'session' && writer.id === actor.session && (writer.agent ?? null) === actor.agent;
  };
  if (!isPrecious(setup, use.place)) return null;
  const stale = await staleOf(use, await testimony.named(use.place), isOwn);
  if (stale === null) return null;
  const change = await changeSince(stale, reader);
  if (change !== null && change.units.length + change.back.length === 0) return null;
  const { place, knows, now } = stale;
  return {
    session: actor.session,
    agent: actor.agent,
    root: place.root,
    path: place.path,
    knows: { version: knows.version?.id ?? null, at: knows.at, how: knows.how },
    now: { version: now.id, at: now.at, writer: await testimony.writer(now) },
    units: change?.units ?? [],
    back: change?.back ?? [],
    isCompared: change !== null,
  };
}

/** Copies that the client made are no loss here. */
function isTranscript({ path }: { readonly path: string }): boolean {
  return path.endsWith('.jsonl');
}

/** Logs and caches are not saved from a copy. */
function isPrecious({ roots, classify }: Setup, { root, path }: Place): boolean {
  const known = roots.find(each => each.name === root);
  return known !== undefined && ['authored', 'state'].includes(classify(known, path));
}

/** What came since its copy, and what was taken out and stands in no other form; null when that cannot be compared. */
async function changeSince(
  { knows, now }: StaleCopy,
  reader: Reader,
): Promise<Pick<StaleRow, 'units' | 'back'> | null> {
  const { version } = knows;
  if (version?.kind !== 'file' || version.size > largest || now.size > largest) return null;
  try {
    const [before, after] = [await reader.document(version), await reader.document(now)];
    const { added, removed } = compareUnits(before.units, after.units);
    const matters = added.filter(unit => !isNoiseUnit(now.path, unit));
    const gone = removed.filter(unit => !isNoiseUnit(now.path, unit) && counterpart(unit, added) === null);
    return { units: gather(matters, after), back: gather(gone, before) };
  } catch {
    return null;
  }
}
