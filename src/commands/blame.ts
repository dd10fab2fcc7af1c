/** `undertext blame PATH`: who wrote what stands in a file. */
import { blameLines, blameUnits } from '../audit/blame.ts';
import { unitReader } from '../audit/reader.ts';
import { UndertextError } from '../errors.ts';
import { historyOf } from '../history/history.ts';
import type { Version } from '../model.ts';
import { type BlameReport, blameJson, blameText } from '../report/blame-text.ts';
import { bytes } from '../report/sizes.ts';
import { visible } from '../report/visible.ts';
import type { Testimony } from '../sessions/testify.ts';
import type { Command } from './command.ts';
import { withPresent } from './freshen.ts';
import { lookOnDisk } from './on-disk.ts';
import { oneArgument } from './one-argument.ts';
import { contentName, type PathAt, pathAt } from './path-arguments.ts';
import type { Setup } from './setup.ts';
import { testimonyOf } from './testimony.ts';

/** What is larger is a log, and its writers are in it. */
const largest = 32_000_000;

export const blame: Command = {
  name: 'blame',
  summary: 'says who wrote each unit of a file, or each line: which session, when, and how sure that is',
  usage: ['blame PATH', 'blame PATH@VERSION'],
  arguments: 1,
  options: { lines: { type: 'boolean', help: 'each line, not each section, list item, field …' } },
  examples: [
    { line: 'undertext blame skills/_index.md', does: 'each entry of the index with the session that wrote it' },
    { line: 'undertext blame CLAUDE.md --lines', does: 'line by line, as git blame does' },
    { line: 'undertext blame CLAUDE.md@2h', does: 'as it stood two hours ago' },
  ],
  exits: { 0: 'shown' },
  run: async call => {
    const argument = oneArgument(call.arguments, 'blame PATH');
    return await withPresent(call, async setup => {
      const file = pathAt(setup, argument);
      const report = await blameOf(setup, file, testimonyOf(setup), call.has('lines'));
      await setup.print(setup.json ? blameJson(report) : blameText(report, setup.style, setup.world.now()));
      return 0;
    });
  },
};

export async function blameOf(
  setup: Setup,
  file: PathAt,
  testimony: Pick<Testimony, 'writer' | 'act'>,
  isByLine: boolean,
): Promise<BlameReport> {
  const { store } = setup;
  const { root, path } = file;
  const asked = file.version ?? file.versions.at(-1)!;
  mustHaveText(setup, asked);
  const history = historyOf(file.versions, setup.classify(root, path));
  const version = standingAt(history.versions, asked);
  const reader = unitReader(
    blob => store.read(blob),
    () => false,
  );
  const isCreation = async (each: Version) => (await testimony.act(each))?.isNew === true;
  const deps = { reader, writer: testimony.writer, isCreation };
  // An empty history of what was not settled: then the version alone tells of itself.
  const whole = history.versions.includes(version) ? history : { ...history, versions: [version] };
  const { format } = await reader.document(version);
  if (isByLine && format === 'binary') {
    throw new UndertextError(
      'refused',
      `${visible(path)} has no lines: it is no text`,
      'without --lines it is one unit',
    );
  }
  const isPresent = file.version !== null || (await standsOnDisk(setup, file, asked));
  const about = { root: root.name, path, version: file.version ?? version, isPresent };
  if (isByLine) {
    const { rows, limits } = await blameLines(whole, version, deps);
    return { ...about, units: [], lines: rows, limits };
  }
  const { rows, limits } = await blameUnits(whole, version, deps);
  return { ...about, units: rows, lines: null, limits };
}

/** The version of the history that stood there when this one was read: the same content in a row is one. */
function standingAt(versions: readonly Version[], asked: Version): Version {
  return (
    versions.find(({ id }) => id === asked.id) ??
    versions.findLast(({ seenAt, blob }) => seenAt <= asked.seenAt && blob === asked.blob) ??
    asked
  );
}

/** @throws UndertextError `not-found` for what is gone, `refused` for a secret, for what was forgotten, and for a link */
function mustHaveText(setup: Setup, version: Version): void {
  const path = visible(version.path);
  const log = `\`undertext log ${path}\` lists the versions that have text`;
  if (version.kind === 'gone') throw new UndertextError('not-found', `${path} is gone in version ${version.id}`, log);
  contentName(setup, version);
  if (version.kind === 'link') throw new UndertextError('refused', `${path} is a link: nobody wrote in it`, log);
  if (version.size <= largest) return;
  throw new UndertextError(
    'refused',
    `${path} is too large to be looked at (${bytes(version.size)}; at most ${bytes(largest)})`,
    'a log says itself who wrote what; `undertext find TEXT` says when a text came',
  );
}

async function standsOnDisk({ store }: Setup, { root, path }: PathAt, version: Version): Promise<boolean> {
  const disk = lookOnDisk(store, root, path);
  try {
    return await disk.has(version, false);
  } finally {
    disk.close();
  }
}
