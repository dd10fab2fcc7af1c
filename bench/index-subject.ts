/** `index-subject STORE [write]`: what opening a store costs in a process of its own, as a line of JSON. */
import { setTimeout as pause } from 'node:timers/promises';
import { openGitStore } from '../src/store/git-store.ts';
import { makeId } from '../src/store/version-id.ts';

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
  let asked = performance.now();
  store.versions({ root: 'claude', path: 'projects/p3/memory/note-13.md' });
  const few = performance.now() - asked;
  asked = performance.now();
  store.versions({ root: 'claude', path: 'projects/p7/memory/architecture.md' });
  const many = performance.now() - asked;
  await pause(50);
  const memory = megabytes();
  const spent = (): number => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  const questions = 5_000;
  let before = spent();
  for (let i = 0; i < questions; i++) store.latest({ root: 'claude', path: `projects/p${i % 10}/memory/note-${i}.md` });
  const latest = (spent() - before) / questions;
  before = spent();
  for (let i = 0; i < questions; i++) store.withId(makeId(['nobody', i]));
  const miss = (spent() - before) / questions;
  let turn = performance.now();
  let count = 0;
  for (const _ of store.paths()) count++;
  const paths = performance.now() - turn;
  turn = performance.now();
  const { versions } = await store.size();
  const size = performance.now() - turn;
  console.log(
    JSON.stringify({
      opening,
      memory,
      few,
      many,
      latest,
      miss,
      paths,
      size,
      count,
      versions,
      memoryAfter: megabytes(),
    }),
  );
  await store.close();
}
