/** Commands in our texts, as they can be run here: with `npx` where undertext is not installed, and with the same options. */

export interface Here {
  /** `undertext`, or `npx undertext` where the shell would not find it. */
  readonly program: string;
  /** Options that the next command needs as well, as a shell takes them: `--root ~/notes`; '' for none. */
  readonly options: string;
}

export const installed: Here = { program: 'undertext', options: '' };

/** A text that is one command; any other text stays as it is. */
export function runnable(text: string, { program, options }: Here): string {
  if (!text.startsWith('undertext ')) return text;
  return program + text.slice('undertext'.length) + (options === '' ? '' : ` ${options}`);
}

/** A command in a sentence: between backticks, or the name of the program before that of a command. */
const commandIn =
  /`(?<ticked>undertext [^`]+)`|(?<![\w/.@-])undertext (?=(?:accept|audit|blame|cat|diff|find|log|ls|prune|reopen|restore|show|snapshot|status|undo|verify|watch)\b)/g;

/** A sentence of ours with commands in it. What a file or a person says must never come in here. */
export function runnableIn(sentence: string, here: Here): string {
  if (here.program === installed.program && here.options === '') return sentence;
  if (/^undertext [^;:`]+$/.test(sentence)) return runnable(sentence, here);
  return sentence.replace(commandIn, (_, ticked?: string) => {
    if (ticked === undefined) return `${here.program} `;
    return `\`${runnable(ticked, isHelp(ticked) ? { ...here, options: '' } : here)}\``;
  });
}

function isHelp(command: string): boolean {
  return command.includes('--help');
}
