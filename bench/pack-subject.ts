/** Opens a store, reads one blob, and says how long that took and how much memory it needed at most. */
import { readFileSync } from 'node:fs';
import { openGitStore } from '../src/store/git-store.ts';

const [path = '', name = ''] = process.argv.slice(2);
const start = performance.now();
const store = await openGitStore({ path, readOnly: true });
const bytes = await store.read(name);
const ms = performance.now() - start;
if (bytes.length === 0) throw new Error('nothing was read');
await store.close();
// Not `maxRSS`: the system counts in what the parent held when it made this process.
const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
console.log(JSON.stringify({ ms, megabytes: peak / 1024 }));
