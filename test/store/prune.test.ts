/** Taking versions out: what was dropped is gone from the history, all else stays bit by bit, and the trash holds it for a while. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Note, Version } from '../../src/model.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { type Store, segmentBytes, trashKeptFor } from '../../src/store/store.ts';
import { seen, textOf } from './contract.ts';
import { standsAnywhere } from './stands-anywhere.ts';
import { fsck, git, hasGit } from './with-git.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-prune-'));
let path: string;
let count = 0;
beforeEach(() => {
  path = join(home, `store-${count++}`);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const may = Date.UTC(2026, 4, 10);
const june = Date.UTC(2026, 5, 10);
let time = june;
const open = (more: object = {}): Promise<Store> => openGitStore({ path, machine: 'here', now: () => time++, ...more });
const key = (path: string) => ({ root: 'claude', path });
const ids = (versions: readonly Version[]): ReadonlySet<string> => new Set(versions.map(({ id }) => id));

async function* whole(bytes: Uint8Array) {
  yield bytes;
}

async function expectSound(store: Store, kept: ReadonlyMap<string, string>): Promise<void> {
  for (const [id, text] of kept) {
    const [version] = store.withId(id);
    expect(await textOf(store, version!.blob)).toBe(text);
  }
  expect((await store.verify()).damage).toEqual([]);
  if (hasGit) expect(fsck(path)).toBe('');
}

describe('drop', () => {
  it('takes versions out of the history and leaves the others, for others who have it open too', async () => {
    const store = await open();
    const other = await open();
    const told: Version[] = [];
    for (let i = 0; i < 6; i++) told.push(...(await store.record([seen(`f${i % 2}.md`, `text ${i}`, may + i)])));
    await store.note([{ kind: 'gap', at: may, data: { why: 'x' } }]);
    await store.seal();
    await other.refresh();
    const gone = [told[0]!, told[2]!];
    expect(await store.drop(ids(gone))).toMatchObject({ versions: 2 });
    await other.refresh();
    for (const one of [store, other, await open({ readOnly: true })]) {
      expect(one.versions(key('f0.md')).map(({ id }) => id)).toEqual([told[4]!.id]);
      expect(one.versions(key('f1.md')).map(({ id }) => id)).toEqual([told[1]!.id, told[3]!.id, told[5]!.id]);
      expect(one.notes('gap')).toHaveLength(1);
    }
    await expectSound(store, new Map([1, 3, 4, 5].map(i => [told[i]!.id, `text ${i}`])));
    await other.close();
    await store.close();
    const again = await open();
    expect((await again.size()).versions).toBe(4);
    await again.close();
  });

  it('of nothing, and of what does not exist, does nothing', async () => {
    const store = await open();
    await store.record([seen('a', 'one', may)]);
    await store.seal();
    const before = readFileSync(join(path, 'refs/heads/here/2026-05'), 'utf8');
    expect(await store.drop(new Set())).toEqual({ versions: 0, until: null });
    expect(await store.drop(new Set(['nosuchid22']))).toEqual({ versions: 0, until: null });
    expect(readFileSync(join(path, 'refs/heads/here/2026-05'), 'utf8')).toBe(before);
    await store.close();
  });

  it.runIf(hasGit)(
    'leaves a chain that stock git can follow: a commit that changes says which one it stands for',
    async () => {
      const store = await open();
      const told = [];
      for (let i = 0; i < 4; i++) {
        told.push(...(await store.record([seen('a.md', `text ${i}`, may + i)])));
        await store.seal();
      }
      const old = store.versions(key('a.md')).map(({ snapshot }) => snapshot);
      await store.drop(ids([told[1]!]));
      const rows = git(path, 'log', '--reverse', '--format=%(trailers:key=Was,valueonly)', 'here/2026-05').toString();
      expect(rows.split(/\n+/).filter(Boolean)).toEqual([old[2], old[3]]);
      expect(git(path, 'rev-list', '--reverse', 'here/2026-05').toString().split('\n')[0]).toBe(old[0]);
      expect(git(path, 'show', 'here/2026-05:claude/a.md').toString()).toBe('text 3');
      await store.close();
    },
  );

  it('of a file that is gone, across months, leaves the later months without it', async () => {
    const store = await open();
    const text = 'a log that nobody needs any more';
    const first = await store.record([seen('old.jsonl', text, may), seen('a.md', 'may', may)]);
    await store.seal();
    const second = await store.record([seen('a.md', 'june', june), seen('old.jsonl', null, june + 1)]);
    await store.seal();
    await store.drop(ids([first[0]!, second[1]!]));
    expect(store.versions(key('old.jsonl'))).toEqual([]);
    await store.emptyTrash(Number.POSITIVE_INFINITY);
    await expect(store.read(first[0]!.blob!)).rejects.toMatchObject({ code: 'not-found' });
    await expectSound(
      store,
      new Map([
        [first[1]!.id, 'may'],
        [second[0]!.id, 'june'],
      ]),
    );
    if (hasGit) {
      expect(git(path, 'ls-tree', '-r', '--name-only', 'here/2026-05').toString()).toBe('claude/a.md\n');
      expect(git(path, 'ls-tree', '-r', '--name-only', 'here/2026-06').toString()).toBe('claude/a.md\n');
    }
    await store.close();
  });

  it('whatever is dropped, what is left is what it was', async () => {
    const change = fc.record({
      path: fc.constantFrom('a.md', 'b/c.md', 'b/d.md'),
      text: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 5 })),
      isSealed: fc.boolean(),
      isDropped: fc.boolean(),
      isInJune: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 3, maxLength: 25 }), async changes => {
        path = join(home, `store-${count++}`);
        const store = await open();
        const dropped = new Set<string>();
        const kept = new Map<string, string>();
        const ordered = [...changes].sort((a, b) => Number(a.isInJune) - Number(b.isInJune));
        for (const [i, { path, text, isSealed, isDropped, isInJune }] of ordered.entries()) {
          const content = text === null ? null : `text ${text}`;
          const [version] = await store.record([seen(path, content, (isInJune ? june : may) + i)]);
          if (isDropped) dropped.add(version!.id);
          else if (content !== null) kept.set(version!.id, content);
          if (isSealed) await store.seal();
        }
        await store.drop(dropped);
        for (const id of dropped) expect(store.withId(id)).toEqual([]);
        await expectSound(store, kept);
        await store.emptyTrash(Number.POSITIVE_INFINITY);
        await expectSound(store, kept);
        await store.record([seen('a.md', 'after', june + 1000)]);
        await store.close();
        const again = await open();
        await expectSound(again, kept);
        expect((await again.size()).versions).toBe(changes.length - dropped.size + 1);
        await again.close();
      }),
      { numRuns: 15 },
    );
  });
});

describe('the trash', () => {
  it('holds what was dropped until it is emptied, and says how many bytes', async () => {
    const store = await open();
    const secret = `only once ${'z9y8x7'.repeat(5)}`;
    const [first] = await store.record([seen('a.md', secret, may)]);
    await store.record([seen('a.md', 'something else', may + 1)]);
    await store.seal();
    const { until } = await store.drop(ids([first!]));
    expect((await store.room()).trash).toBeGreaterThan(0);
    expect(await textOf(store, first!.blob)).toBe(secret);
    if (hasGit) expect(fsck(path)).toBe('');

    await store.emptyTrash(time - trashKeptFor);
    expect(await textOf(store, first!.blob)).toBe(secret);

    time = until! + 1;
    expect(await store.emptyTrash(time - trashKeptFor)).toBeGreaterThan(0);
    expect((await store.room()).trash).toBe(0);
    await expect(store.read(first!.blob!)).rejects.toMatchObject({ code: 'not-found' });
    expect(standsAnywhere(path, secret)).toBe(false);
    await expectSound(store, new Map());
    await store.close();
  });

  it('does not take what another process has recorded meanwhile, and what it is about to record', async () => {
    const store = await open();
    const log = Buffer.from('{"line":1}\n'.repeat(30_000));
    const blob = await store.keep(whole(log), log.length);
    const named = { kind: 'file', content: { blob }, size: log.length, mode: 0o600 } as const;
    const told = await store.record([seen('s.jsonl', null, may, named), seen('a.md', 'twice', may)]);
    await store.record([seen('s.jsonl', null, may + 1), seen('a.md', null, may + 1)]);
    await store.seal();

    const watcher = await open();
    const bytes = 4 * segmentBytes;
    const more = Buffer.concat([log, Buffer.from('{"line":2}\n')]);
    const grown = await watcher.keep(whole(more.subarray(bytes)), more.length, { blob, bytes });
    const [again] = await watcher.record([seen('b.md', 'twice', june)]);
    await store.drop(ids(told));
    await store.emptyTrash(Number.POSITIVE_INFINITY);
    // The segments before the tail stood in packs alone when it was kept.
    const late = watcher.record([
      seen('s.jsonl', null, june + 1, { ...named, content: { blob: grown }, size: more.length }),
    ]);
    const outcome = await late.then(
      ([version]) => version!.blob,
      error => error.code,
    );
    if (outcome === grown) expect(Buffer.from(await watcher.read(grown)).equals(more)).toBe(true);
    else expect(['not-found', 'damaged']).toContain(outcome);
    expect(await textOf(watcher, again!.blob)).toBe('twice');
    const fresh = await watcher.keep(whole(more), more.length);
    await watcher.record([seen('s.jsonl', null, june + 2, { ...named, content: { blob: fresh }, size: more.length })]);
    expect(Buffer.from(await watcher.read(fresh)).equals(more)).toBe(true);
    await watcher.close();
    await store.close();
    const last = await open();
    expect((await last.verify()).damage).toEqual([]);
    await last.close();
    if (hasGit) expect(fsck(path)).toBe('');
  });
});

describe('forget', () => {
  const secret = 'api-key-4f9b2d7c61';

  it('removes a content at once and for good, and says that something stood there', async () => {
    const store = await open();
    const [before] = await store.record([seen('notes.md', `# Notes\n`, may)]);
    const [leak] = await store.record([seen('notes.md', `# Notes\n${secret}\n`, may + 1)]);
    const [after] = await store.record([seen('notes.md', `# Notes\nno more\n`, may + 2)]);
    const note = { kind: 'incident' as const, at: may, data: { text: secret } };
    await store.note([note]);
    await store.seal();
    expect(standsAnywhere(path, secret)).toBe(true);
    await store.forget([leak!], ({ data: _, ...rest }) => ({ ...rest, data: { text: 'forgotten' } }));

    expect(standsAnywhere(path, secret)).toBe(false);
    expect(store.versions(key('notes.md')).map(({ id, kind, blob }) => [id, kind, blob === null])).toEqual([
      [before!.id, 'file', false],
      [leak!.id, 'withheld', true],
      [after!.id, 'file', false],
    ]);
    expect(store.notes('incident')[0]!.data).toEqual({ text: 'forgotten' });
    await expectSound(
      store,
      new Map([
        [before!.id, '# Notes\n'],
        [after!.id, '# Notes\nno more\n'],
      ]),
    );
    await store.close();
    const again = await open();
    expect(again.withId(leak!.id)).toMatchObject([{ kind: 'withheld', blob: null }]);
    expect(standsAnywhere(path, secret)).toBe(false);
    await again.close();
  });

  it('empties the trash too, and goes through deltas and logs', async () => {
    const store = await open();
    const lines = Array.from({ length: 9000 }, (_, i) => `{"n":${i},"t":"${(i * 7919).toString(36)}"}\n`);
    lines[3] = `${secret}\n`;
    const log = Buffer.from(lines.join(''));
    const blob = await store.keep(whole(log), log.length);
    const [leak] = await store.record([
      seen('s.jsonl', null, may, { kind: 'file', content: { blob }, size: log.length, mode: 0o600 }),
    ]);
    const base = Array.from({ length: 60 }, (_, i) => `line ${i} ${(i * 104729).toString(36)}`).join('\n');
    const told = [];
    for (const [i, text] of [base, `${base}\n${secret}`, `${base}\nother`, `${secret}\n${base}`].entries()) {
      told.push(...(await store.record([seen('a.md', text, may + 1 + i)])));
    }
    await store.seal();
    await store.drop(ids([told[3]!]));
    await store.forget([leak!, told[1]!], note => note);
    expect(standsAnywhere(path, secret)).toBe(false);
    await expectSound(
      store,
      new Map([
        [told[0]!.id, base],
        [told[2]!.id, `${base}\nother`],
      ]),
    );
    await store.close();
  });

  it('waits for what another living process has recorded or noted of it and has not sealed', async () => {
    const store = await open();
    const other = await open();
    const [leak] = await store.record([seen('notes.md', secret, may)]);
    await store.seal();
    await other.refresh();
    const redo = (note: Note): Note => (note.kind === 'incident' ? { ...note, data: 'forgotten' } : note);
    const redone = (note: Note): Note => (note.data === 'forgotten' ? note : redo(note));

    await other.note([{ kind: 'incident', at: may, data: { text: secret } }]);
    await expect(store.forget([leak!], redone)).rejects.toMatchObject({ code: 'busy' });
    await other.seal();
    const [again] = await other.record([seen('copy.md', secret, may + 1)]);
    await store.refresh();
    await expect(store.forget([leak!, again!], redone)).rejects.toMatchObject({ code: 'busy' });
    expect(await textOf(store, leak!.blob)).toBe(secret);
    await other.seal();
    await store.forget([leak!, again!], redone);
    await other.note([{ kind: 'gap', at: may, data: null }]);
    await other.close();
    expect(standsAnywhere(path, secret)).toBe(false);
    await expectSound(store, new Map());
    await store.close();
  });

  it('is noticed by who has the store open: no old word is left in memory', async () => {
    const store = await open();
    const other = await open();
    const [leak] = await store.record([seen('notes.md', secret, may)]);
    await store.note([{ kind: 'incident', at: may, data: secret }]);
    await store.seal();
    await other.refresh();
    expect(other.notes('incident')).toMatchObject([{ data: secret }]);
    const [own] = await other.record([seen('own.md', 'own', may + 1)]);
    await store.forget([leak!], note => ({ ...note, data: 'forgotten' }));
    await other.refresh();
    expect(other.notes('incident')).toMatchObject([{ data: 'forgotten' }]);
    expect(other.versions(key('notes.md'))).toMatchObject([{ id: leak!.id, kind: 'withheld', blob: null }]);
    expect(other.versions(key('own.md'))).toMatchObject([{ id: own!.id, blob: own!.blob }]);
    await other.close();
    await expectSound(store, new Map());
    await store.close();
  });

  it('leaves a content that another version has, too', async () => {
    const store = await open();
    const told = await store.record([seen('a.md', 'same', may), seen('b.md', 'same', may)]);
    await store.seal();
    await store.forget([told[0]!], note => note);
    await expectSound(store, new Map([[told[1]!.id, 'same']]));
    await store.close();
  });
});

describe('startsWith', () => {
  it('compares logs by their segments, and what was small before with what it has become', async () => {
    const store = await open();
    const all = Buffer.from(Array.from({ length: 70_000 }, (_, i) => `${i.toString(36)}\n`).join(''));
    const sizes = [1000, 100_000, 2 * segmentBytes, 140_000, 3 * segmentBytes, 3 * segmentBytes + 1, 260_000];
    const names = await Promise.all(sizes.map(size => store.keep(whole(all.subarray(0, size)), size)));
    for (const [i, part] of names.entries()) {
      for (const [j, long] of names.entries()) expect(await store.startsWith(long, part), `${i} ${j}`).toBe(i <= j);
    }
    for (const at of [0, segmentBytes - 1, segmentBytes, 139_999]) {
      const other = Buffer.from(all.subarray(0, 260_000));
      other[at] = 0;
      const changed = await store.keep(whole(other), other.length);
      expect(await store.startsWith(changed, names[3]!), String(at)).toBe(false);
      expect(await store.startsWith(changed, names[0]!), String(at)).toBe(at >= 1000);
    }
    await store.close();
  });

  it('reads as deep as the two differ, also where one has a tree more above it', async () => {
    const store = await open();
    const all = Buffer.alloc(34 * segmentBytes);
    for (let i = 0; i < 34; i++) all.fill(i + 1, i * segmentBytes, (i + 1) * segmentBytes);
    // A tree names 32 segments.
    const sizes = [31, 32, 33, 34].map(count => count * segmentBytes);
    const cut = sizes.flatMap(size => [size - 1, size]);
    const names = await Promise.all(cut.map(size => store.keep(whole(all.subarray(0, size)), size)));
    for (const [i, part] of names.entries()) {
      for (const [j, long] of names.entries()) expect(await store.startsWith(long, part), `${i} ${j}`).toBe(i <= j);
    }
    for (const [at, size] of [
      [0, 34],
      [31, 33],
      [32, 33],
    ]) {
      const other = Buffer.from(all);
      other[at! * segmentBytes] = 0;
      const changed = await store.keep(whole(other), other.length);
      const part = all.subarray(0, size! * segmentBytes);
      expect(await store.startsWith(changed, await store.keep(whole(part), part.length)), String(at)).toBe(false);
      const before = all.subarray(0, at! * segmentBytes);
      if (at! > 2) expect(await store.startsWith(changed, await store.keep(whole(before), before.length))).toBe(true);
    }
    await store.close();
  });
});
