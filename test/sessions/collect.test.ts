import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgottenBefore, forgottenNote } from '../../src/history/forgotten.ts';
import { classifier } from '../../src/home/classes.ts';
import { defaultConfig } from '../../src/home/config.ts';
import type { Root } from '../../src/model.ts';
import { collect } from '../../src/sessions/collect.ts';
import { openEvidence } from '../../src/sessions/evidence/evidence-file.ts';
import { nameOf } from '../../src/sessions/past/backups.ts';
import { importedOf } from '../../src/sessions/past/imported.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { observe } from '../../src/watch/read.ts';
import { scan } from '../../src/watch/scan.ts';
import { ASession, noon } from './a-session.ts';

const minute = 60_000;
let home: Home;
beforeEach(() => {
  home = new Home();
});
afterEach(() => rmSync(home.folder, { recursive: true, force: true }));

/** A home with one project, its transcripts, and a store in memory. */
class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'undertext-test-'));
  readonly root: Root = { name: 'claude', path: join(this.folder, '.claude'), beside: [] };
  readonly store = memoryStore();
  now = noon + 1e9;
  readonly project = 'projects/-home-me-proj';

  constructor() {
    mkdirSync(join(this.root.path, this.project, 'memory'), { recursive: true });
  }

  path(path: string): string {
    return join(this.root.path, path);
  }

  put(path: string, text: string | Uint8Array): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  tell(...sessions: readonly ASession[]): void {
    for (const session of sessions) this.put(`${this.project}/${session.file}`, session.text);
  }

  evidence(store = 'store') {
    return openEvidence({ store: join(this.folder, store), roots: [this.root], kept: this.store });
  }

  async look() {
    const classify = classifier(defaultConfig);
    const now = () => this.now;
    await scan({ roots: [this.root], classify, store: this.store, now });
  }

  async collect(evidence = this.evidence(), more: Partial<Parameters<typeof collect>[0]> = {}) {
    const classify = classifier(defaultConfig);
    const now = () => this.now;
    const { added, coverage } = await collect({
      roots: [this.root],
      store: this.store,
      evidence,
      now,
      classify,
      isForgotten: (place, at) => forgottenBefore(this.store.notes('forgotten'))(place, at),
      look: (root, path) => observe(root, path, 'scan', { class: classify(root, path), now }),
      read: (root, path) => readFileSync(join(root.path, path)),
      ...more,
    });
    return { added, coverage, evidence };
  }

  /** Texts of the versions of a path, with how they came. */
  async versions(path: string): Promise<readonly string[]> {
    const versions = this.store.versions({ root: 'claude', path });
    const texts = versions.map(async ({ kind, blob, how, id }) => {
      const text =
        blob === null
          ? kind
          : Buffer.from(await this.store.read(blob))
              .toString()
              .trim();
      const source = importedOf(this.store.notes('import')).get(id);
      const more = source ? ` (${source.kind}, ${source.tier}${source.validated ? '!' : ''})` : '';
      return `${text.replaceAll('\n', '/')} ${how}${more}`;
    });
    return await Promise.all(texts);
  }
}

const memory = 'projects/-home-me-proj/memory/MEMORY.md';

describe('what transcripts tell', () => {
  it('becomes versions before the one that stands there, and acts', async () => {
    const file = home.path(memory);
    home.tell(
      new ASession('A')
        .read(file, 'a\n')
        .at(noon + 10 * minute)
        .edit(file, 'a\n', 'a', 'a\nb'),
      new ASession('C')
        .read(file, 'a\n')
        .at(noon + 20 * minute)
        .write(file, 'a\nb\n', 'a\nc\n'),
    );
    home.put(memory, 'a\nc\n');
    await home.look();
    const { coverage, evidence } = await home.collect();
    expect(await home.versions(memory)).toEqual([
      'a import (transcript, own record!)',
      'a/b import (transcript, own record!)',
      'a/c import (transcript, own record!)',
      'a/c scan',
    ]);
    const acts = evidence.acts({ root: 'claude', path: memory });
    expect(acts.map(({ session, kind, after }) => [session, kind, after?.isValidated])).toEqual([
      ['A', 'read', true],
      ['C', 'read', true],
      ['A', 'edit', true],
      ['C', 'write', true],
    ]);
    expect(evidence.session({ session: 'C', agent: null })).toMatchObject({
      label: 'what C was asked',
      branch: 'main',
    });
    expect(coverage).toEqual({ transcripts: 2, read: 2, damaged: 0, newer: [], skipped: [], unreadable: [] });
  });

  it('is told once: a second look adds nothing, nor does one that knows nothing of the first', async () => {
    const file = home.path(memory);
    home.tell(new ASession('A').write(file, null, 'a\n').edit(file, 'a\n', 'a', 'b').read(file, 'b\n'));
    home.put(memory, 'b\n');
    await home.look();
    const first = await home.collect();
    const versions = await home.versions(memory);
    const { added, coverage } = await home.collect(first.evidence);
    expect([added, coverage.read, coverage.transcripts]).toEqual([[], 0, 1]);
    expect((await home.collect(home.evidence('another'))).added).toEqual([]);
    expect(await home.versions(memory)).toEqual(versions);
  });

  it('goes on where it stopped: what was only supposed is confirmed by what comes', async () => {
    const file = home.path(memory);
    const session = new ASession('A').write(file, null, 'a\n');
    home.tell(session);
    await home.collect();
    const before = session.text.length;
    session.edit(file, 'a\n', 'a', 'b', true);
    appendFileSync(home.path(`${home.project}/${session.file}`), session.text.slice(before));
    const { coverage, evidence } = await home.collect();
    expect(coverage.read).toBe(1);
    // The edit is made from what the store has by now.
    const acts = evidence.acts({ root: 'claude', path: memory });
    expect(acts.map(({ kind, before, after }) => [kind, before?.tier, after?.tier])).toEqual([
      ['write', undefined, 'own record'],
      ['edit', 'chain', 'chain'],
    ]);
    const more = session.text.length;
    session.read(file, 'b\n');
    appendFileSync(home.path(`${home.project}/${session.file}`), session.text.slice(more));
    const { evidence: last } = await home.collect();
    const edit = last.acts({ root: 'claude', path: memory })[1]!;
    expect(edit.after?.isValidated).toBe(true);
  });

  it('where it is known which transcripts grew, no others are looked at', async () => {
    const file = home.path(memory);
    const [a, b] = [new ASession('A').write(file, null, 'a\n'), new ASession('B').write(file, 'a\n', 'b\n')];
    home.tell(a);
    home.tell(b);
    const only = [{ root: 'claude', path: `${home.project}/${a.file}` }];
    const { coverage, evidence } = await home.collect(home.evidence(), { only });
    expect([coverage.transcripts, coverage.read]).toEqual([1, 1]);
    expect(evidence.acts({ root: 'claude', path: memory }).map(({ session }) => session)).toEqual([a.id]);
    expect((await home.collect(evidence)).coverage).toMatchObject({ transcripts: 2, read: 1 });
  });

  it('a file that is deleted by now can be had back', async () => {
    const file = home.path('skills/x/SKILL.md');
    home.tell(new ASession('A').write(file, null, 'a skill\n'));
    await home.look();
    await home.collect();
    expect(await home.versions('skills/x/SKILL.md')).toEqual(['a skill import (transcript, own record)', 'gone scan']);
  });

  it('acts outlive their transcript', async () => {
    const session = new ASession('A').write(home.path(memory), null, 'a\n');
    home.tell(session);
    await home.collect();
    rmSync(home.path(`${home.project}/${session.file}`));
    const { evidence, coverage } = await home.collect(home.evidence());
    expect(evidence.acts({ root: 'claude', path: memory }).length).toBe(1);
    expect(coverage.transcripts).toBe(0);
  });

  it('nothing of secrets, logs and caches, nor of files elsewhere', async () => {
    const files = ['.credentials.json', 'history.jsonl', 'debug/x.txt'].map(path => home.path(path));
    const session = new ASession('A');
    for (const file of [...files, '/home/me/proj/README.md']) session.write(file, null, 'a key\n');
    home.tell(session);
    const { added, evidence } = await home.collect();
    expect([added, [...evidence.paths()]]).toEqual([[], []]);
  });

  it('damaged lines are counted, and cost nothing else', async () => {
    const session = new ASession('A').write(home.path(memory), null, 'a\n');
    const call = `{"type":"tool_use","id":"t","name":"Write","input":{"file_path":"${home.path(memory)}","content":"cut`;
    const damaged = `{"type":"assistant","message":{"content":[${call}\n${'\0'.repeat(100)}\n`;
    home.put(`${home.project}/${session.file}`, `${damaged}${session.text}{"type":"assi`);
    const { added, coverage } = await home.collect();
    expect(added.length).toBe(1);
    expect(coverage.damaged).toBeGreaterThan(0);
    expect(coverage.unreadable).toEqual([]);
  });

  it('on a dry run it is only counted', async () => {
    home.tell(new ASession('A').write(home.path(memory), null, 'a\n'));
    const { added, evidence } = await home.collect(home.evidence(), { isDryRun: true });
    expect([added.length, [...home.store.paths()], [...evidence.paths()]]).toEqual([1, [], []]);
  });
});

describe('what was forgotten', () => {
  it('never comes back, and the evidence keeps no name of it', async () => {
    const file = home.path(memory);
    home.tell(new ASession('A').write(file, null, 'a key\n').edit(file, 'a key\n', 'a key', 'no key'));
    home.put(memory, 'no key\n');
    await home.look();
    const place = { root: 'claude', path: memory };
    await home.store.note([forgottenNote({ versions: [], paths: [place], reason: null }, noon + 30 * minute)]);
    const { added, evidence } = await home.collect();
    expect(added).toEqual([]);
    expect(await home.versions(memory)).toEqual(['no key scan']);
    const acts = evidence.acts(place);
    expect(acts.map(({ kind, before, after }) => [kind, before, after])).toEqual([
      ['write', null, null],
      ['edit', null, null],
    ]);
    expect(readFileSync(join(home.folder, 'store/evidence/known'), 'utf8')).not.toMatch(/a key|"blob"/);
  });
});

describe('what is forgotten while it is being read', () => {
  it('is not kept, nor is its name', async () => {
    const file = home.path(memory);
    home.tell(new ASession('A').write(file, null, 'a key\n'));
    const place = { root: 'claude', path: memory };
    const look = () => {
      void home.store.note([forgottenNote({ versions: [], paths: [place], reason: null }, home.now)]);
      return null;
    };
    const { added, evidence } = await home.collect(home.evidence(), { look });
    expect(added).toEqual([]);
    expect(evidence.acts(place).map(({ after }) => after)).toEqual([null]);
    expect(readFileSync(join(home.folder, 'store/evidence/known'), 'utf8')).not.toContain('"blob"');
  });
});

describe('copies that the client made', () => {
  it('become versions of their path, at the time that the transcript tells', async () => {
    const file = home.path(memory);
    const name = `${nameOf(file)}@v1`;
    home.put(`file-history/A/${name}`, 'from outside\n');
    const session = new ASession('A')
      .at(noon + 5 * minute)
      .backup(file, name)
      .edit(file, 'from outside\n', 'out', 'in', true);
    home.tell(session);
    home.put(memory, 'from inside\n');
    await home.look();
    const { coverage, evidence } = await home.collect();
    expect(await home.versions(memory)).toEqual([
      'from outside import (file-history, backup!)',
      'from inside import (transcript, chain!)',
      'from inside scan',
    ]);
    expect(coverage.skipped).toEqual([]);
    expect((await home.collect(evidence)).added).toEqual([]);
  });

  it('whose time nobody knows are left out, and it is said', async () => {
    const file = home.path(memory);
    home.tell(new ASession('A').read(file, 'a\n'));
    await home.collect();
    home.put(`file-history/A/${nameOf(file)}@v1`, 'b\n');
    const { added, coverage } = await home.collect();
    expect(added).toEqual([]);
    expect(coverage.skipped.map(({ why }) => why)).toEqual(['nothing says when it was made']);
  });

  it('of sessions whose transcripts are gone have the time of their file, and are not validated', async () => {
    const file = home.path(memory);
    home.put(memory, 'c\n');
    await home.look();
    const copy = `file-history/Z/${nameOf(file)}@v1`;
    home.put(copy, 'b\n');
    utimesSync(home.path(copy), (noon - 1e6) / 1000, (noon - 1e6) / 1000);
    const { evidence } = await home.collect();
    expect(await home.versions(memory)).toEqual(['b import (file-history, backup)', 'c scan']);
    expect((await home.collect(evidence)).added).toEqual([]);
  });

  it('of a file that is known only later are taken in then', async () => {
    const file = home.path('skills/x/SKILL.md');
    const name = `${nameOf(file)}@v1`;
    home.put(`file-history/A/${name}`, 'a skill\n');
    home.tell(new ASession('A').backup(file, name));
    expect((await home.collect()).added).toEqual([]);
    home.tell(new ASession('B', '/home/me/proj', noon + 9 * minute).read(file, 'a better skill\n'));
    await home.collect();
    expect(await home.versions('skills/x/SKILL.md')).toEqual([
      'a skill import (file-history, backup!)',
      'a better skill import (transcript, own record)',
      'gone scan',
    ]);
  });

  it('of the configuration', async () => {
    home.put(`backups/.claude.json.backup.${noon}`, '{"a":1}\n');
    home.put('.claude.json', '{"a":2}\n');
    await home.look();
    await home.collect();
    expect(await home.versions('.claude.json')).toEqual(['{"a":1} import (backup, backup!)', '{"a":2} scan']);
  });
});

const deed = fc.record({
  who: fc.constantFrom('A', 'B', 'C'),
  kind: fc.constantFrom('read', 'edit', 'write'),
  isBig: fc.boolean(),
  /** The time that passes before it: sometimes two happen at once. */
  after: fc.constantFrom(0, 30, 5_000, 60_000),
});

describe('whatever happened, and however often it was looked at', () => {
  it('versions lie in the order in which they stood there, none twice, and the last one is the disk’s', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(deed, { minLength: 1, maxLength: 12 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
        async (deeds, looks) => {
          const place = new Home();
          try {
            const file = place.path(memory);
            const sessions = new Map(['A', 'B', 'C'].map(id => [id, new ASession(id)]));
            const stood = ['line 0\n'];
            let now = noon + minute;
            for (const [i, { who, kind, isBig, after }] of deeds.entries()) {
              now += after + 41;
              const session = sessions.get(who)!.at(now);
              const here = stood.at(-1)!;
              const last = here.trimEnd().split('\n').at(-1)!;
              if (kind === 'read') session.read(file, here);
              else if (kind === 'edit') {
                session.edit(file, here, last, `${last}\nline ${i + 1}`, isBig);
                stood.push(here.replace(last, `${last}\nline ${i + 1}`));
              } else {
                session.write(file, here, `new ${i}\nline ${i + 1}\n`);
                stood.push(`new ${i}\nline ${i + 1}\n`);
              }
            }
            for (const share of [...looks.toSorted((a, b) => a - b), 1]) {
              for (const session of sessions.values()) {
                const bytes = Buffer.from(session.text);
                place.put(`${place.project}/${session.file}`, bytes.subarray(0, Math.floor(bytes.length * share)));
              }
              place.put(memory, stood[Math.floor((stood.length - 1) * share)]!);
              place.now += minute;
              await place.look();
              await place.collect();
            }
            const versions = place.store.versions({ root: 'claude', path: memory });
            const texts = await Promise.all(
              versions.map(async ({ blob }) => `${Buffer.from(await place.store.read(blob!))}`),
            );
            const imported = versions.flatMap(({ how }, i) => (how === 'import' ? [stood.indexOf(texts[i]!)] : []));
            expect(imported).not.toContain(-1);
            expect(imported).toEqual([...new Set(imported)].sort((a, b) => a - b));
            expect(texts.at(-1)).toBe(stood.at(-1));
            expect((await place.collect(place.evidence('another'))).added).toEqual([]);
          } finally {
            rmSync(place.folder, { recursive: true, force: true });
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
