import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { isOnesOwn, nameForm, ownName } from '../../rules/shared-handoff/grammar.ts';
import sharedHandoff from '../../rules/shared-handoff.ts';
import type { Testimony } from '../../src/audit/testimony.ts';
import type { Writer } from '../../src/model.ts';
import { testRule } from '../helpers/rule-tests.ts';
import type { Step } from '../helpers/stories.ts';
import { audit, inShort, markdown, noon, world } from '../helpers/stories.ts';

/** `[minutes, path, words, who]`: `B reads`: it had read what stood there before. */
type Line = readonly [minutes: number, path: string, words: string, who?: string];
const file = 'notes/handoff.md';
const parser = '#Parser finish_the_parser ask_about_the_licence';
const release = '#Release write_the_change_log tag_it';
const search = '#Search build_the_index measure_it';

const caught: readonly (readonly [title: string, lines: readonly Line[], said: readonly string[]])[] = [
  [
    'a session replaces what another one left, and never read it',
    [
      [0, file, parser, 'A'],
      [90, file, release, 'B'],
    ],
    ['likely medium: Parser'],
  ],
  [
    'three sessions, one file',
    [
      [0, file, parser, 'A'],
      [90, file, release, 'B'],
      [95, file, search, 'C'],
    ],
    ['likely medium: Release', 'likely medium: Parser'],
  ],
  [
    'a plan that two sessions share',
    [
      [0, 'plans/fix-auth-snug-otter.md', parser, 'A'],
      [5, 'plans/fix-auth-snug-otter.md', release, 'B'],
    ],
    ['likely medium: Parser'],
  ],
  [
    'no record, minutes apart, another title',
    [
      [0, file, parser],
      [7, file, release],
    ],
    ['possible medium: Parser'],
  ],
  [
    'no record, hours apart: told once',
    [
      [0, file, parser],
      [300, file, release],
      [600, file, search],
    ],
    ['possible low: Parser'],
  ],
  [
    'no record, and the first comes back with more: two were at work',
    [
      [0, file, `${parser} merge_the_branch`],
      [300, file, `${release}`, 'B'],
      [310, file, `${parser} merge_the_branch tell_Anna`],
    ],
    ['likely medium: Release', 'possible low: Parser'],
  ],
];

const quiet: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'one after the other: the second had read it',
    [
      [0, file, parser, 'A'],
      [90, file, release, 'B reads'],
    ],
  ],
  [
    'one session writes its own anew',
    [
      [0, file, parser, 'A'],
      [90, file, release, 'A'],
    ],
  ],
  [
    'the second adds to it',
    [
      [0, file, parser, 'A'],
      [90, file, `${parser} tag_it`, 'B'],
    ],
  ],
  [
    'the second takes out what is done, and adds what is not',
    [
      [0, file, `${parser} merge_the_branch tell_Anna`, 'A'],
      [90, file, '#Parser ask_about_the_licence merge_the_branch tell_Anna write_the_page', 'B'],
    ],
  ],
  [
    'no record, the same title: one that goes on',
    [
      [0, file, `#Handoff ${parser.slice(8)}`],
      [300, file, `#Handoff ${release.slice(9)}`],
    ],
  ],
  [
    'a plan, made anew for the next task',
    [
      [0, 'plans/fix-auth-snug-otter.md', parser],
      [5, 'plans/fix-auth-snug-otter.md', release],
    ],
  ],
  [
    'the name is of one session',
    [
      [0, 'notes/handoff-20261120-1402.md', parser, 'A'],
      [90, 'notes/handoff-20261120-1402.md', release, 'B'],
    ],
  ],
  [
    'the name has its branch',
    [
      [0, 'notes/handoff-feat-parser.md', parser, 'A'],
      [90, 'notes/handoff-feat-parser.md', release, 'B'],
    ],
  ],
  [
    'another file',
    [
      [0, 'notes/report.md', parser, 'A'],
      [90, 'notes/report.md', release, 'B'],
    ],
  ],
  [
    'the first moves to a file of its own',
    [
      [0, file, parser, 'A'],
      [89, 'notes/parser.md', parser, 'B'],
      [90, file, release, 'B'],
    ],
  ],
];

testRule({
  rule: sharedHandoff,
  told,
  extra: steps => ({ testimony: testimony(steps) }),
  caught,
  quiet,
  mutants: [
    ['one session is two', 'if (first.id === second.id) return null;', ''],
    ['whoever adds replaces', '!(await isReplaced(about, units, tools))', 'false'],
    ['what it had read is lost too', "fate === 'lost')", "fate === 'lost' || fate === 'seen')"],
    ['the name says nothing', 'if (isOnesOwn(nameOf(file.path), writers)) continue;', ''],
    ['plans are handoffs', 'if (isPlan(after.path)) return null;', ''],
    ['titles do not matter', 'if (was === is) return null;', ''],
    ['guesses are told each time', '(verdict.isGuess && wasGuessed)', 'false'],
    ['hours are minutes', "severity: isSoon ? 'medium' : 'low'", "severity: 'medium'"],
    ['two at work are a guess', 'if (isStale) {', 'if (false) {'],
  ],
});

describe('a name', () => {
  const writer: Writer = { kind: 'session', id: '0b5c8a34-11', label: 'x', certainty: 'proven', branch: 'feat/Parser' };
  const at = new Date(2026, 10, 20, 14, 2).getTime();

  it.each([
    ['handoff.md', false],
    ['handoff-v2.md', false],
    ['handoff-alice.md', false],
    ['handoff-2026-11-20.md', true],
    ['handoff-1402.md', true],
    ['handoff-14-02.md', true],
    ['handoff-0b5c8a34.md', true],
    ['handoff-feat-parser.md', true],
    ['handoff-defaced.md', false],
  ])('%s is of one session: %s', (name, isOwn) => expect(isOnesOwn(name, [writer, null])).toBe(isOwn));

  it.each([
    ['', writer, 'handoff-feat-parser-20261120-1402.md'],
    ['', null, 'handoff-20261120-1402.md'],
    ['', { ...writer, branch: '' }, 'handoff-0b5c8a34-20261120-1402.md'],
    ['{date}-{branch}.md', writer, '20261120-feat-parser.md'],
    ['handoff_{session}.md', null, 'handoff_session.md'],
  ])('after the grammar %o', (grammar, by, name) => {
    expect(ownName('handoff.md', grammar, by, at)).toBe(name);
  });

  it.each([
    ['handoff-{branch}-{time}.md', 'handoff-feat-parser-20261120-1402.md', true],
    ['handoff-{branch}-{time}.md', 'handoff-feat-parser.md', false],
    ['handoff-{branch}-{time}.md', 'handoff.md', false],
    ['{date}.md', '2026-11-20.md', true],
    ['{date}.md', '2026-11-20xmd', false],
    ['handoff-{who}.md', 'handoff-anna.md', true],
  ])('%s fits %s: %s', (grammar, name, fits) => expect(nameForm(grammar).test(name)).toBe(fits));
});

describe('shared-handoff', () => {
  it('says how to put the older one into a file of its own', async () => {
    const steps = told(caught[0]![1]);
    const { incidents } = await audit(steps, [sharedHandoff], { testimony: testimony(steps) });
    const [incident] = incidents;
    expect(incident!.advice).toMatch(
      /undertext restore notes\/handoff\.md --at [a-z2-9]{10} --to handoff-feat-parser-\d{8}-\d{4}\.md puts/,
    );
    expect(incident!.advice).toContain(incident!.lost!.version);
  });

  it('is one incident with what the other rules say of it', async () => {
    const steps = told(caught[0]![1]);
    const { incidents } = await audit(steps, rules, { testimony: testimony(steps) });
    expect(incidents.map(inShort)).toEqual(['likely medium: Parser']);
    expect(incidents[0]!.findings.map(({ rule }) => rule)).toEqual(['shared-handoff', 'lost-section']);
  });

  it('tells a name that is not as the grammar asks, with one that is', async () => {
    const steps = told([
      [0, file, parser, 'A'],
      [0, 'notes/handoff-feat-parser-20261120-1402.md', parser, 'A'],
      [0, 'plans/fix-auth-snug-otter.md', parser, 'A'],
    ]);
    const options = { 'shared-handoff': { names: 'handoff-{branch}-{time}.md' } };
    const { incidents } = await audit(steps, [sharedHandoff], { options, testimony: testimony(steps) });
    expect(incidents.map(incident => [inShort(incident), incident.restore])).toEqual([
      ['likely low: handoff.md', null],
    ]);
    expect(incidents[0]!.advice).toMatch(/^call it handoff-feat-parser-\d{8}-\d{4}\.md$/);
  });

  it('looks at the files that the configuration names', async () => {
    const steps = told([
      [0, 'STATUS.md', parser, 'A'],
      [90, 'STATUS.md', release, 'B'],
    ]);
    const options = { 'shared-handoff': { files: ['STATUS.md'] } };
    const { incidents } = await audit(steps, [sharedHandoff], { options, testimony: testimony(steps) });
    expect(incidents.map(inShort)).toEqual(['likely medium: Parser']);
  });
});

function told(lines: readonly Line[]): readonly Step[] {
  return lines.map(([minutes, path, words, who]) => ({
    path,
    at: noon + minutes * 60_000,
    text: markdown(words),
    ...(who === undefined ? {} : { who }),
  }));
}

/** Sessions by their letters; each works on a branch of the parser. */
function testimony(steps: readonly Step[]): Testimony {
  const { histories } = world(steps);
  const whoOf = (path: string, at: number) => steps.find(step => step.path === path && step.at === at)?.who ?? null;
  const session = (who: string): Writer => ({
    kind: 'session',
    id: who.slice(0, 1),
    label: who.slice(0, 1),
    certainty: 'proven',
    branch: 'feat/parser',
  });
  return {
    writer: async ({ path, at }) => {
      const who = whoOf(path, at);
      return who === null ? null : session(who);
    },
    knowledge: async ({ before, after }) => {
      const who = whoOf(after.path, after.at);
      if (!who?.endsWith(' reads')) return null;
      const version = histories.find(({ path }) => path === after.path)!.versions.find(({ id }) => id === before.id)!;
      return {
        writer: session(who),
        isPiecemeal: false,
        sight: { version, evidence: 'it read the file', how: 'asked' },
        isUnclear: false,
        began: 0,
        hasStart: true,
        hadText: async texts => texts.map(() => true),
      };
    },
    seen: async () => null,
    signature: () => '',
  };
}
