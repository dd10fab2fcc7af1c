/** Moments as people read them: by the local clock. JSON has ISO times. */
import type { Time } from '../model.ts';

/** `14:02:50` today, `2026-11-20 14:02` on another day. */
export function clock(at: Time, now: Time): string {
  const [there, here] = [dateOf(at), dateOf(now)];
  if (there.toDateString() !== here.toDateString())
    return `${day(there)} ${two(there.getHours())}:${two(there.getMinutes())}`;
  return [there.getHours(), there.getMinutes(), there.getSeconds()].map(two).join(':');
}

/** A clock for moments that stand side by side: with milliseconds where some would read the same without. */
export function clockFor(moments: readonly Time[], now: Time): (at: Time) => string {
  const plain = new Set(moments.map(at => clock(at, now)));
  if (plain.size === new Set(moments).size) return at => clock(at, now);
  return at => {
    const [seconds, thousandths] = [two(new Date(at).getSeconds()), String(new Date(at).getMilliseconds())];
    const short = clock(at, now);
    return `${short}${short.length === 8 ? '' : `:${seconds}`}.${thousandths.padStart(3, '0')}`;
  };
}

/** `3 h`, `2 min`: how long it was, in its largest unit. */
export function duration(milliseconds: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ] as const;
  const [size, name] = units.find(([size]) => milliseconds >= size) ?? [1, 'ms'];
  return `${Math.floor(milliseconds / size)} ${name}`;
}

/** `2026-11-20T22:00:00.000Z` */
export function iso(at: Time): string {
  return dateOf(at).toISOString();
}

/** A file may claim any time; what no calendar reaches is shown as the end of it. */
function dateOf(at: Time): Date {
  const most = 8.64e15;
  return new Date(Math.max(-most, Math.min(most, at)));
}

function day(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
