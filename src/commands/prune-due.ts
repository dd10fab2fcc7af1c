/** Pruning by itself: once a day in the watcher, once a week at the end of a snapshot or an audit. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditResult } from '../audit/run-audit.ts';
import { UndertextError } from '../errors.ts';
import type { Time } from '../model.ts';
import { prunedLine } from '../report/prune-text.ts';
import { roomWarnings } from '../report/room-text.ts';
import { day } from '../store/prune/retention.ts';
import type { Room } from '../store/store.ts';
import { carryOut, type Pruned, planNow } from './prune-now.ts';
import { prunedIn } from './prune-report.ts';
import type { Setup } from './setup.ts';

/** People without a watcher. */
const weekly = 7 * day;
/** At the cap it is tried again this soon. */
const atCapEvery: Time = 3_600_000;

/** Whether to prune now: when the last time is long ago and something is old enough, or when the store is above its cap. */
export async function isPruneDue(setup: Setup, room: Room, every: Time): Promise<boolean> {
  const { store, world, config } = setup;
  const last = lastRun(setup);
  const ageOf = (time: Time | undefined) =>
    time === undefined ? Number.POSITIVE_INFINITY : Math.abs(world.now() - time);
  if (room.bytes > config.keep.cap) return ageOf(last.atCap) > atCapEvery;
  if (ageOf(last.at) <= every) return false;
  if (room.trash > 0) return true;
  const { allDays, logDays, goneLogDays } = config.keep;
  const { since } = await store.size();
  return since !== null && world.now() - since > Math.min(allDays, logDays, goneLogDays) * day;
}

/**
 * Prunes after an audit. Null when it was not to be: a restore runs, it was stopped, or the store refused. It is nobody's
 * errand, so that an error of the disk is left to those who record.
 */
export async function pruneQuietly(
  setup: Setup,
  audit: Pick<AuditResult, 'incidents' | 'failedRules'>,
  room: Room,
): Promise<Pruned | null> {
  try {
    const plan = await planNow(setup, audit, room);
    const done = plan && (await carryOut(setup, plan, audit.incidents));
    if (done) noteRun(setup, room);
    return done;
  } catch (error) {
    if (error instanceof UndertextError && ['disk', 'busy', 'damaged'].includes(error.code)) return null;
    throw error;
  }
}

/** At the end of a snapshot or an audit, when no watcher does it. What the cap forced out is told. */
export async function pruneWeekly(
  setup: Setup,
  audit: () => Promise<Pick<AuditResult, 'incidents' | 'failedRules'>>,
): Promise<void> {
  const { store, style } = setup;
  const room = await store.room();
  if ((await store.holder('watcher')) === null && (await isPruneDue(setup, room, weekly))) {
    const done = await pruneQuietly(setup, await audit(), room);
    if (done?.plan.isForced) await setup.warn(style.warn(prunedLine(prunedIn(done))));
  }
}

/** Too much taken, or too little left, on standard error. */
export async function warnOfRoom({ store, config, style, warn }: Setup): Promise<void> {
  const { cap, minFree } = config.keep;
  for (const { message, hint } of roomWarnings({ ...(await store.room()), cap, minFree })) {
    await warn(`${style.warn('warning')}: ${message}\nhint: ${hint}`);
  }
}

interface Runs {
  readonly at?: Time;
  /** The last one that began above the cap. */
  readonly atCap?: Time;
}

/** Remembers beside the store that it was pruned now. Losing that costs a plan too many, nothing else. */
export function noteRun(setup: Setup, room: Room): void {
  if (!setup.store.isThere()) return;
  const folder = join(setup.storePath, 'cache');
  const file = join(folder, 'prune.json');
  const at = setup.world.now();
  const runs: Runs = { ...lastRun(setup), at, ...(room.bytes > setup.config.keep.cap ? { atCap: at } : {}) };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.tmp`, JSON.stringify(runs), { mode: 0o600 });
    renameSync(`${file}.tmp`, file);
  } catch {
    // see above
  }
}

function lastRun({ storePath }: Setup): Runs {
  try {
    const { at, atCap } = JSON.parse(readFileSync(join(storePath, 'cache', 'prune.json'), 'utf8')) as Runs;
    const isTime = (time: unknown) => typeof time === 'number';
    return { ...(isTime(at) ? { at: at! } : {}), ...(isTime(atCap) ? { atCap: atCap! } : {}) };
  } catch {
    return {};
  }
}
