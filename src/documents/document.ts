/** Bytes → document → units. */
import type { Unit } from '../model.ts';
import { decode, type Encoding, readable } from './decode.ts';
import type { Draft, Spot } from './draft.ts';
import { fingerprint, firstWords } from './fingerprint.ts';
import { parseJson } from './json.ts';
import { lineDrafts } from './lines.ts';
import { parseMarkdown } from './markdown.ts';

export type Format = 'markdown' | 'json' | 'jsonl' | 'text' | 'binary';

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
  /** Smallest units in order of the file; they never overlap. */
  readonly units: readonly Unit[];
  /** Where each unit stands among the others; as long as `units`. */
  readonly spots: readonly Spot[];
  /** Why it could not be read as its format: then its units are lines, or the whole file is one. */
  readonly broken: string | null;
}

/** Larger documents are read as lines. Nobody writes by hand what is longer; logs are lines anyway. */
const mostText = 4_000_000;
const mostUnits = 200_000;

/** Never throws, whatever the bytes; the time it takes is bounded by their number. */
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
  const { drafts, broken } = as ? { drafts: lineDrafts(text), broken: null } : draftsOf(text, format);
  const units = drafts.map(draft => unitOf(draft, text, encoding));
  return {
    path,
    format,
    text,
    bytes,
    encoding,
    bom,
    newline: newlineOf(text),
    units,
    spots: drafts.map(draft => draft.spot),
    broken,
  };
}

/** By the file's name: what stands in it must not change what it is taken for. */
export function formatOf(path: string): Format {
  const name = path.toLowerCase().replace(/(?:\.(?:bak|backup|old|orig|tmp)(?:\.\d+)?|~)$/, '');
  if (/\.(?:md|markdown|mdc|mdx)$/.test(name)) return 'markdown';
  if (/\.(?:jsonl|ndjson)$/.test(name)) return 'jsonl';
  return /\.(?:json|jsonc|code-workspace|mcp)$/.test(name) ? 'json' : 'text';
}

function draftsOf(text: string, format: Format): { drafts: readonly Draft[]; broken: string | null } {
  const parsed = tryFormat(text, format);
  const { drafts, broken } = parsed.broken === null ? parsed : { drafts: lineDrafts(text), broken: parsed.broken };
  if (drafts.length <= mostUnits) return { drafts, broken };
  return { drafts: [wholeFile(text)], broken: `more than ${mostUnits.toLocaleString('en')} units` };
}

function tryFormat(text: string, format: Format): { drafts: readonly Draft[]; broken: string | null } {
  if (format === 'jsonl') return { drafts: lineDrafts(text, 'record'), broken: null };
  if (text.length > mostText) return { drafts: [], broken: `longer than ${mostText / 1_000_000} million characters` };
  if (format === 'text') return { drafts: lineDrafts(text), broken: null };
  try {
    return format === 'json' ? parseJson(text) : parseMarkdown(text);
  } catch (error) {
    return {
      drafts: [],
      broken: `the ${format} parser gave up: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function unitOf(draft: Draft, text: string, encoding: Encoding): Unit {
  const { kind, name, place, start, end, canonical } = draft;
  const slice = text.slice(start, end);
  return {
    kind,
    name: readable(name, encoding),
    text: readable(slice, encoding),
    place: readable(place, encoding),
    fingerprint: fingerprint(kind, canonical, encoding),
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
