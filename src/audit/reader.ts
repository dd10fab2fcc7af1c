/** Versions → documents, units, counts: parsed once, kept while there is room. */
import { isContained, printCounts } from '../documents/contained.ts';
import { damageOf, noDamage } from '../documents/damaged.ts';
import { decode } from '../documents/decode.ts';
import type { Document } from '../documents/document.ts';
import { parseDocument } from '../documents/document.ts';
import type { Damage, Unit, Version } from '../model.ts';
import type { Counts } from './counts.ts';
import { countsOf } from './counts.ts';

/** Characters of the documents that are kept in memory; with their bytes and units some ten times as much. */
const ROOM = 4_000_000;
/** Comparisons whose damage is remembered: those of one path. */
const DAMAGES = 200;
/** Bytes of a version; larger ones are not compared for damage, and not read for it. */
const LARGEST = 32_000_000;
/** What a document takes besides its text. */
const FRAME = 500;

export interface Reader {
  bytes(version: Version): Promise<Uint8Array>;
  document(version: Version): Promise<Document>;
  /** Decoded; '' for what is no text. Nothing is parsed for it. */
  text(version: Version): Promise<string>;
  /** All units; none for a version that is no file. */
  units(version: Version): Promise<readonly Unit[]>;
  /** False when the second has all that the first has, each unit as often; then no unit was made. */
  takesAway(before: Version, after: Version): Promise<boolean>;
  /** What the second has damaged of the first; worked out once while it is asked for again and again. */
  damage(before: Version, after: Version): Promise<Damage>;
  /** Fingerprints of all units. */
  counts(version: Version): Promise<Counts>;
  /** Fingerprints that matter: noise is left out. */
  weight(version: Version): Promise<Counts>;
  /** Why a version that was read could only be compared in a cheaper way; null when nothing was too much. */
  limitOf(version: Version): string | null;
  /** Books that comparing it with others was too much. */
  limit(version: Version, why: string): void;
}

interface Entry {
  readonly document: Document;
  readonly counts: Counts;
  readonly weight: Counts;
}

const none: Counts = new Map();

export function unitReader(
  read: (blob: string) => Promise<Uint8Array>,
  isNoise: (path: string, unit: Unit) => boolean,
  turn: () => Promise<void> = async () => {},
): Reader {
  const entries = new Map<string, Entry>();
  const limits = new Map<string, string>();
  let held = 0;
  let lastKey = '';

  const keyOf = (version: Version): string => `${version.path}\0${version.kind === 'file' ? version.blob : null}`;
  const entry = async (version: Version): Promise<Entry> => {
    const key = keyOf(version);
    if (key === lastKey) return entries.get(key)!;
    const known = entries.get(key);
    if (known) {
      entries.delete(key);
      entries.set(key, known);
      lastKey = key;
      return known;
    }
    await turn();
    const document = parseDocument(version.path, await bytes(version));
    const made = entryOf(document, unit => isNoise(version.path, unit));
    if (document.limited) limits.set(key, document.limited);
    lastKey = key;
    entries.set(key, made);
    held += sizeOf(document);
    for (const [oldest, { document }] of entries) {
      if (held <= ROOM || oldest === key) break;
      entries.delete(oldest);
      held -= sizeOf(document);
    }
    return made;
  };
  const damages = new Map<string, Damage>();
  const bytesOf = async (version: Version) => entries.get(keyOf(version))?.document.bytes ?? (await bytes(version));
  const bytes = async (version: Version): Promise<Uint8Array> =>
    version.kind === 'file' && version.blob !== null ? read(version.blob) : new Uint8Array();

  return {
    bytes,
    document: async version => (await entry(version)).document,
    text: async version => {
      const known = entries.get(keyOf(version));
      return known ? known.document.text : (decode(await bytes(version))?.text ?? '');
    },
    units: async version => (version.kind === 'file' ? (await entry(version)).document.units : []),
    takesAway: async (before, after) => {
      if (before.kind !== 'file') return false;
      const old = (await entry(before)).document;
      if (after.kind !== 'file') return old.units.length > 0;
      return !isContained(old, (await entry(after)).document);
    },
    damage: async (before, after) => {
      if (before.kind !== 'file' || after.kind !== 'file' || Math.max(before.size, after.size) > LARGEST)
        return noDamage;
      const key = `${after.path}\0${before.blob}\0${after.blob}`;
      const known = damages.get(key);
      if (known) return known;
      await turn();
      const damage = damageOf(after.path, await bytesOf(before), await bytesOf(after));
      if (damages.size >= DAMAGES) damages.clear();
      damages.set(key, damage);
      return damage;
    },
    counts: async version => (version.kind === 'file' ? (await entry(version)).counts : none),
    limitOf: version => limits.get(keyOf(version)) ?? null,
    limit: (version, why) => void limits.set(keyOf(version), why),
    weight: async version => (version.kind === 'file' ? (await entry(version)).weight : none),
  };
}

/** Counts are made when they are asked for first: most versions are only looked through. */
function entryOf(document: Document, isNoise: (unit: Unit) => boolean): Entry {
  let counts: Counts | null = null;
  let weight: Counts | null = null;
  return {
    document,
    get counts() {
      counts ??= printCounts(document);
      return counts;
    },
    get weight() {
      weight ??= weightOf(document, isNoise, this.counts);
      return weight;
    },
  };
}

function weightOf({ units }: Document, isNoise: (unit: Unit) => boolean, counts: Counts): Counts {
  const heavy = units.filter(unit => !isNoise(unit));
  return heavy.length === units.length ? counts : countsOf(heavy);
}

function sizeOf({ text, bytes }: Document): number {
  return text.length + bytes.length + FRAME;
}
