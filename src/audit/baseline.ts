/** What was wrong already when a root was first looked at: nobody knows since when, so it is counted and not told. */
import type { Version } from '../model.ts';
import type { Case } from './incidents.ts';
import type { Run } from './run.ts';
import { keyOf } from './run.ts';

export const AT_FIRST_LOOK = 'it was so when undertext first looked';

/**
 * Nothing was lost, and the version that broke it was there at the first look, or no such version is known and everything
 * that the incident is about was there. It is reported anew on every run and booked nowhere: when one of twelve files is put in
 * order, the other eleven are no news.
 */
export function isOfFirstLook({ incident, cause, related }: Case, run: Run): boolean {
  if (incident.lost !== null || run.input.hasBaseline === false) return false;
  const isFirstLook = (version: typeof cause) => version !== null && (run.input.isFirstLook?.(version) ?? false);
  if (cause !== null) return isFirstLook(cause) && !(related.length === 0 && wasOtherBefore(cause, run));
  return [incident.path, ...related].every(path => {
    // What a record tells of was never looked at.
    const first = run.files.get(keyOf({ root: incident.root, path }))?.versions.find(({ how }) => how !== 'import');
    return first === undefined || isFirstLook(first);
  });
}

/**
 * True when an imported version of the file is older than the one that the first look found: then the file was in order once, and a
 * write that the history encloses broke it. An incident about several files has a target that no history may know.
 */
function wasOtherBefore({ root, path, seenAt }: Version, run: Run): boolean {
  const older = run.files.get(keyOf({ root, path }))?.versions.findLast(version => version.seenAt < seenAt);
  return older?.kind === 'file' && older.how === 'import';
}
