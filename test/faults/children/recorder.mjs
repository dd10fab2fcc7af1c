// Does what the words say, one after the other, and announces each version: `<path>\t<id>\t<blob>\t<sha256>`.
//
//     record:PATH:TEXT   keep:PATH:TEXT (as a stream)   log:PATH:KB (as segments, the tail of what grew)   note   seal
//     many:COUNT (a record and a seal each)   drop:PATH (all but its newest)   empty (the trash)   forget:PATH   die
//
// A step that the disk refuses is said, and tried once more, as a watcher does it; then it ends with 3.
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { UndertextError } from '../../../dist/src/errors.js';
import { openGitStore } from '../../../dist/src/store/git-store.js';

const [path, started, ...words] = process.argv.slice(2);
let now = Number(started);
const store = await twice(() => openGitStore({ path, machine: 'here', now: () => now++ }));

async function twice(act) {
  return act().catch(async first => {
    say(first);
    return act().catch(second => {
      say(second);
      process.exit(3);
    });
  });
}

function say(error) {
  if (!(error instanceof UndertextError)) throw error;
  writeSync(2, `error: ${error.code}: ${error.message}\nhint: ${error.hint}\n`);
}

async function record(path, text, isBig) {
  const bytes = Buffer.from(text);
  await observe(path, bytes, isBig ? { blob: await store.keep(chunks(bytes), bytes.length) } : bytes);
}

const segment = 64 * 1024;
const key = path => ({ root: 'claude', path });

/** A log of so many KB, and the same words for the same length. */
async function keepLog(path, kilobytes) {
  const bytes = Buffer.from('{"a line of a log":"of 32 bytes"}\n'.repeat(kilobytes * 31));
  for (let at = 0, line = 0; at + 8 < bytes.length; at += 997) bytes.write(String(line++).padStart(8), at);
  const last = store.latest(key(path));
  const whole = last && last.size <= bytes.length ? Math.floor(last.size / segment) * segment : 0;
  const tail = chunks(bytes.subarray(whole));
  const blob = await (whole > 0
    ? store.keep(tail, bytes.length, { blob: last.blob, bytes: whole })
    : store.keep(tail, bytes.length));
  await observe(path, bytes, { blob });
}

async function observe(path, bytes, content) {
  const at = now++;
  const observation = { kind: 'file', at, seenAt: at, content, size: bytes.length, mode: 0o644, mtime: at };
  const [version] = await store.record([{ ...observation, root: 'claude', path, how: 'event', settled: true }]);
  const sum = createHash('sha256').update(bytes).digest('hex');
  writeSync(1, `${version.path}\t${version.id}\t${version.blob}\t${sum}\n`);
}

async function* chunks(bytes) {
  yield bytes.subarray(0, bytes.length >> 1);
  yield bytes.subarray(bytes.length >> 1);
}

const steps = {
  record: (path, text) => record(path, text, false),
  keep: (path, text) => record(path, text, true),
  note: () => store.note([{ kind: 'gap', at: now++, data: { from: now } }]),
  seal: () => store.seal(),
  log: (path, kilobytes) => keepLog(path, Number(kilobytes)),
  drop: async path =>
    store.drop(
      new Set(
        store
          .versions(key(path))
          .slice(0, -1)
          .map(({ id }) => id),
      ),
    ),
  empty: () => store.emptyTrash(Number.POSITIVE_INFINITY),
  forget: async path => {
    const versions = store.versions(key(path)).filter(({ blob }) => blob !== null);
    if (versions.length > 0) await store.forget(versions, note => note);
  },
  die: async () => process.kill(process.pid, 'SIGKILL'),
  async many(count) {
    for (let i = 0; i < Number(count); i++) {
      await record(`many/${i % 5}.md`, `version ${i} of many, ${started}\n`, false);
      await store.seal();
    }
  },
};
for (const word of words) {
  const [step, ...values] = word.split(':');
  await twice(() => steps[step](...values));
}
await store.close();
