import type { Finding, FolderHistory, PathHistory, Rule, RuleTools, Unit, Version } from '../src/rule.ts';
import { brokenBy, clock, glob, listed, standing } from '../src/rule.ts';
import { importsIn, isPath } from './missing-import/imports.ts';

interface Options {
  /** How long an import may lack its file. */
  readonly graceSeconds: number;
}

const areInstructions = glob(
  '{CLAUDE.md,CLAUDE.local.md,**/CLAUDE.md,**/CLAUDE.local.md,{rules,**/.claude/rules}/**/*.md}',
);
/** How far Claude Code follows imports of imports. */
const HOPS = 4;

const rule: Rule<Options> = {
  id: 'missing-import',
  summary: 'Instructions import a file that is not there: what it said is no longer followed, and nothing tells.',
  severity: 'medium',
  options: { graceSeconds: 120 },

  async checkFolder(folder: FolderHistory, tools: RuleTools<Options>) {
    if (folder.path !== '') return [];
    const scene: Scene = { folder, tools, stands: lazy(() => standing(folder.files)) };
    const findings: Finding[] = [];
    const files = new Map(folder.files.map(file => [file.path, file]));
    const asked = new Set<PathHistory>();
    let next = folder.files.filter(file => areInstructions(file.path));
    for (let hop = 0; hop <= HOPS && next.length > 0; hop++) {
      const imported: PathHistory[] = [];
      for (const file of next) {
        if (asked.has(file)) continue;
        asked.add(file);
        const paths = await importsOf(file, file.versions.at(-1), scene);
        imported.push(...[...paths.values()].flatMap(path => files.get(path) ?? []));
        const missing = [...paths].filter(([, path]) => scene.stands()(path) === false);
        if (missing.length > 0) findings.push(...(await findingsOf(file, missing, files, scene)));
      }
      next = imported;
    }
    return findings;
  },
};

export default rule;

interface Scene {
  readonly folder: FolderHistory;
  readonly tools: RuleTools<Options>;
  stands(): (path: string) => boolean | null;
}

/** What a version imports out of the root: as it is written → where it leads. */
async function importsOf(
  file: PathHistory,
  version: Version | undefined,
  { tools, stands }: Scene,
): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  if (version?.kind !== 'file' || !version.settled) return paths;
  const isThere = (beside: string) => {
    const path = tools.pathOf(beside, file);
    return path !== null && stands()(path) === true;
  };
  for (const written of importsIn(new TextDecoder().decode(await tools.bytes(version)))) {
    const path = isPath(written, isThere) ? tools.pathOf(written, file) : null;
    if (path !== null) paths.set(written, path);
  }
  return paths;
}

/** One finding for each write that broke some of them. */
async function findingsOf(
  file: PathHistory,
  missing: readonly (readonly [written: string, path: string])[],
  files: ReadonlyMap<string, PathHistory>,
  scene: Scene,
): Promise<readonly Finding[]> {
  const groups = new Map<
    string,
    { readonly cause: Version | null; readonly isAstray: boolean; readonly gone: (readonly [string, string])[] }
  >();
  const known = new Map<Version, readonly string[]>();
  const hasIt = async (version: Version, written: string) => {
    const imports = known.get(version) ?? importsIn(new TextDecoder().decode(await scene.tools.bytes(version)));
    known.set(version, imports);
    return imports.includes(written);
  };
  for (const each of missing) {
    const cause = await brokenBy(file, files.get(each[1]), version => hasIt(version, each[0]), scene.tools);
    const isAstray = standsAbove(each[0], file, scene);
    const key = `${isAstray} ${cause?.id}`;
    groups.set(key, { cause, isAstray, gone: [...(groups.get(key)?.gone ?? []), each] });
  }
  const units = await scene.tools.units(file.versions.at(-1)!);
  return [...groups.values()].map(({ cause, isAstray, gone }) => {
    const paths = gone.map(([, path]) => path);
    const lines = units.filter(unit =>
      gone.some(([written]) => unit.text.replaceAll('\\ ', ' ').includes(`@${written}`)),
    );
    return {
      path: file.path,
      message: `${file.path} imports ${listed(paths)}, which ${paths.length === 1 ? 'does' : 'do'} not exist${cause ? ` since ${clock(cause.at)}` : ''}`,
      certainty: isAstray ? 'possible' : 'likely',
      severity: cause ? 'medium' : 'low',
      lost: null,
      cause,
      base: null,
      units: lines.length > 0 ? lines : gone.map(([written]) => lineUnit(written)),
      evidence: [
        cause === null
          ? 'it was so when it was first seen'
          : cause.kind === 'gone'
            ? `${cause.path} was deleted at ${clock(cause.at)}, and its import stayed`
            : 'no such file was ever seen, or it was gone already',
      ],
      related: paths,
      advice: isAstray
        ? 'write it relative to the file that imports it: it stands there seen from a folder above'
        : 'put the file back where the import looks for it, or take the import out',
      standing: true,
    };
  });
}

/** True when the path leads to a file from a folder above: its writer took another place for the start, or will install it there. */
function standsAbove(written: string, file: PathHistory, { tools, stands }: Scene): boolean {
  if (/^[~/]/.test(written)) return false;
  return ['..', '../..', '../../..'].some(above => {
    const path = tools.pathOf(`${above}/${written}`, file);
    return path !== null && stands()(path) === true;
  });
}

function lineUnit(written: string): Unit {
  const text = `@${written}`;
  return { kind: 'line', name: text, text, place: '', fingerprint: `import ${written}`, start: 0, end: 0 };
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
