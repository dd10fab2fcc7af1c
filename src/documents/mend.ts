/** Puts lost units back into the present file: three-way, at the level of units, by splicing text. */
import type { Unit } from '../model.ts';
import { compareUnits } from './compare.ts';
import { type Encoding, encode, respell } from './decode.ts';
import { type Document, parseDocument, readText } from './document.ts';
import { mendBroken } from './mend-broken.ts';
import { mendDamaged } from './mend-damaged.ts';
import { mendJson } from './mend-json.ts';
import { mendToml } from './mend-toml.ts';
import { mendUnits } from './mend-units.ts';
import type { Choice, Mended, MendedText, Mending } from './mended-text.ts';
import { mergeText } from './merge.ts';

export type { Mended, Mending } from './mended-text.ts';

/**
 * Bytes outside the touched places stay as they are: line ends, byte order mark, final newline, blanks. Every unit of the present file is
 * kept but those in `removed`; mending the result again changes nothing. A file that is broken by now comes back to the lost version with
 * what only the broken one has; lines whose characters a write damaged come back line by line.
 */
export function mend(mending: Mending): Mended {
  return mendDamaged(mending, mendSound) ?? mendBroken(mending, mendSound) ?? mendSound(mending);
}

function mendSound(mending: Mending): Mended {
  const { path, present: bytes } = mending;
  const lost = parseDocument(path, mending.lost);
  const present = parseDocument(path, bytes);
  const wanted = new Set(mending.fingerprints);
  const asked = lost.units.filter(unit => wanted.has(unit.fingerprint));
  const unchanged = { bytes, restored: [], removed: [], already: [], conflicts: [] };
  if (asked.length === 0) return unchanged;
  if (Buffer.compare(mending.lost, bytes) === 0) return { ...unchanged, already: asked };
  const isEmpty = bytes.length === 0 || (present.format === 'json' && /^[ \t\r\n]*$/.test(present.text));
  if (isEmpty && lost.format !== 'binary') {
    if (asked.length === lost.units.length) return { ...unchanged, bytes: mending.lost, restored: asked };
    if (lost.format === 'json' && lost.broken === null) {
      const opening = lost.text.trimStart().startsWith('[') ? '[]' : '{}';
      return mendSound({ ...mending, present: encode(`${opening}${lost.newline}`, lost.encoding, lost.bom) });
    }
  }
  const isWhole = present.format === 'binary' || lost.format === 'binary';
  const isAskew = lost.format === 'json' && (lost.broken === null) !== (present.broken === null);
  if (isWhole || isAskew) return wholeFile(mending, asked, lost, present);
  const spelled = inOneEncoding(mending.base && parseDocument(path, mending.base), lost, present);
  if (!spelled) return wholeFile(mending, asked, lost, present);
  const result = mendText(spelled, wanted, mending.choose);
  if (!result) return wholeFile(mending, asked, lost, present);
  if (result.restored.length === 0) return { ...result, bytes };
  return { ...result, bytes: encode(result.text, spelled.present.encoding, spelled.present.bom) };
}

export interface Sides {
  readonly base: Document | null;
  readonly lost: Document;
  readonly present: Document;
}

function mendText(sides: Sides, wanted: ReadonlySet<string>, choose?: Choice): MendedText | null {
  const { base, lost, present } = sides;
  if (lost.format === 'json' && lost.broken === null) return mendJson({ ...sides, wanted, ...(choose && { choose }) });
  if (lost.format === 'toml' && [lost, present].every(({ broken, limited }) => broken === null && limited === null))
    return mendToml({ ...sides, wanted, ...(choose && { choose }) });
  if (lost.format === 'text') {
    const merged = mergedText(sides, wanted);
    if (merged) return merged;
  }
  const indexes = lost.units.flatMap((unit, index) => (wanted.has(unit.fingerprint) ? [index] : []));
  if ((lost.broken === null) === (present.broken === null))
    return mendUnits({ base, lost, present, indexes, reread: sameWay(present), ...(choose && { choose }) });
  // One side is broken and read as lines: lines are what they share.
  const asLines = (document: Document) => reread(document, document.text, 'lines');
  const lines = asLines(lost);
  const mended = mendUnits({
    base: base && asLines(base),
    lost: lines,
    present: asLines(present),
    indexes: linesUnder(
      indexes.map(index => lost.units[index]!),
      lines,
    ),
    reread: text => reread(present, text, 'lines'),
    ...(choose && { choose }),
  });
  const isHarmless =
    compareUnits(present.units, reread(present, mended.text).units).removed.length <= mended.removed.length;
  return isHarmless ? mended : null;
}

/** Indexes of the lines that hold a part of one of the units; both are in order of the file. */
function linesUnder(units: readonly Unit[], lines: Document): readonly number[] {
  let at = 0;
  return lines.units.flatMap((line, index) => {
    while (at < units.length && units[at]!.end <= line.start) at++;
    return at < units.length && units[at]!.start < line.end ? [index] : [];
  });
}

/**
 * Text without structure, whose lost version only added to the base, is merged by lines as others do it, when that puts back exactly what is
 * wanted and missing.
 */
function mergedText({ base, lost, present }: Sides, wanted: ReadonlySet<string>): MendedText | null {
  if (!base || base.newline !== present.newline || lost.newline !== present.newline) return null;
  const grown = compareUnits(base.units, lost.units);
  if (grown.removed.length > 0 || !grown.added.every(unit => wanted.has(unit.fingerprint))) return null;
  const { text, conflict } = mergeText(base.text, present.text, lost.text);
  if (conflict || !keepsLines(present.text, text)) return null;
  const asked = lost.units.filter(unit => wanted.has(unit.fingerprint));
  const restored = compareUnits(asked, present.units).removed;
  const changed = compareUnits(present.units, reread(present, text).units);
  const came = compareUnits(changed.added, restored);
  if (changed.removed.length > 0 || came.removed.length > 0 || came.added.length > 0) return null;
  const isBack = new Set(restored);
  return { text, restored, removed: [], already: asked.filter(unit => !isBack.has(unit)), conflicts: [] };
}

/** Whether all lines of `before`, blank ones too, stand in `after` in their order. */
function keepsLines(before: string, after: string): boolean {
  const lines = before.split('\n');
  let at = 0;
  for (const line of after.split('\n')) if (line === lines[at]) at++;
  return at === lines.length;
}

function sameWay(document: Document): (text: string) => Document {
  return text => reread(document, text);
}

function reread(document: Document, text: string, as?: 'lines'): Document {
  const { path, bytes, encoding, bom, format } = document;
  return readText(path, bytes, text, encoding, bom, format, as);
}

/** All three spelled alike, so that text of one can stand in another; null when the present file cannot hold the lost text. */
export function inOneEncoding(base: Document | null, lost: Document, present: Document): Sides | null {
  const hasBytes = lost.encoding === 'bytes' || present.encoding === 'bytes';
  const to: Encoding =
    hasBytes && present.encoding.startsWith('utf16') ? 'utf8' : hasBytes ? 'bytes' : present.encoding;
  const spell = (document: Document): Document | null => {
    const text = respell(document.text, document.encoding, to);
    if (text === null) return null;
    if (text === document.text && document.encoding === to) return document;
    const encoding = document === present && to !== 'bytes' ? present.encoding : to;
    const again = readText(document.path, document.bytes, text, encoding, document.bom, document.format);
    // Who asked for units must find them again: a byte order mark within the text is none, once each byte stands for itself.
    const isSame = again.units.every((unit, index) => unit.fingerprint === document.units[index]?.fingerprint);
    return isSame && again.units.length === document.units.length ? again : null;
  };
  const [mine, theirs] = [spell(lost), spell(present)];
  return mine && theirs
    ? { base: base && base.format !== 'binary' ? spell(base) : null, lost: mine, present: theirs }
    : null;
}

/** Where text cannot be spliced, one side has to be taken whole. */
function wholeFile(mending: Mending, asked: readonly Unit[], lost: Document, present: Document): Mended {
  const { choose, present: bytes } = mending;
  const wholes = { lost: whole(lost), present: whole(present) };
  if (choose === 'theirs') {
    return { bytes: mending.lost, restored: asked, removed: [wholes.present], already: [], conflicts: [] };
  }
  const conflicts = choose === 'ours' ? [] : [wholes];
  return { bytes, restored: [], removed: [], already: [], conflicts };
}

function whole(document: Document): Unit {
  const [first] = document.units;
  if (document.format === 'binary' && first) return first;
  return {
    kind: 'file',
    name: document.path.slice(document.path.lastIndexOf('/') + 1),
    text: document.text,
    place: '',
    fingerprint: document.units
      .map(unit => unit.fingerprint)
      .join(' ')
      .slice(0, 16),
    start: 0,
    end: document.text.length,
  };
}
