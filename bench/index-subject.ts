/** `index-subject STORE [write]`: what opening a store costs in a process of its own, as a line of JSON. */
import { setTimeout as pause } from 'node:timers/promises';
import { openGitStore } from '../src/store/git-store.ts';

const [path, mode] = process.argv.slice(2);
const megabytes = (): number => Math.round(process.memoryUsage.rss() / 2 ** 20);

if (mode === 'write') {
  const began = performance.now();
  // Only what comes after the first turn is meant to be done in slices.
  let last = Number.NaN;
  let held = 0;
  // Processor time, for what other processes take is not ours to give.
  const watch = setInterval(() => {
    const { user, system } = process.cpuUsage();
    const now = (user + system) / 1000;
    if (!Number.isNaN(last)) held = Math.max(held, now - last);
    last = now;
  }, 0);
  const store = await openGitStore({ path: path!, machine: 'bench' });
  clearInterval(watch);
  const took = performance.now() - began;
  console.log(JSON.stringify({ held, took, memory: megabytes(), most: process.resourceUsage().maxRSS / 1024 }));
  await store.close();
} else {
  const began = performance.now();
  const store = await openGitStore({ path: path!, readOnly: true });
  const opening = performance.now() - began;
  store.versions({ root: 'claude', path: 'projects/p3/memory/note-13.md' });
  await pause(50);
  const memory = megabytes();
  let turn = performance.now();
  let count = 0;
  for (const _ of store.paths()) count++;
  const paths = performance.now() - turn;
  turn = performance.now();
  const { versions } = await store.size();
  const size = performance.now() - turn;
  console.log(JSON.stringify({ opening, memory, paths, size, count, versions, memoryAfter: megabytes() }));
  await store.close();
}
