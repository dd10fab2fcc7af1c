/**
 * What a watcher does with the transcripts: they are written after the file, so it looks into them when they grew, and
 * waits a moment before it tells what they may still prove or clear.
 */
import type { Incident, Time, Version } from '../model.ts';
import { visible } from '../report/visible.ts';
import { pathKey } from './audit-now.ts';
import { collectNow } from './collect-now.ts';
import type { Setup } from './setup.ts';
import { evidenceOf } from './testimony.ts';

/** So long an incident that is not proven is held back: a result is in the transcript by then (milliseconds). */
const patience = 2_000;
/** So long after its cause it is asked for again, though no transcript was seen to grow (milliseconds). */
const hope = 120_000;
/** No more often than this, whatever grows (milliseconds). */
const pause = 1_000;

export interface EvidenceDuty {
  /** A version came: that of a transcript says that there is news. */
  notice(version: Version): void;
  /** Looks into the transcripts when that is due; the keys of the paths they told something new of. */
  news(): Promise<ReadonlySet<string>>;
  /** When it may be told; null: at once. */
  waitFor(incident: Incident): Time | null;
}

/** `warn` hears once of clients that are newer than any this was tested with. */
export function evidenceDuty(
  setup: Setup,
  warn: (code: string, message: string, hint: string) => Promise<void>,
): EvidenceDuty {
  const { now } = setup.world;
  let hasNews = true;
  let askedAt = Number.NEGATIVE_INFINITY;
  let hopeUntil = 0;
  const told = new Set<string>();
  return {
    notice({ path }) {
      hasNews ||= /(^|\/)projects\/.*\.jsonl$/.test(path);
    },
    async news() {
      if ((!hasNews && now() > hopeUntil) || now() - askedAt < pause) return new Set();
      hasNews = false;
      askedAt = now();
      const { places, added, coverage } = await collectNow(setup, { isSilent: true });
      const newer = coverage.newer.filter(version => !told.has(version));
      for (const version of newer) told.add(version);
      if (newer.length > 0) {
        await warn(
          'client-version',
          `transcripts of Claude Code ${newer.map(visible).join(', ')} are newer than any this was tested with`,
          'what they tell may be incomplete; a newer undertext may know them',
        );
      }
      return new Set([...places, ...added].map(pathKey));
    },
    waitFor({ cause, certainty }) {
      if (cause === null || certainty === 'proven') return null;
      if (now() - cause.at < hope) hopeUntil = Math.max(hopeUntil, cause.at + hope);
      const at = cause.at + patience;
      return at > now() && evidenceOf(setup).sessions().length > 0 ? at : null;
    },
  };
}
