/** The two stories of a lost text, played by real processes against the built program. */
import { setTimeout as pass } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Place, type Program, type Step, writer } from './helpers/program.ts';

type By = Step['by'];

interface Story {
  readonly name: string;
  /** The file that is overwritten. */
  readonly path: string;
  readonly before: Readonly<Record<string, string>>;
  readonly older: (by: By) => readonly Step[];
  readonly newer: (by: By) => readonly Step[];
  /** The file after the overwrite, and after the restore. */
  readonly overwritten: string;
  readonly restored: string;
  readonly lost: { readonly kind: string; readonly name: string };
  readonly rules: readonly string[];
}

const index = '# Skills\n\n- [pdf](pdf/SKILL.md) — reading papers\n';
const voice = '- [voice-buffer](voice-buffer/SKILL.md) — when speech may be cut\n';
const cite = '- [cite-track](cite-track/SKILL.md) — which claim has which source\n';
const skill = (name: string) => `---\nname: ${name}\ndescription: about ${name}\n---\n\n# ${name}\n`;

const memory = 'projects/-home-me-reader/memory';
const notes = '# Architecture\n\n## Overview\n\nOne process reads, one speaks.\n';
const invariants = '\n## Voice buffer invariants\n\nThe buffer is never flushed inside a word.\n';
const gotcha = '\n## og:double-emit gotcha\n\nThe preview is emitted twice when the title changes.\n';

const stories: readonly Story[] = [
  {
    name: 'the index',
    path: 'skills/_index.md',
    before: {
      'skills/_index.md': index,
      'skills/pdf/SKILL.md': skill('pdf'),
      'settings.json': '{ "model": "opus" }\n',
    },
    older: by => [
      { path: 'skills/voice-buffer/SKILL.md', plus: skill('voice-buffer'), by },
      { path: 'skills/_index.md', plus: voice, by },
    ],
    newer: by => [
      { path: 'skills/cite-track/SKILL.md', plus: skill('cite-track'), by },
      { path: 'skills/_index.md', plus: cite, by },
    ],
    overwritten: index + cite,
    restored: index + voice + cite,
    lost: { kind: 'list-item', name: 'voice-buffer' },
    rules: ['index-drift', 'lost-update'],
  },
  {
    name: 'the memory file',
    path: `${memory}/architecture.md`,
    before: {
      [`${memory}/MEMORY.md`]: '# Memory\n\n- [Architecture](architecture.md) — how the reader is built\n',
      [`${memory}/architecture.md`]: notes,
    },
    older: by => [{ path: `${memory}/architecture.md`, plus: invariants, by }],
    newer: by => [{ path: `${memory}/architecture.md`, plus: gotcha, by }],
    overwritten: notes + gotcha,
    restored: notes + invariants + gotcha,
    lost: { kind: 'section', name: 'Voice buffer invariants' },
    rules: ['lost-update'],
  },
];

interface IncidentJson {
  readonly id: string;
  readonly state: string;
  readonly certainty: string;
  readonly path: string;
  readonly units: readonly { readonly kind: string; readonly name: string }[];
  readonly findings: readonly { readonly rule: string }[];
}

interface WatchLine {
  readonly type: string;
  readonly id?: string;
  readonly path?: string;
  readonly incident?: IncidentJson;
}

const gaps = [20, 1_000, 30_000];
const cases = stories.flatMap(story =>
  gaps.flatMap(gap =>
    (['in place', 'rename'] as const).map(by => ({ story, gap, by, title: `${story.name}, ${gap} ms apart, ${by}` })),
  ),
);

/** The gap is part of the story; nothing below waits for anything but lines and ends of processes. */
async function overwrite(
  place: Place,
  { story, gap, by }: (typeof cases)[number],
  between?: () => Promise<unknown>,
): Promise<void> {
  const c = await writer(place, story.newer(by));
  const a = await writer(place, story.older(by));
  await a.write();
  await between?.();
  await pass(gap);
  await c.write();
  expect(place.read(story.path)).toBe(story.overwritten);
}

async function startWatch(place: Place): Promise<Program> {
  const watch = place.start('watch', '--json');
  await watch.object<WatchLine>(line => line.type === 'ready');
  return watch;
}

function expectIncident(incident: IncidentJson, story: Story): void {
  expect(incident).toMatchObject({ state: 'open', certainty: 'likely', path: story.path });
  expect(incident.units.map(({ kind, name }) => ({ kind, name }))).toEqual([story.lost]);
  expect(incident.findings.map(finding => finding.rule).sort()).toEqual(story.rules);
}

async function audit(
  place: Place,
  ...words: string[]
): Promise<{ code: number | null; incidents: readonly IncidentJson[] }> {
  const { code, out, err } = await place.run('audit', '--json', ...words);
  expect(err).toBe('');
  return { code, incidents: (JSON.parse(out) as { incidents: IncidentJson[] }).incidents };
}

/** Restores, checks that both texts are there once and nothing else moved, and takes it back to the exact bytes. */
async function restoreAndUndo(place: Place, story: Story, id: string): Promise<void> {
  const before = place.fingerprint();
  const others = (files: ReadonlyMap<string, string>) => [...files].filter(([path]) => path !== story.path);

  const restored = await place.run('restore', id, '--json');
  expect(restored).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(restored.out)).toMatchObject({ path: story.path, restored: [story.lost], removed: [] });
  expect(place.read(story.path)).toBe(story.restored);
  expect(others(place.fingerprint())).toEqual(others(before));

  expect((await place.run('undo', '--json')).code).toBe(0);
  expect(place.fingerprint()).toEqual(before);
  expect((await place.run('undo', '--json')).code).toBe(0);
  expect(place.read(story.path)).toBe(story.restored);
  expect(others(place.fingerprint())).toEqual(others(before));

  expect((await place.run('restore', id)).code).toBe(0);
  expect(place.read(story.path)).toBe(story.restored);
}

/** Those that wait for half a minute wait together; the others have the machine for themselves. */
const isLong = (one: (typeof cases)[number]) => one.gap >= 30_000;

describe('a watcher sees it, one command puts it back', () => {
  it.each(cases.filter(one => !isLong(one)))('$title', { timeout: 180_000 }, playWatched);
  it.concurrent.each(cases.filter(isLong))('$title', { timeout: 180_000 }, playWatched);
});

async function playWatched(one: (typeof cases)[number]): Promise<void> {
  const place = new Place(one.story.before);
  try {
    const watch = await startWatch(place);
    await overwrite(place, one);
    const { incident } = await watch.object<WatchLine>(
      line => line.type === 'incident' && line.incident?.path === one.story.path,
    );
    expectIncident(incident!, one.story);

    const later = await audit(place);
    expect(later.code).toBe(1);
    expect(later.incidents.map(each => each.id)).toEqual([incident!.id]);
    expectIncident(later.incidents[0]!, one.story);

    await restoreAndUndo(place, one.story, incident!.id);
    await watch.object<WatchLine>(line => line.type === 'resolved' && line.id === incident!.id);
    watch.kill('SIGINT');
    const ended = await watch.ended;
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(ended.out.trim().split('\n').at(-1)!)).toMatchObject({ type: 'stopped' });

    expect(await audit(place)).toEqual({ code: 0, incidents: [] });
    const closed = await audit(place, '--all');
    expect(closed.incidents).toMatchObject([{ id: incident!.id, state: 'resolved' }]);
    expect(await place.run('verify')).toMatchObject({ code: 0 });
  } finally {
    await place.remove();
  }
}

describe.concurrent('without a watcher, a snapshot between the writes is enough', () => {
  it.each(cases.filter(one => one.gap === 20))('$title', { timeout: 120_000 }, async one => {
    const place = new Place(one.story.before);
    try {
      expect((await place.run('snapshot')).code).toBe(0);
      await overwrite(place, one, () => place.run('snapshot'));
      const { code, incidents } = await audit(place);
      expect(code).toBe(1);
      expect(incidents).toHaveLength(1);
      expectIncident(incidents[0]!, one.story);
      await restoreAndUndo(place, one.story, incidents[0]!.id);
      expect((await audit(place)).code).toBe(0);
    } finally {
      await place.remove();
    }
  });
});
