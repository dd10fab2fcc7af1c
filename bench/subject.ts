/** Processes of the bench that speak in lines of JSON. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface Started {
  readonly child: ChildProcess;
  /** Resolves when the process has ended, so that nobody writes to its folders any more. */
  readonly ended: Promise<unknown>;
  /** The next line it prints, as JSON. */
  line(): Promise<unknown>;
}

export function start(name: string, args: readonly string[]): Started {
  const child = spawn(process.execPath, [script(`./${name}.js`), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise(resolve => child.once('exit', resolve));
  return {
    child,
    ended,
    line: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ${args.join(' ')} said nothing`);
      return JSON.parse(value);
    },
  };
}
