/** Pruning and room through the built program. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openGitStore } from '../../src/store/git-store.ts';
import { Place } from '../helpers/program.ts';
import { seen } from '../store/contract.ts';

const day = 86_400_000;
let place: Place;

beforeEach(() => {
  place = new Place({ 'CLAUDE.md': '# Rules\n\n- be kind\n' });
});
afterEach(() => place.remove());

/** As a watcher would have kept it a hundred days ago. */
async function kept(...contents: readonly string[]): Promise<void> {
  const store = await openGitStore({ path: place.store });
  await store.note([{ kind: 'root', at: 0, data: { name: 'claude', path: place.home } }]);
  const begin = Date.parse(`${new Date(Date.now() - 100 * day).toISOString().slice(0, 10)}T10:00:00Z`);
  await store.record(contents.map((content, at) => seen('CLAUDE.md', content, begin + at * 60_000)));
  await store.close();
}

async function config(text: string): Promise<string> {
  const file = join(place.folder, 'config.json');
  writeFileSync(file, text);
  return file;
}

describe('prune --dry-run', () => {
  it('says what would go, and why, and changes nothing', async () => {
    await kept('# Rules\n', '# Rules\n\n- be kind\n', '# Rules\n\n- be kind\n- be brief\n');
    const { code, out, err } = await place.run('prune', '--dry-run');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^would drop 2 versions, about \d+ B\n/);
    expect(out).toMatch(/\nCLAUDE\.md +2 +\d+ B +thinned\n/);
    expect(out.trimEnd().endsWith('undertext prune')).toBe(true);
    const log = JSON.parse((await place.run('log', 'CLAUDE.md', '--json')).out);
    expect(log.versions).toHaveLength(3);
  });

  it('--json: every path', async () => {
    await kept('# Rules\n', '# Rules\n\n- be kind\n');
    const report = JSON.parse((await place.run('prune', '--dry-run', '--json')).out);
    expect(report).toMatchObject({ format: 1, dryRun: true, forced: false, versions: 1, kept: [] });
    expect(report.paths).toMatchObject([{ root: 'claude', path: 'CLAUDE.md', class: 'authored', why: 'thinned' }]);
  });

  it('nothing to do', async () => {
    await place.run('snapshot');
    const { code, out } = await place.run('prune');
    expect(code).toBe(0);
    expect(out).toMatch(/^nothing was dropped\n/);
  });

  it('without a store', async () => {
    const { code, err } = await place.run('prune', '--dry-run');
    expect(code).toBe(2);
    expect(err).toContain('there is no store');
  });
});

describe('room', () => {
  it('status always says what the store takes, what it may take, and what is free', async () => {
    await place.run('snapshot');
    const { out } = await place.run('status');
    expect(out).toMatch(/ of at most 5\.0 GB; .* are free on its disk/);
    const status = JSON.parse((await place.run('status', '--json')).out);
    expect(status.store).toMatchObject({ cap: 5e9, trash: 0, free: expect.any(Number) });
    expect(status.warnings).toEqual([]);
    expect(new Ajv().validate({ type: 'integer', minimum: 1 }, status.store.bytes)).toBe(true);
  });

  it('above the cap everybody says so, and logs are not kept', async () => {
    const file = await config('{ "keep": { "cap": "100 B" } }');
    await place.run('snapshot');
    place.write('history.jsonl', '{"a":1}\n');
    place.write('new.md', 'new\n');
    const { code, err } = await place.run('snapshot', '--config', file);
    expect(code).toBe(0);
    expect(err).toContain('more than its cap of 100 B: logs are not kept');
    const audit = await place.run('audit', '--config', file);
    expect(audit.out).toMatch(/^warning: the store takes /);
    expect(audit.out.replace(/\s+/g, ' ')).toContain('not watched');
    const quiet = await place.run('audit', '--quiet', '--json', '--config', file);
    expect(JSON.parse(quiet.out).warnings).toMatchObject([{ code: 'cap' }]);
    const status = JSON.parse((await place.run('status', '--json', '--config', file)).out);
    expect(status.warnings).toMatchObject([{ code: 'cap' }]);
    expect(status.gaps).toContainEqual(
      expect.objectContaining({ why: 'the store is at its cap: logs are not kept', to: null }),
    );
    expect((await place.run('log', 'new.md')).code).toBe(0);
    expect((await place.run('log', 'history.jsonl')).code).toBe(2);
    // With room again it is found, and the gap is over.
    await place.run('snapshot');
    expect((await place.run('log', 'history.jsonl')).code).toBe(0);
    const after = JSON.parse((await place.run('status', '--json')).out);
    expect(after.gaps).toContainEqual(
      expect.objectContaining({ why: 'the store is at its cap: logs are not kept', to: expect.any(String) }),
    );
  });

  it('with too little room on the disk a snapshot keeps nothing, and says what to do', async () => {
    const file = await config('{ "keep": { "minFree": "1000000 TB" } }');
    const { code, err } = await place.run('snapshot', '--config', file);
    expect(code).toBe(3);
    expect(err).toMatch(
      /^error: only \d+ MB are free on the disk of the store, so nothing is recorded\nhint: make room/,
    );
    expect((await place.run('snapshot')).out).toContain('1 new version');
  });

  it('a watcher begins at the cap with a warning, and tells when it is over', async () => {
    await place.run('snapshot');
    const watch = place.start('watch', '--json', '--config', await config('{ "keep": { "cap": "100 B" } }'));
    const gap = await watch.object<{ type: string; why?: string }>(
      line => line.type === 'gap' && line.why !== 'no watcher',
    );
    expect(gap.why).toBe('the store is at its cap: logs are not kept');
    await watch.object<{ type: string; code?: string }>(line => line.type === 'warning' && line.code === 'cap');
    watch.kill('SIGINT');
    expect((await watch.ended).code).toBe(0);
  });
});
