/** Help texts, made from the same tables the arguments are parsed with. */

import { wrap } from '../report/width.ts';
import { type Command, type ExitCode, generalExits, globalOptions, type Options } from './command.ts';
import { commands } from './index.ts';
import { version } from './version.ts';

/** Columns of every help text: it must read well anywhere. */
const width = 80;

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
    ...exitLines(generalExits),
    '',
    'A path may be absolute, relative to this folder, or relative to a root.',
    '`undertext COMMAND --help` shows examples.',
    '`undertext demo` shows it all in a minute.',
    '',
  ].join('\n');
}

/** `undertext COMMAND --help` */
export function commandHelp(command: Command): string {
  const own = optionLines(command.options);
  return [
    ...wrap(`undertext ${command.name}: ${command.summary}`, width),
    '',
    ...command.usage.map((line, index) => `${index === 0 ? 'Usage:' : '      '} undertext ${line}`),
    '',
    ...(own.length > 0 ? ['Options:', ...own, ''] : []),
    'Examples:',
    ...command.examples.flatMap(({ line, does }) => [`  ${line}`, ...indented('      ', does)]),
    '',
    'Options of every command:',
    ...optionLines(globalOptions),
    '',
    'Exit codes:',
    ...exitLines({ ...generalExits, 1: undefined, ...command.exits }),
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

function exitLines(exits: Readonly<Record<ExitCode, string | undefined>>): readonly string[] {
  return ([0, 1, 2, 3] as const).flatMap(code => {
    const says = exits[code];
    return says === undefined ? [] : indented('     ', says, `  ${code}  `);
  });
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const indent = Math.max(...rows.map(([name = '']) => name.length)) + 4;
  return rows.flatMap(([name = '', text = '']) => indented(' '.repeat(indent), text, `  ${name}`.padEnd(indent)));
}

/** Wrapped lines, all behind `indent` but the first, which stands behind `head`. */
function indented(indent: string, text: string, head = indent): readonly string[] {
  return wrap(text, width - indent.length).map((line, index) => `${index === 0 ? head : indent}${line}`);
}
