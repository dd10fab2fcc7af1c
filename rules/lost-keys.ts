import type {
  Account,
  Certainty,
  Finding,
  FolderHistory,
  PathHistory,
  Rule,
  RuleTools,
  Severity,
  Unit,
  Version,
} from '../src/rule.ts';
import { clock, fitsAny, glob } from '../src/rule.ts';
import { disagreements } from './lost-keys/registries.ts';
import { aboutRemarks, remarksIn } from './lost-keys/remarks.ts';
import { holderOf, isDisplaced, isRenamed, isReplaced, isServer } from './lost-keys/replaced.ts';
import type { Snapshot } from './lost-keys/snapshot.ts';
import { snapshotOf } from './lost-keys/snapshot.ts';
import type { Thing } from './lost-keys/things.ts';
import { isEmpty, isSection, keyOf, list, pointerOf, projectsIn, telling, thingsOf } from './lost-keys/things.ts';

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

/** What does something when it is there, and nothing says so when it is not. */
const grave = new Set([
  'hooks',
  'mcpServers',
  'permissions',
  'enabledPlugins',
  'statusLine',
  'env',
  'plugins',
  'projects',
  'modelProviders',
  'profiles',
]);
function isGrave(top: string): boolean {
  return [...grave].some(name => isSection(top, name));
}

function isLookedAt(path: string): boolean {
  return [isUsual, isBeside, isOthers, isOtherJson, isGemini].some(isOne => isOne(path));
}

/** From so many things on it is more than tidying up. */
const MANY = 3;

const rule: Rule<Options> = {
  id: 'lost-keys',
  summary:
    'Members of a JSON file went away or went back to an older state, and what they configured stopped silently.',
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
    evidence: evidenceOf(scene),
  };
}

interface Scene {
  readonly file: PathHistory;
  readonly about: Account;
  readonly gone: readonly Thing[];
  readonly came: readonly Thing[];
  readonly snapshot: Snapshot | null;
  /** How often the program had started, before and after, when that went down. */
  readonly starts: readonly [number, number] | null;
  readonly before: readonly Unit[];
}

/**
 * A program that writes one change into what it had in mind is another hand. Exactly an older content may be an undo, and a
 * thing that stands in the place of what came last may be what was meant.
 */
function certaintyOf({ about, gone, snapshot, starts }: Scene): Certainty {
  if (about.certainty === 'proven' && about.overwritten.length > 0) return 'proven';
  if (starts) return 'likely';
  if (!snapshot || snapshot.own.length === 0) return 'possible';
  const [thing] = gone;
  const isSwap =
    gone.length === 1 && thing!.top !== 'permissions' && snapshot.own.some(one => holderOf(one) === holderOf(thing!));
  return isSwap ? 'possible' : 'likely';
}

function severityOf(scene: Scene): Severity {
  const { gone, came, snapshot, about, before } = scene;
  if (isCliff(scene)) return 'high';
  const isConfigured = gone.some(({ top }) => isGrave(top));
  const certainty = certaintyOf(scene);
  if (certainty !== 'possible')
    return isConfigured && gone.some(({ top }) => top !== 'permissions') ? 'high' : 'medium';
  if (snapshot && snapshot.own.length > 0) return 'medium';
  if (snapshot) {
    // One step back is an undo; who goes back over several writes did not see the last ones.
    const steps = new Set(about.removed.filter(({ fate }) => fate === 'lost').map(({ since }) => since.id));
    return gone.length > 1 && steps.size > 1 ? 'medium' : 'low';
  }
  if (!isConfigured) return 'low';
  const isLeft = new Set(about.edit.after.kind === 'file' ? topsLeft(before, about) : []);
  const wholes = gone.filter(({ top }) => !isLeft.has(top));
  const isAside = came.some(({ top }) => !gone.some(thing => thing.top === top));
  // The commands that write this file take out one server at a time.
  if (/(^|\/)\.claude\.json$/.test(scene.file.path) && gone.filter(isServer).length > 1) return 'medium';
  if (gone.some(thing => isDisplaced(thing, came))) return 'medium';
  return gone.length >= MANY || (wholes.length > 0 && isAside) ? 'medium' : 'low';
}

/** The keys at the top under which something of before still stands. */
function topsLeft(before: readonly Unit[], { removed }: Account): readonly string[] {
  const gone = new Set(removed.map(({ unit }) => unit.fingerprint));
  return before.filter(({ fingerprint }) => !gone.has(fingerprint)).map(topOf);
}

/** Most of what stood at the top of the file went. */
function isCliff({ gone, before, about }: Scene): boolean {
  const fated = (isSo: (fate: string) => boolean) =>
    new Set(about.removed.filter(({ fate }) => isSo(fate)).map(({ unit }) => topOf(unit)));
  const noise = fated(fate => fate === 'noise');
  const tops = new Set(before.map(topOf).filter(top => !noise.has(top)));
  const left = new Set([...topsLeft(before, about), ...fated(fate => fate !== 'lost')]);
  const went = [...tops].filter(top => !left.has(top));
  return went.length >= MANY && went.length * 2 > tops.size && gone.some(({ top }) => isGrave(top));
}

function topOf(unit: Unit): string {
  return unit.place === '' ? (keyOf(unit) ?? '') : (unit.place.split('/')[1] ?? '');
}

/** `numStartups` only grows: where it went down, an older state was written back. */
function startsOf(before: readonly Unit[], after: readonly Unit[]): readonly [number, number] | null {
  const count = (units: readonly Unit[]) => {
    const unit = units.find(one => one.place === '' && one.text.startsWith('"numStartups"'));
    return unit ? Number(/\d+$/.exec(unit.text)?.[0]) : Number.NaN;
  };
  const [was, is] = [count(before), count(after)];
  return is < was ? [was, is] : null;
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
