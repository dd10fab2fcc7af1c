/**
 * Homes that the real client wrote while it played scenarios of known outcome: what the built program says of them, with
 * no watcher ever having run. What is true of a run is read off the run, as the lab's README says.
 */
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type LabRun, readRun } from '../helpers/lab-truth.ts';
import { Place } from '../helpers/program.ts';
import { corpus } from './corpus-place.ts';

const lab = join(corpus, 'lab');
const isHere = existsSync(lab);
const folders = (path: string): readonly string[] => (existsSync(path) ? readdirSync(path).sort() : []);

const runs: readonly LabRun[] = folders(lab).flatMap(version =>
  folders(join(lab, version)).map(scenario => readRun(join(lab, version, scenario), `${version} ${scenario}`)),
);

interface IncidentJson {
  readonly id: string;
  readonly state: string;
  readonly certainty: string;
  readonly path: string;
  readonly units: readonly { readonly name: string }[];
  readonly findings: readonly { readonly evidence: readonly string[] }[];
  readonly lost: { readonly writer: { readonly id: string } | null } | null;
  readonly cause: { readonly writer: { readonly id: string } | null } | null;
}

/** Of losses alone: an index that does not name a topic file is said, too, and truly so. */
async function losses(place: Place): Promise<readonly IncidentJson[]> {
  const { out, err } = await place.run('audit', '--json');
  expect(err).toBe('');
  const said = JSON.parse(out) as { incidents: IncidentJson[]; failedRules: unknown[] };
  expect(said.failedRules).toEqual([]);
  return said.incidents.filter(incident => incident.lost !== null);
}

function homeOf(run: LabRun): Place {
  const place = new Place();
  cpSync(join(run.folder, '.claude'), place.home, { recursive: true, preserveTimestamps: true });
  return place;
}

const named = (is: (run: LabRun) => boolean) => runs.filter(is).map(run => [run.title, run] as const);
const unread = runs.filter(run => run.outcome === 'unknown').map(run => run.title);
afterAll(() => {
  if (unread.length > 0) process.stdout.write(`nothing can be said of: ${unread.join(', ')}\n`);
});

describe.skipIf(!isHere)('the lab (skipped where ../shared/corpus/lab is not present)', () => {
  it('has losses and near misses', () => {
    expect(runs.filter(run => run.outcome === 'lost').length).toBeGreaterThan(0);
    expect(runs.filter(run => run.outcome === 'kept').length).toBeGreaterThan(0);
  });

  it.each(named(run => run.outcome === 'lost'))('%s: the loss is proven, and mended', async (_, run) => {
    const place = homeOf(run);
    try {
      const [incident, ...more] = await losses(place);
      expect(more).toEqual([]);
      expect(incident).toMatchObject({
        state: 'open',
        certainty: 'proven',
        path: run.path,
        lost: { writer: { id: run.sessions.A } },
        cause: { writer: { id: run.sessions.C } },
      });
      expect(incident!.units.map(unit => unit.name)).toContain(run.text);

      expect(await place.run('restore', incident!.id)).toMatchObject({ code: 0 });
      const mended = readFileSync(place.path(run.path!), 'utf8');
      expect(mended).toContain(run.text);
      expect(mended).toContain('Reviews (session C)');
      expect(await losses(place)).toEqual([]);
    } finally {
      await place.remove();
    }
  });

  it.each(named(run => run.outcome === 'kept'))('%s: no alarm', async (_, run) => {
    const place = homeOf(run);
    try {
      expect(await losses(place)).toEqual([]);
    } finally {
      await place.remove();
    }
  });

  it.each(named(run => run.outcome === 'shown'))('%s: shown to its remover, and likely', async (_, run) => {
    const place = homeOf(run);
    try {
      const [incident, ...more] = await losses(place);
      expect(more).toEqual([]);
      expect(incident).toMatchObject({
        certainty: 'likely',
        path: run.path,
        lost: { writer: { id: run.sessions.A } },
        cause: { writer: { id: run.sessions.C } },
      });
      expect(incident!.findings[0]!.evidence[0]).toMatch(/^session ".*" may have known the text: /);
    } finally {
      await place.remove();
    }
  });

  it.each(named(run => run.outcome === 'known'))('%s: read by its remover, and no loss', async (_, run) => {
    const place = homeOf(run);
    try {
      expect(await losses(place)).toEqual([]);
    } finally {
      await place.remove();
    }
  });
});
