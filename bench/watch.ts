/** Watching beside a bare `fs.watch` with `readFileSync` in the handler: what is kept, how soon it stands, what it costs. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { latencyRow } from './latency.ts';
import { median, type Row } from './row.ts';
import { startRows } from './start.ts';
import { start } from './subject.ts';

interface Answer {
  readonly versions: readonly {
    readonly path: string;
    readonly kept: readonly string[];
    readonly settled?: readonly string[];
    readonly latest: string | null;
  }[];
  readonly cpu: number;
}

interface Captured {
  /** Share of the written versions that were kept. */
  readonly share: number;
  /** Share of the files whose last content was kept, and as the newest. */
  readonly last: number;
  /** Contents kept as settled that nobody ever wrote whole. */
  readonly torn: number;
  /** Milliseconds of processor time per 1,000 writes. */
  readonly cpu: number;
}

const versionsPerFile = 200;
const rounds = 5;

export async function benchWatch(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const way of ['in-place', 'rename'] as const) {
    for (const files of [1, 20]) {
      for (const gap of [1, 10]) rows.push(...(await captureRows(way, files, gap)));
    }
  }
  rows.push(await latencyRow(), ...(await startRows()));
  return rows;
}

async function captureRows(way: string, files: number, gap: number): Promise<Row[]> {
  const ours: Captured[] = [];
  const bare: Captured[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await capture('bare', way, files, gap));
    ours.push(await capture('ours', way, files, gap));
  }
  const share = median(ours.map(({ share }) => share));
  const peer = median(bare.map(({ share }) => share));
  const name = `${files} ${files === 1 ? 'file' : 'files'} ${way}, every ${gap} ms`;
  const peerName = 'bare fs.watch + readFileSync';
  const percent = (value: number) => Math.round(value * 1000) / 10;
  const last = Math.min(...ours.map(({ last }) => last));
  const torn = Math.max(...ours.map(({ torn }) => torn));
  return [
    {
      name: `versions kept, ${name}`,
      ours: percent(share),
      peer: percent(peer),
      unit: '%',
      peerName,
      target: gap >= 10 ? '100 %' : '≥ 95 % of bare',
      met: gap >= 10 ? share === 1 : share >= 0.95 * peer,
    },
    {
      name: `last content kept, ${name}`,
      ours: percent(last),
      peer: null,
      unit: '%',
      peerName: '',
      target: '100 %',
      met: last === 1,
    },
    {
      name: `settled contents nobody wrote, ${name}`,
      ours: torn,
      peer: null,
      unit: '',
      peerName: '',
      target: '0',
      met: torn === 0,
    },
    {
      name: `processor per 1,000 writes, ${name}`,
      ours: Math.round(median(ours.map(({ cpu }) => cpu))),
      peer: Math.round(median(bare.map(({ cpu }) => cpu))),
      unit: 'ms',
      peerName,
      target: '',
      met: null,
    },
  ];
}

async function capture(subject: string, way: string, files: number, gap: number): Promise<Captured> {
  const folder = mkdtempSync(join(tmpdir(), 'undertext-bench-'));
  try {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'notes'), { recursive: true });
    const watcher = start('watch-subject', [subject, root, join(folder, 'store')]);
    await watcher.line();
    const writer = start('watch-writer', [root, way, String(files), String(gap), String(versionsPerFile)]);
    const written = (await writer.line()) as { path: string; sha256: string }[];
    await pause(300);
    watcher.child.stdin!.write('stop\n');
    const answer = (await watcher.line()) as Answer;
    await watcher.ended;
    return compare(written, answer);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(written: readonly { path: string; sha256: string }[], answer: Answer): Captured {
  const byPath = new Map(answer.versions.map(entry => [entry.path, entry]));
  const kept = new Map(answer.versions.map(({ path, kept }) => [path, new Set(kept)]));
  const whole = new Set(written.map(({ sha256 }) => sha256));
  const last = new Map(written.map(({ path, sha256 }) => [path, sha256]));
  const lastKept = [...last].filter(([path, sha256]) => byPath.get(path)?.latest === sha256).length;
  const torn = answer.versions.flatMap(({ settled = [] }) => settled).filter(sha256 => !whole.has(sha256)).length;
  return {
    share: written.filter(({ path, sha256 }) => kept.get(path)?.has(sha256)).length / written.length,
    last: lastKept / last.size,
    torn,
    cpu: (answer.cpu / written.length) * 1000,
  };
}
