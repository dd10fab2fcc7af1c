// The control: nothing but `fs.watch` on each folder and a read in its handler. What it gets to see of a text could be
// seen; says which tokens it saw in which file when it is told to stop.
import { readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';

const [root] = process.argv.slice(2);
const seen = new Set();
for (const entry of ['', ...readdirSync(root, { recursive: true, withFileTypes: true }).filter(e => e.isDirectory())]) {
  const folder = entry === '' ? root : join(entry.parentPath, entry.name);
  watch(folder, (_, name) => {
    if (name === null || !name.endsWith('.md')) return;
    try {
      for (const token of readFileSync(join(folder, name), 'utf8').match(/\bt\d+x\d+\b/g) ?? []) seen.add(token);
    } catch {}
  });
}
process.stdin.once('data', () => process.stdout.write(`${JSON.stringify([...seen])}\n`, () => process.exit(0)));
process.stdout.write('ready\n');
