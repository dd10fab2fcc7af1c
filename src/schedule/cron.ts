/** A block of a crontab: crontab(5). Every line outside of it stays as it is, byte for byte. */
import { type Job, type Moment, mark, shellWord } from './job.ts';

const begin = `# undertext schedule: begin (${mark})`;
const end = '# undertext schedule: end';

/** The block, each line with its end. */
export function blockText({ words, env, at, mail }: Job): string {
  const variables = Object.entries(env).map(([name, value]) => shellWord(`${name}=${value}`));
  const command = ['nice', '-n', '10', 'env', ...variables, ...words.map(shellWord)].join(' ');
  return [
    begin,
    ...(mail === null
      ? []
      : ['# a MAILTO counts for every line below it: this block stays the last', `MAILTO=${mail}`]),
    // A percent sign would end the command.
    `${at.minute} ${at.hour} * * * ${command.replaceAll('%', '\\%')}`,
    end,
    '',
  ].join('\n');
}

/** The crontab with that block at its end, in place of one that was there. */
export function withBlock(crontab: string, block: string): string {
  const others = withoutBlock(crontab);
  return `${others}${others === '' || others.endsWith('\n') ? '' : '\n'}${block}`;
}

export function withoutBlock(crontab: string): string {
  const block = blockIn(crontab);
  return block === null ? crontab : crontab.replace(block, '');
}

/** Our block; null when there is none, or its end is gone: then nobody knows what of it is ours. */
export function blockIn(crontab: string): string | null {
  const from = startsOf(crontab, begin)[0];
  if (from === undefined) return null;
  const to = startsOf(crontab, end).find(start => start > from);
  if (to === undefined) return null;
  const line = crontab.indexOf('\n', to);
  return crontab.slice(from, line === -1 ? undefined : line + 1);
}

/** True when a block begins that does not end. */
export function isTorn(crontab: string): boolean {
  return startsOf(crontab, begin).length > 0 && blockIn(crontab) === null;
}

export function wordsIn(block: string): readonly string[] | null {
  const [, command] = /^\d+ \d+ \* \* \* nice -n 10 env ([^\n]*)/m.exec(block) ?? [];
  if (command === undefined) return null;
  const words = [...command.replaceAll('\\%', '%').matchAll(/(?:'[^']*'|\\')+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|\\(')/g, (_, plain, quote) => plain ?? quote),
  );
  const first = words.findIndex(word => !/^[A-Z_]+=/.test(word));
  return words.slice(first);
}

export function momentIn(block: string): Moment | null {
  const [, minute, hour] = /^(\d+) (\d+) \* \* \* /m.exec(block) ?? [];
  return hour === undefined ? null : { hour: Number(hour), minute: Number(minute) };
}

/** Where the lines begin that are this one. */
function startsOf(crontab: string, line: string): readonly number[] {
  const starts: number[] = [];
  for (let at = crontab.indexOf(line); at !== -1; at = crontab.indexOf(line, at + 1)) {
    const isWhole = (at === 0 || crontab[at - 1] === '\n') && ['\n', undefined].includes(crontab[at + line.length]);
    if (isWhole) starts.push(at);
  }
  return starts;
}
