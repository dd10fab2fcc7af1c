/** Two sessions, one memory file, nobody watched: what the built program says of it afterwards. */
import { utimesSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processes } from '../src/commands/processes.ts';
import { Place } from './helpers/program.ts';
import { Transcript } from './helpers/transcripts.ts';

const path = 'projects/-home-me-code/memory/architecture.md';
const base = '# Architecture\n\n## Build\n\nBuild before the tests run.\n';
const withA = `${base}\n## Voice buffer invariants\n\nOne buffer for each speaker, never shared.\n`;
const withC = `${base}\n## Double emit\n\nThe emitter fires twice after a reload.\n`;

const start = Date.now() - 3_600_000;
const A = { id: 'aaaa1111-0000-4000-8000-000000000001', label: 'Voice buffer' };
const C = { id: 'cccc2222-0000-4000-8000-000000000002', label: 'Find the double emit' };
const D = { id: 'dddd3333-0000-4000-8000-000000000003', label: 'Only looking' };
const minute = (n: number) => start + n * 60_000;

const place = new Place();
afterAll(() => place.remove());

beforeAll(() => {
  const file = place.path(path);
  place.write(path, withC);
  utimesSync(file, minute(6) / 1000 - 0.005, minute(6) / 1000 - 0.005);
  const play = (who: typeof A, script: (transcript: Transcript) => Transcript) =>
    place.write(`projects/-home-me-code/${who.id}.jsonl`, script(new Transcript(who, start)).text);
  play(A, transcript => transcript.read(file, base, minute(1)).write(file, base, withA, minute(5)));
  play(C, transcript => transcript.read(file, base, minute(2)).write(file, withA, withC, minute(6)));
  play(D, transcript => transcript.read(file, withA, minute(5.5)));
  // The runner of this test plays the client of D; the others have ended.
  const ours = processes(process.platform);
  const { start: procStart } = ours.of(process.pid)!;
  place.write(
    `sessions/${process.pid}.json`,
    JSON.stringify({ pid: process.pid, sessionId: D.id, cwd: '/home/me/code', startedAt: start, procStart }),
  );
});

const asked = async (...words: readonly string[]) => {
  const { code, out, err } = await place.run(...words);
  return { code, out, err, json: words.includes('--json') ? JSON.parse(out) : null };
};

describe('a home in which nobody watched', () => {
  it('audit finds the loss, proven, and show tells the way to it', async () => {
    const { json } = await asked('audit', '--json');
    const [incident, ...others] = json.incidents;
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ certainty: 'proven', path });
    expect(incident.cause.writer).toMatchObject({ id: C.id, label: C.label, certainty: 'proven' });
    expect(incident.lost.writer).toMatchObject({ id: A.id, label: A.label });
    const steps = incident.timeline.map((step: { who: { label: string }; did: string; of: string | null }) => [
      step.who.label,
      step.did,
      step.of,
    ]);
    expect(steps).toEqual([
      [A.label, 'read', null],
      [C.label, 'read', null],
      [A.label, 'wrote', null],
      [C.label, 'wrote', new Date(minute(2)).toISOString()],
    ]);
    const { out } = await asked('show', incident.id);
    expect(out).toMatch(/ {2}A {2}wrote it \(\+1 section\)\n/);
    expect(out).toMatch(/ {2}B {2}wrote it from its copy of [\d: .-]+ \(\+1 section −1 section\)\n/);
    expect(out).toContain('A = Voice buffer · session aaaa… · main · /home/me/code\n');
  });

  it('blame names who wrote each section', async () => {
    const { code, json } = await asked('blame', path, '--json');
    expect(code).toBe(0);
    const of = (name: string) => json.units.find((unit: { name: string }) => unit.name === name);
    expect(of('Double emit')).toMatchObject({ depth: 1, writer: { id: C.id, certainty: 'proven' } });
    expect(of('Build')).toMatchObject({ since: { orEarlier: true } });
    const { out } = await asked('blame', path, '--lines');
    expect(out).toMatch(/"Find the double.* The emitter fires twice/);
  });

  it('sessions names who holds a stale copy now, and what that would cost', async () => {
    const { code, json } = await asked('sessions', '--json');
    expect(code).toBe(0);
    expect(json.stale).toHaveLength(1);
    expect(json.stale[0]).toMatchObject({
      session: D.id,
      path,
      knows: { how: 'read' },
      now: { writer: { id: C.id } },
      units: [{ name: 'Double emit' }],
      back: [{ name: 'Voice buffer invariants' }],
      compared: true,
    });
    const alive = json.sessions.map((session: { id: string; alive: boolean }) => [session.id, session.alive]);
    expect(alive[0]).toEqual([D.id, true]);
    expect(alive.slice(1).map(([, lives]: [string, boolean]) => lives)).toEqual([false, false]);
    const { out } = await asked('sessions');
    expect(out.startsWith('1 stale copy\n')).toBe(true);
    expect(out).toContain('read the file again');
  });

  it('what a restore put back is of whoever wrote it first', async () => {
    const { json } = await asked('audit', '--json');
    expect((await asked('restore', json.incidents[0].id)).code).toBe(0);
    const after = await asked('blame', path, '--json');
    const unit = after.json.units.find((each: { name: string }) => each.name === 'Voice buffer invariants');
    expect(unit.writer).toMatchObject({ id: A.id });
    expect(unit.restored).not.toBeNull();
    expect((await asked('blame', path)).out).toContain('↺ "Voice buffer"');
  });

  it('tells what was kept when the root is not there, and does not call that whole', async () => {
    const away = ['--root', place.path('nowhere')];
    expect((await asked('sessions', ...away)).code).toBe(3);
    const { err } = await asked('sessions', ...away, '--json');
    expect(err).toContain('this is told of what was kept before');
  });

  it('refuses politely', async () => {
    expect((await asked('sessions', '--since', 'soon')).code).toBe(2);
    const { code, err } = await asked('blame', 'nothing.md');
    expect(code).toBe(2);
    expect(err).toContain('hint:');
  });
});
