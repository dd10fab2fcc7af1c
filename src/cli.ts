/** argv → command → exit code. The only place that shows errors. */
import { parseArgs } from 'node:util';
import { type Call, type ExitCode, globalOptions, type Options, type World } from './commands/command.ts';
import { exitCodeOf } from './commands/exit-codes.ts';
import { commandHelp, generalHelp } from './commands/help.ts';
import { inItsLocale } from './commands/here.ts';
import { commands, type Entry } from './commands/index.ts';
import { version } from './commands/version.ts';
import { UndertextError } from './errors.ts';
import { nearest } from './nearest.ts';

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** Runs one command. Never throws: whatever goes wrong is shown on `world.err` and becomes an exit code. */
export async function run(argv: readonly string[], given: World): Promise<ExitCode> {
  const world = inItsLocale(given, argv);
  try {
    return await dispatch(argv, world);
  } catch (error) {
    return await stumble(error, argv, world);
  }
}

/** Shows an error that ends the program, and says with which exit code. */
export async function stumble(error: unknown, argv: readonly string[], world: World): Promise<ExitCode> {
  await world.err.write(await errorText(error, argv, world));
  return error instanceof UndertextError ? exitCodeOf[error.code] : 3;
}

async function dispatch(argv: readonly string[], world: World): Promise<ExitCode> {
  const { name, rest } = splitCommand(argv);
  if (name === undefined || name === 'help') {
    const asked = name === 'help' ? rest.find(word => !word.startsWith('-')) : undefined;
    if (asked !== undefined) return await showHelp(entryOf(asked), world);
    if (rest.some(word => word === '--version' || word === '-V')) {
      await world.out.write(`undertext ${version}\n`);
      return 0;
    }
    const wanted = name === 'help' || rest.includes('--help') || rest.includes('-h');
    if (!wanted) parse(rest, globalOptions, '');
    await (wanted ? world.out : world.err).write(generalHelp());
    return wanted ? 0 : 2;
  }
  const entry = entryOf(name, rest);
  const command = await entry.load();
  const { values, positionals } = parse(rest, { ...globalOptions, ...command.options }, name);
  if (values.version === true) {
    await world.out.write(`undertext ${version}\n`);
    return 0;
  }
  if (values.help === true) return await showHelp(entry, world);
  const surplus = positionals[command.arguments];
  if (surplus !== undefined) {
    const message = `"${surplus}" is one argument too many`;
    throw new UndertextError('usage', message, `\`undertext ${name} --help\` shows examples`);
  }
  return await command.run(call(world, name, values, positionals));
}

async function showHelp(entry: Entry, world: World): Promise<ExitCode> {
  await world.out.write(commandHelp(await entry.load()));
  return 0;
}

/** The first word that is neither an option nor the value of a global option is the command. */
function splitCommand(argv: readonly string[]): { name: string | undefined; rest: readonly string[] } {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!;
    if (word === '--') break;
    if (word.startsWith('--') && globalOptions[word.slice(2)]?.type === 'string') index++;
    else if (!word.startsWith('-')) return { name: word, rest: [...argv.slice(0, index), ...argv.slice(index + 1)] };
  }
  return { name: undefined, rest: argv };
}

/** What people type who know other programs. */
const others: Readonly<Record<string, string>> = {
  history: 'log',
  changes: 'log',
  versions: 'log',
  list: 'ls',
  dir: 'ls',
  files: 'ls',
  recover: 'restore',
  revert: 'restore',
  rollback: 'restore',
  back: 'restore',
  get: 'cat',
  open: 'cat',
  close: 'accept',
  ignore: 'accept',
  dismiss: 'accept',
  check: 'audit',
  scan: 'snapshot',
  init: 'watch',
  start: 'watch',
  run: 'watch',
  search: 'find',
  grep: 'find',
  who: 'blame',
  annotate: 'blame',
  delete: 'forget',
  remove: 'forget',
  rm: 'forget',
  gc: 'prune',
  clean: 'prune',
  fsck: 'verify',
  incidents: 'audit',
  incident: 'show',
};

function entryOf(name: string, rest: readonly string[] = []): Entry {
  const found = commands.find(entry => entry.name === name);
  if (found) return found;
  const near = nearest(
    name,
    commands.map(entry => entry.name),
  );
  const later = rest.find(word => commands.some(entry => entry.name === word));
  throw new UndertextError('usage', `there is no command "${name}"`, hintFor(name, near, later));
}

/** A path and an id are what somebody has who does not know the commands. */
function hintFor(name: string, near: string | null, later: string | undefined): string {
  const other = others[name.toLowerCase()];
  if (other !== undefined) return `did you mean \`undertext ${other}\`?`;
  if (near !== null && near.length > 2) return `did you mean \`undertext ${near}\`?`;
  if (later !== undefined) return `put the command first: \`undertext ${later} …\``;
  if (/[/.\\]/.test(name))
    return `\`undertext log ${name}\` lists its versions, \`undertext restore ${name} --at TIME\` brings one back`;
  if (/^[a-z2-9]{6}$/.test(name))
    return `\`undertext show ${name}\` shows an incident, \`undertext restore ${name}\` brings its text back`;
  return '`undertext --help` lists the commands';
}

function parse(args: readonly string[], options: Options, name: string): { values: Values; positionals: string[] } {
  const shapes = Object.fromEntries(
    Object.entries(options).map(([key, option]) => [
      key,
      {
        type: option.type,
        ...(option.multiple ? { multiple: true } : {}),
        ...(option.short ? { short: option.short } : {}),
      },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options: shapes, allowPositionals: true, strict: true });
  } catch (error) {
    throw optionError(error, options, name);
  }
}

/** Node's words for an option that is wrong, in ours, with the option that was probably meant. */
function optionError(error: unknown, options: Options, name: string): UndertextError {
  const help = `\`undertext ${name && `${name} `}--help\` shows the options`;
  const first = (error instanceof Error ? error.message : String(error)).split(/\.\s/)[0]!;
  const unknown = /^Unknown option '(-{1,2}[^']*)'/.exec(first)?.[1];
  if (unknown !== undefined) {
    const near = nearest(unknown.replace(/^-+/, ''), Object.keys(options));
    const isOfAll = name === '' || near === null;
    const hint = near === null ? help : `did you mean --${near}?${isOfAll ? '' : ` ${help}`}`;
    const what = name === '' ? `there is no option ${unknown}` : `${name} has no option ${unknown}`;
    return new UndertextError('usage', what, hint, error);
  }
  const missing = /^Option '(?:-\w, )?(--[\w-]+) <value>' argument (missing|is ambiguous)/.exec(first);
  if (missing) {
    const option = missing[1]!.slice(2);
    const value = options[option]?.value ?? 'VALUE';
    return new UndertextError('usage', `--${option} needs a value`, `write --${option} ${value}; ${help}`, error);
  }
  const surplus = /^Option '(?:-\w, )?(--[\w-]+)' does not take an argument/.exec(first);
  if (surplus) return new UndertextError('usage', `${surplus[1]} takes no value`, help, error);
  return new UndertextError('usage', first, help, error);
}

function call(world: World, command: string, values: Values, positionals: readonly string[]): Call {
  const texts = (option: string) => [values[option] ?? []].flat().filter(value => typeof value === 'string');
  return {
    world,
    command,
    arguments: positionals,
    text: option => texts(option)[0],
    texts,
    has: option => values[option] === true,
  };
}

/** `error: what happened` and `hint: what to do`; the same as JSON when the caller asked for JSON. */
async function errorText(error: unknown, argv: readonly string[], world: World): Promise<string> {
  const known =
    error instanceof UndertextError
      ? error
      : new UndertextError(
          'internal',
          `undertext stumbled: ${error instanceof Error ? error.message : String(error)}`,
          'this is a defect of undertext; set UNDERTEXT_TRACE=1 and run it again to see where, then report it',
          error,
        );
  const { errorJson, errorText: errorLines, traceText, hereOfWords } = await import('./commands/error-text.ts');
  const trace = world.env.UNDERTEXT_TRACE && error instanceof Error ? traceText(error.stack ?? '') : '';
  if (argv.includes('--json')) return trace + errorJson(known);
  const width = world.err.isTerminal ? Math.max(40, world.err.columns) : Number.POSITIVE_INFINITY;
  return trace + errorLines(known, { width, here: hereOfWords(world, argv) });
}
