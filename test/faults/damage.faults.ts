/**
 * Files of the store that are missing, cut short, or changed in one bit. What is read is right or refused; `verify` names
 * the versions that cannot be restored; the next start records and seals, or says in one line why it does not.
 */
import { cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UndertextError } from '../../src/errors.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import type { Store } from '../../src/store/store.ts';
import { Place, Program } from '../helpers/program.ts';
import { seen } from '../store/contract.ts';
import { fsck, hasGit } from '../store/with-git.ts';
import { recorder } from './broken-program.ts';
import { type Row, tell } from './rows.ts';
import { type Chance, chanceOf, isFull } from './seed.ts';
import { type Announced, ask, everyVersion, filesBelow, sumOf } from './soundness.ts';

const place = new Place();
const kept = join(place.folder, 'kept');
let announced: readonly Announced[];

/** Packs, a log, two heads, and a journal that a dead process has left. */
beforeAll(async () => {
  const november = 1_700_000_000_000;
  const december = november + 31 * 24 * 3600_000;
  const run = (...args: readonly string[]) =>
    new Program([recorder, place.store, ...args], place.env, place.folder).ended;
  const long = 'a line of a file that is a bit longer\n'.repeat(40);
  await run(String(november), `record:a.md:one ${long}`, 'record:b.md:else', 'seal', `record:a.md:two ${long}`, 'note');
  await run(String(december), `record:a.md:three ${long}`, 'seal', 'log:s.jsonl:140', 'record:c.md:c', 'seal');
  await run(String(december + 1000), `record:a.md:four ${long}`, 'record:b.md:last', 'note', 'record:d.md:d', 'die');
  announced = await everyVersion(place.store);
  cpSync(place.store, kept, { recursive: true, preserveTimestamps: true });
});
afterAll(() => place.remove());

const kinds = {
  journal: /^journal\//,
  pack: /\.pack$/,
  'index of a pack': /\.idx$/,
  head: /^refs\/heads\/.*\/2023-12$/,
  'head of an old month': /^refs\/heads\/.*\/2023-11$/,
  HEAD: /^HEAD$/,
  history: /^history$/,
  format: /^format$/,
  config: /^config$/,
};

const harms: Readonly<Record<string, (file: string, chance: Chance) => void>> = {
  missing: file => rmSync(file),
  empty: file => truncateSync(file, 0),
  'cut short': (file, chance) => truncateSync(file, chance.below(readFileSync(file).length)),
  'one bit changed': (file, chance) => {
    const bytes = readFileSync(file);
    bytes[chance.below(bytes.length)]! ^= 1 << chance.below(8);
    writeFileSync(file, bytes);
  },
  'all zeros': file => writeFileSync(file, Buffer.alloc(readFileSync(file).length)),
};

/** How often where it falls is left to chance. */
const timesOf = (harm: string): number => (/bit|cut/.test(harm) ? (isFull ? 200 : 8) : 1);

/** Where no second copy is: what only stood there is gone without a trace, or behind the harm. */
const isOnlyCopy = (kind: string): boolean => kind === 'journal';

describe.each(Object.entries(kinds))('%s', (kind, pattern) => {
  it('harmed: nothing wrong is ever read, and it is said', async ({ task }) => {
    const rows: Row[] = [];
    const failures: string[] = [];
    for (const [harm, act] of Object.entries(harms)) {
      const chance = chanceOf(`${kind} ${harm}`);
      for (let time = 0; time < timesOf(harm); time++) {
        rmSync(place.store, { recursive: true, force: true });
        cpSync(kept, place.store, { recursive: true, preserveTimestamps: true });
        const file = chance.pick(filesBelow(place.store).filter(name => pattern.test(name)));
        act(join(place.store, file), chance);
        try {
          rows.push({ operation: 'damage', point: kind, fault: harm, outcome: await outcomeOf(kind) });
        } catch (error) {
          rows.push({ operation: 'damage', point: kind, fault: harm, outcome: 'FAILED' });
          failures.push(`${file} ${harm} (${time}): ${(error as Error).message}`);
        }
      }
    }
    tell(task, rows);
    expect(failures.join('\n\n')).toBe('');
  });
});

async function outcomeOf(kind: string): Promise<string> {
  const first = await expectRightOrNamed(kind);
  const next = await expectNextStart();
  if (next !== null) return `${first}; next start: ${next}`;
  await expectRightOrNamed(kind);
  return first;
}

/** Every announced version is read byte by byte, or refused and named by `verify`. */
async function expectRightOrNamed(kind: string): Promise<string> {
  const verified = await ask(place, 'verify', '--json');
  if (verified.code !== 0 && verified.code !== 3)
    throw new Error(`verify ended with ${verified.code}: ${verified.err}`);
  expect(verified.err).not.toMatch(/defect|stumbled/);
  if (verified.out === '') {
    const { message, hint } = (JSON.parse(verified.err) as { error: { message: string; hint: string } }).error;
    expect(hint).not.toBe('');
    return `refused: ${message.replace(place.store, 'the store').replace(/^.*cannot be used/, 'it cannot be used')}`;
  }
  const { damage } = JSON.parse(verified.out) as { damage: readonly { versions: readonly { version: string }[] }[] };
  const named = new Set(damage.flatMap(({ versions }) => versions.map(({ version }) => version)));
  const store = await openGitStore({ path: place.store, readOnly: true });
  try {
    const lost = [];
    for (const each of announced) if (!(await isRead(store, each))) lost.push(each);
    const unnamed = lost.filter(({ id }) => !named.has(id) && !(isOnlyCopy(kind) && store.withId(id).length === 0));
    expect(
      unnamed.map(({ path, id }) => `${path}@${id}`),
      'lost, and not named by verify',
    ).toEqual([]);
    const isGit = hasGit && existsSync(join(place.store, 'HEAD'));
    const complaint = verified.code === 0 && isGit ? fsck(place.store) : '';
    // We read no value out of it, so of values only git can tell.
    if (kind === 'config' && /bad (boolean|numeric) config/.test(complaint)) return 'nothing lost, named by git';
    expect(complaint).toBe('');
    if (lost.length > 0) return damage.length > 0 ? 'named by verify' : 'what stood only there is gone';
    return damage.length > 0 ? 'nothing lost, named by verify' : 'nothing lost';
  } finally {
    await store.close();
  }
}

/** False when it is refused. @throws when other bytes come */
async function isRead(store: Store, { id, path, sum }: Announced): Promise<boolean> {
  const [version] = store.withId(id);
  if (!version) return false;
  expect(version.path).toBe(path);
  try {
    expect(sumOf(await store.read(version.blob!)), `content of ${path}@${id}`).toBe(sum);
    return true;
  } catch (error) {
    if (!(error instanceof UndertextError)) throw error;
    expect(error.hint).not.toBe('');
    return false;
  }
}

/** Null when it records and seals; else what it said. What it recorded is there for the one after it. */
async function expectNextStart(): Promise<string | null> {
  try {
    const store = await openGitStore({ path: place.store, machine: 'here' });
    const [version] = await store.record([seen('new.md', 'new', Date.now())]);
    let said: string | null = null;
    await store.seal().catch((error: unknown) => {
      if (!(error instanceof UndertextError)) throw error;
      said = `records, and does not seal: ${error.code}`;
    });
    await store.close();
    const reader = await openGitStore({ path: place.store, readOnly: true });
    expect(Buffer.from(await reader.read(version!.blob!)).toString()).toBe('new');
    expect(reader.withId(version!.id)).toHaveLength(1);
    await reader.close();
    return said;
  } catch (error) {
    if (!(error instanceof UndertextError)) throw error;
    expect(error.hint).not.toBe('');
    return `refused: ${error.code}`;
  }
}
