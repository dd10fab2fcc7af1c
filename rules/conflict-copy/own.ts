/** What a copy says of its own: what its file never had, or what the sync took out of it. */
import type { PathHistory, RuleTools, Unit, Version } from '../../src/rule.ts';
import { timeOfWrite } from '../../src/rule.ts';

/** The two halves of a conflict are written within this time of each other. */
const SWAP_MS = 10 * 60_000;
/** So many versions of the file are compared, the newest before the copy. */
const VERSIONS = 50;

export interface Compared {
  /** The version of the file from which both grew; null when only its present one is known. */
  readonly base: Version | null;
  /** Units of the copy that the file lacks and nobody took out of it on purpose. */
  readonly own: readonly Unit[];
  /** How much of the one stands in the other, 0 to 1. */
  readonly likeness: number;
}

export async function compare(
  copy: Version,
  appeared: Version,
  file: PathHistory,
  { units, isFirstLook }: RuleTools,
): Promise<Compared> {
  const theirs = await units(copy);
  const now = countsOf(await units(file.versions.at(-1)!));
  const versions = file.versions.filter(({ kind, settled }) => kind === 'file' && settled);
  const before = versions.filter(version => timeOfWrite(version) <= timeOfWrite(appeared) + SWAP_MS).slice(-VERSIONS);
  const known = before.length > 0 ? before : versions.slice(0, 1);
  const counts = new Map<Version, Counts>();
  for (const version of known) counts.set(version, countsOf(await units(version)));
  const mine = countsOf(theirs);
  const newest = known.at(-1)!;
  const incoming = counts.get(newest) ?? now;

  let base: Version | null = null;
  let nearest = Infinity;
  let likeness = 0;
  const ofIncoming = distanceOf(incoming, mine);
  const isNearer = ([version, those]: readonly [Version, Counts]) =>
    version !== newest && distanceOf(those, mine) <= ofIncoming;
  // Where both changed one unit the other half lies nearest to itself, and is no base all the same.
  const isOtherHalf = [...counts].some(isNearer);
  for (const [version, those] of counts) {
    likeness = Math.max(likeness, likenessOf(those, mine));
    if (version === newest && isOtherHalf) continue;
    const distance = distanceOf(those, mine) + distanceOf(those, incoming);
    // Of those that lie between the two the oldest is where they parted.
    if (distance < nearest) {
      base = version;
      nearest = distance;
    }
  }

  const missing = beyond(theirs, now).filter(unit => !isStamp(unit));
  const own = missing.filter(({ fingerprint }) => {
    const last = known.findLastIndex(version => (counts.get(version)!.get(fingerprint) ?? 0) > 0);
    if (last === -1) return true;
    // It stood in the file: the sync took it when it went as the copy came, else somebody did.
    const next = versions[versions.indexOf(known[last]!) + 1];
    return next !== undefined && Math.abs(timeOfWrite(next) - timeOfWrite(appeared)) <= SWAP_MS;
  });
  // What came after the copy that was there at the first look is no version from before it.
  return { base: versions.length > 1 && !isFirstLook(appeared) ? base : null, own, likeness };
}

type Counts = ReadonlyMap<string, number>;

function countsOf(units: readonly Unit[]): Counts {
  const counts = new Map<string, number>();
  for (const { fingerprint } of units) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  return counts;
}

/** In their order, those that the other has fewer times. */
function beyond(units: readonly Unit[], other: Counts): readonly Unit[] {
  const left = new Map(other);
  return units.filter(({ fingerprint }) => {
    const n = left.get(fingerprint) ?? 0;
    left.set(fingerprint, n - 1);
    return n <= 0;
  });
}

function distanceOf(a: Counts, b: Counts): number {
  let distance = 0;
  for (const [fingerprint, n] of a) distance += Math.max(0, n - (b.get(fingerprint) ?? 0));
  for (const [fingerprint, n] of b) distance += Math.max(0, n - (a.get(fingerprint) ?? 0));
  return distance;
}

/** Which part of the smaller stands in the larger. */
function likenessOf(a: Counts, b: Counts): number {
  const size = (counts: Counts) => [...counts.values()].reduce((sum, n) => sum + n, 0);
  let common = 0;
  for (const [fingerprint, n] of a) common += Math.min(n, b.get(fingerprint) ?? 0);
  const smaller = Math.min(size(a), size(b));
  return smaller === 0 ? 0 : common / smaller;
}

/** Every write sets these anew. */
function isStamp({ kind, name }: Unit): boolean {
  return (kind === 'field' || kind === 'member') && /(^|\.)(modified|updated|last[-_]?\w*)$/i.test(name);
}
