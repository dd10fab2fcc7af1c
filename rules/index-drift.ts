import type { Edit, Finding, FolderHistory, PathHistory, Rule, RuleTools, Time, Unit, Version } from '../src/rule.ts';
import { clock, fileUnit, folderOf, glob, inWords, listed, nameOf } from '../src/rule.ts';
import type { Names } from './index-drift/names.ts';
import { isNamed, isSyncCopy, namesIn } from './index-drift/names.ts';
import { lineFor, styleOf } from './index-drift/proposal.ts';

interface Pair {
  /** Glob of the index, relative to the root. */
  readonly index: string;
  /** Glob of the files it must name: relative to the root, or to the index's folder when it starts with `./`. */
  readonly files: string;
}

interface Options {
  /** Taken in addition to the pairs below. */
  readonly pairs: readonly Pair[];
  /** How long a new file may lack its line, and a line its file. */
  readonly graceSeconds: number;
}

const usual: readonly Pair[] = [
  { index: '**/memory/MEMORY.md', files: './*.md' },
  { index: '**/agent-memory/*/MEMORY.md', files: './*.md' },
  { index: '**/agent-memory-local/*/MEMORY.md', files: './*.md' },
  { index: '**/skills/_index.md', files: './*/SKILL.md' },
];

/** Files that come or go within this time of each other are one event. */
const BURST_MS = 10 * 60_000;
/** How many edits of an index back its lines are looked for. */
const EDITS = 300;
/** A named file with at least so many entries that are links is an index of its own. */
const HUB_LINKS = 3;
/** For more files than these no lines are proposed: so many were left out by design, or need an order of their own. */
const PROPOSED = 30;

const rule: Rule<Options> = {
  id: 'index-drift',
  summary: 'An index and its files went apart: what no line names is not found, and some lines name nothing.',
  severity: 'medium',
  options: { pairs: [], graceSeconds: 120 },

  async checkFolder(folder: FolderHistory, tools: RuleTools<Options>) {
    const findings: Finding[] = [];
    for (const pair of [...usual, ...tools.options.pairs]) {
      const isBeside = pair.files.startsWith('./');
      // Pairs that reach across folders are looked at from the root.
      if (!isBeside && folder.path !== '') continue;
      const isIndex = glob(pair.index);
      const indexes = folder.files.filter(
        file => isIndex(file.path) && (!isBeside || folderOf(file.path) === folder.path),
      );
      for (const index of indexes) {
        const files = glob(isBeside ? under(folderOf(index.path), pair.files.slice(2)) : pair.files);
        findings.push(...(await checkIndex(index, folder, files, tools)));
      }
    }
    return findings;
  },
};

export default rule;

async function checkIndex(
  index: PathHistory,
  folder: FolderHistory,
  isMember: (path: string) => boolean,
  tools: RuleTools<Options>,
): Promise<readonly Finding[]> {
  const now = index.edits.at(-1)?.after ?? index.versions.at(-1);
  // What is withheld (a secret, or forgotten) cannot be read: nothing can be said of it.
  if (!now || now.kind === 'withheld' || (now.kind !== 'file' && index.edits.length === 0)) return [];
  const members = folder.files.filter(file => file !== index && isMember(file.path) && !isHidden(file.path));
  const scene: Scene = { index, now, edits: editsOf(index), members, tools, known: new Map() };
  return [...(await orphans(scene)), ...(await danglers(scene, isMember))];
}

interface Scene {
  readonly index: PathHistory;
  /** The index as it stands now. */
  readonly now: Version;
  readonly edits: readonly Edit[];
  readonly members: readonly PathHistory[];
  readonly tools: RuleTools<Options>;
  readonly known: Map<string, Names>;
}

/** Files that no line names. */
async function orphans(scene: Scene): Promise<readonly Finding[]> {
  const { index, now, members, tools } = scene;
  if (!(await isIndex(scene))) return [];
  const living = members.filter(file => isAlive(file) && !isSyncCopy(file.path));
  const unnamed = await withoutHubs(living, scene);
  const cut = new Map<Edit, PathHistory[]>();
  const born: PathHistory[] = [];
  for (const file of unnamed) {
    if (await tools.ignores(file)) continue;
    const edit = await edgeOf(file, scene);
    if (edit && edit.after.at >= birthOf(file).at) cut.set(edit, [...(cut.get(edit) ?? []), file]);
    else born.push(file);
  }
  const findings: Finding[] = [];
  for (const [edit, files] of cut) findings.push(await lineWent(edit, files, scene));
  for (const { cause, files } of await births(born, living, scene)) {
    const proposed = await linesFor(files, scene);
    findings.push({
      path: index.path,
      message: `${listed(files.map(file => file.path))} ${files.length === 1 ? 'is' : 'are'} not named in ${index.path}${cause ? ` since the write of ${clock(cause.at)}` : ''}`,
      certainty: 'likely',
      severity: cause ? 'medium' : 'low',
      lost: null,
      cause,
      base: null,
      units: files.map(file => unitOf(file, index)),
      evidence: [
        cause
          ? 'no version of the index ever named what was written then'
          : `it was so at ${clock(Math.max(...files.map(file => birthOf(file).seenAt)), now.at)}, when it was first seen`,
      ],
      related: files.map(file => file.path),
      ...(proposed.length > 0 ? { proposed } : {}),
      advice: 'give it a line in the index, or write <!-- undertext: ignore index-drift --> below its frontmatter',
    });
  }
  return findings;
}

/** The lines the index lacks, as it writes its own. */
async function linesFor(files: readonly PathHistory[], { index, now, tools }: Scene): Promise<readonly string[]> {
  const style = files.length <= PROPOSED ? styleOf(await tools.text(now)) : null;
  if (style === null) return [];
  const lines: string[] = [];
  for (const file of files) {
    const head = new TextDecoder().decode((await tools.bytes(file.versions.at(-1)!)).subarray(0, 8_000));
    lines.push(lineFor(file.path, head, index.path, style));
  }
  return lines;
}

/** False for notes that have an index's name and never named a file: who keeps them so misses no line. */
async function isIndex(scene: Scene): Promise<boolean> {
  const { index, now, members, tools } = scene;
  for (const version of [now, ...index.edits.slice(-EDITS).map(({ before }) => before)]) {
    const names = await namesOf(version, scene);
    if (members.some(file => isNamed(file.path, names)) || /\]\(|\[\[/.test(await tools.text(version))) return true;
  }
  return (await tools.units(now)).every(({ kind }) => kind === 'section' || kind === 'field');
}

/** The lines existed, and an edit of the index took them away. */
async function lineWent(edit: Edit, files: readonly PathHistory[], { index, tools }: Scene): Promise<Finding> {
  const { removed, overwritten, certainty } = await tools.account(edit);
  const naming = removed.filter(({ unit }) => files.some(file => isNamed(file.path, namesIn(unit.text, index.path))));
  const lost = naming.filter(({ fate }) => fate === 'lost');
  const units = (lost.length > 0 ? lost : naming).map(({ unit }) => unit);
  const paths = files.map(file => file.path);
  return {
    path: index.path,
    message: `${listed(paths)} ${paths.length === 1 ? 'is' : 'are'} no longer named in ${index.path} since the write of ${clock(edit.after.at)}`,
    // That nothing names them is sure; whether the lines were taken away unseen, the content or records must say.
    certainty: lost.some(({ unit }) => overwritten.includes(unit)) ? certainty : 'possible',
    lost: units.length > 0 ? edit.before : null,
    cause: edit.after,
    base: null,
    units: units.length > 0 ? units : files.map(file => unitOf(file, index)),
    evidence: [
      `${inWords(units)} of ${clock(edit.before.at, edit.after.at)} named ${listed(paths)}, which still stands there`,
    ],
    related: paths,
  };
}

/** Lines that name no file. */
async function danglers(scene: Scene, isMember: (path: string) => boolean): Promise<readonly Finding[]> {
  const { index, now, members, tools } = scene;
  const living = new Set(members.filter(isAlive).map(file => file.path.normalize('NFC')));
  const isDead = (path: string) => isMember(path) && path !== index.path && !isHidden(path) && !living.has(path);
  const dead = [...(await namesOf(now, scene)).links].filter(isDead);
  const groups = new Map<Version | null, string[]>();
  for (const path of dead) {
    const file = members.find(member => member.path.normalize('NFC') === path);
    const death = file?.versions.findLast(({ kind, how }) => kind === 'gone' && how !== 'restore');
    const cause = death ? burstOf(death, members) : await firstLink(path, scene);
    groups.set(cause, [...(groups.get(cause) ?? []), path]);
  }
  const units = await tools.units(now);
  return [...groups].map(([cause, paths]) => ({
    path: index.path,
    message: `${index.path} names ${listed(paths)}, which ${paths.length === 1 ? 'does' : 'do'} not exist${cause ? ` since ${clock(cause.at)}` : ''}`,
    certainty: 'likely',
    severity: 'low',
    lost: null,
    cause,
    base: null,
    units: units.filter(unit => paths.some(path => namesIn(unit.text, index.path).links.has(path))),
    evidence: [
      cause === null
        ? `it was so at ${clock(index.versions[0]!.seenAt, now.at)}, when it was first seen`
        : cause.kind === 'gone'
          ? `deleted at ${clock(cause.at)}, and its line stayed`
          : 'no such file was ever seen',
    ],
    related: paths,
  }));
}

/** The files that neither the index names nor an index of its own that it names. */
async function withoutHubs(files: readonly PathHistory[], scene: Scene): Promise<readonly PathHistory[]> {
  const names = [await namesOf(scene.now, scene)];
  let unnamed: readonly PathHistory[] = files;
  const asked = new Set<PathHistory>();
  for (;;) {
    const named = (file: PathHistory) => names.some(those => isNamed(file.path, those));
    unnamed = files.filter(file => !named(file));
    const next = unnamed.length === 0 ? [] : files.filter(file => named(file) && !asked.has(file));
    if (next.length === 0) return unnamed;
    for (const file of next) {
      asked.add(file);
      const its = await namesOf(file.versions.at(-1)!, { ...scene, index: file });
      if (its.entries >= HUB_LINKS || /(^|[-_/])(_?index|hub|moc|map|overview|readme)s?\.md$/i.test(file.path)) {
        names.push({ ...its, words: new Set(), leads: new Set(), families: [] });
      }
    }
  }
}

/** The newest edit of the index that took the file's name away; what we put back or took back ourselves is none. */
async function edgeOf(file: PathHistory, scene: Scene): Promise<Edit | null> {
  for (const edit of scene.edits) {
    if (isNamed(file.path, await namesOf(edit.before, scene))) return edit;
  }
  return null;
}

/** The last edits of the index, newest first, but for our own. What is withheld is stepped over. */
function editsOf(index: PathHistory): readonly Edit[] {
  const edits: Edit[] = [];
  let before: Version | null = null;
  for (const edit of index.edits.slice(-EDITS)) {
    before ??= edit.before;
    if (edit.after.kind === 'withheld') continue;
    if (before.kind !== 'withheld') edits.push({ before, after: edit.after });
    before = null;
  }
  return edits.filter(({ after }) => after.how !== 'restore').reverse();
}

/** When the index was first looked at. What was imported tells of a time in which nobody looked. */
function firstLook({ index, members }: Scene): number {
  const looked = (file: PathHistory) => file.versions.find(({ how }) => how !== 'import')?.seenAt ?? Infinity;
  const own = looked(index);
  if (own < Infinity) return own;
  return members.reduce((first, file) => Math.min(first, looked(file)), Infinity);
}

/** Files born in one burst are one finding, named after the first of them that got no line in time; what a first scan found is one more. */
async function births(born: readonly PathHistory[], living: readonly PathHistory[], scene: Scene) {
  const groups = new Map<Version | null, PathHistory[]>();
  let cause: Version | null = null;
  let last = -Infinity;
  const first = firstLook(scene);
  for (const file of [...living].sort((a, b) => birthOf(a).seenAt - birthOf(b).seenAt)) {
    const birth = birthOf(file);
    const wasFound = birth.how === 'scan' && birth.seenAt - first <= BURST_MS && birth.at <= first;
    const isOld = birth.how === 'import' || birth.how === 'restore' || wasFound;
    if (!isOld) {
      if (birth.seenAt - last > BURST_MS) cause = null;
      last = birth.seenAt;
      if (cause === null && !(await wasNamedAt(file, birth.seenAt, scene))) cause = birth;
    }
    if (!born.includes(file)) continue;
    const key = isOld ? null : (cause ?? birth);
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups].map(([cause, files]) => ({ cause, files }));
}

async function wasNamedAt(file: PathHistory, birth: Time, scene: Scene): Promise<boolean> {
  const until = birth + scene.tools.options.graceSeconds * 1000;
  const standing = scene.index.versions.filter(version => version.settled && version.seenAt <= until).at(-1);
  return standing !== undefined && isNamed(file.path, await namesOf(standing, scene));
}

/** The first deletion of the burst that this one belongs to. */
function burstOf(gone: Version, members: readonly PathHistory[]): Version {
  let first = gone;
  const deaths = members
    .map(file => file.versions.at(-1)!)
    .filter(version => version.kind === 'gone' && version.how !== 'restore');
  for (const death of deaths.sort((a, b) => b.seenAt - a.seenAt)) {
    if (death.seenAt <= first.seenAt && first.seenAt - death.seenAt <= BURST_MS) first = death;
  }
  return first;
}

/** The version of the index that brought the link; null when the first one seen had it. */
async function firstLink(path: string, scene: Scene): Promise<Version | null> {
  for (const edit of scene.edits) {
    if (!(await namesOf(edit.before, scene)).links.has(path)) return edit.after;
  }
  const first = scene.index.versions[0]!;
  return first.how === 'event' ? first : null;
}

async function namesOf(version: Version, { index, members, tools, known }: Scene): Promise<Names> {
  const key = `${index.path}\0${version.id}`;
  const names = known.get(key) ?? namesIn(await tools.text(version), index.path, members);
  known.set(key, names);
  return names;
}

function isAlive(file: PathHistory): boolean {
  const newest = file.versions.at(-1);
  return newest !== undefined && newest.kind !== 'gone';
}

/** The first version since the file last came to be; that we put it back is no birth. */
function birthOf({ versions }: PathHistory): Version {
  const death = versions.findLastIndex(
    (version, i) => version.kind === 'gone' && versions[i + 1] !== undefined && versions[i + 1]!.how !== 'restore',
  );
  return versions[death + 1]!;
}

function isHidden(path: string): boolean {
  return nameOf(path).startsWith('.');
}

function under(folder: string, pattern: string): string {
  return folder === '' ? pattern : `${folder}/${pattern}`;
}

/** Called by its path below the folder of the index. */
function unitOf({ path }: PathHistory, index: PathHistory): Unit {
  const folder = under(folderOf(index.path), '');
  const name = path.startsWith(folder) ? path.slice(folder.length) : path;
  return fileUnit(path, name);
}
