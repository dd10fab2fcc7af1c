/** The transcripts of a home: every `*.jsonl` that a session or a sub-agent may have written, with its stat. */
import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Time } from '../../model.ts';

/** One transcript on the disk. */
export interface Transcript {
  /** Absolute path of the home it lies in. */
  readonly home: string;
  /** Relative to the home, with `/`. */
  readonly path: string;
  readonly size: number;
  readonly mtime: Time;
  readonly ino: number;
  /** The session that its place names; null where only its records do (`agent-….jsonl` beside the sessions). */
  readonly session: string | null;
  /** The sub-agent whose own file it is. */
  readonly agent: string | null;
}

/** A session's folder holds `subagents/`, that holds `workflows/<name>/`: nothing lies deeper. */
const deepest = 6;
const agentName = /^agent-(.+)\.jsonl$/;

/** Sorted by path. A folder or a file that cannot be looked at is left out: it may be gone by now. */
export function findTranscripts(home: string): readonly Transcript[] {
  const found: Transcript[] = [];
  for (const projects of ['projects', ...profiles(home)]) {
    for (const project of entries(join(home, projects))) {
      if (project.isDirectory()) walk(home, `${projects}/${project.name}`, null, 0, found);
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The same for these alone, by their paths, without looking at any other. */
export function someTranscripts(home: string, paths: Iterable<string>): readonly Transcript[] {
  const found: Transcript[] = [];
  for (const path of [...paths].sort()) {
    const [, folders] = /(?:^|\/)projects\/[^/]+\/(.*)$/.exec(path) ?? [];
    const stats = folders?.endsWith('.jsonl') ? look(`${home}/${path}`) : undefined;
    if (folders === undefined || !stats?.isFile()) continue;
    const session = folders.includes('/') ? folders.slice(0, folders.indexOf('/')) : null;
    found.push(transcript(home, path, session, stats));
  }
  return found;
}

/** The project folders of a home, by name. */
export function projectFolders(home: string): ReadonlySet<string> {
  const folders = ['projects', ...profiles(home)].flatMap(projects => entries(join(home, projects)));
  return new Set(folders.filter(entry => entry.isDirectory()).map(entry => entry.name));
}

/** `profiles/<name>/` is the same layout once more. */
function profiles(home: string): readonly string[] {
  return entries(join(home, 'profiles'))
    .filter(entry => entry.isDirectory())
    .map(entry => `profiles/${entry.name}/projects`);
}

function walk(home: string, folder: string, session: string | null, depth: number, found: Transcript[]): void {
  for (const entry of entries(`${home}/${folder}`)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      // `memory/` and `tool-results/` hold no records of anybody's.
      if (depth < deepest && entry.name !== 'memory' && entry.name !== 'tool-results') {
        walk(home, path, session ?? entry.name, depth + 1, found);
      }
    } else if (entry.isFile() && entry.name.endsWith('.jsonl')) {
      const stats = look(`${home}/${path}`);
      if (stats !== undefined) found.push(transcript(home, path, session, stats));
    }
  }
}

/** `session`: the one in whose folder it lies. */
function transcript(home: string, path: string, session: string | null, stats: Stats): Transcript {
  const name = basename(path);
  const agent = agentName.exec(name)?.[1] ?? null;
  const own = agent === null ? basename(name, '.jsonl') : session;
  return { home, path, size: stats.size, mtime: stats.mtimeMs, ino: stats.ino, session: own, agent };
}

function entries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function look(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
