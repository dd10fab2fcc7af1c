/**
 * What is broken at every point. To add one: its name, what it starts from, what is run, and what stands in the home
 * before and after.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../helpers/program.ts';
import { program, recorder } from './broken-program.ts';
import { type Announced, announcedIn, ask, everyVersion, filesBelow, sumOf } from './soundness.ts';

/** Where a run has left its store and its home. */
export interface Where {
  readonly store: string;
  readonly home: string;
}

export interface Operation {
  readonly name: string;
  /** Makes what it starts from, in an empty home without a store; gives what Node is to run. */
  prepare(place: Place): Promise<readonly string[]>;
  /** Exit codes when nothing goes wrong; left out: 0. */
  readonly ends?: readonly number[];
  /** What a run that ended well has announced, besides what its output says. */
  announces?(where: Where, out: string): Promise<readonly Announced[]>;
  /** Versions that it takes out of the history, sooner or later. */
  takesAway?(version: Announced): boolean;
  /** For a restore: the file it writes, and what stands there before and after (null: no file). */
  readonly target?: { readonly path: string; readonly before: string | null; readonly after: string | null };
}

/** November 2023, and a month later: heads are one a month. */
const thisMonth = 1_700_000_000_000;
const nextMonth = thisMonth + 31 * 24 * 3600_000;
const recording = (place: Place, now: number, ...steps: string[]) => [recorder, place.store, String(now), ...steps];
const said = async (_: Where, out: string) => announcedIn(out);

function runNow(args: readonly string[], place: Place): void {
  execFileSync(process.execPath, args, { env: place.env, stdio: 'ignore' });
}

const rules = '# Rules\n\n- be kind\n';
const theirs = `${rules}- be brief\n`;
const ours = `${rules}- be exact\n`;
const merged = `${rules}- be brief\n- be exact\n`;

async function mustRun(place: Place, ...words: string[]): Promise<string> {
  const { code, out, err } = await ask(place, ...words);
  if (code !== 0 && code !== 1) throw new Error(`${words.join(' ')} ended with ${code}: ${err}`);
  return out;
}

/** A home where one rule was overwritten; gives the incident. */
async function overwritten(place: Place): Promise<string> {
  place.write('notes.md', 'beside\n');
  for (const text of [rules, theirs, ours]) {
    place.write('CLAUDE.md', text);
    await mustRun(place, 'snapshot');
  }
  const { incidents } = JSON.parse(await mustRun(place, 'audit', '--json')) as { incidents: { id: string }[] };
  return incidents[0]!.id;
}

async function firstVersion(place: Place, path: string): Promise<string> {
  const { versions } = JSON.parse(await mustRun(place, 'log', path, '--json')) as { versions: { version: string }[] };
  return versions[0]!.version;
}

async function lastRestore(place: Place, words: readonly string[]): Promise<string> {
  const { undo } = JSON.parse(await mustRun(place, ...words, '--json')) as { undo: string };
  return undo.split(' ').at(-1)!;
}

/** Every file of the home is a version: what a scan that ended well has promised. */
async function wholeHome({ store, home }: Where): Promise<readonly Announced[]> {
  const known = new Map((await everyVersion(store)).map(each => [`${each.path}\0${each.sum}`, each]));
  return filesBelow(home).map(path => {
    const version = known.get(`${path}\0${sumOf(readFileSync(join(home, path)))}`);
    if (!version) throw new Error(`${path} is not in the store, and the scan ended well`);
    return version;
  });
}

function plainHome(place: Place): void {
  place.write('CLAUDE.md', rules);
  place.write('notes.md', 'beside\n');
  place.write('skills/pdf/SKILL.md', '# pdf\n');
}

export const operations: readonly Operation[] = [
  {
    name: 'record and seal, first time',
    prepare: async place =>
      recording(
        place,
        thisMonth,
        'record:a.md:one',
        'record:a.md:two',
        'seal',
        'keep:big.md:a big one',
        'note',
        'record:a.md:three',
      ),
    announces: said,
  },
  {
    name: 'record and seal, in a new month',
    prepare: async place => {
      runNow(recording(place, thisMonth, 'record:a.md:one', 'record:b.md:else', 'seal', 'record:a.md:two'), place);
      return recording(place, nextMonth, 'record:a.md:three', 'seal', 'record:b.md:four', 'record:a.md:one', 'seal');
    },
    announces: said,
  },
  {
    name: 'merge packs',
    prepare: async place => {
      runNow(recording(place, thisMonth, 'many:31'), place);
      return recording(place, thisMonth + 1000, 'many:3');
    },
    announces: said,
  },
  {
    name: 'seal what a dead one left',
    prepare: async place => {
      const steps = ['record:a.md:one', 'seal', 'record:a.md:two', 'keep:big.md:a big one', 'note', 'die'];
      try {
        runNow(recording(place, thisMonth, ...steps), place);
      } catch {
        // It killed itself.
      }
      return recording(place, thisMonth + 1000, 'seal');
    },
    announces: said,
  },
  {
    name: 'snapshot, first time',
    prepare: async place => {
      plainHome(place);
      return [program, 'snapshot'];
    },
    announces: wholeHome,
  },
  {
    name: 'snapshot of changes',
    prepare: async place => {
      plainHome(place);
      await mustRun(place, 'snapshot');
      place.write('CLAUDE.md', theirs);
      rmSync(place.path('notes.md'));
      place.write('notes.md', 'a new file\n');
      return [program, 'snapshot'];
    },
    announces: wholeHome,
  },
  {
    name: 'audit',
    prepare: async place => {
      await overwritten(place);
      place.write('CLAUDE.md', `${ours}- be quick\n`);
      place.write('skills/pdf/SKILL.md', '# pdf\n');
      return [program, 'audit'];
    },
    ends: [1],
    announces: wholeHome,
  },
  {
    name: 'restore an incident',
    prepare: async place => [program, 'restore', await overwritten(place)],
    target: { path: 'CLAUDE.md', before: ours, after: merged },
  },
  {
    name: 'restore a version',
    prepare: async place => {
      await overwritten(place);
      return [program, 'restore', 'CLAUDE.md', '--at', await firstVersion(place, 'CLAUDE.md')];
    },
    target: { path: 'CLAUDE.md', before: ours, after: rules },
  },
  {
    name: 'restore a file that is gone',
    prepare: async place => {
      await overwritten(place);
      place.write('plans/old/plan.md', rules);
      await mustRun(place, 'snapshot');
      rmSync(place.path('plans'), { recursive: true });
      await mustRun(place, 'snapshot');
      return [program, 'restore', 'plans/old/plan.md', '--at', await firstVersion(place, 'plans/old/plan.md')];
    },
    target: { path: 'plans/old/plan.md', before: null, after: rules },
  },
  {
    name: 'undo a restore',
    prepare: async place => {
      const id = await lastRestore(place, ['restore', await overwritten(place)]);
      return [program, 'undo', id];
    },
    target: { path: 'CLAUDE.md', before: merged, after: ours },
  },
  {
    name: 'undo a restore that made the file',
    prepare: async place => {
      await overwritten(place);
      const version = await firstVersion(place, 'notes.md');
      rmSync(place.path('notes.md'));
      await mustRun(place, 'snapshot');
      const id = await lastRestore(place, ['restore', 'notes.md', '--at', version]);
      return [program, 'undo', id];
    },
    target: { path: 'notes.md', before: 'beside\n', after: null },
  },
  {
    name: 'keep a log that grows',
    prepare: async place => {
      runNow(recording(place, thisMonth, 'log:s.jsonl:300', 'seal', 'log:s.jsonl:301'), place);
      return recording(place, thisMonth + 1000, 'log:s.jsonl:302', 'seal', 'log:s.jsonl:420', 'log:s.jsonl:421');
    },
    announces: said,
  },
  {
    name: 'drop versions',
    prepare: async place => {
      const steps = ['record:old.md:one', 'record:a.md:one', 'seal', 'record:old.md:two', 'log:s.jsonl:200', 'seal'];
      runNow(recording(place, thisMonth, ...steps, 'record:old.md:three', 'note'), place);
      runNow(recording(place, nextMonth, 'record:old.md:four', 'record:a.md:two'), place);
      return recording(place, nextMonth + 1000, 'drop:old.md', 'record:a.md:three');
    },
    announces: said,
    takesAway: ({ path }) => path === 'old.md',
  },
  {
    name: 'empty the trash',
    prepare: async place => {
      const steps = ['record:old.md:one', 'record:a.md:one', 'seal', 'record:old.md:two', 'log:s.jsonl:200', 'seal'];
      runNow(recording(place, thisMonth, ...steps, 'record:old.md:three', 'drop:old.md'), place);
      return recording(place, nextMonth, 'record:a.md:two', 'empty', 'record:a.md:one');
    },
    announces: said,
  },
  {
    name: 'forget a secret',
    prepare: async place => {
      const steps = [
        'record:secret.md:a word',
        'record:a.md:one',
        'seal',
        'record:secret.md:another',
        'log:s.jsonl:200',
      ];
      runNow(recording(place, thisMonth, ...steps, 'seal', 'record:a.md:two', 'drop:a.md', 'note'), place);
      return recording(place, thisMonth + 1000, 'forget:secret.md', 'record:a.md:three');
    },
    announces: said,
    takesAway: ({ path }) => path === 'secret.md',
  },
];
