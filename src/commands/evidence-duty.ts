/**
 * What a watcher does with the transcripts: they are written after the file, so it looks into them when they grew, and
 * waits a moment before it tells what they may still prove or clear.
 */
import type { Incident, Time, Version } from '../model.ts';
import { newerInWords } from '../report/evidence-text.ts';
import type { Place } from '../sessions/evidence.ts';
import { pathKey } from './audit-now.ts';
import { collectNow } from './collect-now.ts';
import type { Setup } from './setup.ts';
import { evidenceOf } from './testimony.ts';

/** So long an incident that is not proven is held back: a result is in the transcript by then (milliseconds). */
const patience = 2_000;
/** So long after its cause it is asked for again, though no transcript was seen to grow (milliseconds). */
const hope = 120_000;
/** No more often than this, whatever grows; and all transcripts, whose listing holds up the watcher, more seldom (milliseconds). */
const pause = 1_000;
const pauseOfAll = 10_000;

export interface EvidenceDuty {
  /** A version came: that of a transcript says that there is news. */
  notice(version: Version): void;
  /** Looks into the transcripts when that is due, or it is the last time; the keys of the paths they told something new of. */
  news(isLast?: boolean): Promise<ReadonlySet<string>>;
  /** When it may be told; null: at once. */
  waitFor(incident: Incident): Time | null;
}

/** `warn` hears once of clients that are newer than any this was tested with. */
export function evidenceDuty(
  setup: Setup,
  warn: (code: string, message: string, hint: string) => Promise<void>,
): EvidenceDuty {
  const { now } = setup.world;
  const elapsed = () => performance.now();
  const grown = new Map<string, Place>();
  /** False until all transcripts were read once: then only what grew is new. */
  let wasRead = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let askedAllAt = Number.NEGATIVE_INFINITY;
  let hopeUntil = 0;
  const told = new Set<string>();
  const collected = async (isOfAll: boolean, isToTheEnd: boolean) => {
    const some = [...grown];
    grown.clear();
    askedAt = elapsed();
    if (isOfAll) askedAllAt = askedAt;
    try {
      const only = isOfAll ? {} : { only: some.map(([, place]) => place) };
      const found = await collectNow(setup, { isSilent: true, isToTheEnd, ...only });
      wasRead ||= !setup.world.signal.aborted;
      return found;
    } catch (error) {
      for (const [key, place] of some) grown.set(key, place);
      throw error;
    }
  };
  return {
    notice({ root, path }) {
      if (/(^|\/)projects\/.*\.jsonl$/.test(path)) grown.set(pathKey({ root, path }), { root, path });
    },
    async news(isLast = false) {
      const isHopeful = elapsed() < hopeUntil && elapsed() - askedAllAt >= pauseOfAll;
      const isDue = (grown.size > 0 || !wasRead || isHopeful) && elapsed() - askedAt >= pause;
      // Once all was read, what is left is little.
      const isToTheEnd = isLast && wasRead;
      if (!isDue && !isToTheEnd) return new Set();
      const { places, added, coverage } = await collected(!wasRead || isHopeful || isLast, isToTheEnd);
      const newer = coverage.newer.filter(version => !told.has(version));
      for (const version of newer) told.add(version);
      if (newer.length > 0) {
        await warn(
          'client-version',
          newerInWords(newer),
          'what they tell may be incomplete; a newer undertext may know them',
        );
      }
      return new Set([...places, ...added].map(pathKey));
    },
    waitFor({ cause, certainty }) {
      if (cause === null || certainty === 'proven') return null;
      const age = now() - cause.at;
      if (age < hope) hopeUntil = Math.max(hopeUntil, elapsed() + Math.min(hope, hope - age));
      const at = cause.at + patience;
      // A cause of the future was recorded before the clock was set back: how old it is cannot be known.
      return age >= 0 && age < patience && evidenceOf(setup).sessions().length > 0 ? at : null;
    },
  };
}
