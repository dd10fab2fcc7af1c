import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  watch as fsWatch,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { UndertextError } from '../../src/errors.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { gapsOf } from '../../src/store/store.ts';
import { type Disk, realDisk } from '../../src/watch/read.ts';
import { cleanUp, observer, onCleanUp, rootAt, temporaryFolder } from './observer.ts';

afterEach(cleanUp);

/** Runs a script in a process of its own; `put(path, text)` and `fs` are there. */
async function elsewhere(folder: string, script: string): Promise<void> {
  const prelude = `const fs = require('fs'); const path = require('path');
    const at = name => path.join(${JSON.stringify(folder)}, name);
    const put = (name, text) => fs.writeFileSync(at(name), text);
    const pause = ms => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);`;
  const child = spawn(process.execPath, ['-e', prelude + script], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
}

describe('another process writes', () => {
  it.each([
    ['in place', `put('a.md', 'one'); pause(100); put('a.md', 'two'); pause(100); put('a.md', 'three');`],
    [
      'by rename',
      `for (const text of ['one', 'two', 'three']) { put('a.md.tmp.1.2', text); fs.renameSync(at('a.md.tmp.1.2'), at('a.md')); pause(100); }`,
    ],
    ['20 ms apart', `put('a.md', 'one'); pause(20); put('a.md', 'two'); pause(20); put('a.md', 'three');`],
  ])('%s', async (_, script) => {
    const { root, untilText, settledTexts } = await observer();
    await elsewhere(root.path, script);
    await untilText('a.md', 'three');
    expect(await settledTexts('a.md')).toEqual(['one', 'two', 'three']);
  });

  it('by appending', async () => {
    const { root, untilText, settledTexts } = await observer();
    await elsewhere(root.path, `put('a.md', 'one'); pause(100); fs.appendFileSync(at('a.md'), ' two');`);
    await untilText('a.md', 'one two');
    expect(await settledTexts('a.md')).toEqual(['one', 'one two']);
  });

  it('cut to zero first, and written after a moment: the empty file is no settled version', async () => {
    const { root, untilText, settledTexts } = await observer();
    writeFileSync(join(root.path, 'a.md'), 'one');
    await untilText('a.md', 'one');
    await elsewhere(root.path, `fs.truncateSync(at('a.md')); pause(10); fs.appendFileSync(at('a.md'), 'two');`);
    await untilText('a.md', 'two');
    expect(await settledTexts('a.md')).toEqual(['one', 'two']);
  });

  it('200 files in new nested folders, all at once', async () => {
    const { root, untilText } = await observer();
    await elsewhere(
      root.path,
      `for (let i = 0; i < 200; i++) { fs.mkdirSync(at('x' + i % 7 + '/y' + i % 3), { recursive: true }); put('x' + i % 7 + '/y' + i % 3 + '/' + i + '.md', 'text ' + i); }`,
    );
    for (let i = 0; i < 200; i++) await untilText(`x${i % 7}/y${i % 3}/${i}.md`, `text ${i}`);
  });

  it('20 files, 50 versions each: the last of every file is kept, and nothing that nobody wrote is settled', async () => {
    const { root, untilText, settledTexts } = await observer();
    await elsewhere(
      root.path,
      `for (let v = 0; v < 50; v++) { for (let f = 0; f < 20; f++) put(f + '.md', (f + ' ' + v + ' ').repeat(100)); pause(2); }`,
    );
    for (let file = 0; file < 20; file++) {
      await untilText(`${file}.md`, `${file} 49 `.repeat(100));
      for (const text of await settledTexts(`${file}.md`)) expect(text).toMatch(/^(\d+ \d+ )\1{99}$/);
    }
  });
});

describe('files that come and go', () => {
  it('a deletion is a version; a replacement is none', async () => {
    const { root, untilText, settledTexts } = await observer();
    const place = join(root.path, 'a.md');
    writeFileSync(place, 'one');
    await untilText('a.md', 'one');
    rmSync(place);
    writeFileSync(place, 'two');
    await untilText('a.md', 'two');
    rmSync(place);
    await untilText('a.md', null);
    expect(await settledTexts('a.md')).toEqual(['one', 'two', null]);
  });

  it('a rename is gone here and new there', async () => {
    const { root, untilText } = await observer();
    writeFileSync(join(root.path, 'a.md'), 'one');
    await untilText('a.md', 'one');
    renameSync(join(root.path, 'a.md'), join(root.path, 'b.md'));
    await untilText('b.md', 'one');
    await untilText('a.md', null);
  });

  it('a folder takes its files with it, and a moved one brings them along', async () => {
    const { root, untilText } = await observer();
    mkdirSync(join(root.path, 'x/y'), { recursive: true });
    writeFileSync(join(root.path, 'x/y/a.md'), 'one');
    await untilText('x/y/a.md', 'one');
    renameSync(join(root.path, 'x'), join(root.path, 'z'));
    await untilText('z/y/a.md', 'one');
    await untilText('x/y/a.md', null);
    rmSync(join(root.path, 'z'), { recursive: true });
    await untilText('z/y/a.md', null);
  });

  it('the same content is one version, a new mode is another', async () => {
    const { root, untilText, store, until } = await observer();
    const place = join(root.path, 'a.md');
    writeFileSync(place, 'one', { mode: 0o644 });
    await untilText('a.md', 'one');
    writeFileSync(place, 'one');
    writeFileSync(join(root.path, 'b.md'), 'after');
    await untilText('b.md', 'after');
    chmodSync(place, 0o600);
    await until(event => event.type === 'version' && event.version.path === 'a.md' && event.version.mode === 0o600);
    const modes = store.versions({ root: 'root', path: 'a.md' }).filter(version => version.settled);
    expect(modes.map(version => version.mode)).toEqual([0o644, 0o600]);
  });
});

describe('things that are no plain files', () => {
  it('FIFOs and sockets are never opened, links are kept as links', async () => {
    const { root, untilText, store } = await observer();
    const child = spawn('mkfifo', [join(root.path, 'fifo')]);
    await once(child, 'exit');
    const server = createServer().listen(join(root.path, 'socket'));
    onCleanUp(() => void server.close());
    await once(server, 'listening');
    symlinkSync('nowhere', join(root.path, 'dangling'));
    symlinkSync('.', join(root.path, 'loop'));
    writeFileSync(join(root.path, 'a.md'), 'one');
    await untilText('a.md', 'one');
    await untilText('dangling', 'nowhere');
    await untilText('loop', '.');
    expect([...store.paths()].map(version => `${version.path}: ${version.kind}`).sort()).toEqual([
      'a.md: file',
      'dangling: link',
      'loop: link',
    ]);
  });

  it('names that are no UTF-8, and names with a newline', async () => {
    const { root, untilText } = await observer();
    writeFileSync(Buffer.concat([Buffer.from(`${root.path}/n`), Buffer.from([0xe4])]), 'bytes');
    writeFileSync(join(root.path, 'two\nlines.md'), 'newline');
    mkdirSync(Buffer.concat([Buffer.from(`${root.path}/d`), Buffer.from([0xff])]));
    writeFileSync(Buffer.concat([Buffer.from(`${root.path}/d`), Buffer.from([0xff]), Buffer.from('/in.md')]), 'inside');
    await untilText('n\udce4', 'bytes');
    await untilText('two\nlines.md', 'newline');
    await untilText('d\udcff/in.md', 'inside');
  });

  it('of secrets only that they exist, and whether they are empty', async () => {
    const { root, until, store } = await observer();
    const place = join(root.path, '.env');
    writeFileSync(place, 'TOKEN=very-secret');
    await until(event => event.type === 'version' && event.version.path === '.env' && event.version.size === 1);
    truncateSync(place);
    await until(event => event.type === 'version' && event.version.path === '.env' && event.version.size === 0);
    for (const version of store.versions({ root: 'root', path: '.env' })) {
      expect([version.kind, version.blob]).toEqual(['withheld', null]);
    }
  });

  it('a file of 300 MB goes through in pieces', async () => {
    const kept: number[] = [];
    const inner = memoryStore();
    const store = {
      ...inner,
      keep: async (content: AsyncIterable<Uint8Array>, size: number) => {
        for await (const piece of content) kept.push(piece.length);
        expect(size).toBe(300 * 1024 * 1024);
        return inner.keep(one('big'), 3);
      },
    };
    const { root, until } = await observer({ store });
    writeFileSync(join(root.path, 'big.bin'), '');
    truncateSync(join(root.path, 'big.bin'), 300 * 1024 * 1024);
    const event = await until(event => event.type === 'version' && event.version.size === 300 * 1024 * 1024);
    expect(event.type === 'version' && event.version.settled).toBe(true);
    expect(kept.reduce((sum, length) => sum + length, 0)).toBe(300 * 1024 * 1024);
    expect(Math.max(...kept)).toBeLessThanOrEqual(1024 * 1024);
  });
});

async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe('roots', () => {
  it('one that is a file is refused', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const { watch } = await observer({ root: rootAt(join(folder, 'file')), unready: true });
    await expect(watch.ready).rejects.toThrow(UndertextError);
  });

  it('one that is missing is waited for, said, and watched when it comes', async () => {
    const root = rootAt(join(temporaryFolder(), 'later'));
    const { events, untilText, store } = await observer({ root, timing: { rootPoll: 20 } });
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'root-missing' }));
    mkdirSync(root.path);
    writeFileSync(join(root.path, 'a.md'), 'one');
    await untilText('a.md', 'one');
    writeFileSync(join(root.path, 'a.md'), 'two');
    await untilText('a.md', 'two');
    expect(gapsOf(store.notes('gap')).map(gap => gap.why)).toContain('the root is missing');
  });

  it('one that is deleted and made anew at once is watched again, though it may look like the old one', async () => {
    const root = rootAt(join(temporaryFolder(), 'home'));
    mkdirSync(root.path);
    writeFileSync(join(root.path, 'a.md'), 'one');
    const { until, untilText } = await observer({ root });
    await untilText('a.md', 'one');
    rmSync(root.path, { recursive: true });
    mkdirSync(root.path);
    await until(event => event.type === 'gap' && event.gap.why.startsWith('the root') && event.gap.to !== null);
    mkdirSync(join(root.path, 'deep/er'), { recursive: true });
    writeFileSync(join(root.path, 'deep/er/b.md'), 'two');
    await untilText('deep/er/b.md', 'two');
  });

  it('one that vanishes and comes back is a gap, and its files are not deletions', async () => {
    const root = rootAt(join(temporaryFolder(), 'home'));
    mkdirSync(root.path);
    writeFileSync(join(root.path, 'a.md'), 'one');
    const { until, untilText, settledTexts } = await observer({ root, timing: { rootPoll: 20 } });
    await untilText('a.md', 'one');
    renameSync(root.path, `${root.path}-away`);
    await until(event => event.type === 'gap' && event.gap.why === 'the root is missing' && event.gap.to === null);
    renameSync(`${root.path}-away`, root.path);
    await until(event => event.type === 'gap' && event.gap.why === 'the root is missing' && event.gap.to !== null);
    writeFileSync(join(root.path, 'a.md'), 'two');
    await untilText('a.md', 'two');
    expect(await settledTexts('a.md')).toEqual(['one', 'two']);
  });

  it('the file beside it belongs to it, its other neighbours do not', async () => {
    const folder = temporaryFolder();
    const root = { name: 'root', path: join(folder, '.claude'), beside: ['../.claude.json'] };
    mkdirSync(root.path);
    const { untilText, store } = await observer({ root });
    writeFileSync(join(folder, 'other.json'), '{}');
    writeFileSync(join(folder, '.claude.json'), '{"a":1}');
    await untilText('../.claude.json', '{"a":1}');
    expect([...store.paths()].map(version => version.path)).toEqual(['../.claude.json']);
  });

  it('the store is never watched', async () => {
    const root = rootAt(temporaryFolder());
    mkdirSync(join(root.path, 'store'));
    const store = { ...memoryStore(), path: join(root.path, 'store') };
    const { untilText } = await observer({ root, store });
    writeFileSync(join(root.path, 'store/journal.md'), 'x');
    writeFileSync(join(root.path, 'a.md'), 'one');
    await untilText('a.md', 'one');
    expect([...store.paths()].map(version => version.path)).toEqual(['a.md']);
  });
});

describe('trouble', () => {
  it('a file that cannot be read is a gap until it can', async () => {
    const denied = new Set<string>();
    const disk: Disk = {
      ...realDisk,
      open: path => {
        if (denied.has(String(path))) throw Object.assign(new Error('denied'), { code: 'EACCES' });
        return realDisk.open(path);
      },
    };
    const { root, until, untilText } = await observer({ disk });
    const place = join(root.path, 'a.md');
    denied.add(place);
    writeFileSync(place, 'one', { mode: 0o600 });
    await until(event => event.type === 'gap' && event.gap.to === null && event.gap.paths[0] === 'a.md');
    denied.clear();
    chmodSync(place, 0o644);
    await untilText('a.md', 'one');
    await until(event => event.type === 'gap' && event.gap.to !== null && event.gap.paths[0] === 'a.md');
  });

  it('a folder that cannot be read is a gap until it can, and its files are not deletions', async () => {
    const root = rootAt(temporaryFolder());
    mkdirSync(join(root.path, 'x'));
    writeFileSync(join(root.path, 'x/a.md'), 'one');
    const store = memoryStore();
    const first = await observer({ root, store });
    await first.stop();
    let isDenied = true;
    const disk: Disk = {
      ...realDisk,
      list: path => {
        if (isDenied && String(path).endsWith('/x')) throw Object.assign(new Error('denied'), { code: 'EACCES' });
        return realDisk.list(path);
      },
    };
    const { events, until, untilText } = await observer({ root, store, disk });
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'gap', gap: expect.objectContaining({ paths: ['x'], to: null }) }),
    );
    expect(store.latest({ root: 'root', path: 'x/a.md' })?.kind).toBe('file');
    isDenied = false;
    chmodSync(join(root.path, 'x'), 0o711);
    await until(event => event.type === 'gap' && event.gap.to !== null && event.gap.paths[0] === 'x');
    writeFileSync(join(root.path, 'x/a.md'), 'two');
    await untilText('x/a.md', 'two');
  });

  it('when the system allows no more watches, the rest is polled, and that is said', async () => {
    const root = rootAt(temporaryFolder());
    mkdirSync(join(root.path, 'x/deep'), { recursive: true });
    const few = ((path: string, ...rest: []) => {
      if (String(path).includes('/x')) throw Object.assign(new Error('no more'), { code: 'ENOSPC' });
      return fsWatch(path, ...rest);
    }) as typeof fsWatch;
    const { untilText, events } = await observer({ root, fsWatch: few });
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'unwatchable' }));
    writeFileSync(join(root.path, 'x/deep/a.md'), 'one');
    await untilText('x/deep/a.md', 'one');
  });

  it('a store that refuses is said, and what still stands is kept when it works again', async () => {
    const inner = memoryStore();
    let isFull = false;
    const full = () => new UndertextError('disk', 'no space left', 'make room');
    const store = {
      ...inner,
      record: async (...args: Parameters<typeof inner.record>) => {
        if (isFull) throw full();
        return inner.record(...args);
      },
    };
    const { root, until, untilText, events } = await observer({ store, timing: { retryStore: 20 } });
    isFull = true;
    writeFileSync(join(root.path, 'a.md'), 'one');
    await until(event => event.type === 'warning' && event.code === 'store');
    isFull = false;
    await untilText('a.md', 'one');
    await until(event => event.type === 'gap' && event.gap.why.includes('no space left') && event.gap.to !== null);
    expect(events.filter(event => event.type === 'warning' && event.code === 'store')).toHaveLength(1);
  });

  it('lost events are noticed, said, and made up for by a scan', async () => {
    let isDeaf = false;
    const deaf = ((path: string, ...rest: []) => {
      const watcher = fsWatch(path, ...rest);
      const emit = watcher.emit.bind(watcher);
      watcher.emit = (name: string, ...args: unknown[]) => (isDeaf && name === 'change' ? true : emit(name, ...args));
      return watcher;
    }) as typeof fsWatch;
    const { root, until, untilText, events } = await observer({ fsWatch: deaf, timing: { cookiePatience: 50 } });
    writeFileSync(join(root.path, 'a.md'), 'one');
    await untilText('a.md', 'one');
    isDeaf = true;
    writeFileSync(join(root.path, 'b.md'), 'unheard');
    await until(event => event.type === 'gap' && event.gap.why === 'events were lost');
    await untilText('b.md', 'unheard');
    const found = events.findIndex(event => event.type === 'version' && event.version.path === 'b.md');
    await until(event => event.type === 'quiet' && events.indexOf(event) > found);
  });
});

describe('polling', () => {
  it('keeps what is written, made and deleted', async () => {
    const { root, untilText, events } = await observer({ polling: true });
    expect(events.at(-1)).toMatchObject({ type: 'ready', source: 'polling' });
    writeFileSync(join(root.path, 'a.md'), 'one');
    await untilText('a.md', 'one');
    writeFileSync(join(root.path, 'a.md'), 'two, and longer');
    await untilText('a.md', 'two, and longer');
    mkdirSync(join(root.path, 'x/y'), { recursive: true });
    writeFileSync(join(root.path, 'x/y/b.md'), 'deep');
    await untilText('x/y/b.md', 'deep');
    rmSync(join(root.path, 'a.md'));
    await untilText('a.md', null);
  });
});

describe('a time without a watcher', () => {
  it('a machine that slept is a gap, and looks at everything', async () => {
    let asleep = 0;
    const { until } = await observer({ now: () => Date.now() + asleep, timing: { rootPoll: 5 } });
    asleep = 3_600_000;
    await until(event => event.type === 'gap' && event.gap.why === 'the machine slept' && event.gap.to !== null);
  });

  it('is a gap, and what happened meanwhile is found', async () => {
    const root = rootAt(temporaryFolder());
    const store = memoryStore();
    writeFileSync(join(root.path, 'a.md'), 'one');
    writeFileSync(join(root.path, 'b.md'), 'stays');
    const first = await observer({ root, store });
    expect(gapsOf(store.notes('gap'))).toEqual([]);
    await first.stop();
    expect(gapsOf(store.notes('gap'))).toMatchObject([{ why: 'no watcher', to: null }]);
    appendFileSync(join(root.path, 'a.md'), ' two');
    rmSync(join(root.path, 'b.md'));
    const second = await observer({ root, store });
    expect(await second.texts('a.md')).toEqual(['one', 'one two']);
    expect(await second.texts('b.md')).toEqual(['stays', null]);
    expect(store.latest({ root: 'root', path: 'a.md' })?.how).toBe('scan');
    const [gap, ...others] = gapsOf(store.notes('gap'));
    expect(others).toEqual([]);
    expect(gap!.why).toBe('no watcher');
    expect(gap!.to).toBeGreaterThan(gap!.from);
  });

  it('of a watcher that was killed begins with the newest version', async () => {
    const root = rootAt(temporaryFolder());
    const store = memoryStore();
    const at = Date.now() - 60_000;
    const content = Buffer.from('one');
    const seen = { root: 'root', path: 'a.md', kind: 'file', at, seenAt: at, content, size: 3, mode: 0o644 } as const;
    await store.record([{ ...seen, mtime: at, how: 'event', settled: true }]);
    await observer({ root, store });
    expect(gapsOf(store.notes('gap'))).toMatchObject([{ why: 'no watcher', from: at }]);
  });

  it('stop keeps what was written right before it', async () => {
    const { root, stop, texts } = await observer();
    writeFileSync(join(root.path, 'a.md'), 'just now');
    await stop();
    expect((await texts('a.md')).at(-1)).toBe('just now');
  });

  it('leaves nothing behind', async () => {
    const { root, stop, events } = await observer();
    await stop();
    await stop();
    const count = events.length;
    writeFileSync(join(root.path, 'a.md'), 'one');
    await new Promise(resolve => setImmediate(resolve));
    expect(events).toHaveLength(count);
    expect(readdirSync(root.path)).toEqual(['a.md']);
    expect(readFileSync(join(root.path, 'a.md'), 'utf8')).toBe('one');
  });
});
