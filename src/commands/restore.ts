/** `undertext restore`: the lost text, back in the present file. */
import { resolve, sep } from 'node:path';
import { UndertextError } from '../errors.ts';
import type { Root } from '../model.ts';
import { type RestoreReport, restoreJson, restoreText } from '../report/restore-text.ts';
import { visible } from '../report/visible.ts';
import { restore as restoreFile } from '../restore/apply.ts';
import { type Disk, lookAt, type RestoreDeps } from '../restore/disk.ts';
import { type Choice, isNothingToDo, type Plan, planIncident, planSection, planVersion } from '../restore/plan.ts';
import { observe } from '../watch/read.ts';
import { auditNow, savedCache } from './audit-now.ts';
import type { Call, Command, ExitCode } from './command.ts';
import { incidentOf } from './incident-argument.ts';
import { oneArgument } from './one-argument.ts';
import { mustNotBeForgotten, pathAt, versionOf } from './path-arguments.ts';
import { sayRepairs } from './repairs.ts';
import { whileNothingIsDropped } from './restore-post.ts';
import { type Setup, withSetup } from './setup.ts';

export const restore: Command = {
  name: 'restore',
  summary: 'puts the lost text of an incident back into the present file, or a whole version, or one section of it',
  usage: ['restore INCIDENT [OPTIONS]', 'restore PATH --at VERSION [OPTIONS]'],
  arguments: 1,
  options: {
    at: { type: 'string', value: 'VERSION', help: 'which version of PATH: an id, 2h, 2026-11-20T14:00' },
    section: { type: 'string', value: 'NAME', help: 'with --at: only this section' },
    to: { type: 'string', value: 'FILE', help: 'write to a new file, and leave the present one as it is' },
    'dry-run': { type: 'boolean', help: 'print the plan and the diff, write nothing' },
    ours: { type: 'boolean', help: 'where both sides changed: keep the present text' },
    theirs: { type: 'boolean', help: 'where both sides changed: take the lost text' },
    both: { type: 'boolean', help: 'where both sides changed: keep both' },
  },
  examples: [
    { line: 'undertext restore k7f3qz', does: 'merges the lost text into what is there now; nothing newer goes' },
    { line: 'undertext restore k7f3qz --dry-run', does: 'what would be written' },
    { line: 'undertext restore CLAUDE.md --at 2h --section "Style"', does: 'one section as it stood two hours ago' },
    { line: 'undertext restore CLAUDE.md --at m4xk --to old.md', does: 'a version into another file' },
  ],
  exits: {
    0: 'put back (or it was there already)',
    1: 'both sides changed the same text: choose --ours, --theirs or --both; nothing was written',
    3: 'could not finish; the file is as it was',
  },
  run: call =>
    withSetup(call, 'write', async setup => {
      const { place, makePlan } =
        call.text('at') === undefined ? await ofIncident(setup, call) : ofVersion(setup, call);
      return await carryOut(setup, call, place, makePlan);
    }),
};

interface Place {
  readonly root: Root;
  readonly path: string;
}

interface Wish {
  readonly place: Place;
  readonly makePlan: (disk: Disk) => Promise<Plan>;
}

async function ofIncident(setup: Setup, call: Call): Promise<Wish> {
  const id = oneArgument(call.arguments, 'restore INCIDENT');
  if (call.text('section') !== undefined) {
    throw new UndertextError(
      'usage',
      '--section needs --at',
      `undertext restore PATH --at VERSION --section "${call.text('section')}"`,
    );
  }
  const { incidents } = await auditNow(setup, { cache: savedCache(setup) });
  const looksLikePath = /[/.\\]/.test(id) && !incidents.some(incident => incident.id.startsWith(id));
  if (looksLikePath) {
    throw new UndertextError(
      'usage',
      'a path is restored with --at',
      `undertext restore ${visible(id)} --at VERSION; \`undertext log ${visible(id)}\` lists the versions`,
    );
  }
  const incident = incidentOf(incidents, id);
  const root = setup.roots.find(each => each.name === incident.root);
  if (!root)
    throw new UndertextError(
      'usage',
      `${incident.id} is about the root ${incident.root}`,
      'name that folder with --root',
    );
  const choose = choiceOf(call);
  return {
    place: { root, path: incident.path },
    makePlan: disk =>
      planIncident({ disk, store: setup.store, incident, ...(choose ? { choose } : {}), ...target(setup, call) }),
  };
}

function ofVersion(setup: Setup, call: Call): Wish {
  const file = pathAt(setup, oneArgument(call.arguments, 'restore PATH --at VERSION'));
  const version = versionOf(setup, file, call.text('at')!);
  mustNotBeForgotten(setup, version);
  const section = call.text('section');
  const choose = choiceOf(call);
  const common = (disk: Disk) => ({ disk, store: setup.store, version, ...target(setup, call) });
  return {
    place: file,
    makePlan: async disk => {
      if (section !== undefined) return await planSection({ ...common(disk), section, ...(choose ? { choose } : {}) });
      return await planVersion(common(disk));
    },
  };
}

function target(setup: Setup, call: Call): { to?: string } {
  const to = call.text('to');
  return to === undefined ? {} : { to: resolve(setup.world.cwd, to).split(sep).join('/') };
}

function choiceOf(call: Call): Choice | undefined {
  const chosen = (['ours', 'theirs', 'both'] as const).filter(choice => call.has(choice));
  if (chosen.length > 1)
    throw new UndertextError('usage', `--${chosen.join(' and --')} exclude each other`, 'choose one');
  return chosen[0];
}

/** Shows the plan, or applies it and says what was done. Also used by `undo`. */
export async function carryOut(setup: Setup, call: Call, place: Place, makePlan: Wish['makePlan']): Promise<ExitCode> {
  await sayRepairs(setup);
  const deps = restoreDeps(setup);
  if (call.has('dry-run')) {
    const plan = await makePlan(await lookAt(place.root, place.path, deps));
    await say(setup, { ...reportOf(plan), before: plan.expect?.id ?? null, diff: plan.diff });
    return plan.conflicts.length === 0 ? 0 : 1;
  }
  const { plan, done } = await whileNothingIsDropped(setup, () => restoreFile(place, makePlan, deps));
  const { id, restored, removed, before, after, undo } = done;
  const outcome = { id, restored, removed, before: before?.id ?? null, after: after?.id ?? null, undo };
  if (setup.json || !setup.quiet) await say(setup, { ...reportOf(plan), ...outcome });
  return 0;
}

async function say(setup: Setup, report: RestoreReport): Promise<void> {
  await setup.print(setup.json ? restoreJson(report) : restoreText(report, setup.style));
}

function reportOf(plan: Plan): RestoreReport {
  return {
    id: null,
    root: plan.root.name,
    path: plan.path,
    to: plan.elsewhere ? plan.target : null,
    restored: plan.restored,
    removed: plan.removed,
    conflicts: plan.conflicts,
    before: null,
    after: null,
    undo: null,
    diff: null,
    isNothingToDo: isNothingToDo(plan) && !plan.elsewhere,
    undoes: plan.undoes,
    isRemoval: plan.bytes === null,
  };
}

function restoreDeps(setup: Setup): RestoreDeps {
  return {
    store: setup.store,
    now: setup.world.now,
    observe: async (root, path, how) =>
      observe(root, path, how, { class: setup.classify(root, path), now: setup.world.now }),
  };
}
