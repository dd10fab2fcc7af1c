/** What other files of a root gained around a moment: text that moved is not lost. */
import type { PathHistory, Time, Unit, Version } from '../model.ts';
import { beyond, countsOf } from './counts.ts';
import type { Reader } from './reader.ts';

/** How far apart the two writes of a move may be. */
export const AROUND_MS = 10 * 60_000;
/** No more neighbours than this are read for one edit. */
const NEIGHBOURS = 60;
/** So much of a unit's lines must stand elsewhere. */
const MOST = 0.8;

export interface Texts {
  readonly fingerprints: ReadonlySet<string>;
  readonly lines: ReadonlySet<string>;
}

export interface Elsewhere {
  /** What other files of the root gained within ten minutes of this version. */
  around(version: Version): Promise<Texts>;
  /** Changes whenever something was written there within ten minutes of that moment. */
  signature(root: string, path: string, at: Time): string;
}

interface Arrival {
  readonly version: Version;
  readonly before: Version | undefined;
}

export function elsewhere(histories: readonly PathHistory[], reader: Reader): Elsewhere {
  const arrivals = new Map<string, readonly Arrival[]>();

  const arrivalsOf = (root: string): readonly Arrival[] => {
    const known = arrivals.get(root);
    if (known) return known;
    const made = histories
      .filter(file => file.root === root && (file.class === 'authored' || file.class === 'state'))
      .flatMap(file => file.versions.map((version, i) => ({ version, before: file.versions[i - 1] })))
      .filter(({ version }) => version.kind === 'file')
      .sort((a, b) => a.version.seenAt - b.version.seenAt);
    arrivals.set(root, made);
    return made;
  };

  const near = (root: string, path: string, at: Time): readonly Arrival[] => {
    const all = arrivalsOf(root);
    const found: Arrival[] = [];
    for (let i = firstFrom(all, at - AROUND_MS); i < all.length && all[i]!.version.seenAt <= at + AROUND_MS; i++) {
      if (all[i]!.version.path !== path) found.push(all[i]!);
    }
    return found.sort((a, b) => Math.abs(a.version.seenAt - at) - Math.abs(b.version.seenAt - at)).slice(0, NEIGHBOURS);
  };

  return {
    async around(version) {
      const fingerprints = new Set<string>();
      const lines = new Set<string>();
      for (const arrival of near(version.root, version.path, version.seenAt)) {
        const units = await reader.units(arrival.version);
        const gained = arrival.before ? beyond(units, countsOf(await reader.units(arrival.before))) : units;
        for (const unit of gained) {
          fingerprints.add(unit.fingerprint);
          for (const line of linesOf(unit)) lines.add(line);
        }
      }
      return { fingerprints, lines };
    },
    signature: (root, path, at) =>
      near(root, path, at)
        .map(({ version }) => version.id)
        .join(),
  };
}

/** True when the unit stands among these texts: itself, or at least four fifths of its lines. */
export function standsIn(unit: Unit, texts: Texts): boolean {
  if (texts.fingerprints.has(unit.fingerprint)) return true;
  const lines = linesOf(unit);
  return lines.length > 0 && lines.filter(line => texts.lines.has(line)).length >= MOST * lines.length;
}

/** Lines that say something, without their markers: `- [ ] x`, `## x` and `> x` are all `x`. */
export function linesOf(unit: Unit): readonly string[] {
  return unit.text
    .split('\n')
    .map(line => line.replace(/^[\s>]*(?:#{1,6}\s+|[-*+]\s+|\d+[.)]\s+)?(?:\[[ xX]\]\s+)?/, '').trim())
    .filter(line => /[\p{L}\p{N}]/u.test(line));
}

function firstFrom(arrivals: readonly Arrival[], at: Time): number {
  let low = 0;
  let high = arrivals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (arrivals[middle]!.version.seenAt < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
