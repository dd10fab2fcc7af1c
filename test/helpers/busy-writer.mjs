// Rewrites a file again and again until its standard input ends; prints the line each version ends with.
import { writeFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
let number = 0;
let isOver = false;
process.stdin.resume().once('end', () => {
  isOver = true;
});
const next = () => {
  number++;
  const line = `- busy ${number}`;
  writeFileSync(file, `# Rules\n\n- be kind\n- be bold\n${line}\n`);
  process.stdout.write(`${line}\n`);
  if (!isOver && number < 5_000) setTimeout(next, 5);
};
next();
