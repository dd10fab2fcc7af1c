/** How sure it is that a deleted file is a loss, and how grave. */
import type { FolderHistory, RuleTools, Severity, Version } from '../../src/rule.ts';
import { nameOf } from '../../src/rule.ts';
import { type Around, SOME } from './around.ts';
import { heldMuch, isConfiguration } from './configuration.ts';
import type { Death } from './deaths.ts';
import { BURST_MS, bundleOf, isTrash, profileOf, timeBeside } from './deaths.ts';
import { judgeMove, type Verdict } from './moved.ts';

export interface Options {
  /** What lived no longer than so many minutes was not made to stay. */
  readonly shortMinutes: number;
  /** From so many files at once on, out of one place, it is told in any case. */
  readonly many: number;
  /** After so many days the client itself deletes plans and the like (`cleanupPeriodDays`). */
  readonly retentionDays: number;
  /** How long a watcher waits for what says that it was meant: a line is taken out of a list after its file. */
  readonly graceSeconds: number;
}

const gravest = /(^|\/)(memory|agent-memory|skills|agents)\/|(^|\/)CLAUDE(\.local)?\.md$/;
/** What a program reads as long as it is there. */
const configured =
  /^(profiles\/[^/]+\/)?((rules|commands|output-styles|workflows|routines|themes|scheduled-tasks|hooks)\/|statusline)/i;
const prose = /\.(md|mdx|markdown|txt|rst|org|adoc)$/i;
/** So many files that are written within this time of a deletion are a tree that was changed at once. */
const TREE = 5;
const MOMENT_MS = 2_000;

/** Null when it was meant for sure: a program took away what it had brought, or a file was set aside and its line with it. */
export async function judge(
  death: Death,
  burst: readonly Death[],
  folder: FolderHistory,
  others: Around,
  tools: RuleTools<Options>,
): Promise<Verdict | null> {
  const { file, lost, gone, birth } = death;
  const isMany = burst.length >= tools.options.many;
  const isGrave = gravest.test(file.path);
  const isSetting = isConfiguration(file);
  const weak = (why: string): Verdict => ({ certainty: 'possible', severity: 'low', why });
  // Who clears up may go too far, where much is at stake.
  const meant = (why: string): Verdict => ({ ...weak(why), severity: isMany && isGrave ? 'medium' : 'low' });
  const bundle = bundleOf(file.path);
  const copy = others.setAsideAt(death);

  const list = await others.leftOutBy(death);
  if (list && !(await areTwoHands(list.now, gone, tools))) {
    if (copy || (bundle && /\.(json|ya?ml|toml)$/.test(list.file.path))) return null;
    const why = `${list.file.path} left it out around then`;
    return (await others.partElsewhere(death)) >= SOME
      ? weak(`${why}, and a part of it was gathered elsewhere`)
      : meant(why);
  }
  if (gone.how === 'import') return weak('it was deleted before anybody watched');
  const hands = await Promise.all([birth, lost, gone].map(version => tools.writer(version)));
  if (hands.every(hand => hand?.kind === 'session' && hand.id === hands[0]?.id)) {
    return weak('whoever deleted it had written it');
  }
  if (bundle && isRewritten(bundle, others.changes(death))) return meant(`${bundle} was written anew around then`);
  const profile = profileOf(file.path);
  if (profile && isGone(profile, folder) && wentTogether(profile, death, folder)) return weak(`all of ${profile} went`);
  const successor = isSetting ? await others.successorOf(death) : null;
  if (successor) return weak(`${successor} took its place`);

  const severity = isGrave ? 'high' : await severityOf(death, tools);
  const namedBy = await others.namedBy(death);
  if (isOfManyChanges(gone, burst, others.changes(death))) {
    const why = 'many files were written in the same moment: a checkout, or a sync';
    if (!namedBy) return weak(why);
    return { certainty: 'possible', severity: 'medium', why: `${namedBy} still names it, but ${why}` };
  }
  if (copy) return judgeMove({ death, copy, burst, severity, namedBy }, folder, others);
  if (isTrash(file.path)) return weak('it had been set aside before');
  if (bundle && isGone(bundle, folder) && nameOf(file.path) !== 'SKILL.md') return weak(`all of ${bundle} went`);
  if (namedBy) return { certainty: 'likely', severity, why: `${namedBy} still names it` };
  if (isMany && !isGrave && !isSetting && !configured.test(file.path)) {
    return weak('many went at once: somebody cleared up');
  }
  return {
    certainty: 'possible',
    severity,
    why: isMany ? 'so many at once, and nothing says that it was meant' : 'nothing says that it was meant',
  };
}

async function severityOf({ file, lost }: Death, tools: RuleTools<Options>): Promise<Severity> {
  if (isConfiguration(file)) {
    return heldMuch(file.path, await tools.units(lost), await tools.text(lost)) ? 'high' : 'medium';
  }
  return prose.test(file.path) || configured.test(file.path) ? 'medium' : 'low';
}

/** True when others were written as it went: one writer changed a whole tree. A scan sees a day in one moment; a move writes copies. */
function isOfManyChanges(gone: Version, burst: readonly Death[], changes: ReturnType<Around['changes']>): boolean {
  if (gone.how === 'scan') return false;
  const moved = new Set(burst.map(({ lost }) => lost.blob));
  const written = changes.filter(
    ({ now }) => Math.abs(timeBeside(gone, now) - gone.seenAt) <= MOMENT_MS && !moved.has(now.blob),
  );
  return written.length >= TREE;
}

async function areTwoHands(a: Version, b: Version, { writer }: RuleTools<Options>): Promise<boolean> {
  const [one, other] = [await writer(a), await writer(b)];
  return one !== null && other !== null && one.id !== other.id;
}

/** An update of a skill replaces its files, and leaves out those that are no longer part of it. */
function isRewritten(bundle: string, changes: ReturnType<Around['changes']>): boolean {
  return changes.filter(({ file }) => file.path.startsWith(`${bundle}/`)).length >= 2;
}

function isGone(folder: string, { files }: FolderHistory): boolean {
  return files.every(({ path, versions }) => !path.startsWith(`${folder}/`) || versions.at(-1)?.kind === 'gone');
}

/** True when other files of the folder went in the same minute. */
function wentTogether(folder: string, { file, gone }: Death, { files }: FolderHistory): boolean {
  return files.some(({ path, versions }) => {
    const end = versions.at(-1);
    const isMate = path !== file.path && path.startsWith(`${folder}/`) && end?.kind === 'gone';
    return isMate && Math.abs(end.seenAt - gone.seenAt) <= BURST_MS;
  });
}
