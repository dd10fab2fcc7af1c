/** Scans all transcripts of a home, and once more with the marks of the first scan; says what both cost, and the peak of memory. */
import { readFileSync } from 'node:fs';
import { findTranscripts } from '../src/sessions/transcripts/find.ts';
import { lookAtRoot } from '../src/sessions/transcripts/look-at-root.ts';
import type { Mark } from '../src/sessions/transcripts/mark.ts';
import { placesOf } from '../src/sessions/transcripts/places.ts';
import { scanHome } from '../src/sessions/transcripts/scan-home.ts';

const [home = '', spelled = home] = process.argv.slice(2);
const root = { name: 'claude', path: spelled, beside: ['../.claude.json'] };
const marks = new Map<string, Mark>();

async function round(): Promise<{ ms: number; cpu: number; acts: number; damaged: number }> {
  const before = process.cpuUsage();
  const start = performance.now();
  const places = placesOf([{ ...lookAtRoot({ ...root, path: home }), root }]);
  let acts = 0;
  let damaged = 0;
  for await (const scanned of scanHome(home, path => marks.get(path) ?? null, { places, home: root.name })) {
    acts += scanned.acts.length;
    damaged += scanned.damaged;
    marks.set(scanned.transcript, scanned.mark);
  }
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - start, cpu: (user + system) / 1000, acts, damaged };
}

const first = await round();
const second = await round();
const start = performance.now();
const files = findTranscripts(home).length;
const listing = performance.now() - start;
const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
console.log(JSON.stringify({ first, second, files, listing, peak }));
