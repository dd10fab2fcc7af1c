/** What a command is, and what it is given. */
import type { Rule } from '../rule.ts';

export type ExitCode = 0 | 1 | 2 | 3;

/** Everything from outside the program that a command may touch; handed in, never fetched. */
export interface World {
  readonly out: Terminal;
  readonly err: Terminal;
  readonly cwd: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** The Node program, for the processes that `demo` starts. */
  readonly node: string;
  /** Aborted when a person presses Ctrl-C or the system asks us to end. */
  readonly signal: AbortSignal;
  readonly rules: readonly Rule[];
  now(): number;
}

export interface Terminal {
  /** Waits when the reader is slow; a reader that went away (`| head`) is no error. */
  write(text: string | Uint8Array): Promise<void>;
  readonly isTerminal: boolean;
  readonly columns: number;
}

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  /** What stands for the value in the help: `TIME`. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** One call of a command: the arguments as parsed, and the world. */
export interface Call {
  readonly world: World;
  /** The word that was typed: `restore`. */
  readonly command: string;
  readonly arguments: readonly string[];
  text(option: string): string | undefined;
  texts(option: string): readonly string[];
  has(option: string): boolean;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly usage: readonly string[];
  /** How many arguments it takes at most; infinite for any number. */
  readonly arguments: number;
  readonly options: Options;
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** Only where they say more than the general ones. A command that has no 1 here never ends with it. */
  readonly exits?: Readonly<Partial<Record<ExitCode, string>>>;
  run(call: Call): Promise<ExitCode>;
}

export const globalOptions: Options = {
  root: { type: 'string', multiple: true, value: 'DIR', help: 'folder to watch; repeatable (default: ~/.claude)' },
  store: { type: 'string', value: 'DIR', help: 'where the versions are kept (default: $UNDERTEXT_STORE)' },
  config: { type: 'string', value: 'FILE', help: 'configuration file' },
  rules: { type: 'string', multiple: true, value: 'DIR', help: 'folder with rules of your own; repeatable' },
  json: { type: 'boolean', help: 'print JSON' },
  quiet: { type: 'boolean', help: 'print only what matters' },
  'no-color': { type: 'boolean', help: 'no colours (also NO_COLOR)' },
  help: { type: 'boolean', short: 'h', help: 'show help' },
  version: { type: 'boolean', short: 'V', help: 'show the version' },
};

export const generalExits: Readonly<Record<ExitCode, string>> = {
  0: 'nothing open',
  1: 'open incidents',
  2: 'wrong usage',
  3: 'could not finish',
};
