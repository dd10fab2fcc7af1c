/** What a model was shown of a file, where only the text of the answer is kept: numbered lines between reminders. */
import { lf } from './record.ts';

export interface Shown {
  readonly text: string;
  readonly firstLine: number;
  /** True when it can only be the whole file: from line 1, without a gap, and below the limit of a read. */
  readonly isWhole: boolean;
}

/** `     1→text` up to 2.1.72 and `1⇥text` since 2.1.100. */
const numbered = /^ {0,9}(\d{1,9})(?:→|\t)(.*)$/s;
const reminder = /^\s*<system-reminder>[\s\S]*?<\/system-reminder>\s?\n?/;
const lastReminder = /\n*<system-reminder>(?:(?!<system-reminder>)[\s\S])*<\/system-reminder>\s*$/;
/** A read without a limit of its own stops at so many lines. */
const defaultLimit = 2000;
const cut = /\.\.\. \[truncated\]$|^\[?\.\.\. ?\d+ lines (?:truncated|omitted)/;

/** Null when no line of it has a number. */
export function shownText(answer: string): Shown | null {
  let rest = lf(answer);
  while (reminder.test(rest)) rest = rest.replace(reminder, '');
  while (lastReminder.test(rest)) rest = rest.replace(lastReminder, '');
  const lines: string[] = [];
  let first: number | null = null;
  let isWhole = true;
  for (const line of rest.split('\n')) {
    const [, number, text] = numbered.exec(line) ?? [];
    if (number === undefined || text === undefined) {
      if (line.trim() !== '') isWhole = false;
      else if (lines.length > 0) isWhole = false;
      continue;
    }
    first ??= Number(number);
    if (Number(number) !== first + lines.length || cut.test(text)) isWhole = false;
    lines.push(text);
  }
  if (first === null) return null;
  return { text: lines.join('\n'), firstLine: first, isWhole: isWhole && first === 1 && lines.length < defaultLimit };
}

export function isEmptyFileNotice(answer: string): boolean {
  return /<system-reminder>\s*Warning: the file exists but the contents are empty/.test(answer);
}
