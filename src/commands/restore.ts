/** `undertext restore`: the lost text, back in the present file. */
import { resolve, sep } from 'node:path';
import { UndertextError } from '../errors.ts';
import type { Incident, Root } from '../model.ts';
import { alikeTo } from '../report/alike.ts';
import { lossInWords } from '../report/loss.ts';
import { type RestoreReport, restoreJson, restoreText } from '../report/restore-text.ts';
import { quoted, visible } from '../report/visible.ts';
import { restore as restoreFile } from '../restore/apply.ts';
import { type Disk, lookAt, type RestoreDeps } from '../restore/disk.ts';
import { cutLinks } from '../restore/links.ts';
import { type Choice, isNothingToDo, type Plan, planIncident, planSection, planVersion } from '../restore/plan.ts';
import { observe } from '../watch/read.ts';
import { auditNow, savedCache } from './audit-now.ts';
import type { Call, Command, ExitCode } from './command.ts';
import { incidentOf } from './incident-argument.ts';
import { type FolderOrFile, folderOrFile, nothingKept } from './kept-paths.ts';
import { oneArgument } from './one-argument.ts';
import { oneByOne } from './one-by-one.ts';
import { mustNotBeForgotten, pathAt, versionOf } from './path-arguments.ts';
import { sayRepairs } from './repairs.ts';
import { restoreFolder } from './restore-folder.ts';
import { listOpen } from './restore-list.ts';
import { whileNothingIsDropped } from './restore-post.ts';
import { type Setup, withSetup } from './setup.ts';

export const restore: Command = {
  name: 'restore',
  summary: 'puts the lost text of an incident back into the present file, or a whole version, or one section of it',
  usage: [
    'restore',
    'restore INCIDENT… [OPTIONS]',
    'restore PATH --at VERSION [OPTIONS]',
    'restore FOLDER --at TIME [OPTIONS]',
  ],
  arguments: Number.POSITIVE_INFINITY,
  options: {
    at: { type: 'string', value: 'VERSION', help: 'which version of PATH: an id, 2h, 2026-11-20T14:00' },
    section: { type: 'string', value: 'NAME', help: 'with --at: only this section' },
    to: { type: 'string', value: 'FILE', help: 'write to a new file, and leave the present one as it is' },
    alike: {
      type: 'boolean',
      help: 'also those that are alike: same rules and weight, within ten minutes, in one tree',
    },
    'dry-run': { type: 'boolean', help: 'print the plan and the diff, write nothing' },
    ours: { type: 'boolean', help: 'where both sides changed: keep the present text' },
    theirs: { type: 'boolean', help: 'where both sides changed: take the lost text' },
    both: { type: 'boolean', help: 'where both sides changed: keep both' },
  },
  examples: [
    { line: 'undertext restore', does: 'lists what is open, each with its command; writes nothing' },
    { line: 'undertext restore k7f3qz', does: 'merges the lost text into what is there now; nothing newer goes' },
    { line: 'undertext restore k7f3qz --dry-run', does: 'what would be written' },
    { line: 'undertext restore k7f3qz m2pq8d', does: 'both, each by itself; with --json one object a line (NDJSON)' },
    {
      line: 'undertext restore k7f3qz --alike --dry-run',
      does: 'a whole row of `audit`, each file by itself',
    },
    { line: 'undertext restore CLAUDE.md --at 2h --section "Style"', does: 'one section as it stood two hours ago' },
    { line: 'undertext restore CLAUDE.md --at m4xk --to old.md', does: 'a version into another file' },
    {
      line: 'undertext restore memory --at "yesterday 18:00" --dry-run',
      does: 'the plan for a folder: what was changed or deleted since; what is new stays',
    },
  ],
  exits: {
    0: 'put back (or it was there already)',
    1: 'both sides changed the same text: choose --ours, --theirs or --both; that file was not written. Without an argument: something is open',
    3: 'could not finish; the file is as it was',
  },
  run: call =>
    withSetup(call, 'write', async setup => {
      if (call.arguments.length === 0 && call.text('at') === undefined) return await listOpen(setup);
      if (call.text('at') !== undefined) return await ofPath(setup, call);
      const { incidents } = await auditNow(setup, { cache: savedCache(setup) });
      const ids = wanted(setup, incidents, call);
      const isAlone = call.arguments.length === 1 && !call.has('alike');
      if (isAlone) return await carryOut(setup, call, ofIncident(setup, call, incidents, ids[0]!));
      if (call.text('to') !== undefined) throw oneFile();
      return await oneByOne(ids, setup, async id => {
        return await carryOut(setup, call, ofIncident(setup, call, incidents, id), { isOneOfMany: true });
      });
    }),
};

interface Place {
  readonly root: Root;
  readonly path: string;
}

interface Wish {
  readonly place: Place;
  readonly makePlan: (disk: Disk) => Promise<Plan>;
  /** What is left to be done when it was carried out; null where there is nothing to say. */
  readonly advice?: string | null;
}

/** The ids as they were typed, and with `--alike` those that are alike; each once. */
function wanted(setup: Setup, incidents: readonly Incident[], call: Call): readonly string[] {
  const typed = [oneArgument(call.arguments, 'restore INCIDENT'), ...call.arguments.slice(1)];
  if (call.text('section') !== undefined) {
    throw new UndertextError(
      'usage',
      '--section needs --at',
      `\`undertext restore PATH --at VERSION --section "${call.text('section')}"\``,
    );
  }
  choiceOf(call);
  const ids = typed.flatMap(id => {
    if (!call.has('alike')) return [id];
    mustBeNoPath(setup, id, incidents);
    return alikeTo(incidentOf(incidents, id), incidents).map(incident => incident.id);
  });
  return [...new Set(ids)];
}

function oneFile(): UndertextError {
  return new UndertextError('usage', '--to takes one incident', 'restore them one by one, each to a file of its own');
}

/** Of a path the incidents that are open are what is probably meant. */
function mustBeNoPath(setup: Setup, typed: string, incidents: readonly Incident[]): void {
  if (incidents.some(incident => incident.id.startsWith(typed.toLowerCase()))) return;
  const found = keptOrNull(setup, typed);
  if (found === null && /[/.\\]/.test(typed)) throw nothingKept(setup, typed);
  if (found === null) return;
  const path = found.kind === 'file' ? found.file.path : found.path || typed;
  const shown = quoted(path);
  const isAbout = (incident: Incident) => incident.path === path || incident.path.startsWith(`${path}/`);
  const open = incidents.filter(
    incident => incident.state === 'open' && incident.restore !== null && isAbout(incident),
  );
  throw new UndertextError(
    'usage',
    'a path is restored with --at',
    `\`undertext restore ${shown} --at ${found.kind === 'folder' ? 'TIME' : 'VERSION'}\`; \`undertext log ${shown}\` lists the versions`,
    undefined,
    open.slice(0, 5).map(incident => `open: \`${incident.restore}\` (${lossInWords(incident)} in ${incident.path})`),
  );
}

function keptOrNull(setup: Setup, typed: string): FolderOrFile | null {
  try {
    return folderOrFile(setup, typed);
  } catch (error) {
    if (error instanceof UndertextError && error.code === 'not-found') return null;
    throw error;
  }
}

function ofIncident(setup: Setup, call: Call, incidents: readonly Incident[], id: string): Wish {
  mustBeNoPath(setup, id, incidents);
  const incident = incidentOf(incidents, id);
  const root = setup.roots.find(each => each.name === incident.root);
  if (!root)
    throw new UndertextError(
      'usage',
      `${incident.id} is about the root ${incident.root}`,
      'name that folder with --root',
    );
  const choose = choiceOf(call);
  const isCopy = incident.lost !== null && setup.store.withId(incident.lost.version)[0]?.path !== incident.path;
  return {
    place: { root, path: incident.path },
    makePlan: disk =>
      planIncident({ disk, store: setup.store, incident, ...(choose ? { choose } : {}), ...target(setup, call) }),
    advice: isCopy ? copyAdvice(setup, incident) : null,
  };
}

/** The copy that was merged is nobody's to delete but its owner's. */
function copyAdvice({ store }: Setup, { lost, advice }: Incident): string {
  const copy = store.withId(lost!.version)[0]?.path ?? '';
  return advice ?? `${visible(copy)} still stands: delete it when nothing in it is missing here`;
}

/** One file, or a folder as it stood at a time. */
async function ofPath(setup: Setup, call: Call): Promise<ExitCode> {
  const [typed = '', surplus] = call.arguments;
  if (surplus !== undefined) {
    const message = `"${visible(surplus)}" is one argument too many`;
    throw new UndertextError('usage', message, '`undertext restore --help` shows examples');
  }
  if (call.has('alike'))
    throw new UndertextError('usage', '--alike goes with an incident', 'leave out --at or --alike');
  const found = typed === '' || typed.includes('@') ? null : keptOrNull(setup, typed);
  if (found?.kind === 'folder') return await restoreFolder(setup, call, found, restoreDeps(setup));
  return await carryOut(setup, call, ofVersion(setup, call));
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
export async function carryOut(
  setup: Setup,
  call: Call,
  { place, makePlan, advice = null }: Wish,
  { isOneOfMany = false, batch = null }: { readonly isOneOfMany?: boolean; readonly batch?: string | null } = {},
): Promise<ExitCode> {
  await sayRepairs(setup);
  const deps = { ...restoreDeps(setup), ...(batch === null ? {} : { batch }) };
  const say = (report: Omit<RestoreReport, 'advice'>) =>
    setup.print(
      setup.json ? restoreJson(report, isOneOfMany ? 0 : 2) : restoreText({ ...report, advice }, setup.style),
    );
  if (call.has('dry-run')) {
    const plan = await makePlan(await lookAt(place.root, place.path, deps));
    const notKept =
      plan.bytes === null || plan.elsewhere || isNothingToDo(plan) ? [] : cutLinks(plan.target, plan.root);
    await say({
      ...reportOf(plan),
      before: plan.expect?.id ?? null,
      diff: plan.diff,
      notKept,
      command: isOneOfMany ? null : withoutDryRun(call),
    });
    return plan.conflicts.length === 0 ? 0 : 1;
  }
  const { plan, done } = await whileNothingIsDropped(setup, announce =>
    restoreFile(place, makePlan, { ...deps, announce }),
  );
  const { id, restored, removed, before, after, undo, notKept } = done;
  const outcome = { id, restored, removed, before: before?.id ?? null, after: after?.id ?? null, undo, notKept };
  if (setup.json || !setup.quiet) await say({ ...reportOf(plan), ...outcome });
  return 0;
}

function reportOf(plan: Plan): Omit<RestoreReport, 'advice'> {
  return {
    id: null,
    incident: plan.kind === 'incident' ? plan.incident : null,
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
    closes: plan.kind === 'incident' && plan.decision !== null ? plan.incident : null,
    reopens: plan.reopens ? plan.incident : null,
    isRemoval: plan.bytes === null,
  };
}

/** The call again, without `--dry-run`. */
function withoutDryRun(call: Call): string {
  const options = ['at', 'section', 'to'].flatMap(name => call.texts(name).map(value => `--${name} ${quoted(value)}`));
  const flags = ['alike', 'ours', 'theirs', 'both'].filter(name => call.has(name)).map(name => `--${name}`);
  const name = call.command;
  return ['undertext', name, ...call.arguments.map(quoted), ...options, ...flags].join(' ');
}

function restoreDeps(setup: Setup): RestoreDeps {
  return {
    store: setup.store,
    now: setup.world.now,
    observe: async (root, path, how) =>
      observe(root, path, how, { class: setup.classify(root, path), now: setup.world.now }),
  };
}
