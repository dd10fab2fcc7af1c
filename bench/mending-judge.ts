/** What a mending or a merge made of a case: was a person asked, and does everything hold that must. */
import { compareUnits } from '../src/documents/compare.ts';
import { parseDocument } from '../src/documents/document.ts';
import { mend } from '../src/documents/mend.ts';
import type { Unit } from '../src/model.ts';
import type { Case } from './mending-cases.ts';

export interface Verdict {
  readonly isAsked: boolean;
  /** What does not hold; empty when all does. */
  readonly wrong: readonly string[];
}

const unitsOf = (path: string, text: string): readonly Unit[] => parseDocument(path, Buffer.from(text)).units;
const isEmptied = ({ text }: Unit): boolean => /(?:\{\s*\}|\[\s*\])$/.test(text);

/** Mends the case as `restore` does, twice. */
export function mended(given: Case): Verdict & { readonly text: string } {
  const { path, base, lost, present } = given;
  const fingerprints = compareUnits(unitsOf(path, base), unitsOf(path, lost)).added.map(unit => unit.fingerprint);
  const mending = { path, base: Buffer.from(base), lost: Buffer.from(lost), fingerprints };
  const { bytes, conflicts } = mend({ ...mending, present: Buffer.from(present) });
  const text = Buffer.from(bytes).toString('utf8');
  const again = mend({ ...mending, present: bytes });
  const wrong = [
    ...(conflicts.length > 0 ? [] : lostOrDoubled(given, text)),
    ...(conflicts.length > 0 ? [] : otherBytes(given, text)),
    ...(Buffer.compare(again.bytes, bytes) === 0 ? [] : ['twice is not once']),
  ];
  return { isAsked: conflicts.length > 0, wrong, text };
}

/** Units and words that are missing from a result, or stand there more often than they should. */
export function lostOrDoubled({ path, base, lost, present, once, never }: Case, text: string): readonly string[] {
  const mine = compareUnits(unitsOf(path, base), unitsOf(path, lost));
  const wrong: string[] = [];
  for (const word of once) {
    const count = text.split(word).length - 1;
    if (count !== 1) wrong.push(`${word} stands there ${count} times`);
  }
  for (const word of never) if (text.includes(word)) wrong.push(`${word} was deleted and is back`);
  const document = parseDocument(path, Buffer.from(text));
  if (document.format === 'json' && document.broken !== null) return [...wrong, 'no JSON any more'];
  const { added, removed } = compareUnits(
    [...compareUnits(unitsOf(path, present), mine.removed).removed, ...mine.added],
    document.units,
  );
  for (const unit of removed) if (!isEmptied(unit)) wrong.push(`missing: ${unit.text}`);
  for (const unit of added) wrong.push(`too much: ${unit.text}`);
  return wrong;
}

/** Lines of the present file that nobody had to touch, line ends, byte order mark and final newline. */
function otherBytes({ path, base, lost, present }: Case, text: string): readonly string[] {
  const wrong: string[] = [];
  if (present.startsWith('\ufeff') !== text.startsWith('\ufeff')) wrong.push('another byte order mark');
  if (/[\r\n]$/.test(present) !== /[\r\n]$/.test(text)) wrong.push('another final newline');
  if (present.includes('\r\n') && /(?:^|[^\r])\n/.test(text)) wrong.push('other line ends');
  if (!present.includes('\r') && text.includes('\r')) wrong.push('other line ends');
  const gaveWay = compareUnits(unitsOf(path, base), unitsOf(path, lost)).removed.flatMap(unit =>
    unit.text.split(/\r?\n/),
  );
  const isTouched = (line: string): boolean =>
    gaveWay.some(gone => unmarked(gone) !== '' && line.includes(unmarked(gone)));
  if (path.endsWith('.json') && !present.includes('\n')) return wrong;
  let at = 0;
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const line of present.replace(/^\ufeff/, '').split('\n')) {
    const isJson = path.endsWith('.json');
    if (line.trim() === '' || isTouched(line)) continue;
    // The comma behind what became last but one is touched.
    const found = lines.findIndex(
      (other, index) =>
        index >= at &&
        (other === line || (isJson && (other === `${line},` || other.replace(/,(\r?)$/, '$1') === line))),
    );
    if (found < 0) wrong.push(`another line: ${line}`);
    else at = found + 1;
  }
  return wrong;
}

/** A number in a list changes with what stands above it. */
function unmarked(line: string): string {
  return line.trim().replace(/^(?:[-*+]|\d+[.)])\s+/, '');
}
