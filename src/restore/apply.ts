/** Carries a plan out, if the disk still is what the plan expects, and writes down that it did. */

import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { UndertextError } from '../errors.ts';
import type { Observation, Root, Unit, Version } from '../model.ts';
import { onDisk } from '../names.ts';
import { blobOf, type Disk, lookAt, type RestoreDeps } from './disk.ts';
import { readAll, same, sweep, syncNames } from './files.ts';
import { cutLinks } from './links.ts';
import { type Conflict, isNothingToDo, type Plan } from './plan.ts';
import { newRestoreId, type RestoreRecord, restoreNote, restoresOf } from './restores.ts';
import { isSameWay } from './way.ts';
import { change } from './write.ts';

export interface Restored {
  /** Null when nothing was to be done, or when another file was written (`--to`). */
  readonly id: string | null;
  readonly root: Root;
  readonly path: string;
  /** Absolute path of the file that was written. */
  readonly target: string;
  readonly restored: readonly Unit[];
  readonly removed: readonly Unit[];
  readonly before: Version | null;
  readonly after: Version | null;
  /** What could not be kept of the file besides its text, or was left out of its mode: sentences. */
  readonly notKept: readonly string[];
  /** The command that takes it back; null when there is nothing to take back. */
  readonly undo: string | null;
}

/** How often a plan is made again because the file is being written meanwhile. */
const attempts = 5;

/** How often we wait for a file that was written just now: a steady writer does not keep us from trying. */
const waits = 3;

/** So long a writer may hold a file open between emptying and filling it (milliseconds). */
const quietTime = 60;

/** Looks, plans and applies; again when the file moved meanwhile. @throws UndertextError `moved` when it never rests */
export async function restore(
  place: { readonly root: Root; readonly path: string },
  makePlan: (disk: Disk) => Promise<Plan>,
  deps: RestoreDeps,
): Promise<{ plan: Plan; done: Restored }> {
  for (let attempt = 1; ; attempt++) {
    try {
      const disk = await lookWhenQuiet(place, deps);
      const plan = await makePlan(disk);
      return { plan, done: await applyPlan(plan, deps) };
    } catch (error) {
      if (!(error instanceof UndertextError) || error.code !== 'moved') throw error;
      if (attempt === attempts) throw stillWritten(place.path, error);
      await pause(20 * 2 ** attempt, deps);
    }
  }
}

/** A file that was written a moment ago may be half written: it is looked at again before anything is planned on it. */
async function lookWhenQuiet({ root, path }: { root: Root; path: string }, deps: RestoreDeps): Promise<Disk> {
  for (let waited = 0; ; waited++) {
    const disk = await lookAt(root, path, deps);
    const age = disk.mtime === null ? quietTime : deps.now() - disk.mtime;
    const isQuiet = age < 0 || age >= quietTime; // a time in the future is another machine's clock
    if (disk.settled && (isQuiet || waited === waits)) return disk;
    if (waited === waits) throw stillWritten(path);
    await pause(quietTime, deps);
  }
}

async function pause(milliseconds: number, deps: RestoreDeps): Promise<void> {
  await (deps.pause ?? wait)(milliseconds);
}

/**
 * Snapshot, compare, write, snapshot, note. Only the target is touched.
 * @throws UndertextError `conflict` when a person must choose first; nothing is written
 * @throws UndertextError `moved` when the disk is not what the plan expects; nothing is written
 */
export async function applyPlan(plan: Plan, deps: RestoreDeps): Promise<Restored> {
  if (plan.conflicts.length > 0) throw conflictError(plan);
  if (plan.elsewhere) return writeElsewhere(plan, deps);
  const disk = await lookAt(plan.root, plan.path, deps);
  const isAsPlanned = disk.target === plan.target && isSameWay(disk.way, plan.way) && same(disk.bytes, plan.present);
  if (!isAsPlanned) throw stillWritten(plan.path);
  const before = disk.version;
  sweep(disk.target, deps.now(), bytes => isKept(bytes, plan, deps));
  if (isNothingToDo(plan)) {
    // A run that was killed may have put it there a moment ago, and not have made the name durable.
    syncNames(disk.target);
    if (plan.decision !== null) return writeDown(plan, before, before, [], deps);
    return result(plan, null, before, before);
  }
  const mode = disk.bytes === null ? plan.mode : disk.mode;
  const notKept = plan.bytes === null ? [] : [...cutLinks(disk.target, plan.root)];
  let after: Version | null = null;
  let unwritten: unknown = null;
  const blob = plan.bytes === null ? null : blobOf(plan.bytes);
  await deps.announce?.({ root: plan.root.name, path: plan.path, blob });
  const isConfirmed = await change({
    ...plan,
    mode,
    notKept: what => notKept.push(what),
    keepAttributes: deps.keepAttributes,
    beforeRename: deps.beforeRename,
    placed: async mtime => {
      // Whoever had the old file open is waited for all the same.
      try {
        [after = null] = await deps.store.record([written({ ...plan, mode }, mtime, deps)]);
      } catch (error) {
        unwritten = error;
      }
    },
    linger: () => pause(quietTime, deps),
  });
  if (unwritten) throw notWrittenDown(plan, before, unwritten);
  const done = await writeDown(plan, before, plan.bytes === null ? null : after, notKept, deps).catch(
    (error: unknown) => {
      throw notWrittenDown(plan, before, error);
    },
  );
  if (isConfirmed) return done;
  const what = `${plan.path} was restored, but the disk did not confirm that it stays so`;
  throw new UndertextError('disk', what, `look at the disk; \`${done.undo}\` takes the restore back`);
}

/** True when nothing goes with these bytes: the store has them, or they are a beginning of what the plan writes. */
function isKept(bytes: Uint8Array, plan: Plan, { store }: RestoreDeps): boolean {
  if (plan.bytes !== null && same(bytes, plan.bytes.subarray(0, bytes.length))) return true;
  const blob = blobOf(bytes);
  return store.versions({ root: plan.root.name, path: plan.path }).some(version => version.blob === blob);
}

function notWrittenDown({ path }: Plan, before: Version | null, cause: unknown): UndertextError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const back = before === null ? 'remove the file' : `run \`undertext restore ${path} --at ${before.id}\``;
  const hint = `to have it as it was before, ${back}; \`undertext undo\` does not know of this restore`;
  return new UndertextError(
    'disk',
    `${path} was restored, but the store could not write that down: ${why}`,
    hint,
    cause,
  );
}

async function writeDown(
  plan: Plan,
  before: Version | null,
  after: Version | null,
  notKept: readonly string[],
  deps: RestoreDeps,
) {
  const record: RestoreRecord = {
    id: newRestoreId(restoresOf(deps.store.notes('restore')), deps.random),
    kind: plan.kind,
    root: plan.root.name,
    path: plan.path,
    at: deps.now(),
    before: before?.id ?? null,
    after: after?.id ?? null,
    incident: plan.incident,
    undoes: plan.undoes,
    ...(deps.batch === undefined ? {} : { batch: deps.batch }),
    ...(plan.decision === null ? {} : { decision: plan.decision }),
  };
  await deps.store.note([restoreNote(record)]);
  return result(plan, record.id, before, after, notKept);
}

/** The version we made, from the bytes we wrote: what the disk holds a moment later may be somebody else's already. */
function written(plan: Plan, mtime: number | null, deps: RestoreDeps): Observation {
  const now = deps.now();
  const place = { root: plan.root.name, path: plan.path, at: now, seenAt: now, how: 'restore', settled: true } as const;
  if (plan.bytes === null) return { ...place, kind: 'gone', content: null, size: 0, mode: 0, mtime: null };
  return { ...place, kind: 'file', content: plan.bytes, size: plan.bytes.length, mode: plan.mode & 0o7777, mtime };
}

async function writeElsewhere(plan: Plan, deps: RestoreDeps): Promise<Restored> {
  if (plan.bytes === null) {
    throw new UndertextError('refused', 'there is no text to write', 'leave --to out to see what the restore would do');
  }
  try {
    await change({ ...plan, present: null, beforeRename: deps.beforeRename });
  } catch (error) {
    if (!(error instanceof UndertextError) || error.code !== 'moved') throw error;
    if (lstatSync(onDisk(plan.target), { throwIfNoEntry: false }) === undefined) throw error;
    if (!isAlready(plan.target, plan.bytes)) {
      throw new UndertextError('refused', `${plan.target} exists`, 'name a file that does not exist yet', error);
    }
  }
  return result(plan, null, null, null);
}

/** True for a file, not a link, that holds these bytes; what waits for a writer is never waited for. */
function isAlready(file: string, bytes: Uint8Array): boolean {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  try {
    const handle = openSync(onDisk(file), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return fstatSync(handle).isFile() && same(readAll(handle), bytes);
    } finally {
      closeSync(handle);
    }
  } catch {
    return false;
  }
}

function result(
  plan: Plan,
  id: string | null,
  before: Version | null,
  after: Version | null,
  notKept: readonly string[] = [],
): Restored {
  const { root, path, target, restored, removed } = plan;
  const nothing = id === null && !plan.elsewhere;
  const units = nothing ? { restored: [], removed: [] } : { restored, removed };
  return {
    id,
    root,
    path,
    target,
    ...units,
    before,
    after,
    notKept,
    undo: id === null ? null : `undertext undo ${id}`,
  };
}

function stillWritten(path: string, cause?: unknown): UndertextError {
  return new UndertextError(
    'moved',
    `${path} is being written, so nothing was restored`,
    'run the same command again when the writer is done; nothing is lost meanwhile',
    cause,
  );
}

/** Says both texts, so that a person can choose. */
export function conflictError(plan: Plan): UndertextError {
  const texts = plan.conflicts.map(({ lost, present }: Conflict) => {
    return `${lost.name}\n  lost (theirs):  ${oneLine(lost.text)}\n  present (ours): ${oneLine(present.text)}`;
  });
  const count = texts.length === 1 ? '1 place was' : `${texts.length} places were`;
  return new UndertextError(
    'conflict',
    `${plan.path}: ${count} changed on both sides, so nothing was written\n${texts.join('\n')}`,
    'run it again with --theirs (the lost text), --ours (the present text) or --both',
  );
}

function oneLine(text: string): string {
  return text.split(/\r?\n/).join(' ⏎ ');
}
