/** Watching beside a bare `fs.watch` with `readFileSync` in the handler: what is kept, how soon it stands, what it costs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median, type Row } from './row.ts';

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

const script = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));
const versionsPerFile = 200;

export async function benchWatch(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const way of ['in-place', 'rename'] as const) {
    for (const files of [1, 20]) {
      for (const gap of [1, 10]) rows.push(...(await captureRows(way, files, gap)));
    }
  }
  rows.push(...(await startRows()));
  return rows;
}

async function captureRows(way: string, files: number, gap: number): Promise<Row[]> {
  const ours: Captured[] = [];
  const bare: Captured[] = [];
  for (let round = 0; round < 3; round++) {
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

/** 50,000 files in 13,848 folders, as the event sources were measured when they were chosen. */
async function startRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'undertext-bench-'));
  try {
    const root = join(folder, 'root');
    makeTree(root, 50_000, 13_848);
    const bare: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < 5; round++) {
      bare.push((await once<{ milliseconds: number }>(['start-bare', root])).milliseconds);
      ours.push((await once<{ milliseconds: number }>(['start-source', root])).milliseconds);
    }
    const whole = await once<{ milliseconds: number; rss: number; idle: number }>([
      'start-ours',
      root,
      join(folder, 'store'),
    ]);
    const again = await once<{ milliseconds: number; rss: number; idle: number }>([
      'start-ours',
      root,
      join(folder, 'store'),
    ]);
    const seconds = (value: number) => Math.round(value / 10) / 100;
    const megabytes = (value: number) => Math.round(value / 1024 / 1024);
    const tree = '50,000 files in 13,848 folders';
    const alone = { peer: null, peerName: '' } as const;
    return [
      {
        name: `watching ${tree}`,
        ours: seconds(median(ours)),
        peer: seconds(median(bare)),
        unit: 's',
        peerName: 'bare fs.watch on every folder',
        target: '≤ 2 × bare',
        met: median(ours) <= 2 * median(bare),
      },
      {
        name: 'watching and first snapshot',
        ours: seconds(whole.milliseconds),
        ...alone,
        unit: 's',
        target: '',
        met: null,
      },
      {
        name: 'watching and a scan that finds nothing new',
        ours: seconds(again.milliseconds),
        ...alone,
        unit: 's',
        target: '',
        met: null,
      },
      {
        name: 'memory once ready, first start',
        ours: megabytes(whole.rss),
        ...alone,
        unit: 'MB',
        target: '≤ 160 MB',
        met: megabytes(whole.rss) <= 160,
      },
      {
        name: 'memory once ready',
        ours: megabytes(again.rss),
        ...alone,
        unit: 'MB',
        target: '≤ 160 MB',
        met: megabytes(again.rss) <= 160,
      },
      {
        name: 'processor while idle',
        ours: Math.round(again.idle * 1000) / 10,
        ...alone,
        unit: '%',
        target: '≤ 1 %',
        met: again.idle <= 0.01,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeTree(root: string, files: number, folders: number): void {
  const paths = [root];
  mkdirSync(root, { recursive: true });
  for (let index = 1; index < folders; index++) {
    const path = join(paths[Math.floor((index - 1) / 8)]!, `folder-${index}`);
    mkdirSync(path);
    paths.push(path);
  }
  for (let index = 0; index < files; index++) {
    writeFileSync(join(paths[index % folders]!, `file-${index}.md`), `# file ${index}\n\n- one line\n`);
  }
}

interface Started {
  readonly child: ChildProcess;
  /** Resolves when the process has ended, so that nobody writes to its folders any more. */
  readonly ended: Promise<unknown>;
  /** The next line it prints, as JSON. */
  line(): Promise<unknown>;
}

function start(name: string, args: readonly string[]): Started {
  const child = spawn(process.execPath, [script(name), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise(resolve => child.once('exit', resolve));
  return {
    child,
    ended,
    line: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ${args.join(' ')} said nothing`);
      return JSON.parse(value);
    },
  };
}

async function once<T>(args: readonly string[]): Promise<T> {
  const subject = start('watch-subject', args);
  const answer = (await subject.line()) as T;
  await subject.ended;
  return answer;
}
