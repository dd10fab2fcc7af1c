/** Help texts, made from the same tables the arguments are parsed with. */
import { type Command, type ExitCode, generalExits, globalOptions, type Options } from './command.ts';
import { commands, version } from './index.ts';

/** `undertext --help` */
export function generalHelp(): string {
  return [
    `undertext ${version}: says which text was silently overwritten, and puts it back`,
    '',
    'Usage: undertext COMMAND [ARGUMENTS] [OPTIONS]',
    '',
    'Commands:',
    ...columns(commands.map(entry => [entry.name, entry.summary])),
    '',
    'Options of every command:',
    ...optionLines(globalOptions),
    '',
    'Exit codes:',
    ...exitLines({}),
    '',
    'A path may be absolute, relative to this folder, or relative to a root.',
    '`undertext COMMAND --help` shows examples. `undertext demo` shows it all in a minute.',
    '',
  ].join('\n');
}

/** `undertext COMMAND --help` */
export function commandHelp(command: Command): string {
  const own = optionLines(command.options);
  return [
    `undertext ${command.name}: ${command.summary}`,
    '',
    ...command.usage.map((line, index) => `${index === 0 ? 'Usage:' : '      '} undertext ${line}`),
    '',
    ...(own.length > 0 ? ['Options:', ...own, ''] : []),
    'Examples:',
    ...command.examples.flatMap(example => [`  ${example.line}`, `      ${example.does}`]),
    '',
    'Options of every command:',
    ...optionLines(globalOptions),
    '',
    'Exit codes:',
    ...exitLines(command.exits ?? {}),
    '',
  ].join('\n');
}

function optionLines(options: Options): readonly string[] {
  return columns(
    Object.entries(options).map(([name, option]) => [
      `${option.short ? `-${option.short}, ` : ''}--${name}${option.value ? ` ${option.value}` : ''}`,
      option.help,
    ]),
  );
}

function exitLines(own: Readonly<Partial<Record<ExitCode, string>>>): readonly string[] {
  return ([0, 1, 2, 3] as const).map(code => `  ${code}  ${own[code] ?? generalExits[code]}`);
}

function columns(rows: readonly (readonly [string, string] | readonly string[])[]): readonly string[] {
  const width = Math.max(...rows.map(row => row[0]!.length)) + 2;
  return rows.map(row => `  ${row[0]!.padEnd(width)}${row[1]!}`);
}
