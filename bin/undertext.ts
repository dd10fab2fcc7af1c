#!/usr/bin/env node
/** Streams, clock, signal and built-in rules go in; an exit code comes out. */
import { closeSync, openSync } from 'node:fs';
import { devNull, homedir } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/**
 * Files that must be free to be opened: about 85 at once while our own are loaded, and a watcher takes 30, more with many
 * packs. With fewer, Node ends somewhere in the middle of that, with errors that say nothing.
 */
const descriptors = 100;

function hasDescriptors(): boolean {
  const taken: number[] = [];
  try {
    while (taken.length < descriptors) taken.push(openSync(devNull, 'r'));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EMFILE';
  } finally {
    for (const descriptor of taken) closeSync(descriptor);
  }
}

if (!hasDescriptors()) {
  const message = `the system lets this process open fewer than ${descriptors} files`;
  const hint = 'raise the limit of open files and run it again: ulimit -n 256';
  const isJson = process.argv.includes('--json');
  const told = isJson ? JSON.stringify({ error: { code: 'disk', message, hint } }) : `error: ${message}\nhint: ${hint}`;
  process.stderr.write(`${told}\n`, () => process.exit(3));
  await new Promise(() => {});
}
// Only now, as loading them takes descriptors.
const [{ rules }, { run, stumble }] = [await import('../rules/index.ts'), await import('../src/cli.ts')];

// A watcher lives long and is idle most of the time, and what forget goes through is soon garbage: small young generation,
// early collections. Measured with 50,000 files: 154 instead of 278 MB once ready.
if (['watch', 'forget'].some(command => process.argv.includes(command))) {
  for (const flag of ['--semi-space-growth-factor=1', '--heap-growing-percent=30']) setFlagsFromString(flag);
}

const stop = new AbortController();
/** What a program that a signal ended gives its shell: 128 and the number of the signal. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** `npx` and others send the same press of Ctrl-C on, so that it comes twice within moments (milliseconds). */
const samePress = 300;
let stoppedAt = Number.POSITIVE_INFINITY;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Nothing is lost: a version is durable before anybody hears of it, and the next process that opens the store mends the rest.
    if (performance.now() - stoppedAt > samePress) process.exit(exitCodes[signal]);
    if (!stop.signal.aborted) stoppedAt = performance.now();
    stop.abort(signal);
  });
}

const terminal = (stream: NodeJS.WriteStream) => {
  let open = true;
  stream.on('error', () => {
    open = false; // the reader went away, as with `| head`
    stop.abort('EPIPE');
  });
  return {
    write: (text: string | Uint8Array) =>
      new Promise<void>(resolve => {
        if (open) stream.write(text, () => resolve());
        else resolve();
      }),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
  };
};

/**
 * The time of day. It never stands still and never goes back, so that a later version also sorts later. When a person sets
 * the system's clock back, this one goes on at nine tenths of the true pace until the system's has caught up: times
 * that are compared with each other stay apart by what has truly passed.
 */
let last = 0;
let askedAt = performance.now();
const now = () => {
  const elapsed = performance.now() - askedAt;
  askedAt += elapsed;
  last = Math.max(Date.now(), last + Math.max(0.001, elapsed * 0.9));
  return last;
};

const argv = process.argv.slice(2);
const world = {
  out: terminal(process.stdout),
  err: terminal(process.stderr),
  cwd: process.cwd(),
  home: homedir(),
  env: process.env,
  platform: process.platform,
  node: process.execPath,
  signal: stop.signal,
  rules,
  now,
};

// Node ends with 1 or 13 where nobody catches or answers, as when a rule of somebody's own leaves a promise behind.
// One error is told. A second one, thrown while the first is written, would come again and again.
let isTold = false;
process.on('uncaughtException', async error => {
  if (isTold) return;
  isTold = true;
  process.exit(await stumble(error, argv, world).catch(() => 3));
});
process.on('exit', code => {
  if (code === 13) process.exitCode = 3;
});

process.exitCode = await run(argv, world);
