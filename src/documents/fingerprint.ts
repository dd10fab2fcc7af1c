/** Short names for what a unit says, whatever it looks like. */
import { hash } from 'node:crypto';
import type { UnitKind } from '../model.ts';
import type { Encoding } from './decode.ts';

/** Kinds that say the same when their words are the same: a paragraph that became a block is no loss. */
const groups: Record<UnitKind, string> = {
  section: 'section',
  block: 'text',
  paragraph: 'text',
  line: 'text',
  'list-item': 'item',
  'table-row': 'row',
  field: 'field',
  member: 'member',
  record: 'record',
  file: 'file',
};

/** Sixteen hex digits; the same text has the same fingerprint in every encoding. */
export function fingerprint(kind: UnitKind, canonical: string, encoding: Encoding = 'utf8'): string {
  const text = `${groups[kind]}\0${canonical}`;
  return hash('sha1', encoding === 'bytes' ? Buffer.from(text, 'latin1') : text, 'hex').slice(0, 16);
}

/** Words alone: runs of blanks and line ends are one blank. Only ASCII blanks count, so that every encoding agrees. */
export function flow(text: string): string {
  if (!needsFlow.test(text)) return text;
  return text.replace(/[\t\r\n\f\v][ \t\r\n\f\v]*| [ \t\r\n\f\v]+/g, ' ').replace(/^ | $/g, '');
}

/** Most lines are in order already, and looking is five times as fast as replacing. */
const needsFlow = /[\t\r\n\f\v]| {2}|^ | $/;

/** Lines alone: no trailing blanks, no common indentation, one kind of line end. */
export function verbatim(text: string): string {
  const lines = text.split(/\r\n|\n|\r/).map(line => trimBlanks(line));
  const indents = lines
    .slice(1)
    .filter(line => line !== '')
    .map(line => /^[ \t]*/.exec(line)![0].length);
  const common =
    indents.length === 0 ? 0 : Math.min(...indents.slice(0, 10_000), /^[ \t]*/.exec(lines[0]!)![0].length || Infinity);
  return lines
    .map((line, index) => (index === 0 ? line.trimStart() : line.slice(Number.isFinite(common) ? common : 0)))
    .join('\n');
}

/** Without the blanks and line ends at its end. By hand: a regular expression takes quadratic time on a long run of blanks. */
export function trimBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

/** Space, tab, line feed, form feed, carriage return and the like; nothing that is part of a character in another encoding. */
function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** The first words of a text, as a person would name it. */
export function firstWords(text: string): string {
  const words = flow(text.length > 400 ? text.slice(0, 400) : text);
  if (words.length <= 60) return words;
  const cut = words.slice(0, 60);
  const end = cut.lastIndexOf(' ');
  return `${cut.slice(0, end > 30 ? end : 60).replace(/[\ud800-\udbff]$/, '')}…`;
}
