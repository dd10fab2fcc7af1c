/** Door to `yaml`: the fields of a frontmatter. */

import { isAlias, isMap, isScalar, type Pair, parseDocument } from 'yaml';
import { flow, trimBlanks } from './fingerprint.ts';
import { deepestBlock, longestFrontmatter } from './limits.ts';

export interface Field {
  /** Keys joined by dots: `metadata.type`. */
  readonly key: string;
  readonly start: number;
  readonly end: number;
  /** Key and value, whatever their spelling. */
  readonly canonical: string;
}

/**
 * Leaf fields in order of the file. A frontmatter that YAML refuses is read field by field, so that one bad line hides no other; of one
 * that is too long or nested too deeply only the keys are read.
 */
export function fieldsOf(text: string): readonly Field[] {
  const lines = text.replace(/\r(?!\n)/g, '\n'); // YAML knows no other line end; offsets stay
  if (lines.length > longestFrontmatter || isTooDeep(lines)) return looseFields(lines, () => null);
  return strictFields(lines) ?? looseFields(lines, strictFields);
}

function strictFields(text: string): readonly Field[] | null {
  try {
    const document = parseDocument(text, { uniqueKeys: false, logLevel: 'silent', prettyErrors: false });
    if (document.errors.length > 0) return null;
    if (document.contents === null) return [];
    if (!isMap(document.contents)) return null;
    return collect(text, document.contents.items, '');
  } catch {
    return null;
  }
}

function collect(text: string, pairs: readonly Pair[], above: string): readonly Field[] {
  return pairs.flatMap(pair => {
    const { key, value } = pair;
    if (!isScalar(key) || !key.range) throw new Error('a key that is no scalar');
    const name = above + String(key.value);
    if (isMap(value) && !value.flow && value.items.length > 0) return collect(text, value.items as Pair[], `${name}.`);
    const start = key.range[0];
    const range = (value as { range?: [number, number, number] | null } | null)?.range;
    // A key behind a question mark may have no colon: the next one is then another field's.
    const colon = /[ \t]*:/y;
    colon.lastIndex = key.range[1];
    const end = trimmedEnd(
      text,
      start,
      Math.max(range?.[1] ?? 0, key.range[1], colon.test(text) ? colon.lastIndex : 0),
    );
    const plain = isAlias(value)
      ? text.slice(value.range![0], value.range![1])
      : (value as { toJSON(): unknown } | null)?.toJSON();
    return [{ key: name, start, end, canonical: `${name}: ${stable(plain ?? null)}` }];
  });
}

function looseFields(text: string, read: (text: string) => readonly Field[] | null): readonly Field[] {
  const fields: Field[] = [];
  const starts = [...text.matchAll(/^(?![ \t#-])[^:\r\n]+:(?=[ \t\r\n]|$)/gm)];
  for (const [index, match] of starts.entries()) {
    const until = starts[index + 1]?.index ?? text.length;
    const start = match.index;
    const end = trimmedEnd(text, start, until);
    const slice = text.slice(start, end);
    const alone = read(slice);
    if (alone) fields.push(...alone.map(field => ({ ...field, start: start + field.start, end: start + field.end })));
    else {
      const key = match[0].slice(0, -1).trim();
      const value = flow(slice.slice(match[0].length));
      fields.push({ key, start, end, canonical: `${key}: ${JSON.stringify(value)}` });
    }
  }
  return fields;
}

function trimmedEnd(text: string, start: number, end: number): number {
  return start + trimBlanks(text.slice(start, end)).length;
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * More is counted than there is, since quotes are not looked at. `yaml` calls itself for each level, and 5,000 levels end the whole process:
 * V8 gives up when it has to compile a regular expression with no stack left.
 */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [sign] of text.matchAll(/[[{\]}]/g)) {
    depth += sign === '[' || sign === '{' ? 1 : -1;
    // Closing ones without partners are errors, and for each `yaml` looks through all that it found before.
    if (Math.abs(depth) > deepestBlock) return true;
  }
  return new RegExp(`^(?: {${deepestBlock * 4}}|(?:[ \\t]*[-?:][ \\t]){${deepestBlock}})`, 'm').test(text);
}
