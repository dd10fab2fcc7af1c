/** Times and versions as people type them. */
import type { Time, Version } from '../model.ts';

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const lengths: Record<string, number> = { s: SECOND, m: 60 * SECOND, h: 3600 * SECOND, d: DAY, w: 7 * DAY };
const AGO = /^(\d+(?:\.\d+)?)\s*(s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?|w|weeks?)(?:\s+ago)?$/;
const CLOCK = /^(?:(today|yesterday)\s+)?(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/;
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * `2h`, `90 minutes`, `3d ago`, `now`, `today` (its midnight), `yesterday` (24 hours back), `14:02`, `14:02:50`,
 * `yesterday 14:02`, ISO 8601. Without a zone it is local time; a clock time that is still to come was yesterday's.
 */
export function parseTime(text: string, now: Time): Time | null {
  const words = text.trim().toLowerCase().replace(/\s+/g, ' ');
  if (words === 'now') return now;
  if (words === 'today') return midnight(now);
  if (words === 'yesterday') return now - DAY;
  const ago = AGO.exec(words);
  if (ago) return now - Number(ago[1]) * lengths[ago[2]![0]!]!;
  const clock = CLOCK.exec(words);
  if (clock) return clockTime(clock, now);
  if (!ISO.test(text.trim())) return null;
  const [date = '', ...rest] = text.trim().split(/[T ]/i);
  const time = Date.parse(`${date}T${rest.join('').replace(',', '.') || '00:00'}`);
  return Number.isNaN(time) ? null : time;
}

/** An id or a prefix of one, `latest`, or a time: then the version that stood there at that moment. A leading `@` is allowed. */
export function pickVersion(versions: readonly Version[], spec: string, now: Time): Version | null {
  const wanted = spec.trim().replace(/^@/, '');
  if (wanted === 'latest') return versions.at(-1) ?? null;
  const exact = versions.find(version => version.id === wanted);
  if (exact) return exact;
  const time = parseTime(wanted, now);
  if (time !== null) return versions.filter(version => version.at <= time).at(-1) ?? null;
  const named = wanted === '' ? [] : versions.filter(version => version.id.startsWith(wanted));
  return named.length === 1 ? named[0]! : null;
}

function clockTime([, day, hours, minutes, seconds]: RegExpExecArray, now: Time): Time | null {
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds ?? 0) >= 60) return null;
  const date = new Date(midnight(now));
  if (day === 'yesterday') date.setDate(date.getDate() - 1);
  date.setHours(Number(hours), Number(minutes), 0, Number(seconds ?? 0) * SECOND);
  if (day === undefined && date.getTime() > now) date.setDate(date.getDate() - 1);
  return date.getTime();
}

function midnight(now: Time): Time {
  return new Date(now).setHours(0, 0, 0, 0);
}
