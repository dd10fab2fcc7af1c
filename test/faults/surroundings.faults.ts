/** What a watcher stands on gives way: clocks jump, stores go, folders become links, descriptors run out. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bin, Place, Program } from '../helpers/program.ts';
import { type Chance, chanceOf, isFull } from './seed.ts';

const preload = fileURLToPath(new URL('./children/surroundings.mjs', import.meta.url));

interface Line {
  readonly type: string;
  readonly code?: string;
  readonly path?: string;
  readonly version?: string;
  readonly kind?: string;
}

let place: Place;
let told: string;
let watch: Program;
beforeEach(() => {
  place = new Place({ 'CLAUDE.md': '# Rules\n', 'memory/a.md': 'first\n', 'memory/b.md': 'first\n' });
  told = join(place.folder, 'surroundings.json');
  tell({});
});
afterEach(async () => {
  watch.kill('SIGKILL');
  await watch.ended;
  await place.remove();
});

/** Always as long, so that what is read in the middle of it is no JSON. */
const tell = (surroundings: object) => writeFileSync(told, JSON.stringify(surroundings).padEnd(200));

async function begin(): Promise<void> {
  const env = { ...place.env, UNDERTEXT_SURROUNDINGS: told };
  watch = new Program(['--import', preload, bin, 'watch', '--json'], env, place.folder);
  await watch.object<Line>(line => line.type === 'ready');
}

/** Writes at random for a while, with `disturb` in between, and gives what was written last. */
async function writing(chance: Chance, rounds: number, disturb: () => void): Promise<ReadonlyMap<string, string>> {
  const last = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    const path = chance.pick(['memory/a.md', 'memory/b.md', 'notes.md']);
    const text = `# ${path}\n\n- line of round ${round}\n`;
    try {
      place.write(path, text);
      last.set(path, text);
    } catch {
      // Its folder is no folder at this moment.
    }
    if (chance.once(4)) disturb();
    await pass(chance.below(60));
  }
  return last;
}

async function stopped(): Promise<readonly Line[]> {
  watch.kill('SIGINT');
  const { code, out, err } = await watch.ended;
  expect([code, err]).toEqual([0, '']);
  return out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Line);
}

/** Waits until the newest of everything is kept, beside the watcher: what is never kept, fails by the time of the test. */
async function untilKept(last: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of last) {
    while ((await place.run('cat', path)).out !== text) await pass(200);
  }
}

/** Waits until each of these has been announced, in any order. */
async function untilTold(paths: readonly string[], kind: string): Promise<void> {
  const waiting = new Set(paths);
  while (waiting.size > 0) {
    const { path } = await watch.object<Line>(line => line.kind === kind && waiting.has(line.path ?? ''));
    waiting.delete(path!);
  }
}

async function expectKept(last: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of last) expect((await place.run('cat', path)).out).toBe(text);
  expect((await place.run('verify')).code).toBe(0);
}

const times = isFull ? 20 : 2;

describe.each(Array.from({ length: times }, (_, i) => i))('play %i', play => {
  it('the clock jumps', async () => {
    const chance = chanceOf(`clock ${play}`);
    await begin();
    const last = await writing(chance, 60, () => tell({ clock: chance.pick([-1, 1, 0]) * chance.below(90_000_000) }));
    await untilKept(last);
    await stopped();
    await expectKept(last);
  });

  it('the store is removed or swapped', async () => {
    const chance = chanceOf(`store ${play}`);
    await begin();
    let moved = 0;
    const lose = () => {
      if (chance.once(2)) return;
      try {
        if (chance.once(2)) rmSync(place.store, { recursive: true, force: true });
        else renameSync(place.store, `${place.store}-${moved++}`);
      } catch {
        // it is being made
      }
    };
    const last = await writing(chance, 60, lose);
    await untilKept(last);
    const lines = await stopped();
    const from = lines.findLastIndex(line => line.code === 'store-lost');
    for (const { type, path, version } of lines.slice(from + 1).filter(line => line.type === 'version')) {
      expect([type, (await place.run('cat', `${path}@${version}`)).code]).toEqual(['version', 0]);
    }
    await expectKept(last);
    expect((await place.run('snapshot')).code).toBe(0);
  });

  it('folders become links and folders again', async () => {
    const chance = chanceOf(`links ${play}`);
    const outside = join(place.folder, 'outside');
    mkdirSync(outside);
    for (const name of ['a.md', 'b.md', 'c.md']) writeFileSync(join(outside, name), 'OUTSIDE\n');
    await begin();
    const aside = join(place.folder, 'aside');
    let isLink = false;
    const swap = () => {
      if (isLink) {
        rmSync(place.path('memory'));
        renameSync(aside, place.path('memory'));
      } else {
        renameSync(place.path('memory'), aside);
        symlinkSync(outside, place.path('memory'));
      }
      isLink = !isLink;
    };
    for (let round = 0; round < 120; round++) {
      if (chance.once(3)) swap();
      if (isLink) writeFileSync(join(outside, chance.pick(['a.md', 'b.md', 'c.md'])), `OUTSIDE ${round}\n`);
      else place.write(chance.pick(['memory/a.md', 'memory/b.md']), `inside ${round}\n`);
      await pass(chance.below(15));
    }
    if (isLink) swap();
    const both = ['memory/a.md', 'memory/b.md'];
    for (const path of both) place.write(path, 'inside, at last\n');
    await untilKept(new Map(both.map(path => [path, 'inside, at last\n'])));
    swap();
    await untilTold(both, 'gone');
    const lines = await stopped();
    for (const path of both) expect(lines.findLast(line => line.path === path)?.kind).toBe('gone');
    const objects = spawnSync('git', ['--git-dir', place.store, 'cat-file', '--batch-all-objects', '--batch'], {
      encoding: 'utf8',
    });
    if (objects.error === undefined) expect(objects.stdout).not.toContain('OUTSIDE');
    expect((await place.run('verify')).code).toBe(0);
  });

  it.runIf(process.platform === 'linux')('descriptors run out', async () => {
    const chance = chanceOf(`descriptors ${play}`);
    const line = `ulimit -n 256 && exec "$0" "$@"`;
    const env = { ...place.env, UNDERTEXT_SURROUNDINGS: told };
    const words = ['-c', line, process.execPath, '--import', preload, bin, 'watch', '--json'];
    watch = new Program(words, env, place.folder, '/bin/sh');
    await watch.object<Line>(line => line.type === 'ready');
    let isHogged = false;
    const last = await writing(chance, 60, () => {
      isHogged = !isHogged;
      tell({ hog: isHogged });
    });
    tell({});
    await untilKept(last);
    watch.kill('SIGINT');
    expect((await watch.ended).code).toBe(0);
    await expectKept(last);
  });
});
