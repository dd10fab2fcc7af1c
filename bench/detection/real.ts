/**
 * `node dist/bench/detection/real.js FOLDER [HOME…]`: real histories of public homes, and what a reader of their commits
 * decided. The labels lie in `real-labels.json`, the histories do not: FOLDER holds their git folders.
 */
import { foundLosses, isShown, median, type RealRun, rowSharesOf, type Shares, sharesOf, sum } from './real-figures.ts';
import { gitFolder, playHome } from './real-homes.ts';
import { type RealLabel, type RealLabels, readLabels } from './real-labels.ts';

const certainties = ['proven', 'likely', 'possible'];

export function tellReal(folder: string | undefined, wanted: readonly string[] = []): void {
  if (folder === undefined) {
    say('\nreal histories: not present (UNDERTEXT_HISTORIES names the folder of their git folders)');
    return;
  }
  const { homes, labels } = readLabels();
  const runs: RealRun[] = [];
  say(`\nreal histories, ${labels.length} labels of one reader`);
  say('  home                                            versions  rows   loss  none  fact  unknown  not judged');
  for (const home of homes.filter(each => wanted.length === 0 || wanted.includes(each.home))) {
    const git = gitFolder(folder, home);
    if (git === null) {
      say(`  ${home.home.padEnd(46)}  not present`);
      continue;
    }
    const run = playHome(git, home);
    runs.push(run);
    tellHome(run, labelsOf(run, { homes, labels }));
  }
  if (runs.length > 0) tellAll(runs, { homes, labels });
}

function labelsOf({ home }: RealRun, { labels }: RealLabels): readonly RealLabel[] {
  return labels.filter(label => label.home === home);
}

function tellHome(run: RealRun, labels: readonly RealLabel[]): void {
  const { loss, none, fact, unknown, notJudged } = rowSharesOf(run.incidents.filter(isShown), labels);
  const cells = [run.versions, run.rows, loss, none, fact, unknown, notJudged];
  const widths = [8, 6, 7, 6, 6, 9, 12];
  say(`  ${run.home.padEnd(46)}  ${cells.map((cell, index) => String(cell).padStart(widths[index]!)).join('')}`);
}

function tellAll(runs: readonly RealRun[], all: RealLabels): void {
  const among = (shares: typeof sharesOf, wanted: readonly string[]): Shares =>
    sum(
      runs.map(run => {
        const shown = run.incidents.filter(incident => isShown(incident) && wanted.includes(incident.certainty));
        return shares(shown, labelsOf(run, all));
      }),
    );
  say('  rows of the table:');
  for (const certainty of certainties) tellShares(certainty, among(rowSharesOf, [certainty]));
  tellShares('shown by default', among(rowSharesOf, certainties));
  say('  files, each for itself:');
  for (const certainty of certainties) tellShares(certainty, among(sharesOf, [certainty]));
  tellShares('shown by default', among(sharesOf, certainties));
  const rows = runs.map(run => run.rows);
  const versions = runs.reduce((total, run) => total + run.versions, 0);
  const each = rows.reduce((total, count) => total + count, 0) / (versions / 100);
  say(`  rows: ${each.toFixed(2)} per 100 versions; median of the first table ${median(rows)}`);
  const found = runs.map(run => foundLosses(run.incidents, labelsOf(run, all)));
  const count = (key: 'shown' | 'weak' | 'resolved' | 'files' | 'toldFiles') =>
    found.reduce((total, one) => total + one[key], 0);
  const missed = found.flatMap(one => one.missed);
  const losses = count('shown') + count('weak') + count('resolved') + missed.length;
  say(
    `  losses that are labelled: ${losses} commits; shown ${count('shown')}, low confidence ${count('weak')}, resolved ${count('resolved')}, missed ${missed.length}`,
  );
  say(`  files that they took text from: ${count('files')}; told ${count('toldFiles')}`);
  for (const { home, path, commit, kind } of missed) say(`    missed: ${home} ${commit} ${path} (${kind})`);
}

function tellShares(name: string, { loss, none, fact, unknown, notJudged, precision }: Shares): void {
  const decided = `${loss} of ${loss + none} decided${Number.isNaN(precision) ? '' : ` (${(100 * precision).toFixed(1)} %)`}`;
  say(`  ${name.padEnd(18)} right in ${decided}; ${fact} facts, ${unknown} unknown, ${notJudged} not judged`);
}

function say(text: string): void {
  console.log(text);
}

if (process.argv[1] === import.meta.filename)
  tellReal(process.argv[2] ?? process.env.UNDERTEXT_HISTORIES, process.argv.slice(3));
