/**
 * A process that behaves like a session of `undertext demo`: it reads a file, waits for one line on standard input,
 * then writes what it read plus its own text, as if nobody else had written meanwhile.
 * Arguments: the file, the text to add.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const [file = '', addition = ''] = process.argv.slice(2);
const read = readFileSync(file, 'utf8');
process.stdout.write('read\n');
process.stdin.once('data', () => {
  writeFileSync(file, read + addition);
  process.stdout.write('wrote\n', () => process.exit(0));
});
process.stdin.once('end', () => process.exit(0));
