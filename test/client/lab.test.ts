/**
 * The newest client from the registry plays the lab's scenarios and ours against a scripted model on loopback, and a watcher runs
 * beside each. What is true of a run is read off it and off what the model was sent; what the watcher said, what `audit` says
 * afterwards, and what it says with a store that knows nothing of the run, must agree with it. Every file that the client
 * leaves must have a class by its name.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedByTable } from '../../src/home/classes.ts';
import { isNewerThanTested } from '../../src/sessions/transcripts/versions.ts';
import { type LabRun, type LabStory, readRun } from '../helpers/lab-truth.ts';
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

interface WriterJson {
  readonly id: string;
  readonly label: string;
  readonly agent?: string;
}

interface IncidentJson {
  readonly id: string;
  readonly certainty: string;
  readonly path: string;
  readonly weak?: boolean;
  readonly units: readonly { readonly name: string }[];
  readonly findings: readonly { readonly evidence: readonly string[] }[];
  readonly lost: { readonly writer: WriterJson | null } | null;
  readonly cause: { readonly writer: WriterJson | null } | null;
}

interface WatchLine {
  readonly type: string;
  readonly code?: string;
  readonly incident?: IncidentJson;
}

interface Played {
  readonly run: LabRun;
  readonly story: LabStory | null;
  /** How sure the records can make it. */
  readonly certainty: 'proven' | 'likely';
  /** Warnings of the watcher that the client is newer than what was tested. */
  readonly warnings: number;
  /** What the watcher said of losses, in its order. */
  readonly said: readonly IncidentJson[];
  readonly audit: readonly IncidentJson[];
  readonly freshAudit: readonly IncidentJson[];
}

const played: Played[] = [];
/** Every path that was seen in the homes while the client played, and afterwards. */
const left = new Set<string>();

describe.skipIf(!isHere)(title, () => {
  const out = mkdtempSync(join(tmpdir(), 'undertext-test-client-'));
  const env = { PATH: process.env.PATH ?? '', HOME: out, TZ: 'UTC', NO_COLOR: '1' };
  const undertext = (...words: string[]) => new Program([bin, ...words], env, out);
  const running = new Set<Program>();

  beforeAll(async () => {
    if (!('version' in client)) return;
    const script = join(import.meta.dirname, 'play.mjs');
    const word = process.env.UNDERTEXT_SCENARIO ?? '';
    const player = new Program([script, lab, client.version, client.clients, out, word], env, out);
    running.add(player);
    for (;;) {
      const next = await player
        .object<{ scenario?: string; folder?: string; sent?: string; about?: LabStory | null; trouble?: string }>(
          line => 'scenario' in line || 'trouble' in line,
          patience,
        )
        .catch(error => (played.length > 0 ? null : Promise.reject(error)));
      if (next === null) break;
      if (next.trouble) throw new Error(next.trouble);
      played.push(await watched(next.scenario!, next.folder!, next.sent!, next.about ?? null, player));
    }
    await player.ended;
  }, 1_800_000);

  afterAll(async () => {
    for (const program of running) program.kill('SIGKILL');
    await Promise.all([...running].map(program => program.ended));
    rmSync(out, { recursive: true, force: true });
  }, 60_000);

  async function watched(
    scenario: string,
    folder: string,
    sent: string,
    story: LabStory | null,
    player: Program,
  ): Promise<Played> {
    const home = join(folder, '.claude');
    const name = scenario.replace(/\W+/g, '-');
    const at = (store: string) => ['--json', '--root', home, '--store', join(out, store)];
    const watch = undertext('watch', ...at(`watched-${name}`));
    running.add(watch);
    await watch.object<WatchLine>(line => line.type === 'ready', patience);
    // A lock or a half-written copy is gone when the client ends: it is seen while it plays.
    const looking = setInterval(() => look(home), 25);
    player.tell('play');
    await player.object<{ played?: string }>(line => line.played === scenario, patience);
    clearInterval(looking);
    look(home);
    const run = readRun(folder, scenario, sent, story);
    const certainty = run.outcome === 'shown' ? 'likely' : (story?.certainty ?? 'proven');
    if (run.outcome === 'lost' || run.outcome === 'shown') {
      // Transcripts are written behind the files: the first line may be less sure than the last.
      const isSure = ({ type, incident }: WatchLine) =>
        type === 'incident' && incident?.path === run.path && incident?.certainty === certainty;
      await watch.object<WatchLine>(isSure).catch(() => {});
    }
    if (run.outcome !== 'lost' || certainty !== 'proven') await pass(quiet);
    watch.kill('SIGINT');
    const ended = await watch.ended;
    running.delete(watch);
    expect(ended).toMatchObject({ code: 0, err: '' });
    const lines = ended.out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as WatchLine);
    const said = lines.flatMap(({ type, incident }) => (type === 'incident' && incident ? [incident] : []));
    return {
      run,
      story,
      certainty,
      warnings: lines.filter(({ code }) => code === 'client-version').length,
      said: losses(said),
      audit: losses(await audit(...at(`watched-${name}`))),
      freshAudit: losses(await audit(...at(`fresh-${name}`))),
    };
  }

  function look(home: string): void {
    try {
      for (const entry of readdirSync(home, { recursive: true, withFileTypes: true })) {
        if (entry.isDirectory()) continue;
        const path = join(entry.parentPath, entry.name)
          .slice(home.length + 1)
          .replaceAll('\\', '/');
        left.add(path);
      }
    } catch {
      // A folder went away meanwhile: the next look.
    }
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
    expect(outcomes.filter(outcome => / (lost|shown)$/.test(outcome))).not.toEqual([]);
  });

  it.each(['lost', 'shown'] as const)(
    'what was %s is told by the watcher, by audit, and by audit of an unknown home',
    outcome => {
      for (const { run, story, certainty, said, audit, freshAudit } of played.filter(
        ({ run }) => run.outcome === outcome,
      )) {
        const proof = {
          certainty,
          path: run.path,
          lost: { writer: { id: run.sessions.A } },
          cause: { writer: { id: run.sessions.C } },
        };
        // What stays likely is said once, maybe before the transcripts were written.
        const last = certainty === 'proven' ? proof : { certainty, path: run.path };
        expect(said.at(-1), `${run.title}: the watcher's last word`).toMatchObject(last);
        expect(audit, `${run.title}: audit afterwards`).toMatchObject([proof]);
        expect(audit.map(({ id }) => id)).toEqual([...new Set(said.map(({ id }) => id))]);
        const alone = { ...proof, certainty: story?.fresh ?? certainty };
        expect(freshAudit, `${run.title}: audit alone`).toMatchObject([alone]);
        for (const incident of [...(certainty === 'proven' ? [said.at(-1)!] : []), audit[0]!, freshAudit[0]!]) {
          expect(incident.units.map(({ name }) => name).join()).toContain(run.text);
          const mayHaveKnown = /may have known the text/.test(incident.findings[0]!.evidence[0]!);
          expect(mayHaveKnown, `${run.title}: the first line of the evidence`).toBe(outcome === 'shown');
          expect(whoOf(incident), run.title).toMatchObject(story?.of ?? {});
          if (story?.labels) {
            expect(incident.lost?.writer?.label).toBe(story.labels.A);
            expect(incident.cause?.writer?.label).toBe(story.labels.C);
          }
        }
      }
    },
  );

  it('nothing is said of the others: of what was kept, and of what its remover had read before', () => {
    for (const { run, said, audit, freshAudit } of played.filter(({ run }) => /^(kept|known)$/.test(run.outcome))) {
      // On a busy machine a transcript may be written after the watcher's patience: what is weak it only counts.
      const shown = said.filter(({ weak }) => !weak);
      expect({ scenario: run.title, said: shown, audit, freshAudit }).toEqual({
        scenario: run.title,
        said: [],
        audit: [],
        freshAudit: [],
      });
    }
  });

  it('every file that the client left or wrote for a moment has a class by its name', () => {
    const isNamed = namedByTable();
    expect([...left].filter(path => !isNamed(path))).toEqual([]);
    process.stdout.write(`${left.size} paths seen\n`);
  });

  it('that the client is newer than what was tested is said once, where it is', () => {
    const expected = 'version' in client && isNewerThanTested(client.version) ? 1 : 0;
    for (const { run, warnings } of played) expect(warnings, run.title).toBe(expected);
  });
});

/** Which of the two was a sub-agent. */
function whoOf({ lost, cause }: IncidentJson) {
  const kind = (writer: WriterJson | null | undefined) => (writer?.agent === undefined ? 'session' : 'agent');
  return { lost: kind(lost?.writer), cause: kind(cause?.writer) };
}

/** Of losses alone: an index that does not name a topic file is said, too, and truly so. */
function losses(incidents: readonly IncidentJson[]): readonly IncidentJson[] {
  return incidents.filter(({ lost }) => lost !== null);
}
