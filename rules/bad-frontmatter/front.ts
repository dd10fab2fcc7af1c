/** The frontmatter of a file as its readers see it: bytes → fields, and why a reader would refuse them. */

export interface Front {
  /** A byte order mark stands before it. */
  readonly hasMark: boolean;
  /** `late`: something stands before it, so that no reader looks for it. */
  readonly state: 'none' | 'closed' | 'unclosed' | 'late';
  /** Values by key, `metadata.type` for what is nested; '' for what is blank. */
  readonly fields: ReadonlyMap<string, string>;
  /** Why no YAML reader takes it. */
  readonly refused: string | null;
  /** Why a strict YAML reader does not take it, although others mend it while they read. */
  readonly refusedByStrict: string | null;
}

/** Longer ones are nobody's frontmatter. */
const MOST = 32_000;
/** So many lines may stand before a frontmatter that somebody meant to be one. */
const LATE = 5;
const none: Front = { hasMark: false, state: 'none', fields: new Map(), refused: null, refusedByStrict: null };
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Null for what is no text. */
export function frontOf(bytes: Uint8Array): Front | null {
  const text = decoder.decode(bytes.subarray(0, MOST));
  if (text.includes('\0')) return null;
  const hasMark = text.startsWith('\uFEFF');
  const lines = (hasMark ? text.slice(1) : text).split(/\r\n?|\n/);
  const start = lines.findIndex(line => /^---[ \t]*$/.test(line));
  const end = start < 0 ? -1 : lines.findIndex((line, i) => i > start && /^---[ \t]*$/.test(line));
  const isFields = /^[A-Za-z_][\w-]*:(?:\s|$)/.test(lines[start + 1] ?? '');
  if (start === 0 && end > 0) return { ...fieldsIn(lines.slice(1, end)), hasMark, state: 'closed' };
  if (start === 0 && isFields && bytes.length <= MOST) return { ...none, hasMark, state: 'unclosed' };
  if (start < 1 || start > LATE || end < 0) return { ...none, hasMark };
  const isLate = lines.slice(start + 1, end).every(line => /^[\w-]+:(?:\s|$)|^\s/.test(line));
  const says = (key: string) => lines.slice(start + 1, end).some(line => line.startsWith(`${key}:`));
  return { ...none, hasMark, state: isLate && (says('name') || says('description')) ? 'late' : 'none' };
}

interface Entry {
  readonly key: string;
  readonly line: number;
  /** What stands behind the colon, and the lines that go on with it. */
  readonly lines: string[];
}

function fieldsIn(lines: readonly string[]): Pick<Front, 'fields' | 'refused' | 'refusedByStrict'> {
  const entries: Entry[] = [];
  let refused: string | null = null;
  for (const [i, line] of lines.entries()) {
    const last = entries.at(-1);
    const match = isOpen(last)
      ? null
      : /^(?:"([^"]+)"|'([^']+)'|([^\s#:'"{}[\],&*!|>%@`-][^:]*?))[ \t]*:(?:[ \t]+(.*))?$/.exec(line);
    if (match) entries.push({ key: (match[1] ?? match[2] ?? match[3])!, line: i + 2, lines: [match[4] ?? ''] });
    else if (/^\s*(?:#|$)/.test(line) || isOpen(last) || (last && /^(?: |- |-$)/.test(line))) last?.lines.push(line);
    else if (last && line.startsWith('\t') && textOf(last.lines) !== '') last.lines.push(line);
    else if (line.startsWith('\t')) refused ??= `line ${i + 2} is indented with a tab`;
    else if (!/^(?:\.\.\.|[?{[<&*!%])/.test(line)) refused ??= `line ${i + 2} is no field`;
  }
  let refusedByStrict: string | null = null;
  const fields = new Map<string, string>();
  for (const entry of entries) {
    fields.set(entry.key, textOf(entry.lines));
    for (const [key, value] of nested(entry)) fields.set(`${entry.key}.${key}`, value);
    refused ??= faultOf(entry);
    refusedByStrict ??= strictFaultOf(entry);
  }
  return { fields, refused, refusedByStrict };
}

/** True while a quote or a bracket that the value began with is not closed. */
function isOpen(entry: Entry | undefined): boolean {
  const value = entry?.lines.join('\n').trim() ?? '';
  if (value.startsWith('"')) return !/^"(?:[^"\\]|\\[\s\S])*"/.test(value);
  if (value.startsWith("'")) return !/^'(?:[^']|'')*'/.test(value);
  return /^[[{]/.test(value) && depthOf(value) > 0;
}

function depthOf(value: string): number {
  let depth = 0;
  for (const [sign] of value.replace(/"(?:[^"\\]|\\.)*"|'[^'\n]*'/g, '').matchAll(/[[{}\]]/g)) {
    depth += sign === '[' || sign === '{' ? 1 : -1;
  }
  return depth;
}

function faultOf(entry: Entry): string | null {
  const value = entry.lines.join('\n').trim();
  const sign = /^["'[{]/.exec(value)?.[0];
  if (sign === undefined) return null;
  if (isOpen(entry)) return `what opens with ${sign} in line ${entry.line} is not closed`;
  const rest = /^(?:"(?:[^"\\]|\\[\s\S])*"|'(?:[^']|'')*')([\s\S]*)$/.exec(value)?.[1];
  return rest !== undefined && !/^\s*(?:#|$)/.test(rest)
    ? `text stands behind the closing quote in line ${entry.line}`
    : null;
}

/** A plain value that YAML takes for something else. */
function strictFaultOf({ line, lines }: Entry): string | null {
  const [first = '', ...more] = lines;
  const value = first.replace(/(?:^|\s)#.*$/, '').trim();
  if (/^[@`%]/.test(value)) return `the value in line ${line} begins with ${value[0]} and is not quoted`;
  if (value === '' || /^["'[{|>&*!]/.test(value)) return null;
  if (/^- /.test(value)) return `the value in line ${line} begins with a dash and is not quoted`;
  const plain = [value, ...more.filter(each => /^\s+[^\s#-]/.test(each))];
  return plain.some(each => /:(?:\s|$)/.test(each))
    ? `the value in line ${line} holds a colon and is not quoted`
    : null;
}

/** Without quotes, folds and comments; '' for what says nothing. */
function textOf(lines: readonly string[]): string {
  const [first = '', ...more] = lines;
  const isBlock = /^[|>][-+\d]*\s*(?:#.*)?$/.test(first.trim());
  const text = (isBlock ? more : lines)
    .map(line => line.trim())
    .join(' ')
    .trim();
  if (isBlock) return text;
  if (/^["']/.test(text))
    return text
      .replace(/\s+#.*$/, '')
      .slice(1, -1)
      .trim();
  const plain = text.replace(/(?:^|\s)#.*$/, '').trim();
  return /^(?:~|null)$/i.test(plain) ? '' : plain;
}

/** The fields one level below a key without a value. */
function* nested({ lines }: Entry): Generator<[string, string]> {
  if ((lines[0] ?? '').trim() !== '') return;
  for (const line of lines.slice(1)) {
    const match = /^ +([\w-]+):(?:[ \t]+(.*))?$/.exec(line);
    if (match) yield [match[1]!, textOf([match[2] ?? ''])];
  }
}
