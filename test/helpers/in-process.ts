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

  async run(...words: readonly string[]): Promise<Answer> {
    const said = { out: '', err: '' };
    const stream = (name: 'out' | 'err') => ({
      write: async (text: string | Uint8Array) => {
        said[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
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
      signal: new AbortController().signal,
      rules,
      now: () => {
        this.#last = Math.max(Date.now(), this.#last + 0.001);
        return this.#last;
      },
    };
    const code = await run(words, world);
    return { code, ...said };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
