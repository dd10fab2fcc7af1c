/**
 * `npm run bench:detection [HISTORIES [SCENES]]`: what is found, and what is told wrongly, on generated histories of known truth, on
 * the corpora where they are present, and on real histories (`detection/real.ts`). `SEED` sets another seed. SCENES of each kind
 * are also played by themselves. What counts as right: `detection/judge.ts`, and of scenes `detection/judge-scenes.ts`.
 */
import { join } from 'node:path';
import { rules } from '../rules/index.ts';
import { realFolders } from './detection/bases.ts';
import { labRuns, triples } from './detection/corpora.ts';
import {
  byKind,
  calibration,
  certainties,
  headlineOf,
  precisionOf,
  recallOf,
  type Share,
  wrongOnes,
  wrongRows,
} from './detection/figures.ts';
import { histories, scenesOf } from './detection/histories.ts';
import type { Verdict } from './detection/judge.ts';
import { judge } from './detection/judge.ts';
import { tellReal } from './detection/real.ts';
import { type KindId, kindOf, kinds as sceneKinds } from './detection/scenes/kinds.ts';

const seed = Number(process.env.SEED ?? 20261120);
const count = Number(process.argv[2] ?? 3_000);
const each = Number(process.argv[3] ?? 60);
const corpus = process.env.UNDERTEXT_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus');
const kinds = { none: 'no records', all: 'all records', some: 'some records' } as const;
const say = (text = '') => console.log(text);

const real = realFolders(corpus);
const verdicts: Record<keyof typeof kinds, Verdict[]> = { none: [], all: [], some: [] };
for (const { play, chance } of histories(seed, count, real)) {
  for (const records of ['none', 'all', 'some'] as const) {
    verdicts[records].push(await judge(play, rules, records, chance));
  }
}
say(`${count} histories, seed ${seed}, ${real.length} bases out of real folders, ${rules.length} rules`);
tellHeadlines();
await tellKinds();
for (const [records, name] of Object.entries(kinds)) tell(name, verdicts[records as keyof typeof kinds]);
tellCalibration();
await tellTriples();
tellLab();
tellReal(process.env.UNDERTEXT_HISTORIES);

/** Of all that is played, scenes among it; the rest of what is printed judges rows and losses of one played file and its kin. */
function tellHeadlines(): void {
  const all = Object.entries(kinds).map(
    ([records, name]) => [name, headlineOf(verdicts[records as keyof typeof kinds])] as const,
  );
  const row = (title: string, share: (of: (typeof all)[number][1]) => Share) => {
    const cells = all.map(([, headline]) => {
      const { count, right } = share(headline);
      return `${percent(right)} of ${count}`.padStart(20);
    });
    say(`  ${title.padEnd(46)}${cells.join('')}`);
  };
  say(`\n  ${''.padEnd(46)}${all.map(([name]) => name.padStart(20)).join('')}`);
  row('stale writes with a loss, told (>= 99 %)', ({ told }) => told);
  row('stale writes with a loss, shown', ({ shown }) => shown);
  row('losses of kinds F and M, shown', ({ sceneLosses }) => sceneLosses);
  row('events without a loss, nothing shown', ({ quiet }) => quiet);
  row('likely or proven rows right (>= 90 %)', ({ likely }) => likely);
  row('possible rows that are shown, right', ({ possible }) => possible);
  row('rows that are shown, right', ({ allShown }) => allShown);
  row('weak rows that are a loss', ({ weak }) => weak);
  for (const loudness of ['likely', 'shown'] as const) {
    const wrong = wrongRows(verdicts.none, loudness).map(([deed, n]) => `${deed} ${n}`);
    say(`  wrong rows, no records, ${loudness}: ${wrong.join(', ') || 'none'}`);
  }
}

/** By kind of event, without records. Of W, G, S the first two columns are false alarms; of F and M the last two are what is missed. */
async function tellKinds(): Promise<void> {
  const ids = Object.keys(sceneKinds) as KindId[];
  const single: Verdict[] = [];
  for (const { play, chance } of scenesOf(seed, ids, each)) single.push(await judge(play, rules, 'none', chance));
  const figures = byKind(ids, [...single, ...verdicts.none]);
  say(`\nkinds, no records: those of the histories, and ${each} of each by themselves`);
  const heads = ['events', 'likely', 'shown', 'weak', 'not told', 'wrong beside'];
  say(`  ${'kind'.padEnd(46)}${heads.map(head => head.padStart(13)).join('')}`);
  for (const { kind, count, told, beside } of figures) {
    const shares = [told.likely, told.shown, told.weak, told['not told']].map(n => percent(n / count));
    const cells = [count, ...shares, beside].map(cell => String(cell).padStart(13)).join('');
    say(`  ${`${kind} ${kindOf(kind).title}`.padEnd(46)}${cells}`);
  }
}

function tell(name: string, of: readonly Verdict[]): void {
  const recall = recallOf(of.flatMap(({ losses }) => losses));
  const writes = of.reduce((sum, verdict) => sum + verdict.writes.length, 0);
  say(`\n${name}: ${writes} writes, ${recall.losses} of them took away what their writers had not seen`);
  say(
    `  recall: all of it told ${percent(recall.whole)}, some of it ${percent(recall.some)}, pieces ${percent(recall.pieces)}`,
  );
  say(`  told as ${certainties.map(each => `${each} ${percent(recall.at[each])}`).join(', ')}`);
  say('  precision           count  one unit right  half of them  units (meant, not gone)');
  for (const certainty of certainties) {
    line(
      `all ${certainty}`,
      of.flatMap(({ incidents }) => incidents).filter(one => one.certainty === certainty),
    );
  }
  for (const { id } of rules) {
    for (const certainty of certainties) {
      line(
        `${id} ${certainty}`,
        of.flatMap(({ findings }) => findings).filter(one => one.rule === id && one.certainty === certainty),
      );
    }
    const standing = of.reduce((sum, verdict) => sum + (verdict.standing.get(id) ?? 0), 0);
    if (standing > 0) say(`  ${id.padEnd(22)} ${standing} findings of what stands, which this truth does not judge`);
  }
  const likely = of.flatMap(({ incidents }) => incidents).filter(one => one.certainty === 'likely');
  say(
    `  wrong at likely: ${
      wrongOnes(likely)
        .map(([deed, n]) => `${deed} ${n}`)
        .join(', ') || 'none'
    }`,
  );
}

function line(title: string, judged: Verdict['findings']): void {
  if (judged.length === 0) return;
  const { count, any, most, units, meant, stands } = precisionOf(judged);
  say(
    `  ${title.padEnd(22)}${String(count).padStart(6)}  ${percent(any).padStart(14)}  ${percent(most).padStart(12)}  ${percent(units)} (${meant}, ${stands})`,
  );
}

function tellCalibration(): void {
  const all = verdicts.none.flatMap(({ signs }) => signs);
  say(`\ncalibration: ${all.length} writes look stale by content alone; how many were, with and without each sign`);
  for (const { name, present, absent } of calibration(verdicts.none)) {
    say(
      `  ${name.padEnd(44)} ${percent(present.right)} of ${present.count}, without ${percent(absent.right)} of ${absent.count}`,
    );
  }
}

async function tellTriples(): Promise<void> {
  for (const [name, apart] of [
    ['5 minutes', 300_000],
    ['2 hours', 7_200_000],
    ['2 days', 172_800_000],
  ] as const) {
    const all = await triples(corpus, rules, apart);
    if (all.length === 0) {
      say('\ngit-lost-updates: not present');
      return;
    }
    say(`\ngit-lost-updates, ${name} apart`);
    for (const label of ['TRUE', 'DELIBERATE', 'AMBIGUOUS'] as const) {
      const mine = all.filter(one => one.label === label);
      const at = (certainty: string | null) => mine.filter(one => one.certainty === certainty).length;
      say(`  ${label} ${mine.length}: likely ${at('likely')}, possible ${at('possible')}, not told ${at(null)}`);
    }
    if (apart !== 300_000) continue;
    for (const { name: dir, label, certainty, why, signs } of all) {
      if (label === 'AMBIGUOUS' || (label === 'TRUE' && certainty !== null)) continue;
      say(`  ${label} ${dir}: ${certainty ?? 'not told'}; content: ${signs.join(', ')}; told apart by: ${why}`);
    }
  }
}

function tellLab(): void {
  const runs = labRuns(corpus);
  if (runs.length === 0) {
    say('\nlab: not present');
    return;
  }
  const lost = runs.filter(({ outcome }) => outcome === 'lost');
  const quiet = runs.filter(({ outcome }) => outcome === 'kept');
  const proven = lost.filter(({ told }) => told.includes('proven')).length;
  const wrong = quiet.filter(({ told }) => told.length > 0).map(({ title }) => title);
  say(
    `\nlab, homes of real clients: ${lost.length} losses, proven ${proven}; ${quiet.length} without one, alarms in ${wrong.length} ${wrong.join(', ')}`,
  );
}

function percent(share: number): string {
  return Number.isNaN(share) ? '–' : `${(100 * share).toFixed(1)} %`;
}
