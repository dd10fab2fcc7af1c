/** `undertext import`: the past that was never watched, out of transcripts, the client's copies, or a folder kept in git. */
import { isAbsolute, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { UndertextError } from '../errors.ts';
import type { Root } from '../model.ts';
import { type ImportReport, type ImportSource, importJson, importText } from '../report/import-text.ts';
import { visible } from '../report/visible.ts';
import { openGitHistory } from '../sessions/past/git-history.ts';
import { importGit } from '../sessions/past/import-git.ts';
import { type Added, importer } from '../sessions/past/importer.ts';
import { pathKey } from './audit-now.ts';
import { collectNow, forgottenNow, lookNow, reserved } from './collect-now.ts';
import type { Call, Command } from './command.ts';
import { progressLine } from './progress.ts';
import { sayRepairs } from './repairs.ts';
import { scanRoots } from './scan-roots.ts';
import { sealOrSay } from './seal-or-say.ts';
import { type Setup, withSetup } from './setup.ts';

export const importCommand: Command = {
  name: 'import',
  summary: 'brings in the versions of before: out of transcripts and the copies that the client made, or out of git',
  usage: ['import [OPTIONS]', 'import --git REPO [OPTIONS]'],
  arguments: 0,
  options: {
    git: { type: 'string', value: 'REPO', help: 'a folder that was kept in git: its paths are those of the root' },
    path: { type: 'string', multiple: true, value: 'GLOB', help: 'with --git: only these paths; repeatable' },
    'dry-run': { type: 'boolean', help: 'say what would be imported, keep nothing' },
  },
  examples: [
    { line: 'undertext import', does: 'what the transcripts of ~/.claude tell; again: only what is new in them' },
    { line: 'undertext import --dry-run', does: 'how much that would be' },
    {
      line: 'undertext import --git ~/dotfiles/claude',
      does: 'every version of every file in that folder of a repository',
    },
    { line: 'undertext import --git ~/.claude --path "skills/**"', does: 'only the skills' },
  ],
  exits: { 0: 'imported, or nothing to import', 3: 'something could not be read; the rest is imported' },
  run: call =>
    withSetup(call, call.has('dry-run') ? 'try' : 'write', async setup => {
      refuseWithoutGit(call);
      const report = call.text('git') === undefined ? await fromTranscripts(call, setup) : await fromGit(call, setup);
      if (setup.json) await setup.print(importJson(report));
      else if (!setup.quiet || report.unreadable.length > 0) {
        await setup.print(importText(report, setup.style, setup.world.now()));
      }
      return report.unreadable.length > 0 ? 3 : 0;
    }),
};

function refuseWithoutGit(call: Call): void {
  if (call.text('git') !== undefined || call.texts('path').length === 0) return;
  throw new UndertextError('usage', '--path is for --git', 'leave it out: transcripts are always read as a whole');
}

/** The disk first: what is imported lies before what stands there now. */
async function lookFirst(call: Call, setup: Setup): Promise<ImportReport['unreadable']> {
  if (call.has('dry-run')) return [];
  await sayRepairs(setup);
  return (await scanRoots(setup)).unreadable;
}

async function fromTranscripts(call: Call, setup: Setup): Promise<ImportReport> {
  const unreadable = await lookFirst(call, setup);
  const { added, coverage } = await collectNow(setup, { isDryRun: call.has('dry-run') });
  await sealAfter(call, setup);
  const { transcripts, read, damaged, newer, skipped } = coverage;
  return {
    ...summary(added, call),
    transcripts: { found: transcripts, read, damaged, newer },
    git: null,
    skipped,
    unreadable: [...unreadable, ...coverage.unreadable],
  };
}

async function fromGit(call: Call, setup: Setup): Promise<ImportReport> {
  const { world } = setup;
  const store = reserved(setup);
  const folder = resolve(world.cwd, call.text('git')!);
  const root = onlyRoot(setup);
  const history = await openGitHistory({ folder, path: world.env.PATH ?? '' });
  const progress = progressLine(world.err);
  try {
    const unreadable = await lookFirst(call, setup);
    const look = lookNow(setup);
    const { added, skipped } = await importGit({
      root,
      history,
      store,
      importer: importer({
        store,
        now: world.now,
        isForgotten: forgottenNow(store),
        look: ({ path }) => look(root, path),
        isDryRun: call.has('dry-run'),
      }),
      classify: setup.classify,
      wants: wantedOf(call, root),
      onProgress: done => progress.show(`reading ${done} changes`),
      signal: world.signal,
    });
    await sealAfter(call, setup);
    const left = skipped.map(({ path, why }) => ({ root: root.name, path, why }));
    return { ...summary(added, call), transcripts: null, git: folder, skipped: left, unreadable };
  } finally {
    progress.clear();
    history.close();
  }
}

function onlyRoot({ roots }: Setup): Root {
  const [root, other] = roots;
  if (root && !other) return root;
  const names = roots.map(({ path }) => visible(path)).join(', ');
  throw new UndertextError(
    'usage',
    `there are several roots: ${names}`,
    'say which one the repository is of: --root DIR',
  );
}

function wantedOf(call: Call, root: Root): (path: string) => boolean {
  const globs = call.texts('path').map(glob => {
    const inside = isAbsolute(glob) && glob.startsWith(join(root.path, '/')) ? glob.slice(root.path.length + 1) : glob;
    return picomatch(inside.replace(/^\.\//, ''), { dot: true });
  });
  return path => globs.length === 0 || globs.some(fits => fits(path));
}

async function sealAfter(call: Call, setup: Setup): Promise<void> {
  if (!call.has('dry-run')) await sealOrSay(setup);
}

function summary(added: readonly Added[], call: Call) {
  const groups = new Map<string, Added[]>();
  for (const one of added) {
    const key = `${one.kind}\0${one.tier}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const sources = [...groups.values()].map((group): ImportSource => {
    const { kind, tier } = group[0]!;
    return { kind, tier, ...counts(group) };
  });
  return {
    isDry: call.has('dry-run'),
    ...counts(added),
    since: added.length === 0 ? null : added.reduce((oldest, { at }) => Math.min(oldest, at), Number.POSITIVE_INFINITY),
    sources: sources.sort((a, b) => b.versions - a.versions),
  };
}

function counts(added: readonly Added[]) {
  return {
    versions: added.length,
    files: new Set(added.map(pathKey)).size,
    validated: added.filter(({ validated }) => validated).length,
  };
}
