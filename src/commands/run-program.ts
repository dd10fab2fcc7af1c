/** Runs a program of the system to its end. */
import { spawn } from 'node:child_process';
import type { World } from './command.ts';

export interface Ran {
  /** Null: there is no such program. 128: it was ended, as when it took too long. */
  readonly code: number | null;
  /** One character for each byte. */
  readonly out: string;
  readonly err: string;
}

/** `input` is given to it byte for character, as `out` is taken. What takes longer than `patienceMs` is ended. */
export function runProgram(
  world: Pick<World, 'env' | 'home'>,
  words: readonly string[],
  input = '',
  patienceMs = 30_000,
): Promise<Ran> {
  const [program = '', ...rest] = words;
  return new Promise(resolve => {
    const child = spawn(program, rest, { env: { ...world.env }, cwd: world.home });
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
    child.stdin.on('error', () => {}); // it ended without reading
    child.on('error', error => {
      clearTimeout(timer);
      resolve({ code: null, out: '', err: error.message });
    });
    child.on('close', code => {
      clearTimeout(timer);
      resolve({
        code: code ?? 128,
        out: Buffer.concat(out).toString('latin1'),
        err: Buffer.concat(err).toString('utf8').trim(),
      });
    });
    child.stdin.end(Buffer.from(input, 'latin1'));
  });
}
