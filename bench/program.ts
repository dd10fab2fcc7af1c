/** What a person waits for: the help, and the audit of a home where nothing changed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openGitStore } from '../src/store/git-store.ts';
import { median, type Row } from './row.ts';

const bin = fileURLToPath(new URL('../bin/undertext.js', import.meta.url));

export async function benchProgram(): Promise<readonly Row[]> {
  return [help(), await unchangedAudit()];
}

function help(): Row {
  const times = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < 15; round++) {
    times.ours.push(timeOf([bin, '--help']));
    times.bare.push(timeOf(['-e', '0']));
  }
  const [ours, peer] = [median(times.ours), median(times.bare)];
  return {
    name: 'undertext --help',
    ours,
    peer,
    unit: 'ms',
    peerName: 'node -e 0',
    target: '≤ 2 ×',
    met: ours <= 2 * peer,
  };
}

/** 5,000 files and 50,000 versions: every file is a small note that grew ten times. */
async function unchangedAudit(): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'undertext-bench-'));
  const home = join(folder, '.claude');
  const storePath = join(folder, 'store');
  try {
    const store = await openGitStore({ path: storePath });
    const now = Date.now() - 100 * 86_400_000;
    await store.note([{ kind: 'root', at: now, data: { name: 'claude', path: home } }]);
    for (let round = 0; round < 10; round++) {
      for (let start = 0; start < 5_000; start += 500) {
        const observations = Array.from({ length: 500 }, (_, offset) => {
          const number = start + offset;
          const path = `projects/p${number % 50}/memory/note-${number}.md`;
          const content = Buffer.from(note(number, round));
          const at = now + round * 3_600_000 + number;
          if (round === 9) {
            mkdirSync(dirname(join(home, path)), { recursive: true });
            writeFileSync(join(home, path), content);
          }
          return {
            root: 'claude',
            path,
            kind: 'file',
            at,
            seenAt: at,
            content,
            size: content.length,
            mode: 0o644,
            mtime: at,
            how: 'event',
            settled: true,
          } as const;
        });
        await store.record(observations);
      }
      await store.seal();
    }
    await store.close();
    const args = [bin, 'audit', '--root', home, '--store', storePath, '--quiet'];
    timeOf(args); // the first run fills the cache
    const ours = median([1, 2, 3, 4, 5].map(() => timeOf(args)));
    return {
      name: 'audit, nothing changed, 5,000 files, 50,000 versions',
      ours,
      peer: null,
      unit: 'ms',
      peerName: '',
      target: '≤ 2000 ms',
      met: ours <= 2_000,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function note(number: number, round: number): string {
  const sections = Array.from(
    { length: round + 1 },
    (_, section) => `## Part ${section}\n\nNote ${number} says ${section * 7} here.\n`,
  );
  return `---\nname: note-${number}\ndescription: what number ${number} is about\n---\n\n# Note ${number}\n\n${sections.join('\n')}`;
}

function timeOf(args: readonly string[]): number {
  const start = performance.now();
  spawnSync(process.execPath, args, { stdio: 'ignore', env: { ...process.env, UNDERTEXT_STORE: '' } });
  return performance.now() - start;
}
