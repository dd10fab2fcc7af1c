/** `undertext prune`: old versions go, as far as no text goes with them. */
import { UndertextError } from '../errors.ts';
import { pruneJson, pruneText } from '../report/prune-text.ts';
import { visible } from '../report/visible.ts';
import type { PrunePlan } from '../store/prune/plan-prune.ts';
import { auditNow, savedCache } from './audit-now.ts';
import type { Command, ExitCode } from './command.ts';
import { progressLine } from './progress.ts';
import { noteRun } from './prune-due.ts';
import { carryOut, type Pruned, planNow } from './prune-now.ts';
import { pruneReport } from './prune-report.ts';
import { type Setup, withSetup } from './setup.ts';

export const prune: Command = {
  name: 'prune',
  summary: 'lets old versions go as far as no text goes with them, and says which and why',
  usage: ['prune [OPTIONS]'],
  arguments: 0,
  options: { 'dry-run': { type: 'boolean', help: 'say what would go and why, drop nothing' } },
  examples: [
    { line: 'undertext prune --dry-run', does: 'what would go, why, and what stays although it is old' },
    { line: 'undertext prune', does: 'the same, done; for 14 days the content stays in the trash of the store' },
    { line: 'undertext prune --dry-run --json', does: 'every path, for a program' },
  ],
  exits: {
    0: 'done, or nothing to do',
    2: 'wrong usage, or a restore is running',
    3: 'could not finish: a rule failed, or a version could not be read; what it is about stays',
  },
  run: call => {
    const isDry = call.has('dry-run');
    return withSetup(call, isDry ? 'read' : 'write', async setup => {
      const progress = progressLine(setup.world.err);
      const cache = savedCache(setup);
      const audit = await auditNow(setup, {
        cache,
        onProgress: (done, of) => progress.show(`looking at ${done} of ${of} paths`),
      });
      await cache.save({ isComplete: true });
      const room = await setup.store.room();
      const plan = await planNow(setup, audit, room, done => progress.show(`planning: ${done} paths`));
      if (plan === null) throw stopped();
      const done = isDry
        ? null
        : await carryOut(setup, plan, audit.incidents, (at, of) => progress.show(`dropping ${at} of ${of}`));
      progress.clear();
      if (done === null && !isDry) throw restoreRuns();
      if (!isDry) noteRun(setup, room);
      return await say(setup, done?.plan ?? plan, done, audit.failedRules);
    });
  },
};

async function say(
  setup: Setup,
  plan: PrunePlan,
  done: Pruned | null,
  failed: readonly { readonly rule: string; readonly path: string }[],
): Promise<ExitCode> {
  const report = pruneReport(setup, plan, done);
  if (setup.json) await setup.print(pruneJson(report));
  else if (!setup.quiet || report.lastTexts > 0) await setup.print(pruneText(report, setup.style, setup.world.now()));
  for (const { rule, path } of failed)
    await setup.warn(`rule ${visible(rule)} failed on ${visible(path)}: its versions stay`);
  for (const { path, why } of plan.unreadable) await setup.warn(`${visible(path)} stays: ${visible(why)}`);
  return failed.length > 0 || plan.unreadable.length > 0 ? 3 : 0;
}

function stopped(): UndertextError {
  return new UndertextError('moved', 'stopped before anything was dropped', 'run it again');
}

function restoreRuns(): UndertextError {
  return new UndertextError('busy', 'a restore is running, so nothing was dropped', 'run it again in a moment');
}
