/**
 * What an entry is called, whatever it says: `- **Owner**: Ida` is `owner`, a line of an index is the file it leads to, a row
 * is its first cell, `DELAY=5` sets `DELAY`. Two entries of one name at one place are one entry in two wordings.
 */
import type { Unit, UnitKind } from '../model.ts';

/** A longer lead is a sentence (words, characters); what stands in bold is a title, and titles are longer. */
const most = { words: 5, letters: 48 };
const mostOfTitle = { words: 20, letters: 160 };
/** Only the start of a text is looked at (characters). */
const start = 400;

const named: ReadonlySet<UnitKind> = new Set<UnitKind>(['list-item', 'table-row', 'block', 'paragraph', 'line']);
const listed: ReadonlySet<UnitKind> = new Set<UnitKind>(['list-item', 'table-row']);

const marker = /^(?:[-*+]|\d{1,9}[.)])[ \t]+|^>[ \t]*/;
const checkbox = /^\[[ xX]\][ \t]+/;
const link = /^[*_~]*(?:\[\[([^\]|\r\n]+)|\[[^\]\r\n]*\]\(<?([^)\s>]+))/;
const code = /^[*_~]*`([^`\r\n]+)`/;
const bold = /^~*(?:\*\*|__)(.+?)(?:\*\*|__)/;
const key = /^([^:|\r\n]+):(?=\s|$)/;
const assignment = /^(?:export|const|let|var|local|readonly|set)?[ \t]*([A-Za-z_$][\w.$-]*)[ \t]*[:?]?=(?![=>~])/;
const date = /\b\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\b/g;
const dash = /^([^\r\n]+?)\s+(?:[—–=]|->|→|-)\s/;

/** These name a kind of remark, and a list may hold many remarks of a kind. */
const kindOfRemark =
  /^(?:notes?|todo|fixme|fix|fixed|bug|warning|caution|tip|important|hint|example|update|done|decision|question|answer|q|a|idea|feat|chore|docs|refactor|tests?|new|added|changed|removed|deprecated|why|how|see|result|status)$/;

/** `link LEADS-TO`, `code NAME`, `lead NAME`, `heading NAME`; null for a text without a name. */
export function entryName(unit: Unit): string | null {
  if (unit.kind === 'section') return headingName(unit);
  if (!named.has(unit.kind)) return null;
  const variable = unit.kind === 'line' ? assignment.exec(unit.text.trimStart())?.[1] : undefined;
  if (variable !== undefined) return `variable ${variable}`;
  const text = bare(unit.kind === 'table-row' ? firstCell(unit.text) : unit.text);
  const [, wiki, target] = link.exec(text) ?? [];
  if (wiki ?? target) return `link ${(wiki ?? target)!.replace(/^\.\//, '')}`;
  const span = code.exec(text)?.[1];
  if (span !== undefined && listed.has(unit.kind)) return `code ${span.trim()}`;
  const title = bold.exec(text)?.[1];
  const lead =
    title ??
    (unit.kind === 'table-row'
      ? text
      : (key.exec(text)?.[1] ?? (listed.has(unit.kind) ? dash.exec(text)?.[1] : undefined)));
  const name = lead === undefined ? '' : plain(lead);
  return isName(name, title === undefined ? most : mostOfTitle) ? `lead ${name}` : null;
}

/** The headings above a unit, without the counters in them and the date in the first: `Agents (3) > Notes` is `agents > notes`. */
export function placeName(place: string): string {
  if (place === '') return '';
  const headings = place.split(' > ').map(withoutCounter);
  return [headings[0]!.replace(date, '').trim(), ...headings.slice(1)].join(' > ');
}

/** The same slot of a form from day to day: the headings above a unit without any number. */
export function slotName(place: string): string {
  return place
    .split(' > ')
    .map(heading => plain(heading).replace(/\d+/g, '#'))
    .join(' > ');
}

/** `## Agents (3)` is `agents`; the title of a file is its name without the date of the day. */
function headingName({ name, text, place }: Unit): string | null {
  const isTitle = place === '' && /^#[ \t]/.test(text);
  const bareName = isTitle
    ? withoutCounter(name)
        .replace(/\d+/g, ' ')
        .replace(/[\s./:-]+/g, ' ')
        .trim()
    : withoutCounter(name);
  return /\p{L}/u.test(bareName) ? `heading ${bareName}` : null;
}

function withoutCounter(heading: string): string {
  return plain(heading)
    .replace(/\s*(?:[([{][^)\]}]*\d[^)\]}]*[)\]}]|(?::|\s[—–-])\s*\d+(?:\s*[/%]\s*\d*)?)\s*$/, '')
    .trim();
}

function bare(text: string): string {
  return text.slice(0, start).replace(marker, '').replace(checkbox, '').trimStart();
}

function firstCell(row: string): string {
  return row
    .replace(/^\s*\|/, '')
    .split('|')[0]!
    .trim();
}

function plain(text: string): string {
  return text
    .replace(/[*_`~]/g, '')
    .replace(/[\s:]+$/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}

/** A number or a date counts; it names nothing. */
function isName(lead: string, { words, letters }: typeof most): boolean {
  if (lead === '' || lead.length > letters || lead.split(' ').length > words) return false;
  return (
    /\p{L}/u.test(lead) &&
    !kindOfRemark.test(lead) &&
    !/^(?:\w{3,9}\.?\s+)?\d[\d\s.,:/t+-]*(?:\w{3,9}\.?)?(?:\s+\d+)?$/u.test(lead)
  );
}
