import type { Finding, FolderHistory, Rule, RuleTools } from '../src/rule.ts';
import { clock, inWords, isOutOfReach } from '../src/rule.ts';
import { type Around, around, MOST, phrasesOf } from './lost-file/around.ts';
import { isConfiguration, isMissed } from './lost-file/configuration.ts';
import type { Death } from './lost-file/deaths.ts';
import { burstsOf, deathsOf, placeOf, saysSomething, timeBeside } from './lost-file/deaths.ts';
import { judge, type Options } from './lost-file/judge.ts';
import { purges } from './lost-file/purged.ts';

/** So much of it must stand in the file that is there now, for it to be the same one. */
const SAME = 0.8;
/** A copy that came within this time of a deletion is where the file was moved to. */
const MOVE_MS = 10 * 60_000;

const rule: Rule<Options> = {
  id: 'lost-file',
  summary: 'A file that somebody had written was deleted, or moved to where its reader does not look.',
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
    const found: Found[] = [];
    for (const burst of burstsOf(deaths)) {
      const missed: Death[] = [];
      const undone: Death[] = [];
      for (const death of burst) {
        if ((await isPurged(death)) || (await others.partElsewhere(death)) >= MOST) continue;
        const back = await stateNow(death, tools);
        if (back !== 'like it' && (await isWorthTelling(death, tools))) (back === 'gone' ? missed : undone).push(death);
      }
      for (const death of missed) {
        const finding = await findingOf(death, missed, folder, others, tools);
        if (finding) found.push({ death, finding: { ...finding, standing: true } });
      }
      // A deletion that was undone is listed among what is resolved.
      for (const death of undone) {
        const finding = await findingOf(death, [death], folder, others, tools);
        if (finding) found.push({ death, finding });
      }
    }
    return found.filter(({ death }) => !isOfMoved(death, found)).map(({ finding }) => finding);
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

interface Found {
  readonly death: Death;
  readonly finding: Finding;
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
  const copy = others.setAsideAt(death);
  const when = gone.how === 'scan' ? `was found deleted at ${clock(gone.at)}` : `was deleted at ${clock(gone.at)}`;
  return {
    path: file.path,
    message: `the file ${when}, and with it ${inWords(units)}${together(burst)}`,
    certainty: verdict.certainty,
    severity: verdict.severity,
    lost,
    cause: gone,
    base: null,
    units,
    goes: 'file',
    evidence: [
      verdict.why,
      remover ? `session ${remover.label || remover.id} deleted it` : 'no record says who deleted it',
      copy
        ? `the only copy of its text is ${copy}, which its reader does not read`
        : 'no other file gained its text around then',
    ],
    ...(copy ? { related: [copy] } : {}),
  };
}

async function isWorthTelling({ file, lost }: Death, tools: RuleTools<Options>): Promise<boolean> {
  const [units, text] = [await tools.units(lost), await tools.text(lost)];
  if (!saysSomething(file.path, units, text)) return false;
  return !isConfiguration(file) || isMissed(file, lost, units);
}

/** Whether the file that was made in its place has all of it, nearly all of it, or something else (as if there were none). */
async function stateNow(
  { file, lost, gone }: Death,
  { text, units }: RuleTools<Options>,
): Promise<'back' | 'like it' | 'gone'> {
  const later = file.versions.slice(file.versions.findIndex(({ id }) => id === gone.id) + 1);
  const lives = [later.find(({ kind }) => kind === 'file'), later.at(-1)].filter(version => version?.kind === 'file');
  // What undertext took back again is missing as it was before.
  if (lives.length === 0 || (later.at(-1)!.kind === 'gone' && later.at(-1)!.how === 'restore')) return 'gone';
  if (lives.some(version => version!.blob === lost.blob)) return 'back';
  const phrases = phrasesOf(await text(lost));
  const wanted = await units(lost);
  for (const version of lives) {
    const there = phrasesOf(await text(version!));
    const stays = [...phrases].filter(phrase => there.has(phrase));
    if (phrases.size === 0 || stays.length < SAME * phrases.size) continue;
    const has = new Set((await units(version!)).map(({ fingerprint }) => fingerprint));
    return wanted.every(({ fingerprint }) => has.has(fingerprint)) ? 'back' : 'like it';
  }
  return 'gone';
}

/** True for a copy that came as a file went, when that file is told: it is one loss, at the place where its reader looks. */
function isOfMoved({ file, lost, birth }: Death, found: readonly Found[]): boolean {
  return found.some(({ death, finding }) => {
    if (death.file === file || death.lost.blob !== lost.blob || !isOutOfReach(file.path, death.file.path)) return false;
    const isMove = Math.abs(timeBeside(death.gone, birth) - death.gone.seenAt) <= MOVE_MS;
    return isMove && (finding.certainty !== 'possible' || finding.severity !== 'low');
  });
}

function together(burst: readonly Death[]): string {
  if (burst.length === 1) return '';
  const seconds = Math.ceil((burst.at(-1)!.gone.seenAt - burst[0]!.gone.seenAt) / 1000);
  return `: one of ${burst.length} files that went from ${placeOf(burst[0]!.file.path) || 'the root'} within ${Math.max(1, seconds)} s`;
}

export default rule;
