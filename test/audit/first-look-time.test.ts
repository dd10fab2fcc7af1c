/**
 * The same history gives the same verdict whenever it is first looked at: what a scan finds was written when its mtime says,
 * and a home that is first audited a month later is no other home. Every story of every rule's page is a history here.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import type { PageStory } from '../../src/stories/page.ts';
import { recordsOf, storiesOf } from '../../src/stories/page.ts';
import type { Step } from '../helpers/stories.ts';
import { audit } from '../helpers/stories.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const pages = join(import.meta.dirname, '../../rules');
const stories: readonly (readonly [string, PageStory])[] = readdirSync(pages)
  .filter(name => name.endsWith('.md') && name !== 'README.md')
  .flatMap(name =>
    storiesOf(readFileSync(join(pages, name), 'utf8')).map(
      story => [`${name.replace('.md', '')}: ${story.title}`, story] as const,
    ),
  );

interface Look {
  /** So long after the last write somebody looks for the first time (milliseconds). */
  readonly after: number;
  /** Of the time in which an older version stood, this share had passed as a scan found it; null: it was seen at once. */
  readonly found: readonly (number | null)[];
  /** False: it was watched before, and what the scan finds is news. */
  readonly isFirst: boolean;
}

/** What an audit says, without the words: those may name the time of the look. */
async function verdict({ steps, options }: PageStory, look: Look, shift: boolean): Promise<readonly string[]> {
  const end = Math.max(...steps.map(({ at }) => at));
  const seenAt = end + (shift ? look.after : 10 * second);
  const seen = steps.map((step, i): Step => {
    // When a file was deleted no scan can know.
    if (step.text === null || step.how === 'restore' || step.settled === false) return step;
    const next = steps.slice(i + 1).find(({ path }) => path === step.path);
    if (next === undefined) return { ...step, text: step.text, how: 'scan', seenAt };
    const share = look.found[i % Math.max(1, look.found.length)] ?? null;
    if (share === null) return step;
    return { ...step, text: step.text, how: 'scan', seenAt: step.at + (shift ? share * (next.at - step.at - 1) : 0) };
  });
  const { incidents, failedRules } = await audit(seen, rules, {
    options: Object.fromEntries(rules.map(({ id }) => [id, options])),
    isFirstLook: ({ how, seenAt: at }) => look.isFirst && how === 'scan' && at >= end + 10 * second,
    now: seenAt + hour,
    ...recordsOf(steps),
  });
  expect(failedRules).toEqual([]);
  return incidents
    .map(
      ({ id, path, certainty, severity, state, findings }) =>
        `${id} ${certainty} ${severity} ${state} ${findings.map(({ rule }) => rule).join('+')} ${path}`,
    )
    .sort();
}

const delays = [
  ['minutes', 7 * minute],
  ['hours', 5 * hour],
  ['days', 5 * day],
  ['months', 90 * day],
] as const;

describe.each(delays)('first looked at %s after the last write', (_, after) => {
  it.each(stories)('%s', async (_, story) => {
    for (const isFirst of [true, false]) {
      const look = { after, found: [], isFirst };
      expect(await verdict(story, look, true)).toEqual(await verdict(story, look, false));
    }
  });
});

it('says the same of each story, however late its versions were found', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...stories),
      fc.record({
        after: fc.oneof(fc.integer({ min: 10 * second, max: hour }), fc.integer({ min: hour, max: 400 * day })),
        found: fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 8 }),
        isFirst: fc.boolean(),
      }),
      async ([, story], look) => {
        expect(await verdict(story, look, true)).toEqual(await verdict(story, look, false));
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 300) },
  );
});
