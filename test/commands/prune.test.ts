/** What goes out of a store, what must not, and when it happens by itself. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptNote, openNote } from '../../src/audit/ledger.ts';
import { isPruneDue, noteRun, pruneQuietly } from '../../src/commands/prune-due.ts';
import { carryOut, planNow } from '../../src/commands/prune-now.ts';
import { pruneReport } from '../../src/commands/prune-report.ts';
import { roomDuty } from '../../src/commands/room-duty.ts';
import { UndertextError } from '../../src/errors.ts';
import type { Version } from '../../src/model.ts';
import { restoreNote } from '../../src/restore/restores.ts';
import { droppedBy } from '../../src/store/prune/plan-prune.ts';
import { prunesOf } from '../../src/store/prune/thinned.ts';
import { roomAsker } from '../../src/store/reserve.ts';
import { isHolder, trashKeptFor } from '../../src/store/store.ts';
import { day, Stage } from './stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.remove());

async function plan() {
  const audit = await stage.audit();
  return { audit, plan: (await planNow(stage.setup, audit, await stage.store.room()))! };
}

async function prune() {
  const { audit, plan: planned } = await plan();
  const done = await carryOut(stage.setup, planned, audit.incidents);
  return { planned, done, report: pruneReport(stage.setup, planned, done) };
}

/** A file whose second addition was written over by a hand that had not seen it, and a hundred days. */
async function overwritten() {
  await stage.write('CLAUDE.md', '# Rules\n\n- be kind\n');
  const lost = await stage.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
  const cause = await stage.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
  await stage.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n- be there\n', 100 * day);
  return { lost, cause };
}

/** Three versions on three days of one week, 12 KB together, and a month. */
async function growing() {
  const words = ['a', 'b', 'c'].map(word => `${word.repeat(2_000)}\n`);
  for (const at of words.keys()) await stage.write('a.md', words.slice(0, at + 1).join('\n'), day);
  stage.now += 40 * day;
}

describe('prune', () => {
  it('drops what says nothing of its own, and the trash empties 14 days later', async () => {
    const first = await stage.write('a.md', 'one\n');
    const second = await stage.write('a.md', 'one\n\ntwo\n', 100 * day);
    const { done, report } = await prune();
    expect(stage.ids('a.md')).toEqual([second.id]);
    expect(report).toMatchObject({ versions: 1, isForced: false, lastTexts: 0, isDry: false });
    expect(report.paths).toEqual([
      { root: 'claude', path: 'a.md', class: 'authored', why: 'thinned', versions: 1, bytes: 4 },
    ]);
    expect(report.trash).toEqual({ bytes: 4, until: stage.now + trashKeptFor, emptied: 0 });
    expect(done?.until).toBe(stage.now + trashKeptFor);
    stage.now += trashKeptFor + day;
    expect((await prune()).report.trash).toEqual({ bytes: 0, until: null, emptied: 4 });
    expect(stage.store.withId(first.id)).toEqual([]);
  });

  it('keeps what an open incident needs, and says so', async () => {
    const { lost, cause } = await overwritten();
    const { audit } = await plan();
    const [incident] = audit.incidents;
    expect(incident?.state).toBe('open');
    const { report } = await prune();
    expect(stage.ids('CLAUDE.md')).toEqual(expect.arrayContaining([lost.id, cause.id]));
    expect(report.kept).toEqual([
      expect.objectContaining({ path: 'CLAUDE.md', why: 'needed', by: `incident ${incident!.id}` }),
    ]);
  });

  it('keeps what a restore can be taken back to', async () => {
    const before = await stage.write('a.md', 'one\n');
    const after = await stage.write('a.md', 'one\n\ntwo\n');
    await stage.write('a.md', 'one\n\ntwo\n\nthree\n', 400 * day);
    const record = { id: 'rm4xk7q', kind: 'version', root: 'claude', path: 'a.md', at: 0 } as const;
    const links = { before: before.id, after: after.id, incident: null, undoes: null };
    await stage.store.note([restoreNote({ ...record, ...links })]);
    const { report } = await prune();
    expect(report.versions).toBe(0);
    expect(report.kept).toEqual([{ root: 'claude', path: 'a.md', why: 'needed', by: 'restore rm4xk7q', versions: 2 }]);
  });

  it('counters and stamps are no text', async () => {
    await stage.write('.claude.json', '{ "numStartups": 1, "theme": "dark" }');
    await stage.write('.claude.json', '{ "numStartups": 2, "theme": "dark" }', 100 * day);
    expect((await prune()).report.versions).toBe(1);
  });

  it('a transcript whose file is gone for long goes whole', async () => {
    await stage.write('projects/x/s1.jsonl', '{"a":1}\n');
    await stage.write('projects/x/s1.jsonl', null, 100 * day);
    const { report } = await prune();
    expect(stage.ids('projects/x/s1.jsonl')).toEqual([]);
    expect(report.classes).toEqual([{ class: 'log', why: 'gone-log', versions: 2, bytes: 8 }]);
  });

  it('such a transcript stays as long as an incident points to the session that wrote it', async () => {
    const { lost, cause } = await overwritten();
    const writer = { kind: 'session', id: '7c1e0b52', label: 'main', certainty: 'proven' } as const;
    const at = (version: Version) => ({ version: version.id, at: version.at, writer: null, blob: version.blob });
    const [found] = (await stage.audit()).incidents;
    const incident = { ...found!, lost: at(lost), cause: { ...at(cause), writer } };
    await stage.write('projects/x/7c1e0b52.jsonl', '{"a":1}\n');
    await stage.write('projects/x/7c1e0b52.jsonl', null);
    await stage.write('projects/x/8d2f1c63.jsonl', '{"a":1}\n');
    await stage.write('projects/x/8d2f1c63.jsonl', null, 400 * day);
    const audit = { incidents: [incident], failedRules: [] };
    // As the ledger would have it with a writer; the audit of this version names none.
    await stage.store.note([openNote(incident, stage.now)]);
    const planned = await planNow(stage.setup, audit, await stage.store.room());
    await carryOut(stage.setup, planned!, audit.incidents);
    expect(stage.ids('projects/x/7c1e0b52.jsonl')).toHaveLength(2);
    expect(stage.ids('projects/x/8d2f1c63.jsonl')).toEqual([]);
    await stage.store.note([acceptNote(incident, 'meant', stage.now)]);
    stage.now += 91 * day;
    const closed = { incidents: [{ ...incident, state: 'accepted' as const }], failedRules: [] };
    const later = await planNow(stage.setup, closed, await stage.store.room());
    await carryOut(stage.setup, later!, closed.incidents);
    expect(stage.ids('projects/x/7c1e0b52.jsonl')).toEqual([]);
  });

  it('does nothing while a restore runs', async () => {
    await stage.write('a.md', 'one\n');
    await stage.write('a.md', 'one\n\ntwo\n', 100 * day);
    const lease = await stage.store.claim('restore', null);
    expect((await prune()).done).toBeNull();
    expect(stage.ids('a.md')).toHaveLength(2);
    if (!isHolder(lease)) await lease.release();
    expect((await prune()).done?.versions).toBe(1);
    expect(await stage.store.holder('restore')).toBeNull();
  });

  it('leaves a path of which something came to be needed since it was planned', async () => {
    const first = await stage.write('a.md', 'one\n');
    await stage.write('a.md', 'one\n\ntwo\n', 100 * day);
    const { audit, plan: planned } = await plan();
    expect(droppedBy(planned)).toEqual(new Set([first.id]));
    const record = { id: 'rm4xk7q', kind: 'version', root: 'claude', path: 'a.md', at: 0 } as const;
    const links = { before: first.id, after: null, incident: null, undoes: null };
    await stage.store.note([restoreNote({ ...record, ...links })]);
    expect((await carryOut(stage.setup, planned, audit.incidents))?.versions).toBe(0);
    expect(stage.ids('a.md')).toHaveLength(2);
  });

  it('leaves a path at which a rule failed', async () => {
    await stage.write('skills/a.md', 'one\n');
    await stage.write('skills/a.md', 'one\n\ntwo\n', 100 * day);
    const failedRules = [{ rule: 'my-rule', path: 'skills', message: 'no' }];
    const planned = await planNow(stage.setup, { incidents: [], failedRules }, await stage.store.room());
    expect(droppedBy(planned!)).toEqual(new Set());
  });

  it('leaves the files of a root it was not told of', async () => {
    await stage.write('a.md', 'one\n');
    await stage.write('a.md', 'one\n\ntwo\n', 100 * day);
    const setup = { ...stage.setup, roots: [] };
    const audit = { incidents: [], failedRules: [] };
    expect(droppedBy((await planNow(setup, audit, await stage.store.room()))!)).toEqual(new Set());
  });

  it('stops when it is told to, and has dropped nothing', async () => {
    await stage.write('a.md', 'one\n', 100 * day);
    stage.abort.abort();
    expect(await planNow(stage.setup, { incidents: [], failedRules: [] }, await stage.store.room())).toBeNull();
  });

  it('a thinner history makes no incident that was none, and ends none', async () => {
    stage.remove();
    stage = new Stage({ cap: 600 });
    await overwritten();
    stage.now = Date.parse('2026-07-31T12:00:00Z');
    // The words of a line change a few at a time: six edits, and a loss if only the first and the last are known.
    const words = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
    for (let done = 0; done <= 10; done += 2) {
      const line = words.map((word, at) => (at < done ? `other-${word}` : word)).join(' ');
      await stage.write('style.md', `# Style\n\n- ${line}\n- short\n`, done === 0 ? day : 60_000);
    }
    stage.now += 200 * day;
    await stage.write('style.md', '# Style\n\n- anew\n', 0);
    const before = (await stage.audit()).incidents.map(({ id, state }) => `${id} ${state}`);
    expect(before).toHaveLength(2);
    await prune();
    expect(stage.ids('style.md')).toHaveLength(3);
    expect((await stage.audit()).incidents.map(({ id, state }) => `${id} ${state}`)).toEqual(before);
  });
});

describe('at the cap', () => {
  it('more goes than by age, it is gone for good at once, and it is said', async () => {
    stage.remove();
    stage = new Stage({ cap: 10_000 });
    await growing();
    const { report } = await prune();
    expect(report).toMatchObject({ isForced: true, versions: 2, lastTexts: 0 });
    expect(report.room.bytes).toBeLessThan(10_000);
    expect(report.trash).toMatchObject({ bytes: 0, until: null });
    expect(prunesOf(stage.store.notes('prune'))).toMatchObject([{ isForced: true, versions: 2 }]);
  });

  it('a full trash is emptied first, and nothing else has to go', async () => {
    await stage.write('a.md', 'one\n');
    await stage.write('a.md', 'one\n\ntwo\n', 100 * day);
    await prune();
    const { bytes, trash } = await stage.store.room();
    const setup = {
      ...stage.setup,
      config: { ...stage.setup.config, keep: { ...stage.setup.config.keep, cap: bytes - 1 } },
    };
    const audit = await stage.audit();
    const planned = await planNow(setup, audit, await stage.store.room());
    expect(planned!.isForced).toBe(false);
    expect(await carryOut(setup, planned!, audit.incidents)).toMatchObject({ versions: 0, emptied: trash });
  });
});

describe('by itself', () => {
  it.each([
    ['nothing is old enough', { age: 5, last: null, cap: 1e9 }, false],
    ['something is', { age: 8, last: null, cap: 1e9 }, true],
    ['it was done two days ago', { age: 8, last: 2, cap: 1e9 }, false],
    ['it was done eight days ago', { age: 20, last: 8, cap: 1e9 }, true],
    ['the store is at its cap', { age: 0, last: 2, cap: 1 }, true],
    ['that was tried just now', { age: 0, last: 0, cap: 1 }, false],
    ['the clock went back', { age: 8, last: -30, cap: 1e9 }, true],
  ])('%s', async (_, { age, last, cap }, isDue) => {
    stage.remove();
    stage = new Stage({ cap });
    await stage.write('a.md', 'one\n', 0);
    const now = stage.now + age * day;
    stage.now = now - (last ?? 0) * day;
    const room = await stage.store.room();
    if (last !== null) noteRun(stage.setup, room);
    stage.now = now;
    expect(await isPruneDue(stage.setup, room, 7 * day)).toBe(isDue);
  });

  it('a store that cannot be written is left to those who record', async () => {
    await stage.write('a.md', 'one\n');
    await stage.write('a.md', 'one\n\ntwo\n', 100 * day);
    const drop = () => Promise.reject(new UndertextError('disk', 'no space left', 'make room'));
    const setup = { ...stage.setup, store: { ...stage.store, drop } };
    const audit = await stage.audit();
    expect(await pruneQuietly(setup, audit, await stage.store.room())).toBeNull();
    expect(await stage.store.holder('restore')).toBeNull();
    const stumbling = { ...stage.setup, store: { ...stage.store, drop: () => Promise.reject(new Error('a defect')) } };
    await expect(pruneQuietly(stumbling, audit, await stage.store.room())).rejects.toThrow('a defect');
  });
});

describe('a watcher and room', () => {
  function duty(keep: ConstructorParameters<typeof Stage>[0], present?: Stage) {
    if (present === undefined) {
      stage.remove();
      stage = new Stage(keep);
    }
    const said: string[] = [];
    const made = roomDuty({
      setup: stage.setup,
      room: roomAsker(stage.store, () => stage.now),
      audit: () => stage.audit(),
      leaveLogsOut: isAtCap => said.push(isAtCap ? 'without logs' : 'with logs'),
      warn: async code => void said.push(`warning ${code}`),
      pruned: async ({ versions }) => void said.push(`pruned ${versions}`),
      failed: error => said.push(String(error)),
      elapsed: () => stage.now,
    });
    const check = async (quietSince = 0): Promise<readonly string[]> => {
      await made.check(quietSince);
      await made.ended();
      return said.splice(0);
    };
    return check;
  }

  it('prunes once a day, when it is quiet', async () => {
    const check = duty({});
    await stage.write('a.md', 'one\n');
    await stage.write('a.md', 'one\n\ntwo\n', 100 * day);
    noteRun(stage.setup, await stage.store.room());
    stage.now += day + 1;
    expect(await check(stage.now - 1_000)).toEqual(['with logs']);
    expect(await check()).toEqual([]); // within 30 seconds
    stage.now += 30_000;
    expect(await check()).toEqual(['pruned 1', 'with logs']);
    stage.now += 7_200_000;
    expect(await check()).toEqual(['with logs']);
  });

  it('not in the first hour, as long as something is written', async () => {
    stage.now -= 100 * day;
    await stage.write('a.md', 'one\n');
    const old = await stage.write('a.md', 'one\n\ntwo\n', 100 * day);
    const check = duty({}, stage);
    expect(await check(stage.now)).toEqual(['with logs']);
    stage.now += 3_600_000;
    expect(await check(stage.now)).toEqual(['pruned 1', 'with logs']);
    expect(stage.ids('a.md')).toEqual([old.id]);
  });

  it('does not wait for quiet for ever', async () => {
    const check = duty({});
    await stage.write('a.md', 'one\n');
    await stage.write('a.md', 'one\n\ntwo\n', 100 * day);
    noteRun(stage.setup, await stage.store.room());
    stage.now += 2 * day + 1;
    expect(await check(stage.now)).toEqual(['pruned 1', 'with logs']);
  });

  it('at the cap it prunes at once; what helps is enough', async () => {
    const check = duty({ cap: 10_000 });
    await growing();
    expect(await check(stage.now)).toEqual(['pruned 2', 'with logs']);
  });

  it('a cap that is reached just after a daily pruning is not waited with', async () => {
    const check = duty({ cap: 10_000 });
    await growing();
    noteRun(stage.setup, { bytes: 1, trash: 0, free: 1, total: 1 });
    expect(await check(stage.now)).toEqual(['pruned 2', 'with logs']);
  });

  it('what does not help is warned of every day, and logs are left out until there is room', async () => {
    const check = duty({ cap: 1_000 });
    await stage.write('a.md', 'a'.repeat(2_000), 0);
    const later = async (pause: number) => {
      stage.now += pause;
      return await check(stage.now);
    };
    expect(await later(0)).toEqual(['without logs', 'warning cap']);
    expect(await later(60_000)).toEqual(['without logs']);
    expect(await later(day)).toEqual(['without logs', 'warning cap']);
    await stage.store.drop(new Set(stage.ids('a.md')));
    await stage.store.emptyTrash(stage.now + 1);
    expect(await later(60_000)).toEqual(['with logs']);
  });
});
