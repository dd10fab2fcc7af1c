/** Keeping: what one change, a first snapshot and an opening cost, beside stock git in the same run. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openGitStore } from '../src/store/git-store.ts';
import { gitEnv, withoutGc } from './git.ts';
import { observe } from './observe.ts';
import { median, type Row } from './row.ts';
import { makeTexts } from './texts.ts';

const fileCount = 10_000;
const rounds = 3;
const bin = fileURLToPath(new URL('../bin/undertext.js', import.meta.url));

export async function benchStore(): Promise<readonly Row[]> {
  const home = mkdtempSync(join(tmpdir(), 'undertext-bench-'));
  try {
    const work = join(home, 'work');
    const paths = makeTree(work);
    const first: { ours: number[]; git: number[] } = { ours: [], git: [] };
    for (let round = 0; round < rounds; round++) {
      rmSync(join(work, '.git'), { recursive: true, force: true });
      settleDisk();
      first.git.push(await timed(() => commitAll(work)));
      rmSync(join(home, 'store'), { recursive: true, force: true });
      settleDisk();
      rmSync(join(work, '.git'), { recursive: true, force: true });
      first.ours.push(await timed(() => firstSnapshot(join(home, 'store'), work)));
    }
    commitAll(work);
    const change = await oneChange(join(home, 'changes'), work, paths);
    return [
      ratioRow(
        'undertext snapshot, the first of 10,000 files, 200 MB',
        first,
        'git add -A && git commit',
        '≤ 0.5 ×',
        0.5,
        Infinity,
      ),
      ratioRow('one change recorded, 10,000 files', change, 'git add && git commit', '≤ 5 ms and ≤ 0.1 ×', 0.1, 5),
      await opening(join(home, 'many')),
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Git leaves its writes to the system, and our fsync would wait for them too: each starts with a clean disk. */
function settleDisk(): void {
  execFileSync('sync');
}

function ratioRow(
  name: string,
  times: { ours: readonly number[]; git: readonly number[] },
  peerName: string,
  target: string,
  most: number,
  mostMs: number,
): Row {
  const [ours, peer] = [median(times.ours), median(times.git)];
  return { name, ours, peer, unit: 'ms', peerName, target, met: ours <= peer * most && ours <= mostMs };
}

function makeTree(work: string): readonly string[] {
  const text = makeTexts();
  const paths: string[] = [];
  for (let i = 0; i < fileCount; i++) {
    const folder = `d${i % 100}`;
    if (i < 100) mkdirSync(join(work, folder), { recursive: true });
    paths.push(`${folder}/f${i}.md`);
    writeFileSync(join(work, paths[i]!), text(i < 100 ? 1_000_000 : 10_100));
  }
  return paths;
}

function commitAll(work: string): void {
  const git = (...args: string[]) => execFileSync('git', [...withoutGc, ...args], { cwd: work, env: gitEnv });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-q', '-m', 'all');
}

/** The whole command, as a person runs it. */
function firstSnapshot(path: string, work: string): void {
  execFileSync(process.execPath, [bin, 'snapshot', '--quiet', '--root', work, '--store', path]);
}

async function oneChange(path: string, work: string, paths: readonly string[]) {
  const text = makeTexts();
  const store = await openGitStore({ path });
  await store.record(paths.map(file => observe(file, Buffer.from(file))));
  await store.seal();
  const times = { ours: [] as number[], git: [] as number[] };
  for (let i = 0; i < 40; i++) {
    const file = paths[(i * 137) % paths.length]!;
    const content = Buffer.from(text(2000 + i));
    writeFileSync(join(work, file), content);
    times.ours.push(await timed(() => store.record([observe(file, content)])));
    times.git.push(
      await timed(() => {
        execFileSync('git', [...withoutGc, 'add', file], { cwd: work, env: gitEnv });
        execFileSync('git', [...withoutGc, 'commit', '-q', '-m', 'one'], { cwd: work, env: gitEnv });
      }),
    );
  }
  await store.close();
  return times;
}

async function opening(path: string): Promise<Row> {
  const store = await openGitStore({ path });
  for (let i = 0; i < 50_000; i += 1000) {
    const batch = Array.from({ length: 1000 }, (_, k) => {
      const n = i + k;
      return observe(`projects/p${n % 50}/memory/f${n % 5000}.md`, Buffer.from(`version ${n}`), n);
    });
    await store.record(batch);
  }
  await store.close();
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    let opened: Awaited<ReturnType<typeof openGitStore>> | null = null;
    times.push(
      await timed(async () => {
        opened = await openGitStore({ path, readOnly: true });
      }),
    );
    await opened!.close();
  }
  const ours = median(times);
  const name = 'opening a store of 50,000 versions';
  return { name, ours, peer: null, unit: 'ms', peerName: '', target: '≤ 150 ms', met: ours <= 150 };
}

async function timed(act: () => unknown): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}
