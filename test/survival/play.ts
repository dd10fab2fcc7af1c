/** Plays rounds with real processes under a real watcher, and tells of every text what became of it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openGitStore } from '../../src/store/git-store.ts';
import { blobId } from '../../src/watch/read.ts';
import { Place, Program } from '../helpers/program.ts';
import { lineOf, mostWriters, type Round, startText, tokenOf, tokensIn } from './schedule.ts';
import { type Used, Waits } from './waits.ts';

/** Rounds that are played at the same time, on different files. */
const lanes = 3;
/** Milliseconds between two rounds of a lane. */
const rest = 10;
/** As `usualTiming.hold`: a write that takes longer may be seen half done and taken for whole. */
const hold = 2_000;

/** A write that was carried out, and acknowledged at `end`. Microseconds of one monotonic clock. */
export interface Done {
  readonly token: string;
  readonly path: string;
  /** All that it put there; null for an append. */
  readonly text: string | null;
  readonly start: number;
  readonly end: number;
  readonly wall: number;
}

export interface Fate {
  readonly token: string;
  readonly path: string;
  readonly round: number;
  /** Milliseconds it certainly stood on the disk, alone and whole; infinite when nothing took it away. */
  readonly stood: number;
  readonly isOnDisk: boolean;
  readonly isKept: boolean;
  /** In a version that counts as whole. */
  readonly isSettled: boolean;
  /** What the watcher did meanwhile, or was kept from doing. */
  readonly used: Used;
  /** The bare control read it. */
  readonly isSeenBare: boolean;
  /** Every text that ever stood in its file is in the store, whole. */
  readonly isComplete: boolean;
  /** An incident names it, by itself or with its whole section. */
  readonly isNamed: boolean;
}

export interface Outcome {
  readonly fates: readonly Fate[];
  /** What should never be, in words. */
  readonly wrongs: readonly string[];
  /**
   * Settled contents that came of two writes that met, of one that took longer than the watcher waits, or of one over a
   * text that nobody saw.
   */
  readonly mixed: number;
  readonly done: readonly Done[];
  /** The settled and unsettled versions of each path, for the story of a failure. */
  readonly histories: ReadonlyMap<string, readonly Kept[]>;
}

interface Kept {
  readonly id: string;
  readonly text: string;
  readonly settled: boolean;
  readonly seenAt: number;
}

interface Step {
  readonly at: number;
  readonly file: string;
  readonly mode?: string;
  readonly base?: string;
  readonly token?: string;
  readonly line?: string;
}

/** `rounds` by number; the numbers name the files. `pause`: whether the watcher gets to be quiet before it is stopped. */
export async function play(rounds: ReadonlyMap<number, Round>, pause: boolean): Promise<Outcome> {
  const files = filesOf(rounds);
  const place = new Place(Object.fromEntries([...files].map(([path, { text }]) => [path, text])));
  try {
    const watch = place.start('watch', '--json');
    await watch.line(line => line.includes('"type":"ready"'));
    const bare = await script(place, 'bare.mjs', place.home);
    const writers = await Promise.all(Array.from({ length: mostWriters }, () => script(place, 'writer.mjs')));
    const waits = new Waits(watch.pid);
    const plan = planOf(rounds, place.home);
    const begin = Number(process.hrtime.bigint() / 1000n) + 100_000;
    for (const [i, writer] of writers.entries()) writer.tell(JSON.stringify({ begin, steps: plan[i] }));
    const told = await Promise.all(writers.map(writer => writer.line(line => line.startsWith('['))));
    waits.end();
    if (pause) await new Promise(resolve => setTimeout(resolve, 700));
    watch.kill('SIGINT');
    const stopped = await watch.ended;
    bare.tell('stop');
    const seen = new Set(JSON.parse(await bare.line(line => line.startsWith('['))) as string[]);
    for (const writer of writers) writer.kill('SIGTERM');
    await Promise.all(writers.map(writer => writer.ended));
    const audit = await place.run('audit', '--json', '--all');
    const done = told.flatMap(line => JSON.parse(line) as Omit<Done, 'path'>[]);
    const pathOfToken = new Map(
      [...rounds].flatMap(([n, { writes }]) => writes.map((w, i) => [tokenOf(n, i), pathOf(n, w.file)])),
    );
    const outcome = await judge({
      place,
      files,
      done: done.map(each => ({ ...each, path: pathOfToken.get(each.token)! })),
      seen,
      waits,
      incidents: (JSON.parse(audit.out) as { incidents: Named[] }).incidents,
    });
    const wrongs = [...outcome.wrongs];
    if (stopped.code !== 0) wrongs.push(`the watcher ended with ${stopped.code}: ${stopped.err}`);
    // What it had no time to look at when it was stopped is looked at by the audit that follows.
    const warned = /^.*"type":"warning"(?!.*"code":"unchecked").*/m.exec(stopped.out);
    if (warned) wrongs.push(`the watcher warned: ${warned[0]}`);
    if (audit.code! > 1) wrongs.push(`the audit ended with ${audit.code}: ${audit.err}`);
    return { ...outcome, wrongs };
  } finally {
    await place.remove();
  }
}

export function pathOf(round: number, file: number): string {
  return `notes/${round % 8}/${round}-${file}.md`;
}

interface StartFile {
  readonly round: number;
  readonly text: string;
}

function filesOf(rounds: ReadonlyMap<number, Round>): ReadonlyMap<string, StartFile> {
  const files = new Map<string, StartFile>();
  for (const [round, { files: count, lines }] of rounds) {
    for (let i = 0; i < count; i++) files.set(pathOf(round, i), { round, text: startText(round, i, lines) });
  }
  return files;
}

/** The steps of each writer, in the order of their times; a round begins when its lane is free. */
function planOf(rounds: ReadonlyMap<number, Round>, home: string): readonly (readonly Step[])[] {
  const free = Array.from({ length: lanes }, (_, i) => i * 7);
  const plan: Step[][] = Array.from({ length: mostWriters }, () => []);
  for (const [n, round] of rounds) {
    const lane = free.indexOf(Math.min(...free));
    let at = free[lane]!;
    for (let writer = 0; writer < round.writers; writer++) {
      const files = new Set(round.writes.filter(write => write.writer === writer).map(({ file }) => file));
      for (const file of files) plan[writer]!.push({ at, file: join(home, pathOf(n, file)) });
    }
    for (const [i, { writer, file, base, mode, after }] of round.writes.entries()) {
      at += after;
      const token = tokenOf(n, i);
      plan[writer]!.push({ at: at + 3, file: join(home, pathOf(n, file)), mode, base, token, line: lineOf(token) });
    }
    free[lane] = at + rest;
  }
  return plan.map(steps => steps.sort((a, b) => a.at - b.at));
}

async function script(place: Place, name: string, ...words: string[]): Promise<Program> {
  const program = new Program([join(import.meta.dirname, name), ...words], place.env, place.folder);
  await program.line(line => line === 'ready');
  return program;
}

interface Named {
  readonly path: string;
  readonly lost: { readonly version: string } | null;
  readonly cause: { readonly version: string } | null;
  readonly units: readonly { readonly kind: string; readonly text: string }[];
}

interface Evidence {
  readonly place: Place;
  readonly files: ReadonlyMap<string, StartFile>;
  readonly done: readonly Done[];
  readonly seen: ReadonlySet<string>;
  readonly waits: Waits;
  readonly incidents: readonly Named[];
}

async function judge({ place, files, done, seen, waits, incidents }: Evidence): Promise<Outcome> {
  const fates: Fate[] = [];
  const wrongs: string[] = [];
  const histories = new Map<string, Kept[]>();
  let mixed = 0;
  const store = await openGitStore({ path: place.store, readOnly: true });
  try {
    for (const [path, { round, text: start }] of files) {
      const writes = done.filter(write => write.path === path);
      const versions = store.versions({ root: 'claude', path });
      const kept: Kept[] = [];
      for (const { id, blob, settled, seenAt } of versions) {
        const text = blob === null ? '' : Buffer.from(await store.read(blob)).toString('utf8');
        kept.push({ id, text, settled, seenAt });
      }
      histories.set(path, kept);
      const present = place.read(path);
      const latest = store.latest({ root: 'claude', path });
      if (latest?.blob !== blobId(Buffer.from(present)) || !latest.settled) {
        wrongs.push(`the last content of ${path} is not the newest settled version`);
      }
      for (const version of kept.filter(({ settled, text }) => settled && !isWritten(text, start, writes))) {
        if (isUnexplained(version, kept, writes)) mixed++;
        else if (meet(writes) || writes.some(write => isSlow(write) && isDuring(version, write))) mixed++;
        else
          wrongs.push(
            `${path} has a settled version that nobody wrote: ${JSON.stringify(version.text.slice(-200))}\n${storyOf(path, done, kept)}`,
          );
      }
      const whole = kept.filter(({ settled }) => settled);
      for (const { token } of writes) {
        const { from, stood } = stoodFor(token, writes);
        const isOnDisk = present.includes(`${token} `);
        if (stood === Number.POSITIVE_INFINITY && !isOnDisk)
          wrongs.push(`nothing took ${token} out of ${path}, and it is gone`);
        fates.push({
          token,
          path,
          round,
          stood: stood / 1000,
          isOnDisk,
          isKept: kept.some(({ text }) => text.includes(`${token} `)),
          isSettled: whole.some(({ text }) => text.includes(`${token} `)),
          used: waits.between(from, from + stood),
          isSeenBare: seen.has(token),
          isComplete: !meet(writes) && writes.every(write => whole.some(({ text }) => isResult(text, write))),
          isNamed: incidents.some(incident => incident.path === path && names(incident, token, kept)),
        });
      }
    }
  } finally {
    await store.close();
  }
  const strays = readdirSync(place.home, { recursive: true, encoding: 'utf8' }).filter(name =>
    name.includes('.undertext-'),
  );
  if (strays.length > 0) wrongs.push(`left behind: ${strays}`);
  return { fates, wrongs, mixed, done, histories };
}

/** What was done to a file and what was kept of it, for whoever has to find out why. */
export function storyOf(path: string, done: readonly Done[], kept: readonly Kept[]): string {
  const writes = done.filter(write => write.path === path).sort((a, b) => a.start - b.start);
  const begin = writes[0]?.start ?? 0;
  const short = (text: string) => `${text.length} bytes, ${tokensIn(text).join(' ')}`;
  return [
    ...writes.map(({ start, end, text, token, wall }) => {
      return `  ${wall}: ${start - begin}–${end - begin} µs ${token}: ${text === null ? 'appended' : short(text)}`;
    }),
    ...kept.map(({ text, settled, seenAt }) => `  ${seenAt}: kept ${settled ? '' : 'unsettled '}${short(text)}`),
  ].join('\n');
}

/** When the token stood on the disk for certain, and how long (microseconds): the longest of all times. */
export function stoodFor(token: string, writes: readonly Done[]): { readonly from: number; readonly stood: number } {
  const has = (write: Done) => write.token === token || (write.text?.includes(`${token} `) ?? false);
  const removers = writes.filter(write => write.text !== null && !has(write));
  let longest = { from: 0, stood: 0 };
  for (const write of writes.filter(has)) {
    // One that was at work when this one began may have come after it.
    const until = Math.min(...removers.filter(({ end }) => end >= write.start).map(({ start }) => start));
    if (until - write.end > longest.stood) longest = { from: write.end, stood: until - write.end };
  }
  return longest;
}

/** True for what stood there when no two writes met: what somebody put there, and lines that were appended to it. */
function isWritten(text: string, start: string, writes: readonly Done[]): boolean {
  const whole = new Set([start, ...writes.flatMap(write => write.text ?? [])]);
  const appended = new Set(writes.filter(write => write.text === null).map(({ token }) => lineOf(token)));
  for (let rest = text; ; ) {
    if (whole.has(rest)) return true;
    const line = rest.slice(rest.lastIndexOf('\n', rest.length - 2) + 1);
    if (!appended.delete(line)) return false;
    rest = rest.slice(0, -line.length);
  }
}

/** Two writers at work at once mix their bytes. */
function meet(writes: readonly Done[]): boolean {
  return writes.some(a => writes.some(b => a !== b && a.start <= b.end && b.start <= a.end));
}

/** A write that takes longer than the watcher holds what it read looks like two. */
function isSlow({ start, end }: Done): boolean {
  return end - start > hold;
}

function isDuring({ seenAt }: Kept, { start, end, wall }: Done): boolean {
  return seenAt >= wall - 1 && seenAt <= wall + (end - start) / 1000 + 1;
}

/**
 * What a moment in the middle of a write looks like when the watcher missed the moment that explains it: the old end
 * behind a new text, when what had that end or that text alone was not seen; the beginning of a text, when the whole of
 * it was not.
 */
function isUnexplained(version: Kept, kept: readonly Kept[], writes: readonly Done[]): boolean {
  const isMissed = (write: Done) => kept.every(({ text }) => text !== write.text);
  const over = writes.filter(({ text }) => text !== null && version.text.startsWith(text));
  const sawEnd = kept.some(({ text, seenAt }) => seenAt < version.seenAt && text.length === version.text.length);
  const begun = writes.filter(({ text }) => text?.startsWith(version.text));
  return (over.length > 0 && !sawEnd) || over.some(isMissed) || begun.some(isMissed);
}

function isResult(text: string, write: Done): boolean {
  return write.text === null ? tokensIn(text).includes(write.token) : text === write.text;
}

/** A section that is lost whole is one unit: the line of its heading. */
function names({ lost, cause, units }: Named, token: string, kept: readonly Kept[]): boolean {
  if (units.some(({ text }) => tokensIn(text).includes(token))) return true;
  const has = (version: string | undefined) =>
    tokensIn(kept.find(({ id }) => id === version)?.text ?? '').includes(token);
  return units.some(({ kind }) => kind === 'section') && has(lost?.version) && !has(cause?.version);
}
