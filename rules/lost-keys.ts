import type { Finding, FolderHistory, PathHistory, Rule, RuleTools, Unit, Version } from '../src/rule.ts';
import { clock, fitsAny, glob } from '../src/rule.ts';
import { disagreements } from './lost-keys/registries.ts';
import { aboutRemarks, remarksIn } from './lost-keys/remarks.ts';
import { isRenamed, isReplaced } from './lost-keys/replaced.ts';
import { snapshotOf } from './lost-keys/snapshot.ts';
import { isEmpty, keyOf, list, pointerOf, projectsIn, telling, thingsOf } from './lost-keys/things.ts';
import type { Scene } from './lost-keys/weigh.ts';
import { certaintyOf, severityOf, startsOf } from './lost-keys/weigh.ts';

interface Options {
  /** Globs of more files to look at. */
  readonly files: readonly string[];
  /** How many things may differ from an older version for a write to be taken for that version, written back. */
  readonly changes: number;
  /** How long the registries of plugins may disagree while something is installed or removed. */
  readonly graceSeconds: number;
}

const isUsual = glob(
  '{,profiles/*/,**/.claude/}{{settings,settings.local,keybindings,.claude,.mcp}.json,plugins/{installed_plugins,known_marketplaces}.json}',
);
/** The settings of other clients. */
const isOthers = glob('{,**/.codex/}config.toml');
const isOtherJson = glob('{,**/.cursor/,**/.vscode/}mcp.json');
const isGemini = glob('**/.gemini/settings.json');
const isBeside = glob('../.claude.json');
const isHome = /^(profiles\/[^/]+)?$/;

function isLookedAt(path: string): boolean {
  return [isUsual, isBeside, isOthers, isOtherJson, isGemini].some(isOne => isOne(path));
}

const rule: Rule<Options> = {
  id: 'lost-keys',
  summary:
    'Members of a JSON or TOML file went away or went back to an older state, and what they configured stopped silently.',
  severity: 'medium',
  options: { files: [], changes: 1, graceSeconds: 120 },

  async checkPath(file: PathHistory, tools: RuleTools<Options>) {
    const { path } = file;
    if (!isLookedAt(path) && !fitsAny(path, tools.options.files)) return [];
    const findings: Finding[] = [];
    let whole: Version | null = null;
    for (const { before, after } of file.edits) {
      if (before.kind === 'file' && (await tools.broken(before)) === null) whole = before;
      if (before.kind === 'gone') whole = null;
      // What is broken has no members: what came of them is seen when it is whole again.
      if (whole === null || after.kind !== 'file' || (await tools.broken(after)) !== null) continue;
      const finding = after.blob === whole.blob ? null : await look(file, whole, after, tools);
      if (finding) findings.push(finding);
    }
    return findings;
  },

  async checkFolder(folder: FolderHistory, tools: RuleTools<Options>) {
    return isHome.test(folder.path) ? disagreements(folder, tools.options.graceSeconds, tools) : [];
  },
};

async function look(
  file: PathHistory,
  before: Version,
  after: Version,
  tools: RuleTools<Options>,
): Promise<Finding | null> {
  const about = await tools.account({ before, after });
  const present = await tools.units(after);
  const places = new Set(present.filter(unit => keyOf(unit) !== null).map(pointerOf));
  // A key that is still there has another value: nothing went.
  const lost = about.removed
    .filter(({ unit, fate }) => fate === 'lost' && unit.kind === 'member' && !isEmpty(unit))
    .flatMap(({ unit }) => (keyOf(unit) === null || !places.has(pointerOf(unit)) ? [unit] : []));
  const remarks = remarksIn(about);
  if (lost.length === 0) return remarks.length > 0 ? aboutRemarks(file, about, remarks, present) : null;
  const had = new Set((await tools.units(before)).map(({ fingerprint }) => fingerprint));
  const added = present.filter(({ fingerprint }) => !had.has(fingerprint));
  const deep = projectsIn(present);
  const gone = [...thingsOf(file.path, lost, deep).values()].filter(one => !isRenamed(one, added));
  if (gone.length === 0) return remarks.length > 0 ? aboutRemarks(file, about, remarks, present) : null;
  const units = gone.flatMap(thing => thing.units);
  const came = [...thingsOf(file.path, telling(file.path, added), deep).values()];
  const snapshot = await snapshotOf(file, before, after, units, tools.options.changes, tools);
  const starts = startsOf(await tools.units(before), present);
  const told = snapshot || starts ? gone : gone.filter(thing => !isReplaced(thing, gone, came));
  if (told.length === 0) return remarks.length > 0 ? aboutRemarks(file, about, remarks, present) : null;
  const scene = { file, about, gone: told, came, snapshot, starts, before: await tools.units(before) };
  const wrote = clock(after.at);
  const of = snapshot && clock(snapshot.version.at, after.at);
  return {
    path: file.path,
    message: `${list(told)} went with the write of ${wrote}${of ? `, which is the version of ${of}${snapshot.own.length > 0 ? ` but for ${list(snapshot.own)}` : ''}` : ''}`,
    certainty: certaintyOf(scene),
    severity: severityOf(scene),
    lost: before,
    cause: after,
    base: snapshot && { version: snapshot.version, how: 'inferred' },
    units: inOrder([...told.flatMap(thing => thing.units), ...(snapshot?.wentBack ?? []), ...remarks], scene.before),
    goes: 'text',
    evidence: evidenceOf(scene),
  };
}

function evidenceOf({ gone, snapshot, starts, about, came }: Scene): readonly string[] {
  const said = [...about.evidence];
  if (snapshot) {
    const of = clock(snapshot.version.at, about.edit.after.at);
    said.push(
      snapshot.own.length > 0
        ? `but for ${list(snapshot.own)} the write says what the version of ${of} said, and nothing that came later`
        : `the write says exactly what the version of ${of} said`,
    );
    if (snapshot.wentBack.length > 0)
      said.push(
        `${snapshot.wentBack.length === 1 ? 'a value' : `${snapshot.wentBack.length} values`} went back with it`,
      );
  }
  if (starts) said.push(`numStartups went down from ${starts[0]} to ${starts[1]}: an older state was written back`);
  if (said.length === 0)
    said.push(
      came.length === 0
        ? `nothing came in place of ${list(gone)}`
        : `the same write brought ${list(came)}, which is something else`,
    );
  return said;
}

function inOrder(units: readonly Unit[], all: readonly Unit[]): readonly Unit[] {
  const wanted = new Set(units.map(({ start }) => start));
  return all.filter(({ start }) => wanted.has(start));
}

export default rule;
