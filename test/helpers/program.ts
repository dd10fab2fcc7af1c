/** Runs the built program as a person would, with a home and a store of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

export const bin = join(import.meta.dirname, '../../dist/bin/undertext.js');

/** A folder with a program called `undertext`, so that commands are printed as they are where it is installed. */
export const onPath = join(import.meta.dirname, 'on-path');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A throwaway folder with `.claude` in it. Every run sees only this home and this store. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'undertext-test-'));
  readonly home = join(this.folder, '.claude');
  readonly store = join(this.folder, 'store');
  readonly env: Readonly<Record<string, string>> = {
    PATH: [onPath, process.env.PATH ?? ''].join(delimiter),
    HOME: this.folder,
    XDG_CONFIG_HOME: join(this.folder, 'config'),
    UNDERTEXT_STORE: this.store,
    TZ: 'UTC',
  };
  readonly #running = new Set<Program>();

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    mkdirSync(this.home);
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  path(path: string): string {
    return join(this.home, path);
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  /** Path → sha256 of the content, of every file below the home. */
  fingerprint(): ReadonlyMap<string, string> {
    const names = readdirSync(this.home, { recursive: true, encoding: 'utf8' }).sort();
    return new Map(
      names
        .filter(name => lstatSync(join(this.home, name)).isFile())
        .map(name => [
          name,
          createHash('sha256')
            .update(readFileSync(join(this.home, name)))
            .digest('hex'),
        ]),
    );
  }

  /** Runs one command to its end. */
  run(...words: string[]): Promise<Ended> {
    return this.start(...words).ended;
  }

  start(...words: string[]): Program {
    const program = new Program([bin, ...words], this.env, this.folder);
    this.#running.add(program);
    void program.ended.then(() => this.#running.delete(program));
    return program;
  }

  /** Ends what is still running, and removes the folder. */
  async remove(): Promise<void> {
    for (const program of this.#running) program.kill('SIGKILL');
    await Promise.all([...this.#running].map(program => program.ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A line that has not come after so many milliseconds never will: then the test fails and shows what came instead. */
const patience = 45_000;

/** A running process, its output line by line. */
export class Program {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: string[] = [];
  #taken = 0;
  #wake: () => void = () => {};
  #isOver = false;
  #isLate = false;
  #err = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>>, cwd: string, by = process.execPath) {
    this.#child = spawn(by, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    let rest = '';
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      this.#lines.push(...lines);
      this.#wake();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#err += text;
    });
    this.ended = new Promise(resolve => {
      this.#child.once('close', code => {
        this.#isOver = true;
        this.#wake();
        resolve({ code, out, err: this.#err });
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a line to its standard input. */
  tell(text: string): void {
    this.#child.stdin.write(`${text}\n`);
  }

  /** The next line that fits; fails when the process ends without one. Lines are looked at once, in their order. */
  async line(fits: (line: string) => boolean, wait = patience): Promise<string> {
    const deadline = setTimeout(() => {
      this.#isLate = true;
      this.#wake();
    }, wait);
    try {
      return await this.#next(fits);
    } finally {
      clearTimeout(deadline);
    }
  }

  async #next(fits: (line: string) => boolean): Promise<string> {
    for (;;) {
      while (this.#taken < this.#lines.length) {
        const line = this.#lines[this.#taken++]!;
        if (fits(line)) return line;
      }
      if (this.#isOver || this.#isLate) {
        const why = this.#isOver ? 'the process ended first' : 'no such line came';
        throw new Error(`${why}; it said:\n${this.#lines.join('\n')}\n${this.#err}`);
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  /** The next JSON line that fits. */
  async object<Line>(fits: (line: Line) => boolean, wait = patience): Promise<Line> {
    return JSON.parse(await this.line(text => text.startsWith('{') && fits(JSON.parse(text)), wait)) as Line;
  }
}

/** A writer in a process of its own: it has read its files when this resolves, and writes when told. */
export async function writer(place: Place, steps: readonly Step[]): Promise<Writer> {
  const script = join(import.meta.dirname, 'writer.mjs');
  const program = new Program([script, place.home, JSON.stringify(steps)], place.env, place.folder);
  await program.line(line => line === 'read');
  return {
    write: async () => {
      program.tell('write');
      await program.line(line => line === 'wrote');
      await program.ended;
    },
  };
}

export interface Writer {
  write(): Promise<void>;
}

export interface Step {
  readonly path: string;
  /** Text put behind what the writer read at its start. */
  readonly plus: string;
  readonly by: 'in place' | 'rename';
}
