/** Runs commands in this process, with a home and a store of its own: as a person types them, without starting a program. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rules } from '../../rules/index.ts';
import { run } from '../../src/cli.ts';
import type { World } from '../../src/commands/command.ts';
import { onPath } from './program.ts';

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly ended: Promise<Answer>;
  /** When what was printed fits. */
  until(fits: (out: string) => boolean): Promise<void>;
  /** As Ctrl-C does. */
  stop(): void;
}

export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'undertext-test-'));
  readonly home = join(this.folder, '.claude');
  /** Columns of both streams; null: they are no terminal. */
  columns: number | null = null;
  cwd = this.folder;
  env: Readonly<Record<string, string>> = {
    PATH: onPath,
    XDG_CONFIG_HOME: join(this.folder, 'config'),
    UNDERTEXT_STORE: join(this.folder, 'store'),
  };
  #last = 0;

  constructor(files: Readonly<Record<string, string>> = {}) {
    mkdirSync(this.home);
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.home, path)), { recursive: true });
    writeFileSync(join(this.home, path), content);
  }

  /** Null for a file that is not there. */
  read(path: string): string | null {
    const file = join(this.home, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  delete(path: string): void {
    rmSync(join(this.home, path), { recursive: true });
  }

  run(...words: readonly string[]): Promise<Answer> {
    return this.start(...words).ended;
  }

  start(...words: readonly string[]): Running {
    const said = { out: '', err: '' };
    const abort = new AbortController();
    const waiting: { readonly fits: (out: string) => boolean; readonly go: () => void }[] = [];
    const stream = (name: 'out' | 'err') => ({
      write: async (text: string | Uint8Array) => {
        said[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
        for (const each of waiting.filter(({ fits }) => fits(said.out))) each.go();
      },
      isTerminal: this.columns !== null,
      columns: this.columns ?? 80,
    });
    const world: World = {
      out: stream('out'),
      err: stream('err'),
      cwd: this.cwd,
      home: this.folder,
      env: this.env,
      platform: 'linux',
      node: process.execPath,
      signal: abort.signal,
      rules,
      now: () => {
        this.#last = Math.max(Date.now(), this.#last + 0.001);
        return this.#last;
      },
    };
    return {
      ended: run(words, world).then(code => ({ code, ...said })),
      until: fits => new Promise(go => (fits(said.out) ? go() : waiting.push({ fits, go }))),
      stop: () => abort.abort('SIGINT'),
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
