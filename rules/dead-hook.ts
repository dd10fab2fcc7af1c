import type { Finding, FolderHistory, PathHistory, Rule, RuleTools, Unit, Version } from '../src/rule.ts';
import { brokenBy, clock, glob, listed, nameOf, standing } from '../src/rule.ts';
import { commandsIn, scriptsOf } from './dead-hook/commands.ts';

interface Options {
  /** How long a command may lack its script. */
  readonly graceSeconds: number;
}

const areSettings = glob('{settings,settings.*,profiles/*/settings,.claude/settings,.claude/settings.*}.json');

const rule: Rule<Options> = {
  id: 'dead-hook',
  summary: 'Settings name a script that is not there: the hook or status line does nothing any more.',
  severity: 'medium',
  options: { graceSeconds: 120 },

  async checkFolder(folder: FolderHistory, tools: RuleTools<Options>) {
    if (folder.path !== '') return [];
    const findings: Finding[] = [];
    for (const file of folder.files.filter(file => areSettings(file.path))) {
      const now = file.versions.at(-1);
      if (now?.kind !== 'file' || !now.settled) continue;
      const scripts = await scriptsIn(file, now, tools);
      if (scripts.size === 0) continue;
      const stands = standing(folder.files);
      const dead = [...scripts].filter(path => stands(path) === false);
      if (dead.length > 0) findings.push(...(await findingsOf(file, dead, folder, tools)));
    }
    return findings;
  },
};

export default rule;

/** The scripts within the root that a version's commands run. */
async function scriptsIn(file: PathHistory, version: Version, tools: RuleTools<Options>): Promise<ReadonlySet<string>> {
  const scripts = new Set<string>();
  if (version.kind !== 'file') return scripts;
  for (const command of commandsIn(new TextDecoder().decode(await tools.bytes(version)))) {
    for (const written of scriptsOf(command)) {
      const path = tools.pathOf(written, file);
      if (path !== null) scripts.add(path);
    }
  }
  return scripts;
}

/** One finding for each deletion, and for each write of the settings, that broke some of them. */
async function findingsOf(
  file: PathHistory,
  dead: readonly string[],
  folder: FolderHistory,
  tools: RuleTools<Options>,
): Promise<readonly Finding[]> {
  const groups = new Map<Version | null, string[]>();
  const known = new Map<Version, ReadonlySet<string>>();
  const hasScript = async (version: Version, path: string) => {
    const scripts = known.get(version) ?? (await scriptsIn(file, version, tools));
    known.set(version, scripts);
    return scripts.has(path);
  };
  for (const path of dead) {
    const script = folder.files.find(each => each.path === path);
    const cause = await brokenBy(file, script, version => hasScript(version, path), tools);
    groups.set(cause, [...(groups.get(cause) ?? []), path]);
  }
  return [...groups].map(([cause, paths]) => ({
    path: file.path,
    message: `${file.path} runs ${listed(paths)}, which ${paths.length === 1 ? 'does' : 'do'} not exist${cause ? ` since ${clock(cause.at)}` : ''}`,
    certainty: 'likely',
    severity: cause ? 'medium' : 'low',
    lost: null,
    cause,
    base: null,
    units: paths.map(commandUnit),
    evidence: [
      cause === null
        ? 'it was so when it was first seen'
        : cause.kind === 'gone'
          ? `${cause.path} was deleted at ${clock(cause.at)}, and its command stayed`
          : 'no such file was there when the command was written',
    ],
    related: paths,
    advice: 'put the script back where the command looks for it, or take the command out',
    standing: true,
  }));
}

function commandUnit(path: string): Unit {
  return {
    kind: 'member',
    name: nameOf(path),
    text: path,
    place: '',
    fingerprint: `command ${path}`,
    start: 0,
    end: 0,
  };
}
