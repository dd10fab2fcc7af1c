/** Starting on a big tree: how soon the watches stand beside bare `fs.watch`, and what the program holds once it is ready. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median, type Row } from './row.ts';
import { start } from './subject.ts';

const bin = fileURLToPath(new URL('../bin/undertext.js', import.meta.url));
const rounds = 5;
const idleSeconds = 5;

/** 50,000 files in 13,848 folders, as the event sources were measured when they were chosen. */
export async function startRows(): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'undertext-bench-'));
  try {
    const root = join(folder, 'root');
    makeTree(root, 50_000, 13_848);
    const bare: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < rounds; round++) {
      bare.push(await once(['start-bare', root]));
      ours.push(await once(['start-source', root]));
    }
    const first = await program(root, join(folder, 'store'));
    const again = await program(root, join(folder, 'store'));
    const tree = '50,000 files in 13,848 folders';
    const alone = { peer: null, peerName: '' } as const;
    const memory = (name: string, megabytes: number | null): Row => {
      const met = megabytes === null ? null : megabytes <= 160;
      return { name, ours: megabytes ?? 0, ...alone, unit: 'MB', target: '≤ 160 MB', met };
    };
    return [
      {
        name: `watching ${tree}`,
        ours: median(ours),
        peer: median(bare),
        unit: 'ms',
        peerName: 'bare fs.watch on every folder',
        target: '≤ 2 ×',
        met: median(ours) <= 2 * median(bare),
      },
      memory('undertext watch, memory when it says ready, first start', first.atReady),
      memory('undertext watch, memory once at rest, first start', first.atRest),
      memory('undertext watch, memory when it says ready, next start', again.atReady),
      memory('undertext watch, memory once at rest, next start', again.atRest),
      {
        name: 'undertext watch, processor while idle',
        ours: again.idle ?? 0,
        ...alone,
        unit: '%',
        target: '≤ 1 %',
        met: again.idle === null ? null : again.idle <= 1,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function once(args: readonly string[]): Promise<number> {
  const subject = start('watch-subject', args);
  const { milliseconds } = (await subject.line()) as { milliseconds: number };
  await subject.ended;
  return milliseconds;
}

interface Held {
  /** Megabytes at the moment of the line `ready`, and when the first look at the history and the sealing are over. */
  readonly atReady: number | null;
  readonly atRest: number | null;
  /** Percent of one processor, at rest. */
  readonly idle: number | null;
}

/** The program as a person starts it; what it holds is read where Linux says it. */
async function program(root: string, store: string): Promise<Held> {
  const child = spawn(process.execPath, [bin, 'watch', '--json', '--root', root, '--store', store], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise(resolve => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', line => {
      if (line.includes('"ready"')) resolve();
    });
    child.once('exit', () => reject(new Error('undertext watch ended before it was ready')));
  });
  const held = () => {
    const kilobytes = numberIn(`/proc/${child.pid}/status`, /^VmRSS:\s+(\d+)/m);
    return kilobytes === null ? null : Math.round(kilobytes / 1024);
  };
  const atReady = held();
  await rest(child.pid!);
  const atRest = held();
  const before = ticks(child.pid!);
  await pause(idleSeconds * 1_000);
  const after = ticks(child.pid!);
  child.kill('SIGINT');
  await ended;
  // A tick is a hundredth of a second.
  const idle = before === null || after === null ? null : (after - before) / idleSeconds;
  return { atReady, atRest, idle };
}

/** Resolves when the process has used next to nothing for eight seconds (sealing waits for five of quiet), or after a minute. */
async function rest(pid: number): Promise<void> {
  let calm = 0;
  for (let second = 0; second < 60 && calm < 8; second++) {
    const before = ticks(pid);
    await pause(1_000);
    const after = ticks(pid);
    if (before === null || after === null) return await pause(15_000);
    calm = after - before <= 2 ? calm + 1 : 0;
  }
}

function ticks(pid: number): number | null {
  const fields = contentOf(`/proc/${pid}/stat`)?.split(') ')[1]?.split(' ');
  return fields === undefined ? null : Number(fields[11]) + Number(fields[12]);
}

function numberIn(file: string, pattern: RegExp): number | null {
  const match = pattern.exec(contentOf(file) ?? '');
  return match === null ? null : Number(match[1]);
}

function contentOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
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
