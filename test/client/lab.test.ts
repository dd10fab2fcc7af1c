/**
 * The newest client from the registry plays the lab's scenarios against a scripted model on loopback, and a watcher runs
 * beside each. What is true of a run is read off it; what the watcher said, what `audit` says afterwards, and what it says
 * with a store that knows nothing of the run, must agree with it.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabRun, readRun } from '../helpers/lab-truth.ts';
import { bin, Program } from '../helpers/program.ts';
import { installClient } from './install.ts';

const lab = process.env.UNDERTEXT_LAB ?? join(import.meta.dirname, '../../../shared/lab');
const client = existsSync(join(lab, 'lab.mjs')) ? await installClient() : { why: `no lab at ${lab}` };
const isHere = 'version' in client && process.platform !== 'win32';
const title = 'version' in client ? `client ${client.version}` : `skipped: ${client.why}`;
if (!isHere) process.stdout.write(`${title}\n`);

/** So long the watcher is left alone after a run in which nothing was lost: an alarm would come within. */
const quiet = 6_000;
/** So long a client may take for a scenario on a busy machine. */
const patience = 180_000;

interface IncidentJson {
  readonly id: string;
  readonly certainty: string;
  readonly path: string;
  readonly units: readonly { readonly name: string }[];
  readonly lost: { readonly writer: { readonly id: string } | null } | null;
  readonly cause: { readonly writer: { readonly id: string } | null } | null;
}

interface WatchLine {
  readonly type: string;
  readonly incident?: IncidentJson;
}

interface Played {
  readonly run: LabRun;
  /** What the watcher said of losses, in its order. */
  readonly said: readonly IncidentJson[];
  readonly audit: readonly IncidentJson[];
  readonly freshAudit: readonly IncidentJson[];
}

const played: Played[] = [];

describe.skipIf(!isHere)(title, () => {
  const out = mkdtempSync(join(tmpdir(), 'undertext-test-client-'));
  const env = { PATH: process.env.PATH ?? '', HOME: out, TZ: 'UTC', NO_COLOR: '1' };
  const undertext = (...words: string[]) => new Program([bin, ...words], env, out);
  const running = new Set<Program>();

  beforeAll(async () => {
    if (!('version' in client)) return;
    const script = join(import.meta.dirname, 'play.mjs');
    const player = new Program([script, lab, client.version, client.clients, out], env, out);
    running.add(player);
    for (;;) {
      const next = await player
        .object<{ scenario?: string; folder?: string; trouble?: string }>(
          line => 'scenario' in line || 'trouble' in line,
          patience,
        )
        .catch(error => (played.length > 0 ? null : Promise.reject(error)));
      if (next === null) break;
      if (next.trouble) throw new Error(next.trouble);
      played.push(await watched(next.scenario!, next.folder!, player));
    }
    await player.ended;
  }, 900_000);

  afterAll(async () => {
    for (const program of running) program.kill('SIGKILL');
    await Promise.all([...running].map(program => program.ended));
    rmSync(out, { recursive: true, force: true });
  });

  async function watched(scenario: string, folder: string, player: Program): Promise<Played> {
    const at = (store: string) => ['--json', '--root', join(folder, '.claude'), '--store', join(out, store)];
    const watch = undertext('watch', ...at(`watched-${scenario}`));
    running.add(watch);
    await watch.object<WatchLine>(line => line.type === 'ready');
    player.tell('play');
    await player.object<{ played?: string }>(line => line.played === scenario, patience);
    const run = readRun(folder, scenario);
    if (run.outcome === 'lost') {
      // Transcripts are written behind the files: the first line may be less sure than the last.
      const isProven = ({ type, incident }: WatchLine) =>
        type === 'incident' && incident?.path === run.path && incident?.certainty === 'proven';
      await watch.object<WatchLine>(isProven).catch(() => {});
    } else await pass(quiet);
    watch.kill('SIGINT');
    const ended = await watch.ended;
    running.delete(watch);
    expect(ended).toMatchObject({ code: 0, err: '' });
    const said = ended.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as WatchLine)
      .flatMap(({ type, incident }) => (type === 'incident' && incident ? [incident] : []));
    return {
      run,
      said: losses(said),
      audit: losses(await audit(...at(`watched-${scenario}`))),
      freshAudit: losses(await audit(...at(`fresh-${scenario}`))),
    };
  }

  async function audit(...words: string[]): Promise<readonly IncidentJson[]> {
    const { out: said, err } = await undertext('audit', ...words).ended;
    expect(err).toBe('');
    return (JSON.parse(said) as { incidents: IncidentJson[] }).incidents;
  }

  it('played, and lost something', () => {
    const outcomes = played.map(({ run }) => `${run.title} ${run.outcome}`);
    process.stdout.write(`${outcomes.join(' · ')}\n`);
    // A client may fail by itself on a busy machine; that most of them play is what the rest stands on.
    expect(outcomes.filter(outcome => outcome.endsWith(' unknown')).length).toBeLessThanOrEqual(2);
    expect(played.filter(({ run }) => run.outcome === 'lost')).not.toEqual([]);
  });

  it('what was lost is proven by the watcher, by audit, and by audit of a home it never saw before', () => {
    for (const { run, said, audit, freshAudit } of played.filter(({ run }) => run.outcome === 'lost')) {
      const proof = {
        certainty: 'proven',
        path: run.path,
        lost: { writer: { id: run.sessions.A } },
        cause: { writer: { id: run.sessions.C } },
      };
      expect(said.at(-1), `${run.title}: the watcher's last word`).toMatchObject(proof);
      expect(audit, `${run.title}: audit afterwards`).toMatchObject([proof]);
      expect(audit.map(({ id }) => id)).toEqual([...new Set(said.map(({ id }) => id))]);
      expect(freshAudit, `${run.title}: audit alone`).toMatchObject([proof]);
      expect(freshAudit[0]!.units.map(({ name }) => name)).toContain(run.text);
    }
  });

  it('nothing is said of the others', () => {
    for (const { run, said, audit, freshAudit } of played.filter(({ run }) => run.outcome === 'kept')) {
      expect({ scenario: run.title, said, audit, freshAudit }).toEqual({
        scenario: run.title,
        said: [],
        audit: [],
        freshAudit: [],
      });
    }
  });

  it('what its remover had before it wrote names nobody else, where it is told at all', () => {
    for (const { run, audit, freshAudit } of played.filter(({ run }) => run.outcome === 'known')) {
      const who = { lost: { writer: { id: run.sessions.A } }, cause: { writer: { id: run.sessions.C } } };
      for (const incident of [...audit, ...freshAudit])
        expect(incident, run.title).toMatchObject({ path: run.path, ...who });
    }
  });
});

/** Of losses alone: an index that does not name a topic file is said, too, and truly so. */
function losses(incidents: readonly IncidentJson[]): readonly IncidentJson[] {
  return incidents.filter(({ lost }) => lost !== null);
}
