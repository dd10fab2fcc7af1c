// Records for ever, or COUNT times, and says what was announced: one line `<path>\t<id>\t<blob>` per version.
import { writeSync } from 'node:fs';
import { openGitStore } from '../../../dist/src/store/git-store.js';

const [path, name, count, sealEvery] = process.argv.slice(2);
const store = await openGitStore({ path, machine: 'here' });
for (let i = 0; i < Number(count); i++) {
  const content = Buffer.from(`${name} ${i}\n${'line\n'.repeat(i % 50)}`);
  const seenAt = Date.now();
  const observation = { kind: 'file', at: seenAt, seenAt, content, size: content.length, mode: 0o644, mtime: seenAt };
  const [version] = await store.record([
    { ...observation, root: 'claude', path: `${name}/${i % 7}.md`, how: 'event', settled: true },
  ]);
  writeSync(1, `${version.path}\t${version.id}\t${version.blob}\n`);
  if (Number(sealEvery) > 0 && i % Number(sealEvery) === 0) void store.seal().catch(() => {});
}
await store.close();
