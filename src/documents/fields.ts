/** Putting a frontmatter field back, line by line, so that its neighbours keep their spelling. */
import type { Alignment } from './align.ts';
import type { Document } from './document.ts';
import { frontmatterOf } from './markdown.ts';
import { lineEnd, lineStart, type Splice, withNewlines } from './splice.ts';

/** Ways to put the field at `index` back, the best first. */
export function* waysToInsertField(
  index: number,
  lost: Document,
  present: Document,
  partner: Alignment,
): Generator<Splice> {
  const { newline, text } = present;
  const field = lost.units[index]!;
  const keys = field.name.split('.');
  const lines = lost.text.slice(lineStart(lost.text, field.start), field.end);
  const front = frontmatterOf(text);
  if (front === 'unclosed') return;
  const whole = withNewlines([...parentLines(keys, lines), lines].join('\n'), newline);
  if (!front) {
    const gap = text === '' ? '' : newline;
    yield { start: 0, end: 0, text: `---${newline}${whole}${newline}---${newline}${gap}` };
    return;
  }
  const parent = parentOf(field.name);
  const single = withNewlines(lines, newline);
  const fields = lost.units.filter(unit => unit.kind === 'field');
  for (let other = index - 1; other >= 0; other--) {
    const at = present.units[partner[other]!];
    if (!at || lost.units[other]!.kind !== 'field') continue;
    if (isBelow(at.name, parent)) {
      yield { ...after(at.name, present, keys.length), text: newline + single };
      break;
    }
  }
  for (let other = index + 1; other < fields.length; other++) {
    const at = present.units[partner[other]!];
    if (at && parentOf(at.name) === parent) {
      yield { ...spot(lineStart(text, at.start)), text: single + newline };
      break;
    }
  }
  const kin = present.units.find(unit => unit.kind === 'field' && parent !== '' && parentOf(unit.name) === parent);
  if (kin) yield { ...after(kin.name, present, keys.length), text: newline + single };
  yield { ...spot(front.end), text: whole + newline };
}

/** The end of the last field below the same key as `name`, at the depth of `depth` keys. */
function after(name: string, present: Document, depth: number): { start: number; end: number } {
  const prefix = name.split('.').slice(0, depth).join('.');
  const family = present.units.filter(unit => unit.kind === 'field' && `${unit.name}.`.startsWith(`${prefix}.`));
  return spot(lineEnd(present.text, family[family.length - 1]!.end));
}

function isBelow(name: string, parent: string): boolean {
  return parent === '' || name.startsWith(`${parent}.`);
}

function spot(offset: number): { start: number; end: number } {
  return { start: offset, end: offset };
}

function parentOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')));
}

/** The lines `metadata:` above `  type: user`, indented like it. */
function parentLines(keys: readonly string[], lines: string): readonly string[] {
  const indent = /^[ ]*/.exec(lines)![0].length;
  const parents = keys.slice(0, -1);
  return parents.map((key, depth) => `${' '.repeat(Math.floor((indent * depth) / parents.length))}${key}:`);
}
