/** Whether a write is an older version of its file, but for one change: what a program held in mind was written back. */
import type { PathHistory, RuleTools, Unit, Version } from '../../src/rule.ts';
import type { Thing } from './things.ts';
import { telling, thingsOf } from './things.ts';

export interface Snapshot {
  /** The older version that was written back. */
  readonly version: Version;
  /** What the write says that neither the older version nor the one before the write said. */
  readonly own: readonly Thing[];
  /** Members of the version before the write whose older value is back. */
  readonly wentBack: readonly Unit[];
}

/** So many different older contents are compared, and so many bytes of them. */
const VERSIONS = 200;
const BYTES = 8_000_000;

/** The newest older version that fits best, or null. `most`: how many things may differ from it. */
export async function snapshotOf(
  file: PathHistory,
  before: Version,
  after: Version,
  gone: readonly Unit[],
  most: number,
  { units }: RuleTools,
): Promise<Snapshot | null> {
  const [had, has] = [telling(file.path, await units(before)), telling(file.path, await units(after))];
  const [ofBefore, ofAfter] = [fingerprintsOf(had), fingerprintsOf(has)];
  const added = without(has, ofBefore);
  let best: { snapshot: Snapshot; differs: number } | null = null;
  const blobs = new Set([before.blob]);
  let bytes = 0;
  for (let i = file.versions.indexOf(before) - 1; i >= 0; i--) {
    const version = file.versions[i]!;
    if (version.kind !== 'file' || !version.settled || version.size === 0 || blobs.has(version.blob)) continue;
    blobs.add(version.blob);
    bytes += version.size;
    if (blobs.size > VERSIONS || bytes > BYTES) break;
    const older = telling(file.path, await units(version));
    const ofOlder = fingerprintsOf(older);
    // What the older version had as well went by itself.
    if (older[0]?.kind !== 'member' || gone.every(({ fingerprint }) => ofOlder.has(fingerprint))) continue;
    const differing = [...without(has, ofOlder), ...without(older, ofAfter)];
    const own = thingsOf(file.path, without(added, ofOlder));
    const differs = thingsOf(file.path, differing).size;
    if (differs > most || (differs > 0 && own.size === 0) || (best && best.differs <= differs)) continue;
    const back = thingsOf(
      file.path,
      added.filter(({ fingerprint }) => ofOlder.has(fingerprint)),
    );
    const changed = thingsOf(file.path, without(had, ofAfter));
    const wentBack = [...changed].flatMap(([key, thing]) => (back.has(key) && !own.has(key) ? thing.units : []));
    best = { snapshot: { version, own: [...own.values()], wentBack }, differs };
    if (differs === 0) break;
  }
  return best?.snapshot ?? null;
}

function without(units: readonly Unit[], known: ReadonlySet<string>): readonly Unit[] {
  return units.filter(({ fingerprint }) => !known.has(fingerprint));
}

function fingerprintsOf(units: readonly Unit[]): ReadonlySet<string> {
  return new Set(units.map(({ fingerprint }) => fingerprint));
}
