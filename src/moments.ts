/**
 * Moments in sentences. A rule writes a moment down in a form that says which one it is, and whoever prints the sentence
 * chooses: the local clock for a person, ISO 8601 for a program, whose reader may sit in another time zone.
 */
import type { Time } from './model.ts';

/** `local`: `14:03:20`; `iso`: `2026-11-20T14:03:20.000Z`; `marked`: as rules write it, for what is kept. */
export type Moments = 'local' | 'iso' | 'marked';

/** What the local clock shows of it: the time; with the date; with milliseconds. */
interface Shows {
  readonly date: boolean;
  readonly milliseconds: boolean;
}

/** `⟨2026-11-20T14:03:20.000Z⟩`, `⟨date ms 2026-11-20T14:03:20.123Z⟩` */
export function marked(time: Time, { date, milliseconds }: Shows): string {
  return `⟨${date ? 'date ' : ''}${milliseconds ? 'ms ' : ''}${dateOf(time).toISOString()}⟩`;
}

const mark = /⟨(?<date>date )?(?<ms>ms )?(?<iso>[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)⟩/g;

/** The sentence as it is read; `marked` leaves it as it is. */
export function inMoments(sentence: string, as: Moments): string {
  if (as === 'marked' || !sentence.includes('⟨')) return sentence;
  return sentence.replace(mark, (whole, date, ms, iso: string) => {
    const time = Date.parse(iso);
    if (Number.isNaN(time)) return whole;
    return as === 'iso' ? iso : localClock(time, { date: date !== undefined, milliseconds: ms !== undefined });
  });
}

/** `14:02:50`, `2026-11-20 14:02:50.123` */
export function localClock(time: Time, { date, milliseconds }: Shows): string {
  const at = dateOf(time);
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const exact = milliseconds ? `${hours}.${String(at.getMilliseconds()).padStart(3, '0')}` : hours;
  return date ? `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${exact}` : exact;
}

/** A file may claim any time; what no calendar reaches is the end of it. */
function dateOf(time: Time): Date {
  const most = 8.64e15;
  return new Date(Math.max(-most, Math.min(most, time)));
}
