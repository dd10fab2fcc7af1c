/** `undertext forget PATH[@VERSION]`: removes a content for good, and leaves a tombstone. */
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type Forgetting, losesText, withoutForgotten } from '../audit/forget.ts';
import { ledgerOf } from '../audit/ledger.ts';
import { UndertextError } from '../errors.ts';
import { forgottenBefore, forgottenNote } from '../history/forgotten.ts';
import type { FileClass, Note, Root, Version } from '../model.ts';
import { type ForgetReport, forgetJson, forgetText } from '../report/forget-text.ts';
import { visible } from '../report/visible.ts';
import { keptWhole } from '../store/store.ts';
import { cacheFile, pathKey } from './audit-now.ts';
import type { Command } from './command.ts';
import { lookOnDisk } from './on-disk.ts';
import { oneArgument } from './one-argument.ts';
import { type PathAt, pathAt } from './path-arguments.ts';
import { progressLine } from './progress.ts';
import { type Setup, withSetup } from './setup.ts';
import { evidenceOf } from './testimony.ts';

export const forget: Command = {
  name: 'forget',
  summary: 'removes a secret that got in, for good, and leaves a note that something stood there',
  usage: ['forget PATH [OPTIONS]', 'forget PATH@VERSION [OPTIONS]'],
  arguments: 1,
  options: {
    'dry-run': { type: 'boolean', help: 'say what would go, change nothing' },
    past: { type: 'boolean', help: 'leave what the file on the disk says now: the secret is out of it already' },
    reason: { type: 'string', value: 'TEXT', help: 'why; kept with the note that stays' },
  },
  examples: [
    { line: 'undertext forget notes.md@m4xk --dry-run', does: 'what would go: versions, bytes, texts of incidents' },
    { line: 'undertext forget notes.md@m4xk', does: 'this version, and every other one with the very same content' },
    { line: 'undertext forget old-keys.txt --reason "a key"', does: 'all versions of a file that is gone by now' },
    { line: 'undertext forget notes.md --past', does: 'all versions but what stands on the disk' },
  ],
  exits: {
    0: 'forgotten',
    2: 'wrong usage, or another process holds it still',
    3: 'could not; the message says what stays',
  },
  run: call =>
    withSetup(call, call.has('dry-run') ? 'read' : 'write', async setup => {
      const file = pathAt(setup, oneArgument(call.arguments, 'forget PATH[@VERSION]'), { isExact: true });
      const wish = { file, isPast: call.has('past'), reason: call.text('reason')?.trim() || null };
      if (wish.isPast && file.version) {
        throw new UndertextError('usage', '--past is for a whole path', 'leave @VERSION or --past out');
      }
      const report = call.has('dry-run') ? dryRun(setup, wish, await choose(setup, wish)) : await carryOut(setup, wish);
      if (setup.json) await setup.print(forgetJson(report));
      else if (!setup.quiet) await setup.print(forgetText(report, setup.style, setup.world.now()));
      return 0;
    }),
};

interface Wish {
  readonly file: PathAt;
  readonly isPast: boolean;
  readonly reason: string | null;
}

interface Chosen {
  /** Those of the path, oldest first, then those of others with the same content. */
  readonly versions: readonly Version[];
  readonly left: readonly string[];
}

/** @throws UndertextError `not-found` when there is nothing, `refused` when it would not be gone afterwards */
async function choose(setup: Setup, { file, isPast }: Wish): Promise<Chosen> {
  const { store } = setup;
  // An empty content tells nothing, and half of all files have it at some time.
  const named = (file.version ? [file.version] : store.versions({ root: file.root.name, path: file.path })).filter(
    ({ blob, size }) => blob !== null && size > 0,
  );
  if (named.length === 0) throw nothingKept(file);
  const present = isPast ? await presentIn(setup, file.root, named) : new Set<string>();
  const own = named.filter(({ blob }) => !present.has(blob!));
  const left = named.filter(({ blob }) => present.has(blob!)).map(({ id }) => id);
  if (own.length === 0) {
    const what = `all that is kept of ${visible(file.path)} stands on the disk now`;
    throw new UndertextError('refused', what, 'take the secret out of the file first');
  }
  const versions = [...own, ...sameElsewhere(setup, own)];
  if (file.version) await mustNotStandLater(setup, file, file.version, versions);
  await mustNotComeBack(setup, file, versions);
  return { versions, left };
}

function nothingKept(file: PathAt): UndertextError {
  const what = file.version ? `version ${file.version.id} of ${visible(file.path)}` : visible(file.path);
  const hint = `\`undertext log ${visible(file.path)}\` says why: it was empty, deleted, a secret, or is forgotten already`;
  return new UndertextError('not-found', `nothing is kept of ${what}`, hint);
}

function sameElsewhere({ store }: Setup, own: readonly Version[]): readonly Version[] {
  const contents = new Set(own.map(({ blob }) => blob));
  const ids = new Set(own.map(({ id }) => id));
  return store
    .byPath()
    .flatMap(versions => versions.filter(({ id, blob }) => blob !== null && contents.has(blob) && !ids.has(id)));
}

/** A log that grew holds the bytes of each earlier version, in the same segments. */
async function mustNotStandLater(
  { store, classify }: Setup,
  file: PathAt,
  version: Version,
  chosen: readonly Version[],
): Promise<void> {
  if (version.size <= keptWhole && classify(file.root, file.path) !== 'log') return;
  const contents = new Set(chosen.map(({ blob }) => blob));
  for (const other of store.versions({ root: file.root.name, path: file.path })) {
    if (other.blob === null || contents.has(other.blob) || other.size < version.size) continue;
    if (!(await store.startsWith(other.blob, version.blob!))) continue;
    throw new UndertextError(
      'refused',
      `version ${other.id} of ${visible(file.path)} begins with all of version ${version.id}, so it would stay in the store`,
      `forget the whole path: \`undertext forget ${visible(file.path)}\``,
    );
  }
}

/** What the file still says would be kept again by the next look at it, unless it counts as a secret by then. */
async function mustNotComeBack(setup: Setup, file: PathAt, versions: readonly Version[]): Promise<void> {
  const watcher = await setup.store.holder('watcher');
  for (const [key, own] of byPath(versions)) {
    const [name, path] = key.split('\0') as [string, string];
    const root = rootOf(setup, name);
    if (!root) continue;
    const fileClass = setup.classify(root, path);
    const isKnownSecret = watcher === null || setup.store.latest({ root: name, path })?.kind === 'withheld';
    if (fileClass === 'noise' || (fileClass === 'secret' && isKnownSecret)) continue;
    const [still] = await presentIn(setup, root, own);
    if (still === undefined) continue;
    const version = own.find(({ blob }) => blob === still)!;
    throw comesBack(file, version, fileClass);
  }
}

function comesBack(file: PathAt, { id, path }: Version, fileClass: FileClass): UndertextError {
  if (fileClass === 'secret') {
    const what = `the watcher does not know yet that ${visible(path)} is a secret, and would keep it again`;
    return new UndertextError(
      'refused',
      what,
      'stop `undertext watch` and start it again, then give this command again',
    );
  }
  const glob = JSON.stringify({ glob: path, class: 'secret' });
  const past = path === file.path && !file.version ? '; if it is out already, add --past' : '';
  return new UndertextError(
    'refused',
    `${visible(path)} on the disk still has the content of version ${id}, so it would be kept again at once`,
    `take the secret out of the file first${past}; or add ${visible(glob)} to "classes" in the configuration`,
  );
}

/** The contents that the file on the disk has now; a log that begins with one has it. */
async function presentIn(setup: Setup, root: Root, versions: readonly Version[]): Promise<ReadonlySet<string>> {
  const present = new Set<string>();
  const path = versions[0]!.path;
  const isLog = setup.classify(root, path) === 'log';
  const disk = lookOnDisk(setup.store, root, path);
  try {
    const contents = new Map(versions.map(version => [version.blob!, version]));
    for (const [blob, version] of contents) if (await disk.has(version, isLog)) present.add(blob);
  } finally {
    disk.close();
  }
  return present;
}

function byPath(versions: readonly Version[]): ReadonlyMap<string, readonly Version[]> {
  const paths = new Map<string, Version[]>();
  for (const version of versions) {
    const known = paths.get(pathKey(version));
    if (known) known.push(version);
    else paths.set(pathKey(version), [version]);
  }
  return paths;
}

/** Also one that this run was not given: its name and folder are in a note. */
function rootOf({ roots, store }: Setup, name: string): Root | undefined {
  const own = roots.find(root => root.name === name);
  if (own) return own;
  const told = store.notes('root').map(({ data }) => data as { name: string; path: string });
  const path = told.find(root => root.name === name)?.path;
  return path === undefined ? undefined : { name, path, beside: [] };
}

function dryRun(setup: Setup, wish: Wish, chosen: Chosen): ForgetReport {
  const forgetting = forgettingOf(setup, chosen.versions);
  return { ...reportOf(wish, chosen), at: null, freed: null, incidents: withoutText(setup, forgetting) };
}

/** How long another process may hold it in its journal: it seals when it is quiet for a moment. */
const patienceMs = 30_000;
const askEveryMs = 1_000;

/**
 * Contents and notes go, then the tombstone is written, then the store is looked at again: what another process kept or
 * noted meanwhile goes as well.
 */
async function carryOut(setup: Setup, wish: Wish): Promise<ForgetReport> {
  const { store, storePath } = setup;
  const until = performance.now() + patienceMs;
  const all = new Map<string, Version>();
  let incidents: readonly string[] = [];
  let freed = 0;
  let chosen = await choose(setup, wish);
  const { left } = chosen;
  const at = setup.world.now();
  for (;;) {
    for (const version of chosen.versions) all.set(version.id, version);
    const forgetting = { ...forgettingOf(setup, [...all.values()]), at };
    incidents = [...new Set([...incidents, ...withoutText(setup, forgetting)])];
    freed += await whenSealed(setup, until, () =>
      store.forget(chosen.versions, note => withoutForgotten(note, forgetting)),
    );
    if (chosen.versions.length > 0) await store.note([tombstone(wish, chosen.versions, at)]);
    // Findings quote texts; a process that ended just now may have saved its own.
    rmSync(cacheFile(storePath), { force: true });
    await store.refresh();
    const versions = sameElsewhere(setup, [...all.values()]);
    const isTold = store.notes('incident').some(note => withoutForgotten(note, forgetting) !== note);
    if (versions.length === 0 && !isTold) break;
    if (performance.now() > until) throw comesBackAlways(versions);
    if (versions.length > 0) await mustNotComeBack(setup, wish.file, versions);
    chosen = { versions, left };
  }
  // The name of a content can be guessed from as well as its fingerprints.
  evidenceOf(setup).strip(forgottenBefore(store.notes('forgotten')));
  await store.seal();
  return { ...reportOf(wish, { versions: [...all.values()], left }), at, freed, incidents };
}

function comesBackAlways([version]: readonly Version[]): UndertextError {
  const what = version ? `${visible(version.path)} was kept again` : 'another process wrote of it again';
  return new UndertextError('busy', `${what} while it was being forgotten`, 'stop `undertext watch`, then try again');
}

async function whenSealed<T>(setup: Setup, until: number, work: () => Promise<T>): Promise<T> {
  const progress = progressLine(setup.world.err);
  try {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const isBusy = error instanceof UndertextError && error.code === 'busy';
        if (!isBusy || performance.now() > until || setup.world.signal.aborted) throw error;
      }
      progress.show('waiting for another process to seal what it has recorded');
      await pause(askEveryMs, undefined, { signal: setup.world.signal }).catch(() => {});
    }
  } finally {
    progress.clear();
  }
}

function tombstone({ reason }: Wish, versions: readonly Version[], at: number): Note {
  const paths = [...byPath(versions).values()].map(([first]) => ({ root: first!.root, path: first!.path }));
  return forgottenNote({ versions: versions.map(({ id }) => id), paths, reason }, at);
}

function forgettingOf({ store, world }: Setup, versions: readonly Version[]): Forgetting {
  const ids = new Set(versions.map(({ id }) => id));
  const paths = byPath(versions);
  return {
    at: world.now(),
    versions: ids,
    isPath: ({ root, path }) => paths.has(`${root}\0${path}`),
    isKept: id => !ids.has(id) && store.withId(id).some(version => version.id === id && version.blob !== null),
  };
}

function withoutText({ store }: Setup, forgetting: Forgetting): readonly string[] {
  const incidents = [...ledgerOf(store.notes('incident')).values()].map(({ incident }) => incident);
  return incidents.filter(incident => losesText(incident, forgetting)).map(({ id }) => id);
}

function reportOf({ file, reason }: Wish, { versions, left }: Chosen) {
  const contents = new Map(versions.map(({ blob, size }) => [blob, size]));
  const bytes = [...contents.values()].reduce((sum, size) => sum + size, 0);
  return { root: file.root.name, path: file.path, reason, versions, left, bytes };
}
