/**
 * A whole store, harmed anywhere: each version comes back as it was, or there is an error with a hint. Never a crash, a
 * hang, other bytes, or a version that nobody recorded.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UndertextError } from '../../src/errors.ts';
import { blobName } from '../../src/store/blob-name.ts';
import { encodeCommit } from '../../src/store/commit.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { encodeHeader, encodeLine, encodeObject } from '../../src/store/journal/journal.ts';
import { loosePath } from '../../src/store/loose.ts';
import { encodePackIndex } from '../../src/store/pack/pack-index.ts';
import { layoutOf } from '../../src/store/repository.ts';
import type { Store } from '../../src/store/store.ts';
import { formatVersion } from '../../src/store/version-line.ts';
import { seen } from './contract.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-fuzz-store-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const template = join(home, 'template');
/** Id of each version, and its content. */
const recorded = new Map<string, Buffer>();
/** The files that may be harmed. */
let files: readonly string[] = [];
let count = 0;

const open = (path: string, more: object = {}): Promise<Store> => openGitStore({ path, machine: 'here', ...more });

/** More of them: FUZZ_RUNS=1000 npx vitest run test/store/fuzz-store.test.ts --testTimeout 1000000 */
const runs = Number(process.env.FUZZ_RUNS ?? 50);

/** No process has this pid: it is above every system's limit. */
const deadPid = 2 ** 22 + 1;

/** Two packs, with deltas; a loose object; packed refs; a journal of a process that is dead. */
beforeAll(async () => {
  const keep = async (store: Store, path: string, text: string, at: number): Promise<void> => {
    const [version] = await store.record([seen(path, text, at)]);
    recorded.set(version!.id, Buffer.from(text));
  };
  let store = await open(template);
  const body = Array.from({ length: 60 }, (_, i) => `line ${i} of the notes\n`).join('');
  for (let i = 0; i < 6; i++) await keep(store, 'notes.md', `${body}and ${i}\n`, 1_000 + i);
  await store.seal();
  for (let i = 0; i < 3; i++) await keep(store, `deep/er/${i}.md`, `text ${i}\n`, 2_000 + i);
  await store.note([{ kind: 'gap', at: 5, data: { from: 1, to: 2, why: 'no watcher', root: null, paths: [] } }]);
  const big = Buffer.from('big '.repeat(5000));
  async function* stream() {
    yield big;
  }
  const blob = await store.keep(stream(), big.length);
  const [version] = await store.record([{ ...seen('big.log', '', 3_000), content: { blob }, size: big.length }]);
  recorded.set(version!.id, big);
  await store.close();
  const text = Buffer.from('out of a journal\n');
  const line = { ...seen('late.md', text, 4_000), id: 'abcdefghij', blob: blobName(text), snapshot: null } as const;
  recorded.set(line.id, text);
  const journal = [
    encodeHeader({ pid: deadPid, start: 'x', host: hostname() }),
    ...encodeObject('blob', line.blob, text.length, deflateSync(text)),
    ...encodeLine(formatVersion(line)),
  ];
  writeFileSync(join(template, 'journal', `${deadPid}-x.journal`), Buffer.concat(journal), { mode: 0o600 });
  store = await open(template, { readOnly: true });
  expect([...store.paths()]).toHaveLength(6);
  await store.close();
  files = readdirSync(template, { recursive: true, encoding: 'utf8' })
    .filter(name => statSync(join(template, name)).isFile())
    .sort();
  expect(files.length).toBeGreaterThan(9);
});

function copy(): string {
  const path = join(home, String(count++));
  cpSync(template, path, { recursive: true, preserveTimestamps: true });
  return path;
}

type Harm = (path: string) => void;

/** Flips a bit, cuts, splices, zeroes, doubles, swaps two files, or takes the file away. */
const harm: fc.Arbitrary<{ readonly file: number; readonly name: string; readonly act: Harm }> = fc
  .record({
    file: fc.nat(1000),
    kind: fc.constantFrom('flip', 'cut', 'splice', 'zero', 'double', 'noise', 'gone', 'grow'),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  })
  .map(({ file, kind, at, bytes }) => ({
    file,
    name: `${kind} at ${at.toFixed(3)} with ${Buffer.from(bytes).toString('hex')}`,
    act: path => {
      if (kind === 'gone') return rmSync(path);
      const whole = readFileSync(path);
      const start = Math.floor(at * whole.length);
      if (kind === 'cut') return truncateSync(path, start);
      if (kind === 'grow') return truncateSync(path, whole.length + 5000);
      if (kind === 'flip' && whole.length > 0) whole[start]! ^= 1 << (bytes[0]! & 7);
      if (kind === 'zero') whole.fill(0, start, start + bytes.length);
      const parts: Readonly<Record<string, readonly Uint8Array[]>> = {
        splice: [whole.subarray(0, start), bytes, whole.subarray(start + (bytes[0]! & 15))],
        double: [whole.subarray(0, start), whole.subarray(Math.max(0, start - 30))],
        noise: [bytes],
      };
      writeFileSync(path, Buffer.concat(parts[kind] ?? [whole]));
    },
  }));

/** The answer, or null for an error that a person can act on; every other error fails the test. */
async function answer<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UndertextError)) throw error;
    expect(error.code).not.toBe('internal');
    expect(error.hint).not.toBe('');
    return null;
  }
}

async function expectNothingWrong(store: Store): Promise<void> {
  for (const newest of store.paths()) {
    for (const version of store.versions(newest)) {
      const content = recorded.get(version.id);
      expect(content, `a version nobody recorded: ${version.id}`).toBeDefined();
      const bytes = version.blob === null ? null : await answer(() => store.read(version.blob!));
      if (bytes) expect(Buffer.from(bytes).equals(content!), `other bytes for ${version.path}`).toBe(true);
    }
  }
}

async function useHarmed(path: string): Promise<void> {
  const reader = await answer(() => open(path, { readOnly: true }));
  if (reader) {
    await expectNothingWrong(reader);
    const verification = await answer(() => reader.verify());
    for (const { where, what } of verification?.damage ?? []) expect(where && what).not.toBe('');
    await reader.close();
  }
  const writer = await answer(() => open(path));
  if (!writer) return;
  await expectNothingWrong(writer);
  const text = Buffer.from(`new ${count}\n`);
  const added = await answer(() => writer.record([seen('new.md', text, 9_000)]));
  if (added) recorded.set(added[0]!.id, text);
  await answer(() => writer.seal());
  await expectNothingWrong(writer);
  await writer.close();
  // What was recorded into a harmed store is there as long as it opens.
  const again = await answer(() => open(path, { readOnly: true }));
  if (!again) return;
  await expectNothingWrong(again);
  if (added) expect(Buffer.from(await again.read(added[0]!.blob!)).equals(text)).toBe(true);
  await again.close();
}

describe('a store that is harmed anywhere', () => {
  it('gives back what it was given, or an error with a hint', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(harm, { minLength: 1, maxLength: 2 }), async harms => {
        const path = copy();
        try {
          for (const { file, act } of harms) {
            try {
              act(join(path, files[file % files.length]!));
            } catch {
              // The first harm took the file away.
            }
          }
          await useHarmed(path);
        } finally {
          rmSync(path, { recursive: true, force: true });
        }
      }),
      { numRuns: runs },
    );
  });

  it('file by file: missing, empty, or full of zeros', async () => {
    for (const file of files) {
      for (const act of [
        (path: string) => rmSync(path),
        (path: string) => truncateSync(path, 0),
        (path: string) => writeFileSync(path, Buffer.alloc(statSync(path).size)),
      ]) {
        const path = copy();
        act(join(path, file));
        await useHarmed(path);
        rmSync(path, { recursive: true, force: true });
      }
    }
  });
});

describe('a store that somebody else made', () => {
  it('with bases that name each other in a circle, or nobody, is an error at once', async () => {
    const path = copy();
    const a = Buffer.alloc(20, 1);
    const entries = Array.from({ length: 60 }, (_, i) => {
      const delta = deflateSync(Buffer.from([4, 4, 0x90, 4]));
      const next = i === 59 ? a : Buffer.alloc(20, i + 2);
      return { name: Buffer.alloc(20, i + 1), bytes: Buffer.concat([Buffer.from([0x74]), next, delta]) };
    });
    let offset = 12;
    const rows = entries.map(({ name, bytes }) => {
      offset += bytes.length;
      return { name, offset: offset - bytes.length, crc: 0 };
    });
    const pack = join(path, 'objects/pack', `pack-${'0'.repeat(40)}`);
    const all = [Buffer.from('PACK\0\0\0\u0002\0\0\0\u003c', 'latin1'), ...entries.map(({ bytes }) => bytes)];
    writeFileSync(`${pack}.pack`, Buffer.concat([...all, Buffer.alloc(20)]), { mode: 0o600 });
    writeFileSync(`${pack}.idx`, encodePackIndex(rows, Buffer.alloc(20)), { mode: 0o600 });
    const store = await open(path, { readOnly: true });
    await expect(store.read(a.toString('hex'))).rejects.toMatchObject({ code: 'damaged' });
    await expectNothingWrong(store);
    await store.close();
  });

  it('with lines that are none, and records that are no streams, is opened and sealed, and verify says so', async () => {
    const path = copy();
    const text = Buffer.from('text\n');
    const good = { ...seen('a.md', text, 5_000), id: 'good222222', blob: blobName(text), snapshot: null } as const;
    recorded.set(good.id, text);
    const lines = [
      'x',
      '',
      '\t\t\t',
      '!',
      '!n\tgap\tx\tnull',
      '!m\tgap\t1\t{',
      `bad2222222\tclaude\t../../etc/passwd\tfile\t../../../../etc/passwd\t1\t644\t-\t1\t1\tevent\t1`,
      'bad3333333\tclaude\tb.md\tfifo\t-\t1\t644\t-\t1\t1\tevent\t1',
      `bad4444444\tclaude\tc.md\tfile\t${'a'.repeat(40)}\tNaN\t644\t-\t1\t1e999\tevent\t1`,
    ];
    const journal = [
      encodeHeader({ pid: deadPid, start: 'y', host: hostname() }),
      ...encodeObject('blob', good.blob, text.length, Buffer.from('no stream')),
      ...lines.flatMap(line => encodeLine(line)),
      ...encodeLine(formatVersion(good)),
      ...encodeLine(formatVersion({ ...good, id: 'good333333', seenAt: 6_000 })),
    ];
    recorded.set('good333333', text);
    writeFileSync(join(path, 'journal', `${deadPid}-y.journal`), Buffer.concat(journal), { mode: 0o600 });
    const reader = await open(path, { readOnly: true });
    await expectNothingWrong(reader);
    const { damage } = await reader.verify();
    expect(damage.map(({ what }) => what).join('\n')).toContain('a line that is no version and no note: bad2222222');
    await reader.close();
    const store = await open(path);
    await expectNothingWrong(store);
    await store.seal();
    await expect(store.read(good.blob)).rejects.toMatchObject({ hint: expect.stringContaining('undertext verify') });
    await store.close();
  });

  it('whose commits say anything is opened, and its history made of what is one', async () => {
    const path = copy();
    const layout = layoutOf(path);
    rmSync(layout.history);
    const lines = ['bad5555555', '!', 'x\ty', `bad6666666\tclaude\t/etc\tfile\tzz\t1\t644\t-\t1\t1\tevent\t1\t-`];
    const content = encodeCommit({ tree: 'a'.repeat(40), parent: null, continues: null, lines }, 's', 'x', 1);
    const whole = Buffer.concat([Buffer.from(`commit ${content.length}\0`), content]);
    const { createHash } = await import('node:crypto');
    const name = createHash('sha1').update(whole).digest('hex');
    mkdirSync(join(layout.objects, name.slice(0, 2)), { recursive: true, mode: 0o700 });
    writeFileSync(loosePath(layout.objects, name), deflateSync(whole), { mode: 0o600 });
    mkdirSync(join(layout.heads, 'other'), { mode: 0o700 });
    writeFileSync(join(layout.heads, 'other', '2026-01'), `${name}\n`, { mode: 0o600 });
    await useHarmed(path);
  });
});
