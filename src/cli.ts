/** argv → command → exit code. The only place that shows errors. */
import { parseArgs } from 'node:util';
import { type Call, type ExitCode, globalOptions, type Options, type World } from './commands/command.ts';
import { exitCodeOf } from './commands/exit-codes.ts';
import { commandHelp, generalHelp } from './commands/help.ts';
import { commands, type Entry } from './commands/index.ts';
import { version } from './commands/version.ts';
import { UndertextError } from './errors.ts';
import { nearest } from './nearest.ts';

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** Runs one command. Never throws: whatever goes wrong is shown on `world.err` and becomes an exit code. */
export async function run(argv: readonly string[], world: World): Promise<ExitCode> {
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
    if (rest.includes('--version')) {
      await world.out.write(`undertext ${version}\n`);
      return 0;
    }
    const wanted = name === 'help' || rest.includes('--help') || rest.includes('-h');
    if (!wanted) parse(rest, globalOptions, '');
    await (wanted ? world.out : world.err).write(generalHelp());
    return wanted ? 0 : 2;
  }
  const entry = entryOf(name);
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
  return await command.run(call(world, values, positionals));
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

function entryOf(name: string): Entry {
  const found = commands.find(entry => entry.name === name);
  if (found) return found;
  const near = nearest(
    name,
    commands.map(entry => entry.name),
  );
  throw new UndertextError(
    'usage',
    `there is no command "${name}"`,
    near ? `did you mean \`undertext ${near}\`?` : '`undertext --help` lists the commands',
  );
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
    const first = (error instanceof Error ? error.message : String(error)).split(/\.\s/)[0]!;
    throw new UndertextError('usage', first, `\`undertext ${name && `${name} `}--help\` shows the options`, error);
  }
}

function call(world: World, values: Values, positionals: readonly string[]): Call {
  const texts = (option: string) => [values[option] ?? []].flat().filter(value => typeof value === 'string');
  return {
    world,
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
  const { errorJson, errorText: errorLines, traceText } = await import('./commands/error-text.ts');
  const trace = world.env.UNDERTEXT_TRACE && error instanceof Error ? traceText(error.stack ?? '') : '';
  return trace + (argv.includes('--json') ? errorJson(known) : errorLines(known));
}
