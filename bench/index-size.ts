/**
 * The history index of stores of 50,000 and of 1,000,000 versions: opening, `log`, memory.
 *
 * The stores are generated: `history` is written as sealing writes it, fifty versions a commit, and the head names the
 * last commit. The commits themselves are not there, for nobody asks for a commit that the index knows; nor are the
 * contents. The tables are then made by the store itself.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { objectName } from '../src/store/blob-name.ts';
import { encodeCommit } from '../src/store/commit.ts';
import { openGitStore } from '../src/store/git-store.ts';
import { encodeBlock, historyStart } from '../src/store/index/history-block.ts';
import { emptyTree } from '../src/store/tree.ts';
import { makeId } from '../src/store/version-id.ts';
import { formatNote, formatVersion } from '../src/store/version-line.ts';
import { median, type Row } from './row.ts';
import { start } from './subject.ts';

const bin = fileURLToPath(new URL('../bin/undertext.js', import.meta.url));
const rounds = 7;
/** One path has two thousand versions, the others ten each. */
const often = 'projects/p7/memory/architecture.md';
const seldom = 'projects/p3/memory/note-13.md';
const versionsOfOften = 2_000;
const versionsPerCommit = 50;

export async function benchIndexSize(): Promise<readonly Row[]> {
  const small = await rowsOf(50_000, { open: 150, log: 100, memory: 120 });
  return [...small, ...(await rowsOf(1_000_000, { open: 1_000, log: 300, memory: null }))];
}

interface Targets {
  readonly open: number;
  readonly log: number;
  readonly memory: number | null;
}

async function rowsOf(count: number, most: Targets): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'undertext-bench-'));
  const path = join(folder, 'store');
  const root = join(folder, '.claude');
  try {
    mkdirSync(root);
    await generate(path, root, count);
    const made = await makeTables(path);
    const versions = count.toLocaleString('en-US');
    const bare: number[] = [];
    const row = (what: string, ours: number, unit: string, target: number | null): Row => ({
      name: `${versions} versions, ${what}`,
      ours,
      peer: null,
      unit,
      peerName: '',
      target: target === null ? '' : `≤ ${target} ${unit}`,
      met: target === null ? null : ours <= target,
    });
    const log = (what: string, times: readonly number[]): Row => ({
      ...row(what, median(times), 'ms', most.log),
      peer: median(bare),
      peerName: 'node -e 0',
    });
    const opened: Opened[] = [];
    const logs: Record<string, number[]> = { [seldom]: [], [often]: [] };
    for (let round = 0; round < rounds; round++) {
      opened.push(await open(path));
      for (const [file, times] of Object.entries(logs)) times.push(timeOfLog(path, root, file));
      bare.push(timeOf(['-e', '0']));
    }
    const of = (key: keyof Opened) => median(opened.map(each => each[key]));
    return [
      row('opening', of('opening'), 'ms', most.open),
      log('`log --json` of a path with 10, the whole command', logs[seldom]!),
      log(`\`log --json\` of a path with ${versionsOfOften}, the whole command`, logs[often]!),
      row('the versions of a path with 10, once open', of('few'), 'ms', null),
      row(`the versions of a path with ${versionsOfOften}, once open`, of('many'), 'ms', null),
      row('memory once open', of('memory'), 'MB', most.memory),
      row('the newest version of one path, processor time', of('latest'), 'µs', null),
      row('whether there is an id that is not there, processor time', of('miss'), 'µs', null),
      row('the newest version of every path', of('paths'), 'ms', null),
      row('counting the versions', of('size'), 'ms', null),
      row('memory after that', of('memoryAfter'), 'MB', most.memory),
      row('making the tables, and opening without them', made.milliseconds, 'ms', null),
      row('the longest turn of the loop while tables are made, processor time', made.held, 'ms', 20),
      row('the tables', made.megabytes, 'MB', null),
      row('files of the tables', made.files, 'files', 8),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `index-subject.ts` says. */
interface Opened {
  readonly opening: number;
  readonly memory: number;
  readonly few: number;
  readonly many: number;
  readonly latest: number;
  readonly miss: number;
  readonly paths: number;
  readonly size: number;
  readonly memoryAfter: number;
}

async function open(path: string): Promise<Opened> {
  const subject = start('index-subject', [path]);
  const said = (await subject.line()) as Opened;
  await subject.ended;
  return said;
}

function timeOfLog(path: string, root: string, file: string): number {
  return timeOf([bin, 'log', file, '--json', '--root', root, '--store', path]);
}

function timeOf(args: readonly string[]): number {
  const started = performance.now();
  execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 });
  return performance.now() - started;
}

async function generate(path: string, root: string, count: number): Promise<void> {
  await (await openGitStore({ path, machine: 'bench' })).close();
  const ref = 'refs/heads/bench/2026-05';
  const fd = openSync(join(path, 'history'), 'w', 0o600);
  writeSync(fd, historyStart);
  const note = { id: makeId(['note']), note: { kind: 'root', at: 0, data: { name: 'claude', path: root } } } as const;
  let commit = '-';
  for (let first = 0; first < count; first += versionsPerCommit) {
    const lines = Array.from({ length: versionsPerCommit }, (_, i) => lineOf(first + i, count, commit));
    if (first === 0) lines.push(formatNote(note));
    const isLast = first + versionsPerCommit >= count;
    commit = isLast ? putCommit(path, lines) : createHash('sha1').update(`${first}`).digest('hex');
    writeSync(fd, encodeBlock({ commit, ref, lines }));
  }
  closeSync(fd);
  mkdirSync(join(path, 'refs/heads/bench'), { recursive: true });
  writeFileSync(join(path, ref), `${commit}\n`);
}

/** The head names a commit that is there, or the store would be mended at the first opening; nobody asks for the others. */
function putCommit(path: string, lines: readonly string[]): string {
  const snapshot = { tree: emptyTree, parent: null, continues: null, lines };
  const content = encodeCommit(snapshot, 'the last of many', 'bench', Date.UTC(2026, 4, 31));
  const name = objectName('commit', content);
  const folder = join(path, 'objects', name.slice(0, 2));
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, name.slice(2)),
    deflateSync(Buffer.concat([Buffer.from(`commit ${content.length}\0`), content])),
  );
  return name;
}

function lineOf(n: number, count: number, before: string): string {
  const other = n % (count / 10);
  const isOften = n % Math.floor(count / versionsOfOften) === 0;
  const at = Date.UTC(2026, 4, 1) + n * 1_000;
  const version = {
    id: makeId(['bench', n]),
    root: 'claude',
    path: isOften ? often : `projects/p${other % 10}/memory/note-${other}.md`,
    kind: 'file',
    at,
    seenAt: at + 0.25,
    blob: createHash('sha1').update(String(n)).digest('hex'),
    size: 6_000 + (n % 500),
    mode: 0o644,
    mtime: at - 3.5,
    how: 'event',
    settled: true,
    snapshot: null,
  } as const;
  return `${formatVersion(version)}\t${before}`;
}

/** Opens for writing, which makes the tables; how long that took, and for how long nobody else had a turn meanwhile. */
async function makeTables(path: string) {
  const started = performance.now();
  const subject = start('index-subject', [path, 'write']);
  const { held } = (await subject.line()) as { held: number };
  await subject.ended;
  const folder = join(path, 'tables');
  const sizes = readdirSync(folder).map(name => statSync(join(folder, name)).size);
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
  return { milliseconds: performance.now() - started, held, megabytes, files: sizes.length };
}
