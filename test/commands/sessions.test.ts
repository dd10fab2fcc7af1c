/** `sessions` on a store with evidence: who is listed, and whose copy is stale, as stories of two sessions. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sources, sessionsNow } from '../../src/commands/sessions-now.ts';
import type { Act, SessionFacts } from '../../src/sessions/act.ts';
import type { Evidence } from '../../src/sessions/evidence.ts';
import type { LiveReading, LiveSession } from '../../src/sessions/live.ts';
import { testify } from '../../src/sessions/testify.ts';
import { acts, nameOf, noon } from '../sessions/acts.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
  stage.now = noon;
});
afterEach(() => stage.remove());

const path = 'skills/_index.md';
const facts = (session: string, more: Partial<SessionFacts> = {}): SessionFacts => ({
  session,
  agent: null,
  label: `the work of ${session}`,
  branch: 'main',
  cwd: '/home/me/code',
  version: '2.1.331',
  first: noon - 60_000,
  last: noon + 60_000,
  transcript: `projects/x/${session}.jsonl`,
  ...more,
});

function evidenceOf(all: readonly Act[], sessions: readonly SessionFacts[]): Evidence {
  return {
    acts: place => all.filter(act => act.path === place.path && act.root === place.root),
    paths: () => [...new Set(all.map(act => act.path))].map(each => ({ root: 'claude', path: each })),
    session: ({ session, agent }) => sessions.find(each => each.session === session && each.agent === agent),
    sessions: () => sessions,
    signature: () => '',
    hadText: async () => null,
    wasPrompted: async () => null,
  };
}

const process = (session: string, more: Partial<LiveSession> = {}): LiveSession => ({
  pid: 7,
  session,
  cwd: '/home/me/live',
  name: null,
  kind: 'interactive',
  version: '2.1.331',
  since: noon - 60_000,
  isSure: true,
  ...more,
});
const reading = (...sessions: readonly LiveSession[]): LiveReading => ({
  sessions,
  coverage: { files: sessions.length, alive: sessions.length, elsewhere: 0, dead: 0, taken: 0, broken: 0, left: 0 },
});

/** Plays the deeds; each content stands thirty seconds after the one before. */
async function play(
  contents: readonly string[],
  deeds: readonly string[],
  {
    live = reading(process('A'), process('C')),
    sessions = [facts('A'), facts('C')],
    since = 0 as number | null,
    coverage = undefined as Sources['coverage'] | undefined,
  } = {},
) {
  for (const content of contents) await stage.write(path, content, 30_000);
  stage.now = noon + 300_000;
  const named: Record<string, string> = Object.fromEntries(contents.map((text, i) => [nameOf(`v${i}`), nameOf(text)]));
  const rename = (content: Act['after']) => content && { ...content, blob: named[content.blob] ?? content.blob };
  const all = acts(deeds, path).map(act => ({
    ...act,
    root: 'claude',
    before: rename(act.before),
    after: rename(act.after),
  }));
  const evidence = evidenceOf(all, sessions);
  const { store } = stage;
  const testimony = testify({
    evidence,
    versions: place => store.versions(place),
    read: blob => store.read(blob),
    clock: String,
  });
  return sessionsNow(stage.setup, { since }, { evidence, testimony, live, ...(coverage ? { coverage } : {}) });
}

const inShort = ({ stale }: Awaited<ReturnType<typeof play>>) =>
  stale.map(({ session, units, back, now }) => {
    const names = (some: readonly { readonly name: string }[]) => some.map(({ name }) => name).join(' ');
    return `${session} would lose: ${names(units)}; bring back: ${names(back)}; of ${now.writer?.id ?? '?'}`;
  });

const index = '# Skills\n\n- [one](one/SKILL.md)\n';
const withTwo = `${index}- [two](two/SKILL.md)\n`;

describe('the danger list', () => {
  it('names who read before another wrote, and what that would cost', async () => {
    const report = await play([index, withTwo], ['C read v0', 'A edit v0 -> v1']);
    expect(inShort(report)).toEqual(['C would lose: two; bring back: ; of A']);
    expect(report.stale[0]).toMatchObject({ path, agent: null, isCompared: true, knows: { how: 'read', at: noon } });
  });

  it('names what an old copy would bring back', async () => {
    const report = await play([withTwo, index], ['C read v0', 'A edit v0 -> v1']);
    expect(inShort(report)).toEqual(['C would lose: ; bring back: two; of A']);
  });

  it('is empty when everybody has read what stands there', async () => {
    expect((await play([index, withTwo], ['C read v0', 'A edit v0 -> v1', 'C read v1'])).stale).toEqual([]);
  });

  it('says nothing of mere spacing', async () => {
    expect((await play([index, `${index}\n\n`], ['C read v0', 'A write v0 -> v1'])).stale).toEqual([]);
  });

  it('is of the living; of the ended only when all are asked for', async () => {
    const deeds = ['C read v0', 'A edit v0 -> v1'];
    const ended = { live: reading(process('A')) };
    expect((await play([index, withTwo], deeds, ended)).stale).toEqual([]);
    expect(inShort(await play([index, withTwo], deeds, { ...ended, since: null }))).toHaveLength(1);
  });

  it('cannot compare a copy that is not kept, and says so', async () => {
    const report = await play([index, withTwo], ['C read w', 'A edit v0 -> v1']);
    expect(report.stale.map(({ session, isCompared }) => [session, isCompared])).toEqual([['C', false]]);
  });

  it('is not of logs', async () => {
    Object.assign(stage.setup, { classify: () => 'log' });
    expect((await play([index, withTwo], ['C read v0', 'A edit v0 -> v1'])).stale).toEqual([]);
  });
});

describe('the list of sessions', () => {
  const deeds = ['C read v0', 'A edit v0 -> v1'];

  it('says of each what it read, wrote and knows', async () => {
    const { sessions } = await play([index, withTwo], deeds);
    const [a, c] = ['A', 'C'].map(id => sessions.find(row => row.id === id)!);
    expect(a).toMatchObject({ label: 'the work of A', pid: 7, alive: true, cwd: '/home/me/code' });
    const [before] = stage.ids(path);
    // An edit shows only its place: what A knows of the whole is not known.
    expect(a!.paths).toEqual([{ root: 'claude', path, read: null, wrote: noon + 30_000, knows: null }]);
    expect(c!.paths).toEqual([
      { root: 'claude', path, read: noon, wrote: null, knows: { version: before, at: noon, how: 'read' } },
    ]);
  });

  it('has the living, those who were active since, and nobody else', async () => {
    const old = facts('O', { last: noon - 86_400_000 });
    const all = [facts('A'), facts('C'), facts('E', { last: noon }), old];
    const doing = [...deeds, 'E read v1', 'O read v0'];
    const listed = async (since: number | null) => {
      const { sessions } = await play([index, withTwo], doing, { sessions: all, since });
      return sessions.map(({ id, alive }) => `${id}${alive ? '' : ' ended'}`).sort();
    };
    expect(await listed(noon - 60_000)).toEqual(['A', 'C', 'E ended']);
    expect(await listed(null)).toEqual(['A', 'C', 'E ended', 'O ended']);
  });

  it('has a living one that has done nothing yet', async () => {
    const { sessions } = await play([index], [], { live: reading(process('N', { name: 'reviewer' })), sessions: [] });
    expect(sessions).toMatchObject([{ id: 'N', label: 'reviewer', alive: true, cwd: '/home/me/live', paths: [] }]);
    const named = await play([index], [], {
      live: reading(process('A', { name: 'reviewer' })),
      sessions: [facts('A')],
    });
    expect(named.sessions).toMatchObject([{ id: 'A', label: 'reviewer' }]);
  });

  it('guesses where no client says that it runs', async () => {
    const { sessions, stale } = await play([index, withTwo], deeds, { live: reading() });
    expect(sessions.map(({ alive }) => alive)).toEqual([null, null]);
    expect(stale).toHaveLength(1);
    const gone = [facts('A', { last: noon - 3_600_000 }), facts('C', { last: noon - 3_600_000 })];
    const later = await play([index, withTwo], deeds, { live: reading(), sessions: gone });
    expect(later.sessions.map(({ alive }) => alive)).toEqual([false, false]);
  });

  it('says which transcripts could not be read; a copy of the client is none', async () => {
    const [unread, copy] = ['projects/x/C.jsonl', 'file-history/x/0f0f@v1'].map(path => ({
      root: 'claude',
      path,
      why: 'EACCES',
    }));
    const report = await play([index], ['C read v0'], {
      coverage: { transcripts: 2, damaged: 3, unreadable: [unread!, copy!] },
    });
    expect(report.coverage).toMatchObject({ transcripts: 2, damaged: 3, unreadable: [unread] });
  });

  it('has a sub-agent for itself, under the title of its session', async () => {
    const agent = facts('C', { agent: 'x', label: null });
    const { sessions } = await play([index, withTwo], ['C/x read v0', 'A edit v0 -> v1'], {
      sessions: [facts('A'), facts('C'), agent],
    });
    const row = sessions.find(each => each.agent === 'x');
    expect(row).toMatchObject({ id: 'C', label: 'the work of C', alive: true });
  });
});
