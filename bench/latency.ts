/** From the writer's `close` to the version that is announced, and so durable, beside a commit of the same change by git. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gitEnv, withoutGc } from './git.ts';
import { median, type Row } from './row.ts';
import { start } from './subject.ts';

const fileCount = 10_000;
const changes = 40;

export async function latencyRow(): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'undertext-bench-'));
  try {
    const root = join(folder, 'root');
    for (let index = 0; index < fileCount; index++) {
      if (index < 100) mkdirSync(join(root, `d${index}`), { recursive: true });
      writeFileSync(join(root, pathOf(index)), `# file ${index}\n`);
    }
    const git = (...args: string[]) => execFileSync('git', [...withoutGc, ...args], { cwd: root, env: gitEnv });
    git('init', '-q');
    git('add', '-A');
    git('commit', '-q', '-m', 'all');
    const watcher = start('watch-subject', ['announce', root, join(folder, 'store')]);
    await watcher.line();
    const ours: number[] = [];
    const peer: number[] = [];
    for (let change = 0; change < changes; change++) {
      const path = pathOf((change * 137) % fileCount);
      const closed = write(join(root, path), `# file, changed\n\n${`line ${change}\n`.repeat(200)}`);
      // A version that was torn, or that names an older content, would come before the settled one.
      for (let isThere = false; !isThere; ) {
        const said = (await watcher.line()) as { path: string; settled: boolean; at: string };
        isThere = said.path === path && said.settled;
        if (isThere) ours.push(Number(BigInt(said.at) - closed) / 1e6);
      }
      const began = performance.now();
      git('add', path);
      git('commit', '-q', '-m', 'one');
      peer.push(performance.now() - began);
      await pause(100);
    }
    watcher.child.stdin!.write('stop\n');
    await watcher.ended;
    const [own, other] = [median(ours), median(peer)];
    return {
      name: 'from close to durable version, one change among 10,000 files, median',
      ours: own,
      peer: other,
      unit: 'ms',
      peerName: 'git add && git commit',
      target: '≤ 5 ms and ≤ 0.1 ×',
      met: own <= 5 && own <= 0.1 * other,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pathOf(index: number): string {
  return `d${index % 100}/f${index}.md`;
}

/** Writes in place; the moment right after `close`, on the clock that all processes share. */
function write(file: string, text: string): bigint {
  const fd = openSync(file, 'w');
  writeSync(fd, text);
  closeSync(fd);
  return process.hrtime.bigint();
}
