/** What is big: a home of 5 GB, a pack of 2.3 GB, 50,000 versions packed beside the work. */
import { execFileSync } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { objectName } from '../src/store/blob-name.ts';
import { realDisk } from '../src/store/disk.ts';
import { openGitStore } from '../src/store/git-store.ts';
import { Journals } from '../src/store/journal/journals.ts';
import { Objects } from '../src/store/objects.ts';
import type { IndexEntry } from '../src/store/pack/pack-index.ts';
import { PackFile, packHead } from '../src/store/pack/pack-write.ts';
import { repack } from '../src/store/pack/repack.ts';
import { layoutOf } from '../src/store/repository.ts';
import { observe } from './observe.ts';
import { plain, type Row } from './row.ts';
import { makeTexts, makeTranscript } from './texts.ts';

const homeGigabytes = 5;
const bin = fileURLToPath(new URL('../bin/undertext.js', import.meta.url));
const reader = fileURLToPath(new URL('./pack-subject.js', import.meta.url));

export async function benchBig(): Promise<readonly Row[]> {
  const home = mkdtempSync(join(tmpdir(), 'undertext-bench-'));
  try {
    return [...(await packedBeside(join(home, 'packed'))), ...(await bigPack(join(home, 'pack'))), ...bigHome(home)];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Recording goes on while 50,000 versions are packed in the same process. */
async function packedBeside(path: string): Promise<readonly Row[]> {
  const text = makeTexts();
  const store = await openGitStore({ path });
  for (let i = 0; i < 50_000; i += 1000) {
    await store.record(
      Array.from({ length: 1000 }, (_, k) => {
        const n = i + k;
        return observe(`projects/p${n % 50}/memory/f${n % 5000}.md`, Buffer.from(`${text(400)} ${n}`), n);
      }),
    );
  }
  await store.seal();
  const layout = layoutOf(path);
  const objects = new Objects(layout, new Journals(layout.journals));
  objects.loadPacks();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let isOver = false;
  let token = 0;
  const start = performance.now();
  const packing = repack(
    {
      disk: realDisk,
      folder: layout.packs,
      objects,
      newToken: () => `bench${token++}`,
      holdsLock: () => true,
    },
    objects.packs,
    () => true,
  ).finally(() => {
    isOver = true;
  });
  let recorded = 0;
  while (!isOver) {
    await store.record([observe('projects/p1/memory/f1.md', Buffer.from(`beside ${recorded++}`))]);
  }
  await packing;
  const took = performance.now() - start;
  delay.disable();
  objects.close();
  await store.close();
  const longest = delay.max / 1e6;
  return [
    plain(`packing 50,000 versions, with ${recorded} recorded meanwhile`, took, 'ms'),
    {
      ...plain('the longest that recording waited for its turn meanwhile', longest, 'ms'),
      target: '≤ 50 ms',
      met: longest <= 50,
    },
  ];
}

/** A pack of 2.3 GB of what does not deflate; one small object stands at its end. */
async function bigPack(path: string): Promise<readonly Row[]> {
  await (await openGitStore({ path })).close();
  const pack = new PackFile(realDisk, join(path, 'objects', 'pack'), 'bench');
  const rows: IndexEntry[] = [];
  const count = 36;
  await pack.open();
  await pack.add(packHead(count + 1));
  const noise = Buffer.alloc(64 << 20);
  const put = async (content: Buffer): Promise<string> => {
    const name = objectName('blob', content);
    const head = entryHead(content.length);
    const data = deflateSync(content, { level: content.length > 1000 ? 0 : 6 });
    rows.push({ name: Buffer.from(name, 'hex'), offset: pack.position, crc: crc32(data, crc32(head)) });
    await pack.add(head);
    await pack.add(data);
    return name;
  };
  for (let i = 0; i < count; i++) {
    randomFillSync(noise);
    await put(noise);
  }
  const name = await put(Buffer.from('the one that is asked for'));
  await pack.finish(rows);
  const { ms, megabytes } = JSON.parse(execFileSync(process.execPath, [reader, path, name], { encoding: 'utf8' }));
  return [
    { ...plain('one version out of a pack of 2.3 GB, opening included', ms, 'ms'), target: '≤ 50 ms', met: ms <= 50 },
    { ...plain('memory for that', megabytes, 'MB'), target: '≤ 100 MB', met: megabytes <= 100 },
  ];
}

/** Head of a whole blob in a pack. */
function entryHead(size: number): Buffer {
  const bytes = [(3 << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(rest % 128);
  }
  return Buffer.from(bytes);
}

/** The first snapshot of a home with many transcripts, beside reading, hashing and deflating the same bytes in one thread. */
function bigHome(home: string): readonly Row[] {
  const work = join(home, 'work');
  const files: string[] = [];
  const lines = makeTranscript(64 << 20);
  const each = 50 << 20;
  const wanted = Math.round((homeGigabytes * 1e9) / each);
  for (let i = 0; i < wanted; i++) {
    const folder = join(work, 'projects', `p${i % 7}`);
    mkdirSync(folder, { recursive: true });
    files.push(join(folder, `s${i}.jsonl`));
    const fd = openSync(files.at(-1)!, 'w');
    // No two begin alike, and no segment stands twice.
    const shift = (i * 12_345) % (lines.length - each);
    writeSync(fd, `{"session":${i}}\n`);
    writeSync(fd, lines, shift, each - 100);
    closeSync(fd);
  }
  execFileSync('sync');
  const limit = timed(() => {
    for (const file of files) readHashDeflate(file);
  });
  execFileSync('sync');
  const ours = timed(() =>
    execFileSync(process.execPath, [bin, 'snapshot', '--quiet', '--root', work, '--store', join(home, 'store')]),
  );
  return [
    {
      name: `undertext snapshot, the first of ${homeGigabytes} GB of transcripts`,
      ours: ours / 1000,
      peer: limit / 1000,
      unit: 's',
      peerName: 'read + sha1 + deflate level 1, one thread',
      target: '≤ 2 ×',
      met: ours <= limit * 2,
    },
  ];
}

function readHashDeflate(file: string): void {
  const fd = openSync(file, 'r');
  const piece = Buffer.alloc(64 << 10);
  for (;;) {
    const got = readSync(fd, piece, 0, piece.length, null);
    if (got === 0) break;
    createHash('sha1').update(piece.subarray(0, got)).digest();
    deflateSync(piece.subarray(0, got), { level: 1 });
  }
  closeSync(fd);
}

function timed(act: () => unknown): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}
