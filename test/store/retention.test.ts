/** Which versions go, and why: stories, and what holds whatever the history is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileClass, Version } from '../../src/model.ts';
import { forcePlans, freedBy, weightOf } from '../../src/store/prune/cap.ts';
import { type PathPlan, planPath, type RetentionDeps } from '../../src/store/prune/retention.ts';
import { monthOf } from '../../src/store/refs.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T12:00:00Z');
const keep = { allDays: 30, hourlyDays: 90, logDays: 7, goneLogDays: 90 };

/** The content of a version stands in its `blob`: words of a file, or the whole of a log. Null: the file is gone. */
function history(path: string, states: readonly (readonly [at: number, content: string | null])[]): readonly Version[] {
  return states.map(([at, content], number) => ({
    id: `v${number}`,
    root: 'claude',
    path,
    kind: content === null ? 'gone' : 'file',
    at,
    seenAt: at,
    blob: content,
    size: content?.length ?? 0,
    mode: 0o644,
    mtime: at,
    how: 'event',
    settled: true,
    snapshot: null,
  }));
}

const words = (version: Version) => new Set((version.blob ?? '').split(' ').filter(word => word !== ''));

function deps(more: Partial<RetentionDeps> = {}): RetentionDeps {
  return {
    now,
    keep,
    needed: new Map(),
    pointedAt: () => null,
    texts: async version => words(version),
    startsWith: async (whole, part) => whole.startsWith(part),
    ...more,
  };
}

const planOf = (fileClass: FileClass, versions: readonly Version[], more: Partial<RetentionDeps> = {}) =>
  planPath({ root: 'claude', path: versions[0]?.path ?? '', class: fileClass, versions }, deps(more));

const left = (plan: PathPlan) => plan.verdicts.flatMap(({ keep, version }) => (keep ? version : []));
const told = (plan: PathPlan) => plan.verdicts.map(({ keep, why }) => `${keep ? 'keep' : 'drop'} ${why}`);
const ago = (days: number, clock = '12:00:00') =>
  Date.parse(`${new Date(now - days * day).toISOString().slice(0, 10)}T${clock}Z`);

interface Story {
  readonly name: string;
  readonly class: FileClass;
  /** `[days ago, clock, content]` */
  readonly states: readonly (readonly [number, string, string | null])[];
  readonly needed?: readonly string[];
  readonly says: readonly string[];
}

const stories: readonly Story[] = [
  {
    name: 'everything of the last 30 days',
    class: 'authored',
    states: [
      [29, '10:00:00', 'a'],
      [29, '10:00:01', 'a b'],
      [1, '10:00:00', 'a b c'],
    ],
    says: ['keep new', 'keep new', 'keep new'],
  },
  {
    name: 'then the last of each hour, to 90 days',
    class: 'authored',
    states: [
      [40, '10:00:00', 'a'],
      [40, '10:59:59', 'a b'],
      [40, '11:00:00', 'a b c'],
      [1, '10:00:00', 'a b c d'],
    ],
    says: ['drop thinned', 'keep hour', 'keep day', 'keep new'],
  },
  {
    name: 'then the last of each day',
    class: 'state',
    states: [
      [100, '10:00:00', 'a'],
      [100, '23:59:59', 'a b'],
      [99, '00:00:00', 'a b c'],
      [1, '10:00:00', 'a b c d'],
    ],
    says: ['drop thinned', 'keep day', 'keep day', 'keep new'],
  },
  {
    name: 'a text that stood for ten minutes 100 days ago, and nowhere else',
    class: 'authored',
    states: [
      [100, '10:00:00', 'a'],
      [100, '10:10:00', 'a lost'],
      [100, '10:20:00', 'a'],
      [100, '23:00:00', 'a b'],
      [1, '10:00:00', 'a b'],
    ],
    says: ['drop thinned', 'keep text', 'drop thinned', 'keep day', 'keep new'],
  },
  {
    name: 'of two that hold such a text, the later one',
    class: 'authored',
    states: [
      [100, '10:00:00', 'a lost'],
      [100, '10:10:00', 'a lost b'],
      [100, '23:00:00', 'a b'],
      [1, '10:00:00', 'a b'],
    ],
    says: ['drop thinned', 'keep text', 'keep day', 'keep new'],
  },
  {
    name: 'what an open incident needs',
    class: 'authored',
    states: [
      [100, '10:00:00', 'a'],
      [100, '10:10:00', 'a b'],
      [100, '23:00:00', 'a b'],
      [1, '10:00:00', 'a b'],
    ],
    needed: ['v0'],
    says: ['keep needed', 'drop thinned', 'keep day', 'keep new'],
  },
  {
    name: 'the newest content of a file that has been gone for a year',
    class: 'authored',
    states: [
      [365, '10:00:00', 'a'],
      [365, '10:10:00', 'a b'],
      [365, '10:20:00', null],
    ],
    says: ['drop thinned', 'keep newest', 'keep newest'],
  },
  {
    name: 'a deletion between two that stay: the last of several',
    class: 'authored',
    states: [
      [100, '10:00:00', 'a'],
      [99, '10:00:00', null],
      [99, '10:00:01', 'b'],
      [99, '10:00:02', null],
      [99, '10:00:03', 'b'],
      [1, '10:00:00', 'a b'],
    ],
    says: ['keep day', 'drop thinned', 'drop thinned', 'keep deletion', 'keep day', 'keep new'],
  },
  {
    name: 'of a log, the last of each day after a week',
    class: 'log',
    states: [
      [8, '10:00:00', '1'],
      [8, '10:00:01', '12'],
      [8, '23:00:00', '123'],
      [1, '10:00:00', '1234'],
      [1, '10:00:01', '12345'],
    ],
    says: ['drop contained', 'drop contained', 'keep day', 'keep new', 'keep new'],
  },
  {
    name: 'of a log that was written anew, what no later version begins with',
    class: 'log',
    states: [
      [8, '10:00:00', '1'],
      [8, '10:00:01', '12'],
      [8, '10:00:02', 'x'],
      [8, '23:00:00', 'xy'],
      [1, '10:00:01', 'xyz'],
    ],
    says: ['drop contained', 'keep text', 'drop contained', 'keep day', 'keep new'],
  },
  {
    name: 'a log that has been gone for 91 days goes whole',
    class: 'log',
    states: [
      [120, '10:00:00', '1'],
      [119, '10:00:00', '12'],
      [91, '10:00:00', null],
    ],
    says: ['drop gone-log', 'drop gone-log', 'drop gone-log'],
  },
  {
    name: 'not when it has been gone for 89',
    class: 'log',
    states: [
      [120, '10:00:00', '1'],
      [89, '10:00:00', null],
    ],
    says: ['keep newest', 'keep newest'],
  },
  {
    name: 'not when an incident needs a version of it',
    class: 'log',
    states: [
      [120, '10:00:00', '1'],
      [119, '10:00:00', '12'],
      [91, '10:00:00', null],
    ],
    needed: ['v0'],
    says: ['keep needed', 'keep newest', 'keep newest'],
  },
  {
    name: 'a text file that has been gone for years stays',
    class: 'authored',
    states: [
      [1000, '10:00:00', 'a'],
      [900, '10:00:00', null],
    ],
    says: ['keep newest', 'keep newest'],
  },
];

describe('what stays and what goes', () => {
  it.each(stories)('$name', async ({ class: fileClass, states, needed = [], says }) => {
    const versions = history(
      'a',
      states.map(([days, clock, content]) => [ago(days, clock), content]),
    );
    const plan = await planOf(fileClass, versions, { needed: new Map(needed.map(id => [id, 'incident k7f3qz'])) });
    expect(told(plan)).toEqual(says);
  });

  it('a log that an incident points to stays, though its file has been gone for a year', async () => {
    const versions = history('a', [
      [ago(400), '1'],
      [ago(365), null],
    ]);
    const plan = await planOf('log', versions, { pointedAt: () => 'incident k7f3qz' });
    expect(told(plan)).toEqual(['keep newest', 'keep newest']);
    expect(plan.pointedAt).toBe('incident k7f3qz');
  });

  it('says what needs a version', async () => {
    const versions = history('a', [
      [ago(100, '10:00:00'), 'a'],
      [ago(100, '11:00:00'), 'a'],
      [ago(1), 'a'],
    ]);
    const plan = await planOf('authored', versions, { needed: new Map([['v0', 'restore rm4xk7q']]) });
    expect(plan.verdicts[0]).toMatchObject({ why: 'needed', by: 'restore rm4xk7q' });
  });

  it('reads nothing of a path that has nothing to lose', async () => {
    const versions = history('a', [
      [ago(100), 'a'],
      [ago(50), 'a b'],
      [ago(1), 'a b c'],
    ]);
    const texts = () => Promise.reject(new Error('it was read'));
    expect((await planOf('authored', versions, { texts })).verdicts.every(({ keep }) => keep)).toBe(true);
  });
});

const minute = 60_000;
/** Some 200 days, with many versions in one hour and in one day, and few words, so that texts come and go. */
const steps = fc.array(
  fc.tuple(
    fc.oneof(
      fc.integer({ min: 0, max: 50 * minute }),
      fc.integer({ min: 0, max: day }),
      fc.integer({ min: 0, max: 9 * day }),
    ),
    fc.option(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 4 }).map(all => all.join(' ')),
      { freq: 8 },
    ),
  ),
  { minLength: 1, maxLength: 60 },
);
const scenes = fc.record({
  class: fc.constantFrom<FileClass>('authored', 'state', 'log'),
  versions: steps.map(all => {
    let at = now - 200 * day;
    return history(
      'a',
      all.map(([pause, content]) => {
        at += pause;
        return [at, content] as const;
      }),
    );
  }),
  needs: fc.array(fc.nat({ max: 59 }), { maxLength: 2 }),
});

const neededIn = (versions: readonly Version[], needs: readonly number[]) =>
  new Map(needs.flatMap(at => (versions[at] ? [[versions[at].id, 'incident k7f3qz'] as const] : [])));

/** The versions of each month (UTC) that end it. */
function ends(versions: readonly Version[]): ReadonlyMap<string, string> {
  return new Map(versions.map(({ id, seenAt }) => [monthOf(seenAt), id]));
}

function expectMonthsToEndAsTheyDid(all: readonly Version[], after: readonly Version[]): void {
  const before = ends(all);
  for (const [month, id] of ends(after)) expect(id).toBe(before.get(month));
}

function expectDeletionsToBeTold(all: readonly Version[], after: readonly Version[]): void {
  for (const [at, version] of after.entries()) {
    const next = after[at + 1];
    if (!next || version.kind === 'gone' || next.kind === 'gone') continue;
    expect(all.slice(all.indexOf(version), all.indexOf(next)).some(({ kind }) => kind === 'gone')).toBe(false);
  }
}

describe('whatever the history is', () => {
  it('a second plan drops nothing, the newest and the needed stay, no text goes, and months end as they did', () =>
    fc.assert(
      fc.asyncProperty(scenes, async ({ class: fileClass, versions, needs }) => {
        const needed = neededIn(versions, needs);
        const after = left(await planOf(fileClass, versions, { needed }));
        const isWhole = after.length > 0;
        expect(left(await planOf(fileClass, after, { needed }))).toEqual(after);
        for (const id of needed.keys()) expect(after.map(version => version.id)).toContain(id);
        if (!isWhole) {
          expect([fileClass, versions.at(-1)!.kind]).toEqual(['log', 'gone']);
          return;
        }
        expect(after).toContain(versions.at(-1));
        const content = versions.findLast(({ kind }) => kind !== 'gone');
        if (content) expect(after).toContain(content);
        expectMonthsToEndAsTheyDid(versions, after);
        expectDeletionsToBeTold(versions, after);
        if (fileClass === 'log') {
          for (const { blob } of versions) {
            if (blob !== null) expect(after.some(other => other.blob?.startsWith(blob))).toBe(true);
          }
        } else {
          const texts = new Set(after.flatMap(version => [...words(version)]));
          for (const version of versions) for (const word of words(version)) expect(texts).toContain(word);
        }
      }),
      { numRuns: 300 },
    ));

  it('a month later no more stays by its age, and no text has gone on the way', () =>
    fc.assert(
      fc.asyncProperty(scenes, fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 5 }), async (scene, pauses) => {
        const { versions } = scene;
        const fileClass = scene.class === 'log' ? 'authored' : scene.class;
        const byAge = (plan: PathPlan) =>
          plan.verdicts.flatMap(({ keep, why, version }) =>
            keep && ['new', 'hour', 'day'].includes(why) ? version.id : [],
          );
        let at = now;
        let standing = versions;
        let stayed = versions.map(({ id }) => id);
        for (const pause of pauses) {
          at += pause * day;
          const whole = byAge(await planOf(fileClass, versions, { now: at }));
          for (const id of whole) expect(stayed).toContain(id);
          stayed = whole;
          standing = left(await planOf(fileClass, standing, { now: at }));
        }
        const texts = new Set(standing.flatMap(version => [...words(version)]));
        for (const version of versions) for (const word of words(version)) expect(texts).toContain(word);
        expectMonthsToEndAsTheyDid(versions, standing);
      }),
      { numRuns: 100 },
    ));
});

describe('at the cap', () => {
  const force = (plans: readonly PathPlan[], bytes: number) => forcePlans(plans, { now, keep, bytes });
  const big = 'x'.repeat(1000);

  it('goes in order: logs of gone files, old logs, state, authored; and stops when it is enough', async () => {
    const oldLog = [
      [ago(60), 'y'.repeat(1500)],
      [ago(50), big],
    ] as const;
    const gone = await planOf('log', history('gone.jsonl', [...oldLog, [ago(20), null]]));
    const log = await planOf('log', history('log.jsonl', oldLog));
    const state = await planOf(
      'state',
      history(
        'settings.json',
        [50, 49, 48, 1].map(days => [ago(days), `${days}${big}`]),
      ),
    );
    const text = await planOf(
      'authored',
      history(
        'CLAUDE.md',
        [50, 49, 48, 1].map(days => [ago(days), `${days}${big}`]),
      ),
    );
    const plans = [text, state, log, gone];
    const victims = (bytes: number) =>
      force(plans, bytes)
        .filter(({ verdicts }) => verdicts.some(({ keep }) => !keep))
        .map(({ verdicts }) => verdicts[0]!.version.path);
    expect(victims(0)).toEqual([]);
    expect(victims(1)).toEqual(['gone.jsonl']);
    expect(victims(2501)).toEqual(['log.jsonl', 'gone.jsonl']);
    expect(victims(4001)).toEqual(['settings.json', 'log.jsonl', 'gone.jsonl']);
    expect(victims(1e9)).toEqual(['CLAUDE.md', 'settings.json', 'log.jsonl', 'gone.jsonl']);
  });

  it('says when a text went that is nowhere else', async () => {
    const versions = history('a.md', [
      [ago(100, '10:00:00'), `a lost ${big}`],
      [ago(100, '10:20:00'), 'a'],
      [ago(1), 'a'],
    ]);
    const [forced] = force([await planOf('authored', versions)], 1);
    expect(forced!.verdicts[0]).toMatchObject({ keep: false, why: 'cap', hadLastText: true });
  });

  it('leaves what an incident points to', async () => {
    const versions = history('s.jsonl', [
      [ago(400), big],
      [ago(365), null],
    ]);
    const plan = await planOf('log', versions, { pointedAt: () => 'incident k7f3qz' });
    expect(force([plan], 1e9)[0]!.verdicts.every(({ keep }) => keep)).toBe(true);
  });

  it('what stays as the end of its month is parted from what comes after it by the deletion between them', async () => {
    const at = (text: string) => Date.parse(text);
    const versions = history('a', [
      [at('2026-05-08T10:00:00Z'), null],
      [at('2026-05-26T01:00:00Z'), 'one'],
      [at('2026-06-01T00:00:00Z'), null],
      [at('2026-06-01T00:00:00Z'), 'two'],
    ]);
    const plan = await planOf('state', versions, { needed: neededIn(versions, [0]) });
    expectDeletionsToBeTold(versions, left(force([plan], 1_000)[0]!));
  });

  it('whatever the history is: the newest and the needed stay, months end as they did, no more goes than is asked for', () =>
    fc.assert(
      fc.asyncProperty(fc.array(scenes, { minLength: 1, maxLength: 4 }), fc.nat({ max: 300 }), async (files, bytes) => {
        const plans = await Promise.all(
          files.map(({ class: fileClass, versions, needs }) =>
            planOf(fileClass, versions, { needed: neededIn(versions, needs) }),
          ),
        );
        const forced = force(plans, bytes);
        for (const [at, { versions, needs, class: fileClass }] of files.entries()) {
          const after = left(forced[at]!);
          for (const id of neededIn(versions, needs).keys()) expect(after.map(version => version.id)).toContain(id);
          if (fileClass !== 'log' || versions.at(-1)!.kind !== 'gone') {
            expect(after).toContain(versions.at(-1));
            const content = versions.findLast(({ kind }) => kind !== 'gone');
            if (content) expect(after).toContain(content);
          }
          expectMonthsToEndAsTheyDid(versions, after);
          if (after.length > 0) expectDeletionsToBeTold(versions, after);
        }
        const freed = (all: readonly PathPlan[]) => all.reduce((sum, plan) => sum + freedBy(plan), 0);
        if (freed(plans) >= bytes) expect(forced).toEqual(plans);
      }),
      { numRuns: 150 },
    ));

  it.each([
    ['a log that grew', 'log', ['1', '12', '123'], 3],
    ['a log that was written anew', 'log', ['123', '4'], 4],
    ['a file', 'authored', ['1', '12', '1'], 3],
  ] as const)('weighs %s', (_, fileClass, contents, bytes) => {
    const versions = history(
      'a',
      contents.map((content, at) => [at, content]),
    );
    expect(weightOf(fileClass, versions)).toBe(bytes);
  });
});
