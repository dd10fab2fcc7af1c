/** Where paths in texts lead, and what was there when a root was first looked at. */
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { firstLook, placesIn } from '../../src/commands/places-in.ts';
import type { Version } from '../../src/model.ts';
import { seen } from '../store/contract.ts';
import { Stage } from './stage.ts';

const stages: Stage[] = [];
afterEach(() => {
  for (const stage of stages.splice(0)) stage.remove();
});
function stage(): Stage {
  const made = new Stage();
  stages.push(made);
  return made;
}

/** A scan that finds one file, with what comes before and after it in a run. */
async function scan(on: Stage, path: string): Promise<Version> {
  const looked = firstLook(on.setup);
  const [version] = await on.store.record([{ ...seen(path, path, on.now), how: 'scan' }]);
  on.now += 5_000;
  await looked();
  on.now += 60_000;
  return version!;
}

describe('the first look', () => {
  it('is what the first scan found, and nothing later', async () => {
    const on = stage();
    const first = await scan(on, 'a.md');
    const second = await scan(on, 'b.md');
    const live = await on.write('c.md', 'c');
    const { isFirstLook } = placesIn(on.setup);
    expect([first, second, live].map(version => isFirstLook!(version))).toEqual([true, false, false]);
  });

  it('is no write that came while it lasted', async () => {
    const on = stage();
    const looked = firstLook(on.setup);
    const written = await on.write('a.md', 'a', 1_000);
    await looked();
    expect(placesIn(on.setup).isFirstLook!(written)).toBe(false);
  });

  it('is booked once for each root', async () => {
    const on = stage();
    await scan(on, 'a.md');
    await scan(on, 'b.md');
    const notes = on.store.notes('root').filter(({ data }) => (data as { looked?: boolean }).looked === true);
    expect(notes.map(({ data }) => (data as { name: string }).name)).toEqual(['claude']);
  });

  it('of a second root is its own', async () => {
    const on = stage();
    await scan(on, 'a.md');
    const notes = { name: 'notes', path: join(on.folder, 'notes'), beside: [] };
    const both = { ...on.setup, roots: [...on.setup.roots, notes] };
    const looked = firstLook(both);
    const [late, other] = await on.store.record([
      { ...seen('late.md', 'x', on.now), how: 'scan' },
      { ...seen('x.md', 'x', on.now), root: 'notes', how: 'scan' },
    ]);
    await looked();
    const { isFirstLook } = placesIn(both);
    expect([late, other].map(version => isFirstLook!(version!))).toEqual([false, true]);
  });

  it('of a store that is older than its note is what stood there in its first minute', async () => {
    const on = stage();
    await on.store.note([{ kind: 'root', at: on.now, data: { name: 'claude', path: '/x' } }]);
    const [old] = await on.store.record([{ ...seen('a.md', 'a', on.now + 10_000), how: 'scan' }]);
    on.now += 86_400_000;
    const late = await scan(on, 'b.md');
    const { isFirstLook } = placesIn(on.setup);
    expect([old, late].map(version => isFirstLook!(version!))).toEqual([true, false]);
  });

  it('of a root that nobody has looked at yet knows nothing', async () => {
    const on = stage();
    const [version] = await on.store.record([{ ...seen('a.md', 'a', on.now), how: 'scan' }]);
    expect(placesIn(on.setup).isFirstLook!(version!)).toBe(false);
  });
});

describe('a path in a text', () => {
  const on = new Stage();
  afterAll(() => on.remove());
  const root = { ...on.setup.roots[0]!, beside: ['../.claude.json'] };
  const { pathOf } = placesIn({ ...on.setup, roots: [root] });
  const from = { root: 'claude', path: 'skills/a/SKILL.md' };

  it.each([
    ['beside the file', 'b.md', 'skills/a/b.md'],
    ['above it', '../b/SKILL.md', 'skills/b/SKILL.md'],
    ['below the home', '~/.claude/hooks/x.sh', 'hooks/x.sh'],
    ['by $HOME', '$HOME/.claude/hooks/x.sh', 'hooks/x.sh'],
    ['by HOME in braces', `$\{HOME}/.claude/hooks/x.sh`, 'hooks/x.sh'],
    ['by the configured folder', '$CLAUDE_CONFIG_DIR/hooks/x.sh', 'hooks/x.sh'],
    ['absolute', `${root.path}/CLAUDE.md`, 'CLAUDE.md'],
    ['that belongs to the root', '~/.claude.json', '../.claude.json'],
    ['out of the root', '~/code/x.md', null],
    ['that only begins like the root', `${root.path}-old/x.md`, null],
    ['of the root itself', '~/.claude', null],
    ['that only a shell knows', '$PROJECT/x.md', null],
    ['with a command in it', '`pwd`/x.md', null],
    ['that is a glob', 'skills/*/SKILL.md', null],
    ['of what is not kept', '~/.claude/debug/x.txt', null],
    ['that is no path', 'a\0b', null],
    ['of two lines', 'a\nb', null],
  ])('%s', (_, written, path) => {
    expect(pathOf!(written, from)).toBe(path);
  });

  it('of another root leads nowhere', () => {
    expect(pathOf!('b.md', { root: 'elsewhere', path: 'a.md' })).toBeNull();
  });
});
