/** Pruning a real store: what stays can be read bit by bit, git finds nothing wrong, and incidents can still be mended. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openGitStore } from '../../src/store/git-store.ts';
import { prunesOf } from '../../src/store/prune/thinned.ts';
import { Place } from '../helpers/program.ts';
import { seen } from '../store/contract.ts';

const day = 86_400_000;
let place: Place;

beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

interface State {
  readonly path: string;
  /** Null: the file is gone. */
  readonly content: string | null;
  readonly daysAgo: number;
  readonly minute?: number;
}

/** What a watcher kept in those days; what stood last stands on the disk. */
async function kept(states: readonly State[]): Promise<ReadonlyMap<string, string>> {
  const store = await openGitStore({ path: place.store });
  await store.note([{ kind: 'root', at: 0, data: { name: 'claude', path: place.home } }]);
  const at = ({ daysAgo, minute = 0 }: State) =>
    Date.parse(`${new Date(Date.now() - daysAgo * day).toISOString().slice(0, 10)}T10:00:00Z`) + minute * 60_000;
  const contents = new Map<string, string>();
  for (const state of states.toSorted((a, b) => at(a) - at(b))) {
    const [version] = await store.record([seen(state.path, state.content, at(state))]);
    if (state.content !== null) contents.set(version!.id, state.content);
  }
  await store.close();
  for (const [path, content] of new Map(states.map(state => [state.path, state.content]))) {
    if (content !== null) place.write(path, content);
  }
  return contents;
}

async function log(path: string): Promise<readonly { readonly version: string; readonly blob: string | null }[]> {
  return JSON.parse((await place.run('log', path, '--json')).out).versions;
}

async function expectWhole(paths: readonly string[], contents: ReadonlyMap<string, string>): Promise<void> {
  for (const path of paths) {
    for (const { version, blob } of await log(path)) {
      if (blob === null || !contents.has(version)) continue;
      expect((await place.run('cat', `${path}@${version}`)).out).toBe(contents.get(version));
    }
  }
  expect((await place.run('verify')).code).toBe(0);
  execFileSync('git', ['--git-dir', place.store, 'fsck', '--full', '--strict'], { stdio: 'pipe' });
}

const grown = (path: string, daysAgo: number): readonly State[] =>
  [1, 2, 3].map(minute => ({
    path,
    daysAgo,
    minute,
    content: ['# Rules', 'be kind', 'be brief', 'be there'].slice(0, minute + 1).join('\n\n'),
  }));

it('drops what says nothing of its own; every version that `log` lists can be read', async () => {
  const contents = await kept([
    ...grown('CLAUDE.md', 100),
    ...grown('notes.md', 40),
    { path: 'projects/x/s1.jsonl', content: '{"a":1}\n', daysAgo: 130 },
    { path: 'projects/x/s1.jsonl', content: null, daysAgo: 100 },
  ]);
  const { code, out, err } = await place.run('prune');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^dropped 6 versions/);
  expect(await log('CLAUDE.md')).toHaveLength(1);
  expect(await log('notes.md')).toHaveLength(1);
  expect((await place.run('log', 'projects/x/s1.jsonl')).code).toBe(2);
  await expectWhole(['CLAUDE.md', 'notes.md'], contents);
  // A second one finds nothing, and the trash is told with its day.
  const again = JSON.parse((await place.run('prune', '--json')).out);
  expect(again).toMatchObject({ versions: 0, trash: { emptied: 0, until: expect.any(String) } });
  expect((await place.run('status')).out).toMatch(/\npruned +.*: 6 versions, about /);
});

it('an incident of long ago can still be mended after a pruning', async () => {
  await kept([
    { path: 'CLAUDE.md', content: '# Rules\n\n- be kind\n', daysAgo: 100 },
    { path: 'CLAUDE.md', content: '# Rules\n\n- be kind\n- be brief\n', daysAgo: 100, minute: 1 },
    { path: 'CLAUDE.md', content: '# Rules\n\n- be kind\n- be bold\n', daysAgo: 100, minute: 2 },
    { path: 'CLAUDE.md', content: '# Rules\n\n- be kind\n- be bold\n- be there\n', daysAgo: 100, minute: 3 },
  ]);
  const report = JSON.parse((await place.run('prune', '--json')).out);
  const [{ by }] = report.kept;
  const id = by.replace('incident ', '');
  const incidents = async () =>
    JSON.parse((await place.run('audit', '--json')).out).incidents.map((each: { id: string }) => each.id);
  expect(await incidents()).toEqual([id]);
  expect(await place.run('restore', id)).toMatchObject({ code: 0, err: '' });
  expect(place.read('CLAUDE.md')).toBe('# Rules\n\n- be kind\n- be brief\n- be bold\n- be there\n');
  expect(await place.run('undo')).toMatchObject({ code: 0, err: '' });
  expect(place.read('CLAUDE.md')).toBe('# Rules\n\n- be kind\n- be bold\n- be there\n');
});

it('a snapshot prunes by itself once a week', async () => {
  await kept(grown('CLAUDE.md', 100));
  expect((await place.run('snapshot')).code).toBe(0);
  const store = await openGitStore({ path: place.store, readOnly: true });
  expect(prunesOf(store.notes('prune'))).toMatchObject([{ versions: 2, isForced: false }]);
  await store.close();
});

/** About a megabyte that packing makes hardly smaller. */
function noise(seed: number): string {
  const pieces = Array.from({ length: 24_000 }, (_, at) =>
    createHash('sha256').update(`${seed} ${at}`).digest('base64'),
  );
  return `${pieces.join('\n')}\n`;
}

it('a watcher above its cap prunes at once, removes it for good, and goes on', async () => {
  const days = [50, 49, 48, 47];
  const contents = await kept(days.map(daysAgo => ({ path: 'hooks/build.log', content: noise(daysAgo), daysAgo })));
  const config = join(place.folder, 'config.json');
  writeFileSync(config, '{ "keep": { "cap": "2.2 MB" } }');
  const watch = place.start('watch', '--json', '--config', config);
  interface Line {
    readonly type: string;
    readonly why?: string;
    readonly to?: string | null;
    readonly path?: string;
  }
  const pruned = await watch.object<Line>(line => line.type === 'pruned');
  expect(pruned).toMatchObject({ forced: true, emptied: expect.any(Number) });
  await watch.object<Line>(line => line.type === 'gap' && (line.why ?? '').includes('cap') && line.to !== null);
  place.write('history.jsonl', '{"a":1}\n');
  await watch.object<Line>(line => line.type === 'version' && line.path === 'history.jsonl');
  watch.kill('SIGINT');
  expect((await watch.ended).code).toBe(0);
  const status = JSON.parse((await place.run('status', '--json')).out);
  expect(status.store.bytes).toBeLessThan(2_200_000);
  expect(status.pruned).toMatchObject({ forced: true });
  await expectWhole(['hooks/build.log'], contents);
});

it('a watcher goes on beside a pruning by another process', async () => {
  const lists = ['- be kind\n', '- be kind\n- be brief\n'];
  const contents = await kept(lists.map((content, minute) => ({ path: 'CLAUDE.md', content, daysAgo: 100, minute })));
  const watch = place.start('watch', '--json');
  await watch.object<{ type: string }>(line => line.type === 'ready');
  const { code, out } = await place.run('prune');
  expect([code, out.split('\n')[0]]).toEqual([0, expect.stringMatching(/^dropped 1 version,/)]);
  place.write('CLAUDE.md', '- be kind\n- be bold\n');
  await watch.object<{ type: string }>(line => line.type === 'incident');
  watch.kill('SIGINT');
  expect((await watch.ended).code).toBe(0);
  expect(await log('CLAUDE.md')).toHaveLength(2);
  await expectWhole(['CLAUDE.md'], contents);
});
