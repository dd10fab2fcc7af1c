/** Bytes → document → units. */
import type { Unit } from '../model.ts';
import { decode, type Encoding, readable } from './decode.ts';
import type { Draft, Parsed, Spot } from './draft.ts';
import { fingerprint, firstWords } from './fingerprint.ts';
import { parseJson } from './json.ts';
import { mostStructured, mostText, mostUnits, TooMuch } from './limits.ts';
import { lineDrafts } from './lines.ts';
import { type Part, readMarkdown } from './markdown.ts';
import { parseToml } from './toml.ts';

export type Format = 'markdown' | 'json' | 'jsonl' | 'toml' | 'text' | 'binary';

export interface Document {
  readonly path: string;
  readonly format: Format;
  /** Decoded, byte order mark removed. Of a file that is no valid UTF-8: one character per byte. */
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
  readonly bom: boolean;
  /** The commoner of the two. */
  readonly newline: '\n' | '\r\n';
  /** Smallest units in order of the file; they never overlap. Made when they are asked for first. */
  readonly units: readonly Unit[];
  /** Where each unit stands among the others; as long as `units`. */
  readonly spots: readonly Spot[];
  /** Why it could not be read as its format: then its units are lines, or the whole file is one. */
  readonly broken: string | null;
  /** Set when that is no fault of the file, only too much work: the reason, and in which way it is compared instead. */
  readonly limited: string | null;
  /** Of Markdown that was read as such: the parts whose fingerprints, one after the other, are those of the units. */
  readonly parts: readonly Part[] | null;
}

/** Never throws, whatever the bytes; the time it takes is bounded (`limits.ts`). */
export function parseDocument(path: string, bytes: Uint8Array): Document {
  const decoded = decode(bytes);
  if (!decoded) return binary(path, bytes);
  return readText(path, bytes, decoded.text, decoded.encoding, decoded.bom, formatOf(path));
}

/** Reads text that is decoded already, as the format it is said to have or as mere lines. */
export function readText(
  path: string,
  bytes: Uint8Array,
  text: string,
  encoding: Encoding,
  bom: boolean,
  format: Format,
  as?: 'lines',
): Document {
  const { drafts, parts, broken, limited } = as ? lines(text, 'line', null, null) : draftsOf(text, format, encoding);
  let made: { readonly units: readonly Unit[]; readonly spots: readonly Spot[] } | null = null;
  const make = () => {
    if (made) return made;
    const all = typeof drafts === 'function' ? drafts() : drafts;
    made = { units: all.map(draft => unitOf(draft, text, encoding)), spots: all.map(draft => draft.spot) };
    return made;
  };
  return {
    path,
    format,
    text,
    bytes,
    encoding,
    bom,
    newline: newlineOf(text),
    get units() {
      return make().units;
    },
    get spots() {
      return make().spots;
    },
    broken,
    limited,
    parts: encoding === 'bytes' ? null : parts,
  };
}

/** By the file's name: what stands in it must not change what it is taken for. */
export function formatOf(path: string): Format {
  const name = path.toLowerCase().replace(/(?:\.(?:bak|backup|old|orig|tmp)(?:\.\d+)?|~)$/, '');
  if (/\.(?:md|markdown|mdc|mdx)$/.test(name)) return 'markdown';
  if (/\.(?:jsonl|ndjson)$/.test(name)) return 'jsonl';
  if (name.endsWith('.toml')) return 'toml';
  return /\.(?:json|jsonc|code-workspace|mcp)$/.test(name) ? 'json' : 'text';
}

interface Drafts {
  readonly drafts: readonly Draft[] | (() => readonly Draft[]);
  readonly parts: readonly Part[] | null;
  readonly broken: string | null;
  readonly limited: string | null;
}

function draftsOf(text: string, format: Format, encoding: Encoding): Drafts {
  if (format === 'jsonl') return lines(text, 'record', null, null);
  if (format === 'text') return lines(text, 'line', null, null);
  if (text.length > mostStructured) {
    return lines(text, 'line', null, `longer than ${mostStructured / 1_000_000} million characters`);
  }
  try {
    if (format === 'markdown') return markdown(text);
    return membersOf(text, format === 'json' ? parseJson(text, encoding) : parseToml(text, encoding));
  } catch (error) {
    if (error instanceof TooMuch) return lines(text, 'line', null, error.message);
    const said = error instanceof Error ? error.message : String(error);
    return lines(text, 'line', `the ${format} parser gave up: ${said}`, null);
  }
}

function markdown(text: string): Drafts {
  const read = readMarkdown(text);
  if (typeof read === 'string') return lines(text, 'line', read, null);
  mustBeFew(read.count);
  return { drafts: read.drafts, parts: read.parts, broken: null, limited: null };
}

function membersOf(text: string, { drafts, broken }: Parsed): Drafts {
  if (broken !== null) return lines(text, 'line', broken, null);
  mustBeFew(drafts.length);
  return { drafts, parts: null, broken: null, limited: null };
}

/** @throws TooMuch */
function mustBeFew(units: number): void {
  if (units > mostUnits) throw new TooMuch(`more than ${mostUnits.toLocaleString('en')} units`);
}

/** Lines, or the whole file when these are too many as well. `tooMuch`: why it is not read as its format although it may be sound. */
function lines(text: string, kind: 'line' | 'record', broken: string | null, tooMuch: string | null): Drafts {
  const drafts = text.length > mostText ? null : lineDrafts(text, mostUnits, kind);
  if (drafts === null) {
    const why = text.length > mostText ? `longer than ${mostText / 1_000_000} million characters` : tooMany(kind);
    return { drafts: [wholeFile(text)], parts: null, broken: broken ?? why, limited: `${why}: compared as one piece` };
  }
  if (tooMuch === null) return { drafts, parts: null, broken, limited: null };
  return { drafts, parts: null, broken: tooMuch, limited: `${tooMuch}: compared line by line` };
}

function tooMany(kind: 'line' | 'record'): string {
  return `more than ${mostUnits.toLocaleString('en')} ${kind}s`;
}

function unitOf(draft: Draft, text: string, encoding: Encoding): Unit {
  const { kind, name, place, start, end, canonical, print } = draft;
  const slice = text.slice(start, end);
  return {
    kind,
    name: readable(name, encoding),
    text: readable(slice, encoding),
    place: readable(place, encoding),
    fingerprint: print !== undefined && encoding !== 'bytes' ? print : fingerprint(kind, canonical, encoding),
    start,
    end,
  };
}

function wholeFile(text: string): Draft {
  const spot: Spot = { section: -1, level: 0, group: -1, parent: -1 };
  return { kind: 'file', name: firstWords(text), place: '', start: 0, end: text.length, canonical: text, spot };
}

function binary(path: string, bytes: Uint8Array): Document {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const draft = { ...wholeFile(''), name: path.slice(path.lastIndexOf('/') + 1), canonical: content };
  return {
    path,
    format: 'binary',
    text: '',
    bytes,
    encoding: 'bytes',
    bom: false,
    newline: '\n',
    units: [{ ...unitOf(draft, '', 'bytes'), name: draft.name }],
    spots: [draft.spot],
    broken: null,
    limited: null,
    parts: null,
  };
}

function newlineOf(text: string): '\n' | '\r\n' {
  let crlf = 0;
  let lf = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (text[at - 1] === '\r') crlf++;
    else lf++;
  }
  return crlf > lf ? '\r\n' : '\n';
}
