/** How the commands that we print can be run here, and what the terminal can show. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ascii, hasUtf8 } from '../report/ascii.ts';
import type { Here } from '../report/runnable.ts';
import { quoted } from '../report/visible.ts';
import type { Terminal, World } from './command.ts';

/** Options of this call without which the next command would look at other folders or another store. */
const carried = ['root', 'store', 'config', 'rules'] as const;

export function hereOf(world: World, texts: (option: string) => readonly string[]): Here {
  const options = carried.flatMap(option => texts(option).map(value => `--${option} ${quoted(value)}`));
  return { program: isOnPath(world) ? 'undertext' : 'npx undertext', options: options.join(' ') };
}

/** The same, out of words that could not be parsed. */
export function hereOfWords(world: World, argv: readonly string[]): Here {
  return hereOf(world, option =>
    argv.flatMap((word, at) => {
      if (word.startsWith(`--${option}=`)) return [word.slice(option.length + 3)];
      const value = argv[at + 1];
      return word === `--${option}` && value !== undefined ? [value] : [];
    }),
  );
}

/** npm puts `node_modules/.bin` on the path of what it starts; the shell that the person types into does not have it. */
function isOnPath({ env, platform }: World): boolean {
  const names = platform === 'win32' ? ['undertext.cmd', 'undertext.exe', 'undertext'] : ['undertext'];
  const folders = (env.PATH ?? env.Path ?? '')
    .split(delimiter)
    .filter(folder => !/node_modules[\\/]\.bin[\\/]?$/.test(folder));
  return folders.some(folder => folder !== '' && names.some(name => isExecutable(join(folder, name))));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** In a locale without UTF-8 everything but bytes and JSON is written in ASCII. */
export function inItsLocale(world: World, argv: readonly string[]): World {
  if (argv.includes('--json') || hasUtf8(world.env, world.platform)) return world;
  const plain = (terminal: Terminal): Terminal => ({
    write: text => terminal.write(typeof text === 'string' ? ascii(text) : text),
    isTerminal: terminal.isTerminal,
    get columns() {
      return terminal.columns;
    },
  });
  return { ...world, out: plain(world.out), err: plain(world.err) };
}
