/** Records and versions in, answers out, as an audit asks for them. */
import { describe, expect, it } from 'vitest';
import type { Edit, Version } from '../../src/model.ts';
import type { Act, SessionFacts } from '../../src/sessions/act.ts';
import type { Evidence } from '../../src/sessions/evidence.ts';
import { testify } from '../../src/sessions/testify.ts';
import { acts, nameOf, noon, versions } from './acts.ts';

/** N began with its first act, O is of an old client. */
function facts(session: string, first = session === 'N' ? noon - 1_000 : noon - 60_000): SessionFacts {
  const version = session === 'O' ? '2.1.72' : session === 'M' ? '2.1.260' : '2.1.331';
  const place = { branch: 'main', cwd: '/home/me/x', version, transcript: `${session}.jsonl` };
  return { session, agent: null, label: `work of ${session}`, first, last: noon, ...place };
}

function evidenceOf(did: readonly Act[], promptedAt = 0): Evidence {
  const place = { root: 'home', path: did[0]?.path ?? 'notes.md' };
  return {
    acts: asked => (asked.path === place.path ? did : []),
    paths: () => [place],
    session: ({ session, agent }) => (agent === null ? facts(session) : undefined),
    sessions: () => [...new Set(did.map(({ session }) => session))].map(session => facts(session)),
    signature: () => String(did.length),
    hadText: async (act, texts) => texts.map(text => act.session === 'C' && text === 'seen'),
    wasPrompted: async (_, since) => promptedAt > since,
  };
}

function ask(
  stood: readonly Version[],
  did: readonly Act[],
  contents: Readonly<Record<string, string>> = {},
  promptedAt = 0,
) {
  return testify({
    evidence: evidenceOf(did, promptedAt),
    versions: () => stood,
    read: async blob => Buffer.from(Object.values(contents).find(text => nameOf(text) === blob) ?? ''),
    clock: time => new Date(time).toISOString().slice(11, 19),
  });
}

const lastEdit = (stood: readonly Version[]): Edit => ({ before: stood.at(-2)!, after: stood.at(-1)! });

describe('an audit asks', () => {
  const stood = versions(['v0', 'v1', 'v2']);

  it('who wrote a version: the session by its label, a sub-agent with its session', async () => {
    const { writer } = ask(stood, acts(['A read v0', 'A edit v0 -> v1', 'C/x write v1 -> v2']));
    expect(await Promise.all(stood.map(writer))).toEqual([
      null,
      { kind: 'session', id: 'A', label: 'work of A', certainty: 'proven' },
      { kind: 'session', id: 'C', label: 'work of C', agent: 'x', certainty: 'proven' },
    ]);
  });

  it('what undertext wrote needs no record', async () => {
    const restored = versions(['v0', 'restore v1']);
    expect(await ask(restored, []).writer(restored[1]!)).toMatchObject({ kind: 'tool', id: 'undertext' });
  });

  it.each<[string, readonly string[], object]>([
    [
      'it had read the first version',
      ['C read v0', 'A edit v0 -> v1', 'C write v1 -> v2'],
      {
        isPiecemeal: false,
        sight: {
          version: expect.objectContaining({ blob: nameOf('v0') }),
          how: 'asked',
          evidence: 'it read the file at 12:00:00 (Read)',
        },
      },
    ],
    [
      'it was given it',
      ['C given v0', 'A edit v0 -> v1', 'C write v1 -> v2'],
      {
        sight: {
          version: expect.objectContaining({ blob: nameOf('v0') }),
          how: 'given',
          evidence: 'the client gave it the file at 12:00:00 (instructions)',
        },
      },
    ],
    ['it edited', ['C read v0', 'A edit v0 -> v1', 'C edit v1 -> v2'], { isPiecemeal: true }],
    [
      'it was given it as it began',
      ['N given v0', 'A edit v0 -> v1', 'N write v1 -> v2'],
      { sight: { version: expect.objectContaining({ blob: nameOf('v0') }), how: 'start' } },
    ],
    [
      'it had read the first version, and was given the next as it was taken up again',
      ['C read v0', 'A edit v0 -> v1', 'C given v1', '+1s C heredoc v1 -> v2'],
      { sight: { version: expect.objectContaining({ blob: nameOf('v1') }), how: 'start' } },
    ],
    ['it never read it', ['A read v0', 'A edit v0 -> v1', 'C write v1 -> v2'], { sight: null, isUnclear: false }],
    [
      'what it read is kept only of later, as it came back: not what it had',
      ['C read v2b', 'A edit v0 -> v1', 'C write v1 -> v2', '+5m A write v2 -> v2b'],
      { sight: null, isUnclear: true },
    ],
    [
      'what it read was kept nowhere',
      ['C read v9', 'A edit v0 -> v1', 'C write v1 -> v2'],
      { sight: null, isUnclear: true },
    ],
  ])('what its writer knew: %s', async (_, lines, expected) => {
    const all = versions(['v0', 'v1', 'v2', '+5m v2b']);
    expect(await ask(all, acts(lines)).knowledge({ before: all[1]!, after: all[2]! })).toMatchObject(expected);
  });

  it.each<[string, boolean, readonly string[], readonly string[]]>([
    ['no record holds it', true, ['import v0', 'import v1', 'v2'], ['A edit v0 -> v1~', 'C write ? -> v2']],
    ['it was seen', false, ['import v0', 'v1', 'v2'], ['A edit v0 -> v1~', 'C write ? -> v2']],
    ['the next record holds it', false, ['import v0', 'import v1', 'v2'], ['A edit v0 -> v1~', 'C write v1 -> v2']],
    ['its own record says otherwise', true, ['v1', 'v2'], ['A edit v0 -> v1', 'C write v0 -> v2']],
    ['a backup held it', false, ['import v0', 'import v1', 'v2'], ['A read v0', 'C write ? -> v2']],
  ])('whether what stood before is only supposed: %s', async (_, isSupposed, lines, did) => {
    const all = versions(['v0', ...lines]);
    expect(await ask(all, acts(['B read v0', ...did])).knowledge(lastEdit(all))).toMatchObject({ isSupposed });
  });

  it('what it read stood there by its time, though a scan found it later', async () => {
    const all = versions(['v0', 'v1', 'scan v0', '+6m v2']);
    const did = acts(['A read v0', 'A edit v0 -> v1', '+45s C read v0', '+345s C write ? -> v2']);
    const knowledge = await ask(all, did).knowledge(lastEdit(all));
    expect(knowledge?.sight?.version.id).toBe(all[2]!.id);
  });

  it('what a write was made of', async () => {
    const { isBase } = ask(stood, acts(['A read v0', 'A edit v0 -> v1', 'C write ? -> v2']));
    const pairs = [
      [0, 1],
      [1, 2],
      [0, 2],
    ] as const;
    expect(await Promise.all(pairs.map(([a, b]) => isBase(stood[a]!, stood[b]!)))).toEqual([true, false, false]);
  });

  it('of a write that no record tells of: nothing', async () => {
    const { writer, knowledge } = ask(stood, acts(['A read v0', 'A edit v0 -> v1']));
    expect([await writer(stood[2]!), await knowledge(lastEdit(stood))]).toEqual([null, null]);
  });

  it('whether the start of a session is on record', async () => {
    const start = async (path: string, lines: readonly string[]) =>
      (await ask(versions(['v0', 'v1', 'v2'], path), acts(lines, path)).knowledge(
        lastEdit(versions(['v0', 'v1', 'v2'], path)),
      ))!.hasStart;
    const silent = ['A read v0', 'A edit v0 -> v1', 'C write v1 -> v2'];
    expect(await start('notes.md', silent)).toBe(false);
    expect(await start('skills/_index.md', silent)).toBe(true);
    expect(await start('CLAUDE.md', ['C given v0', 'A edit v0 -> v1', 'C write v1 -> v2'])).toBe(true);
  });

  const memory = 'projects/p/memory/MEMORY.md';
  const index = 'skills/_index.md';
  const edited = '+2s A edit v0 -> v1';
  it.each<[string, string, readonly string[], number, string | null]>([
    ['a prompt after it', index, ['O read v0', edited, '+2s O write v1 -> v2'], 3_000, 'next prompt'],
    ['no prompt after it', index, ['O read v0', edited, '+2s O write v1 -> v2'], 1_000, null],
    ['a file that the writer never had', index, ['A read v0', edited, '+2s O write v1 -> v2'], 3_000, null],
    ['notes that are recorded', index, ['M read v0', edited, '+2s M write v1 -> v2'], 3_000, null],
    ['a session taken up again', memory, ['M read v0', edited, '+2s M write v1 -> v2'], 3_000, 'taken up again'],
    ['… and what it is given is recorded', memory, ['M given v0', edited, '+2s M write v1 -> v2'], 3_000, null],
    ['the start', memory, ['A read v0', edited, '+2s N write v1 -> v2'], 0, 'as it begins'],
    ['a start that was over', memory, ['N read v0', edited, '+2s N write v1 -> v2'], 0, null],
  ])('whether the text may have been shown without a record: %s', async (_, path, lines, promptedAt, why) => {
    const all = versions(['v0', '+2s v1', '+2s v2'], path);
    const knowledge = await ask(all, acts(lines, path), {}, noon + promptedAt).knowledge(lastEdit(all));
    const said = await knowledge!.unrecorded(all[1]!.at);
    expect(said).toEqual(why === null ? null : expect.stringContaining(why));
  });

  it('a file with other line ends is the same content', async () => {
    const lines = 'one\r\ntwo\r\n';
    const all = versions(['v0', 'v1']).map((version, i) => (i === 1 ? { ...version, blob: nameOf(lines) } : version));
    const did = acts(['A read v0', 'A write v0 -> v1']).map((act, i) =>
      i === 1 ? { ...act, after: { ...act.after!, blob: nameOf('one\ntwo\n') } } : act,
    );
    expect(await ask(all, did, { lines }).writer(all[1]!)).toMatchObject({ id: 'A', certainty: 'proven' });
  });

  it('a content seen twice in a row is of whoever wrote it first', async () => {
    const twice = versions(['v0', 'v1', 'scan v1']);
    expect(await ask(twice, acts(['A read v0', 'A write v0 -> v1'])).writer(twice[2]!)).toMatchObject({ id: 'A' });
  });

  it('what a writer last saw of a path', async () => {
    const { seen } = ask(stood, acts(['C read v0', 'A edit v0 -> v1', 'C read v1']));
    const writer = { kind: 'session', id: 'C', label: '', certainty: 'proven' } as const;
    expect((await seen(writer, 'notes.md', noon + 40_000))?.version).toBe(stood[0]);
    expect((await seen(writer, 'notes.md', noon + 70_000))?.version).toBe(stood[1]);
    expect(await seen(writer, 'other.md', noon + 70_000)).toBe(null);
  });
});
