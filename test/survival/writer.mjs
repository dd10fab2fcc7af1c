// A process that writes like a session that never asks who else writes. It takes one line of JSON: when to begin, and
// what to read and write at which moment. It answers with what it put where, and the monotonic times between which.
import { closeSync, ftruncateSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const pause = new Int32Array(new SharedArrayBuffer(4));
/** Microseconds; one clock for all processes of a machine. */
const now = () => Number(process.hrtime.bigint() / 1000n);

/** Each returns the times between which the file may have been anything. */
const modes = {
  'in place'(file, text) {
    const start = now();
    const handle = openSync(file, 'r+');
    writeSync(handle, text);
    ftruncateSync(handle, Buffer.byteLength(text));
    closeSync(handle);
    return [start, now()];
  },
  truncate(file, text) {
    const start = now();
    const handle = openSync(file, 'w');
    const half = text.length >> 1;
    writeSync(handle, text.slice(0, half));
    writeSync(handle, text.slice(half));
    closeSync(handle);
    return [start, now()];
  },
  rename(file, text, step) {
    const temporary = `${file}.tmp.${process.pid}.${step.token}`;
    writeFileSync(temporary, text);
    const start = now();
    renameSync(temporary, file);
    return [start, now()];
  },
  append(file, _, { line }) {
    const start = now();
    const handle = openSync(file, 'a');
    writeSync(handle, line);
    closeSync(handle);
    return [start, now()];
  },
};

const lines = createInterface({ input: process.stdin });
process.stdout.write('ready\n');
for await (const text of lines) {
  const { begin, steps } = JSON.parse(text);
  const held = new Map();
  const done = [];
  for (const step of steps) {
    const wait = (begin + step.at * 1000 - now()) / 1000;
    if (wait > 0) Atomics.wait(pause, 0, 0, wait);
    if (step.mode === undefined) {
      held.set(step.file, readFileSync(step.file, 'utf8'));
      continue;
    }
    const base = step.base === 'fresh' ? readFileSync(step.file, 'utf8') : held.get(step.file);
    const next = base + step.line;
    const wall = Date.now();
    const [start, end] = modes[step.mode](step.file, next, step);
    // Who appends knows nothing of the rest of the file.
    if (step.mode !== 'append') held.set(step.file, next);
    done.push({ token: step.token, text: step.mode === 'append' ? null : next, start, end, wall });
  }
  process.stdout.write(`${JSON.stringify(done)}\n`);
}
