// Takes the post of the watcher, says so, and holds it until it is killed.
import { openGitStore } from '../../../dist/src/store/git-store.js';

const store = await openGitStore({ path: process.argv[2], machine: 'here' });
const answer = await store.claim('watcher', { from: 'child' });
process.stdout.write('pid' in answer ? 'taken\n' : 'mine\n');
setInterval(() => {}, 1000);
