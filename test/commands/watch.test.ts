/** What only a running watcher does. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Desk } from '../helpers/in-process.ts';
import { Place } from '../helpers/program.ts';
import { ASession } from '../sessions/a-session.ts';

interface Line {
  readonly type: string;
  readonly revised?: boolean;
  readonly path?: string;
  readonly incident?: {
    readonly id: string;
    readonly certainty: string;
    readonly path: string;
    readonly message: string;
  };
}

interface Audit {
  readonly incidents: readonly { readonly path: string; readonly state: string }[];
}

type Config = Readonly<Record<string, object>>;

let place: Place;
afterEach(() => place?.remove());

it('a file that never gets its line in the index is told when the time of grace is over, though nothing moves', async () => {
  place = new Place({ 'skills/_index.md': '# Skills\n\n- [pdf](pdf/SKILL.md)\n', 'skills/pdf/SKILL.md': '# pdf\n' });
  const config = join(place.folder, 'config.json');
  writeFileSync(config, '{ "rules": { "index-drift": { "graceSeconds": 1 } } }');
  const watch = place.start('watch', '--json', '--config', config);
  await watch.object<Line>(line => line.type === 'ready');
  place.write('skills/lonely/SKILL.md', '# lonely\n');
  const { incident } = await watch.object<Line>(line => line.type === 'incident');
  expect(incident).toMatchObject({
    path: 'skills/_index.md',
    message: expect.stringContaining('skills/lonely/SKILL.md'),
  });
  watch.kill('SIGINT');
  expect((await watch.ended).code).toBe(0);
});

it('a restore and its undo beside the watcher are one record each, and no new loss', async () => {
  place = new Place({ 'CLAUDE.md': '# Rules\n\n- be kind\n' });
  const watch = place.start('watch', '--json');
  await watch.object<Line>(line => line.type === 'ready');
  place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
  await watch.object<Line>(line => line.type === 'version');
  place.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
  await watch.object<Line>(line => line.type === 'incident');
  const [id] = (JSON.parse((await place.run('audit', '--json')).out) as { incidents: { id: string }[] }).incidents.map(
    each => each.id,
  );
  expect((await place.run('restore', id!)).code).toBe(0);
  await watch.object<Line>(line => line.type === 'resolved');
  expect((await place.run('diff', 'CLAUDE.md')).out).toContain('+- be brief');
  expect((await place.run('undo')).code).toBe(0);
  await watch.object<Line>(line => line.type === 'incident');
  expect((await place.run('diff', 'CLAUDE.md')).out).toContain('-- be brief');
  const { versions } = JSON.parse((await place.run('log', 'CLAUDE.md', '--json')).out) as {
    versions: { how: string; writer: { kind: string } | null }[];
  };
  expect(versions.map(({ how, writer }) => `${how} ${writer?.kind ?? 'unknown'}`)).toEqual([
    'scan unknown',
    'event unknown',
    'event unknown',
    'restore tool',
    'restore tool',
  ]);
  watch.kill('SIGINT');
  const { out } = await watch.ended;
  const told = out.split('\n').filter(line => line.includes('"type":"incident"'));
  expect(new Set(told.map(line => (JSON.parse(line) as { incident: { id: string } }).incident.id))).toEqual(
    new Set([id]),
  );
});

describe('transcripts come after the file', () => {
  const memory = 'projects/-home-me-proj/memory/MEMORY.md';
  const transcript = (session: ASession) => `projects/-home-me-proj/${session.file}`;
  const start = '# Memory\n\n## Build\n\nUse the script.\n';
  const withGotchas = `${start}\n## Gotchas\n\nThe cache must be cleared after schema changes.\n`;
  const withReviews = `${start}\n## Reviews\n\nAsk for two approvals.\n`;
  const isOf = (type: string) => (line: Line) => line.type === type;
  const isVersion = (line: Line) => line.type === 'version' && line.path === memory;
  const incidentsIn = (out: string) => out.split('\n').filter(line => line.includes('"type":"incident"'));

  /** A session that is known already, so that transcripts are expected, and a file that a watcher saw twice. */
  async function overwritten(read: string, config: Config = {}) {
    place = new Place({ [memory]: start });
    const settings = join(place.folder, 'config.json');
    writeFileSync(settings, JSON.stringify(config));
    const [A, C] = ['A', 'C'].map(id => new ASession(id, '/home/me/proj', Date.now() - 60_000));
    const file = place.path(memory);
    A!.at(Date.now() - 50_000).read(file, start);
    place.write(transcript(A!), A!.text);
    const watch = place.start('watch', '--json', '--config', settings);
    await watch.object<Line>(isOf('ready'));
    A!.at(Date.now()).write(file, start, withGotchas);
    place.write(memory, withGotchas);
    await watch.object<Line>(isVersion);
    place.write(transcript(A!), A!.text);
    C!.at(read === start ? Date.now() - 20_000 : Date.now()).read(file, read);
    C!.at(Date.now()).write(file, withGotchas, withReviews);
    place.write(memory, withReviews);
    return { watch, tell: () => place.write(transcript(C!), C!.text) };
  }

  it('the loss is told once, and once more when it is proven', async () => {
    const { watch, tell } = await overwritten(start);
    const told = await watch.object<Line>(isOf('incident'));
    expect([told.incident?.path, told.incident?.certainty, told.revised]).toEqual([memory, 'likely', undefined]);
    tell();
    const revised = await watch.object<Line>(isOf('incident'));
    expect([revised.incident?.id, revised.incident?.certainty, revised.revised]).toEqual([
      told.incident?.id,
      'proven',
      true,
    ]);
    expect(revised.incident).toMatchObject({ lost: { writer: { id: 'A' } }, cause: { writer: { id: 'C' } } });
    watch.kill('SIGINT');
    const { code, out } = await watch.ended;
    expect([code, incidentsIn(out).length]).toEqual([0, 2]);
  });

  const drift: Config = { rules: { 'index-drift': { graceSeconds: 3 } } };

  it('what its writer had read, and removed on purpose, is held back until that is known, and never told', async () => {
    const { watch, tell } = await overwritten(withGotchas, drift);
    tell();
    // What was held back would be told before this is old enough.
    place.write('skills/_index.md', '# Skills\n\n- [pdf](pdf/SKILL.md)\n');
    place.write('skills/pdf/SKILL.md', '# pdf\n');
    place.write('skills/lonely/SKILL.md', '# lonely\n');
    await watch.object<Line>(line => line.incident?.path === 'skills/_index.md');
    watch.kill('SIGINT');
    const { code, out } = await watch.ended;
    expect([code, incidentsIn(out).filter(line => line.includes(memory))]).toEqual([0, []]);
    const audit = JSON.parse((await place.run('audit', '--json')).out) as Audit;
    expect(audit.incidents.filter(({ path, state }) => path === memory && state === 'open')).toEqual([]);
  });

  it('… nor when the watcher is stopped before it was told', async () => {
    const { watch, tell } = await overwritten(withGotchas);
    tell();
    await watch.object<Line>(isVersion);
    watch.kill('SIGINT');
    const { code, out } = await watch.ended;
    expect([code, incidentsIn(out)]).toEqual([0, []]);
  });
});

describe('the line that says how things stand', () => {
  let desk: Desk;
  afterEach(() => desk.remove());

  it('is rewritten on a terminal, and cleared before anything else is printed', async () => {
    desk = new Desk({ 'CLAUDE.md': '# Rules\n\n- be kind\n' });
    desk.columns = 120;
    const watch = desk.start('watch');
    await watch.until(out => /\r\x1b\[K.*nothing open · 1 file · \d versions? kept/.test(out));
    desk.write('notes/new.md', '# New\n');
    await watch.until(out =>
      /\r\x1b\[K.*2 files · \d versions kept.* · last change \d\d:\d\d:\d\d notes\/new.md/.test(out),
    );
    watch.stop();
    const { out } = await watch.ended;
    expect(out).toMatch(/\r\x1b\[K\nstopped; \d new versions kept/);
  });

  it.each([
    ['in a pipe', null, ['watch']],
    ['with --quiet', 120, ['watch', '--quiet']],
  ])('is off %s', async (_, columns, words) => {
    desk = new Desk({ 'CLAUDE.md': '# Rules\n\n- be kind\n- be brief\n' });
    await desk.run('snapshot');
    desk.columns = columns;
    desk.write('CLAUDE.md', '# Rules\n\n- be kind\n- be bold\n');
    const watch = desk.start(...words);
    desk.write('CLAUDE.md', '# Rules\n\n- be kind\n- be brief\n');
    const later = desk.start('audit');
    await later.ended;
    watch.stop();
    expect((await watch.ended).out).not.toContain('\r');
  });
});
