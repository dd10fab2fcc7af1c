/** Histories in, incidents out: every rule over every path and folder that changed since it was last looked at. */
import { gather } from '../documents/gather.ts';
import { folderHistories } from '../history/history.ts';
import type { Incident, Note, Time } from '../model.ts';
import type { Suppressed } from './ignores.ts';
import { withoutIgnored } from './ignores.ts';
import type { Sighting } from './incidents.ts';
import { casesOf } from './incidents.ts';
import { lookAtFolder, lookAtPath, readable } from './look.ts';
import type { Again, AuditInput, FailedRule, Limited, Run, Waiting } from './run.ts';
import { CODE_VERSION, cached, keyOf, postpone, prepare } from './run.ts';
import { foldersIn, isIn, isLookedAt } from './scope.ts';
import { settle } from './settle.ts';
import { isYounger } from './torn.ts';
import { withMoments } from './with-moments.ts';

export type { Suppressed } from './ignores.ts';
export type { Again, AuditCache, AuditInput, FailedRule, Limited, Waiting } from './run.ts';
export type { Suppression } from './suppression.ts';

export interface AuditResult {
  /** Every state, worst first. */
  readonly incidents: readonly Incident[];
  readonly failedRules: readonly FailedRule[];
  /** What was compared in a cheaper way: its findings are right, but may name lines where they could name a section. */
  readonly limited: readonly Limited[];
  /** What the configuration or a file itself wanted to be left alone. */
  readonly suppressed: readonly Suppressed[];
  /** Deletions that are too young to be judged; each path once. */
  readonly waiting: readonly Waiting[];
  /** To be added to the ledger. */
  readonly notes: readonly Note[];
  /** What was too young to be judged: look at these again (as `only`) at that time. Null when nothing waits. */
  readonly again: Again | null;
}

export async function runAudit(given: AuditInput): Promise<AuditResult> {
  const run = prepare(given);
  const { input } = run;
  const isWanted = isLookedAt(run.rules.map(({ rule }) => rule));
  const paths = input.histories.filter(file => isWanted(file) && isIn(input.only, file));
  const folders = folderHistories(input.histories, input.only && foldersIn(input.only));
  const steps = run.rules.some(({ rule }) => rule.checkFolder) ? [...paths, ...folders] : paths;
  const sightings: Sighting[] = [];
  for (const [done, place] of steps.entries()) {
    await input.turn?.();
    input.signal?.throwIfAborted();
    sightings.push(...(await ('files' in place ? lookAtFolder(place, run) : lookAtPath(place, run))));
    input.onProgress?.(done + 1, steps.length);
  }
  // What a folder says of a path is one incident with what the path itself says, so that must be known too.
  const known = new Set(paths.map(keyOf));
  for (const key of new Set(sightings.map(({ root, finding }) => keyOf({ root, path: finding.path })))) {
    const file = known.has(key) ? undefined : run.files.get(key);
    if (file && isWanted(file)) sightings.push(...(await lookAtPath(file, run)));
  }
  const { told, suppressed } = await withoutIgnored(sightings, run);
  const cases = await casesOf(ripe(told, run), {
    gathered: (lost, units, id) =>
      readable(run, lost.path, units, () =>
        cached(input.cache, `units ${CODE_VERSION} ${id} ${lost.id}`, async () =>
          gather(units, await run.reader.document(lost)),
        ),
      ),
    ...(input.testimony ? { writer: version => input.testimony!.writer(version) } : {}),
  });
  const settled = await settle(cases, run);
  return {
    ...settled,
    incidents: settled.incidents.map(incident => withMoments(incident, input.moments ?? 'local')),
    failedRules: eachOnce(run.failed),
    limited: eachOnce(run.limited),
    suppressed,
    waiting: [...new Map(run.waiting.map(each => [keyOf(each), each])).values()],
    again: run.again,
  };
}

/**
 * A finding about the present state, or about a file that went, is held back for the rule's `graceSeconds`: the line that a new file still lacks
 * is often written moments later, and a file is deleted after its line. What a scan found is told at once: nobody may look again.
 */
function ripe(sightings: readonly Sighting[], run: Run): readonly Sighting[] {
  return sightings.filter(({ root, rule, finding }) => {
    const options = run.rules.find(active => active.rule.id === rule)?.options as { graceSeconds?: number } | undefined;
    // What may have been meant, and is about other files as well, is often one step of several.
    const mayBeStep = finding.certainty === 'possible' && (finding.related ?? []).length > 0;
    if (finding.lost !== null && !mayBeStep && finding.cause?.kind !== 'gone') return true;
    if (finding.cause?.how !== 'event' || !options?.graceSeconds) return true;
    const newest = Math.max(finding.cause.seenAt, ...(finding.related ?? []).map(path => bornAt({ root, path }, run)));
    const grace = options.graceSeconds * 1000;
    if (!isYounger(newest, grace, run.input.now)) return true;
    const due = newest + grace;
    postpone(run, due, { root, path: finding.path });
    if (finding.cause.kind === 'gone' && finding.lost) run.waiting.push({ root, path: finding.path, rule, until: due });
    return false;
  });
}

function eachOnce<T>(said: readonly T[]): readonly T[] {
  return [...new Map(said.map(one => [JSON.stringify(one), one])).values()];
}

/** When a watcher saw the file come to be; it may be the latest of those that one finding is about. */
function bornAt(place: { readonly root: string; readonly path: string }, run: Run): Time {
  const versions = run.files.get(keyOf(place))?.versions ?? [];
  const birth = versions[versions.findLastIndex(version => version.kind === 'gone') + 1];
  return birth?.how === 'event' ? birth.seenAt : 0;
}
