/** `undertext restore FOLDER --at TIME`: every file that was changed or deleted since, as it stood then. */
import { UndertextError } from '../errors.ts';
import { forgottenOf } from '../history/forgotten.ts';
import { writtenAt } from '../history/history.ts';
import { parseTime } from '../history/times.ts';
import type { Root, Time, Version } from '../model.ts';
import { errorJson, errorText } from '../report/error-text.ts';
import { type FolderStep, folderJson, folderText } from '../report/restore-folder-text.ts';
import { quoted, visible } from '../report/visible.ts';
import { restore as restoreFile } from '../restore/apply.ts';
import type { RestoreDeps } from '../restore/disk.ts';
import { isNothingToDo, planVersion } from '../restore/plan.ts';
import { newBatchId, restoresOf } from '../restore/restores.ts';
import type { Call, ExitCode } from './command.ts';
import { exitCodeOf } from './exit-codes.ts';
import { freshen } from './freshen.ts';
import { whileNothingIsDropped } from './restore-post.ts';
import type { Setup } from './setup.ts';

interface Folder {
  readonly root: Root;
  /** '' for the root itself. */
  readonly path: string;
}

/** Each file by itself: one that cannot be written is reported and stops no other. What is new since then stays. */
export async function restoreFolder(setup: Setup, call: Call, folder: Folder, deps: RestoreDeps): Promise<ExitCode> {
  const at = timeOf(call, setup.world.now());
  await freshen(setup);
  const steps = stepsOf(setup, folder, at);
  const isDry = call.has('dry-run');
  const batch = newBatchId(restoresOf(setup.store.notes('restore')));
  const done: FolderStep[] = [];
  let worst: ExitCode = 0;
  for (const step of steps) {
    if (isDry || step.held === null || !['changed', 'deleted'].includes(step.state)) {
      done.push(step);
      continue;
    }
    try {
      done.push(await carryOutStep(setup, folder.root, step, step.held, { ...deps, batch }));
    } catch (error) {
      if (!(error instanceof UndertextError)) throw error;
      worst = Math.max(worst, exitCodeOf[error.code]) as ExitCode;
      await setup.warn(setup.json ? errorJson(error) : errorText(error));
      done.push({ ...step, state: 'failed' });
    }
  }
  const isAny = done.some(({ restore }) => restore !== null);
  const again = `undertext restore ${quoted(call.arguments[0]!)} --at ${quoted(call.text('at')!)}`;
  const report = {
    root: folder.root.name,
    path: folder.path,
    at,
    steps: done,
    command: isDry ? again : null,
    undo: isAny ? `undertext undo ${batch}` : null,
  };
  if (setup.json) await setup.print(folderJson(report));
  else if (!setup.quiet) await setup.print(folderText(report, setup.style, setup.world.now()));
  return worst;
}

async function carryOutStep(
  setup: Setup,
  root: Root,
  step: FolderStep,
  version: Version,
  deps: RestoreDeps,
): Promise<FolderStep> {
  const place = { root, path: step.path };
  const { plan, done } = await whileNothingIsDropped(setup, announce =>
    restoreFile(place, disk => planVersion({ disk, store: setup.store, version }), { ...deps, announce }),
  );
  if (isNothingToDo(plan)) return { ...step, state: 'same' };
  return { ...step, state: 'restored', restore: done.id };
}

function timeOf(call: Call, now: Time): Time {
  for (const option of ['section', 'to'] as const) {
    if (call.text(option) !== undefined) {
      throw new UndertextError('usage', `--${option} is for one file, and this is a folder`, 'name a file in it');
    }
  }
  const typed = call.text('at')!;
  const time = parseTime(typed, now);
  if (time !== null) return time;
  throw new UndertextError(
    'usage',
    `"${visible(typed)}" is not a time`,
    'a folder is restored to a time: 2h, 18:00, yesterday 18:00 or 2026-11-20T18:00',
  );
}

/** What became of each file of the folder since then. @throws UndertextError `not-found` when nothing is known of then */
export function stepsOf({ store }: Pick<Setup, 'store'>, folder: Folder, at: Time): readonly FolderStep[] {
  const forgotten = forgottenOf(store.notes('forgotten'));
  const steps: FolderStep[] = [];
  for (const versions of store.byPath()) {
    const [first] = versions;
    if (first === undefined || !isWithin(first, folder)) continue;
    const settled = versions.filter(version => version.settled);
    const newest = settled.at(-1);
    const then = settled.findLast((_, index) => writtenAt(settled, index) <= at) ?? null;
    if (newest === undefined) continue;
    const stood = then !== null && then.kind !== 'gone';
    const state = !stood ? (newest.kind === 'gone' ? null : 'new') : stateOf(then, newest, forgotten.has(then.id));
    if (state !== null) steps.push({ path: first.path, state, held: stood ? then : null, restore: null });
  }
  if (steps.some(({ held }) => held !== null)) return steps.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const name = visible(folder.path || folder.root.path);
  throw new UndertextError(
    'not-found',
    `no file of ${name} is known to have been there then`,
    `\`undertext ls ${quoted(folder.path || folder.root.path)}\` lists what is there now; \`undertext log\` shows since when versions are kept`,
  );
}

function stateOf(then: Version, newest: Version, isForgotten: boolean): FolderStep['state'] {
  if (then.kind === newest.kind && then.blob === newest.blob) return 'same';
  if (then.kind !== 'file' || isForgotten) return 'not kept';
  return newest.kind === 'gone' ? 'deleted' : 'changed';
}

function isWithin({ root, path }: Version, folder: Folder): boolean {
  return root === folder.root.name && (folder.path === '' || path.startsWith(`${folder.path}/`));
}
