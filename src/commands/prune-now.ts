/** Plans what goes out of the store, and lets it go: for `prune`, for the watcher once a day, for people without one. */
import { setImmediate as turn } from 'node:timers/promises';
import { ledgerOf } from '../audit/ledger.ts';
import { type PointedAt, pointedAt, whatPointsTo } from '../audit/pointed-at.ts';
import type { AuditResult } from '../audit/run-audit.ts';
import { parseDocument } from '../documents/document.ts';
import { isNoiseUnit } from '../home/noise-units.ts';
import type { Incident, Time, Version } from '../model.ts';
import { restoresOf } from '../restore/restores.ts';
import { droppedBy, type PrunePlan, planPrune } from '../store/prune/plan-prune.ts';
import { day } from '../store/prune/retention.ts';
import { pruneNote } from '../store/prune/thinned.ts';
import { type Room, trashKeptFor } from '../store/store.ts';
import { ifNobodyRestores } from './restore-post.ts';
import type { Setup } from './setup.ts';

export interface Pruned {
  readonly plan: PrunePlan;
  readonly versions: number;
  /** When what was dropped may be removed for good; null when that is done, or nothing was dropped. */
  readonly until: Time | null;
  /** Bytes that were removed for good. */
  readonly emptied: number;
  readonly room: Room;
}

type Audit = Pick<AuditResult, 'incidents' | 'failedRules'>;

/** Planning gives the loop a turn after so many milliseconds, so that a watcher hears what happens meanwhile. */
const slice = 8;

/**
 * What would go. The audit comes first: an incident nobody has found yet would protect nothing. Paths at which a rule
 * failed stay as they are. Null when it was stopped.
 */
export async function planNow(
  setup: Setup,
  audit: Audit,
  room: Room,
  onProgress?: (done: number) => void,
): Promise<PrunePlan | null> {
  const { store, config, world } = setup;
  const roots = new Map(setup.roots.map(root => [root.name, root]));
  const { needed, pointed } = protectedBy(setup, audit.incidents);
  const failed = audit.failedRules.map(({ path }) => path);
  let begun = performance.now();
  try {
    return await planPrune({
      store,
      now: world.now(),
      keep: config.keep,
      cap: config.keep.cap,
      room,
      needed,
      pointedAt: ({ root, path }) => whatPointsTo(pointed, root, path),
      classOf: newest => {
        const root = roots.get(newest.root);
        const isIn = (place: string) => place === '' || newest.path === place || newest.path.startsWith(`${place}/`);
        return root === undefined || failed.some(isIn) ? null : setup.classify(root, newest.path);
      },
      texts: version => textsOf(store, version),
      rest: async () => {
        world.signal.throwIfAborted();
        if (performance.now() - begun < slice) return;
        await turn();
        begun = performance.now();
      },
      ...(onProgress ? { onProgress } : {}),
    });
  } catch (error) {
    if (world.signal.aborted) return null;
    throw error;
  }
}

/** What a version says, without counters and stamps. Nothing is remembered: a plan reads each version once at most. */
async function textsOf(store: Setup['store'], { kind, path, blob }: Version): Promise<ReadonlySet<string>> {
  if (blob === null) return new Set();
  if (kind !== 'file') return new Set([`${kind} ${blob}`]);
  const { units } = parseDocument(path, await store.read(blob));
  return new Set(units.flatMap(unit => (isNoiseUnit(path, unit) ? [] : unit.fingerprint)));
}

/** Lets go what was planned. Null when a restore runs: then nothing was touched. */
export async function carryOut(
  setup: Setup,
  plan: PrunePlan,
  incidents: readonly Incident[],
  onProgress?: (done: number, of: number) => void,
): Promise<Pruned | null> {
  const done = await ifNobodyRestores(setup, async () => {
    const { store, world } = setup;
    await store.refresh();
    const now = stillWanted(setup, plan, incidents);
    let emptied = await emptyOld(setup, plan.room, plan.room.bytes > plan.cap ? world.now() + 1 : undefined);
    const ids = droppedBy(now);
    if (ids.size === 0) return { plan: now, versions: 0, until: null, emptied, room: await store.room() };
    const { versions, until } = await store.drop(ids, onProgress);
    await store.note([pruneNote(now)]);
    // What the cap forces out frees nothing while it lies in the trash.
    if (now.isForced) emptied += await store.emptyTrash(world.now() + 1);
    return { plan: now, versions, until: now.isForced ? null : until, emptied, room: await store.room() };
  });
  return done?.value ?? null;
}

/** Before anything is dropped: what was dropped in this run is never removed for good in it. */
async function emptyOld({ store, world }: Setup, room: Room, before?: Time): Promise<number> {
  return room.trash === 0 ? 0 : await store.emptyTrash(before ?? world.now() - trashKeptFor);
}

/** The plan without paths of which something is needed since it was made. */
function stillWanted(setup: Setup, plan: PrunePlan, incidents: readonly Incident[]): PrunePlan {
  const { needed } = protectedBy(setup, incidents);
  const isWanted = ({ verdicts }: PrunePlan['paths'][number]) =>
    !verdicts.some(({ keep, version }) => !keep && needed.has(version.id));
  return { ...plan, paths: plan.paths.filter(isWanted) };
}

/**
 * What incidents and restores need: what they name, and what stood before the write that caused an incident. Every
 * restore counts: there are few, and each can be taken back.
 */
function protectedBy(
  { store, config, world }: Setup,
  incidents: readonly Incident[],
): { needed: ReadonlyMap<string, string>; pointed: PointedAt } {
  const recent = config.keep.goneLogDays * day;
  const notes = store.notes('incident');
  const known = new Map<string, Incident>();
  // Another process may have booked some since the audit.
  for (const [id, { incident, accepted, resolved }] of ledgerOf(notes)) {
    known.set(id, { ...incident, state: accepted !== null ? 'accepted' : resolved ? 'resolved' : 'open' });
  }
  for (const incident of incidents) if (!known.has(incident.id)) known.set(incident.id, incident);
  const pointed = pointedAt([...known.values()], notes, { now: world.now(), recent });
  const needed = new Map(pointed.versions);
  for (const { id, cause } of known.values()) {
    const name = cause && pointed.versions.get(cause.version);
    const before = name && stoodBefore(store, cause.version);
    if (before && !needed.has(before.id)) needed.set(before.id, `incident ${id}`);
  }
  for (const { id, before, after } of restoresOf(store.notes('restore'))) {
    for (const version of [before, after]) if (version !== null) needed.set(version, `restore ${id}`);
  }
  return { needed, pointed };
}

function stoodBefore(store: Setup['store'], id: string): Version | undefined {
  const [version] = store.withId(id);
  if (version === undefined) return undefined;
  const versions = store.versions(version);
  return versions[versions.findIndex(each => each.id === id) - 1];
}
