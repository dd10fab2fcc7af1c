/** The argument of a command that takes one. */
import { UndertextError } from '../errors.ts';

/** The only argument. @throws UndertextError `usage` */
export function oneArgument(words: readonly string[], usage: string): string {
  if (words[0] !== undefined && words[0] !== '') return words[0];
  throw new UndertextError(
    'usage',
    `\`undertext ${usage}\` needs an argument`,
    `\`undertext ${usage.split(' ')[0]} --help\` shows examples`,
  );
}
