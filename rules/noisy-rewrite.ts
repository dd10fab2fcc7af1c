import type { Finding, PathHistory, Rule, RuleTools } from '../src/rule.ts';
import { clock, fitsAny, glob, nameOf } from '../src/rule.ts';
import type { Noise } from './noisy-rewrite/noise.ts';
import { noiseBetween } from './noisy-rewrite/noise.ts';

interface Options {
  /** So many writes that say nothing new, within `hours` of the newest one. */
  readonly times: number;
  readonly hours: number;
  /** Globs of files that may be written so. */
  readonly except: readonly string[];
}

const isJson = glob('**/*.{json,jsonc}');
const isMarkdown = glob('**/*.{md,mdx,markdown}');
/** What the client counts and stamps all day; nobody can tell it not to. */
const isRuntime = glob('{,profiles/*/}{.claude.json*,{sessions,jobs,daemon,teams,tasks,todos,statsig}/**}');

const rule: Rule<Options> = {
  id: 'noisy-rewrite',
  summary: 'A file was rewritten again and again though nothing but noise changed, and real changes drowned in it.',
  severity: 'low',
  options: { times: 6, hours: 24, except: [] },

  async checkPath(file: PathHistory, tools: RuleTools<Options>) {
    const { path } = file;
    const { times, hours, except } = tools.options;
    const newest = file.edits.at(-1)?.after;
    if (!newest || file.edits.length < times) return [];
    const recent = file.edits.filter(({ after }) => after.at > newest.at - hours * 3_600_000);
    if (recent.length < times || !(isJson(path) || isMarkdown(path))) return [];
    if (isRuntime(path) || fitsAny(path, except)) return [];
    const noisy: Noise[] = [];
    for (const { before, after } of recent) {
      if (before.kind !== 'file' || after.kind !== 'file' || after.how === 'restore') continue;
      const noise = noiseBetween(await tools.units(before), await tools.units(after), isJson(path));
      if (noise) noisy.push(noise);
    }
    // A file that is worked on may be formatted in between.
    if (noisy.length < times || noisy.length * 2 < recent.length) return [];
    return [findingOf(path, noisy, recent.length, [recent[0]!.after.at, newest.at])];
  },
};

export default rule;

function findingOf(
  path: string,
  noisy: readonly Noise[],
  writes: number,
  [from, to]: readonly [number, number],
): Finding {
  const flips = [
    ...counted(noisy.flatMap(({ stamps }) => stamps)),
    ...counted(noisy.flatMap(({ counters }) => counters)),
    ...counted(noisy.flatMap(({ isReordered }) => (isReordered ? ['the order of its keys'] : []))),
    ...counted(noisy.flatMap(({ isReformatted }) => (isReformatted ? ['blanks and line ends'] : []))),
  ];
  const name = nameOf(path);
  return {
    path,
    message: `${noisy.length} of ${writes} writes of ${path} between ${clock(from, to)} and ${clock(to)} said nothing new`,
    certainty: 'possible',
    lost: null,
    // The same finding however long it goes on: who accepted it once is not asked again.
    cause: null,
    base: null,
    units: [{ kind: 'file', name, text: path, place: '', fingerprint: `noise ${path}`, start: 0, end: 0 }],
    evidence: flips.slice(0, 6).map(([what, n]) => `${what} changed ${n === 1 ? 'once' : `${n} times`}`),
    advice: adviceOf(noisy),
    standing: true,
  };
}

function counted(names: readonly string[]): readonly (readonly [name: string, n: number])[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

function adviceOf(noisy: readonly Noise[]): string {
  const keys = counted(noisy.flatMap(({ stamps, counters }) => [...stamps, ...counters])).map(([key]) => key);
  const steps = [
    ...(keys.length > 0
      ? [`leave ${keys.slice(0, 3).join(', ')} out of it, or write it only when something else changed`]
      : []),
    ...(noisy.some(({ isReordered }) => isReordered) ? ['write its keys in one order (jq -S)'] : []),
    ...(noisy.some(({ isReformatted }) => isReformatted) ? ['let all its writers use one formatter'] : []),
  ];
  return steps.join('; ');
}
