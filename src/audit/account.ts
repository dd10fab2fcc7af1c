/** What one edit took away, from which version it grew, and where everything went. */
import { posix } from 'node:path';
import { counterpart, similarity } from '../documents/compare.ts';
import { printCounts } from '../documents/contained.ts';
import { memberFates } from '../documents/member-changes.ts';
import { writtenAt } from '../history/history.ts';
import type { Base, Edit, PathHistory, Unit, UnitKind, Version } from '../model.ts';
import type { Account, Fate, RemovedUnit } from '../rule.ts';
import type { Fit } from './base.ts';
import { candidateIndexes, inferBase } from './base.ts';
import { hasKey, isBelievable, judge, SAME_LINE } from './certainty.ts';
import { versionBeforeConflict } from './conflict.ts';
import { beyond } from './counts.ts';
import { entryOfDeparted } from './departed.ts';
import type { Elsewhere, Gain, Texts } from './elsewhere.ts';
import { linesOf, standsIn } from './elsewhere.ts';
import type { Habits } from './habits.ts';
import { namesakesOf } from './namesakes.ts';
import { isMadeOf, nameOfLink } from './origin.ts';
import type { Partners } from './partners.ts';
import { partnersOf } from './partners.ts';
import { isSameWriter, proofOf } from './proof.ts';
import type { Reader } from './reader.ts';
import { indexOf, sinceOf } from './since.ts';
import type { Knowledge, Testimony } from './testimony.ts';
import { wordsLeft } from './words-left.ts';
import { fitOver, restOfWreck } from './wreck.ts';

/** What is back within this time was never away: the file was still being written. */
export const QUIET_MS = 2_000;
/** So many bytes of older versions are read to find the one that a write grew from: two seconds of the largest files. */
const BASE_BYTES = 32_000_000;

export interface AccountDeps {
  readonly reader: Reader;
  readonly elsewhere: Elsewhere;
  isNoise(path: string, unit: Unit): boolean;
  /** What the file usually goes through. */
  habits(file: PathHistory): Promise<Habits>;
  readonly testimony?: Testimony;
}

/**
 * `pieces`: versions that were only a part of a write, which nobody can have started from. `origin`: the version it grew from,
 * where that is not to be looked for.
 */
export async function accountOf(
  edit: Edit,
  file: PathHistory,
  pieces: ReadonlySet<string>,
  deps: AccountDeps,
  origin: Version | null = null,
): Promise<Account> {
  const { reader } = deps;
  const { before, after } = edit;
  if (!(await reader.takesAway(before, after))) return nothingGone(edit, await lazilyAdded(edit, reader));
  const unitsBefore = await reader.units(before);
  const unitsAfter = await reader.units(after);
  const gone = beyond(unitsBefore, await reader.counts(after));

  if (gone.every(unit => deps.isNoise(after.path, unit))) {
    // Counters and stamps change all day; no base is asked for them.
    const removed = gone.map((unit): RemovedUnit => ({ unit, fate: 'noise', since: before }));
    return { ...nothingGone(edit, await lazilyAdded(edit, reader)), removed };
  }

  const knowledge = after.how === 'restore' ? null : ((await deps.testimony?.knowledge(edit)) ?? null);
  const grown = origin ? grownFromOlder(origin) : await grownFrom(edit, knowledge, file, pieces, reader);
  const { base, fit } = grown;
  const isStale = base.version.id !== before.id;
  const baseCounts = await reader.counts(base.version);
  const added = beyond(unitsAfter, baseCounts);
  const isRest = await restOfWreck(before, after, base.version, reader);
  const gap = new Set(isStale ? beyond(unitsBefore, baseCounts).filter(unit => !isRest(unit)) : []);
  // Who by the records never had the whole, or nobody knows what, may have missed any of it.
  const mayHaveMissed = knowledge !== null && !knowledge.isPiecemeal && base.how === 'inferred';
  const isBlind = mayHaveMissed && !knowledge.isUnclear;
  const unknown = mayHaveMissed ? new Set(gone) : gap;
  const known = isStale ? await reader.units(base.version) : [];
  const traced = await removedUnits(gone, {
    edit,
    file,
    pieces,
    deps,
    added,
    isStale,
    known,
    unknown,
    knowledge,
    isRest,
  });
  if (
    knowledge === null &&
    fit !== null &&
    isStale &&
    !isBelievable(traced, gap, fit, known, await reader.counts(after))
  )
    return accountOf(edit, file, pieces, deps, before);
  if (knowledge === null && !isStale && origin === null && after.how !== 'restore') {
    const older = await versionBeforeConflict(traced, added, before, file, reader);
    if (older) return accountOf(edit, file, pieces, deps, older);
  }
  const proof = await proofOf(traced, {
    knowledge,
    isRead: base.how === 'known',
    gap,
    writer: version => deps.testimony?.writer(version) ?? Promise.resolve(null),
  });
  const { evidence } = proof;
  const removed = await withHabits(proof.removed, edit, file, deps);
  const overwritten = gone.filter(unit => proof.overwritten.has(unit));
  const told = added.filter(unit => !deps.isNoise(after.path, unit));
  const lost = removed.filter(({ fate }) => fate === 'lost').map(({ unit }) => unit);
  const left = lost.length === 0 ? 0 : wordsLeft(lost, unitsBefore, beyond(unitsAfter, await reader.counts(before)));
  const account = { edit, base, isStale, isBlind, removed, wordsLeft: left, added: told, overwritten, evidence };
  const isRewrite = !isStale && added.length > 0 && (await isMostlyNew(edit, reader));
  const judged = await judge(account, {
    fit: await fitOver(before, fit, reader),
    isProven: proof.isProven,
    mayHaveMissed,
    unitsBefore,
    unitsAfter,
    unitsOfBase: known,
    writtenAt: version => writtenAt(file.versions, indexOf(file, version)),
  });
  return { ...account, isRewrite, ...judged };
}

/** Marks what usually goes so in this file. Its history is only read when something is lost. */
async function withHabits(
  removed: readonly RemovedUnit[],
  edit: Edit,
  file: PathHistory,
  deps: AccountDeps,
): Promise<readonly RemovedUnit[]> {
  const lost = removed.filter(({ fate }) => fate === 'lost').map(({ unit }) => unit);
  if (lost.length === 0 || edit.after.kind !== 'file') return removed;
  const usual = (await deps.habits(file)).usual(edit, lost);
  return usual.size === 0 ? removed : removed.map(entry => ({ ...entry, isUsual: usual.has(entry.unit) }));
}

function nothingGone(edit: Edit, added: () => readonly Unit[]): Account {
  const base: Base = { version: edit.before, how: 'inferred' };
  return {
    edit,
    base,
    isStale: false,
    isBlind: false,
    isRewrite: false,
    wordsLeft: 0,
    removed: [],
    get added() {
      return added();
    },
    overwritten: [],
    evidence: [],
    certainty: 'possible',
    isClear: false,
  };
}

/** What came with an edit that took nothing away: hardly anybody asks. */
async function lazilyAdded({ before, after }: Edit, reader: Reader): Promise<() => readonly Unit[]> {
  const old = before.kind === 'file' ? await reader.document(before) : null;
  const young = after.kind === 'file' ? await reader.document(after) : null;
  let added: readonly Unit[] | null = null;
  return () => {
    added ??= beyond(young?.units ?? [], old ? printCounts(old) : new Map());
    return added;
  };
}

async function fitOf(
  { before, after }: Edit,
  file: PathHistory,
  pieces: ReadonlySet<string>,
  reader: Reader,
): Promise<Fit | null> {
  if (before.kind !== 'file' || after.kind !== 'file') return null;
  const at = indexOf(file, after);
  const to = indexOf(file, before);
  const candidates = [];
  const blobs = new Set([before.blob]);
  let bytes = 0;
  for (const i of candidateIndexes(file.versions, at)) {
    const version = file.versions[i]!;
    // What came between `before` and `after` is a torn piece of `after`.
    if (i >= to || version.kind !== 'file' || version.size === 0 || !version.settled) continue;
    if (pieces.has(version.id) || blobs.has(version.blob)) continue;
    blobs.add(version.blob);
    bytes += version.size;
    if (bytes > BASE_BYTES && candidates.length > 0) break;
    candidates.push({ version, counts: await reader.weight(version) });
  }
  return inferBase(await reader.weight(before), await reader.weight(after), candidates);
}

interface Grown {
  readonly base: Base;
  readonly fit: Fit | null;
}

/** The version a write grew from: what its writer last had, where a record says so; else what its content fits best. */
async function grownFrom(
  edit: Edit,
  knowledge: Knowledge | null,
  file: PathHistory,
  pieces: ReadonlySet<string>,
  reader: Reader,
): Promise<Grown> {
  const { before, after } = edit;
  if (knowledge?.isPiecemeal) return { base: { version: before, how: 'known' }, fit: null };
  const sight = knowledge?.isUnclear ? null : (knowledge?.sight ?? null);
  const known = (version: Version): Grown => {
    const isNewest = version.blob === before.blob || version.seenAt > before.seenAt;
    return { base: { version: isNewest ? before : version, how: 'known' }, fit: null };
  };
  if (sight && sight.how !== 'start') return known(sight.version);
  const fit = after.how === 'restore' ? null : await fitOf(edit, file, pieces, reader);
  if (!sight) return { base: { version: fit?.version ?? before, how: 'inferred' }, fit };
  // As it begins or is taken up again, a session is given what others wrote since, and never asked for it: what the write itself
  // says counts for more.
  const next = fit && file.versions[indexOf(file, fit.version) + 1];
  const isLate = fit !== null && fit.kept === 0 && fit.distance > 0 && (next?.at ?? 0) > knowledge!.began;
  return isLate ? { base: { version: fit.version, how: 'inferred' }, fit } : known(sight.version);
}

/** A part of what came since may stand in the write as well: it is never more than possible. */
function grownFromOlder(version: Version): Grown {
  return { base: { version, how: 'inferred' }, fit: null };
}

interface Scene {
  readonly edit: Edit;
  readonly file: PathHistory;
  readonly pieces: ReadonlySet<string>;
  readonly deps: AccountDeps;
  readonly added: readonly Unit[];
  readonly isStale: boolean;
  /** Of a stale write: what its base says. */
  readonly known: readonly Unit[];
  /** What the writer may not have known, as far as its base tells. */
  readonly unknown: ReadonlySet<Unit>;
  readonly knowledge: Knowledge | null;
  /** Of a broken version: what the whole text still says. */
  readonly isRest: (unit: Unit) => boolean;
}

/** Cheap reasons first; other files are read only for what no cheap reason explains. */
async function removedUnits(gone: readonly Unit[], scene: Scene): Promise<readonly RemovedUnit[]> {
  const { edit, file, pieces, deps, added, isStale, known, unknown, knowledge, isRest } = scene;
  const back = await cameBack(gone, scene);
  const here: Texts = { fingerprints: new Set(), lines: new Set(added.flatMap(linesOf)) };
  const [before, after] = [await deps.reader.units(edit.before), await deps.reader.units(edit.after)];
  // A counter in a heading that is back at an older value is still that heading.
  const headings = beyond(after, await deps.reader.counts(edit.before)).filter(({ kind }) => kind === 'section');
  const renamed = namesakesOf(gone, [...new Set([...added, ...headings])], before, after);
  const partners = partnersOf(gone, added);
  for (const partner of renamed.values()) partners.take(partner);
  if (partners.limited) deps.reader.limit(edit.after, partners.limited);
  const links = linksOf(added);
  const departures = [...deps.elsewhere.departures(edit.after.root, edit.after.at)];
  const linked = departures.length > 0 ? new Set((await deps.reader.units(edit.after)).map(nameOfLink)) : new Set();
  const isOfDeparted = entryOfDeparted(departures, edit.after.path);
  const firsts = await sinceOf(gone, edit.before, file, pieces, deps.reader);
  let gains: readonly Gain[] | null = null;
  const ofMember =
    edit.before.kind === 'file' && edit.after.kind === 'file'
      ? memberFates(await deps.reader.document(edit.before), await deps.reader.document(edit.after))
      : () => null;
  const isMissed = (unit: Unit) => isStale && unknown.has(unit);
  const isHis = async (version: Version) =>
    knowledge !== null && isSameWriter(await deps.testimony?.writer(version), knowledge.writer);
  const removed: RemovedUnit[] = [];
  for (const unit of gone) {
    const since = firsts.get(unit) ?? edit.before;
    let fate: Fate = 'lost';
    if (deps.isNoise(edit.after.path, unit)) fate = 'noise';
    else if (back.has(unit)) fate = 'back';
    else if (isRest(unit)) fate = 'edited';
    else if (edit.after.how === 'restore') fate = 'seen';
    else if (knowledge && (!unknown.has(unit) || (await isHis(since)))) fate = 'seen';
    else if (ofMember(unit, isMissed(unit)) === 'stands') fate = 'moved';
    else if (!isMissed(unit) && ofMember(unit, false) === 'edited') fate = 'edited';
    // Members of two objects share lines such as `"-y"`; none of them moved.
    else if (unit.kind !== 'member' && standsIn(unit, here)) fate = 'moved';
    else if (renamed.has(unit) || isFilled(unit, added)) fate = 'edited';
    else if (
      ofMember(unit, isMissed(unit)) !== 'lost' &&
      (takePartner(unit, partners, isMissed(unit) ? known : null) || isStillLinked(unit, links))
    )
      fate = 'edited';
    else if (!linked.has(nameOfLink(unit)) && isLineOfDeparted(unit, edit.after.path, departures)) fate = 'seen';
    else if (isOfDeparted(unit)) fate = 'seen';
    else {
      gains ??= await deps.elsewhere.gains(edit.after, gone);
      const isOverwritten = isStale && unknown.has(unit);
      if (gains.some(gain => wentThere(unit, since, edit, gain, isOverwritten))) fate = 'moved';
    }
    removed.push({ unit, fate, since });
  }
  const retitled = renamedHeadings(removed, before, after, added);
  return removed.map(entry => (retitled.has(entry.unit) ? { ...entry, fate: 'edited' } : entry));
}

/** Headings that went while all that stood under them still stands, now under a heading that is new. */
function renamedHeadings(
  removed: readonly RemovedUnit[],
  before: readonly Unit[],
  after: readonly Unit[],
  added: readonly Unit[],
): ReadonlySet<Unit> {
  const renamed = new Set<Unit>();
  const fresh = added.filter(unit => unit.kind === 'section');
  const lost = new Set(removed.filter(({ fate }) => fate === 'lost').map(({ unit }) => unit));
  if (fresh.length === 0) return renamed;
  const headings = new Set(fresh.map(pathOf));
  const moved = new Set(
    after.filter(({ place }) => placesOf(place).some(at => headings.has(at))).map(({ fingerprint }) => fingerprint),
  );
  const stood = new Map<string, Unit[]>();
  for (const unit of before) {
    for (const at of placesOf(unit.place)) {
      const below = stood.get(at);
      if (below) below.push(unit);
      else stood.set(at, [unit]);
    }
  }
  // The deepest first: a heading whose subheadings were renamed with it lost nothing either.
  for (const heading of [...lost].filter(unit => unit.kind === 'section').reverse()) {
    const parts = (stood.get(pathOf(heading)) ?? []).filter(unit => unit !== heading);
    const isWhole = parts.every(unit => !lost.has(unit) || renamed.has(unit));
    if (isWhole && parts.some(unit => moved.has(unit.fingerprint))) renamed.add(heading);
  }
  return renamed;
}

/** The place of what stands right under a heading. */
function pathOf({ place, name }: Unit): string {
  return place === '' ? name : `${place} > ${name}`;
}

/** A place and all places above it: a unit stands under each heading of which this is the path (`isUnder`). */
function placesOf(place: string): readonly string[] {
  const places = [place];
  for (let at = place.lastIndexOf(' > '); at >= 0; at = at > 0 ? place.lastIndexOf(' > ', at - 1) : -1) {
    places.push(place.slice(0, at));
  }
  return places;
}

/**
 * True when the text came into another file and stayed. For text that a stale write removed more is asked: that it came
 * there nearer to its removal than to its birth here, else its writer wrote it into two files; and that it is no line
 * that points to that very file, which says the same of itself.
 */
function wentThere(unit: Unit, since: Version, { after }: Edit, gain: Gain, isOverwritten: boolean): boolean {
  if (!standsIn(unit, gain.brought) || !standsIn(unit, gain.stayed)) return false;
  if (!isOverwritten) return true;
  if (pointsTo(unit, after.path, gain.path)) return false;
  return Math.abs(gain.at - after.at) < Math.abs(gain.at - since.at);
}

/** A line whose file was deleted around then goes with it. */
function isLineOfDeparted(unit: Unit, path: string, departures: readonly string[]): boolean {
  return nameOfLink(unit) !== '' && departures.some(gone => pointsTo(unit, path, gone));
}

/** True when the unit's first link leads from `path` to that file, or to the folder it lies in. */
function pointsTo(unit: Unit, path: string, file: string): boolean {
  const name = nameOfLink(unit);
  if (name === '') return false;
  const target = posix.normalize(posix.join(posix.dirname(path), decoded(name))).replace(/\/$/, '');
  return file === target || file === `${target}.md` || file === `${target}/SKILL.md`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The kinds of the entries that lead to each target. */
function linksOf(added: readonly Unit[]): ReadonlyMap<string, ReadonlySet<UnitKind>> {
  const links = new Map<string, Set<UnitKind>>();
  for (const unit of added) {
    if (isEntry(unit)) links.set(nameOfLink(unit), (links.get(nameOfLink(unit)) ?? new Set()).add(unit.kind));
  }
  return links;
}

/** An entry of a list that became a row of a table, or the other way round: the same link, told otherwise. */
function isStillLinked(unit: Unit, links: ReadonlyMap<string, ReadonlySet<UnitKind>>): boolean {
  const name = nameOfLink(unit);
  if (name === '' || !isEntry(unit)) return false;
  return [...(links.get(name) ?? [])].some(kind => kind !== unit.kind);
}

function isEntry({ kind }: Unit): boolean {
  return kind === 'list-item' || kind === 'table-row';
}

/**
 * Finds the unit that stands in this one's place, once: two that went are not both edited into the same one. `known`: what a
 * writer had who may never have had the unit.
 */
function takePartner(unit: Unit, partners: Partners, known: readonly Unit[] | null): boolean {
  const partner = counterpart(unit, partners.of(unit));
  if (!partner) return false;
  const isSame = () => similarity(unit.text, partner.text) >= SAME_LINE && isMadeOf(unit, partner, known!);
  if (known !== null && !hasKey(unit) && !isSame()) return false;
  if (nameOfLink(unit) !== nameOfLink(partner)) return false;
  partners.take(partner);
  return true;
}

/** `"env": {}` said nothing, and goes when the first variable comes. */
function isFilled({ kind, text, place }: Unit, added: readonly Unit[]): boolean {
  const key =
    kind === 'member' ? /^"((?:[^"\\]|\\.){0,500})"\s*:\s*[{[]\s*[}\]]$/.exec(text.slice(0, 1_000))?.[1] : undefined;
  if (key === undefined) return false;
  const own = `${place}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return added.some(unit => unit.kind === 'member' && `${unit.place}/`.startsWith(`${own}/`));
}

/** Those that a version within the quiet time after the edit has. */
async function cameBack(gone: readonly Unit[], { edit, file, deps }: Scene): Promise<ReadonlySet<Unit>> {
  const back = new Set<Unit>();
  const after = await deps.reader.counts(edit.after);
  for (let i = indexOf(file, edit.after) + 1; i < file.versions.length; i++) {
    const version = file.versions[i]!;
    if (back.size === gone.length || version.seenAt - edit.after.seenAt > QUIET_MS) break;
    if (version.how === 'restore') break; // what we put back did not come back by itself
    const counts = await deps.reader.counts(version);
    for (const unit of gone) {
      if ((counts.get(unit.fingerprint) ?? 0) > (after.get(unit.fingerprint) ?? 0)) back.add(unit);
    }
  }
  return back;
}

async function isMostlyNew({ before, after }: Edit, reader: Reader): Promise<boolean> {
  const old = await reader.weight(before);
  const fresh = await reader.weight(after);
  let size = 0;
  let stays = 0;
  for (const [fingerprint, n] of old) {
    size += n;
    stays += Math.min(n, fresh.get(fingerprint) ?? 0);
  }
  return stays * 2 < size;
}
