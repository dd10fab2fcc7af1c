import type { Certainty, Finding, FolderHistory, Rule, RuleTools, Severity, Version } from '../src/rule.ts';
import { clock, inWords, nameOf } from '../src/rule.ts';
import { type Around, around, MOST, phrasesOf } from './lost-file/around.ts';
import type { Death } from './lost-file/deaths.ts';
import { bundleOf, burstsOf, deathsOf, placeOf, saysSomething } from './lost-file/deaths.ts';
import { purges } from './lost-file/purged.ts';

interface Options {
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
const configured = /^(rules|commands|output-styles|workflows|scheduled-tasks|hooks)\//i;
const prose = new RegExp(`\\.(md|mdx|markdown|txt|rst|org|adoc)$|${configured.source}`, 'i');
/** So many files that are written within this time of a deletion are a tree that was changed at once. */
const TREE = 5;
const MOMENT_MS = 2_000;
/** Who gathers many texts into one shortens them. */
const SOME = 0.15;
/** So much of it must stand in the file that is there now, for it to be the same one. */
const SAME = 0.8;

const rule: Rule<Options> = {
  id: 'lost-file',
  summary: 'A file that somebody had written was deleted, and its text stands nowhere else.',
  severity: 'medium',
  options: { shortMinutes: 10, many: 5, retentionDays: 30, graceSeconds: 60 },

  async checkFolder(folder: FolderHistory, tools: RuleTools<Options>) {
    if (folder.path !== '') return [];
    const deaths = await withoutShort(
      folder.files.flatMap(file => deathsOf(file, tools.options)),
      tools,
    );
    if (deaths.length === 0) return [];
    const others = around(folder, tools);
    const isPurged = purges(folder, tools);
    const findings: Finding[] = [];
    for (const burst of burstsOf(deaths)) {
      const missed: Death[] = [];
      for (const death of burst) {
        if (await isPurged(death)) continue;
        if ((await others.partElsewhere(death)) >= MOST || (await isBack(death, tools))) continue;
        const [units, text] = [await tools.units(death.lost), await tools.text(death.lost)];
        if (saysSomething(death.file.path, units, text)) missed.push(death);
      }
      for (const death of missed) {
        const finding = await findingOf(death, missed, folder, others, tools);
        if (finding) findings.push(finding);
      }
    }
    return findings;
  },
};

/** What lived for minutes is missed where other files went back in that moment: a handoff is young when a stale tree takes it. */
async function withoutShort(deaths: readonly Death[], tools: RuleTools<Options>): Promise<readonly Death[]> {
  const missed: Death[] = [];
  for (const death of deaths) {
    if (!death.isShort || (await tools.stroke(death.gone))?.says === 'lost') missed.push(death);
  }
  return missed;
}

interface Verdict {
  readonly certainty: Certainty;
  readonly severity: Severity;
  readonly why: string;
}

async function findingOf(
  death: Death,
  burst: readonly Death[],
  folder: FolderHistory,
  others: Around,
  tools: RuleTools<Options>,
): Promise<Finding | null> {
  const { file, lost, gone } = death;
  const verdict = await judge(death, burst, folder, others, tools);
  if (verdict === null) return null;
  const units = await tools.units(lost);
  const remover = await tools.writer(gone);
  const when = gone.how === 'scan' ? `found gone at ${clock(gone.at)}` : `deleted at ${clock(gone.at)}`;
  return {
    path: file.path,
    message: `${when}, and ${inWords(units)} with it${together(burst)}`,
    certainty: verdict.certainty,
    severity: verdict.severity,
    lost,
    cause: gone,
    base: null,
    units,
    evidence: [
      verdict.why,
      remover ? `session ${remover.label || remover.id} deleted it` : 'no record says who deleted it',
      'its text came into no other file around then',
    ],
    standing: true,
  };
}

/** Null when a program took away what it once brought. */
async function judge(
  death: Death,
  burst: readonly Death[],
  folder: FolderHistory,
  others: Around,
  tools: RuleTools<Options>,
): Promise<Verdict | null> {
  const { file, lost, gone, birth } = death;
  const isMany = burst.length >= tools.options.many;
  const isGrave = gravest.test(file.path);
  const weak = (why: string): Verdict => ({ certainty: 'possible', severity: 'low', why });
  // Who clears up may go too far, where much is at stake.
  const meant = (why: string): Verdict => ({ ...weak(why), severity: isMany && isGrave ? 'medium' : 'low' });
  const bundle = bundleOf(file.path);

  const list = await others.leftOutBy(death);
  if (list && !(await areTwoHands(list.now, gone, tools))) {
    if (bundle && /\.(json|ya?ml|toml)$/.test(list.file.path)) return null;
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

  const severity = isGrave ? 'high' : prose.test(file.path) ? 'medium' : 'low';
  const namedBy = await others.namedBy(death);
  if (isOfManyChanges(gone, others.changes(death))) {
    const why = 'many files were written in the same moment: a checkout, or a sync';
    if (!namedBy) return weak(why);
    return { certainty: 'possible', severity: 'medium', why: `${namedBy} still names it, but ${why}` };
  }
  if (bundle && isGone(bundle, folder) && nameOf(file.path) !== 'SKILL.md') return weak(`all of ${bundle} went`);
  if (namedBy) return { certainty: 'likely', severity, why: `${namedBy} still names it` };
  if (isMany && !isGrave && !configured.test(file.path)) return weak('many went at once: somebody cleared up');
  return {
    certainty: 'possible',
    severity,
    why: isMany ? 'so many at once, and nothing says that it was meant' : 'nothing says that it was meant',
  };
}

/** True when others were written as it went: one hand changed a whole tree. A scan sees a day in one moment. */
function isOfManyChanges(gone: Version, changes: ReturnType<Around['changes']>): boolean {
  if (gone.how === 'scan') return false;
  return changes.filter(({ now }) => Math.abs(now.seenAt - gone.seenAt) <= MOMENT_MS).length >= TREE;
}

/** True when most of the text stands in the file that was made in its place. */
async function isBack({ file, lost, gone }: Death, { text }: RuleTools<Options>): Promise<boolean> {
  const later = file.versions.slice(file.versions.findIndex(({ id }) => id === gone.id) + 1);
  const lives = [later.find(({ kind }) => kind === 'file'), later.at(-1)].filter(version => version?.kind === 'file');
  // What undertext took back again is missing as it was before.
  if (lives.length === 0 || (later.at(-1)!.kind === 'gone' && later.at(-1)!.how === 'restore')) return false;
  if (lives.some(version => version!.blob === lost.blob)) return true;
  const phrases = phrasesOf(await text(lost));
  for (const version of lives) {
    const there = phrasesOf(await text(version!));
    const stays = [...phrases].filter(phrase => there.has(phrase));
    if (phrases.size > 0 && stays.length >= SAME * phrases.size) return true;
  }
  return false;
}

async function areTwoHands(a: Version, b: Version, { writer }: RuleTools<Options>): Promise<boolean> {
  const [one, other] = [await writer(a), await writer(b)];
  return one !== null && other !== null && one.id !== other.id;
}

/** An update of a skill replaces its files, and leaves out those that are no longer part of it. */
function isRewritten(bundle: string, changes: ReturnType<Around['changes']>): boolean {
  return changes.filter(({ file }) => file.path.startsWith(`${bundle}/`)).length >= 2;
}

function isGone(bundle: string, { files }: FolderHistory): boolean {
  return files.every(({ path, versions }) => !path.startsWith(`${bundle}/`) || versions.at(-1)?.kind === 'gone');
}

function together(burst: readonly Death[]): string {
  if (burst.length === 1) return '';
  const seconds = Math.ceil((burst.at(-1)!.gone.seenAt - burst[0]!.gone.seenAt) / 1000);
  return `: one of ${burst.length} files that went from ${placeOf(burst[0]!.file.path) || 'the root'} within ${Math.max(1, seconds)} s`;
}

export default rule;
