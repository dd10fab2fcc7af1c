import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Act } from '../../../src/sessions/act.ts';
import type { EvidenceFile } from '../../../src/sessions/evidence/evidence-file.ts';
import { openEvidence } from '../../../src/sessions/evidence/evidence-file.ts';
import type { Known } from '../../../src/sessions/evidence/evidence-lines.ts';
import { memoryStore } from '../../../src/store/memory-store.ts';
import { content, facts, kept, noon } from './kept-acts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undertext-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = { root: 'claude', path: 'notes.md' };
const act = (given: Partial<Act> = {}): Known => ({ kind: 'act', data: kept(given) });
const session = (name: string, first = noon): Known => ({
  kind: 'session',
  data: { root: 'claude', facts: facts(name, { first }) },
});
const mark = (transcript: string, size: number): Known => ({
  kind: 'mark',
  data: { root: 'claude', transcript, mark: { size } },
});
const file = () => join(folder, 'store', 'evidence', 'known');

function open(options: Partial<Parameters<typeof openEvidence>[0]> = {}): EvidenceFile {
  const roots = [{ name: 'claude', path: join(folder, 'home'), beside: [] }];
  return openEvidence({ store: join(folder, 'store'), roots, ...options });
}

describe('the evidence file', () => {
  it('is empty before anything is known', () => {
    const evidence = open();
    expect([evidence.acts(place), [...evidence.paths()], evidence.sessions()]).toEqual([[], [], []]);
  });

  it('gives back what was added, also to the next process, in the order in which it happened', () => {
    open().add([act({ id: '2', at: noon + 5 }), act({ id: '1', at: noon }), session('A'), mark('t', 7)]);
    const evidence = open();
    expect(evidence.acts(place).map(({ id }) => id)).toEqual(['1', '2']);
    expect([...evidence.paths()]).toEqual([place]);
    expect(evidence.session({ session: 'A', agent: null })?.label).toBe('what A was asked');
    expect(evidence.session({ session: 'A', agent: 'x' })).toBeUndefined();
    expect([...evidence.marks('claude')]).toEqual([['t', { size: 7 }]]);
  });

  it('is for nobody else to read, whatever the umask is', () => {
    open().add([act()]);
    expect(statSync(dirname(file())).mode & 0o777).toBe(0o700);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('takes what two processes add at once, and knows a record that both found once', () => {
    const [one, other] = [open(), open()];
    one.add([act({ id: '1' }), mark('t', 7)]);
    other.add([act({ id: '1' }), act({ id: '2' }), mark('u', 8)]);
    one.add([act({ id: '3' })]);
    expect(one.acts(place).length).toBe(3);
    other.refresh();
    expect(other.acts(place).length).toBe(3);
    expect([...other.marks('claude').keys()]).toEqual(['t', 'u']);
  });

  it('a line that was torn by a kill costs itself, and its transcript is read again', () => {
    open().add([act({ id: '1' }), mark('t', 7)]);
    const whole = readFileSync(file());
    writeFileSync(file(), whole.subarray(0, whole.length - 5));
    const evidence = open();
    expect(evidence.acts(place).map(({ id }) => id)).toEqual(['1']);
    expect(evidence.marks('claude').size).toBe(0);
    evidence.add([act({ id: '2' }), mark('t', 9)]);
    const later = open();
    expect(later.acts(place).map(({ id }) => id)).toEqual(['1', '2']);
    // Something is gone in the middle: what it was is found by reading everything again, once.
    expect([later.damaged, later.marks('claude').size]).toEqual([1, 0]);
    later.add([mark('t', 9)]);
    later.compact();
    expect([open().damaged, open().marks('claude').size]).toEqual([0, 1]);
  });

  it.each([
    ['a changed byte', (text: string) => text.replace('toolu_1', 'toolu_7')],
    ['zeros', (text: string) => `${'\0'.repeat(50)}\n${text.slice(60)}`],
    ['something else', () => '{"a":1}\n[]\n\n["00000000","act",{}]\nnull\n'],
  ])('damage is counted, and never shown: %s', (_, harm) => {
    open().add([act()]);
    writeFileSync(file(), harm(readFileSync(file(), 'utf8')));
    const evidence = open();
    expect(evidence.acts(place)).toEqual([]);
    expect(evidence.damaged).toBeGreaterThan(0);
  });

  it.each([
    ['no act', { kind: 'act', data: { id: 1 } }],
    ['an act of nothing', { kind: 'act', data: null }],
    ['an act with a content that is none', { kind: 'act', data: { ...kept(), after: 7 } }],
    ['an act out of a file elsewhere', { kind: 'act', data: { ...kept(), transcript: 'projects/../../elsewhere' } }],
    ['a session without a time', { kind: 'session', data: { root: 'claude', facts: { session: 'x' } } }],
    ['a mark of nothing', { kind: 'mark', data: { root: 'claude', transcript: 't', mark: null } }],
  ])('what only somebody else can have written is left out: %s', (_, line) => {
    open().add([act({ id: '0' }), line as unknown as Known, mark('u', 1)]);
    const evidence = open();
    expect(evidence.acts(place).map(({ id }) => id)).toEqual(['0']);
    expect([evidence.sessions(), [...evidence.marks('claude').keys()], evidence.damaged]).toEqual([[], ['u'], 0]);
  });

  it('is written anew when most of it is out of date, and says the same', () => {
    const evidence = open();
    for (let i = 0; i < 400; i++)
      evidence.add([act({ id: '1', offset: i, after: content('b', { size: i }) }), mark('t', i)]);
    const size = statSync(file()).size;
    evidence.compact();
    expect(statSync(file()).size).toBeLessThan(size / 10);
    expect(readdirSync(dirname(file()))).toEqual(['known']);
    for (const each of [evidence, open()]) {
      expect(each.acts(place).map(({ after }) => after?.size)).toEqual([399]);
      expect(each.marks('claude').get('t')).toEqual({ size: 399 });
    }
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('another process that had it open goes on with the new file', () => {
    const other = open();
    other.add([act({ id: '0' })]);
    const evidence = open();
    for (let i = 0; i < 400; i++) evidence.add([act({ id: '1', offset: i })]);
    evidence.compact();
    other.add([act({ id: '2' })]);
    expect(other.acts(place).length).toBe(3);
    expect(open().acts(place).length).toBe(3);
  });

  it('is never compacted over what another process added meanwhile', () => {
    const evidence = open();
    for (let i = 0; i < 400; i++) evidence.add([act({ id: '1', offset: i })]);
    appendFileSync(file(), readFileSync(file(), 'utf8').split('\n').slice(1, 2).join('').concat('\n'));
    const size = statSync(file()).size;
    evidence.compact();
    expect(statSync(file()).size).toBe(size);
  });

  it('holds no text', () => {
    open().add([act({ lines: ['0123456789ab'] }), session('A'), mark('t', 1)]);
    expect(readFileSync(file(), 'utf8')).not.toContain('- one');
  });

  it('a signature changes with the acts of its place alone', () => {
    const evidence = open();
    evidence.add([act()]);
    const before = evidence.signature(place);
    evidence.add([act({ id: '9', path: 'other.md' })]);
    expect(evidence.signature(place)).toBe(before);
    evidence.add([act({ after: content('a', { isValidated: true }) })]);
    expect(evidence.signature(place)).not.toBe(before);
    expect(open().signature(place)).toBe(evidence.signature(place));
  });

  it('what was forgotten keeps that it happened, and nothing of what it was', () => {
    const evidence = open();
    evidence.add([act({ id: '1', lines: ['0123456789ab'] }), act({ id: '2', at: noon + 1e6 })]);
    evidence.strip((_, at) => at < noon + 1e5);
    for (const each of [evidence, open()]) {
      expect(each.acts(place).map(({ after, lines }) => [after?.blob ?? null, lines])).toEqual([
        [null, undefined],
        ['a'.repeat(40), undefined],
      ]);
    }
  });
});

describe('copies of a record', () => {
  it.each<[string, readonly Known[], string, readonly string[]]>([
    ['the earliest is the owner', [act({ session: 'B', at: noon + 9_000, transcript: 'B.jsonl' }), act()], 'A', ['B']],
    [
      'at the same time, the transcript that begins first',
      [session('B', noon - 5), session('A', noon), act({ session: 'A' }), act({ session: 'B', transcript: 'B.jsonl' })],
      'B',
      ['A'],
    ],
    [
      'the first session’s name is left in the copy: it is the same one',
      [act({ session: 'A', transcript: 'projects/p/B.jsonl' }), act({ session: 'A' })],
      'A',
      [],
    ],
  ])('%s', (_, news, owner, others) => {
    const evidence = open();
    evidence.add(news);
    const [one, ...rest] = evidence.acts(place);
    expect(rest).toEqual([]);
    expect(one!.session).toBe(owner);
    expect((one!.knownTo ?? []).map(each => each.session)).toEqual(others);
    if (others.length === 0) expect(one!.transcript).toBe('projects/p/A.jsonl');
  });

  it('what only the later copy tells is taken over', () => {
    const evidence = open();
    evidence.add([
      act({ after: null }),
      act({ session: 'B', transcript: 'B.jsonl', at: noon + 9e6, after: content('c') }),
    ]);
    const [one] = evidence.acts(place);
    expect([one!.session, one!.after?.blob]).toEqual(['A', 'c'.repeat(40)]);
  });

  it('a poorer look at the same record later takes nothing away', () => {
    const evidence = open();
    evidence.add([act({ after: content('a', { isValidated: true }) })]);
    evidence.add([act({ after: null })]);
    expect(evidence.acts(place)[0]!.after?.isValidated).toBe(true);
  });

  it('a record that its transcript tells again later keeps its first time', () => {
    const evidence = open();
    evidence.add([act({ after: content('a') })]);
    evidence.add([act({ at: noon + 9e6, asked: noon + 9e6, offset: 9_000, after: content('a') })]);
    expect(evidence.acts(place).map(({ at, offset }) => [at, offset])).toEqual([[kept({}).at, kept({}).offset]]);
  });

  it('one command that touches two files is an act of each', () => {
    const evidence = open();
    evidence.add([act({ kind: 'shell', path: 'a.md' }), act({ kind: 'shell', path: 'b.md' })]);
    expect([...evidence.paths()].map(({ path }) => [path, evidence.acts({ root: 'claude', path }).length])).toEqual([
      ['a.md', 1],
      ['b.md', 1],
    ]);
  });
});

describe('hadText', () => {
  const said = JSON.stringify({
    tool: 'Read',
    text: '# Notes\n\n- say "hello" to the neighbours\n- größer als zuvor\n',
  });
  const doubly = JSON.stringify({ wrapped: said });
  const transcript = 'projects/p/A.jsonl';
  const put = (text: string) => {
    mkdirSync(join(folder, 'home/projects/p'), { recursive: true });
    writeFileSync(join(folder, 'home', transcript), text);
  };

  it.each([
    ['a line with quotes, by its longest piece', '- say "hello" to the neighbours', true],
    ['letters beyond ASCII', '- größer als zuvor', true],
    ['both lines', '- say "hello" to the neighbours\n- größer als zuvor', true],
    ['one of two lines', '- größer als zuvor\n- and something else entirely', false],
    ['in another list, or in prose', '3. größer als zuvor.', true],
    ['as a heading there, and quoted here', '> ## größer als zuvor', true],
    ['too little to be told apart', '- say', false],
    ['nothing', '', false],
    ['what comes behind the act', 'what came afterwards', false],
  ])('%s', async (_, text, expected) => {
    for (const before of [said, doubly]) {
      put(`${before}\n{"id":"toolu_1","later":"what came afterwards"}\n`);
      const offset = Buffer.byteLength(before) + 1;
      expect(await open().hadText(kept({ offset }), [text, text])).toEqual([expected, expected]);
    }
  });

  it('a text that lies across two chunks is found', async () => {
    const edge = 1024 * 1024;
    put(`${' '.repeat(edge - 10)}a needle across the edge\n"toolu_1"\n`);
    expect(await open().hadText(kept({ offset: edge + 15 }), ['a needle across the edge'])).toEqual([true]);
  });

  it('what others were told in the same transcript is not what it had', async () => {
    const line = (fields: object, text: string) => `${JSON.stringify({ ...fields, message: { content: text } })}\n`;
    const told = [
      line({ isSidechain: false, uuid: 'p1' }, 'what the session was told'),
      line({ isSidechain: true, uuid: 's1', parentUuid: null }, 'the task of the first one'),
      line({ isSidechain: true, uuid: 'z1', parentUuid: null }, 'the task of the other one'),
      line({ isSidechain: true, uuid: 'z2', parentUuid: 'z1' }, 'the other one read this'),
      line({ isSidechain: true, uuid: 's2', parentUuid: 's1' }, 'the first one read that'),
      line({ type: 'progress', data: { type: 'agent_progress', agentId: 'w1' } }, 'a wrapped one read it too'),
    ].join('');
    put(`${told}"toolu_1"\n`);
    const texts = [
      'what the session was told',
      'the first one read that',
      'the other one read this',
      'a wrapped one read it',
    ];
    const had = (agent: string | null) => open().hadText(kept({ offset: told.length, agent }), texts);
    expect(await had(null)).toEqual([true, false, false, false]);
    expect(await had('s1')).toEqual([false, true, false, false]);
    expect(await had('z1')).toEqual([false, false, true, false]);
    expect(await had('w1')).toEqual([false, false, false, true]);
  });

  it('what a result keeps for the client alone was not shown', async () => {
    const message = { content: [{ type: 'tool_result', content: 'The file has been updated' }] };
    const patch = [{ oldStart: 1, lines: ['-a line [that went "away"', '+a line that it wrote'] }];
    const edit = { oldString: 'a piece that it named', originalFile: 'what stood \\ "there" before' };
    const results = [
      { ...edit, structuredPatch: patch, userModified: false, newString: 'the piece it put there' },
      { originalFile: null, structuredPatch: [], content: 'all that it wrote' },
      { type: 'text', file: { content: 'all that it read, with "originalFile":"in quotes" in it' } },
    ];
    const told = results.map(toolUseResult => `${JSON.stringify({ message, toolUseResult })}\n`).join('');
    put(`${told}"toolu_1"\n`);
    const shown = [
      'a piece that it named',
      'the piece it put there',
      'all that it wrote',
      'all that it read',
      'in quotes',
    ];
    const unshown = ['there before', 'away it went', 'a line [that went', 'what stood'];
    const about = kept({ offset: Buffer.byteLength(told) });
    expect(await open().hadText(about, shown)).toEqual(shown.map(() => true));
    expect(await open().hadText(about, unshown)).toEqual(unshown.map(() => false));
  });

  it('tells what was asked for from what the client put there unasked, and from requests that repeat it', async () => {
    const line = (record: object) => `${JSON.stringify(record)}\n`;
    const attached = (type: string, fields: object) =>
      line({ parentUuid: null, attachment: { type, ...fields }, type: 'attachment' });
    const told = [
      attached('instructions', { files: [{ path: 'MEMORY.md', content: 'a memory of the start' }] }),
      attached('edited_text_file', { filename: 'a.md', snippet: 'a note on what changed' }),
      attached('file', { filename: 'b.md', content: 'a file that the person mentioned' }),
      line({ type: 'api-request-blob', content: 'a memory of the start, sent to the model' }),
      line({ type: 'user', message: { content: [{ type: 'tool_result', content: 'what a command printed' }] } }),
    ].join('');
    put(`${told}"toolu_1"\n`);
    const about = kept({ offset: Buffer.byteLength(told) });
    const texts = [
      'a memory of the start',
      'a note on what changed',
      'a file that the person',
      'what a command printed',
    ];
    expect(await open().hadText(about, texts)).toEqual([true, true, true, true]);
    expect(await open().hadText(about, texts, 'asked')).toEqual([false, false, true, true]);
  });

  it('whether it was prompted since: not by results of tools, nor behind the act', async () => {
    const at = (seconds: number) => new Date(noon + seconds * 1_000).toISOString();
    const line = (type: string, seconds: number, content: unknown) =>
      `${JSON.stringify({ type, timestamp: at(seconds), message: { content } })}\n`;
    const told =
      line('user', 0, 'Do it') +
      line('assistant', 10, 'Done') +
      line('user', 20, [{ type: 'text', text: 'And that' }]) +
      line('user', 30, [{ type: 'tool_result', content: 'well' }]);
    put(`${told}"toolu_1"\n${line('user', 50, 'More')}`);
    const about = kept({ offset: Buffer.byteLength(told) });
    const since = (seconds: number) => open().wasPrompted(about, noon + seconds * 1_000);
    expect(await Promise.all([since(-1), since(10), since(20), since(40)])).toEqual([true, true, false, false]);
    rmSync(join(folder, 'home', transcript));
    expect(await since(10)).toBeNull();
  });

  it('what was looked for once is known: a watcher asks again and again', async () => {
    put(`${said}\n"toolu_1"\n`);
    const about = kept({ offset: Buffer.byteLength(said) + 1 });
    const evidence = open();
    const texts = ['größer als zuvor', 'never said before'];
    expect(await evidence.hadText(about, texts)).toEqual([true, false]);
    rmSync(join(folder, 'home', transcript));
    expect(await evidence.hadText(about, texts)).toEqual([true, false]);
    expect(await evidence.hadText(about, ['größer als zuvor'])).toBeNull();
  });

  it('looks into the kept copy when the transcript is gone, and says when that is gone, too', async () => {
    const store = memoryStore();
    expect(await open({ kept: store }).hadText(kept({ offset: 5 }), ['x'])).toBeNull();
    const bytes = Buffer.from(`${said}\n"toolu_1"\n`);
    const base = {
      root: 'claude',
      path: transcript,
      kind: 'file',
      mode: 0o600,
      mtime: null,
      how: 'scan',
      settled: true,
    } as const;
    await store.record([{ ...base, at: noon, seenAt: noon, content: bytes, size: bytes.length }]);
    const about = kept({ offset: Buffer.byteLength(said) + 1 });
    expect(await open({ kept: store }).hadText(about, ['größer als zuvor', 'never said before'])).toEqual([
      true,
      false,
    ]);
    put(`${JSON.stringify({ written: 'anew' })}\n`.repeat(50));
    expect(await open({ kept: store }).hadText(about, ['größer als zuvor'])).toEqual([true]);
    expect(await open().hadText(about, ['größer als zuvor'])).toBeNull();
    put('cut short');
    expect(await open({ kept: store }).hadText(about, ['größer als zuvor'])).toEqual([true]);
    expect(await open().hadText(about, ['größer als zuvor'])).toBeNull();
  });
});
