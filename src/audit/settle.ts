/** Cases → incidents with their states, those the ledger alone still knows among them, and what is to be booked. */
import type { Incident, Note, Time, Version } from '../model.ts';
import { AT_FIRST_LOOK, isOfFirstLook } from './baseline.ts';
import { ignoredBy } from './ignores.ts';
import type { Case } from './incidents.ts';
import { byUrgency } from './incidents.ts';
import type { LedgerState } from './ledger.ts';
import { ledgerOf, openNote, resolveNote } from './ledger.ts';
import { readable } from './look.ts';
import type { Run } from './run.ts';
import { CODE_VERSION, cached, keyOf, signatureOf } from './run.ts';
import { isInScope } from './scope.ts';
import type { Closing } from './states.ts';
import { cameBack, closingOf } from './states.ts';

/** States, the ledger's own incidents, and what is to be written into it. */
export async function settle(
  found: readonly Case[],
  run: Run,
): Promise<{ incidents: readonly Incident[]; notes: readonly Note[] }> {
  const { input } = run;
  const ledger = ledgerOf(input.notes);
  const cases = underKnownIds(found, ledger).filter(({ incident, causedAt }) => {
    if (incident.lost === null || causedAt === null || ledger.has(incident.id)) return true;
    return !input.isThinned?.(incident, causedAt);
  });
  const notes: Note[] = [];
  const incidents: Incident[] = [];
  const ofFirstLook = new Set(cases.filter(each => isOfFirstLook(each, run)).map(({ incident }) => incident.id));
  const isOfFolder = (id: string) => run.rules.some(({ rule }) => rule.id === id && rule.checkFolder !== undefined);
  const reported = new Set(cases.map(({ incident }) => incident.id));
  const add = async (seen: Incident, causedAt: Time | null, goneBy: () => Promise<string | null>) => {
    const entry = ledger.get(seen.id);
    const known = entry === undefined ? acceptedBefore(seen, ledger) : null;
    if (known !== null) {
      incidents.push({ ...seen, state: 'accepted', closed: known });
      return;
    }
    if (ofFirstLook.has(seen.id) && entry?.accepted == null) {
      incidents.push({ ...seen, state: 'accepted', closed: AT_FIRST_LOOK, baseline: true });
      return;
    }
    const incident = asProven(seen, entry);
    // What is wrong now is open, whatever was booked: it may have been in order for a while.
    const isThere = (incident.lost === null || incident.standing === true) && reported.has(incident.id);
    const back = await backIn(incident, causedAt, run);
    const decided = incident.lost === null ? undefined : input.decisions?.get(incident.id);
    const closes = closingOf(entry, causedAt, back, isThere, decided);
    // Of what is closed already nobody asks what became of it: books grow old, and that reads versions.
    // Nor where a restore was undone: it is as it was.
    const isGone = closes.state === 'open' && back === null ? await goneBy() : null;
    const closing = isGone ? { state: 'resolved' as const, closed: isGone } : closes;
    const now = { ...incident, ...closing };
    const isRevised = incident.certainty === 'proven' && entry !== undefined && entry.incident.certainty !== 'proven';
    if (!entry || (closing.state === 'open' && (entry.resolved || isRevised)))
      notes.push(openNote({ ...now, state: 'open', closed: null }, input.now));
    if (closing.state === 'resolved' && !entry?.resolved) notes.push(resolveNote(now, input.now));
    if (input.since === undefined || (causedAt ?? input.now) >= input.since) incidents.push(now);
  };
  // Path by path: what is read of one is then still at hand.
  const byPath = cases.toSorted(({ incident: a }, { incident: b }) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (const { incident, causedAt } of byPath) await add(incident, causedAt, async () => null);
  for (const [id, entry] of ledger) {
    if (reported.has(id) || !isInScope(entry.incident, input.only, isOfFolder)) continue;
    const left = entry.accepted == null && !entry.resolved ? await leftAlone(entry.incident, run) : null;
    if (left !== null) {
      incidents.push({ ...entry.incident, state: 'accepted', closed: left });
      continue;
    }
    const causedAt = causeOf(entry.incident, run)?.seenAt ?? entry.incident.cause?.at ?? null;
    await add(await asJudgedNow(entry.incident, causedAt, run), causedAt, () => goneBy(entry, cases, run));
  }
  return { incidents: incidents.sort(byUrgency), notes };
}

/** What is left of something wrong, when some of it was put in order, is still the same incident. */
function underKnownIds(found: readonly Case[], ledger: ReadonlyMap<string, LedgerState>): readonly Case[] {
  const taken = new Set(found.map(({ incident }) => incident.id));
  return found.map(each => {
    const { incident } = each;
    if (incident.lost !== null || incident.units.length === 0 || ledger.has(incident.id)) return each;
    for (const [id, { incident: then, resolved, accepted }] of ledger) {
      if (resolved || accepted !== null || taken.has(id) || !isPartOf(incident, then)) continue;
      taken.add(id);
      const restore = incident.restore && `undertext restore ${id}`;
      return { ...each, incident: { ...incident, id, restore } };
    }
    return each;
  });
}

/** Of what is wrong now: true when all of it was wrong then, by the same cause. */
function isPartOf(now: Incident, then: Incident): boolean {
  if (then.lost !== null || then.root !== now.root || then.path !== now.path) return false;
  if (then.cause?.version !== now.cause?.version) return false;
  const known = new Set(then.units.map(({ fingerprint }) => fingerprint));
  return now.units.every(({ fingerprint }) => known.has(fingerprint));
}

/**
 * Of what is wrong now: the reason that was given for it when it was accepted together with more, of which the rest is in
 * order by now. Null when something of it is new.
 */
function acceptedBefore(incident: Incident, ledger: ReadonlyMap<string, LedgerState>): string | null {
  if (incident.lost !== null || incident.units.length === 0) return null;
  for (const { incident: then, accepted } of ledger.values()) {
    if (accepted !== null && isPartOf(incident, then)) return accepted;
  }
  return null;
}

/**
 * Why nobody tells of an incident any more: every rule that told of it leaves its path alone now, or none is asked. Null
 * when one of them does tell. Booked nowhere.
 */
async function leftAlone({ root, path, findings }: Incident, run: Run): Promise<string | null> {
  const isAsked = (id: string) => run.rules.some(({ rule }) => rule.id === id);
  if (!findings.some(({ rule }) => isAsked(rule))) return `the rule ${findings[0]?.rule} is switched off, or not there`;
  const whys: string[] = [];
  for (const { rule } of findings) {
    const ignored = await ignoredBy(rule, { root, path }, run);
    if (ignored === null) return null;
    whys.push(
      ignored.reason ?? (ignored.how === 'marker' ? 'a marker in the file says so' : 'the configuration says so'),
    );
  }
  return whys[0] ?? null;
}

/** What was proven stays proven: the transcripts that proved it are deleted after some weeks. */
function asProven(incident: Incident, entry: LedgerState | undefined): Incident {
  const then = entry?.incident;
  if (then?.certainty !== 'proven' || incident.certainty === 'proven' || then.forgotten !== undefined) return incident;
  if (then.cause?.version !== incident.cause?.version) return incident;
  const { certainty, severity, lost, cause, base, findings, message } = then;
  return { ...incident, certainty, severity, lost, cause, base, findings, message };
}

async function backIn(incident: Incident, causedAt: Time | null, run: Run): Promise<Closing | null> {
  const file = run.files.get(keyOf(incident));
  if (!file) return null;
  const key = `back ${CODE_VERSION} ${incident.id} ${causedAt} ${signatureOf(file)}`;
  return readable(run, file.path, null, () =>
    cached(run.input.cache, key, () => cameBack(incident.fingerprints, causedAt, file, run.reader)),
  );
}

/** Why an incident that no rule reports any more is over; null while only the history is thinner. */
async function goneBy({ incident }: LedgerState, cases: readonly Case[], run: Run): Promise<string | null> {
  const { fingerprints, cause } = incident;
  // Nobody can say any more what became of a text that is forgotten.
  if (incident.forgotten !== undefined && incident.lost !== null) return null;
  const heir = cases.find(({ incident: other }) => {
    if (other.root !== incident.root || other.path !== incident.path) return false;
    if (fingerprints.length === 0) return other.fingerprints.length === 0 && haveCommonUnits(incident, other);
    const has = (fingerprint: string) => other.fingerprints.includes(fingerprint);
    return other.cause?.version === cause?.version ? fingerprints.some(has) : fingerprints.every(has);
  });
  if (heir) return `it is part of ${heir.incident.id}`;
  if (fingerprints.length > 0 && !incident.standing)
    return readable(run, incident.path, null, () => explained(incident, run));
  // What is too young to be told now may be this, and more.
  if (run.again?.only.has(keyOf(incident))) return null;
  return haveRun(incident, run) ? 'it is in order again' : null;
}

/** True when each rule that reported the incident was asked and answered. */
function haveRun({ findings }: Incident, { rules, failed }: Run): boolean {
  const ran = (id: string) =>
    rules.some(({ rule }) => rule.id === id) && !failed.some(failure => failure.rule === id || failure.rule === '*');
  return findings.every(({ rule }) => ran(rule));
}

/**
 * An incident that no rule reports any more, though its edit is there as it was: later versions showed that its file goes
 * through this all the time, or the rules know better now. It stays in the list, as a weak one. What was proven stays proven.
 */
async function asJudgedNow(incident: Incident, causedAt: Time | null, run: Run): Promise<Incident> {
  if (incident.certainty === 'proven' || incident.lost === null || incident.standing === true) return incident;
  if (incident.forgotten !== undefined || !haveRun(incident, run)) return incident;
  if (causedAt !== null && run.input.isThinned?.(incident, causedAt)) return incident;
  const file = run.files.get(keyOf(incident));
  const edits = file ? await readable(run, file.path, [], async () => (await run.whole(file)).edits) : [];
  const isThere = edits.some(({ after }) => after.id === incident.cause?.version);
  return isThere ? { ...incident, certainty: 'possible', severity: 'low' } : incident;
}

function haveCommonUnits(a: Incident, b: Incident): boolean {
  return a.units.some(unit => b.units.some(other => other.fingerprint === unit.fingerprint));
}

/** What became of it, when the edit is still known and of all that it took away nothing is lost any more. */
async function explained(incident: Incident, run: Run): Promise<string | null> {
  const file = run.files.get(keyOf(incident));
  const cause = causeOf(incident, run);
  if (!file || !cause) return null;
  const edit = (await run.whole(file)).edits.find(({ after }) => after.id === cause.id);
  // It is known, but no edit leads to it any more: it was a piece of a write that went on.
  if (file.class === 'log') return null;
  if (!edit) return file.edits.some(({ after }) => after.id === cause.id) ? 'the file was still being written' : null;
  const gone = new Map((await run.account(edit)).removed.map(({ unit, fate }) => [unit.fingerprint, fate]));
  const fates = incident.fingerprints.map(fingerprint => gone.get(fingerprint) ?? 'lost');
  if (fates.every(fate => fate === 'seen')) return 'it was meant';
  return fates.some(fate => fate === 'lost' || fate === 'noise') ? null : 'the text turned up elsewhere';
}

function causeOf(incident: Incident, run: Run): Version | undefined {
  return run.files.get(keyOf(incident))?.versions.find(version => version.id === incident.cause?.version);
}
