/** The history index beside a plain catalogue that has everything in memory: whatever happens, both say the same. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Version } from '../../src/model.ts';
import { noSuchBlob } from '../../src/store/blob-errors.ts';
import { encodeCommit } from '../../src/store/commit.ts';
import { realDisk } from '../../src/store/disk.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import { type Catalogue, emptyCatalogue } from '../../src/store/index/catalogue.ts';
import { HistoryIndex } from '../../src/store/index/history-index.ts';
import type { Objects } from '../../src/store/objects.ts';
import { layoutOf } from '../../src/store/repository.ts';
import { makeId } from '../../src/store/version-id.ts';
import { formatNote, formatVersion, isNoteLine, parseNote, parseVersion } from '../../src/store/version-line.ts';
import { seen } from './contract.ts';
import { fsck, hasGit } from './with-git.ts';

const home = mkdtempSync(join(tmpdir(), 'undertext-history-'));
let stores = 0;
afterAll(() => rmSync(home, { recursive: true, force: true }));

const small = { tableLines: 6, longTailBytes: 1_500, sortedAtOnce: 4 };
const pathNames = ['a.md', 'b.md', 'tab\there ü', 'lone \ud800', 'd/e/f.md'];
const months = ['refs/heads/here/2026-05', 'refs/heads/here/2026-06'] as const;

interface Commit {
  readonly name: string;
  readonly ref: string;
  readonly lines: readonly string[];
}

/** A store without content: commits and refs, a journal, and the truth about them. */
class World {
  readonly layout = layoutOf(join(home, `store-${stores++}`));
  readonly #contents = new Map<string, Buffer>();
  readonly objects = {
    readStored: (name: string) => {
      const content = this.#contents.get(name);
      if (!content) throw noSuchBlob(name);
      return { type: 'commit', content };
    },
  } as unknown as Objects;
  commits: Commit[] = [];
  journal: string[] = [];
  #counter = 0;

  constructor() {
    mkdirSync(this.layout.root, { recursive: true });
  }

  version(path: string, seenAt: number): Version {
    const id = makeId([this.#counter++]);
    const blob = createHash('sha1').update(id).digest('hex');
    const facts = { kind: 'file', size: 3, mode: 0o644, mtime: 1.5, how: 'scan', settled: true } as const;
    return { id, root: 'claude', path, at: seenAt, seenAt, blob, ...facts, snapshot: null };
  }

  /** Makes commits of these lines, the last of the ref's chain, and moves the ref. */
  commit(ref: string, groups: readonly (readonly string[])[]): readonly Commit[] {
    const made = groups.map(lines => {
      const parent = this.commits.findLast(commit => commit.ref === ref)?.name ?? null;
      const content = encodeCommit({ tree: 'f'.repeat(40), parent, continues: null, lines }, 'x', 'here', 0);
      const name = createHash('sha1').update(content).digest('hex');
      this.#contents.set(name, content);
      this.commits.push({ name, ref, lines });
      return this.commits.at(-1)!;
    });
    this.#writeRefs();
    return made;
  }

  /** Replaces all chains by new ones without some of the versions, as pruning does. */
  prune(isKept: (line: string, i: number) => boolean): void {
    const old = this.commits;
    this.commits = [];
    for (const { ref, lines } of old) this.commit(ref, [[...lines.filter(isKept), formatNote(this.note('gap'))]]);
  }

  /** The content of a commit is gone, until it is found again. */
  lose(name: string): { find(): void } {
    const content = this.#contents.get(name)!;
    this.#contents.delete(name);
    return { find: () => this.#contents.set(name, content) };
  }

  note(kind: 'gap' | 'incident') {
    return { id: makeId(['note', this.#counter++]), note: { kind, at: this.#counter, data: { i: this.#counter } } };
  }

  /** What everybody must say. */
  truth(): Catalogue {
    const truth = emptyCatalogue();
    for (const month of months) {
      for (const { name, lines } of this.commits.filter(({ ref }) => ref === month)) {
        for (const line of lines) {
          if (isNoteLine(line)) truth.addNote(parseNote(line));
          else truth.add(parseVersion(line, name));
        }
      }
    }
    for (const line of this.journal) {
      if (isNoteLine(line)) truth.addNote(parseNote(line));
      else truth.add(parseVersion(line, null));
    }
    return truth;
  }

  #writeRefs(): void {
    for (const month of months) {
      const tip = this.commits.findLast(({ ref }) => ref === month);
      const path = join(this.layout.root, month);
      mkdirSync(dirname(path), { recursive: true });
      if (tip) writeFileSync(path, `${tip.name}\n`);
    }
  }
}

/** What a store does with its index. */
class Process {
  readonly #world: World;
  readonly history: HistoryIndex;
  readonly catalogue: Catalogue;

  constructor(world: World, limits = small) {
    this.#world = world;
    this.history = new HistoryIndex(world.layout, limits);
    this.catalogue = emptyCatalogue(
      () => this.history.tables,
      () => {
        this.history.distrust();
        this.#again();
        this.refresh();
      },
    );
    this.refresh();
  }

  refresh(): void {
    this.#takeJournal();
    while (!this.history.takeIn(this.catalogue, this.#world.objects)) this.#again();
  }

  async seal(commits: readonly Commit[]): Promise<void> {
    const blocks = commits.map(({ name, ref, lines }) => ({ commit: name, ref, lines }));
    await this.history.append(realDisk, blocks);
    for (const { name, lines } of commits) {
      for (const line of lines) if (!isNoteLine(line)) this.catalogue.add(parseVersion(line, name));
    }
  }

  async mend(): Promise<void> {
    this.refresh();
    if (this.history.isOutOfDate) {
      await this.history.rewrite(realDisk, this.history.blocksOfCommits(this.#world.objects));
      this.refresh();
    }
    await this.history.append(realDisk, []);
  }

  async writeTables(): Promise<void> {
    await this.mend();
    if (await this.history.writeTables(realDisk, this.catalogue)) return;
    this.history.distrust();
    this.#again();
    this.refresh();
  }

  #again(): void {
    this.catalogue.clear();
    this.#takeJournal();
  }

  #takeJournal(): void {
    for (const line of this.#world.journal) {
      if (isNoteLine(line)) this.catalogue.addNote(parseNote(line));
      else if (!this.catalogue.hasVersion(line.slice(0, 10))) this.catalogue.addLine(line, null);
    }
  }
}

/** All answers, in a form that can be compared. */
function answers(catalogue: Catalogue, ids: readonly string[]) {
  const keys = pathNames.map(path => ({ root: 'claude', path }));
  const byId = (versions: Iterable<Version>) => [...versions].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    versions: keys.map(catalogue.versions),
    latest: keys.map(catalogue.latest),
    latestSealed: keys.map(catalogue.latestSealed),
    paths: byId(catalogue.paths()),
    byPath: byPath(catalogue),
    all: byId(catalogue.all()),
    got: ids.map(id => [catalogue.hasVersion(id), catalogue.get(id)]),
    prefixed: [...new Set(ids.map(id => id[0]!))].map(prefix => byId(catalogue.withId(prefix))),
    notes: [catalogue.notes('gap'), catalogue.notes('incident')],
    size: catalogue.size,
  };
}

/** All paths at once say what each says by itself, in the order of `paths`. */
function byPath(catalogue: Catalogue): boolean {
  const said = catalogue.byPath();
  expect(said).toEqual([...catalogue.paths()].map(catalogue.versions));
  return true;
}

function expectTruth(world: World, catalogue: Catalogue): void {
  expectAnswers(world.truth(), catalogue);
}

function expectAnswers(truth: Catalogue, catalogue: Catalogue): void {
  const ids = [...[...truth.all()].map(({ id }) => id), 'aaaaaaaaaa', 'no id'];
  const [said, wanted] = [answers(catalogue, ids), answers(truth, ids)];
  // Texts are compared faster, and this happens often.
  if (JSON.stringify(said) !== JSON.stringify(wanted)) expect(said).toEqual(wanted);
}

const filesOf = ({ layout }: World): readonly string[] => [
  layout.history,
  ...readdirOr(layout.tables).map(name => join(layout.tables, name)),
];

function readdirOr(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

type Step =
  | { readonly do: 'record'; readonly path: number; readonly seenAt: number }
  | { readonly do: 'note' }
  | { readonly do: 'seal'; readonly month: 0 | 1; readonly groups: number; readonly isKilled: boolean }
  | { readonly do: 'seal again'; readonly pick: number }
  | { readonly do: 'tables' | 'reopen' | 'refresh' | 'forget' }
  | { readonly do: 'prune'; readonly every: number; readonly isRewritten: boolean }
  | { readonly do: 'flip' | 'cut' | 'remove' | 'copy'; readonly file: number; readonly at: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('record'), path: fc.nat(pathNames.length - 1), seenAt: fc.nat(9) }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'note' }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('seal'),
      month: fc.constantFrom(0, 1),
      groups: fc.integer({ min: 1, max: 4 }),
      isKilled: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('seal again'), pick: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('tables', 'reopen', 'refresh') }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'forget' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('prune'),
      every: fc.integer({ min: 2, max: 4 }),
      isRewritten: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('flip', 'cut', 'remove', 'copy'),
      file: fc.nat(),
      at: fc.nat(),
    }),
  },
);

/** One story: a writer, a reader that stays, and what befalls their files. Both must tell the truth after each step. */
async function tell(steps: readonly Step[]): Promise<void> {
  const world = new World();
  let writer = new Process(world);
  let reader = new Process(world);
  let latestMonth: 0 | 1 = 0;
  for (const step of steps) {
    if (step.do === 'record') {
      const version = world.version(pathNames[step.path]!, step.seenAt);
      world.journal.push(formatVersion(version));
      writer.catalogue.add(version);
    } else if (step.do === 'note') {
      const note = world.note('incident');
      world.journal.push(formatNote(note));
      writer.catalogue.addNote(note);
    } else if (step.do === 'seal') {
      await writer.mend();
      latestMonth = step.month > latestMonth ? step.month : latestMonth;
      const lines = [...world.journal].sort((a, b) => timeOf(a) - timeOf(b)).map(sealed);
      const each = Math.ceil(lines.length / step.groups);
      const groups = Array.from({ length: step.groups }, (_, i) => lines.slice(i * each, (i + 1) * each));
      world.journal = [];
      const commits = world.commit(months[latestMonth], groups);
      if (step.isKilled) writer = new Process(world);
      else await writer.seal(commits);
    } else if (step.do === 'seal again') {
      await writer.mend();
      const all = world.commits.flatMap(({ lines }) => lines);
      if (all.length > 0) await writer.seal(world.commit(months[latestMonth], [[all[step.pick % all.length]!]]));
    } else if (step.do === 'tables') await writer.writeTables();
    else if (step.do === 'reopen') {
      writer.history.close();
      writer = new Process(world);
    } else if (step.do === 'refresh') writer.refresh();
    else if (step.do === 'forget') writer.history.remove();
    else if (step.do === 'prune') {
      world.prune((_, i) => i % step.every !== 0);
      if (step.isRewritten) await writer.history.rewrite(realDisk, writer.history.blocksOfCommits(world.objects));
    } else if ('at' in step) {
      const files = filesOf(world);
      const file = files[step.file % files.length]!;
      if (!readdirOr(dirname(file)).some(name => file.endsWith(name))) continue;
      harm(file, step.do, step.at);
      // Whoever has it open finds out when it reads there; the next one, when it opens it.
      if (step.at % 2 === 0) reader = new Process(world);
    }
    writer.refresh();
    expectTruth(world, writer.catalogue);
    reader.refresh();
    expectTruth(world, reader.catalogue);
  }
  for (const process of [writer, reader]) process.history.close();
  rmSync(world.layout.root, { recursive: true });
}

const sealed = (line: string): string => (isNoteLine(line) ? line : `${line}\t-`);
const timeOf = (line: string): number => (isNoteLine(line) ? 0 : parseVersion(line, null).seenAt);

function harm(file: string, how: 'flip' | 'cut' | 'remove' | 'copy', at: number): void {
  const bytes = readFileSync(file);
  if (how === 'remove') rmSync(file);
  else if (how === 'cut') truncateSync(file, at % (bytes.length + 1));
  else if (how === 'copy') {
    rmSync(file);
    writeFileSync(file, bytes);
  } else if (bytes.length > 0) {
    bytes[at % bytes.length]! ^= 1 << (at % 8);
    writeFileSync(file, bytes);
  }
}

describe('the index with its tables', () => {
  it('says what the commits and the journal say, whatever befalls it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), steps => tell(steps)),
      { numRuns: 40 },
    );
  });

  it('says the same of thousands of versions, out of few files', async () => {
    const world = new World();
    const limits = { tableLines: 200, longTailBytes: 1 << 20, sortedAtOnce: 64 };
    const writer = new Process(world, limits);
    let most = 0;
    for (let round = 0; round < 20; round++) {
      const lines = Array.from({ length: 150 }, (_, i) =>
        sealed(formatVersion(world.version(i % 3 === 0 ? `many/${round}-${i}` : pathNames[i % 5]!, (i * 7) % 50))),
      );
      await writer.mend();
      // A version that is in two commits counts once.
      const again = world.commits.at(-1)?.lines.slice(0, 2) ?? [];
      await writer.seal(world.commit(months[0], [lines.slice(0, 20), [], [...again, ...lines.slice(20)]]));
      await writer.writeTables();
      most = Math.max(most, readdirOr(world.layout.tables).length);
    }
    expectTruth(world, writer.catalogue);
    expectTruth(world, new Process(world, limits).catalogue);
    expect(most).toBeLessThanOrEqual(6);
    expect(most).toBeGreaterThan(1);
  });

  it('gives what is in memory back when there is a table of it', async () => {
    const world = new World();
    const writer = new Process(world);
    const lines = Array.from({ length: 20 }, (_, i) => sealed(formatVersion(world.version('a.md', i))));
    await writer.seal(world.commit(months[0], [lines]));
    let told = 0;
    const count = emptyCatalogue(() => writer.history.tables);
    for (const _ of count.all()) told++;
    expect(told).toBe(0);
    await writer.writeTables();
    for (const _ of count.all()) told++;
    expect(told).toBe(20);
    // With the tables away, what is left is what is in memory.
    writer.history.close();
    expect(writer.catalogue.versions({ root: 'claude', path: 'a.md' })).toEqual([]);
  });

  it('goes on without a commit that cannot be read, and does not write down that it lacks it', async () => {
    const world = new World();
    const [first] = world.commit(months[0], [[sealed(formatVersion(world.version('a.md', 1)))]]);
    world.commit(months[0], [[sealed(formatVersion(world.version('a.md', 2)))]]);
    const lost = world.lose(first!.name);
    const writer = new Process(world);
    await writer.mend();
    expect(writer.catalogue.versions({ root: 'claude', path: 'a.md' }).map(({ seenAt }) => seenAt)).toEqual([2]);
    lost.find();
    const next = new Process(world);
    await next.mend();
    expectTruth(world, next.catalogue);
    expectTruth(world, new Process(world).catalogue);
  });

  it('tells no path twice and forgets none when it turns out to be damaged while somebody goes through it', async () => {
    const world = new World();
    const writer = new Process(world);
    const lines = pathNames.map((path, i) => sealed(formatVersion(world.version(path, i))));
    await writer.seal(
      world.commit(months[0], [lines.slice(0, 3), lines.slice(3), [sealed(formatVersion(world.version('x', 1)))]]),
    );
    await writer.writeTables();
    const bytes = readFileSync(world.layout.history);
    for (let at = 20; at < bytes.length; at += 11) {
      const reader = new Process(world);
      const seen: string[] = [];
      for (const { path } of reader.catalogue.paths()) {
        seen.push(path);
        if (seen.length === 2) writeFileSync(world.layout.history, flipped(bytes, at));
      }
      expect(seen.sort()).toEqual([...pathNames, 'x'].sort());
      writeFileSync(world.layout.history, bytes);
    }
  });
});

describe('a reader of the index', () => {
  const tiny = { ...small, tableLines: 2 };

  /** Versions in two tables and behind them, and notes. */
  async function fewVersions() {
    const world = new World();
    const writer = new Process(world, tiny);
    for (const lines of [['a.md', 'b.md', 'a.md', 'note', 'b.md', 'd/e/f.md'], ['a.md', 'note'], ['b.md']]) {
      const group = lines.map((path, i) =>
        path === 'note' ? formatNote(world.note('gap')) : sealed(formatVersion(world.version(path, i))),
      );
      await writer.seal(world.commit(months[0], [group.slice(0, 2), group.slice(2)]));
      await writer.writeTables();
    }
    writer.history.close();
    expect(readdirOr(world.layout.tables)).toHaveLength(2);
    return world;
  }

  /** Each of these must be noticed, and must not change one answer. */
  function survives(world: World, file: string, harmed: Iterable<Buffer>): void {
    const whole = readFileSync(file);
    const truth = world.truth();
    for (const bytes of harmed) {
      writeFileSync(file, bytes);
      const reader = new Process(world, tiny);
      expectAnswers(truth, reader.catalogue);
      reader.history.close();
    }
    writeFileSync(file, whole);
  }

  it('is not misled by a bit that flips anywhere in `history`, nor by its being cut anywhere', async () => {
    const world = await fewVersions();
    const bytes = readFileSync(world.layout.history);
    const places = [...bytes.keys()];
    survives(
      world,
      world.layout.history,
      lazily(places, at => flipped(bytes, at)),
    );
    survives(
      world,
      world.layout.history,
      lazily(places, at => bytes.subarray(0, at)),
    );
  });

  it('is not misled by a bit that flips in a table, nor by its being cut', async () => {
    const world = await fewVersions();
    for (const name of readdirOr(world.layout.tables)) {
      const file = join(world.layout.tables, name);
      const bytes = readFileSync(file);
      // Most of a page is padding here: all of what is not, and some of what is.
      const places = [...bytes.keys()].filter(at => bytes[at] !== 0 || at % 101 === 0);
      survives(
        world,
        file,
        lazily(places, at => flipped(bytes, at)),
      );
      survives(
        world,
        file,
        lazily(places, at => bytes.subarray(0, at)),
      );
    }
  });

  it('is not misled by noise in the place of a file, or of a part of it', async () => {
    const world = await fewVersions();
    const files = filesOf(world);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(files.length - 1),
        fc.uint8Array({ maxLength: 400 }),
        fc.nat(),
        fc.boolean(),
        async (number, noise, at, isWhole) => {
          const file = files[number]!;
          const bytes = readFileSync(file);
          const start = isWhole ? 0 : at % bytes.length;
          const rest = isWhole ? Buffer.alloc(0) : bytes.subarray(start + noise.length);
          survives(world, file, [Buffer.concat([bytes.subarray(0, start), noise, rest])]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('does not take the tables of another `history` for its own', async () => {
    const [one, other] = [await fewVersions(), await fewVersions()];
    other.prune((_, i) => i !== 1);
    const writer = new Process(other, tiny);
    await writer.mend();
    const more = Array.from({ length: 9 }, (_, i) => sealed(formatVersion(other.version('a.md', i))));
    await writer.seal(other.commit(months[0], [more]));
    for (const file of filesOf(one).slice(1)) copyFileSync(file, join(other.layout.tables, basename(file)));
    const reader = new Process(other, tiny);
    expectTruth(other, reader.catalogue);
    // It was noticed before the commits had to say it.
    expect(reader.history.isOutOfDate).toBe(false);
    writeFileSync(other.layout.history, readFileSync(one.layout.history));
    const misled = new Process(other, tiny);
    expectTruth(other, misled.catalogue);
    expect(misled.history.isOutOfDate).toBe(true);
    await misled.mend();
    expectTruth(other, misled.catalogue);
    expect(new Process(other, tiny).history.isOutOfDate).toBe(false);
  });
});

describe('a store with more than ten thousand versions', () => {
  it('has a table, and says after opening what it said before; stock git does not mind', async () => {
    const path = join(home, 'many');
    const store = await openGitStore({ path, machine: 'here' });
    const observations = Array.from({ length: 10_100 }, (_, i) => seen(`f${i % 2_000}`, null, i));
    for (let i = 0; i < observations.length; i += 2_000) await store.record(observations.slice(i, i + 2_000));
    await store.note([{ kind: 'gap', at: 1, data: { why: 'x' } }]);
    await store.seal();
    await store.record([seen('f7', 'text', 20_000)]);
    const key = { root: 'claude', path: 'f7' };
    const before = [store.versions(key), await store.size(), store.notes('gap'), [...store.paths()].length];
    expect(store.versions(key)).toHaveLength(7);
    expect(before[1]).toMatchObject({ versions: 10_101, sealed: 10_100, since: 0 });
    expect(readdirOr(join(path, 'tables'))).toHaveLength(1);
    const again = await openGitStore({ path, machine: 'here', readOnly: true });
    expect([again.versions(key), await again.size(), again.notes('gap'), [...again.paths()].length]).toEqual(before);
    expect((await again.verify()).damage).toEqual([]);
    expect(statSync(join(path, 'tables')).mode & 0o777).toBe(0o700);
    if (hasGit) expect(fsck(path)).toBe('');
    await Promise.all([store.close(), again.close()]);
  });
});

function* lazily<Item, Made>(items: readonly Item[], make: (item: Item) => Made): Generator<Made> {
  for (const item of items) yield make(item);
}

function flipped(bytes: Buffer, at: number): Buffer {
  const harmed = Buffer.from(bytes);
  harmed[at]! ^= 1 << (at % 8);
  return harmed;
}
