/** What a nightly job hears, and what it does not: through the built program. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Place } from './helpers/program.ts';

let place: Place;
afterEach(() => place.remove());

const rules = '# Rules\n\n- be kind\n- be fast\n- be nice\n';
const index = 'projects/p/memory/MEMORY.md';
/** An index that two of three files stand in: drift that is older than anybody's look. */
const oldHome = {
  [index]: '# Memory\n\n- [a](a.md)\n',
  'projects/p/memory/a.md': 'a\n',
  'projects/p/memory/b.md': 'b\n',
  'projects/p/memory/c.md': 'c\n',
};

interface Audit {
  readonly incidents: readonly { readonly id: string; readonly state: string; readonly weak?: boolean }[];
  readonly baseline: readonly object[];
  readonly coverage: { readonly suppressed: readonly object[] };
}

async function json(...words: string[]): Promise<Audit> {
  return JSON.parse((await place.run('audit', '--json', ...words)).out) as Audit;
}

function configured(config: object): string[] {
  const file = join(place.folder, 'config.json');
  writeFileSync(file, JSON.stringify(config));
  return ['--config', file];
}

/** A line is gone, and nothing speaks for two hands: possible and low. */
async function withWeakLoss(): Promise<void> {
  place = new Place({ 'CLAUDE.md': rules });
  await place.run('snapshot');
  place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be nice\n');
}

/** The same, and a section with it: possible and medium. */
async function withLoss(): Promise<void> {
  place = new Place({ 'CLAUDE.md': rules });
  await place.run('snapshot');
  place.write('CLAUDE.md', `${rules}\n## Build\n\nUse the script.\n`);
  await place.run('snapshot');
  place.write('CLAUDE.md', rules);
}

describe('what may have been meant', () => {
  it('is counted; it fails nothing, in no format, but where that is asked for', async () => {
    await withWeakLoss();
    const table = await place.run('audit');
    expect(table.out).toContain('\n1 may have been meant: undertext audit --all\n');
    for (const format of ['table', 'json', 'ndjson', 'sarif', 'markdown']) {
      expect((await place.run('audit', '--format', format)).code).toBe(0);
    }
    expect((await json()).incidents).toMatchObject([{ state: 'open', weak: true }]);
    expect(await place.run('audit', '--quiet')).toEqual({ code: 0, out: '', err: '' });
    const strict = await place.run('audit', '--quiet', '--fail-on', 'low');
    expect([strict.code, strict.out]).toEqual([1, expect.stringContaining('lost: list item "be fast"')]);
    expect((await place.run('audit', '--fail-on', 'medium')).code).toBe(0);
    const status = await place.run('status', '--json');
    expect([status.code, JSON.parse(status.out).incidents]).toEqual([
      0,
      { open: 1, weak: 1, accepted: 0, resolved: 0 },
    ]);
  });

  it('is listed with --all, and can be shown, accepted and restored', async () => {
    await withWeakLoss();
    const all = await place.run('audit', '--all');
    const [, id = ''] = /^(\w{6})\s+possible/m.exec(all.out) ?? [];
    expect((await place.run('show', id)).out).toContain('certainty: possible · severity: low');
    expect((await place.run('restore', id)).code).toBe(0);
    expect(place.read('CLAUDE.md')).toBe(rules);
  });

  it('is no block of a watcher', async () => {
    place = new Place({ 'CLAUDE.md': rules });
    const watch = place.start('watch');
    await watch.line(line => line.startsWith('versions go to'));
    place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be nice\n');
    await until(async () => (await json()).incidents.length > 0);
    place.write('notes.md', '- one\n');
    await until(async () => JSON.parse((await place.run('log', 'notes.md', '--json')).out).versions.length > 0);
    watch.kill('SIGINT');
    const { out } = await watch.ended;
    expect(out).not.toContain('be fast');
    expect(out).toMatch(/\nstopped; \d+ new versions? kept; 1 may have been meant: undertext audit --all\n$/);
  });
});

describe('--fail-on', () => {
  it('asks for a certainty or a severity', async () => {
    await withLoss();
    const [incident] = (await json()).incidents;
    expect(incident).toMatchObject({ certainty: 'possible', severity: 'medium' });
    const codes = async (...thresholds: string[]) => {
      const ended = [];
      for (const threshold of thresholds) ended.push((await place.run('audit', '--fail-on', threshold)).code);
      return ended;
    };
    expect(await codes('proven', 'likely', 'possible')).toEqual([0, 0, 1]);
    expect(await codes('high', 'medium', 'low')).toEqual([0, 1, 1]);
    // What is open is printed all the same.
    expect((await place.run('audit', '--quiet', '--fail-on', 'proven')).out).toContain('1 open incident');
  });

  it('refuses anything else', async () => {
    place = new Place();
    expect(await place.run('audit', '--fail-on', 'likly')).toEqual({
      code: 2,
      out: '',
      err: 'error: "likly" is neither a certainty nor a severity\nhint: did you mean likely?\n',
    });
  });
});

describe('an old home', () => {
  it('is summarised at its first audit, and listed with --all', async () => {
    place = new Place(oldHome);
    const first = await place.run('audit');
    expect(first.code).toBe(0);
    expect(first.out).toContain('\n  projects/p/memory: 2 index-drift\n');
    expect(await place.run('audit', '--quiet')).toEqual({ code: 0, out: '', err: '' });
    expect((await place.run('audit', '--all')).out).toMatch(/^\w{6} {2}accepted {2}likely/m);
    const told = await json();
    expect([told.incidents, told.baseline]).toEqual([
      [],
      [{ root: 'claude', folder: 'projects/p/memory', rules: { 'index-drift': 2 } }],
    ]);
  });

  it('may be mended bit by bit, and what is new is told', async () => {
    place = new Place(oldHome);
    await place.run('audit');
    place.write(index, '# Memory\n\n- [a](a.md)\n- [b](b.md)\n');
    expect(await place.run('audit', '--quiet')).toEqual({ code: 0, out: '', err: '' });
    place.write('projects/p/memory/d.md', 'd\n');
    const later = await place.run('audit', '--quiet', '--config', graceless());
    expect([later.code, flow(later.out)]).toEqual([1, expect.stringContaining('d.md is not named in')]);
    expect(later.out).not.toContain('c.md');
  });

  it('is told whole without a baseline', async () => {
    place = new Place(oldHome);
    const { code, out } = await place.run('audit', ...configured({ baseline: false }));
    expect([code, flow(out)]).toEqual([1, expect.stringContaining('b.md and c.md are not named')]);
  });
});

function graceless(): string {
  return configured({ rules: { 'index-drift': { graceSeconds: 0 } } })[1]!;
}

describe('what is left alone', () => {
  it('by the configuration', async () => {
    await withLoss();
    const before = await json();
    const config = configured({ suppress: [{ path: '*.md', reason: 'written by a tool' }] });
    const { code, out } = await place.run('audit', ...config);
    expect([code, out]).toEqual([0, expect.stringMatching(/\nleft alone: .*\(written by a tool\)/)]);
    const all = await json(...config, '--all');
    expect(all.incidents).toMatchObject([
      { id: before.incidents[0]!.id, state: 'accepted', closed: 'written by a tool' },
    ]);
    expect(all.coverage.suppressed).toContainEqual(
      expect.objectContaining({ path: 'CLAUDE.md', how: 'config', reason: 'written by a tool' }),
    );
    expect(await place.run('audit', '--quiet', ...config)).toEqual({ code: 0, out: '', err: '' });
    expect((await place.run('audit')).code).toBe(1);
  });

  it('by a marker in the file', async () => {
    place = new Place({ ...oldHome, [index]: `<!-- undertext: ignore index-drift (hub) -->\n${oldHome[index]}` });
    const { code, out } = await place.run('audit', ...configured({ baseline: false }));
    expect([code, out]).toEqual([0, expect.stringContaining('\nleft alone: 1 × index-drift (hub)\n')]);
  });

  it('of a rule that there is none of is refused by file, line and key', async () => {
    place = new Place();
    const config = configured({ suppress: [{ rule: 'index-drfit', reason: 'x' }] });
    const { code, err } = await place.run('audit', ...config);
    expect(code).toBe(2);
    expect(err).toMatch(
      /config\.json:1: "suppress\[0\]\.rule" is "index-drfit", which is no rule\nhint: did you mean "index-drift"\?\n$/,
    );
  });
});

describe('accept', () => {
  it('takes several, and books none when one of them is unknown', async () => {
    place = new Place({ 'a.md': `${rules}\n## A\n\nText.\n`, 'b.md': `${rules}\n## B\n\nText.\n` });
    await place.run('snapshot');
    place.write('a.md', rules);
    place.write('b.md', rules);
    const ids = (await json()).incidents.map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect((await place.run('accept', ...ids, 'zzzzzz', '--reason', 'meant')).code).toBe(2);
    expect((await json()).incidents).toHaveLength(2);
    expect(await place.run('accept', ...ids, '--reason', 'meant')).toEqual({
      code: 0,
      out: `accepted ${ids.join(', ')}: meant\nnothing else is open\n`,
      err: '',
    });
    expect((await place.run('audit', '--quiet')).code).toBe(0);
  });

  it('can be taken back', async () => {
    place = new Place({ 'a.md': `${rules}\n## A\n\nText.\n` });
    await place.run('snapshot');
    place.write('a.md', rules);
    const [{ id } = { id: '' }] = (await json()).incidents;
    await place.run('accept', id, '--reason', 'meant');
    expect((await json()).incidents).toEqual([]);
    const back = await place.run('reopen', id);
    expect(back).toMatchObject({ code: 0, out: expect.stringContaining(`${id} is open again\n`) });
    expect((await json()).incidents).toMatchObject([{ id, state: 'open', closed: null }]);
    expect((await place.run('reopen', id)).out).toContain(`${id} is open, and stays so\n`);
    await place.run('accept', id, '--reason', 'meant after all');
    expect((await json('--all')).incidents).toMatchObject([{ id, state: 'accepted', closed: 'meant after all' }]);
  });

  it('refuses a resolved one, and leaves it as it is', async () => {
    place = new Place({ 'a.md': `${rules}\n## A\n\nText.\n` });
    await place.run('snapshot');
    place.write('a.md', rules);
    const [{ id } = { id: '' }] = (await json()).incidents;
    await place.run('restore', id);
    const { code, err } = await place.run('accept', id, '--reason', 'meant');
    expect([code, err]).toEqual([3, expect.stringContaining(`error: ${id} is resolved: its text is back\n`)]);
    expect((await json('--all')).incidents).toMatchObject([{ id, state: 'resolved' }]);
  });

  it('keeps what a person says of old drift', async () => {
    place = new Place(oldHome);
    await place.run('audit');
    const [old] = (await json('--all')).incidents;
    expect((await place.run('accept', old!.id, '--reason', 'by design')).code).toBe(0);
    expect((await json('--all')).incidents).toMatchObject([{ id: old!.id, closed: 'by design' }]);
    expect((await json('--all')).incidents[0]).not.toHaveProperty('baseline');
    expect((await place.run('audit')).out).not.toContain('first looked');
  });
});

/** The cells of the last column, as one text. */
function flow(out: string): string {
  return out
    .split('\n')
    .map(line => line.replace(/^.* {2}/, ''))
    .join(' ');
}

/** Asks again until it is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let time = 0; time < 100; time++) if (await isSo()) return;
  throw new Error('it never was');
}
