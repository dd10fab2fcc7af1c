/** What shall run every night, whoever runs it. */
import { UndertextError } from '../errors.ts';
import type { Time } from '../model.ts';

export interface Job {
  /** The command: absolute path of Node, absolute path of the program, its arguments. */
  readonly words: readonly string[];
  /** What it finds in its environment besides what everybody has. */
  readonly env: Readonly<Record<string, string>>;
  readonly at: Moment;
  /** Whom cron writes to; null: whoever it writes to anyway. */
  readonly mail: string | null;
  /** True: open incidents (exit code 1) are a failure of the job. */
  readonly isFailure: boolean;
}

/** A time of day, as the machine's clock shows it. */
export interface Moment {
  readonly hour: number;
  readonly minute: number;
}

/** Stands in everything that was written by us: nothing else is ever changed or removed. */
export const mark = 'written by `undertext schedule install`; `undertext schedule remove` takes it away';

/** `03:15`. @throws UndertextError `usage` */
export function momentOf(text: string): Moment {
  const [, hour, minute] = /^(\d{1,2}):(\d\d)$/.exec(text) ?? [];
  if (hour !== undefined && Number(hour) < 24 && Number(minute) < 60) {
    return { hour: Number(hour), minute: Number(minute) };
  }
  throw new UndertextError('usage', `--at "${text}" is no time of day`, 'write it as 03:15');
}

export function inDigits({ hour, minute }: Moment): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** When the clock shows that next. */
export function nextAt({ hour, minute }: Moment, now: Time): Time {
  const next = new Date(now);
  next.setHours(hour, minute, 0, 0);
  if (next.getTime() <= now) next.setDate(next.getDate() + 1);
  return next.getTime();
}

/** @throws UndertextError `usage` for what no unit file, list and crontab can hold */
export function refuseUnwritable({ words, env, mail }: Job): void {
  for (const text of [...words, ...Object.values(env), mail ?? '']) {
    if (!/\p{Cc}/u.test(text)) continue;
    throw new UndertextError('usage', `${JSON.stringify(text)} has a control character in it`, 'give it another name');
  }
  if (mail === null || /^[^\s"'%\\]+$/.test(mail)) return;
  throw new UndertextError('usage', `--mail "${mail}" is no address`, 'write it as me@example.org');
}

/** As one word of a POSIX shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
