/**
 * `npm run bench mending`: two writers changed different units of one base, and the second silently overwrote the first. How often the
 * first one's text comes back without a question, whether all holds that must, and what `git merge-file` and two diff3 make of the same.
 * `SEED=8 MADE=6000 REAL=2000 npm run bench mending` takes other cases, and so many of them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diff3Merge } from 'node-diff3';
import { linesWithEnds } from '../src/documents/lines.ts';
import { gitEnv } from './git.ts';
import { type Case, madeCase, randomFrom, realCase } from './mending-cases.ts';
import { lostOrDoubled, mended } from './mending-judge.ts';
import { plain, type Row } from './row.ts';

const seed = numberFrom('SEED', 7);
const madeCases = numberFrom('MADE', 3000);
const realCases = numberFrom('REAL', 1000);

function numberFrom(name: string, usual: number): number {
  const number = Number(process.env[name] ?? usual);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`${name} is "${process.env[name]}", but must be a whole number`);
}

/** A merge tool: null when it has conflicts. */
type Tool = (given: Case, folder: string) => string | null;

interface Tally {
  cases: number;
  asked: number;
  wrong: number;
  readonly clean: Map<string, number>;
  readonly harmed: Map<string, number>;
}

export async function benchMending(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'undertext-bench-'));
  try {
    const tools = new Map<string, Tool>([['git merge-file', gitMerge], ...gnuDiff3(), ['node-diff3 3.2.1', nodeDiff3]]);
    const tallies = new Map<string, Tally>();
    const judge = (given: Case, name: string): void => {
      for (const kind of [given.kind, 'all']) {
        if (!tallies.has(kind))
          tallies.set(kind, { cases: 0, asked: 0, wrong: 0, clean: new Map(), harmed: new Map() });
      }
      const both = [tallies.get(given.kind)!, tallies.get('all')!];
      const { isAsked, wrong } = mended(given);
      if (wrong.length > 0) console.log(`wrong, seed ${seed}, ${given.kind} (${name}): ${wrong.join('; ')}`);
      for (const tally of both) {
        tally.cases++;
        if (isAsked) tally.asked++;
        if (wrong.length > 0) tally.wrong++;
      }
      for (const [name, merge] of tools) {
        const text = merge(given, folder);
        if (text === null) continue;
        const isHarmed = lostOrDoubled(given, text).length > 0;
        for (const tally of both) {
          tally.clean.set(name, (tally.clean.get(name) ?? 0) + 1);
          if (isHarmed) tally.harmed.set(name, (tally.harmed.get(name) ?? 0) + 1);
        }
      }
    };
    for (let index = 0; index < madeCases; index++) judge(madeCase(seed, index), `made ${index}`);
    for (const [index, given] of fromRealFiles()) judge(given, `real ${index}`);
    return [...tallies]
      .sort(([a], [b]) => Number(a === 'all') - Number(b === 'all'))
      .flatMap(([kind, tally]) => rowsOf(kind, tally, [...tools.keys()]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowsOf(kind: string, { cases, asked, wrong, clean, harmed }: Tally, tools: readonly string[]): readonly Row[] {
  const share = (n: number): number => (100 * n) / cases;
  const ours: Row = {
    ...plain(`two writers, ${kind}: ${cases - asked} of ${cases} mended without asking`, share(cases - asked), '%'),
    target: '≥ 99 %',
    met: asked * 100 <= cases,
  };
  const holds: Row = {
    ...plain(`two writers, ${kind}: in ${cases - wrong} of ${cases} all holds that must`, share(cases - wrong), '%'),
    target: '100 %',
    met: wrong === 0,
  };
  const theirs = tools.flatMap(name => {
    const [merged, bad] = [clean.get(name) ?? 0, harmed.get(name) ?? 0];
    return [
      plain(`  ${name}: ${merged} of ${cases} merged without conflict`, share(merged), '%'),
      plain(`  ${name}: of these lost or doubled a unit, or broke the JSON: ${bad}`, share(bad), '%'),
    ];
  });
  return [ours, holds, ...theirs];
}

/** Cases on the Markdown of real folders, where they lie beside the checkout; none otherwise. */
function* fromRealFiles(): Generator<readonly [index: number, given: Case]> {
  const corpus = process.env.UNDERTEXT_CORPUS ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
  const folders = join(corpus, 'folders');
  if (!existsSync(folders)) {
    console.log(`real folders: not measured, ${folders} is not there`);
    return;
  }
  const files = readdirSync(folders, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .sort()
    .map(name => join(folders, name))
    .filter(file => statSync(file).isFile() && statSync(file).size > 200 && statSync(file).size < 30_000);
  for (let [index, found] = [0, 0]; found < realCases && index < 10 * realCases; index++) {
    const text = readFileSync(files[index % files.length]!, 'utf8');
    const given = realCase('real.md', text, randomFrom(seed * 1_000_003 + index));
    if (given === null) continue;
    found++;
    yield [index, given];
  }
}

function written({ base, lost, present }: Case, folder: string): readonly [string, string, string] {
  const files = [join(folder, 'present'), join(folder, 'base'), join(folder, 'lost')] as const;
  for (const [at, text] of [present, base, lost].entries()) writeFileSync(files[at]!, text);
  return files;
}

function gitMerge(given: Case, folder: string): string | null {
  const [mine, base, theirs] = written(given, folder);
  const { status, stdout } = spawnSync('git', ['merge-file', '-p', mine, base, theirs], {
    encoding: 'utf8',
    env: gitEnv,
  });
  return status === 0 ? stdout : null;
}

/** Only where it is installed. */
function gnuDiff3(): readonly (readonly [string, Tool])[] {
  const { status, stdout } = spawnSync('diff3', ['--version'], { encoding: 'utf8' });
  if (status !== 0) return [];
  const version = /\d[\d.]*\s*$/.exec(stdout.split('\n')[0]!)?.[0] ?? '';
  return [
    [
      `GNU diff3 ${version}`,
      (given, folder) => {
        const merged = spawnSync('diff3', ['-m', ...written(given, folder)], { encoding: 'utf8' });
        return merged.status === 0 ? merged.stdout : null;
      },
    ],
  ];
}

function nodeDiff3({ base, lost, present }: Case): string | null {
  const regions = diff3Merge(linesWithEnds(present), linesWithEnds(base), linesWithEnds(lost), {
    excludeFalseConflicts: true,
  });
  return regions.some(region => region.conflict) ? null : regions.flatMap(region => region.ok ?? []).join('');
}
