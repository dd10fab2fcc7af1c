/** What a watcher does about room: prunes once a day when it is quiet, at the cap at once, and says when that did not help. */
import type { AuditResult } from '../audit/run-audit.ts';
import type { Time } from '../model.ts';
import { roomWarnings } from '../report/room-text.ts';
import { day } from '../store/prune/retention.ts';
import type { RoomAsker } from '../store/reserve.ts';
import type { Room } from '../store/store.ts';
import { isPruneDue, pruneQuietly } from './prune-due.ts';
import type { Pruned } from './prune-now.ts';
import type { Setup } from './setup.ts';

export interface RoomDutyDeps {
  readonly setup: Setup;
  readonly room: RoomAsker;
  audit(): Promise<Pick<AuditResult, 'incidents' | 'failedRules'>>;
  leaveLogsOut(isAtCap: boolean): void;
  warn(code: string, message: string, hint: string): Promise<void>;
  pruned(done: Pruned): Promise<void>;
  /** Hears of an error that nobody waits for. */
  failed(error: unknown): void;
  /** Milliseconds that no setting of a clock changes; replaced by tests. */
  readonly elapsed?: () => number;
}

export interface RoomDuty {
  /** Called every moment; looks every 30 seconds. `quietSince`: when the last version came, in elapsed time. */
  check(quietSince: number): Promise<void>;
  /** Resolves when a pruning that runs has ended. */
  ended(): Promise<void>;
}

const lookEvery: Time = 30_000;
/** So long nothing must have been written before old versions go; after two days it happens anyway. */
const quietFor: Time = 60_000;
const overdue = 2 * day;
/** What only time can bring about is not asked for more often. */
const askDueEvery: Time = 3_600_000;

export function roomDuty(deps: RoomDutyDeps): RoomDuty {
  const { setup, room, elapsed = () => performance.now() } = deps;
  const { cap, minFree } = setup.config.keep;
  let lookedAt = Number.NEGATIVE_INFINITY;
  // A watcher that has just begun has enough to do.
  const askedAt = { quiet: Number.NEGATIVE_INFINITY, busy: elapsed() };
  let warnedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  const judge = async (found: Room): Promise<void> => {
    const isAtCap = found.bytes > cap;
    deps.leaveLogsOut(isAtCap);
    if (!isAtCap) warnedAt = Number.NEGATIVE_INFINITY;
    if (!isAtCap || elapsed() - warnedAt < day) return;
    warnedAt = elapsed();
    for (const { code, message, hint } of roomWarnings({ ...found, cap, minFree })) {
      if (code === 'cap') await deps.warn(code, message, hint);
    }
  };
  /** Runs beside the events, but for the audit: two at once would book an incident twice. */
  const prune = async (found: Room, audit: Awaited<ReturnType<RoomDutyDeps['audit']>>): Promise<void> => {
    const done = await pruneQuietly(setup, audit, found);
    if (done && done.versions + done.emptied > 0) await deps.pruned(done);
    const after = await room(true);
    // Above the cap only now: the next look prunes for that.
    if (after.bytes <= cap || found.bytes > cap) await judge(after);
  };
  const mayPrune = async (found: Room, quietSince: number): Promise<boolean> => {
    if (found.bytes > cap) return await isPruneDue(setup, found, day);
    const state = elapsed() - quietSince < quietFor ? 'busy' : 'quiet';
    if (elapsed() - askedAt[state] < askDueEvery) return false;
    askedAt[state] = elapsed();
    return await isPruneDue(setup, found, state === 'busy' ? overdue : day);
  };
  return {
    check: async quietSince => {
      if (running !== null || elapsed() - lookedAt < lookEvery) return;
      lookedAt = elapsed();
      const found = await room();
      if (!(await mayPrune(found, quietSince))) return await judge(found);
      running = prune(found, await deps.audit())
        .catch(error => deps.failed(error))
        .finally(() => {
          running = null;
        });
    },
    ended: async () => {
      await running;
    },
  };
}
