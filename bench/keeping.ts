/** Keeping for years: what an append and an edit cost, in time and in bytes, beside git and restic in the same run. */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGitStore } from '../src/store/git-store.ts';
import { segmentBytes } from '../src/store/store.ts';
import { gitEnv, withoutGc } from './git.ts';
import { observe } from './observe.ts';
import { median, plain, type Row } from './row.ts';
import { makeTexts, makeTranscript } from './texts.ts';

const appends = 2_000;
const appendBytes = 2_048;
const logBytes = 20_000_000;
const edits = 2_000;
/** Peers take seconds for each, so they do fewer; the medians are compared. */
const peerRounds = 12;

export async function benchKeeping(): Promise<readonly Row[]> {
  const home = mkdtempSync(join(tmpdir(), 'undertext-bench-'));
  try {
    return [...(await logRows(home)), ...(await editRows(home))];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function logRows(home: string): Promise<readonly Row[]> {
  const whole = makeTranscript(logBytes + appends * appendBytes);
  const work = join(home, 'log');
  mkdirSync(work);
  writeFileSync(join(work, 's.jsonl'), whole.subarray(0, logBytes));
  const peers = {
    git: gitCommits(work, 's.jsonl'),
    restic: hasRestic() ? resticBackups(join(home, 'restic'), work) : null,
  };
  const path = join(home, 'log-store');
  const store = await openGitStore({ path });
  let size = logBytes;
  let blob = await store.keep(stream(whole.subarray(0, size)), size);
  await store.record([observe('s.jsonl', { blob, size })]);
  await store.seal();
  const before = bytesOf(path);
  const times: number[] = [];
  for (let i = 0; i < appends; i++) {
    const start = performance.now();
    const bytes = Math.floor(size / segmentBytes) * segmentBytes;
    size += appendBytes;
    blob = await store.keep(stream(whole.subarray(bytes, size)), size, { blob, bytes });
    await store.record([observe('s.jsonl', { blob, size })]);
    times.push(performance.now() - start);
  }
  await store.seal();
  await store.close();
  const grown = bytesOf(path) - before;
  const append = (i: number): void => {
    const at = logBytes + i * appendBytes;
    appendFileSync(join(work, 's.jsonl'), whole.subarray(at, at + appendBytes));
  };
  const gitTimes: number[] = [];
  const resticTimes: number[] = [];
  for (let i = 0; i < peerRounds; i++) {
    append(i);
    gitTimes.push(timed(peers.git));
    if (peers.restic) resticTimes.push(timed(peers.restic));
  }
  const ours = median(times);
  const name = `a version of a 20 MB log that grew by 2 KB, ${appends} times`;
  const time = (peer: number | null, peerName: string): Row => ({
    name,
    ours,
    peer,
    unit: 'ms',
    peerName,
    target: '≤ 0.01 ×',
    met: peer === null ? null : ours <= peer * 0.01,
  });
  const perByte = grown / (appends * appendBytes);
  return [
    { ...plain('bytes stored for a byte appended, after packing', perByte, 'B'), target: '≤ 3', met: perByte <= 3 },
    time(median(gitTimes), 'git add && git commit'),
    time(peers.restic ? median(resticTimes) : null, `restic ${resticVersion()}`),
  ];
}

async function editRows(home: string): Promise<readonly Row[]> {
  const text = makeTexts();
  const work = join(home, 'edits');
  mkdirSync(work);
  const lines = text(6_000).match(/.{1,60}/g)!;
  const gitOnce = gitCommits(work, 'notes.md');
  const edit = (i: number): Buffer => {
    lines[(i * 37) % lines.length] = text(60);
    return Buffer.from(lines.join('\n'));
  };
  writeFileSync(join(work, 'notes.md'), edit(0));
  gitOnce();
  const path = join(home, 'edit-store');
  const store = await openGitStore({ path });
  await store.record([observe('notes.md', edit(0))]);
  await store.seal();
  const before = bytesOf(path);
  const times: number[] = [];
  const gitTimes: number[] = [];
  for (let i = 1; i <= edits; i++) {
    const content = edit(i);
    times.push(await timedLater(() => store.record([observe('notes.md', content)])));
    if (i % Math.floor(edits / 100) > 0) continue;
    writeFileSync(join(work, 'notes.md'), content);
    gitTimes.push(timed(gitOnce));
  }
  await store.seal();
  await store.close();
  const each = (bytesOf(path) - before) / edits;
  const apart = await sealedApart(join(home, 'apart-store'), edit);
  const [ours, peer] = [median(times), median(gitTimes)];
  return [
    {
      ...plain('bytes of a version of a 6 KB file, edited 2,000 times', each, 'B'),
      target: '≤ 2,048',
      met: each <= 2048,
    },
    plain('the same when each of 300 edits is sealed by itself', apart, 'B'),
    {
      name: 'a version of a 6 KB file',
      ours,
      peer,
      unit: 'ms',
      peerName: 'git add && git commit',
      target: '≤ 0.05 ×',
      met: ours <= peer * 0.05,
    },
  ];
}

/** As a watcher does it: minutes lie between two edits. */
async function sealedApart(path: string, edit: (i: number) => Buffer): Promise<number> {
  const store = await openGitStore({ path });
  await store.record([observe('notes.md', edit(0))]);
  await store.seal();
  const before = bytesOf(path);
  for (let i = 1; i <= 300; i++) {
    await store.record([observe('notes.md', edit(i))]);
    await store.seal();
  }
  await store.close();
  return (bytesOf(path) - before) / 300;
}

function gitCommits(work: string, file: string): () => void {
  const git = (...args: string[]) => execFileSync('git', [...withoutGc, ...args], { cwd: work, env: gitEnv });
  git('init', '-q');
  return () => {
    git('add', file);
    git('commit', '-q', '--allow-empty', '-m', 'one');
  };
}

function hasRestic(): boolean {
  return spawnSync('restic', ['version']).status === 0;
}

function resticVersion(): string {
  return /restic (\S+)/.exec(spawnSync('restic', ['version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? '';
}

function resticBackups(repository: string, work: string): () => void {
  const env = {
    ...gitEnv,
    RESTIC_REPOSITORY: repository,
    RESTIC_PASSWORD: 'bench',
    RESTIC_CACHE_DIR: `${repository}-cache`,
  };
  const restic = (...args: string[]) => execFileSync('restic', ['-q', ...args], { cwd: work, env });
  restic('init');
  restic('backup', '--exclude', '.git', '.');
  return () => restic('backup', '--exclude', '.git', '.');
}

async function* stream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
}

function bytesOf(path: string): number {
  return Number(execFileSync('du', ['-sb', path], { encoding: 'utf8' }).split('\t')[0]);
}

function timed(act: () => void): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}

async function timedLater(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}
