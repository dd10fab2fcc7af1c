import type { Finding, FolderHistory, PathHistory, Rule, RuleTools, Time, Unit, Version } from '../src/rule.ts';
import { clock, fileUnit, nameOf } from '../src/rule.ts';
import type { Namespace } from './stray-namespace/namespaces.ts';
import { namespacesBelow, namespacesBeside } from './stray-namespace/namespaces.ts';

interface Options {
  /** How long nothing was written there, while the main memory was, until it is told. */
  readonly days: number;
  /** Folders below a memory folder that are meant to stand for themselves. */
  readonly ignore: readonly string[];
}

const DAY_MS = 86_400_000;
/** A note is in the main memory when so much of it is. */
const SHARE = 0.8;
/** Lines shorter than these are alike in many a note. */
const SHORT = 16;

const rule: Rule<Options> = {
  id: 'stray-namespace',
  summary: 'Notes were written to the folder of a branch or worktree and never gathered: no later session sees them.',
  severity: 'medium',
  options: {
    days: 7,
    ignore: ['team', 'logs', 'sessions', 'agents', 'archive', 'archives', 'archived', 'backup', 'backups', 'templates'],
  },

  async checkFolder(folder: FolderHistory, tools: RuleTools<Options>) {
    const spaces = /(?:^|\/)memory$/.test(folder.path)
      ? namespacesBelow(folder.path, folder.files, tools.options.ignore)
      : /(?:^|\/)projects$/.test(folder.path)
        ? namespacesBeside(folder.path, folder.files)
        : [];
    const findings: Finding[] = [];
    for (const space of spaces) findings.push(...(await strayIn(space, folder, tools)));
    return findings;
  },
};

export default rule;

async function strayIn(
  space: Namespace,
  folder: FolderHistory,
  tools: RuleTools<Options>,
): Promise<readonly Finding[]> {
  const notes = notesIn(space.folder, folder.files);
  const living = notes.filter(isAlive);
  const main = folder.files.filter(
    file =>
      file.path.startsWith(`${space.main}/`) && !file.path.startsWith(`${space.folder}/`) && file.path.endsWith('.md'),
  );
  if (living.length === 0 || !main.some(isAlive)) return [];
  const last = Math.max(...notes.map(lastAt));
  const now = Math.max(...main.map(lastAt));
  if (now - last < tools.options.days * DAY_MS) return [];
  const strays = living.filter(note => !wasGathered(note, main));
  if (strays.length === 0) return [];
  const gathered = await linesOf(main.filter(isAlive), tools);
  if ([...gathered].some(line => names(line, space))) return [];
  const left: PathHistory[] = [];
  for (const note of strays) {
    if ((await tools.ignores(note)) || (await isWithin(note, gathered, tools))) continue;
    left.push(note);
  }
  if (left.length === 0) return [];
  const birth = left.map(birthOf).reduce((a, b) => (a.at <= b.at ? a : b));
  const cause = left.some(note => tools.isFirstLook(birthOf(note))) ? null : birth;
  const paths = left.map(({ path }) => path);
  return [
    {
      path: paths[0]!,
      message: `${left.length === 1 ? 'a note' : `${left.length} notes`} of ${space.name} ${left.length === 1 ? 'was' : 'were'} never gathered into ${space.main}`,
      certainty: space.isCertain || (await isWrittenOn(space.name, left, tools)) ? 'likely' : 'possible',
      severity: cause ? 'medium' : 'low',
      lost: null,
      cause,
      base: null,
      units: left.map(note => noteUnit(note, space)),
      evidence: [
        `nothing was written in ${space.folder} since ${clock(last, now)}, and ${space.main} was at ${clock(now)}`,
        'no note of that name or content ever stood in the main memory',
      ],
      related: paths,
      advice: `move what still holds to ${space.main} and give it a line in its index, or delete it`,
      standing: true,
    },
  ];
}

/** The notes right in a folder, without its index and what explains it. */
function notesIn(folder: string, files: readonly PathHistory[]): readonly PathHistory[] {
  return files.filter(({ path }) => {
    if (!path.startsWith(`${folder}/`) || !path.endsWith('.md')) return false;
    const name = path.slice(folder.length + 1);
    return !name.includes('/') && !/^(?:[._].*|MEMORY\.md|README.*)$/i.test(name);
  });
}

/** True when the main memory has or had a file of that name, or of a content that the note has or had. */
function wasGathered(note: PathHistory, main: readonly PathHistory[]): boolean {
  const name = nameOf(note.path);
  const blobs = new Set(note.versions.map(({ blob }) => blob).filter(blob => blob !== null));
  return main.some(
    file => nameOf(file.path) === name || file.versions.some(({ blob }) => blob !== null && blobs.has(blob)),
  );
}

async function linesOf(files: readonly PathHistory[], tools: RuleTools<Options>): Promise<ReadonlySet<string>> {
  const lines = new Set<string>();
  for (const file of files) for (const line of await linesIn(file.versions.at(-1)!, tools)) lines.add(line);
  return lines;
}

async function linesIn(version: Version, tools: RuleTools<Options>): Promise<readonly string[]> {
  if (version.kind !== 'file') return [];
  const text = new TextDecoder().decode(await tools.bytes(version));
  return text.split(/\r\n?|\n/).map(line => line.trim());
}

/** True when most of what the note says stands in the main memory, whatever it is called there. */
async function isWithin(note: PathHistory, gathered: ReadonlySet<string>, tools: RuleTools<Options>): Promise<boolean> {
  const all = (await linesIn(note.versions.at(-1)!, tools)).filter(line => line !== '');
  const long = all.filter(line => line.length >= SHORT);
  const lines = long.length > 0 ? long : all;
  return lines.filter(line => gathered.has(line)).length >= lines.length * SHARE;
}

/** True for a line that names the namespace as a place. */
function names(line: string, { name, folder }: Namespace): boolean {
  return line.includes(`${name}/`) || line.includes(folder) || line.includes(`[[${name}`);
}

/** True when a session that works on a branch of that name wrote one of them. */
async function isWrittenOn(name: string, notes: readonly PathHistory[], tools: RuleTools<Options>): Promise<boolean> {
  const plain = (text: string) => text.replace(/[^A-Za-z0-9]/g, '-');
  for (const note of notes) {
    const writer = await tools.writer(birthOf(note));
    if (writer?.branch !== undefined && plain(writer.branch) === plain(name)) return true;
  }
  return false;
}

function isAlive(file: PathHistory): boolean {
  return file.versions.at(-1)?.kind === 'file';
}

function lastAt(file: PathHistory): Time {
  return file.versions.at(-1)?.at ?? 0;
}

function birthOf({ versions }: PathHistory): Version {
  return versions[versions.findLastIndex(({ kind }) => kind === 'gone') + 1]!;
}

function noteUnit({ path }: PathHistory, { name }: Namespace): Unit {
  return { ...fileUnit(path, `${name}/${nameOf(path)}`), fingerprint: `stray ${path}` };
}
