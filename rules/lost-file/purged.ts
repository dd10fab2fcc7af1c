/** `claude project purge`: a project's transcripts, its memory and its entry go together, because somebody asked for it. */
import type { FolderHistory, RuleTools, Version } from '../../src/rule.ts';
import type { Death } from './deaths.ts';
import { standing, timeBeside } from './deaths.ts';

const AROUND_MS = 10 * 60_000;
const inProject = /^((?:profiles\/[^/]+\/)?projects\/([^/]+))\//;

export function purges(folder: FolderHistory, tools: RuleTools): (death: Death) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return ({ file, gone }) => {
    const [, project, key = ''] = inProject.exec(file.path) ?? [];
    if (project === undefined) return Promise.resolve(false);
    const id = `${project}\0${Math.floor(gone.seenAt / AROUND_MS)}`;
    const answer =
      known.get(id) ?? Promise.resolve(transcriptsWent(project, gone, folder) ?? entryWent(key, gone, folder, tools));
    known.set(id, answer);
    return answer;
  };
}

/** Null when no transcript of the project was ever kept. */
function transcriptsWent(project: string, gone: Version, { files }: FolderHistory): boolean | null {
  const transcripts = files.filter(
    ({ path, class: kind }) => kind === 'log' && path.startsWith(`${project}/`) && path.endsWith('.jsonl'),
  );
  if (transcripts.length === 0) return null;
  const ends = transcripts.map(file => standing(file, gone, AROUND_MS));
  return (
    ends.every(end => end === null || end.kind === 'gone') &&
    ends.some(end => end !== null && Math.abs(timeBeside(gone, end) - gone.seenAt) <= AROUND_MS)
  );
}

/** The entry of the project in `.claude.json`, whose key is its folder. */
async function entryWent(key: string, gone: Version, { files }: FolderHistory, tools: RuleTools): Promise<boolean> {
  const file = files.find(({ path }) => /^(\.\.\/)?\.claude\.json$/.test(path));
  if (!file) return false;
  const before = standing(file, gone, -AROUND_MS);
  const after = standing(file, gone, AROUND_MS);
  if (!before || !after || before.blob === after.blob || after.kind !== 'file') return false;
  const had = projectsIn(await tools.text(before));
  const has = projectsIn(await tools.text(after));
  return had.has(key) && has.size > 0 && !has.has(key);
}

/** As the folders of `projects/` are named. */
function projectsIn(text: string): ReadonlySet<string> {
  try {
    const { projects } = JSON.parse(text) as { readonly projects?: unknown };
    const keys = typeof projects === 'object' && projects !== null ? Object.keys(projects) : [];
    return new Set(keys.map(path => path.normalize('NFC').replace(/[^A-Za-z0-9]/g, '-')));
  } catch {
    return new Set();
  }
}
