/** What rules leave alone, because the configuration or the file itself says so: it is looked at, and only counted. */
import type { PathHistory } from '../model.ts';
import type { Sighting } from './incidents.ts';
import type { Run } from './run.ts';
import { CODE_VERSION, cached, failure, keyOf } from './run.ts';
import { MARKER_WITHIN, type Mark, marksIn } from './suppression.ts';

/** Why a rule leaves a path alone. */
export interface Ignored {
  readonly how: 'config' | 'marker';
  /** Null where a marker gives none. */
  readonly reason: string | null;
}

/** What would have been told of one path by one rule. */
export interface Suppressed extends Ignored {
  readonly root: string;
  readonly rule: string;
  readonly path: string;
  readonly findings: number;
}

interface Place {
  readonly root: string;
  readonly path: string;
}

export async function ignores(rule: string, place: Place, run: Run): Promise<boolean> {
  return (await ignoredBy(rule, place, run)) !== null;
}

/** Null when nothing says that this rule shall leave the path alone. */
export async function ignoredBy(rule: string, place: Place, run: Run): Promise<Ignored | null> {
  const asked = run.suppressions.find(each => (each.rule ?? rule) === rule && each.fits(place.path));
  if (asked) return { how: 'config', reason: asked.reason };
  const file = run.files.get(keyOf(place));
  const marked = file && (await markedIn(file, run)).find(mark => mark.rule === rule);
  return marked ? { how: 'marker', reason: marked.reason } : null;
}

/** What is left when everything that shall be left alone is; and what that was. */
export async function withoutIgnored(
  sightings: readonly Sighting[],
  run: Run,
): Promise<{ readonly told: readonly Sighting[]; readonly suppressed: readonly Suppressed[] }> {
  const told: Sighting[] = [];
  const suppressed = new Map<string, Suppressed>();
  for (const sighting of sightings) {
    const { root, rule, finding } = sighting;
    const ignored = await ignoredBy(rule, { root, path: finding.path }, run);
    if (ignored === null) {
      told.push(sighting);
      continue;
    }
    const key = `${rule}\0${keyOf({ root, path: finding.path })}`;
    const findings = (suppressed.get(key)?.findings ?? 0) + 1;
    suppressed.set(key, { root, rule, path: finding.path, ...ignored, findings });
  }
  return { told, suppressed: [...suppressed.values()] };
}

async function markedIn(file: PathHistory, run: Run): Promise<readonly Mark[]> {
  const newest = file.versions.findLast(({ kind }) => kind === 'file');
  const blob = newest?.blob ?? null;
  if (blob === null || file.class === 'log') return [];
  const known = run.marked.get(blob);
  if (known) return known;
  const marks = await read(blob, file, run);
  run.marked.set(blob, marks);
  return marks;
}

async function read(blob: string, { path }: PathHistory, run: Run): Promise<readonly Mark[]> {
  try {
    return await cached(run.input.cache, `marked ${CODE_VERSION} ${blob}`, async () => {
      const text = new TextDecoder().decode((await run.input.read(blob)).subarray(0, MARKER_WITHIN));
      return text.includes('undertext:') ? marksIn(text) : [];
    });
  } catch (error) {
    run.failed.push(failure('*', path, error));
    return [];
  }
}
