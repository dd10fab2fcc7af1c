/** Homes that several sessions left, looked at once at the end or again and again: no proof is wrong, no loss untold. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import lostSection from '../../rules/lost-section.ts';
import lostUpdate from '../../rules/lost-update.ts';
import { runAudit } from '../../src/audit/run-audit.ts';
import { historyOf } from '../../src/history/history.ts';
import { classifier } from '../../src/home/classes.ts';
import { defaultConfig } from '../../src/home/config.ts';
import type { Incident, Root } from '../../src/model.ts';
import { clock } from '../../src/rule.ts';
import { collect } from '../../src/sessions/collect.ts';
import { openEvidence } from '../../src/sessions/evidence/evidence-file.ts';
import { testify } from '../../src/sessions/testify.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { observe } from '../../src/watch/read.ts';
import { scan } from '../../src/watch/scan.ts';
import { buildHome, dialects, type Move, project, sessionId } from './home-builder.ts';

const path = 'skills/_index.md';
const began = Date.UTC(2026, 10, 20, 12);
const settings = {
  numRuns: Number(process.env.RUNS ?? 40),
  // One seed here, so that a change is what makes a difference; others are for looking around.
  seed: Number(process.env.SEED ?? 22),
};

const plays = fc.record({
  dialect: fc.constantFrom(...dialects),
  deeds: fc.array(
    fc.record({
      by: fc.constantFrom('A', 'B', 'C'),
      does: fc.constantFrom(
        'read',
        'read',
        'part',
        'cat',
        'edit',
        'edit',
        'save',
        'save',
        'heredoc',
        'tidy',
        'type',
        'strike',
      ),
      pick: fc.nat(100),
    }),
    { minLength: 4, maxLength: 14 },
  ),
  /** After how many moves somebody looks; always at the end. */
  looks: fc.array(fc.nat(16), { maxLength: 3 }),
  /** Whose transcript another session takes over at the end, and does nothing more. */
  forked: fc.constantFrom(null, null, 'A', 'B', 'C'),
});

interface Write {
  readonly by: string | null;
  readonly content: string;
  readonly removed: readonly string[];
  readonly unmet: readonly string[];
}

type Play = typeof plays extends fc.Arbitrary<infer T> ? T : never;

function movesOf({ deeds, dialect }: Play) {
  const moves: Move[] = ['A', 'B', 'C'].map(by => ({ by, asks: `what ${by} is to do` }));
  const writes: Write[] = [];
  const met = new Map<string, Set<string>>(['A', 'B', 'C'].map(by => [by, new Set()]));
  const known = new Map<string, readonly string[]>();
  let disk = ['start of it all', 'second of these'].map(lineOf);
  const first = disk.join('');
  const put = (by: string | null, next: string[]) => {
    const removed = disk.filter(line => !next.includes(line));
    const unmet = by === null ? [] : removed.filter(line => !met.get(by)!.has(line));
    writes.push({ by, content: next.join(''), removed, unmet });
    disk = next;
  };
  let byPerson = false;
  for (const [i, { by, does, pick }] of deeds.entries()) {
    const fresh = lineOf(`${word(i)} ${word(i + 0.2)} ${word(i + 0.4)}`);
    const has = met.get(by)!;
    const meet = (lines: readonly string[]) => lines.forEach(line => void has.add(line));
    if (does === 'read' || does === 'cat') {
      moves.push(does === 'read' ? { by, reads: path } : { by, cats: path });
      meet(disk);
      if (does === 'read') known.set(by, disk);
    } else if (does === 'part') {
      const lines = pick % disk.length;
      moves.push({ by, reads: path, lines });
      meet(disk.slice(0, lines));
    } else if (does === 'edit') {
      const old = disk.at(-1)!;
      moves.push({ by, edits: path, old, new: old + fresh });
      const isNewest = known.get(by) === disk;
      put(by, [...disk, fresh]);
      meet([old, fresh]);
      if (isNewest) known.set(by, disk);
    } else if (does === 'type' || does === 'strike') {
      const next = does === 'type' ? [...disk, fresh] : disk.filter((_, n) => n !== pick % disk.length);
      if (next.length === 0) continue;
      put(null, next);
      moves.push({ by: null, types: path, text: disk.join('') });
    } else {
      const copy = known.get(by) ?? [];
      const next = [...(does === 'tidy' ? copy.filter((_, n) => (n + pick) % 3 !== 0) : copy), fresh];
      // What stood there before, no record of a shell says; and 1.0.51 puts a line of its own behind such a text.
      const isShell = does === 'heredoc' && dialect !== '1.0.51' && !byPerson;
      moves.push(isShell ? { by, heredoc: path, text: next.join('') } : { by, writes: path, text: next.join('') });
      put(by, next);
      meet(next);
      known.set(by, disk);
    }
    if (does === 'type' || does === 'strike') byPerson = true;
    else if (does !== 'part' && does !== 'cat') byPerson = false;
  }
  return { moves, writes, first };
}

/** A person takes out what B wrote, and is looked at a second before A adds to the file. */
const justBefore: Play = {
  dialect: '1.0.51',
  deeds: (
    ['A read', 'A read', 'A read', 'A read', 'A read', 'B read', 'B save', 'A strike', 'A save', 'A read'] as const
  ).map(move => ({ by: move[0] as 'A', does: move.slice(2) as 'read', pick: 71 })),
  looks: [8],
  forked: null,
};

it('what is told of them is true, and all of it', async () => {
  let proven = 0;
  await fc.assert(
    fc.asyncProperty(plays, async play => {
      const { moves, writes, first } = movesOf(play);
      const { incidents, stood } = await looked(play, first, moves);
      const end = writes.at(-1)?.content ?? first;
      for (const incident of incidents) {
        if (incident.certainty !== 'proven') continue;
        proven++;
        const writer = incident.cause!.writer!;
        const write = writes.find(
          ({ by, content }) => by && sessionId(by) === writer.id && nameOf(content) === incident.cause!.blob,
        );
        expect(write, `${incident.id} ${writer.id}`).toBeDefined();
        for (const { text } of incident.units)
          expect(
            write!.unmet.map(line => line.trim()),
            text,
          ).toContain(text.trim());
        expect(incident.lost?.writer?.id).not.toBe(writer.id);
      }
      for (const { by, content, unmet } of writes) {
        if (by === null) continue;
        const at = writes.findIndex(write => write.content === content);
        const later =
          writes
            .slice(at)
            .map(write => write.content)
            .join('') + end;
        const told = incidents
          .filter(({ cause }) => cause?.blob === nameOf(content))
          .flatMap(({ units }) => units.map(({ text }) => text.trim()));
        for (const line of unmet) {
          if (!later.includes(line) && stood.some(text => text.includes(line)))
            expect(told, `${by} ${line}`).toContain(line.trim());
        }
      }
    }),
    { ...settings, examples: [[justBefore]] },
  );
  if (!process.env.SEED) expect(proven).toBeGreaterThan(0);
}, 600_000);

async function looked(play: Play, first: string, moves: readonly Move[]) {
  const folder = mkdtempSync(join(tmpdir(), 'undertext-test-'));
  try {
    const root: Root = { name: 'claude', path: join(folder, '.claude'), beside: [] };
    const store = memoryStore();
    const classify = classifier(defaultConfig);
    const evidence = openEvidence({ store: folder, roots: [root], kept: store });
    let incidents: readonly Incident[] = [];
    const steps = [...new Set([...play.looks.map(n => n + 3).filter(n => n < moves.length), moves.length])].sort(
      (a, b) => a - b,
    );
    for (const step of steps) {
      mkdirSync(root.path, { recursive: true });
      buildHome(root.path, { dialect: play.dialect, files: { [path]: first }, moves: moves.slice(0, step), at: began });
      const { forked } = play;
      if (forked !== null && step === moves.length)
        fork(root.path, forked, play.dialect, began + step * 10_000 - 5_000);
      const now = () => began + step * 10_000 - 1_000;
      await scan({ roots: [root], classify, store, now });
      await collect({
        roots: [root],
        store,
        evidence,
        now,
        classify,
        isForgotten: () => false,
        look: (of, at) => observe(of, at, 'scan', { class: classify(of, at), now }),
        read: (of, at) => readFileSync(join(of.path, at)),
      });
      const place = { root: 'claude', path };
      const result = await runAudit({
        histories: [historyOf(store.versions(place), 'authored')],
        read: blob => store.read(blob),
        rules: [lostUpdate, lostSection],
        options: {},
        isNoise: () => false,
        notes: store.notes('incident'),
        now: now(),
        testimony: testify({ evidence, versions: at => store.versions(at), read: blob => store.read(blob), clock }),
      });
      expect(result.failedRules).toEqual([]);
      await store.note(result.notes);
      incidents = result.incidents;
    }
    const blobs = store.versions({ root: 'claude', path }).flatMap(({ blob }) => (blob === null ? [] : [blob]));
    const stood = await Promise.all(blobs.map(async blob => Buffer.from(await store.read(blob)).toString()));
    return { incidents, stood };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As each version of the client leaves a fork: with its own time and without results, with the first session's id, or with its own. */
function fork(home: string, by: string, dialect: Play['dialect'], at: number): void {
  const [from, to] = [sessionId(by), sessionId(`fork of ${by}`)];
  const timestamp = new Date(at).toISOString();
  const lines = readFileSync(join(home, project, `${from}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n');
  const copied = lines.map(line => {
    const { toolUseResult, ...record } = JSON.parse(line);
    if (dialect === '1.0.51') return { ...record, sessionId: to, timestamp };
    return {
      ...record,
      ...(toolUseResult ? { toolUseResult } : {}),
      ...(dialect === '2.1.72' ? {} : { sessionId: to }),
    };
  });
  const first = { type: 'queue-operation', operation: 'enqueue', timestamp, sessionId: to };
  const text = [...(dialect === '1.0.51' ? [] : [first]), ...copied]
    .map(record => `${JSON.stringify(record)}\n`)
    .join('');
  writeFileSync(join(home, project, `${to}.jsonl`), text);
}

function lineOf(text: string): string {
  return `- ${text}\n`;
}

function nameOf(text: string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
}

function word(n: number): string {
  const bytes = createHash('sha1').update(`word ${n}`).digest();
  return [...bytes.subarray(0, 6)].map(byte => 'abcdefghijklmnopqrstuvwxyz'[byte % 26]).join('');
}
