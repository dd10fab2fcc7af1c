/** The only source of truth of the capture bench: writes versions at a pace, and says what it wrote. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [root = '', way = 'in-place', filesText = '1', gapText = '10', countText = '200'] = process.argv.slice(2);
const files = Number(filesText);
const gap = Number(gapText);
const count = Number(countText);

const written: { path: string; sha256: string }[] = [];
mkdirSync(join(root, 'notes'), { recursive: true });
const pause = new Int32Array(new SharedArrayBuffer(4));

let next = performance.now();
for (let version = 0; version < count; version++) {
  for (let file = 0; file < files; file++) {
    const path = `notes/file-${file}.md`;
    const content = `# ${path} ${version}\n${randomBytes(1024).toString('hex')}\n`;
    if (way === 'rename') {
      writeFileSync(join(root, `${path}.tmp.${process.pid}.${version}`), content);
      renameSync(join(root, `${path}.tmp.${process.pid}.${version}`), join(root, path));
    } else writeFileSync(join(root, path), content);
    written.push({ path, sha256: createHash('sha256').update(content).digest('hex') });
  }
  next += gap;
  const wait = next - performance.now();
  if (wait > 0) Atomics.wait(pause, 0, 0, wait);
  else next = performance.now();
}
process.stdout.write(JSON.stringify(written));
