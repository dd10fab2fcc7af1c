/** Several files in one moment: what went back together is a loss, and what git did is named. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { unitReader } from '../../src/audit/reader.ts';
import type { AuditCache } from '../../src/audit/run-audit.ts';
import { strokes } from '../../src/audit/strokes.ts';
import type { GitFacts, GitMove } from '../../src/audit/strokes-git.ts';
import type { Version } from '../../src/model.ts';
import { alike, alikeInWords, alikeTo } from '../../src/report/alike.ts';
import { isWeak, worstFirst } from '../../src/report/weight.ts';
import { audit, noon, type Row, rows, type Step, world, writersOf } from '../helpers/stories.ts';

const minute = 60_000;
const hour = 60 * minute;
const at = (after: number) => ({ after });
const together = { after: 20 };

/** `likely CLAUDE.md` of all that is shown by itself. */
async function shown(steps: readonly Step[], extra = {}): Promise<readonly string[]> {
  const { incidents, failedRules } = await audit(steps, rules, extra);
  expect(failedRules).toEqual([]);
  return incidents
    .filter(incident => incident.state === 'open' && !isWeak(incident))
    .map(({ certainty, path }) => `${certainty} ${path}`)
    .sort();
}

const old = {
  house: '# House\n\n## Build\n\nRun the check first.\n',
  log: '# Log\n\n- first day\n',
  plan: '# Plan\n\n## Step 1\n\nDig.\n',
};
const young = {
  house: `${old.house}\n## Ideas\n\nEach idea waits in the queue until two people nod.\n`,
  log: `${old.log}- second day, the queue was opened\n`,
  plan: `${old.plan}\n## Step 2\n\nThe queue takes three kinds of ideas.\n`,
};

const first: readonly Row[] = [
  ['CLAUDE.md', old.house],
  ['docs/log.md', old.log, together],
  ['docs/plan.md', old.plan, together],
];
const later: readonly Row[] = [
  ['CLAUDE.md', young.house, at(hour)],
  ['docs/log.md', young.log, at(minute)],
  ['docs/plan.md', young.plan, at(minute)],
];
const back: readonly Row[] = [
  ['CLAUDE.md', old.house, at(7 * minute)],
  ['docs/log.md', old.log, together],
  ['docs/plan.md', old.plan, together],
];

describe('files that go back together', () => {
  it('are a loss, of one moment', async () => {
    const { incidents } = await audit(rows([...first, ...later, ...back]), rules);
    expect(incidents.map(({ certainty, path }) => `${certainty} ${path}`).sort()).toEqual([
      'likely CLAUDE.md',
      'likely docs/log.md',
      'likely docs/plan.md',
    ]);
    expect(new Set(incidents.map(({ stroke }) => stroke?.id)).size).toBe(1);
    expect(incidents[0]?.stroke).toMatchObject({ kind: 'went-back', files: 3, backTo: noon + 40 });
    expect(incidents[0]?.findings[0]?.evidence[0]).toMatch(/^3 files went back to the byte, in one moment, to what/);
  });

  it('are two at least: one is an undo', async () => {
    expect(await shown(rows([...first, ...later, back[0]!]))).toEqual(['possible CLAUDE.md']);
    const two: Row = ['docs/log.md', old.log, together];
    expect(await shown(rows([...first, ...later, back[0]!, two]))).toEqual(['likely CLAUDE.md', 'likely docs/log.md']);
  });

  it('take with them what was made since, however young it is', async () => {
    const handoff: readonly Row[] = [['docs/handoff.md', 'The gate is checked, the queue is next.\n', at(minute)]];
    const gone: readonly Row[] = [['docs/handoff.md', null, together]];
    const steps = rows([...first, ...later, ...handoff, ...back, ...gone]);
    expect(await shown(steps)).toContain('likely docs/handoff.md');
    const alone = rows([...first, ...later, ...handoff, back[0]!, ...gone]);
    expect((await shown(alone)).join()).not.toContain('handoff');
  });

  it('are one row, whichever rule found what', async () => {
    const handoff: readonly Row[] = [['docs/handoff.md', 'The gate is checked, the queue is next.\n', at(minute)]];
    const gone: readonly Row[] = [['docs/handoff.md', null, together]];
    const { incidents } = await audit(rows([...first, ...later, ...handoff, ...back, ...gone]), rules);
    const open = incidents.toSorted(worstFirst);
    expect(alike(open).map(group => group.map(({ path }) => path).sort())).toEqual([
      ['CLAUDE.md', 'docs/handoff.md', 'docs/log.md', 'docs/plan.md'],
    ]);
    expect(alikeInWords(alike(open)[0]!)).toMatch(/^4 files were set back to [\d:]+ in one moment; lost: /);
    expect(alikeTo(open[3]!, open)).toHaveLength(4);
    const two = open.slice(0, 2);
    expect(alike(two)).toHaveLength(1);
  });

  it('are noticed in a path that was looked at before the others came', async () => {
    const known = new Map<string, unknown>();
    const cache: AuditCache = { get: key => known.get(key), set: (key, value) => void known.set(key, value) };
    const all = [...first, ...later];
    const sure = async (lines: readonly Row[], git: GitFacts) => {
      const { incidents } = await audit(rows(lines), rules, { cache, git });
      return incidents
        .filter(({ path, state }) => path === 'CLAUDE.md' && state === 'open')
        .map(({ certainty }) => certainty);
    };
    expect(await sure([...all, back[0]!], repository([], []))).toEqual(['possible']);
    expect(await sure([...all, ...back], repository([], []))).toEqual(['likely']);
    // Git writes its reflog when all files are there.
    const moved = { at: Math.floor(rows([...all, ...back]).at(-1)!.at / 1_000) * 1_000 };
    const texts = [...Object.values(old), ...Object.values(young)];
    expect(await sure([...all, ...back], repository([moved], texts))).toEqual([]);
    expect(await sure([...all, ...back], repository([], texts))).toEqual(['likely']);
  });

  it('are the undo of one step where two of them and nothing else went', async () => {
    const once = later.map(([path, text], i): Row => [path, text, i === 0 ? at(hour) : together]);
    const two = (all: readonly Row[]) => all.slice(0, 2);
    expect(await shown(rows([...two(first), ...two(once), ...two(back)]))).toEqual([
      'possible CLAUDE.md',
      'possible docs/log.md',
    ]);
    // Three are a tree, and so are two beside something of its own.
    expect(await shown(rows([...first, ...once, ...back]))).toContain('likely CLAUDE.md');
    const own: Row = ['docs/gate.md', 'The limit was raised.\n', together];
    expect(await shown(rows([...two(first), ...two(once), ...two(back), own]))).toContain('likely CLAUDE.md');
  });

  it('may be what one session takes back of its own', async () => {
    const steps = rows([...first, ...later, ...back]).map((step, i) => (i > 2 && i < 6 ? { ...step, who: 'A' } : step));
    const lost = ['possible CLAUDE.md', 'possible docs/log.md', 'possible docs/plan.md'];
    expect(await shown(steps, { testimony: writersOf(steps) })).toEqual(lost);
    const two = steps.map((step, i) => (i === 4 ? { ...step, who: 'B' } : step));
    expect(await shown(two, { testimony: writersOf(two) })).toContain('likely CLAUDE.md');
  });

  it('are a habit the second time', async () => {
    const again = back.map(([path, text], i): Row => [path, text, i === 0 ? at(hour) : together]);
    const forth = later.map(([path, text], i): Row => [path, text, i === 0 ? at(hour) : together]);
    const { incidents } = await audit(rows([...first, ...forth, ...back, ...forth, ...again]), rules);
    expect(incidents.filter(({ state }) => state === 'open').every(isWeak)).toBe(true);
  });

  it('are weak where the commit says that it reverts', async () => {
    const steps = rows([...first, ...later, ...back]).map((step): Step => ({ ...step, how: 'import' }));
    expect(await shown(steps, { isAnnounced: ({ at }: Version) => at >= steps[6]!.at })).toEqual([]);
    expect(await shown(steps)).toContain('likely CLAUDE.md');
  });

  it('are nothing where they go back to different moments', async () => {
    const steps = rows([
      ['a.md', '- one\n'],
      ['a.md', '- one\n- two\n', at(hour)],
      ['b.md', '- red\n', at(hour)],
      ['b.md', '- red\n- blue\n', at(hour)],
      ['a.md', '- one\n', at(minute)],
      ['b.md', '- red\n', together],
    ]);
    // `a.md` stood at `one` before `b.md` was there at all.
    expect((await shown(steps)).filter(text => text.startsWith('likely'))).toEqual([]);
  });

  it('are a loss again where there are three: each from a folder that is looked after elsewhere', async () => {
    const steps = rows([
      ['a.md', '- one\n'],
      ['a.md', '- one\n- two\n', at(hour)],
      ['b.md', '- red\n', at(hour)],
      ['b.md', '- red\n- blue\n', at(hour)],
      ['c.md', '- sun\n', at(hour)],
      ['c.md', '- sun\n- moon\n', at(hour)],
      ['a.md', '- one\n', at(minute)],
      ['b.md', '- red\n', together],
      ['c.md', '- sun\n', together],
    ]);
    const { incidents } = await audit(steps, rules);
    expect(incidents.map(({ certainty, path }) => `${certainty} ${path}`).sort()).toEqual([
      'likely a.md',
      'likely b.md',
      'likely c.md',
    ]);
    expect(incidents[0]?.stroke).toMatchObject({ kind: 'went-back', backTo: null });
    expect(alike(incidents)).toHaveLength(1);
    expect(alikeInWords(alike(incidents)[0]!)).toBe('3 files were set back in one moment; lost: 3 list items');
  });

  it('are meant where a commit says so, in other words too', async () => {
    const one: readonly Row[] = [...first, ...later, ['CLAUDE.md', `${old.house}\n- one more\n`, at(minute)]];
    const gone: readonly Row[] = [...first, ...later, ['docs/plan.md', null, at(minute)]];
    for (const story of [one, gone]) {
      const steps = rows(story).map((step): Step => ({ ...step, how: 'import' }));
      expect(await shown(steps, { isAnnounced: ({ at }: Version) => at >= steps[6]!.at })).toEqual([]);
    }
  });

  it('are nothing when minutes lie between them', async () => {
    const slow = back.map(([path, text]): Row => [path, text, at(2 * minute)]);
    expect((await shown(rows([...first, ...later, ...slow]))).filter(text => text.startsWith('likely'))).toEqual([]);
  });
});

describe('programs', () => {
  const part = (name: string, more: string) => `# ${name}\n\n- read the ${name} first\n- then ask\n${more}`;
  const bundle = (version: string, more: string, after: number): readonly Row[] => [
    ['skills/pdf/SKILL.md', `---\nname: pdf\nversion: ${version}\n---\n\n${part('pdf', more)}`, { after }],
    ...['forms', 'tables', 'pages', 'fonts', 'links'].map(
      (name): Row => [`skills/pdf/${name}.md`, part(name, more), together],
    ),
  ];
  const old = '\n## Old way\n\n- by hand\n- in a loop\n- with care\n';

  it('that bring a bundle anew, with another version, took nothing that a person misses', async () => {
    const settings: readonly Row[] = [['settings.json', '{ "model": "opus" }\n', together]];
    expect(await shown(rows([...bundle('1.2.0', old, 0), ...bundle('1.3.0', '', hour), ...settings]))).toEqual([]);
    const kinds = async (version: string) => {
      const { histories, read } = world(rows([...bundle('1.2.0', old, 0), ...bundle(version, '', hour)]));
      const found = strokes(histories, { reader: unitReader(read, () => false) });
      return Promise.all(histories.map(async file => (await found.of(file.versions.at(-1)!))?.kind ?? null));
    };
    expect(new Set(await kinds('1.3.0'))).toEqual(new Set(['update']));
    // Nothing says that it was an update.
    expect(new Set(await kinds('1.2.0'))).toEqual(new Set([null]));
  });

  it('take what a person had written into it', async () => {
    const mine = `${part('forms', old)}\n## House rules\n\n- ask Nora\n- sign twice\n- keep a copy\n`;
    const edit: readonly Row[] = [['skills/pdf/forms.md', mine, at(minute)]];
    expect(await shown(rows([...bundle('1.2.0', old, 0), ...edit, ...bundle('1.3.0', '', hour)]))).toEqual([
      'possible skills/pdf/forms.md',
    ]);
  });

  it('that keep every word lose none, unless all of it becomes one line', async () => {
    const texts = ['a', 'b', 'c'].map(
      name => [`docs/${name}.md`, `# ${name}\n\nRun 'pnpm' first,\nand ask.\n\n1) one ${name}\n2) two\n`] as const,
    );
    const all = (change: (text: string) => string, after = hour) =>
      texts.map(([path, text], i): Row => [path, change(text), i === 0 ? at(after) : together]);
    const says = async (change: (text: string) => string) => {
      const { histories, read } = world(rows([...all(text => text), ...all(change)]));
      const found = strokes(histories, { reader: unitReader(read, () => false) });
      return (await found.of(histories[0]!.versions.at(-1)!))?.kind ?? null;
    };
    expect(await says(text => text.replaceAll("'", '"').replaceAll(') ', '. '))).toBe('format');
    expect(await says(text => text.replace('first,\nand', 'first, and'))).toBe('format');
    expect(await says(text => text.replaceAll('\n', ' '))).toBe(null);
    expect(await says(text => text.replace('first', 'last'))).toBe(null);
  });

  it('that sync are named, and what they bring is weighed as ever', async () => {
    const trace: readonly Row[] = [['.stignore', '*.tmp\n']];
    const { histories, read } = world(rows([...trace, ...first, ...later, ...back]));
    const travelled = histories.map(file => ({
      ...file,
      versions: file.versions.map(version => ({ ...version, mtime: version.at - hour })),
    }));
    const found = strokes(travelled, { reader: unitReader(read, () => false) });
    const house = travelled.find(({ path }) => path === 'CLAUDE.md')!;
    expect(await found.of(house.versions[1]!)).toMatchObject({ kind: 'sync', says: 'unclear' });
    expect(await found.of(house.versions[2]!)).toMatchObject({ kind: 'went-back', says: 'lost' });
    expect((await found.of(house.versions[2]!))?.why).toContain('a sync tool brought it');
  });
});

/** A repository that has these texts, and moved files as its reflog says. */
function repository(
  moves: readonly (Partial<GitMove> & { readonly at: number })[],
  texts: readonly string[],
): GitFacts {
  const blobs = new Set(
    texts.map(text =>
      createHash('sha1')
        .update(`blob ${Buffer.byteLength(text)}\0${text}`)
        .digest('hex'),
    ),
  );
  const all = moves.map(
    (move): GitMove => ({ what: 'checkout', text: 'checkout: moving from main to x', committed: null, ...move }),
  );
  return {
    moves: (_, from, to) => all.filter(move => move.at + 1_000 > from && move.at <= to),
    holds: (_, blob) => blobs.has(blob),
    heldSince: () => null,
  };
}

describe('git', () => {
  const steps = rows([...first, ...later, ...back]);
  const texts = [...Object.values(old), ...Object.values(young)];
  const moved = Math.floor(steps.at(-1)!.at / 1_000) * 1_000;

  it('that put away what it keeps took nothing', async () => {
    expect(await shown(steps, { git: repository([{ at: moved }], texts) })).toEqual([]);
  });

  it('does not explain what it did not do', async () => {
    const lost = ['likely CLAUDE.md', 'likely docs/log.md', 'likely docs/plan.md'];
    expect(await shown(steps, { git: repository([{ at: moved - minute }], texts) })).toEqual(lost);
    expect(await shown(steps, { git: repository([], texts) })).toEqual(lost);
    // It has no object of what came: somebody else wrote that.
    expect(await shown(steps, { git: repository([{ at: moved }], Object.values(young)) })).toEqual(lost);
  });

  it('that threw away what was never committed took it', async () => {
    const reset = { at: moved, what: 'reset', text: 'reset: moving to HEAD' } as const;
    const { incidents } = await audit(steps, rules, { git: repository([reset], Object.values(old)) });
    expect(incidents.map(({ certainty }) => certainty)).toEqual(['likely', 'likely', 'likely']);
    expect(incidents[0]?.findings[0]?.evidence[0]).toContain('no object of its repository has the text that went');
  });
});
