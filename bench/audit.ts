/** An audit of a home as it is after months: without a cache, when nothing changed, when a little did; beside stock git. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gitEnv, withoutGc } from './git.ts';
import { makeOldHome } from './old-home.ts';
import { plain, type Row } from './row.ts';

const bin = fileURLToPath(new URL('../bin/undertext.js', import.meta.url));
const usage = new URL('./usage.js', import.meta.url).href;
/** `UNDERTEXT_BENCH_FILES`: a smaller home, for a first look; what is wanted holds for the whole one. */
const files = Number(process.env.UNDERTEXT_BENCH_FILES ?? 5_000);
const versions = files * 10;
/** Of times the best counts: whatever else runs on the machine only adds to them. */
const rounds = 3;

interface Cost {
  readonly wall: number;
  readonly cpu: number;
  /** Megabytes. */
  readonly peak: number;
}

export async function benchAudit(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'undertext-bench-'));
  try {
    const home = join(folder, '.claude');
    const store = join(folder, 'store');
    const made = await makeOldHome(home, store, { files, versions });
    // Nothing is thinned: all versions shall be looked at, again and again.
    const config = join(folder, 'config.json');
    const days = 36_500;
    writeFileSync(
      config,
      JSON.stringify({ keep: { allDays: days, hourlyDays: days, logDays: days, goneLogDays: days } }),
    );
    const audit = (): Cost => cost(['audit', '--quiet', '--root', home, '--store', store, '--config', config], folder);
    const fresh = join(folder, 'fresh');
    cpSync(store, fresh, { recursive: true });
    const first = audit();
    const cold = best(() => {
      rmSync(join(store, 'cache', 'audit.json'), { force: true });
      return audit();
    });
    const same = best(audit);
    const one = best(() => {
      change(home, 1);
      return audit();
    });
    const fifty = best(() => {
      change(home, 50);
      return audit();
    });
    const stat = git(['--git-dir', fresh, 'log', '--all', '--stat', '--format=%H'], folder);
    const fsck = git(['--git-dir', fresh, 'fsck', '--full'], folder);
    const status = gitStatus(home, folder);
    const load = loadavg()[0]!;
    const about = `${made.files} files, ${made.versions} versions, ${Math.round(made.bytes / 1e6)} MB`;
    return [
      plain(`audit: load of the machine (its other users are in the times on the clock) with ${about}`, load, ''),
      plain('audit, the very first: thousands of findings are booked, and packed', first.cpu, 'ms of processor'),
      ...rowsOf('audit without a cache', cold, 5_000, stat, 'git log --stat'),
      beside('audit without a cache', cold, fsck, 'git fsck --full'),
      ...rowsOf('audit, nothing changed', same, 1_000, status, 'git status of the same files'),
      ...rowsOf('audit, 1 file changed', one, null, null, ''),
      ...rowsOf('audit, 50 files changed', fifty, null, null, ''),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowsOf(name: string, ours: Cost, most: number | null, peer: Cost | null, peerName: string): readonly Row[] {
  const goal = most === null ? {} : { target: `≤ ${most} ms`, met: ours.wall <= most };
  return [
    { ...plain(`${name}, on the clock`, ours.wall, 'ms'), ...goal },
    peer ? beside(name, ours, peer, peerName) : plain(`${name}, processor`, ours.cpu, 'ms'),
    plain(`${name}, peak of memory`, ours.peak, 'MB'),
  ];
}

function beside(name: string, ours: Cost, peer: Cost, peerName: string): Row {
  return { ...plain(`${name}, processor`, ours.cpu, 'ms'), peer: peer.cpu, peerName };
}

function best(measure: () => Cost): Cost {
  const all = Array.from({ length: rounds }, measure);
  return {
    wall: Math.min(...all.map(({ wall }) => wall)),
    cpu: Math.min(...all.map(({ cpu }) => cpu)),
    peak: Math.max(...all.map(({ peak }) => peak)),
  };
}

let changes = 0;

/** A line comes to so many notes. */
function change(home: string, count: number): void {
  const folder = join(home, 'skills');
  const names = readdirSync(folder).filter(name => name !== '_index.md');
  for (const name of names.slice(0, count)) {
    const file = join(folder, name, 'SKILL.md');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n- change ${changes++}\n`);
  }
}

/** Our program says itself what it cost. */
function cost(args: readonly string[], folder: string): Cost {
  const begun = performance.now();
  const { status, output, stderr } = spawnSync(process.execPath, ['--import', usage, bin, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, HOME: folder, UNDERTEXT_STORE: '' },
  });
  const wall = performance.now() - begun;
  if (status !== 0 && status !== 1) throw new Error(`undertext ${args[0]} ended with ${status}: ${stderr}`);
  const { cpu, peak } = JSON.parse(output[3]!);
  return { wall, cpu, peak };
}

function git(args: readonly string[], cwd: string): Cost {
  const script = `TIMEFORMAT='%R %U %S'; time git "$@" > /dev/null 2>&1`;
  return best(() => {
    const { stderr } = spawnSync('bash', ['-c', script, 'bash', ...withoutGc, ...args], {
      cwd,
      env: gitEnv,
      encoding: 'utf8',
    });
    const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = stderr
      .trim()
      .split(/\s+/)
      .slice(-3)
      .map(Number);
    return { wall: wall * 1000, cpu: (user + system) * 1000, peak: Number.NaN };
  });
}

function gitStatus(home: string, folder: string): Cost {
  const where = ['--git-dir', join(folder, 'plain.git'), '--work-tree', home];
  const run = (...args: string[]) => execFileSync('git', [...withoutGc, ...where, ...args], { cwd: home, env: gitEnv });
  run('init', '-q');
  run('add', '-A');
  run('commit', '-q', '-m', 'one');
  return git([...where, 'status', '--porcelain'], home);
}
