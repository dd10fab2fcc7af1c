/** One watcher in a process of its own, driven by lines: says `ready`, and answers `stop` with what it kept. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { classifier } from '../src/home/classes.ts';
import { defaultConfig } from '../src/home/config.ts';
import type { Root } from '../src/model.ts';
import { openGitStore } from '../src/store/git-store.ts';
import { NativeSource } from '../src/watch/native-source.ts';
import { startWatch } from '../src/watch/watch.ts';

const [kind = '', path = '', storePath = ''] = process.argv.slice(2);
const root: Root = { name: 'bench', path, beside: [] };
/** Resolves when the line has left: `process.exit` does not wait for a pipe. */
const say = (value: unknown) =>
  new Promise<void>(resolve => process.stdout.write(`${JSON.stringify(value)}\n`, () => resolve()));
const told = (word: string) =>
  new Promise<void>(resolve => {
    process.stdin.on('data', data => {
      if (String(data).includes(word)) resolve();
    });
  });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Watches every folder with nothing but Node, and reads in the handler. */
function bare(onFile: (path: string) => void): number {
  const waiting = [''];
  let folders = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const here = folder;
    watch(join(path, here), (_, name) => onFile(join(here, String(name))));
    folders++;
    for (const entry of readdirSync(join(path, here), { withFileTypes: true })) {
      if (entry.isDirectory()) waiting.push(join(here, entry.name));
    }
  }
  return folders;
}

if (kind === 'bare') {
  const kept = new Map<string, Set<string>>();
  const latest = new Map<string, string>();
  bare(name => {
    try {
      const hash = sha256(readFileSync(join(path, name)));
      kept.set(name, (kept.get(name) ?? new Set()).add(hash));
      latest.set(name, hash);
    } catch {}
  });
  const before = process.cpuUsage();
  await say({ ready: true });
  await told('stop');
  const { user, system } = process.cpuUsage(before);
  const versions = [...kept].map(([name, hashes]) => ({ path: name, kept: [...hashes], latest: latest.get(name) }));
  await say({ versions, cpu: (user + system) / 1000 });
  process.exit(0);
}

if (kind === 'ours') {
  const store = await openGitStore({ path: storePath });
  const watcher = startWatch({
    roots: [root],
    classify: classifier(defaultConfig),
    store,
    now: Date.now,
    platform: process.platform,
    on: () => {},
  });
  await watcher.ready;
  const before = process.cpuUsage();
  await say({ ready: true });
  await told('stop');
  await watcher.stop();
  const { user, system } = process.cpuUsage(before);
  const versions = [];
  for (const { path: name } of store.paths()) {
    const all = store.versions({ root: root.name, path: name }).filter(version => version.blob !== null);
    const hashes = await Promise.all(all.map(async version => sha256(await store.read(version.blob!))));
    const latest = store.latest({ root: root.name, path: name });
    const settled = all.flatMap((version, index) => (version.settled ? [hashes[index]!] : []));
    versions.push({ path: name, kept: hashes, settled, latest: latest?.blob ? hashes.at(-1) : null });
  }
  await say({ versions, cpu: (user + system) / 1000 });
  await store.close();
  process.exit(0);
}

if (kind === 'start-bare') {
  const since = performance.now();
  const folders = bare(() => {});
  await say({ milliseconds: performance.now() - since, folders });
  process.exit(0);
}

if (kind === 'start-source') {
  const since = performance.now();
  const nothing = () => {};
  const classify = classifier(defaultConfig);
  const source = new NativeSource({
    listener: {
      touched: nothing,
      folderGone: nothing,
      unreadable: nothing,
      readable: nothing,
      unwatchable: nothing,
      rootMoved: nothing,
    },
    isNoise: (_, file) => classify(root, file) === 'noise',
    enters: (_, folder) => classify(root, `${folder}/`) !== 'noise',
  });
  await source.start([root]);
  await say({ milliseconds: performance.now() - since, folders: source.folders });
  process.exit(0);
}

if (kind === 'announce') {
  const store = await openGitStore({ path: storePath });
  let isReady = false;
  const watcher = startWatch({
    roots: [root],
    classify: classifier(defaultConfig),
    store,
    now: Date.now,
    platform: process.platform,
    on: event => {
      if (!isReady || event.type !== 'version') return;
      const at = String(process.hrtime.bigint());
      void say({ path: event.version.path, settled: event.version.settled, at });
    },
  });
  await watcher.ready;
  await store.seal();
  isReady = true;
  await say({ ready: true });
  await told('stop');
  await watcher.stop();
  await store.close();
  process.exit(0);
}
