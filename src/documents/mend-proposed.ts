/** Adds lines that no version ever had: the entry that an index lacks, behind its siblings. */
import type { Unit } from '../model.ts';
import { compareUnits } from './compare.ts';
import { encode } from './decode.ts';
import { type Document, parseDocument, readText } from './document.ts';
import type { Mended } from './mend.ts';
import { mendUnits } from './mend-units.ts';
import { lineEnd, lineStart } from './splice.ts';

/**
 * Each line goes behind the last entry of the list or table that holds its siblings: entries that lead to the same folder or to
 * names that begin alike, else the one with most links; else to the end of the file. A line that stands there already, or whose
 * target an entry names in other words, is left out. Null for what has no lines: binary files and JSON.
 */
export function addProposed(path: string, present: Uint8Array, lines: readonly string[]): Mended | null {
  const before = parseDocument(path, present);
  if (before.format === 'binary' || before.format === 'json') return null;
  let document = before;
  const already: Unit[] = [];
  for (const proposed of lines) {
    const line = proposed.replace(/[\r\n]+/g, ' ').trimEnd();
    const stands = line.trim() === '' ? [] : standing(line, document);
    already.push(...stands);
    if (line.trim() !== '' && stands.length === 0) document = withLine(line, document);
  }
  const restored = compareUnits(document.units, before.units).removed;
  const bytes = restored.length === 0 ? present : encode(document.text, before.encoding, before.bom);
  return { bytes, restored, removed: [], already, conflicts: [] };
}

/** The units that say what the line would say. */
function standing(line: string, document: Document): readonly Unit[] {
  const [unit] = reread(document, `${line}\n`).units;
  const target = targetOf(line);
  return document.units.filter(
    other => other.fingerprint === unit?.fingerprint || (target !== null && targetsIn(other.text).includes(target)),
  );
}

function withLine(line: string, document: Document): Document {
  const { text, newline, units } = document;
  if (units.length === 0)
    return reread(document, `${text}${text === '' || /[\r\n]$/.test(text) ? '' : newline}${line}${newline}`);
  const like = siblingOf(line, document);
  // What mending would put back had the line been lost: from a file that ends with it.
  const head = like === null ? text : text.slice(0, lineEnd(text, units[like.last]!.end));
  const beside = like === null ? null : units[like.unit]!;
  const indent = beside === null ? '' : text.slice(lineStart(text, beside.start), beside.start).replace(/[^ \t]/g, ' ');
  const entry = indent + (beside === null ? line : marked(line, beside.text));
  const gap = like === null && !/^(?:\s*[-*+|]|\s*\d+[.)]\s)/.test(lastLine(text)) ? newline + newline : newline;
  const lost = reread(document, `${head.replace(/[\r\n]+$/, '')}${gap}${entry}${newline}`);
  const added = lost.units.length - 1;
  const { text: mended, restored } = mendUnits({
    base: null,
    lost,
    present: document,
    indexes: [added],
    reread: next => reread(document, next),
    choose: 'both',
  });
  if (restored.length > 0) return reread(document, mended);
  const isEnded = text === '' || /[\r\n]$/.test(text);
  return reread(document, isEnded ? `${text}${line}${newline}` : `${text}${newline}${line}`);
}

/** With the marker of the entry it stands beside: two kinds would be two lists. */
function marked(line: string, beside: string): string {
  const theirs = /^(?:([-*+])|(\d{1,9})([.)]))(?=[ \t])/.exec(beside);
  if (!theirs) return line;
  return line.replace(/^(?:[-*+]|\d{1,9}[.)])(?=[ \t])/, theirs[1] ?? `${Number(theirs[2]) + 1}${theirs[3]}`);
}

interface Sibling {
  /** The entry beside which the line goes. */
  readonly unit: number;
  /** The last unit that is nested in it. */
  readonly last: number;
}

/** The last entry of the list that holds most of the line's siblings; null when no list has links. */
function siblingOf(line: string, { units, spots }: Document): Sibling | null {
  const kind = line.trimStart().startsWith('|') ? 'table-row' : 'list-item';
  const mine = targetOf(line);
  const lists = new Map<string, { readonly entries: number[]; alike: number; folder: number }>();
  for (const [index, unit] of units.entries()) {
    const target = unit.kind === kind ? targetOf(unit.text) : null;
    const { group, parent } = spots[index]!;
    if (target === null || group < 0) continue;
    const list = lists.get(`${group} ${parent}`) ?? { entries: [], alike: 0, folder: 0 };
    lists.set(`${group} ${parent}`, list);
    list.entries.push(index);
    if (mine === null) continue;
    if (placeOf(target) === placeOf(mine)) list.folder++;
    if (placeOf(target) === placeOf(mine) && stemOf(target) !== '' && stemOf(target) === stemOf(mine)) list.alike++;
  }
  const [best] = [...lists.values()].sort(
    (a, b) => b.alike - a.alike || b.folder - a.folder || b.entries.length - a.entries.length,
  );
  if (!best) return null;
  const unit = best.entries[best.entries.length - 1]!;
  let last = unit;
  const inside = new Set([unit]);
  while (last + 1 < units.length && inside.has(spots[last + 1]!.parent)) inside.add(++last);
  return { unit, last };
}

/** Where an entry's link leads: the first one of the text. Null for what leads out of the folder. */
function targetOf(text: string): string | null {
  return targetsIn(text)[0] ?? null;
}

function targetsIn(text: string): readonly string[] {
  return [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s[^)]*)?\)|\[\[([^\]|#\n]+)/g)]
    .map(match => (match[1] ?? match[2])!.replace(/^\.\//, '').replace(/#.*$/, ''))
    .filter(target => target !== '' && !/^[a-z]+:/i.test(target));
}

/** `skills/a/SKILL.md` and `skills/b/SKILL.md` lie at one place, and so do `notes/a.md` and `notes/b.md`. */
function placeOf(target: string): string {
  const parts = target.split('/');
  const name = parts.pop()!;
  return /^(?:SKILL|README|index)\.\w+$/i.test(name) ? [...parts.slice(0, -1), '*', name].join('/') : parts.join('/');
}

/** What a name begins with, as far as it says a kind: `feedback` of `feedback_style.md`. */
function stemOf(target: string): string {
  return /([^/_-]+)[_-][^/]*$/.exec(target)?.[1]?.toLowerCase() ?? '';
}

function lastLine(text: string): string {
  const end = text.replace(/\s+$/, '').length;
  return text.slice(lineStart(text, end), end);
}

function reread({ path, bytes, encoding, bom, format }: Document, text: string): Document {
  return readText(path, bytes, text, encoding, bom, format);
}
