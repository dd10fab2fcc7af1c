/** What must hold after every fault, asked of the program as a person would, and of stock git. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import { rules } from '../../rules/index.ts';
import { run } from '../../src/cli.ts';
import type { Version } from '../../src/model.ts';
import { openGitStore } from '../../src/store/git-store.ts';
import type { Ended, Place } from '../helpers/program.ts';
import { fsck, hasGit } from '../store/with-git.ts';

/** A version somebody was told of. */
export interface Announced {
  readonly path: string;
  readonly id: string;
  readonly blob: string;
  /** SHA-256 of the content. */
  readonly sum: string;
}

export const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The lines of children/recorder.mjs. */
export function announcedIn(out: string): readonly Announced[] {
  const lines = out.split('\n').slice(0, -1);
  return lines
    .map(line => line.split('\t'))
    .map(([path, id, blob, sum]) => ({ path: path!, id: id!, blob: blob!, sum: sum! }));
}

/** Runs a command in this process: the program's own code, without the start of a process. */
export function ask(place: Place, ...words: string[]): Promise<Ended> {
  return askAt(Date.now, place, ...words);
}

export async function askAt(now: () => number, place: Place, ...words: string[]): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const terminal = (chunks: Buffer[]) => ({
    write: async (text: string | Uint8Array) => void chunks.push(Buffer.from(text as string)),
    isTerminal: false,
    columns: 80,
  });
  const code = await run(words, {
    out: terminal(out),
    err: terminal(err),
    cwd: place.folder,
    home: place.folder,
    env: place.env,
    platform: process.platform,
    node: process.execPath,
    signal: new AbortController().signal,
    rules,
    now,
  });
  return { code, out: Buffer.concat(out).toString('latin1'), err: Buffer.concat(err).toString('utf8') };
}

/** Every version of the store, as a person was told of it. */
export async function everyVersion(path: string): Promise<readonly Announced[]> {
  if (!existsSync(join(path, 'format'))) return [];
  const store = await openGitStore({ path, readOnly: true });
  const all: Announced[] = [];
  for (const newest of store.paths()) {
    for (const version of store.versions(newest)) {
      if (version.blob === null) continue;
      all.push({ path: version.path, id: version.id, blob: version.blob, sum: sumOf(await store.read(version.blob)) });
    }
  }
  await store.close();
  return all;
}

/** Reads only: every announced version is there byte by byte, `verify` and, when it is asked, stock git find nothing. */
export async function expectNothingLost(
  path: string,
  announced: readonly Announced[],
  asksGit = hasGit,
): Promise<void> {
  if (!existsSync(join(path, 'format'))) {
    expect(announced, 'no store stands there').toEqual([]);
    return;
  }
  await expectKept(path, announced);
  const store = await openGitStore({ path, readOnly: true });
  try {
    expect((await store.verify()).damage).toEqual([]);
  } finally {
    await store.close();
  }
  if (asksGit && existsSync(join(path, 'HEAD'))) expect(fsck(path)).toBe('');
}

/** Reads only: every announced version is there byte by byte. */
export async function expectKept(path: string, announced: readonly Announced[]): Promise<void> {
  const store = await openGitStore({ path, readOnly: true });
  try {
    for (const { path, id, blob, sum } of announced) {
      expect(store.withId(id), `version ${id} of ${path}`).toMatchObject([{ path, blob }]);
      expect(sumOf(await store.read(blob)), `content of ${id}`).toBe(sum);
    }
  } finally {
    await store.close();
  }
}

/** The same through the commands: `verify --json`, `log --json`, and `cat` of the newest announced of each path. */
export async function expectCommandsAgree(place: Place, announced: readonly Announced[]): Promise<void> {
  const verified = await ask(place, 'verify', '--json');
  expect(verified).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(verified.out)).toMatchObject({ sound: true, damage: [] });
  for (const { path, id, sum } of new Map(announced.map(each => [each.path, each])).values()) {
    const listed = await ask(place, 'log', path, '--json');
    expect(listed).toMatchObject({ code: 0, err: '' });
    const { versions } = JSON.parse(listed.out) as { versions: readonly { version: Version['id'] }[] };
    expect(versions.map(({ version }) => version)).toContain(id);
    const shown = await ask(place, 'cat', `${path}@${id}`);
    expect(shown).toMatchObject({ code: 0, err: '' });
    expect(sumOf(Buffer.from(shown.out, 'latin1'))).toBe(sum);
  }
}

const belongs = [
  /^(format|HEAD|config|history|swept)$/,
  /^refs\/undertext\/trash\/\d+-\d+\/[^/]+\/\d{4}-\d{2}$/,
  /^objects\/pack\/pack-[0-9a-f]{40}\.(pack|idx)$/,
  /^objects\/[0-9a-f]{2}\/[0-9a-f]{38}$/,
  /^refs\/heads\/[^/]+\/\d{4}-\d{2}$/,
  /^cache\/audit\.json$/,
];

/** Files of the store that nobody needs. */
export function leftovers(store: string): readonly string[] {
  return filesBelow(store).filter(name => !belongs.some(pattern => pattern.test(name)));
}

export function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** As if the fault had been a while ago: what is young may belong to somebody who lives. */
export function age(store: string): void {
  const then = Date.now() / 1000 - 3600;
  for (const name of leftovers(store)) utimesSync(join(store, name), then, then);
}

/** Path → SHA-256, of what stands in the home. */
export function homeOf(home: string): Readonly<Record<string, string>> {
  return Object.fromEntries(filesBelow(home).map(name => [name, sumOf(readFileSync(join(home, name)))]));
}

/** A refusal says what happened and what to do, and is none of the program's own mistakes. */
export function expectClearRefusal({ err }: Ended): void {
  expect(err).toMatch(/^error: .+$/m);
  expect(err).toMatch(/^hint: .+$/m);
  expect(err).not.toMatch(/defect|internal|\.js:\d+/);
}
