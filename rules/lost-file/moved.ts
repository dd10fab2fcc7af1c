/** A file that went while a whole copy of it stands where its reader does not look: was it set aside, or swept away? */
import type { Certainty, FolderHistory, PathHistory, Severity, Version } from '../../src/rule.ts';
import { folderOf, isOutOfReach, nameOf } from '../../src/rule.ts';
import type { Around } from './around.ts';
import { isConfiguration } from './configuration.ts';
import type { Death } from './deaths.ts';
import { bundleOf, placeOf, standing } from './deaths.ts';

/** Fewer things than these, moved at once, are put away one by one. */
const FEW = 3;
/** What lies in a folder for so long was not put there by the same stroke. */
const USED_MS = 60 * 60_000;
/** What the client loads from a folder without being told; of other files a list says which are in use. */
const loaded = /(^|\/)(skills|commands|agents|rules|output-styles|workflows|routines|themes)\//;
/** Files of which there is one, read by its own name as each session begins. */
const only = /(^|\/)(CLAUDE(\.local)?|AGENTS)\.md$/;

export interface Verdict {
  readonly certainty: Certainty;
  readonly severity: Severity;
  readonly why: string;
}

export interface Moved {
  readonly death: Death;
  /** Where the copy stands. */
  readonly copy: string;
  readonly burst: readonly Death[];
  /** What it weighs when it is lost. */
  readonly severity: Severity;
  readonly namedBy: string | null;
}

/**
 * To put one skill, command or note into an archive is an everyday deed. It looks like a loss when nothing else is left of an
 * instruction or setting, and when at least half of what a program loads went in one stroke, into a folder that is hidden or new.
 */
export function judgeMove(
  { death, copy, burst, severity, namedBy }: Moved,
  folder: FolderHistory,
  others: Around,
): Verdict {
  const { path } = death.file;
  const weak = (why: string): Verdict => ({ certainty: 'possible', severity: 'low', why });
  const there = `a copy stands in ${copy}, where its reader does not look`;
  if (only.test(path) || isConfiguration(death.file)) {
    return { certainty: 'possible', severity: 'medium', why: `nothing stands in its place; ${there}` };
  }
  const moved = new Set(burst.filter(other => others.setAsideAt(other) !== null).map(({ file }) => thingOf(file)));
  const before = thingsBefore(death, burst, folder);
  const isBroad = moved.size >= FEW && moved.size * 2 >= before.size;
  if (!isBroad || (!loaded.test(path) && !namedBy)) return weak(there);
  if (isUsualPlace(copy, death, folder)) return weak(`${there}, as others did before`);
  if (bundleOf(path) && nameOf(path) !== 'SKILL.md') return weak(`it went with ${bundleOf(path)}`);
  return {
    certainty: 'possible',
    severity,
    why: `${moved.size} of the ${before.size} in ${placeOf(path)} were moved at once to where their reader does not look (${folderOf(copy)}), and nothing says that it was meant`,
  };
}

/** What stood beside it, out of the same place, when the stroke began. */
function thingsBefore(death: Death, burst: readonly Death[], { files }: FolderHistory): ReadonlySet<string> {
  const place = placeOf(death.file.path);
  const first = burst[0]!.gone;
  const mates = files.filter(file => {
    if (file.class !== 'authored' || placeOf(file.path) !== place || isBundled(file) !== isBundled(death.file))
      return false;
    return isSeen(file, first, -1) && !isOutOfReach(file.path, death.file.path);
  });
  return new Set([...mates, ...burst.map(({ file }) => file)].map(thingOf));
}

/** True when the folder is in plain sight and held other files an hour before: somebody is used to put things there. */
function isUsualPlace(copy: string, { file, gone }: Death, { files }: FolderHistory): boolean {
  const own = new Set(file.path.split('/'));
  const parts = copy.split('/');
  const archive = parts.slice(0, parts.findIndex(part => !own.has(part)) + 1);
  if (archive.length === parts.length || archive.at(-1)!.startsWith('.')) return false;
  return files.some(other => other.path.startsWith(`${archive.join('/')}/`) && isSeen(other, gone, -USED_MS));
}

function isSeen(file: PathHistory, gone: Version, since: number): boolean {
  return standing(file, gone, since)?.kind === 'file';
}

/** A whole skill, or a file by itself. */
function thingOf({ path }: PathHistory): string {
  return bundleOf(path) ?? path;
}

function isBundled({ path }: PathHistory): boolean {
  return bundleOf(path) !== null;
}
