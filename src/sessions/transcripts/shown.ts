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
/** A read without a limit of its own stops at so many lines. */
const defaultLimit = 2000;
const cut = /\.\.\. \[truncated\]$|^\[?\.\.\. ?\d+ lines (?:truncated|omitted)/;

/** Null when no line of it has a number. */
export function shownText(answer: string): Shown | null {
  const rest = withoutReminders(lf(answer));
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

function withoutReminders(answer: string): string {
  let rest = answer;
  while (reminder.test(rest)) rest = rest.replace(reminder, '');
  for (;;) {
    const end = rest.trimEnd();
    const start = end.endsWith('</system-reminder>') ? end.lastIndexOf('<system-reminder>') : -1;
    if (start === -1) return rest;
    let last = start;
    while (end[last - 1] === '\n') last--;
    rest = end.slice(0, last);
  }
}

export function isEmptyFileNotice(answer: string): boolean {
  return /<system-reminder>\s*Warning: the file exists but the contents are empty/.test(answer);
}
