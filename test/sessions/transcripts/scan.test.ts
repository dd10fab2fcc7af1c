/** A transcript that grows, shrinks, is written anew or damaged: nothing twice for nothing, nothing lost, nothing thrown. */
import { appendFileSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawAct } from '../../../src/sessions/act.ts';
import { findTranscripts } from '../../../src/sessions/transcripts/find.ts';
import { type Mark, readMark } from '../../../src/sessions/transcripts/mark.ts';
import { ownerOf, wholeAct } from '../../../src/sessions/transcripts/owner.ts';
import { parseLine } from '../../../src/sessions/transcripts/parse.ts';
import { scanTranscript } from '../../../src/sessions/transcripts/scan.ts';
import { scanHome } from '../../../src/sessions/transcripts/scan-home.ts';
import { compareVersions, isNewerThanTested, testedUpTo } from '../../../src/sessions/transcripts/versions.ts';
import { answerLine, callLine, jsonl, makeHome, promptLine, readResult } from './lines.ts';

const name = 'projects/-home-me-app/s1.jsonl';
const home = makeHome({ [name]: '', 'projects/-home-me-app/memory/MEMORY.md': 'x' });
const memory = `${home.path}/projects/-home-me-app/memory/MEMORY.md`;

/** A call of Bash and its result, which names no path: it is found by the id alone. */
const call = (id: string, at: number) => callLine(id, 'Bash', { command: `echo ${id} > ${memory}` }, { at });
const answer = (id: string, at: number) => answerLine(id, '', { stdout: '', stderr: '', interrupted: false }, { at });
const pair = (id: string, at: number) => [call(id, at), answer(id, at + 1)];
const ids = (acts: readonly RawAct[]) => acts.map(({ id }) => id);
/** So that two writes in one moment have two times. */
let tick = 0;
function touch(): void {
  utimesSync(join(home.path, name), 1000 + ++tick, 1000 + tick);
}
function write(text: string | Uint8Array): void {
  home.write(name, text);
  touch();
}
function append(text: string): void {
  appendFileSync(join(home.path, name), text);
  touch();
}

describe('a transcript that', () => {
  it('did not change: nothing is read', async () => {
    write(jsonl(...pair('t1', 1)));
    const first = await home.scan(name);
    const again = await home.scan(name, first.mark);
    expect([first.what, again.what, ids(first.acts), ids(again.acts)]).toEqual(['new', 'unchanged', ['t1'], []]);
    expect(again.session).toEqual(first.session);
  });

  it('grew: only what is new', async () => {
    write(jsonl(promptLine('Do it'), ...pair('t1', 1)));
    const first = await home.scan(name);
    append(jsonl(...pair('t2', 3)));
    const then = await home.scan(name, first.mark);
    expect([then.what, ids(then.acts)]).toEqual(['continued', ['t2']]);
    expect(then.session).toMatchObject({
      label: 'Do it',
      first: first.session!.first,
      last: first.session!.last + 2000,
    });
    expect(then.acts[0]!.offset).toBe(jsonl(promptLine('Do it'), ...pair('t1', 1)).length);
  });

  it('grew from half a line', async () => {
    const whole = jsonl(...pair('t1', 1), ...pair('t2', 3));
    for (const cut of [10, 400, 700, 900, whole.length - 1]) {
      write(whole.slice(0, cut));
      const first = await home.scan(name);
      append(whole.slice(cut));
      const then = await home.scan(name, first.mark);
      expect(new Set([...ids(first.acts), ...ids(then.acts)])).toEqual(new Set(['t1', 't2']));
      expect(then.damaged).toBe(0);
    }
  });

  it('waits for a result: the call is found again', async () => {
    write(jsonl(...pair('t1', 1), call('t2', 3)));
    const first = await home.scan(name);
    append(jsonl(promptLine('meanwhile', { at: 4 }), answer('t2', 5)));
    const then = await home.scan(name, first.mark);
    expect([ids(first.acts), ids(then.acts)]).toEqual([['t1'], ['t2']]);
    expect(then.acts[0]).toMatchObject({ asked: Date.UTC(2026, 0, 5, 12, 0, 3), at: Date.UTC(2026, 0, 5, 12, 0, 5) });
  });

  it('waits too long: the scan goes on without it', async () => {
    const noise = jsonl(promptLine('x'.repeat(1 << 20)));
    write(jsonl(call('t1', 1)) + noise.repeat(9) + jsonl(...pair('t2', 3)));
    const { acts, mark } = await home.scan(name);
    expect(ids(acts)).toEqual(['t2']);
    expect(mark.offset).toBe(mark.size);
  });

  it.each([
    ['was cut', (whole: string) => truncateSync(join(home.path, name), whole.length >> 1)],
    [
      'begins anew',
      () => home.write(name, jsonl(promptLine('Another'), ...pair('t3', 1), ...pair('t4', 1), ...pair('t5', 1))),
    ],
    [
      'has another middle',
      (whole: string) =>
        home.write(name, `${whole.replace('"t2"', '"tX"').replace('"t2"', '"tX"')}${jsonl(...pair('t6', 9))}`),
    ],
    ['has as many bytes', (whole: string) => home.write(name, whole.replaceAll('t2', 't9'))],
  ])('%s: from the start', async (_, change) => {
    const whole = jsonl(
      promptLine('Long enough to fill the first bytes '.repeat(40)),
      ...pair('t1', 1),
      ...pair('t2', 3),
    );
    write(whole);
    const first = await home.scan(name);
    change(whole);
    touch();
    const then = await home.scan(name, first.mark);
    const fresh = await home.scan(name);
    expect(then.what).toBe('rewritten');
    expect(ids(then.acts)).toEqual(ids(fresh.acts));
  });

  it('is gone, or shorter than its stat says', async () => {
    write(jsonl(...pair('t1', 1), ...pair('t2', 3)));
    const file = home.file(name);
    const deps = { places: home.places, home: 'claude' };
    truncateSync(join(home.path, name), jsonl(...pair('t1', 1)).length + 5);
    expect(ids((await scanTranscript(file, null, deps)).acts)).toEqual(['t1']);
    rmSync(join(home.path, name));
    const { what, acts, mark } = await scanTranscript(file, null, deps);
    expect([what, acts]).toEqual(['gone', []]);
    write(jsonl(...pair('t1', 1)));
    expect(ids((await home.scan(name, mark)).acts)).toEqual(['t1']);
  });

  it('has lines longer than a piece', async () => {
    const big = callLine('t1', 'Write', { file_path: memory, content: 'y'.repeat(3_000_000) }, { at: 1 });
    write(
      jsonl(promptLine('z'.repeat(400_000)), big, promptLine('z'.repeat(7_000_000)), answer('t1', 2), ...pair('t2', 3)),
    );
    const { acts, damaged } = await home.scan(name);
    expect([ids(acts), acts[0]!.after?.length, damaged]).toEqual([['t1', 't2'], 3_000_000, 0]);
  });

  it('has a line that is no line', async () => {
    write(`${jsonl(...pair('t1', 1))}${'q'.repeat(26_000_000)}\n${jsonl(...pair('t2', 3))}`);
    const { acts, damaged } = await home.scan(name);
    expect([ids(acts), damaged]).toEqual([['t1', 't2'], 1]);
  });
});

it('leaves a mark that is still one when it was kept, and no other JSON is', async () => {
  write(jsonl(promptLine('Do it'), ...pair('t1', 1)));
  const { mark } = await home.scan(name);
  const kept: Record<string, unknown> = JSON.parse(JSON.stringify(mark));
  expect(readMark(kept)).toEqual(mark);
  for (const [key, wrong] of [
    ['offset', -1],
    ['offset', '7'],
    ['size', 1e300],
    ['head', 7],
    ['joint', null],
    ['unplaced', [7]],
    ['formers', undefined],
    ['session', 'S'],
  ] as const) {
    expect(readMark({ ...kept, [key]: wrong })).toBe(null);
  }
  for (const plain of [null, [], 'mark', {}, { done: [], rest: 0 }]) expect(readMark(plain)).toBe(null);
});

/** Whole lines that are no JSON. */
function brokenLines(bytes: Buffer): readonly string[] {
  const lines = bytes.toString().split('\n').slice(0, -1);
  return lines.filter(line => {
    if (line.trim() === '') return false;
    try {
      JSON.parse(line);
      return false;
    } catch {
      return true;
    }
  });
}

describe('damage', () => {
  const [one, two] = [JSON.stringify(call('t1', 1)), JSON.stringify(answer('t1', 2))];
  it.each([
    ['two records on one line', `${one}${two}\n`, ['t1'], 1],
    ['half of one before another', `${one.slice(0, 300)}${one}\n${two}\n`, ['t1'], 1],
    ['NUL in front', `\0\0\0\0${one}\n${two}\n`, ['t1'], 1],
    ['a line cut short', `${one.slice(0, -20)}\n${one}\n${two}\n`, ['t1'], 1],
    ['CRLF', `${one}\r\n${two}\r\n`, ['t1'], 0],
    ['empty lines', `\n\n${one}\n\n${two}\n`, ['t1'], 0],
    ['no line end at the end', `${one}\n${two}`, ['t1'], 0],
    ['half a line at the end', `${one}\n${two}\n${one.slice(0, 300)}`, ['t1'], 0],
    ['other types', `[1,"${memory}"]\n"${memory}"\nnull\n${one}\n${two}\n`, ['t1'], 0],
  ])('%s', async (_, text, expected, damaged) => {
    write(text);
    const scanned = await home.scan(name);
    expect([ids(scanned.acts), scanned.damaged]).toEqual([expected, damaged]);
  });

  it('is counted once, however often the file is read on', async () => {
    write(`${one.slice(0, -20)}\n${one}\n${two}\n`);
    let mark: Mark | null = null;
    for (let i = 0; i < 3; i++) {
      const scanned = await home.scan(name, mark);
      expect(scanned.damaged).toBe(1);
      mark = scanned.mark;
      append(jsonl(...pair(`t${i + 5}`, i + 5)));
    }
  });

  it('of one line harms no other: bytes put in or taken out anywhere', async () => {
    const lines = Array.from({ length: 6 }, (_, i) => pair(`toolu_${i}abcdefg`, i * 2 + 1))
      .flat()
      .map(record => `${JSON.stringify(record)}\n`);
    const bytes = Buffer.from(lines.join(''));
    const starts = lines.map((_, i) => Buffer.byteLength(lines.slice(0, i).join('')));
    const wound = fc.record({
      at: fc.nat(bytes.length - 1),
      taken: fc.nat(40),
      put: fc.uint8Array({ maxLength: 20 }).map(put => put.map(byte => (byte === 10 ? 11 : byte))),
    });
    await fc.assert(
      fc.asyncProperty(wound, async ({ at, taken, put }) => {
        write(Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + taken)]));
        const { acts, damaged } = await home.scan(name);
        const found = new Set(ids(acts));
        const broken = brokenLines(Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + taken)]));
        // Only what may name a file of ours has to be read; of that, all that is broken is counted, and nothing else.
        expect(damaged).toBeLessThanOrEqual(broken.length);
        expect(damaged).toBeGreaterThanOrEqual(
          broken.filter(line => line.includes(`"Bash"`) && line.includes(`> ${memory}`)).length,
        );
        for (let i = 0; i < 6; i++) {
          const [start, end] = [starts[i * 2]!, starts[i * 2 + 2] ?? bytes.length];
          // Both lines, with the line ends around them, are untouched.
          if (end <= at || start > at + taken) expect(found.has(`toolu_${i}abcdefg`)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never makes reading a line throw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(one, two, '{"type":"user"', '}', '\0', '"'), fc.string()), { maxLength: 8 }),
        parts => {
          const { records, isDamaged } = parseLine(parts.join(''));
          expect(isDamaged || records.length <= 1).toBe(true);
        },
      ),
    );
  });

  it('of the shape: any JSON where a field is expected', async () => {
    const fields = [
      'type',
      'message',
      'toolUseResult',
      'attachment',
      'data',
      'timestamp',
      'sessionId',
      'uuid',
      'cwd',
      'agentId',
    ];
    const odd = fc.jsonValue({ maxDepth: 3 });
    const base = fc.constantFrom<object>(call('t1', 1), answerLine('t1', '', readResult(memory, 'x'), { at: 2 }), {
      ...answer('t1', 2),
      type: 'attachment',
      attachment: { type: 'instructions', files: [{ path: memory, content: 'x' }] },
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(base, fc.constantFrom(...fields), odd), { maxLength: 6 }), async changes => {
        write(jsonl(...changes.map(([record, field, value]) => ({ ...record, [field]: value, filename: memory }))));
        expect((await home.scan(name)).damaged).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a home', () => {
  it('lists the transcripts of sessions, sub-agents, workflows and profiles', () => {
    const files = {
      'projects/p/s1.jsonl': '',
      'projects/p/agent-a1.jsonl': '',
      'projects/p/s1/subagents/agent-a2.jsonl': '',
      'projects/p/s1/subagents/agent-a2.meta.json': '',
      'projects/p/s1/subagents/workflows/w/agent-a3.jsonl': '',
      'projects/p/s1/tool-results/x.jsonl': '',
      'projects/p/memory/x.jsonl': '',
      'profiles/work/projects/q/s2.jsonl': '',
      'history.jsonl': '',
    };
    const found = findTranscripts(makeHome(files).path).map(({ path, session, agent }) => [path, session, agent]);
    expect(found).toEqual([
      ['profiles/work/projects/q/s2.jsonl', 's2', null],
      ['projects/p/agent-a1.jsonl', null, 'a1'],
      ['projects/p/s1.jsonl', 's1', null],
      ['projects/p/s1/subagents/agent-a2.jsonl', 's1', 'a2'],
      ['projects/p/s1/subagents/workflows/w/agent-a3.jsonl', 's1', 'a3'],
    ]);
    expect(findTranscripts('/nowhere')).toEqual([]);
  });

  it('that was moved: what was named before it was recognised is found, too, and by later runs', async () => {
    const old = '/mnt/backup/.claude';
    const read = (id: string, path: string, at: number) => [
      callLine(id, 'Read', { file_path: `${old}/${path}` }, { at, cwd: '/x' }),
      answerLine(id, '', readResult(`${old}/${path}`, 'x'), { at: at + 1, cwd: '/x' }),
    ];
    const moved = makeHome({
      'projects/-home-me-app/a.jsonl': jsonl(...read('t1', 'CLAUDE.md', 1)),
      'projects/-home-me-app/b.jsonl': jsonl(...read('t2', 'projects/-home-me-app/memory/MEMORY.md', 3)),
    });
    const marks = new Map<string, Mark>();
    const round = async (home: typeof moved) => {
      const told = new Set<string>();
      for await (const scanned of scanHome(moved.path, path => marks.get(path) ?? null, {
        places: home.places,
        home: 'claude',
      })) {
        marks.set(scanned.transcript, scanned.mark);
        for (const { id, path } of scanned.acts) told.add(`${id} ${path}`);
      }
      return [...told].sort();
    };
    expect(await round(moved)).toEqual(['t1 CLAUDE.md', 't2 projects/-home-me-app/memory/MEMORY.md']);
    expect(await round(moved)).toEqual([]);
    appendFileSync(join(moved.path, 'projects/-home-me-app/a.jsonl'), jsonl(...read('t3', 'skills/a.md', 5)));
    // As a later run sees it, which has learned nothing yet.
    const { placesOf } = await import('../../../src/sessions/transcripts/places.ts');
    const { lookAtRoot } = await import('../../../src/sessions/transcripts/look-at-root.ts');
    const later = { ...moved, places: placesOf([lookAtRoot({ name: 'claude', path: moved.path, beside: [] })]) };
    expect(await round(later)).toEqual(['t3 skills/a.md']);
  });
});

describe('of several copies', () => {
  const act = (transcript: string, at: number, more: Partial<RawAct> = {}): RawAct => ({
    id: 't1',
    kind: 'read',
    tool: 'Read',
    root: 'claude',
    path: 'a.md',
    session: transcript,
    agent: null,
    asked: at,
    at,
    transcript,
    offset: 0,
    ...more,
  });

  it.each([
    ['the earliest (1.0.x stamps a copy with the time of the fork)', [act('b', 9, { isCopy: true }), act('a', 1)], 'a'],
    ['the one that nothing later stands before', [act('a', 1, { isLate: true }), act('b', 1)], 'b'],
    ['the one with a result', [act('a', 1, { isCopy: true }), act('b', 1)], 'b'],
    ['else any, but always the same', [act('b', 1), act('a', 1)], 'a'],
  ])('%s is the owner', (_, copies, owner) => {
    expect(ownerOf(copies).transcript).toBe(owner);
    expect(ownerOf([...copies].reverse()).transcript).toBe(owner);
  });

  it('the owner is told with the result of another', () => {
    const whole = wholeAct([act('a', 1, { isCopy: true }), act('b', 2, { after: 'x' })]);
    expect(whole).toMatchObject({ transcript: 'a', at: 1, after: 'x' });
  });
});

it('the version of the client is told also where no act was understood', async () => {
  write(jsonl(promptLine('Do it', { version: '9.9.9' })));
  const { version, session, mark } = await home.scan(name);
  expect([version, session]).toEqual(['9.9.9', null]);
  expect((await home.scan(name, mark)).version).toBe('9.9.9');
});

it.each([
  ['2.1.333', true],
  ['2.2.0', true],
  ['10.0.0', true],
  [testedUpTo, false],
  ['2.1.99', false],
  ['1.0.128', false],
  ['unknown', false],
])('version %s is newer than what was tested: %s', (version, isNewer) => {
  expect(isNewerThanTested(version)).toBe(isNewer);
  expect(compareVersions(version, version)).toBe(0);
});
