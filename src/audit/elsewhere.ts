/** What other files of a root gained around a moment: text that moved is not lost. */
import { hash } from 'node:crypto';
import type { FileClass, PathHistory, Time, Unit, Version } from '../model.ts';
import { isOutOfReach } from '../rule.ts';
import { beyond } from './counts.ts';
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

/** What one write brought into another file. */
export interface Gain {
  readonly path: string;
  readonly at: Time;
  readonly brought: Texts;
  /** What stood in that file ten minutes after the edit we ask for. */
  readonly stayed: Texts;
}

export interface Elsewhere {
  /** What other files of the root gained within ten minutes of this version; those in which none of the units can stand are left out. */
  gains(version: Version, units: readonly Unit[]): Promise<readonly Gain[]>;
  /** Files of the root that went within ten minutes of that moment and did not come back by then. */
  departures(root: string, at: Time): ReadonlySet<string>;
  /** Changes whenever something was written there within ten minutes of that moment. */
  signature(root: string, path: string, at: Time): string;
}

interface Arrival {
  readonly version: Version;
  readonly before: Version | undefined;
  readonly file: PathHistory;
}

interface Death {
  readonly version: Version;
  readonly next: Version | undefined;
}

export function elsewhere(
  histories: readonly PathHistory[],
  reader: Reader,
  onUnreadable: (path: string, error: unknown) => void,
  turn: () => Promise<void> = async () => {},
): Elsewhere {
  const arrivals = new Map<string, readonly Arrival[]>();
  const deaths = new Map<string, readonly Death[]>();

  // By `at`: what a first scan finds was written long before, and moved nowhere.
  const arrivalsOf = (root: string): readonly Arrival[] => {
    const known = arrivals.get(root);
    if (known) return known;
    const made = histories
      .filter(file => file.root === root && (file.class === 'authored' || file.class === 'state'))
      .flatMap(file => file.versions.map((version, i) => ({ version, before: file.versions[i - 1], file })))
      .filter(({ version }) => version.kind === 'file' && version.how !== 'restore')
      .sort((a, b) => a.version.at - b.version.at);
    arrivals.set(root, made);
    return made;
  };

  const deathsOf = (root: string): readonly Death[] => {
    const known = deaths.get(root);
    if (known) return known;
    const made = histories
      .filter(file => file.root === root)
      .flatMap(({ versions }) => versions.map((version, i) => ({ version, next: versions[i + 1] })))
      .filter(({ version }) => version.kind === 'gone' && version.how !== 'restore');
    deaths.set(root, made);
    return made;
  };

  const departed = (root: string, at: Time): readonly string[] =>
    deathsOf(root)
      .filter(({ version }) => Math.abs(version.at - at) <= AROUND_MS)
      .filter(({ next }) => next === undefined || next.at > at + AROUND_MS)
      .map(({ version }) => version.path);

  let byPath: ReadonlyMap<string, PathHistory> | null = null;
  const files = () => {
    byPath ??= new Map(histories.map(file => [`${file.root}\0${file.path}`, file]));
    return byPath;
  };
  const classOf = (root: string, path: string): FileClass | undefined => files().get(`${root}\0${path}`)?.class;
  // What stands in a settings file now is not where a note went.
  const mayHold = (own: FileClass | undefined, other: FileClass) => other === 'authored' || other === own;

  const near = (root: string, path: string, at: Time): readonly Arrival[] => {
    const all = arrivalsOf(root);
    const own = classOf(root, path);
    const found: Arrival[] = [];
    for (let i = firstFrom(all, at - AROUND_MS); i < all.length && all[i]!.version.at <= at + AROUND_MS; i++) {
      if (all[i]!.version.path !== path && mayHold(own, all[i]!.file.class)) found.push(all[i]!);
    }
    return found.sort((a, b) => Math.abs(a.version.at - at) - Math.abs(b.version.at - at)).slice(0, NEIGHBOURS);
  };

  const contents = new Map<string, ReadonlySet<string | null>>();
  const contentsOf = (root: string, path: string): ReadonlySet<string | null> => {
    const key = `${root}\0${path}`;
    const own =
      contents.get(key) ??
      new Set(
        files()
          .get(key)
          ?.versions.map(({ blob }) => blob),
      );
    contents.set(key, own);
    return own;
  };
  // To copy a whole file aside before it is overwritten moves no part of it: nobody reads `x.md.bak`.
  const isBackup = ({ version }: Arrival, root: string, path: string) =>
    isOutOfReach(version.path, path) && contentsOf(root, path).has(version.blob);

  const broughtBy = async ({ version, before }: Arrival): Promise<readonly Unit[]> => {
    const units = await reader.units(version);
    return before ? beyond(units, await reader.counts(before)) : units;
  };
  const traces = new Map<string, Uint32Array>();
  /** Each arrival is asked about by everything that went around then, and seldom has it: these few numbers say so. */
  const tracesOf = async (arrival: Arrival): Promise<Uint32Array> => {
    const known = traces.get(arrival.version.id);
    if (known) return known;
    const made = Uint32Array.from(tracesIn(await broughtBy(arrival)));
    traces.set(arrival.version.id, made);
    return made;
  };

  return {
    async gains({ root, path, at }, wanted) {
      const gains: Gain[] = [];
      const looked = new Set(tracesIn(wanted));
      for (const arrival of near(root, path, at)) {
        const { version, file } = arrival;
        await turn();
        if (isBackup(arrival, root, path)) continue;
        try {
          if (!(await tracesOf(arrival)).some(trace => looked.has(trace))) continue;
          const last = file.versions.filter(other => other.settled && other.at <= at + AROUND_MS).at(-1);
          const brought = await broughtBy(arrival);
          const stayed = textsOf(last ? await reader.units(last) : []);
          gains.push({ path: version.path, at: version.at, brought: textsOf(brought), stayed });
        } catch (error) {
          onUnreadable(version.path, error);
        }
      }
      return gains;
    },
    signature: (root, path, at) =>
      hash('sha1', [...near(root, path, at).map(({ version }) => version.id), ...departed(root, at)].join(), 'hex'),
    departures: (root, at) => new Set(departed(root, at)),
  };
}

/** A number for each fingerprint and each line: `standsIn` finds nothing where none of a unit's numbers is. */
function tracesIn(units: readonly Unit[]): ReadonlySet<number> {
  const traces = new Set<number>();
  for (const unit of units) {
    traces.add(numberOf(unit.fingerprint));
    for (const line of linesOf(unit)) traces.add(numberOf(line));
  }
  return traces;
}

/** 32 bits of a text (FNV-1a). */
function numberOf(text: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return sum >>> 0;
}

export function textsOf(units: readonly Unit[]): Texts {
  return { fingerprints: new Set(units.map(unit => unit.fingerprint)), lines: new Set(units.flatMap(linesOf)) };
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
    if (arrivals[middle]!.version.at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
