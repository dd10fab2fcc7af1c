/** A shorter text written over a longer one: for a moment the file is the new text with the old one's end. */
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { memoryStore } from '../../src/store/memory-store.ts';
import { Capture } from '../../src/watch/capture.ts';
import { Recorder } from '../../src/watch/recorder.ts';
import { usualTiming } from '../../src/watch/settle.ts';
import { Tails } from '../../src/watch/tails.ts';
import { cleanUp, onCleanUp, rootAt, temporaryFolder } from './observer.ts';

afterEach(cleanUp);

it.each([
  ['that moment is kept, but not as whole', 'read between', ['true one two', 'false 111 two', 'true 111']],
  ['a text that was cut at once was whole', 'another', ['true one two', 'true 111 two three', 'true 111']],
])('%s', async (_, how, expected) => {
  const root = rootAt(temporaryFolder());
  const file = join(root.path, 'a.md');
  const store = memoryStore();
  const recorder = new Recorder({ store, onVersions: () => {}, onRefused: () => {} });
  const capture = new Capture({
    classify: () => 'authored',
    recorder,
    store,
    tails: new Tails(),
    now: Date.now,
    elapsed: () => performance.now(),
    timing: usualTiming,
    isRootThere: () => true,
    unreadable: () => {},
    readable: () => {},
    crowded: () => {},
    refused: () => {},
    quiet: () => {},
  });
  onCleanUp(() => capture.close());
  writeFileSync(file, 'one two');
  capture.touched(root, 'a.md');
  await capture.drain();
  await recorder.flush();

  const handle = openSync(file, 'r+');
  writeSync(handle, how === 'another' ? '111 two three' : '111');
  capture.touched(root, 'a.md');
  ftruncateSync(handle, 3);
  closeSync(handle);
  capture.touched(root, 'a.md');
  await capture.drain();
  await recorder.flush();

  const told = store.versions({ root: 'root', path: 'a.md' }).map(async ({ blob, settled }) => {
    return `${settled} ${Buffer.from(await store.read(blob!)).toString()}`;
  });
  expect(await Promise.all(told)).toEqual(expected);
});
