/**
 * The same rounds in virtual time, without a disk: every version is known, so what the audit must say is known too. Every
 * text that a stale write took away is named by an incident, also where others took entries out on purpose, and putting
 * all incidents back, in any order, brings every one of them back once and takes nothing away.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { parseDocument } from '../../src/documents/document.ts';
import type { Incident } from '../../src/model.ts';
import { planIncident } from '../../src/restore/plan.ts';
import { audit, noon, type Step, world } from '../helpers/stories.ts';
import { anyRound, type Round, tokenOf, tokensIn, wordsOf } from './schedule.ts';
import { count, seed } from './settings.ts';

/** How a file with these entries reads. An entry is a token and stands in units of its own. */
interface Shape {
  readonly path: string;
  readonly starts: readonly string[];
  text(entries: readonly string[]): string;
}

const shapes = {
  'a list': {
    path: 'notes.md',
    starts: ['start1', 'start2'],
    text: entries => `# Notes\n\n${entries.map(entry => `- ${entry} ${wordsOf(entry)}\n`).join('')}`,
  },
  sections: {
    path: 'architecture.md',
    starts: ['start1', 'start2'],
    text: entries =>
      `# Notes\n${entries.map(entry => `\n## ${entry} ${wordsOf(entry)}\n\nIt says ${wordsOf(`${entry} says`)}.\n`).join('')}`,
  },
  'a table': {
    path: 'table.md',
    starts: ['start1', 'start2'],
    text: entries =>
      `| name | what |\n| --- | --- |\n${entries.map(entry => `| ${entry} | ${wordsOf(entry)} |\n`).join('')}`,
  },
  'an index': {
    path: 'skills/_index.md',
    starts: ['start1', 'start2'],
    text: entries =>
      `# Skills\n\n${entries.map(entry => `- [${entry}](${entry}/SKILL.md) — ${wordsOf(entry)}\n`).join('')}`,
  },
  'a JSON object': {
    path: 'settings.json',
    starts: ['start1', 'start2'],
    text: entries => `${JSON.stringify(Object.fromEntries(entries.map(entry => [entry, wordsOf(entry)])), null, 2)}\n`,
  },
} satisfies Record<string, Shape>;

interface Played {
  readonly steps: readonly Step[];
  /** What was acknowledged, was never taken out by somebody who had read it, and is not in the last text; by path. */
  readonly lost: readonly { readonly path: string; readonly token: string }[];
}

/** `pace`: what a millisecond of the round is here. `top`: a new entry comes first. `mood`: 0 takes an entry out as well. */
function playInMind(round: Round, shape: Shape, pace: number, top: boolean, mood: () => number): Played {
  const steps: Step[] = [];
  const lost: { path: string; token: string }[] = [];
  for (let file = 0; file < round.files; file++) {
    const path = file === 0 ? shape.path : `${file}/${shape.path}`;
    let disk = shape.starts;
    const held = Array.from({ length: round.writers }, () => disk);
    const acknowledged: string[] = [];
    const meant = new Set<string>();
    let at = noon;
    const put = (entries: readonly string[]) => {
      disk = entries;
      steps.push({ path, at, text: shape.text(entries) });
    };
    put(disk);
    at += 3_600_000;
    for (const [i, { writer, file: where, base, mode, after }] of round.writes.entries()) {
      at += after * pace;
      if (where !== file) continue;
      // Two writes at one moment are still one after the other.
      at += 0.01;
      const token = tokenOf(0, i);
      const known = mode === 'append' || base === 'fresh' ? disk : held[writer]!;
      const mine = mode !== 'append' && mood() === 0 ? known.find(entry => acknowledged.includes(entry)) : undefined;
      if (mine !== undefined) meant.add(mine);
      const rest = known.filter(entry => entry !== mine);
      put(top && mode !== 'append' ? [token, ...rest] : [...rest, token]);
      if (mode !== 'append') held[writer] = disk;
      acknowledged.push(token);
    }
    const present = disk;
    const went = acknowledged.filter(token => !present.includes(token) && !meant.has(token));
    lost.push(...went.map(token => ({ path, token })));
  }
  return { steps, lost };
}

/** The fingerprints of the units that a token stands in, in the version that brought it. */
function unitsOf(token: string, path: string, steps: readonly Step[]): readonly string[] {
  const step = steps.find(each => each.path === path && tokensIn(each.text!).includes(token))!;
  const units = parseDocument(path, Buffer.from(step.text!)).units;
  return units.filter(({ text }) => tokensIn(text).includes(token)).map(({ fingerprint }) => fingerprint);
}

/** Puts one incident after the other back; the texts of the files then. */
async function putBack(incidents: readonly Incident[], steps: readonly Step[]): Promise<ReadonlyMap<string, string>> {
  const { read, histories } = world(steps);
  const versions = histories.flatMap(file => file.versions);
  const store = { read, withId: (id: string) => versions.filter(version => version.id === id) };
  const present = new Map(steps.map(({ path, text }) => [path, text!]));
  for (const incident of incidents) {
    const { path } = incident;
    const before = present.get(path)!;
    const plan = await planIncident({
      store,
      incident,
      disk: {
        root: { name: 'home', path: '/home', beside: [] },
        path,
        target: `/home/${path}`,
        way: [],
        version: null,
        bytes: Buffer.from(before),
        mode: 0o644,
        mtime: null,
        settled: true,
      },
    });
    expect(plan.conflicts, 'what one added and another did not know is no conflict').toEqual([]);
    const after = Buffer.from(plan.bytes!).toString();
    expect(missing(path, before, after), 'nothing that is present goes').toEqual([]);
    present.set(path, after);
  }
  return present;
}

function missing(path: string, before: string, after: string): readonly string[] {
  const left = parseDocument(path, Buffer.from(after)).units.map(({ fingerprint }) => fingerprint);
  return parseDocument(path, Buffer.from(before))
    .units.filter(({ fingerprint }) => {
      const at = left.indexOf(fingerprint);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    })
    .map(({ text }) => text);
}

const perShape = Math.ceil(count(2_000) / Object.keys(shapes).length);

describe(`any round, seed ${seed}`, () => {
  it.each(Object.entries<Shape>(shapes))('in %s: what is lost is named, and comes back', async (_, shape) => {
    let overwritten = 0;
    await fc.assert(
      fc.asyncProperty(
        anyRound(2, 12),
        fc.constantFrom(1, 1_000),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        fc.infiniteStream(fc.nat(4)),
        async (round, pace, top, order, moods) => {
          const { steps, lost } = playInMind(round, shape, pace, top, () => moods.next().value!);
          const { incidents, failedRules } = await audit(steps, rules);
          expect(failedRules).toEqual([]);
          const named = new Set(incidents.flatMap(({ path, fingerprints }) => fingerprints.map(f => `${path} ${f}`)));
          const unnamed = lost.filter(({ path, token }) =>
            unitsOf(token, path, steps).some(fingerprint => !named.has(`${path} ${fingerprint}`)),
          );
          expect(unnamed, 'lost, and in no incident').toEqual([]);
          overwritten += lost.length;

          const open = incidents.filter(({ state, lost }) => state === 'open' && lost !== null);
          const shuffled = open.map(each => ({ each, key: order.next().value! })).sort((a, b) => a.key - b.key);
          const present = await putBack(
            shuffled.map(({ each }) => each),
            steps,
          );
          for (const { path, token } of lost) {
            const times = parseDocument(path, Buffer.from(present.get(path)!)).units.filter(({ text }) =>
              tokensIn(text).includes(token),
            );
            expect(times.length, `${token} stands once`).toBe(unitsOf(token, path, steps).length);
          }
        },
      ),
      { seed, numRuns: perShape },
    );
    expect(overwritten).toBeGreaterThan(perShape / 2);
  });
});
