// A process that writes like a session: it reads its files at its start, waits for a line on standard input, and then
// writes what it read plus its own text, as if nobody else had written meanwhile.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [home, json] = process.argv.slice(2);
const steps = JSON.parse(json).map(step => {
  const file = join(home, step.path);
  return { ...step, file, text: (existsSync(file) ? readFileSync(file, 'utf8') : '') + step.plus };
});
process.stdout.write('read\n');
process.stdin.once('end', () => process.exit(0));
process.stdin.once('data', () => {
  for (const { file, text, by } of steps) {
    mkdirSync(dirname(file), { recursive: true });
    if (by === 'rename') {
      writeFileSync(`${file}.tmp.${process.pid}`, text);
      renameSync(`${file}.tmp.${process.pid}`, file);
    } else {
      writeFileSync(file, text);
    }
  }
  process.stdout.write('wrote\n', () => process.exit(0));
});
