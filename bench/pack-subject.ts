/** Opens a store, reads one blob, and says how long that took and how much memory it needed at most. */
import { openGitStore } from '../src/store/git-store.ts';

const [path = '', name = ''] = process.argv.slice(2);
const start = performance.now();
const store = await openGitStore({ path, readOnly: true });
const bytes = await store.read(name);
const ms = performance.now() - start;
if (bytes.length === 0) throw new Error('nothing was read');
await store.close();
console.log(JSON.stringify({ ms, megabytes: process.resourceUsage().maxRSS / 1024 }));
